//! From the catalogue to the delivery.

use serde_json::{Value, json};

use super::{BILANCIO, CARICHI, CATASTALE, COMPANY, ESTRATTO, STATUTO, VERIFICA, desk};
use crate::{
    Api, Cancellation, ChargeKind, Config, Fault, FieldSeen, RequestState, Rule,
    tests::{ASSEGNO, Desk, T0, answers},
};

#[test]
fn the_catalogue_comes_with_its_forms_and_without_assegno_unico() {
    let list = desk().get("/documents").value()["data"].clone();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 17);
    assert!(
        list.iter()
            .all(|entry| entry["requestStructure"]["fields"]["field0"].is_object())
    );
    assert!(
        !list
            .iter()
            .any(|entry| entry["name"].as_str().unwrap().contains("Assegno"))
    );
}

#[test]
fn a_post_without_new_pays_at_once() {
    let mut desk = desk();
    let response = desk.post(json!({"documentId": STATUTO, "search": {"field0": COMPANY}}));
    let data = response.value()["data"].clone();
    assert_eq!(
        (&data["state"], &data["totalPrice"]),
        (&json!("WAIT"), &json!(4.9))
    );
    assert_eq!(data["readableSearch"], json!({"taxCode": COMPANY}));
    let stamp = T0 / 1_000;
    assert_eq!(
        data["timestamps"],
        json!({"creation": stamp, "WAIT": stamp, "lastUpdate": stamp})
    );
    let charge = desk.engine.ledger()[0].clone();
    assert_eq!(
        (charge.api, charge.kind, charge.amount_cents),
        (Api::Docuengine, ChargeKind::Submit, 490)
    );
    assert_eq!(data["id"], charge.submission);
}

#[test]
fn from_new_to_done() {
    let mut desk = desk();
    let id = desk.opened(STATUTO, json!({"field0": "00000000000"}));
    assert!(desk.engine.ledger().is_empty());
    assert_eq!(desk.patch(&id, json!({"search.field0": COMPANY})).status, 200);
    assert_eq!(desk.closed(&id).value()["data"]["state"], "WAIT");
    desk.now_ms += 2_999;
    assert_eq!(desk.shown(&id)["documents"], Value::Null);
    desk.now_ms += 1;
    let done = desk.shown(&id);
    assert_eq!(
        (&done["state"], &done["documents"]),
        (&json!("DONE"), &json!([format!("{id}_0.pdf")]))
    );
    assert!(done.get("cancellationReason").is_none());
    let stamps = done["timestamps"].as_object().unwrap();
    assert_eq!(stamps.keys().collect::<Vec<_>>().len(), 5);
    assert_eq!(desk.engine.charges(&id).len(), 1);
    let summary = desk.get("/requests").value()["data"][0].clone();
    assert_eq!(summary.as_object().unwrap().len(), 4);
}

#[test]
fn a_search_is_paid_then_the_choice_with_its_options() {
    let mut desk = desk();
    let id = desk.opened(CATASTALE, json!({"field0": "OFFICINE"}));
    desk.patch(&id, json!({"selectedOptions": ["urgenza", "regalo"]}));
    let data = desk.closed(&id).value()["data"].clone();
    assert_eq!(
        (&data["state"], &data["results"]),
        (&json!("SEARCH"), &Value::Null)
    );
    assert_eq!(data["selectedOptions"], json!(["urgenza"]));
    assert_eq!(
        (&data["optionsPrice"], &data["totalPrice"]),
        (&json!(4), &json!(6.9))
    );
    desk.now_ms += 1_000;
    let found = desk.shown(&id);
    assert_eq!(found["results"].as_array().unwrap().len(), 2);
    assert_eq!(
        found["results"][0]["data"]["denomination"],
        "OFFICINE IMMAGINARIE SRL"
    );
    let wanted = found["results"][1]["id"].clone();
    assert_eq!(wanted.as_str().unwrap().len(), 32);
    let chosen = desk.patch(&id, json!({"resultId": wanted})).value()["data"].clone();
    assert_eq!((&chosen["state"], &chosen["resultId"]), (&json!("WAIT"), &wanted));
    let charges: Vec<_> = desk
        .engine
        .ledger()
        .iter()
        .map(|charge| (charge.kind, charge.amount_cents))
        .collect();
    assert_eq!(charges, [(ChargeKind::Submit, 50), (ChargeKind::Choice, 640)]);
    desk.now_ms += 3_000;
    assert_eq!(desk.shown(&id)["state"], "DONE");
}

#[test]
fn a_search_that_finds_nothing_is_given_up() {
    let mut desk = desk();
    let id = desk.opened(CATASTALE, json!({"field0": "Nessuno"}));
    desk.closed(&id);
    desk.now_ms += 1_000;
    let data = desk.shown(&id);
    assert_eq!(
        (&data["state"], &data["results"]),
        (&json!("CANCELLED"), &json!([]))
    );
    assert_eq!(data["cancellationReason"], "no results found");
}

#[test]
fn options_are_paid_with_the_document_where_there_is_no_search() {
    let mut desk = desk();
    let body = json!({"documentId": CARICHI, "selectedOptions": ["urgenza"],
        "search": {"field0": "RSSMRA85M01H501Q", "field1": "LAV"}});
    assert_eq!(desk.post(body).value()["data"]["totalPrice"], 13.9);
    assert_eq!(desk.engine.ledger()[0].amount_cents, 1_390);
}

#[test]
fn what_is_made_while_one_waits_is_done_at_once() {
    let mut desk = desk();
    let body = json!({"documentId": VERIFICA, "search": {"field0": COMPANY}});
    assert_eq!(desk.post(body).value()["data"]["state"], "DONE");
}

#[test]
fn files_are_seen_by_their_digest_or_their_url() {
    let mut desk = desk();
    let id = desk.opened(
        ESTRATTO,
        json!({"field4": "data:application/pdf;base64,JVBERi0xLjQK", "field5": "https://caf.example/mandato.pdf"}),
    );
    let seen = desk.engine.request(&id).unwrap();
    let Some(FieldSeen::File(file)) = seen.field("field4") else {
        panic!("not a file")
    };
    assert_eq!(
        (file.len, file.media_type.as_str(), file.readable),
        (9, "application/pdf", true)
    );
    assert!(matches!(seen.field("field5"), Some(FieldSeen::Text(_))));
    assert_eq!(
        desk.shown(&id)["search"],
        json!({"field5": "https://caf.example/mandato.pdf"})
    );
}

#[test]
fn the_office_may_cancel() {
    let mut desk = Desk::new(Config {
        cancellations: vec![Cancellation {
            service: STATUTO.to_owned(),
            code: "101".to_owned(),
            info: "Atto non depositato".to_owned(),
        }],
        ..Config::default()
    });
    let id = desk.opened(STATUTO, json!({"field0": COMPANY}));
    desk.closed(&id);
    desk.now_ms += 3_000;
    assert_eq!(desk.shown(&id)["cancellationReason"], "Atto non depositato");
    let other = desk.opened(BILANCIO, json!({"field0": COMPANY}));
    assert!(desk.engine.cancel(desk.now_ms, &other, "", "ufficio chiuso"));
    assert!(!desk.engine.cancel(desk.now_ms, &other, "", "ufficio chiuso"));
    assert_eq!(
        desk.engine.request(&other).unwrap().state,
        RequestState::Cancelled
    );
}

#[test]
fn callbacks_leave_with_headers_and_data() {
    let mut desk = desk();
    let callback = json!({"url": "http://127.0.0.1:9/x", "method": "JSON", "field": "esito",
        "headers": {"x-pratica": "7"}, "data": {"n": 1}});
    let response =
        desk.post(json!({"documentId": STATUTO, "search": {"field0": COMPANY}, "callback": callback}));
    assert_eq!(response.value()["data"]["callback"], callback);
    assert!(desk.engine.take_callbacks().is_empty());
    desk.now_ms += 10_000;
    desk.engine.advance(desk.now_ms);
    let calls = desk.engine.take_callbacks();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (calls[0].api, calls[0].as_json, calls[0].field.as_str()),
        (Api::Docuengine, true, "esito")
    );
    assert_eq!(calls[0].headers, [("x-pratica".to_owned(), "7".to_owned())]);
    assert_eq!(calls[0].payload["callback"]["data"], json!({"n": 1}));
    assert_eq!(calls[0].payload["state"], "DONE");
    assert!(desk.engine.take_callbacks().is_empty());
}

#[test]
fn both_apis_take_from_one_wallet() {
    let mut desk = desk();
    desk.engine.set_wallet(2_000);
    let body = json!({"hash_visura": ASSEGNO, "json_visura": answers()});
    assert_eq!(desk.call("POST", "/richiesta", body).status, 200);
    let body = json!({"documentId": STATUTO, "search": {"field0": COMPANY}});
    assert_eq!(desk.post(body).status, 402);
    let apis: Vec<_> = desk.engine.ledger().iter().map(|charge| charge.api).collect();
    assert_eq!(apis, [Api::Visengine]);
}

#[test]
fn faults_meet_these_calls_by_the_same_names() {
    let mut desk = desk();
    let id = desk.opened(STATUTO, json!({}));
    let exchange = |desk: &mut Desk, method: &str, path: String, body: Value| {
        let request = desk.request(method, &path, &body);
        desk.engine.exchange(desk.now_ms, &request).outcome.answer()
    };
    use crate::Call;
    desk.engine.add_fault(Rule::on(
        Call::Edit,
        Fault::DropField {
            key: "field0".to_owned(),
        },
    ));
    let path = format!("/requests/{id}");
    let lost = exchange(
        &mut desk,
        "PATCH",
        path.clone(),
        json!({"search.field0": COMPANY, "notifyEmail": "a@example.com"}),
    );
    assert_eq!(lost.unwrap().status, 200);
    assert!(desk.engine.request(&id).unwrap().field("field0").is_none());
    desk.patch(&id, json!({"search.field0": COMPANY}));
    desk.engine.add_fault(Rule::on(Call::Commit, Fault::CutAfter));
    assert!(exchange(&mut desk, "PATCH", path.clone(), json!({"state": "SEARCH"})).is_none());
    assert_eq!(desk.engine.charges(&id).len(), 1);
    desk.engine.add_fault(Rule::on(Call::Read, Fault::WrongId));
    let other = exchange(&mut desk, "GET", path.clone(), Value::Null).unwrap();
    assert_ne!(other.value()["data"]["id"], id);
    desk.engine.add_fault(Rule::on(Call::Read, Fault::WrongService));
    let other = exchange(&mut desk, "GET", path, Value::Null).unwrap();
    assert_ne!(other.value()["data"]["documentId"], STATUTO);
    for (call, method, path) in [
        (Call::Services, "GET", "/documents".to_owned()),
        (Call::List, "GET", "/requests".to_owned()),
        (Call::Open, "POST", "/requests".to_owned()),
        (Call::Document, "GET", format!("/requests/{id}/documents")),
        (Call::Download, "GET", "/storage/documents/x".to_owned()),
    ] {
        desk.engine.add_fault(Rule::on(call, Fault::CutBefore));
        assert!(
            exchange(&mut desk, method, path, Value::Null).is_none(),
            "{call:?}"
        );
    }
    desk.engine.add_fault(Rule::on(Call::Choose, Fault::CutBefore));
    let choice = json!({"resultId": "x"});
    assert!(exchange(&mut desk, "PATCH", format!("/requests/{id}"), choice).is_none());
}
