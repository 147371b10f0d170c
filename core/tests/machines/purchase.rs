//! Choosing a result, and searching again: what is looked at before anything is paid.

use std::sync::Arc;

use serde_json::{Value, json};
use sportello::SportelloError;
use sportello::flow::{Event, Machine as _, Policy, PurchaseFlow, PurchasePlan, Wanted};
use sportello::http::Failure;
use sportello::journal::{Entry, PurchaseKind, PurchaseState, Recorded, Stage};
use sportello::model::ResultId;
use sportello::provider::docuengine::DocuEngine;
use sportello::provider::visengine::Visengine;

use super::support::*;

pub(super) fn choice() -> Wanted {
    Wanted::Choice(ResultId::new(format!("{ID}_0/1")))
}

pub(super) fn search_again(number: u32) -> Wanted {
    Wanted::Search {
        number,
        texts: map(&[("$0", "Altra")]),
        digest: "terms".to_owned(),
    }
}

pub(super) fn flow(wanted: Wanted, price: &str, policy: Policy, entry: Entry) -> PurchaseFlow {
    let plan = PurchasePlan {
        wanted,
        confirmed_price: price.parse().unwrap(),
        is_synchronous: false,
    };
    PurchaseFlow::new(Arc::new(Visengine), policy, plan, entry)
}

pub(super) fn run(wanted: Wanted, entry: Entry) -> Run<PurchaseFlow> {
    Run::start(flow(wanted, "8.00", policy(), entry), 1_000_000)
}

pub(super) fn with(kind: PurchaseKind, state: PurchaseState, sent_at: u64) -> Entry {
    let mut entry = entry();
    entry.set_purchase(purchase(kind, state, sent_at));
    entry
}

/// Before the first call: what one look shows, and what the machine does on it.
fn looks_and_sees(wanted: Wanted, price: &str, over: Value) -> Run<PurchaseFlow> {
    let mut run = Run::start(flow(wanted, price, policy(), entry()), 1_000_000);
    run.sends("get_submission");
    run.shows(over);
    run
}

#[test]
fn a_choice_is_journalled_before_it_is_sent_and_after_it_was_answered() {
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    let intended = run.records().purchase(PurchaseKind::Choice).unwrap().clone();
    assert_eq!(
        (
            intended.state,
            intended.sends,
            intended.ambiguous,
            intended.sent_at,
            intended.intended_at
        ),
        (PurchaseState::Sending, 1, false, 1_000_000, 1_000_000)
    );
    assert_eq!(
        (intended.id.as_str(), intended.result.as_deref()),
        (ID, Some(&*format!("{ID}_0/1")))
    );
    assert_eq!(intended.price.to_string(), "8.00");
    run.written().sends("choose");
    assert_eq!(run.timeout(), Some(60_000));
    run.shows(chosen(1));
    assert_eq!(
        run.records().purchase(PurchaseKind::Choice).unwrap().state,
        PurchaseState::Paid
    );
    run.written();
    let receipt = run.output();
    assert_eq!(receipt.entry.seq, 9);
    assert!(receipt.remote.as_ref().unwrap().chosen.is_some());
}

#[test]
fn a_search_is_journalled_with_how_many_there_were() {
    let mut run = looks_and_sees(search_again(2), "2.00", json!({}));
    let intended = run.records().purchase(PurchaseKind::Search(2)).unwrap();
    assert_eq!(
        (intended.searches_before, intended.digest.as_deref()),
        (Some(1), Some("terms"))
    );
    run.written().sends("add_search");
    // Found by its terms, whatever their case, among the new ones only.
    run.shows(json!({"ricerche": [search(0, "PROVA"), search(1, "ALTRA")]}));
    assert_eq!(
        run.records().purchase(PurchaseKind::Search(2)).unwrap().state,
        PurchaseState::Paid
    );
    run.written().output();

    let mut run = looks_and_sees(search_again(2), "2.00", json!({"ricerche": [search(0, "ALTRA")]}));
    run.written();
    // An old search of the same terms is not this one, and neither is a new one of others: a look must tell.
    run.shows(json!({"ricerche": [search(0, "ALTRA")]}))
        .sends("get_submission");
    let mut run = looks_and_sees(search_again(2), "2.00", json!({}));
    run.written();
    run.shows(json!({"ricerche": [search(0, "PROVA"), search(1, "ANOTHER")]}))
        .sends("get_submission");
}

#[test]
fn what_can_not_be_bought_is_refused_before_anything_is_sent() {
    let two = json!({"ricerche": [search(0, "A"), search(1, "B")]});
    let none = json!({"ricerche": [{"id_ricerca": "x_0", "stato_ricerca": "Ricerca evasa"}]});
    let other = Wanted::Choice(ResultId::new("5f/7"));
    for (wanted, price, over, code) in [
        (choice(), "8.00", json!({"state": 0}), "submission.not_committed"),
        (
            choice(),
            "8.00",
            json!({"stato_richiesta": "Annullata"}),
            "choice.not_needed",
        ),
        (choice(), "8.00", none, "choice.not_needed"),
        (other, "8.00", json!({}), "choice.unknown_result"),
        (choice(), "8.00", json!({"prezzo_visura": null}), "price.missing"),
        (choice(), "7.99", json!({}), "price.raised"),
        (
            search_again(2),
            "2.00",
            json!({"ricerca": false}),
            "search.not_allowed",
        ),
        (search_again(3), "2.00", json!({}), "search.number"),
        (search_again(1), "2.00", json!({"ricerche": []}), "search.number"),
        (search_again(1), "2.00", two, "search.number"),
        (search_again(2), "1.99", json!({}), "price.raised"),
        (
            search_again(2),
            "2.00",
            json!({"prezzo_ricerca": null}),
            "price.missing",
        ),
    ] {
        looks_and_sees(wanted, price, over).fails(code, "no");
    }
    // No more than was confirmed is no more than was confirmed.
    looks_and_sees(choice(), "8.01", json!({})).records();
    // A search that the office has given up can be followed by another, as far as the documents say.
    looks_and_sees(search_again(2), "2.00", json!({"stato_richiesta": "Annullata"})).records();
    let told = looks_and_sees(search_again(3), "2.00", json!({}));
    let detail = told
        .fails("search.number", "no")
        .details()
        .detail
        .clone()
        .unwrap();
    assert!(detail.contains("the next one is 2"), "{detail}");
    let told = looks_and_sees(search_again(1), "2.00", json!({"ricerche": []}));
    let detail = told
        .fails("search.number", "no")
        .details()
        .detail
        .clone()
        .unwrap();
    assert!(detail.contains("the next one is 1"), "{detail}");
}

#[test]
fn a_provider_without_another_search_is_not_asked_for_one() {
    let plan = PurchasePlan {
        wanted: search_again(2),
        confirmed_price: "2.00".parse().unwrap(),
        is_synchronous: false,
    };
    let machine = PurchaseFlow::new(Arc::new(DocuEngine), policy(), plan, entry());
    let mut run = Run::start(machine, 1_000_000);
    let body = json!({"data": {"id": ID, "documentId": SERVICE, "state": "DONE", "searchPrice": 2, "documentPrice": 8, "hasSearch": true,
        "results": [], "timestamps": {"SEARCH": 1, "DONE": 2}}, "success": true, "message": "", "error": null});
    run.answers(200, body.to_string());
    run.fails("search.not_allowed", "no");
}

#[test]
fn a_client_that_has_seen_a_provider_commit_by_itself_pays_no_more() {
    let tripped = policy();
    tripped.breaker.trip();
    assert!(tripped.breaker.is_tripped());
    let mut run = Run::start(flow(choice(), "8.00", tripped, entry()), 1_000_000);
    run.shows(json!({}));
    run.fails("submit.commits_stopped", "no");
}

#[test]
fn what_was_made_before_and_forgotten_is_written_down() {
    // The wanted result stands chosen: paid by a run that this journal has forgotten.
    let mut run = looks_and_sees(choice(), "8.00", chosen(1));
    assert_eq!(
        run.records().purchase(PurchaseKind::Choice).unwrap().state,
        PurchaseState::Paid
    );
    run.written().output();
    // Another one: the journal is asked once more before it is called another's.
    let mut run = looks_and_sees(choice(), "8.00", chosen(0));
    assert!(run.records().purchases.is_empty());
    run.written();
    run.fails("choice.already_made", "unknown");
    // As wanted, in a request that is open: nothing is believed.
    let mut over = chosen(1);
    over["state"] = json!(0);
    let mut run = looks_and_sees(choice(), "8.00", over);
    run.written();
    run.fails("submission.not_committed", "unknown");
    // So many searches as this would be the last of.
    let two = json!({"ricerche": [search(0, "A"), search(1, "B")]});
    let mut run = looks_and_sees(search_again(2), "2.00", two);
    run.written();
    run.fails("search.number", "unknown");
}

#[test]
fn the_journal_decides_where_a_run_begins() {
    let (kind, search) = (PurchaseKind::Choice, PurchaseKind::Search(2));
    for stage in [
        Stage::Intent,
        Stage::Draft,
        Stage::Committing,
        Stage::NeedsPerson,
        Stage::Refused,
    ] {
        let entry = Entry { stage, ..entry() };
        run(choice(), entry).fails("submission.not_committed", "no");
    }
    for stage in [Stage::Committed, Stage::Delivered, Stage::Cancelled] {
        run(choice(), Entry { stage, ..entry() }).sends("get_submission");
    }
    assert_eq!(
        run(choice(), with(kind, PurchaseState::Paid, 5))
            .output()
            .entry
            .seq,
        7
    );
    let other = Wanted::Choice(ResultId::new("5f/7"));
    run(other.clone(), with(kind, PurchaseState::Paid, 5)).fails("choice.already_made", "yes");
    run(other.clone(), with(kind, PurchaseState::Sending, 5)).fails("submit.reference_conflict", "unknown");
    run(other, with(kind, PurchaseState::Refused, 5)).sends("get_submission");
    let mut others = with(search, PurchaseState::Paid, 5);
    others.purchases[0].digest = Some("other terms".to_owned());
    run(search_again(2), others).fails("submit.reference_conflict", "yes");
    run(search_again(2), with(search, PurchaseState::Paid, 5)).output();
    // Without an id there is nothing to look at.
    run(choice(), Entry { id: None, ..entry() }).fails("internal", "no");
}

#[test]
fn the_journal_may_fail() {
    // Before the call: nothing was sent.
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    run.disk_is_full().fails("journal.full", "no");
    // After it: what was learned is said.
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    run.written()
        .shows(chosen(1))
        .disk_is_full()
        .fails("journal.full", "yes");
    // Before it is sent again: what an earlier send may have done.
    let mut run = again_after_an_open_look();
    run.disk_is_full().fails("journal.full", "unknown");
}

/// A choice that was sent, was not answered and had no effect; it is to be journalled again.
pub(super) fn again_after_an_open_look() -> Run<PurchaseFlow> {
    let mut run = run(
        choice(),
        with(PurchaseKind::Choice, PurchaseState::Sending, 500_000),
    );
    run.sends("get_submission");
    // The quiet period is over: the first look is believed only when it says "done", the second whatever it says.
    run.shows(json!({})).sends("get_submission");
    run.shows(json!({}));
    run
}

#[test]
fn somebody_else_may_write_first_and_often() {
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    for _ in 0..16 {
        run.conflicts_with(entry()).sends("get_submission");
        run.shows(json!({}));
    }
    run.conflicts_with(entry()).fails("submit.outcome_unknown", "no");
    // What they wrote counts.
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    run.conflicts_with(with(PurchaseKind::Choice, PurchaseState::Paid, 5))
        .output();
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    run.on(Event::Recorded(Recorded::Conflict(None)))
        .fails("submit.outcome_unknown", "no");
}

#[test]
fn a_journal_that_is_slow_is_asked_again_and_at_last_given_up() {
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    for round in 1..=3u64 {
        // More than half of the time limit has gone.
        run.at(1_000_000 + round * 30_001).written();
        let purchase = run.records().purchase(PurchaseKind::Choice).unwrap();
        assert_eq!((purchase.sent_at, purchase.sends), (run.now, 1));
    }
    run.at(2_000_000)
        .written()
        .fails("submit.outcome_unknown", "unknown");
    // In time, and what is left of it.
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    run.at(1_030_000).written().sends("choose");
    assert_eq!(run.timeout(), Some(30_000));
}

#[test]
fn events_out_of_turn_are_errors_and_giving_up_is_not() {
    let mut machine = flow(choice(), "8.00", policy(), entry());
    assert!(machine.advance(0, Event::Elapsed).is_err());
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    run.written();
    run.on(Event::Cancelled).fails("call.cancelled", "unknown");
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    assert!(run.machine.advance(0, Event::Failed(Failure::Timeout)).is_err());
    let foreign = SportelloError::foreign("x", true, "x");
    let mut run = looks_and_sees(choice(), "8.00", json!({}));
    run.written();
    assert!(run.machine.advance(0, Event::RecordFailed(foreign)).is_err());
}
