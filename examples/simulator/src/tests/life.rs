//! What is charged, and how a request goes from draft to delivery.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{ASSEGNO, Desk, FINDS_NOTHING, SEARCHING, SYNCHRONOUS, T0, answers, id_of};
use crate::{Cancellation, ChargeKind, Config, FieldSeen, Stages, Status};

fn desk() -> Desk {
    Desk::new(Config::default())
}

#[test]
fn a_draft_costs_nothing_and_the_commit_its_price_with_options() {
    let mut desk = desk();
    let body = json!({
        "state": 0, "hash_visura": ASSEGNO,
        "opzioni": {"opzione_0": true, "opzione_1": false, "opzione_9": true},
    });
    let id = id_of(&desk.call("POST", "/richiesta", body));
    assert_eq!(id.len(), 24);
    assert_eq!(
        desk.put(&id, json!({"state": 0, "json_visura": answers()}))
            .status,
        200
    );
    let draft = desk.state(&id);
    assert_eq!(
        (draft["state"].as_i64(), draft["hash_visura"].as_str()),
        (Some(0), Some(ASSEGNO))
    );
    assert_eq!(draft["callback_data"], false);
    assert_eq!(
        draft["opzioni"],
        json!([{"tipo": "urgenza", "prezzo": 4, "nome": "opzione_0"}])
    );
    assert!(desk.engine.ledger().is_empty());
    assert_eq!(desk.commit(&id).value()["data"]["state"], 1);
    let charges = desk.engine.charges(&id);
    assert_eq!(charges.len(), 1);
    assert_eq!(
        (charges[0].kind, charges[0].amount_cents),
        (ChargeKind::Submit, 2_300)
    );
    assert_eq!(desk.engine.wallet_cents(), 97_700);
}

#[test]
fn a_post_without_state_pays_at_once() {
    let mut desk = desk();
    let response = desk.call(
        "POST",
        "/richiesta",
        json!({"hash_visura": ASSEGNO, "json_visura": answers()}),
    );
    assert_eq!(response.value()["data"]["state"], 1);
    assert_eq!(desk.engine.ledger().len(), 1);
}

#[test]
fn a_test_run_validates_and_prices_and_stores_nothing() {
    let mut desk = desk();
    let mut body = json!({"test": true, "state": 0, "hash_visura": ASSEGNO, "json_visura": answers()});
    let priced = desk.call("POST", "/richiesta", body.clone()).value();
    assert_eq!(priced["data"]["prezzo_visura"], 19);
    body["json_visura"]["$2"] = json!("nobody");
    assert_eq!(desk.call("POST", "/richiesta", body).status, 412);
    assert!(desk.engine.ledger().is_empty());
    assert_eq!(desk.engine.submissions().count(), 0);
}

#[test]
fn from_the_commit_to_the_delivery() {
    let mut desk = desk();
    let id = desk.draft(ASSEGNO, answers());
    desk.now_ms += 10_000;
    desk.commit(&id);
    let expected = [
        (0, "In ricerca"),
        (1_000, "In erogazione"),
        (2_500, "Dati disponibili"),
        (4_000, "Visura evasa"),
    ];
    for (after_ms, text) in expected {
        desk.now_ms = T0 + 10_000 + after_ms;
        let state = desk.state(&id);
        assert_eq!(state["stato_richiesta"], text);
        assert_eq!(state.get("allegati").is_some(), text == "Visura evasa");
    }
    let state = desk.state(&id);
    let at = T0 / 1_000 + 10;
    let stamps = json!({
        "in_ricerca": at, "in_erogazione": at + 1, "dati_disponibili": at + 2, "visura_evasa": at + 4,
    });
    assert_eq!(state["timestamp_stati"], stamps);
    assert_eq!(state["allegati"], json!([format!("{id}.pdf")]));
    assert_eq!(state["esito"], json!({"codice": "0", "info": "OK"}));
    let search = &state["ricerche"][0];
    assert_eq!(
        (&search["id_ricerca"], &search["json_risultato"]),
        (&json!(format!("{id}_0")), &Value::Null)
    );
    assert_eq!(search["json_mappato"]["COGNOME"], "Prova");
    assert!(
        search["json_mappato"].as_object().unwrap().len() == 5,
        "files are not echoed"
    );
}

#[test]
fn a_delivery_is_an_archive_with_a_receipt() {
    let mut desk = desk();
    let id = desk.draft(ASSEGNO, answers());
    desk.commit(&id);
    desk.now_ms += 60_000;
    let document = desk.get(&format!("/documento/{id}")).value()["data"].clone();
    assert_eq!(document["nome"], format!("{id}.zip"));
    let bytes = STANDARD.decode(document["file"].as_str().unwrap()).unwrap();
    assert_eq!(document["dimensione"], bytes.len());
    assert!(bytes.starts_with(b"PK\x03\x04"));
    // What is between the local header and the central directory is the receipt, deflated.
    let name = format!("{id}.pdf");
    let packed_len = u32::from_le_bytes(bytes[18..22].try_into().unwrap()) as usize;
    let from = 30 + name.len();
    let pdf = miniz_oxide::inflate::decompress_to_vec(&bytes[from..from + packed_len]).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.4") && pdf.ends_with(b"%%EOF\n"));
    assert!(pdf.windows(24).any(|window| window == id.as_bytes()));
}

#[test]
fn a_search_is_paid_then_the_choice_is_paid() {
    let mut desk = desk();
    let id = desk.draft(SEARCHING, json!({"$0": "OFFICINE"}));
    desk.commit(&id);
    assert_eq!(desk.state(&id)["ricerche"][0]["json_risultato"], Value::Null);
    desk.now_ms += 1_000;
    let state = desk.state(&id);
    assert_eq!(
        (&state["stato_richiesta"], &state["id_ricerca"]),
        (&json!("In ricerca"), &Value::Null)
    );
    let found: Value =
        serde_json::from_str(state["ricerche"][0]["json_risultato"].as_str().unwrap()).unwrap();
    assert_eq!(found["indice_1"]["Denominazione"], "OFFICINE IMMAGINARIE S.P.A.");

    let again = json!({"json_visura": {"$0": "nessuno"}});
    assert_eq!(desk.call("POST", &format!("/richiesta/{id}"), again).status, 200);
    desk.now_ms += 60_000;
    let state = desk.state(&id);
    assert_eq!(state["ricerche"].as_array().unwrap().len(), 2);
    assert_eq!(state["ricerche"][1]["json_risultato"], "{}");
    assert_eq!(state["stato_richiesta"], "In ricerca", "it waits for a choice");

    let choice = json!({"id_ricerca": format!("{id}_0"), "indice": 1});
    let chosen = desk
        .call("PUT", &format!("/richiesta/{id}/ricerche"), choice)
        .value();
    assert_eq!(chosen["data"]["indice_ricerca"], 1);
    assert_eq!(chosen["data"]["id_ricerca"], format!("{id}_0"));
    assert_eq!(chosen["data"]["stato_richiesta"], "In erogazione");
    let paid: Vec<_> = desk
        .engine
        .ledger()
        .iter()
        .map(|charge| (charge.kind, charge.amount_cents))
        .collect();
    assert_eq!(
        paid,
        [
            (ChargeKind::Submit, 38),
            (ChargeKind::Search, 38),
            (ChargeKind::Choice, 478)
        ]
    );
    desk.now_ms += 3_000;
    assert_eq!(desk.state(&id)["stato_richiesta"], "Visura evasa");
}

#[test]
fn a_search_that_finds_nothing_says_why() {
    let mut desk = desk();
    let id = desk.draft(
        FINDS_NOTHING,
        json!({"$0": "H501", "$1": "RM", "$2": "1", "$3": "2"}),
    );
    desk.commit(&id);
    desk.now_ms += 1_000;
    let state = desk.state(&id);
    assert_eq!(state["ricerche"][0]["stato_ricerca"], "Errore su richiesta dati");
    assert_eq!(state["esito"]["codice"], "101");
}

#[test]
fn a_synchronous_service_delivers_with_the_commit() {
    let mut desk = desk();
    let id = desk.draft(SYNCHRONOUS, json!({"$0": "AB123CD"}));
    assert_eq!(
        desk.commit(&id).value()["data"]["stato_richiesta"],
        "Visura evasa"
    );
    assert_eq!(desk.get(&format!("/documento/{id}")).status, 200);
}

#[test]
fn the_office_may_cancel() {
    let reason = Cancellation {
        service: ASSEGNO.to_owned(),
        code: "105".to_owned(),
        info: "Documento illeggibile".to_owned(),
    };
    let mut desk = Desk::new(Config {
        cancellations: vec![reason],
        ..Config::default()
    });
    let id = desk.draft(ASSEGNO, answers());
    desk.commit(&id);
    desk.now_ms += 10_000;
    let state = desk.state(&id);
    assert_eq!(
        (&state["state"], &state["stato_richiesta"]),
        (&json!(1), &json!("Annullata"))
    );
    assert_eq!(
        state["esito"],
        json!({"codice": "105", "info": "Documento illeggibile"})
    );

    let other = desk.draft(SYNCHRONOUS, json!({"$0": "AB123CD"}));
    desk.commit(&other);
    assert!(!desk.engine.cancel(desk.now_ms, &other, "1", "too late"));
    let open = desk.draft(ASSEGNO, json!({}));
    assert!(desk.engine.cancel(desk.now_ms, &open, "1", "Chiusa"));
    assert_eq!(desk.engine.submission(&open).unwrap().status, Status::Cancelled);
}

#[test]
fn callbacks_leave_when_the_state_changes() {
    let mut desk = Desk::new(Config {
        stages: Stages {
            searching_ms: 10,
            working_ms: 10,
            ready_ms: 10,
        },
        ..Config::default()
    });
    let callback =
        json!({"url": "http://127.0.0.1:9/x", "field": "esito", "method": "JSON", "data": {"n": 7}});
    let body = json!({
        "hash_visura": ASSEGNO, "json_visura": answers(), "callback_data": callback,
    });
    desk.call("POST", "/richiesta", body);
    for _ in 0..3 {
        desk.now_ms += 10;
        desk.engine.advance(desk.now_ms);
    }
    let calls = desk.engine.take_callbacks();
    assert_eq!(calls.len(), 3);
    assert!(calls[0].as_json && calls[0].field == "esito");
    assert_eq!(calls[2].payload["stato_richiesta"], "Visura evasa");
    assert_eq!(calls[2].payload["callback_data"]["data"]["n"], 7);
    assert!(desk.engine.take_callbacks().is_empty());
}

#[test]
fn summaries_hold_no_fields() {
    let mut desk = desk();
    desk.draft(ASSEGNO, answers());
    let list = desk.get("/richiesta").value()["data"].clone();
    assert!(list[0].get("ricerche").is_none());
    assert!(!list.to_string().contains("Prova"));
}

#[test]
fn a_clone_is_a_snapshot_and_ids_repeat_under_one_seed() {
    let mut one = desk();
    let mut two = one.clone();
    let id = one.draft(ASSEGNO, answers());
    assert_eq!(two.draft(ASSEGNO, json!({})), id);
    one.commit(&id);
    assert_eq!((one.engine.ledger().len(), two.engine.ledger().len()), (1, 0));
    let mut other = Desk::new(Config {
        seed: 7,
        ..Config::default()
    });
    assert_ne!(other.draft(ASSEGNO, json!({})), id);
}

#[test]
fn files_are_seen_by_their_digest() {
    let mut desk = desk();
    let id = desk.draft(ASSEGNO, answers());
    let seen = desk.engine.submission(&id).unwrap();
    let Some(FieldSeen::File(file)) = seen.field("$5") else {
        panic!("not a file")
    };
    assert_eq!(
        (file.name.as_str(), file.len, file.readable),
        ("fronte-retro.pdf", 9, true)
    );
    assert_eq!(seen.field("$0"), Some(&FieldSeen::Text("Chiara".to_owned())));
}
