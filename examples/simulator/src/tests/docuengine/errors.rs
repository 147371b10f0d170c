//! Every documented error: status, code, message.

use serde_json::{Value, json};

use super::{ATTO, BILANCIO, COMPANY, ESTRATTO, FALLIMENTARE, STATUTO, desk, is};
use crate::{SimRequest, tests::refusal};

const UNKNOWN: &str = "0123456789abcdef01234567";
const DIRECT: &str =
    "the request does not produce results to choose from, it is processed directly with the POST";

#[test]
fn of_the_list_and_of_reading() {
    let mut desk = desk();
    is(
        &desk.get("/requests"),
        404,
        221,
        "no requests related to your account",
    );
    for path in ["/requests/xyz", "/requests/xyz/documents"] {
        is(&desk.get(path), 406, 222, "id not valid");
    }
    let message = format!("no request matches this id: {UNKNOWN}");
    is(&desk.get(&format!("/requests/{UNKNOWN}")), 404, 223, &message);
    let files = format!("/requests/{UNKNOWN}/documents");
    is(&desk.get(&files), 404, 223, &message);
    let id = desk.opened(STATUTO, json!({}));
    is(
        &desk.get(&format!("/requests/{id}/documents")),
        422,
        225,
        "documents not yet available",
    );
    let nobody = desk.engine.handle(0, &SimRequest::new("GET", "/documents"));
    assert_eq!(refusal(&nobody).0, 401);
    assert_eq!(refusal(&desk.call("DELETE", "/requests", Value::Null)).0, 404);
}

#[test]
fn of_opening() {
    let mut desk = desk();
    for body in [json!({}), json!({"documentId": "Statuto"}), json!([1])] {
        is(&desk.post(body), 400, 202, "wrong documentId");
    }
    for search in [json!("field0"), json!(["x"]), json!({"field0": {"a": 1}})] {
        is(
            &desk.post(json!({"documentId": STATUTO, "search": search})),
            406,
            205,
            "search must be a key value object",
        );
    }
    let empty = refusal(&desk.post(json!({"documentId": STATUTO})));
    assert_eq!(empty, (406, 205, "search not valid: field0 taxCode".to_owned()));
    let email = desk.post(json!({"documentId": STATUTO, "state": "NEW", "notifyEmail": "nobody"}));
    is(&email, 406, 205, "notifyEmail not valid");
    let late = desk.post(json!({"documentId": FALLIMENTARE, "search": {"field0": COMPANY}}));
    let message = "document Certificato Fallimentare not available at the moment, please try again later";
    is(&late, 417, 208, message);
    let young = desk.post(json!({"documentId": BILANCIO, "search": {"field0": "10000000009"}}));
    let message = "the company was born this year, the first balance sheet is not yet available";
    is(&young, 422, 320, message);
    let callback = json!({"url": "http://127.0.0.1:9/"});
    let no_field = desk.post(json!({"documentId": STATUTO, "state": "NEW", "callback": callback}));
    is(
        &no_field,
        428,
        311,
        "object field not set in 'callback', required",
    );
    desk.engine.set_wallet(120);
    let poor = desk.post(json!({"documentId": STATUTO, "search": {"field0": COMPANY}}));
    let message = "Billing error message: Insufficient Credit in Wallet: 4.9 > 1.2 code 810";
    is(&poor, 402, 610, message);
    assert!(desk.engine.ledger().is_empty());
    assert_eq!(desk.engine.requests().count(), 0);
}

#[test]
fn of_editing_and_the_commit() {
    let mut desk = desk();
    let nothing = "no fields were accepted, check the search object";
    for path in ["/requests", "/requests/"] {
        is(
            &desk.call("PATCH", path, json!({"state": "SEARCH"})),
            428,
            209,
            "id required",
        );
    }
    for id in ["xyz", UNKNOWN] {
        is(&desk.closed(id), 406, 210, "id not valid");
    }
    let id = desk.opened(STATUTO, json!({}));
    for body in [
        json!({}),
        json!([]),
        json!({"search": {}}),
        json!({"search": {"field9": "x"}, "search.field8": "y"}),
        json!({"state": "NEW"}),
    ] {
        is(&desk.patch(&id, body), 400, 300, nothing);
    }
    let missing = refusal(&desk.closed(&id));
    assert_eq!(missing, (406, 210, "search not valid: field0 taxCode".to_owned()));
    let wrong = desk.patch(&id, json!({"search.field0": "123", "state": "SEARCH"}));
    assert_eq!(refusal(&wrong).1, 210);
    desk.engine.set_wallet(489);
    let poor = desk.patch(&id, json!({"search.field0": COMPANY, "state": "SEARCH"}));
    assert_eq!((refusal(&poor).0, refusal(&poor).1), (402, 610));
    desk.engine.set_wallet(490);
    assert_eq!(desk.closed(&id).status, 200);
    assert_eq!(desk.engine.wallet_cents(), 0);
    is(&desk.closed(&id), 422, 213, DIRECT);
    is(
        &desk.patch(&id, json!({"search.field0": COMPANY})),
        422,
        213,
        DIRECT,
    );
    assert_eq!(desk.engine.ledger().len(), 1);

    let late = desk.opened(FALLIMENTARE, json!({"field0": COMPANY}));
    assert_eq!(
        (refusal(&desk.closed(&late)).0, refusal(&desk.closed(&late)).1),
        (417, 316)
    );
}

#[test]
fn of_closed_lists_and_rules() {
    let mut desk = desk();
    let id = desk.opened(ATTO, json!({"field0": COMPANY, "field1": "A21"}));
    let wrong = refusal(&desk.closed(&id));
    assert_eq!(
        wrong,
        (406, 210, "search not valid: field1 actGroupCode".to_owned())
    );
    let dates = json!({"search": {"field1": "A06", "field2": "2024-02-30"}, "state": "SEARCH"});
    assert!(
        refusal(&desk.patch(&id, dates))
            .2
            .ends_with("field2 requestDateSince")
    );
    desk.engine.set_wallet(60);
    assert_eq!(
        desk.patch(&id, json!({"search.field2": "2024-02-29", "state": "SEARCH"}))
            .status,
        200
    );

    let with_file = desk.opened(
        ESTRATTO,
        json!({"field0": "Chiara", "field1": "Prova", "field2": "RSSMRA85M01H501Q", "field4": "***"}),
    );
    desk.engine.set_wallet(1_200);
    assert!(
        refusal(&desk.closed(&with_file))
            .2
            .ends_with("field4 identityDocument")
    );
    let file = json!({"search.field4": "JVBERi0xLjQK", "state": "SEARCH"});
    assert_eq!(desk.patch(&with_file, file).status, 200);
}

#[test]
fn of_the_choice() {
    let mut desk = desk();
    let direct = desk.opened(STATUTO, json!({"field0": COMPANY}));
    is(&desk.patch(&direct, json!({"resultId": "x"})), 422, 213, DIRECT);
    let id = desk.opened(BILANCIO, json!({"field0": COMPANY}));
    desk.closed(&id);
    is(&desk.patch(&id, json!({"resultId": "x"})), 422, 213, DIRECT);
    desk.now_ms += 1_000;
    is(
        &desk.patch(&id, json!({"resultId": "x"})),
        406,
        210,
        "resultId not valid",
    );
    let result = desk.shown(&id)["results"][1]["id"].clone();
    desk.engine.set_wallet(439);
    assert_eq!(refusal(&desk.patch(&id, json!({"resultId": result}))).1, 610);
    desk.engine.set_wallet(440);
    assert_eq!(desk.patch(&id, json!({"resultId": result})).status, 200);
    is(&desk.patch(&id, json!({"resultId": result})), 422, 213, DIRECT);
    assert_eq!(desk.engine.wallet_cents(), 0);
}
