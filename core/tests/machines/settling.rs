//! Choosing and searching again: what an answer to the paid call means, and no answer.

use serde_json::{Value, json};
use sportello::flow::{Event, Policy, PurchaseFlow, WaitReason};
use sportello::http::Failure;
use sportello::journal::{PurchaseKind, PurchaseState};

use super::purchase::{again_after_an_open_look, choice, flow, run, search_again, with};
use super::support::*;

/// The paid call was sent.
fn paying(policy: Policy) -> Run<PurchaseFlow> {
    let mut run = Run::start(flow(choice(), "8.00", policy, entry()), 1_000_000);
    run.shows(json!({})).written();
    run.sends("choose");
    run
}

fn renewing() -> Policy {
    Policy {
        renewable_token: true,
        ..policy()
    }
}

#[track_caller]
fn is_refused(run: &mut Run<PurchaseFlow>, code: &str, api_code: Option<u32>) {
    let refused = run.records().purchase(PurchaseKind::Choice).unwrap();
    assert_eq!(
        (refused.state, refused.refused_with),
        (PurchaseState::Refused, api_code)
    );
    run.written().fails(code, "no");
}

#[test]
fn a_listed_no_is_a_no() {
    let mut run = paying(policy());
    is_refused(run.refuses(402, 237), "submit.credit_insufficient", Some(237));
    let mut run = paying(policy());
    let mut refused = run.refuses(402, 237);
    refused = refused.written();
    assert_eq!(
        refused
            .fails("submit.credit_insufficient", "no")
            .details()
            .api_code,
        Some(237)
    );
}

#[test]
fn a_request_that_never_left_is_a_no_and_one_that_may_have_is_none() {
    for failure in [Failure::Unreachable, Failure::NoToken] {
        let mut run = paying(policy());
        run.on(Event::Failed(failure));
        let refused = run.records().purchase(PurchaseKind::Choice).unwrap();
        assert_eq!(refused.state, PurchaseState::Refused);
    }
    for failure in [Failure::Timeout, Failure::Interrupted] {
        let mut run = paying(policy());
        run.on(Event::Failed(failure)).sends("get_submission");
    }
}

#[test]
fn what_nobody_lists_says_nothing() {
    for (status, code) in [(409, 555), (500, 1), (400, 239)] {
        let mut run = paying(policy());
        run.refuses(status, code).sends("get_submission");
        run.shows(chosen(1));
        let paid = run.records().purchase(PurchaseKind::Choice).unwrap();
        assert_eq!(paid.state, PurchaseState::Paid);
    }
    // "Fine", and not chosen.
    paying(policy()).shows(json!({})).sends("get_submission");
}

#[test]
fn nothing_to_choose_from_is_believed_after_a_look_only() {
    let mut run = paying(policy());
    run.refuses(409, 230).sends("get_submission");
    run.shows(chosen(1));
    assert_eq!(
        run.records().purchase(PurchaseKind::Choice).unwrap().state,
        PurchaseState::Paid
    );
    let mut run = paying(policy());
    run.refuses(409, 230).shows(json!({}));
    is_refused(&mut run, "choice.not_needed", Some(230));
    // A look that fails tells nothing, so the quiet period decides.
    let mut run = paying(policy());
    run.refuses(409, 230).never_gets_through();
    assert_eq!(run.waits(WaitReason::QuietPeriod), 120_000);
}

#[test]
fn a_token_that_ended_is_renewed_once() {
    let mut run = paying(renewing());
    run.refuses(401, 401);
    let refused = run.records().purchase(PurchaseKind::Choice).unwrap();
    assert_eq!(refused.state, PurchaseState::Refused);
    run.written().sends("get_submission");
    run.shows(json!({}));
    let again = run.records().purchase(PurchaseKind::Choice).unwrap();
    assert_eq!((again.sends, again.ambiguous), (2, false));
    run.written().sends("choose");
    is_refused(run.refuses(401, 401), "auth.token_rejected", Some(401));
    // A token that can't be renewed; a refusal that is not the token's.
    is_refused(
        paying(policy()).refuses(401, 401),
        "auth.token_rejected",
        Some(401),
    );
    is_refused(
        paying(renewing()).refuses(402, 237),
        "submit.credit_insufficient",
        Some(237),
    );
}

#[test]
fn after_a_send_without_an_answer_a_no_may_be_the_word_of_its_success() {
    for (status, code) in [(409, 230), (402, 237), (401, 401)] {
        let mut run = again_after_an_open_look();
        let again = run.records().purchase(PurchaseKind::Choice).unwrap();
        assert_eq!(
            (again.sends, again.ambiguous, again.sent_at),
            (2, true, 1_000_000)
        );
        run.written().sends("choose");
        run.refuses(status, code).sends("get_submission");
        run.shows(json!({}));
        // Not there yet, which is no proof.
        assert_eq!(run.waits(WaitReason::QuietPeriod), 120_000);
    }
}

#[test]
fn what_was_ambiguous_once_stays_so() {
    let mut entry = with(PurchaseKind::Choice, PurchaseState::Refused, 500_000);
    entry.purchases[0].ambiguous = true;
    let mut run = run(choice(), entry);
    run.shows(json!({}));
    assert!(run.records().purchase(PurchaseKind::Choice).unwrap().ambiguous);
}

#[test]
fn a_choice_without_an_effect_is_sent_again_and_no_more_than_three_times_in_a_run() {
    let mut run = paying(policy());
    for send in 2..=3u32 {
        run.on(Event::Failed(Failure::Timeout)).shows(json!({}));
        let left = run.waits(WaitReason::QuietPeriod);
        let end = run.now + left;
        run.at(end).on(Event::Elapsed).sends("get_submission");
        run.shows(json!({}));
        assert_eq!(run.records().purchase(PurchaseKind::Choice).unwrap().sends, send);
        run.written().sends("choose");
    }
    run.on(Event::Failed(Failure::Timeout)).shows(json!({}));
    let end = run.now + run.waits(WaitReason::QuietPeriod);
    run.at(end).on(Event::Elapsed).shows(json!({}));
    run.fails("submit.outcome_unknown", "unknown");
}

#[test]
fn a_wait_that_ends_early_goes_on() {
    let mut run = paying(policy());
    run.on(Event::Failed(Failure::Timeout)).shows(json!({}));
    run.at(1_000_000 + 119_000).on(Event::Elapsed);
    assert_eq!(run.waits(WaitReason::QuietPeriod), 1_000);
}

/// After the quiet period, this shows.
fn after_the_quiet_period(mut run: Run<PurchaseFlow>, over: Value) -> Run<PurchaseFlow> {
    run.sends("get_submission");
    run.shows(json!({})).sends("get_submission");
    run.shows(over);
    run
}

#[test]
fn after_the_quiet_period_what_is_seen_is_what_happened() {
    let sent = |kind| with(kind, PurchaseState::Sending, 500_000);
    let chosen_other = after_the_quiet_period(run(choice(), sent(PurchaseKind::Choice)), chosen(0));
    assert_eq!(
        chosen_other
            .records()
            .purchase(PurchaseKind::Choice)
            .unwrap()
            .state,
        PurchaseState::Unknown
    );
    let mut run_on = chosen_other;
    run_on.written().fails("submit.needs_person", "unknown");
    // Given up by the office, or open to be chosen for more than was confirmed: nothing can come of it any more.
    let given_up = json!({"stato_richiesta": "Annullata"});
    let mut over = after_the_quiet_period(run(choice(), sent(PurchaseKind::Choice)), given_up);
    is_refused(&mut over, "choice.not_needed", None);
    let dearer = json!({"prezzo_visura": 9});
    after_the_quiet_period(run(choice(), sent(PurchaseKind::Choice)), dearer)
        .fails("price.raised", "unknown");
    // A search is never sent again by itself.
    let mut lost = after_the_quiet_period(run(search_again(2), sent(PurchaseKind::Search(2))), json!({}));
    assert_eq!(
        lost.records().purchase(PurchaseKind::Search(2)).unwrap().state,
        PurchaseState::Unknown
    );
    lost.written().fails("submit.needs_person", "unknown");
    let two = json!({"ricerche": [search(0, "PROVA"), search(1, "ALTRA")]});
    let mut found = after_the_quiet_period(run(search_again(2), sent(PurchaseKind::Search(2))), two);
    found.written().output();
    // It can't be seen: asked again later.
    let mut blind = run(choice(), sent(PurchaseKind::Choice));
    blind.never_gets_through();
    blind.never_gets_through();
    let told = blind.fails("submit.outcome_unknown", "unknown");
    assert_eq!(told.details().detail.as_deref(), Some("network.unreachable"));
}

#[test]
fn what_a_person_was_called_for_may_have_settled() {
    let unknown = || with(PurchaseKind::Choice, PurchaseState::Unknown, 500_000);
    let mut settled = run(choice(), unknown());
    settled.shows(chosen(1)).written().output();
    let mut still = run(choice(), unknown());
    still.shows(json!({})).fails("submit.needs_person", "unknown");
    let mut blind = run(choice(), unknown());
    blind.never_gets_through();
    blind.fails("network.unreachable", "unknown");
}

#[test]
fn every_look_of_a_run_has_waits_of_its_own() {
    for seed in [0, 3] {
        let many = Policy {
            seed,
            ..Policy::default()
        };
        let entry = with(PurchaseKind::Choice, PurchaseState::Sending, 500_000);
        let mut run = Run::start(flow(choice(), "8.00", many, entry), 1_000_000);
        let (first, second) = (run.never_gets_through(), run.never_gets_through());
        assert_ne!(first, second);
    }
}
