//! Each fault: what the caller sees, and what has happened all the same.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{ASSEGNO, Desk, answers};
use crate::{Call, Config, Exchange, Fault, Hostility, Outcome, Rule, Switches};

/// A desk with a complete draft, and a fault waiting.
fn waiting(rule: Rule) -> (Desk, String) {
    let mut desk = Desk::new(Config::default());
    let id = desk.draft(ASSEGNO, answers());
    desk.engine.add_fault(rule);
    (desk, id)
}

fn exchange(desk: &mut Desk, method: &str, path: &str, body: Value) -> Exchange {
    let request = desk.request(method, path, &body);
    desk.engine.exchange(desk.now_ms, &request)
}

fn commit(desk: &mut Desk, id: &str) -> Exchange {
    exchange(desk, "PUT", &format!("/richiesta/{id}"), json!({"state": 1}))
}

fn status(exchange: Exchange) -> u16 {
    exchange.outcome.answer().map_or(0, |response| response.status)
}

#[test]
fn cut_before_leaves_no_trace_and_cut_after_leaves_the_charge() {
    for (fault, charges) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        let (mut desk, id) = waiting(Rule::on(Call::Commit, fault));
        let edit = exchange(&mut desk, "PUT", &format!("/richiesta/{id}"), json!({"state": 0}));
        assert_eq!(status(edit), 200, "an edit is no commit");
        assert!(commit(&mut desk, &id).outcome.answer().is_none());
        assert_eq!(desk.engine.ledger().len(), charges);
        assert_eq!(
            status(commit(&mut desk, &id)),
            if charges == 0 { 200 } else { 400 }
        );
        assert_eq!(desk.engine.ledger().len(), 1);
    }
}

#[test]
fn latency_moves_the_effect() {
    let (mut desk, id) = waiting(Rule::new(Fault::Latency {
        before_ms: 700,
        after_ms: 30,
    }));
    let slow = commit(&mut desk, &id);
    assert_eq!((slow.delay_before_ms, slow.delay_after_ms), (700, 30));
    assert_eq!(desk.engine.ledger()[0].at_ms, desk.now_ms + 700);
}

#[test]
fn a_late_request_arrives_after_its_sender_has_given_up() {
    let (mut desk, id) = waiting(Rule::on(Call::Commit, Fault::Late { after_ms: 500 }));
    assert!(matches!(commit(&mut desk, &id).outcome, Outcome::CutBefore));
    assert_eq!(desk.state(&id)["state"], 0);
    desk.now_ms += 499;
    desk.engine.advance(desk.now_ms);
    assert!(desk.engine.ledger().is_empty());
    desk.now_ms += 1;
    assert_eq!(desk.state(&id)["state"], 1);
    assert_eq!(desk.engine.ledger()[0].at_ms, desk.now_ms);
}

#[test]
fn a_late_commit_and_its_repetition_charge_twice_where_commits_race() {
    let (mut desk, id) = waiting(Rule::on(Call::Commit, Fault::Late { after_ms: 500 }));
    desk.engine.set_switches(Switches {
        racy_commit: true,
        ..Switches::default()
    });
    let _given_up = commit(&mut desk, &id);
    assert_eq!(status(commit(&mut desk, &id)), 200);
    desk.engine.advance(desk.now_ms + 500);
    assert_eq!(desk.engine.charges(&id).len(), 2);
}

#[test]
fn a_truncated_answer_has_its_effect() {
    let (mut desk, id) = waiting(Rule::new(Fault::Truncated { keep: 10 }));
    let Outcome::Truncated(response, keep) = commit(&mut desk, &id).outcome else {
        panic!("whole")
    };
    assert!(keep == 10 && response.body.len() > 10);
    assert_eq!(desk.engine.ledger().len(), 1);
}

#[test]
fn bare_statuses_come_with_or_without_the_effect() {
    let busy = Fault::Status {
        status: 429,
        retry_after_s: Some(7),
        after_effect: false,
    };
    let (mut desk, id) = waiting(Rule::new(busy));
    let response = commit(&mut desk, &id).outcome.answer().unwrap();
    assert_eq!(response.status, 429);
    assert!(
        response
            .headers
            .contains(&("retry-after".to_owned(), "7".to_owned()))
    );
    assert!(desk.engine.ledger().is_empty());
    for code in [500, 502] {
        let broken = Fault::Status {
            status: code,
            retry_after_s: None,
            after_effect: true,
        };
        let (mut desk, id) = waiting(Rule::new(broken));
        assert_eq!(status(commit(&mut desk, &id)), code);
        assert_eq!(desk.engine.ledger().len(), 1);
    }
}

#[test]
fn answers_may_be_garbage_or_about_something_else() {
    let (mut desk, id) = waiting(Rule::new(Fault::GarbageJson));
    assert_eq!(
        commit(&mut desk, &id).outcome.answer().unwrap().value(),
        Value::Null
    );
    assert_eq!(desk.engine.ledger().len(), 1);
    for (fault, member) in [(Fault::WrongId, "_id"), (Fault::WrongService, "hash_visura")] {
        let (mut desk, id) = waiting(Rule::new(fault));
        let before = desk.state(&id)[member].clone();
        let answer = commit(&mut desk, &id).outcome.answer().unwrap().value();
        assert_ne!(answer["data"][member], before);
        assert_eq!(desk.state(&id)[member], before);
    }
}

#[test]
fn an_edit_may_lose_a_field() {
    let (mut desk, id) = waiting(Rule::on(Call::Edit, Fault::DropField { key: "$1".to_owned() }));
    let path = format!("/richiesta/{id}");
    let body = json!({"state": 0, "json_visura": {"$0": "Anna", "$1": "Altra"}});
    assert_eq!(status(exchange(&mut desk, "PUT", &path, body)), 200);
    let echo = desk.state(&id)["ricerche"][0]["json_mappato"].clone();
    assert_eq!(
        (&echo["Nome"], &echo["COGNOME"]),
        (&json!("Anna"), &json!("Prova"))
    );
}

#[test]
fn a_request_may_be_applied_twice() {
    for (show_second, seen) in [(false, 200), (true, 400)] {
        let (mut desk, id) = waiting(Rule::new(Fault::Duplicate { show_second }));
        assert_eq!(status(commit(&mut desk, &id)), seen);
        assert_eq!(desk.engine.ledger().len(), 1);
    }
    let (mut desk, id) = waiting(Rule::new(Fault::Duplicate { show_second: false }));
    desk.engine.set_switches(Switches {
        racy_commit: true,
        ..Switches::default()
    });
    let _seen = commit(&mut desk, &id);
    assert_eq!(desk.engine.charges(&id).len(), 2);
    let (mut desk, _) = waiting(Rule::on(Call::Open, Fault::Duplicate { show_second: false }));
    exchange(
        &mut desk,
        "POST",
        "/richiesta",
        json!({"state": 0, "hash_visura": ASSEGNO}),
    );
    assert_eq!(desk.engine.submissions().count(), 3);
}

#[test]
fn the_wallet_may_run_dry_at_the_commit() {
    let (mut desk, id) = waiting(Rule::on(Call::Commit, Fault::EmptyWallet));
    let refused = commit(&mut desk, &id).outcome.answer().unwrap().value();
    assert_eq!(
        (&refused["error"], &refused["message"]),
        (&json!(211), &json!("Insufficient Credit in Wallet: 0.00"))
    );
    desk.engine.set_wallet(1_900);
    assert_eq!(status(commit(&mut desk, &id)), 200);
}

#[test]
fn zeros_are_promised_without_being_held() {
    let (mut desk, id) = waiting(Rule::new(Fault::Zeros {
        bytes: 10_000_000_000,
    }));
    let response = exchange(&mut desk, "GET", &format!("/richiesta/{id}"), Value::Null)
        .outcome
        .answer()
        .unwrap();
    assert_eq!(response.content_length(), None);
    assert!(
        response
            .stream
            .unwrap()
            .chunks()
            .take(3)
            .all(|part| part.iter().all(|byte| *byte == 0))
    );
}

#[test]
fn every_second_call_may_be_cut() {
    let (mut desk, id) = waiting(Rule::new(Fault::CutBefore).every(2).times(0).nth(2));
    let path = format!("/richiesta/{id}");
    let seen: Vec<u16> = (0..6)
        .map(|_| status(exchange(&mut desk, "GET", &path, Value::Null)))
        .collect();
    assert_eq!(seen, [200, 0, 200, 0, 200, 0]);
    desk.engine.clear_faults();
    assert_eq!(status(exchange(&mut desk, "GET", &path, Value::Null)), 200);
}

#[test]
fn deliveries_may_be_large_or_hostile() {
    let (mut desk, id) = waiting(Rule::on(
        Call::Document,
        Fault::LargeDelivery { bytes: 1_000_000 },
    ));
    commit(&mut desk, &id);
    desk.now_ms += 60_000;
    let path = format!("/documento/{id}");
    let response = exchange(&mut desk, "GET", &path, Value::Null)
        .outcome
        .answer()
        .unwrap();
    let length = response.content_length().unwrap();
    let whole: Vec<u8> = response
        .body
        .iter()
        .copied()
        .chain(response.stream.unwrap().chunks().flatten())
        .collect();
    assert_eq!(whole.len() as u64, length);
    let document: Value = serde_json::from_slice(&whole).unwrap();
    let bytes = STANDARD
        .decode(document["data"]["file"].as_str().unwrap())
        .unwrap();
    assert_eq!(document["data"]["dimensione"], bytes.len());

    for (hostility, is_base64) in [
        (Hostility::LyingSizes, true),
        (Hostility::Traversal, true),
        (Hostility::Duplicates, true),
        (Hostility::WrongLength, true),
        (Hostility::NotBase64, false),
        (Hostility::NotZip, true),
    ] {
        desk.engine
            .add_fault(Rule::on(Call::Document, Fault::HostileDelivery { hostility }));
        let hostile = exchange(&mut desk, "GET", &path, Value::Null)
            .outcome
            .answer()
            .unwrap()
            .value();
        let decoded = STANDARD.decode(hostile["data"]["file"].as_str().unwrap());
        assert_eq!(decoded.is_ok(), is_base64, "{hostility:?}");
    }
}

#[test]
fn the_log_tells_what_was_sent() {
    let (mut desk, id) = waiting(Rule::on(Call::Commit, Fault::CutBefore));
    let _cut = commit(&mut desk, &id);
    let _done = commit(&mut desk, &id);
    let log: Vec<_> = desk
        .engine
        .log()
        .iter()
        .map(|call| (call.call, call.status))
        .collect();
    let commit = Some(Call::Commit);
    assert_eq!(
        log,
        [(Some(Call::Open), Some(200)), (commit, None), (commit, Some(200))]
    );
}
