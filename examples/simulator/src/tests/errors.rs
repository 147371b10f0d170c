//! Every documented error: status, code, message.

use serde_json::{Value, json};

use super::{ASSEGNO, Desk, FINDS_NOTHING, SEARCHING, answers, refusal};
use crate::{Config, ScopedToken, SimRequest};

const UNKNOWN: &str = "0123456789abcdef01234567";

fn desk() -> Desk {
    Desk::new(Config::default())
}

fn refused(desk: &mut Desk, method: &str, path: &str, body: Value) -> (u16, i64, String) {
    refusal(&desk.call(method, path, body))
}

fn is(actual: (u16, i64, String), status: u16, code: i64, message: &str) {
    assert_eq!(actual, (status, code, message.to_owned()));
}

#[test]
fn tokens_and_scopes() {
    let scoped = ScopedToken {
        token: "narrow".to_owned(),
        scopes: vec!["GET:example.invalid/visure".to_owned()],
    };
    let mut desk = Desk::new(Config {
        scoped_tokens: vec![scoped],
        ..Config::default()
    });
    let missing = desk.engine.handle(0, &SimRequest::new("GET", "/visure"));
    assert_eq!(refusal(&missing).0, 401);
    let wrong = desk
        .engine
        .handle(0, &SimRequest::new("GET", "/visure").bearer("guess"));
    assert_eq!(refusal(&wrong).0, 401);
    let narrow = desk
        .engine
        .handle(0, &SimRequest::new("GET", "/richiesta").bearer("narrow"));
    assert_eq!(refusal(&narrow).0, 403);
    assert_eq!(
        desk.engine
            .handle(0, &SimRequest::new("GET", "/visure/x").bearer("narrow"))
            .status,
        400
    );
    assert_eq!(refusal(&desk.get("/elsewhere")).0, 404);
}

#[test]
fn of_the_catalogue_and_the_list() {
    let mut desk = desk();
    is(
        refused(&mut desk, "GET", "/visure/nothing", Value::Null),
        400,
        200,
        "wrong hash_visura",
    );
    is(
        refused(&mut desk, "GET", "/richiesta", Value::Null),
        404,
        203,
        "no request related to your account",
    );
}

#[test]
fn of_opening() {
    let mut desk = desk();
    is(
        refused(&mut desk, "POST", "/richiesta", json!({})),
        428,
        204,
        "hash_visura required",
    );
    let with = |more: Value| {
        let mut body = json!({"hash_visura": ASSEGNO, "json_visura": answers()});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let invalid = refused(
        &mut desk,
        "POST",
        "/richiesta",
        with(json!({"email_target": "not-an-address"})),
    );
    is(invalid, 400, 209, "email is considered invalid!");
    let incomplete = refused(
        &mut desk,
        "POST",
        "/richiesta",
        with(json!({"json_visura": {"$0": "Chiara"}})),
    );
    assert_eq!((incomplete.0, incomplete.1), (412, 250));
    assert!(
        incomplete
            .2
            .starts_with("Insufficient data to validate the request: $1 COGNOME, $2 Email")
    );
    desk.engine.set_wallet(1_850);
    let poor = refused(&mut desk, "POST", "/richiesta", with(json!({})));
    is(poor, 402, 211, "Insufficient Credit in Wallet: 18.50");
    assert_eq!(refused(&mut desk, "POST", "/richiesta", json!([1])).0, 400);
    assert!(desk.engine.ledger().is_empty());
    assert_eq!(desk.engine.submissions().count(), 0);
}

#[test]
fn of_reading() {
    let mut desk = desk();
    is(
        refused(&mut desk, "GET", "/richiesta/xyz", Value::Null),
        400,
        201,
        "Invalid id",
    );
    let unknown = refused(&mut desk, "GET", &format!("/richiesta/{UNKNOWN}"), Value::Null);
    is(
        unknown,
        404,
        202,
        &format!("no request matches this id: {UNKNOWN}"),
    );
}

#[test]
fn of_editing_and_the_commit() {
    let mut desk = desk();
    is(
        refused(&mut desk, "PUT", "/richiesta", json!({"state": 1})),
        428,
        226,
        "id required",
    );
    is(
        refused(&mut desk, "PUT", "/richiesta/", json!({"state": 1})),
        428,
        226,
        "id required",
    );
    let unknown = refused(
        &mut desk,
        "PUT",
        &format!("/richiesta/{UNKNOWN}"),
        json!({"state": 1}),
    );
    is(
        unknown,
        404,
        228,
        &format!("no requests matches this id: {UNKNOWN}"),
    );

    let id = desk.draft(ASSEGNO, json!({}));
    let path = format!("/richiesta/{id}");
    let mut wrong = answers();
    wrong["$4"] = json!("RSSMRA85M01H501A");
    wrong["$6"] = json!("");
    let fields = refused(&mut desk, "PUT", &path, json!({"state": 1, "json_visura": wrong}));
    is(
        fields,
        412,
        229,
        "error in the input data: $4 CODICE FISCALE, $6 CODICE FISCALE FRONTE/RETRO",
    );
    let address = refused(&mut desk, "PUT", &path, json!({"email_target": "nobody"}));
    is(address, 412, 229, "error in the input data: email_target");

    assert_eq!(desk.put(&id, json!({"json_visura": answers()})).status, 200);
    desk.engine.set_wallet(1_899);
    is(
        refused(&mut desk, "PUT", &path, json!({"state": 1})),
        402,
        211,
        "Insufficient Credit in Wallet: 18.99",
    );
    desk.engine.set_wallet(1_900);
    assert_eq!(desk.commit(&id).status, 200);
    assert_eq!(desk.engine.wallet_cents(), 0);
    let closed = "the request has already been closed";
    is(
        refused(&mut desk, "PUT", &path, json!({"state": 1})),
        400,
        239,
        closed,
    );
    is(
        refused(&mut desk, "PUT", &path, json!({"json_visura.$0": "Anna"})),
        400,
        239,
        closed,
    );
    assert_eq!(desk.engine.ledger().len(), 1);
}

#[test]
fn of_another_search() {
    let mut desk = desk();
    let again = json!({"json_visura": {"$0": "FORNI"}});
    is(
        refused(&mut desk, "POST", "/richiesta/xyz", again.clone()),
        400,
        219,
        "Invalid id",
    );
    assert_eq!(
        refused(&mut desk, "POST", &format!("/richiesta/{UNKNOWN}"), again.clone()).0,
        404
    );
    let open = desk.draft(SEARCHING, json!({"$0": "OFFICINE"}));
    let early = refused(&mut desk, "POST", &format!("/richiesta/{open}"), again.clone());
    is(early, 404, 221, "the request is in state 0, not yet finalized");
    let plain = desk.draft(ASSEGNO, answers());
    desk.commit(&plain);
    let plain = refused(&mut desk, "POST", &format!("/richiesta/{plain}"), again.clone());
    is(
        plain,
        409,
        222,
        "this request does not allow the addition of a search",
    );

    let id = desk.searched();
    let path = format!("/richiesta/{id}");
    is(
        refused(&mut desk, "POST", &path, json!({})),
        428,
        224,
        "json_visura required",
    );
    let empty = refused(&mut desk, "POST", &path, json!({"json_visura": {"$0": " "}}));
    assert_eq!((empty.0, empty.1), (412, 250));
    desk.engine.set_wallet(37);
    is(
        refused(&mut desk, "POST", &path, again),
        402,
        225,
        "Insufficient Credit in Wallet: 0.37",
    );
}

#[test]
fn of_the_choice() {
    let mut desk = desk();
    let choice = |id: &str, index: Value| json!({"id_ricerca": format!("{id}_0"), "indice": index});
    let unknown = refused(
        &mut desk,
        "PUT",
        &format!("/richiesta/{UNKNOWN}/ricerche"),
        choice(UNKNOWN, json!(0)),
    );
    is(
        unknown,
        404,
        228,
        &format!("no requests matches this id: {UNKNOWN}"),
    );
    let plain = desk.draft(ASSEGNO, answers());
    let direct = refused(
        &mut desk,
        "PUT",
        &format!("/richiesta/{plain}/ricerche"),
        choice(&plain, json!(0)),
    );
    let message =
        "the request does not produce results to choose from, it is processed directly with the POST";
    is(direct, 409, 230, message);

    let id = desk.searched();
    let path = format!("/richiesta/{id}/ricerche");
    is(
        refused(&mut desk, "PUT", &path, choice(&id, json!(-1))),
        400,
        234,
        "indice must be >= 0",
    );
    for bad in [
        choice(&id, json!(2)),
        choice(&id, Value::Null),
        json!({"indice": 0}),
        choice("other", json!(0)),
    ] {
        is(
            refused(&mut desk, "PUT", &path, bad),
            428,
            233,
            "indice not valid or required",
        );
    }
    desk.engine.set_wallet(477);
    is(
        refused(&mut desk, "PUT", &path, choice(&id, json!(1))),
        402,
        237,
        "Insufficient Credit in Wallet: 4.77",
    );
    desk.engine.set_wallet(478);
    assert_eq!(desk.call("PUT", &path, choice(&id, json!("1"))).status, 200);
    is(
        refused(&mut desk, "PUT", &path, choice(&id, json!(1))),
        409,
        230,
        message,
    );

    let nothing = desk.draft(
        FINDS_NOTHING,
        json!({"$0": "H501", "$1": "RM", "$2": "1", "$3": "2"}),
    );
    desk.engine.set_wallet(10_000);
    desk.commit(&nothing);
    desk.now_ms += 5_000;
    let none = refused(
        &mut desk,
        "PUT",
        &format!("/richiesta/{nothing}/ricerche"),
        choice(&nothing, json!(0)),
    );
    is(none, 428, 233, "indice not valid or required");
}

#[test]
fn of_the_document() {
    let mut desk = desk();
    is(
        refused(&mut desk, "GET", "/documento", Value::Null),
        428,
        242,
        "id required",
    );
    is(
        refused(&mut desk, "GET", "/documento/xyz", Value::Null),
        400,
        243,
        "Invalid id",
    );
    let unknown = refused(&mut desk, "GET", &format!("/documento/{UNKNOWN}"), Value::Null);
    is(
        unknown,
        404,
        244,
        &format!("no requests matches this id: {UNKNOWN}"),
    );
    let id = desk.draft(ASSEGNO, answers());
    desk.commit(&id);
    desk.now_ms += 3_999;
    let early = refused(&mut desk, "GET", &format!("/documento/{id}"), Value::Null);
    is(early, 422, 247, "document not yet available");
    desk.now_ms += 1;
    assert_eq!(desk.get(&format!("/documento/{id}")).status, 200);
}
