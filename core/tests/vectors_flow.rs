//! The submitting machine against `vectors/flow`: each story is a table of events and the steps they lead to.
#![cfg(feature = "flow")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use sportello::SportelloError;
use sportello::flow::{Event, Machine, Policy, Prepared, Receipt, Step, SubmitFlow, SubmitPlan};
use sportello::http::HttpResponse;
use sportello::journal::{Entry, EntryKey, Purchase, PurchaseKind, PurchaseState, Recorded, Scope, Stage};
use sportello::model::{Money, Source};
use sportello::provider::PreparedFile;
use sportello::provider::visengine::Visengine;

const ID: &str = "5f22f722065afc42223c7131";
const SERVICE: &str = "224fcc49770edad354cdd9c480a7e50e";

fn plan(with_answers: bool) -> SubmitPlan {
    let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    let answers = Prepared {
        texts: pairs(&[("$0", "Ada"), ("$1", "Prova"), ("$5", "")]),
        files: vec![PreparedFile {
            key: "$5".to_owned(),
            name: "id.pdf".to_owned(),
            mime: "application/pdf".to_owned(),
            size: 4,
            source: Source::Bytes(b"%PDF".as_slice().into()),
            sha256: String::new(),
        }],
        digests: pairs(&[("$0", "d0"), ("$1", "d1"), ("$5", "d5")]),
        digest: "all".to_owned(),
    };
    let scope = Scope {
        provider: "visengine".into(),
        origin: "https://example.org".into(),
        account: "default".into(),
    };
    SubmitPlan {
        key: EntryKey {
            scope,
            reference: "story".to_owned(),
        },
        service_id: SERVICE.to_owned(),
        service_name: "Domanda Assegno Unico".to_owned(),
        has_search: false,
        is_synchronous: false,
        key_id: "k".to_owned(),
        duplicate_mark: Some("mark".to_owned()),
        allow_duplicate: false,
        options: Vec::new(),
        correlation: "ours".to_owned(),
        callback_url: None,
        callback_proof: String::new(),
        accept_warnings: Vec::new(),
        notify_email: None,
        confirmed_price: Money::from_cents(1900),
        answers: with_answers.then_some(answers),
    }
}

fn entry(spec: &Value, seq: u64) -> Entry {
    let plan = plan(true);
    let stage: Stage = serde_json::from_value(spec["stage"].clone()).expect("a stage");
    let state = match (stage, spec["paid"].as_bool()) {
        (_, Some(true)) => PurchaseState::Paid,
        (Stage::Refused, _) => PurchaseState::Refused,
        _ => PurchaseState::Sending,
    };
    let purchase = spec["sent_at"].as_u64().map(|sent_at| Purchase {
        kind: PurchaseKind::Submit,
        state,
        id: ID.to_owned(),
        price: Money::from_cents(1900),
        intended_at: sent_at,
        sent_at,
        timeout_ms: 60_000,
        sends: 1,
        ambiguous: false,
        refused_with: None,
        result: None,
        searches_before: None,
        digest: None,
    });
    let filled = if spec["filled"] == true {
        plan.answers.as_ref().unwrap().digests.clone()
    } else {
        BTreeMap::new()
    };
    Entry {
        key: plan.key,
        seq,
        service_id: plan.service_id,
        service_name: plan.service_name,
        key_id: "k".to_owned(),
        digest: spec["digest"].as_str().unwrap_or("all").to_owned(),
        duplicate_mark: None,
        stage,
        id: spec["id"].as_str().map(str::to_owned),
        filled,
        purchases: purchase.into_iter().collect(),
        options: Vec::new(),
        files: Vec::new(),
        created_at: 0,
        updated_at: 0,
    }
}

fn event(spec: &Value, seq: u64) -> Event {
    if let Some(name) = spec.as_str() {
        return match name {
            "started" => Event::Started,
            "elapsed" => Event::Elapsed,
            "recorded" => Event::Recorded(Recorded::Written),
            "record_failed" => {
                Event::RecordFailed(SportelloError::foreign("journal.full", true, "the disk is full"))
            }
            other => panic!("no event `{other}`"),
        };
    }
    if let Some(failure) = spec.get("failed") {
        return Event::Failed(serde_json::from_value(failure.clone()).expect("a failure"));
    }
    if let Some(reference) = spec["duplicate"].as_str() {
        return Event::Recorded(Recorded::Duplicate {
            reference: reference.to_owned(),
        });
    }
    if let Some(current) = spec.get("conflict") {
        return Event::Recorded(Recorded::Conflict(Some(Box::new(entry(current, seq + 5)))));
    }
    let responded = &spec["responded"];
    let body = if let Some(text) = responded["text"].as_str() {
        text.to_owned()
    } else if let Some(over) = responded["submission"].as_object() {
        let mut data = json!({"_id": ID, "state": 0, "hash_visura": SERVICE, "nome": "Domanda Assegno Unico", "ricerca": false,
            "prezzo_visura": 19, "prezzo_ricerca": 0, "stato_richiesta": "In ricerca", "callback_data": false, "opzioni": null});
        data.as_object_mut().unwrap().extend(over.clone());
        json!({"data": data, "success": true, "message": "", "error": null}).to_string()
    } else {
        json!({"data": null, "success": false, "message": "", "error": responded["error"]}).to_string()
    };
    let status = u16::try_from(responded["status"].as_u64().unwrap()).unwrap();
    Event::Responded(HttpResponse {
        status,
        body: body.into_bytes(),
        ..HttpResponse::default()
    })
}

fn check(step: &Step<Receipt>, expect: &Value, at: &str) {
    let word = |value: &dyn std::fmt::Debug| {
        let mut out = String::new();
        for c in format!("{value:?}").chars() {
            if c.is_uppercase() && !out.is_empty() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        }
        out
    };
    match step {
        Step::Send { request, once, .. } => {
            assert_eq!(
                (request.call.as_str(), *once),
                (expect["send"].as_str().unwrap_or("?"), expect["once"] == true),
                "{at}"
            );
            assert_eq!(
                *once,
                request.call.is_paid(),
                "{at}: paid calls and no others are sent once"
            );
        }
        Step::Record { entry, .. } => {
            let stage = word(&entry.stage);
            match expect["record"].as_str() {
                Some("draft_or_refused") => assert!(["draft", "refused"].contains(&stage.as_str()), "{at}"),
                expected => assert_eq!(Some(stage.as_str()), expected, "{at}"),
            }
            let purchase = entry.purchase(PurchaseKind::Submit);
            if let Some(state) = expect["purchase"].as_str() {
                assert_eq!(word(&purchase.unwrap().state), state, "{at}");
            }
            if let Some(sends) = expect["sends"].as_u64() {
                assert_eq!(u64::from(purchase.unwrap().sends), sends, "{at}");
            }
            if let Some(ambiguous) = expect["ambiguous"].as_bool() {
                assert_eq!(purchase.unwrap().ambiguous, ambiguous, "{at}");
            }
        }
        Step::Wait { millis, reason } => {
            let range = expect["wait"]
                .as_array()
                .unwrap_or_else(|| panic!("{at}: {step}"));
            assert!(
                (range[0].as_u64().unwrap()..=range[1].as_u64().unwrap()).contains(millis),
                "{at}: {millis}"
            );
            assert_eq!(word(reason), expect["reason"], "{at}");
        }
        Step::Finished(outcome) => {
            let (code, charged) = match outcome {
                Ok(receipt) => {
                    let paid = receipt
                        .entry
                        .purchase(PurchaseKind::Submit)
                        .is_some_and(|p| p.state == PurchaseState::Paid);
                    ("ok", if paid { "yes" } else { "no" })
                }
                Err(error) => {
                    assert_eq!(error.details().reference.as_deref(), Some("story"), "{at}");
                    (error.code(), error.details().charged.as_str())
                }
            };
            assert_eq!(
                (code, charged),
                (
                    expect["finished"].as_str().unwrap_or("?"),
                    expect["charged"].as_str().unwrap_or("?")
                ),
                "{at}"
            );
        }
    }
}

#[test]
fn every_story_goes_as_told() {
    let file: Value = serde_json::from_str(include_str!("../vectors/flow/submit.json")).expect("JSON");
    let cases = file["cases"].as_array().expect("cases");
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let current = case.get("entry").map(|spec| entry(spec, 3));
        let mut seq = current.as_ref().map_or(0, |entry| entry.seq);
        let plan = plan(case["answers"] != false);
        let mut flow = SubmitFlow::new(Arc::new(Visengine), Policy::default(), plan, current);
        for (line, turn) in case["story"].as_array().unwrap().iter().enumerate() {
            let at = format!("{name}, line {}", line + 1);
            let step = flow
                .advance(turn["at"].as_u64().unwrap(), event(&turn["event"], seq))
                .unwrap_or_else(|_| panic!("{at}: out of turn"));
            check(&step, &turn["expect"], &at);
            if let Step::Record { entry, .. } = &step {
                seq = entry.seq;
            }
        }
    }
    println!("{} stories", cases.len());
    assert!(cases.len() > 30);
}

#[test]
fn an_event_out_of_turn_is_an_error_and_never_a_panic() {
    for event in [
        Event::Elapsed,
        Event::Recorded(Recorded::Written),
        Event::Responded(HttpResponse::default()),
    ] {
        let mut flow = SubmitFlow::new(Arc::new(Visengine), Policy::default(), plan(true), None);
        assert!(flow.advance(0, event.clone()).is_err());
        assert!(flow.advance(0, event).is_err());
    }
}
