//! Each thing the documents leave open, both ways.

use serde_json::{Value, json};

use super::{ASSEGNO, Desk, FILE, SYNCHRONOUS, answers, id_of, refusal};
use crate::{Config, Echo, FieldSeen, JsonVisura, Status, Switches};

fn desk(switches: Switches) -> Desk {
    Desk::new(Config {
        switches,
        ..Config::default()
    })
}

fn open(desk: &mut Desk, more: Value) -> crate::SimResponse {
    let mut body = json!({"state": 0, "hash_visura": ASSEGNO});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    desk.call("POST", "/richiesta", body)
}

#[test]
fn empty_drafts_may_be_refused() {
    let mut kind = desk(Switches::default());
    assert_eq!(open(&mut kind, json!({})).status, 200);
    let mut strict = desk(Switches {
        refuse_empty_drafts: true,
        ..Switches::default()
    });
    for empty in [
        json!({}),
        json!({"json_visura": {}}),
        json!({"json_visura": {"$0": " "}}),
    ] {
        let refused = refusal(&open(&mut strict, empty));
        assert_eq!((refused.0, refused.1), (412, 250));
    }
    assert_eq!(open(&mut strict, json!({"json_visura": {"$0": "C"}})).status, 200);
}

#[test]
fn json_visura_may_merge_or_replace() {
    for (habit, kept) in [(JsonVisura::Merge, true), (JsonVisura::Replace, false)] {
        let mut desk = desk(Switches {
            json_visura: habit,
            ..Switches::default()
        });
        let id = desk.draft(ASSEGNO, json!({"$0": "Chiara", "$1": "Prova"}));
        desk.put(
            &id,
            json!({"state": 0, "json_visura": {"$1": "Altra"}, "json_visura.$2": "a@example.com"}),
        );
        let seen = desk.engine.submission(&id).unwrap();
        assert_eq!(seen.field("$0").is_some(), kept);
        assert_eq!(seen.field("$1"), Some(&FieldSeen::Text("Altra".to_owned())));
        assert!(seen.field("$2").is_some());
        // One field by its own name never touches the others.
        desk.put(&id, json!({"json_visura.$3": "333"}));
        assert_eq!(
            desk.engine.submission(&id).unwrap().fields.len(),
            if kept { 4 } else { 3 }
        );
    }
}

#[test]
fn a_draft_may_echo_nothing_text_or_all() {
    let echoed = |echo| {
        let mut desk = desk(Switches {
            echo,
            ..Switches::default()
        });
        let id = desk.draft(ASSEGNO, answers());
        let searches = desk.state(&id)["ricerche"].clone();
        searches
            .get(0)
            .map(|search| serde_json::from_str::<Value>(search["json_ricerca"].as_str().unwrap()).unwrap())
    };
    assert_eq!(echoed(Echo::None), None);
    let text = echoed(Echo::Text).unwrap();
    assert_eq!((text["$1"].as_str(), text.get("$5")), (Some("Prova"), None));
    assert_eq!(echoed(Echo::All).unwrap()["$5"], FILE);
}

#[test]
fn callback_data_without_a_url_may_be_dropped() {
    for (dropped, kept) in [
        (false, json!({"data": {"n": 1}, "method": "POST"})),
        (true, json!(false)),
    ] {
        let mut desk = desk(Switches {
            drop_callback_without_url: dropped,
            ..Switches::default()
        });
        let response = open(&mut desk, json!({"callback_data": {"data": {"n": 1}}}));
        assert_eq!(response.value()["data"]["callback_data"], kept);
        let with_url = open(
            &mut desk,
            json!({"callback_data": {"url": "http://127.0.0.1:9/"}}),
        );
        assert!(with_url.value()["data"]["callback_data"].is_object());
    }
}

#[test]
fn drafts_may_die() {
    let mut desk = desk(Switches {
        draft_lifetime_ms: Some(5 * 3_600_000),
        ..Switches::default()
    });
    let id = desk.draft(ASSEGNO, answers());
    let other = desk.draft(ASSEGNO, answers());
    desk.commit(&other);
    desk.now_ms += 5 * 3_600_000;
    let state = desk.state(&id);
    assert_eq!(
        (&state["state"], &state["stato_richiesta"]),
        (&json!(0), &json!("Annullata"))
    );
    assert_eq!(refusal(&desk.commit(&id)).1, 239);
    assert_eq!(desk.engine.ledger().len(), 1);
    assert_eq!(desk.engine.submission(&other).unwrap().status, Status::Delivered);
}

#[test]
fn a_bare_commit_may_be_refused() {
    let mut desk = desk(Switches {
        refuse_bare_commit: true,
        ..Switches::default()
    });
    let id = desk.draft(ASSEGNO, answers());
    assert_eq!(
        refusal(&desk.commit(&id)),
        (400, 300, "no fields to update".to_owned())
    );
    assert!(desk.engine.ledger().is_empty());
    assert_eq!(
        desk.put(&id, json!({"state": 1, "json_visura.$0": "Chiara"}))
            .status,
        200
    );
    assert_eq!(desk.engine.ledger().len(), 1);
}

#[test]
fn two_commits_at_once_may_both_charge() {
    let mut desk = desk(Switches {
        racy_commit: true,
        race_window_ms: 300,
        ..Switches::default()
    });
    let id = desk.draft(ASSEGNO, answers());
    desk.commit(&id);
    desk.now_ms += 300;
    assert_eq!(desk.commit(&id).status, 200);
    desk.now_ms += 1;
    assert_eq!(refusal(&desk.commit(&id)).1, 239);
    assert_eq!(desk.engine.charges(&id).len(), 2);
    assert!(!desk.engine.ledger()[1].note.is_empty());
}

#[test]
fn a_choice_made_twice_may_charge_twice() {
    for (repeated, charges) in [(false, 2), (true, 3)] {
        let mut desk = desk(Switches {
            repeated_choice_charges: repeated,
            ..Switches::default()
        });
        let id = desk.searched();
        for _ in 0..2 {
            let choice = json!({"id_ricerca": format!("{id}_0"), "indice": 0});
            desk.call("PUT", &format!("/richiesta/{id}/ricerche"), choice);
        }
        assert_eq!(desk.engine.ledger().len(), charges);
    }
}

#[test]
fn credit_may_be_looked_at_when_the_draft_is_opened() {
    let mut desk = desk(Switches {
        wallet_checked_at_commit: false,
        ..Switches::default()
    });
    desk.engine.set_wallet(1_899);
    assert_eq!(refusal(&open(&mut desk, json!({}))).1, 211);
    desk.engine.set_wallet(1_900);
    let id = desk.draft(ASSEGNO, answers());
    desk.engine.set_wallet(100);
    assert_eq!(desk.commit(&id).status, 200);
    assert_eq!(desk.engine.wallet_cents(), -1_800);
    assert_eq!(desk.engine.ledger()[0].note, "overdraws the wallet");
}

#[test]
fn a_test_run_may_be_taken_for_a_real_one() {
    let mut desk = desk(Switches {
        test_is_free: false,
        ..Switches::default()
    });
    let draft = open(&mut desk, json!({"test": true, "json_visura": answers()}));
    assert_eq!((id_of(&draft).len(), desk.engine.ledger().len()), (24, 0));
    open(
        &mut desk,
        json!({"test": true, "state": 1, "json_visura": answers()}),
    );
    assert_eq!(desk.engine.ledger().len(), 1);
}

#[test]
fn loose_typing_says_the_same_in_other_types() {
    let mut desk = Desk::new(Config {
        loose: true,
        ..Config::default()
    });
    let service = desk.get(&format!("/visure/{ASSEGNO}")).value();
    assert_eq!(
        (&service["success"], &service["data"]["ricerca"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(service["data"]["prezzo_visura"], "19.00");
    assert_eq!(service["data"]["nome_visura"], "Domanda Assegno Unico ");
    assert_eq!(service["data"]["json_struttura"]["campi"]["$0"]["null"], "0");
    let id = desk.draft(ASSEGNO, json!({}));
    let draft = desk.state(&id);
    assert_eq!(
        (&draft["state"], &draft["timestamp_stati"]),
        (&json!("0"), &json!(false))
    );
    assert!(draft["timestamp_creation"].is_string());
    assert!(draft.get("_undocumented").is_some());
    let missing = desk.get("/visure/none").value();
    assert_eq!(
        (&missing["success"], &missing["error"]),
        (&json!(0), &json!("200"))
    );
    let typed = json!({"state": "0", "hash_visura": SYNCHRONOUS, "json_visura": {"$0": 123}});
    assert_eq!(desk.call("POST", "/richiesta", typed).status, 200);
}
