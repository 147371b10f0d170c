//! Watching: its rhythm, what it journals, where it ends.

use std::sync::Arc;

use serde_json::{Value, json};
use sportello::flow::{Event, Machine as _, Policy, WaitReason, WatchFlow, WatchPolicy};
use sportello::http::Failure;
use sportello::journal::{Entry, PurchaseKind, PurchaseState, Recorded, Stage};
use sportello::model::{Progress, delivery_estimate};
use sportello::provider::visengine::Visengine;

use super::support::*;

/// A Wednesday at noon in Rome, in milliseconds.
const NOON: u64 = 1_763_550_000_000;
const HOUR: u64 = 3_600_000;

fn rhythm() -> WatchPolicy {
    WatchPolicy {
        first_ms: 1_000,
        growth_percent: 200,
        cap_ms: 5_000,
        far_cap_ms: 7_000,
    }
}

fn watch(entry: Entry) -> Run<WatchFlow> {
    Run::start(
        WatchFlow::new(Arc::new(Visengine), policy(), rhythm(), entry),
        NOON,
    )
}

fn once(entry: Entry) -> Run<WatchFlow> {
    Run::start(WatchFlow::once(Arc::new(Visengine), policy(), entry), NOON)
}

/// The office is at work, and nothing is to be chosen.
fn at_work() -> Value {
    json!({"ricerca": false, "stato_richiesta": "In erogazione"})
}

fn waited(run: &mut Run<WatchFlow>, over: Value) -> u64 {
    run.sends("get_submission");
    run.shows(over);
    let waited = run.waits(WaitReason::Watching);
    run.on(Event::Elapsed);
    waited
}

#[test]
fn it_looks_more_slowly_the_longer_nothing_changes_and_quickly_again_after_a_change() {
    let mut run = watch(entry());
    let waits: Vec<u64> = (0..5).map(|_| waited(&mut run, at_work())).collect();
    assert_eq!(waits, [1_000, 2_000, 4_000, 5_000, 5_000]);
    let other = json!({"ricerca": false, "stato_richiesta": "In ricerca"});
    assert_eq!(waited(&mut run, other), 1_000);
    // The same progress in other words is a change too.
    let words = json!({"ricerca": false, "stato_richiesta": "IN RICERCA"});
    assert_eq!(waited(&mut run, words), 1_000);
}

#[test]
fn an_update_is_given_once_and_only_when_something_changed() {
    let mut run = watch(entry());
    assert!(run.machine.take_update().is_none());
    run.shows(at_work());
    let update = run.machine.take_update().unwrap();
    assert_eq!((update.reference.as_str(), update.seen_at), ("story", NOON));
    assert_eq!(update.remote.progress, Progress::Processing);
    assert!(run.machine.take_update().is_none());
    run.on(Event::Elapsed).shows(at_work());
    assert!(run.machine.take_update().is_none());
    run.on(Event::Elapsed).shows(json!({"ricerca": false}));
    // Not taken, and seen again: it is still news.
    run.on(Event::Elapsed).shows(json!({"ricerca": false}));
    assert_eq!(
        run.machine.take_update().unwrap().remote.progress,
        Progress::Searching
    );
}

#[test]
fn before_and_after_the_office_is_expected_to_be_done_it_looks_less_often() {
    let mut paid = entry();
    paid.set_purchase(purchase(PurchaseKind::Submit, PurchaseState::Paid, NOON));
    paid.set_purchase(purchase(
        PurchaseKind::Choice,
        PurchaseState::Sending,
        NOON + 9 * HOUR,
    ));
    let expected = delivery_estimate(NOON);
    let last_wait = |now: u64, paid: &Entry| {
        let mut run = watch(paid.clone());
        run.at(now);
        let waits: Vec<u64> = (0..6).map(|_| waited(&mut run, at_work())).collect();
        (waits[5], run)
    };
    let (wait, mut run) = last_wait(NOON, &paid);
    assert_eq!(wait, 7_000);
    // Counted from what was paid last; what may have been paid is not.
    run.shows(json!({"ricerca": false}));
    assert_eq!(run.machine.take_update().unwrap().expected, Some(expected));
    // Not past the moment from which on the documents may come, and no less than usual.
    assert_eq!(last_wait(expected.earliest - 6_000, &paid).0, 6_000);
    assert_eq!(last_wait(expected.earliest - 10, &paid).0, 5_000);
    for within in [expected.earliest, expected.latest] {
        assert_eq!(last_wait(within, &paid).0, 5_000);
    }
    assert_eq!(last_wait(expected.latest + 1, &paid).0, 7_000);
    // Nothing was paid that anybody knows of: nothing is expected.
    let (wait, mut run) = last_wait(NOON, &entry());
    assert_eq!(wait, 5_000);
    assert!(run.machine.take_update().unwrap().expected.is_none());
    // Nor of an office that is not at work.
    let mut run = watch(paid);
    run.shows(json!({}));
    assert!(run.output().expected.is_none());
}

#[test]
fn it_ends_where_there_is_something_to_be_done_or_nothing_will_come() {
    let none = json!({"ricerche": [{"id_ricerca": "x_0", "stato_ricerca": "Ricerca evasa"}]});
    for (over, progress) in [(json!({}), Progress::ChoiceNeeded), (none, Progress::NoResults)] {
        let mut run = watch(entry());
        run.shows(over);
        assert_eq!(run.output().remote.progress, progress);
    }
    for (status, stage) in [
        ("Visura evasa", Stage::Delivered),
        ("Annullata", Stage::Cancelled),
    ] {
        let over = json!({"ricerca": false, "stato_richiesta": status});
        let mut run = watch(entry());
        run.shows(over.clone());
        assert_eq!((run.records().stage, run.records().seq), (stage, 8));
        run.written().output();
        // What the journal knows is not written again.
        let mut run = watch(Entry { stage, ..entry() });
        run.shows(over);
        run.output();
    }
    // A single look ends with whatever it shows; a state that nobody knows is no end of a watch.
    let mut run = once(entry());
    run.shows(at_work());
    assert_eq!(run.output().remote.progress, Progress::Processing);
    let mut run = watch(entry());
    waited(
        &mut run,
        json!({"ricerca": false, "stato_richiesta": "In attesa di firma"}),
    );
}

#[test]
fn what_was_seen_is_true_whoever_wrote_it_down() {
    let delivered = || {
        let mut run = watch(entry());
        run.shows(json!({"ricerca": false, "stato_richiesta": "Visura evasa"}));
        run
    };
    let other = Entry { seq: 20, ..entry() };
    delivered().conflicts_with(other).output();
    delivered().on(Event::Recorded(Recorded::Conflict(None))).output();
    let reference = "other".to_owned();
    delivered()
        .on(Event::Recorded(Recorded::Duplicate { reference }))
        .output();
    delivered().disk_is_full().fails("journal.full", "no");
}

#[test]
fn only_what_was_handed_in_is_watched_and_anything_may_be_looked_at() {
    for stage in [Stage::Intent, Stage::Draft, Stage::Committing, Stage::NeedsPerson] {
        watch(Entry { stage, ..entry() }).fails("submission.not_committed", "no");
        once(Entry { stage, ..entry() }).sends("get_submission");
    }
    for stage in [Stage::Committed, Stage::Delivered, Stage::Cancelled] {
        watch(Entry { stage, ..entry() }).sends("get_submission");
    }
    once(Entry { id: None, ..entry() }).fails("submission.not_committed", "no");
    // A draft that is delivered, as far as one look shows, is not journalled as such.
    let mut run = once(Entry {
        stage: Stage::Draft,
        ..entry()
    });
    run.shows(json!({"ricerca": false, "stato_richiesta": "Visura evasa"}));
    run.output();
}

#[test]
fn a_provider_that_is_out_of_order_ends_a_single_look_and_no_watch() {
    let mut run = watch(entry());
    run.never_gets_through();
    run.waits(WaitReason::Watching);
    run.on(Event::Elapsed).sends("get_submission");
    // Unreadable, or said to be out of order: the same.
    for (status, body) in [(200, "{"), (503, "<html>")] {
        let mut run = watch(entry());
        run.answers(status, body);
        run.waits(WaitReason::Retry);
        run.on(Event::Elapsed).answers(status, body);
        run.waits(WaitReason::Watching);
    }
    let mut run = once(entry());
    run.never_gets_through();
    run.fails("network.unreachable", "no");
    // What no patience helps ends both.
    let mut run = watch(entry());
    run.refuses(404, 202).fails("provider.not_found", "no");
    let mut run = once(entry());
    run.refuses(404, 202).fails("provider.not_found", "no");
    let mut run = watch(entry());
    run.on(Event::Failed(Failure::Tls)).fails("network.tls", "no");
}

#[test]
fn events_out_of_turn_are_errors_and_giving_up_is_not() {
    let mut machine = WatchFlow::new(Arc::new(Visengine), policy(), rhythm(), entry());
    assert!(machine.advance(0, Event::Elapsed).is_err());
    let mut run = watch(entry());
    run.on(Event::Cancelled).fails("call.cancelled", "no");
    assert!(run.machine.advance(0, Event::Started).is_err());
}

#[test]
fn every_look_has_waits_of_its_own() {
    let many = Policy::default();
    let mut run = Run::start(WatchFlow::new(Arc::new(Visengine), many, rhythm(), entry()), NOON);
    let first = run.never_gets_through();
    run.on(Event::Elapsed);
    assert_ne!(first, run.never_gets_through());
}
