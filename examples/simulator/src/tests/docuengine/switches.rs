//! Each thing the documents leave open, both ways.

use serde_json::{Value, json};

use super::{BILANCIO, CATASTALE, COMPANY, ESTRATTO, STATUTO, is, with};
use crate::{
    Config, Echo, JsonVisura, RepeatedCommit, Switches, UrllessCallback,
    tests::{Desk, refusal},
};

#[test]
fn search_may_merge_or_replace() {
    for (habit, kept) in [(JsonVisura::Merge, true), (JsonVisura::Replace, false)] {
        let mut desk = with(Switches {
            json_visura: habit,
            ..Switches::default()
        });
        let id = desk.opened(ESTRATTO, json!({"field0": "Chiara", "field1": "Prova"}));
        desk.patch(&id, json!({"search": {"field1": "Altra"}}));
        assert_eq!(desk.engine.request(&id).unwrap().field("field0").is_some(), kept);
        desk.patch(&id, json!({"search.field3": "a@example.com"}));
        assert_eq!(
            desk.engine.request(&id).unwrap().fields.len(),
            if kept { 3 } else { 2 }
        );
    }
}

#[test]
fn a_draft_may_echo_nothing_text_or_all() {
    let echoed = |echo| {
        let mut desk = with(Switches {
            echo,
            ..Switches::default()
        });
        let id = desk.opened(ESTRATTO, json!({"field0": "Chiara", "field4": "JVBERi0xLjQK"}));
        desk.shown(&id)["search"].clone()
    };
    assert_eq!(echoed(Echo::None), json!({}));
    assert_eq!(echoed(Echo::Text), json!({"field0": "Chiara"}));
    assert_eq!(
        echoed(Echo::All),
        json!({"field0": "Chiara", "field4": "JVBERi0xLjQK"})
    );
}

#[test]
fn callbacks_without_url_or_headers() {
    let opened = |callback_without_url, callback: Value| {
        let mut desk = with(Switches {
            callback_without_url,
            ..Switches::default()
        });
        desk.post(json!({"documentId": STATUTO, "state": "NEW", "callback": callback}))
    };
    let bare = json!({"data": {"n": 1}});
    let kept = opened(UrllessCallback::Kept, bare.clone()).value()["data"]["callback"].clone();
    assert_eq!(kept, json!({"data": {"n": 1}, "method": "POST", "headers": {}}));
    let dropped = opened(UrllessCallback::Dropped, bare.clone());
    assert_eq!(dropped.value()["data"]["callback"], Value::Null);
    let message = "object url not set in 'callback', required";
    is(&opened(UrllessCallback::Refused, bare.clone()), 428, 311, message);
    let mut strict = with(Switches {
        callback_needs_headers: true,
        ..Switches::default()
    });
    let refused = strict.post(json!({"documentId": STATUTO, "state": "NEW", "callback": bare}));
    is(
        &refused,
        428,
        311,
        "object headers not set in 'callback', required",
    );
    let id = strict.opened(STATUTO, json!({}));
    let edited = json!({"callback": {"headers": {}, "data": {"n": 2}}});
    assert_eq!(
        strict.patch(&id, edited).value()["data"]["callback"]["data"]["n"],
        2
    );
}

#[test]
fn a_bare_commit_may_be_refused() {
    let mut desk = with(Switches {
        refuse_bare_commit: true,
        ..Switches::default()
    });
    let id = desk.opened(STATUTO, json!({"field0": COMPANY}));
    is(
        &desk.closed(&id),
        400,
        300,
        "no fields were accepted, check the search object",
    );
    assert!(desk.engine.ledger().is_empty());
    let with_field = json!({"state": "SEARCH", "search.field0": COMPANY});
    assert_eq!(desk.patch(&id, with_field).status, 200);
}

#[test]
fn drafts_may_die_and_be_refused_empty() {
    let mut desk = with(Switches {
        draft_lifetime_ms: Some(60_000),
        refuse_empty_drafts: true,
        ..Switches::default()
    });
    let empty = desk.post(json!({"documentId": STATUTO, "state": "NEW"}));
    assert_eq!((refusal(&empty).0, refusal(&empty).1), (406, 205));
    let id = desk.opened(STATUTO, json!({"field0": COMPANY}));
    desk.now_ms += 60_000;
    let dead = desk.shown(&id);
    assert_eq!(dead["state"], "CANCELLED");
    let stamps = dead["timestamps"].as_object().unwrap();
    assert!(stamps.contains_key("NEW") && !stamps.contains_key("CANCELLED"));
    assert_eq!(refusal(&desk.closed(&id)).1, 213);
    assert!(desk.engine.ledger().is_empty());
}

#[test]
fn a_second_commit_has_three_answers_and_may_charge() {
    for (repeated_commit, racy_commit, status, charges) in [
        (RepeatedCommit::NoResults, false, 422, 1),
        (RepeatedCommit::NotAcceptable, false, 406, 1),
        (RepeatedCommit::Same, false, 200, 1),
        (RepeatedCommit::Same, true, 200, 2),
    ] {
        let mut desk = with(Switches {
            repeated_commit,
            racy_commit,
            ..Switches::default()
        });
        for document in [STATUTO, BILANCIO] {
            let id = desk.opened(document, json!({"field0": COMPANY}));
            desk.closed(&id);
            assert_eq!(desk.closed(&id).status, status);
            assert_eq!(desk.engine.charges(&id).len(), charges);
        }
    }
}

#[test]
fn credit_may_be_looked_at_when_the_draft_is_opened() {
    let mut desk = with(Switches {
        wallet_checked_at_commit: false,
        ..Switches::default()
    });
    desk.engine.set_wallet(489);
    let body = json!({"documentId": STATUTO, "state": "NEW", "search": {"field0": COMPANY}});
    assert_eq!(refusal(&desk.post(body)).1, 610);
    desk.engine.set_wallet(490);
    let id = desk.opened(STATUTO, json!({"field0": COMPANY}));
    desk.engine.set_wallet(90);
    assert_eq!(desk.closed(&id).status, 200);
    assert_eq!(desk.engine.wallet_cents(), -400);
    let at_once = json!({"documentId": STATUTO, "search": {"field0": COMPANY}});
    assert_eq!(refusal(&desk.post(at_once)).1, 610);
}

#[test]
fn results_may_wait_in_wait_and_an_empty_search_may_stay() {
    let mut desk = with(Switches {
        results_in_wait: true,
        empty_search_cancels: false,
        ..Switches::default()
    });
    let id = desk.opened(CATASTALE, json!({"field0": "OFFICINE"}));
    let nobody = desk.opened(CATASTALE, json!({"field0": "NESSUNO"}));
    desk.closed(&id);
    desk.closed(&nobody);
    desk.now_ms += 60_000;
    let found = desk.shown(&id);
    assert_eq!(found["state"], "WAIT");
    let nothing = desk.shown(&nobody);
    assert_eq!(
        (&nothing["state"], &nothing["results"]),
        (&json!("WAIT"), &json!([]))
    );
    let choice = json!({"resultId": found["results"][0]["id"]});
    assert_eq!(desk.patch(&id, choice).status, 200);
    desk.now_ms += 3_000;
    assert_eq!(desk.shown(&id)["state"], "DONE");
}

#[test]
fn a_choice_made_twice_may_charge_twice() {
    let mut desk = with(Switches {
        repeated_choice_charges: true,
        ..Switches::default()
    });
    let id = desk.opened(BILANCIO, json!({"field0": COMPANY}));
    desk.closed(&id);
    desk.now_ms += 1_000;
    let choice = json!({"resultId": desk.shown(&id)["results"][0]["id"]});
    for _ in 0..2 {
        assert_eq!(desk.patch(&id, choice.clone()).status, 200);
    }
    assert_eq!(desk.engine.charges(&id).len(), 3);
}

#[test]
fn loose_typing_says_the_same_in_other_types() {
    let mut desk = Desk::new(Config {
        loose: true,
        ..Config::default()
    });
    let entry = desk.get("/documents").value()["data"][0].clone();
    assert_eq!((&entry["isSync"], &entry["hasSearch"]), (&json!("0"), &json!(0)));
    let id = desk.delivered(STATUTO, json!({"field0": COMPANY}));
    let data = desk.shown(&id);
    assert_eq!(
        (&data["name"], &data["optionsPrice"]),
        (&json!("Statuto "), &json!("0.00"))
    );
    assert!(data["timestamps"]["DONE"].is_string());
    assert_eq!(data["search"], json!({"field0": COMPANY}));
    let files = desk.get(&format!("/requests/{id}/documents")).value();
    assert!(files["data"][0]["fileSize"].is_number() && files["data"][0]["urlExpire"].is_string());
    assert_eq!(desk.get("/requests/xyz").value()["error"], "222");
}
