//! One free call: what is repeated, what is said when it is not.

use std::sync::Arc;

use serde_json::json;
use sportello::flow::{Event, FreeFlow, Machine as _, Policy, RetryBudget, WaitReason};
use sportello::http::{Failure, HttpResponse};
use sportello::provider::Provider as _;
use sportello::provider::visengine::Visengine;

use super::support::*;

fn look(policy: Policy) -> Run<FreeFlow<usize>> {
    let request = Visengine.list_services();
    let read = |provider: &dyn sportello::provider::Provider,
                _: &sportello::http::HttpRequest,
                response: &HttpResponse| { Ok(provider.read_services(response)?.len()) };
    Run::start(FreeFlow::new(Arc::new(Visengine), policy, request, read), 0)
}

#[test]
fn what_may_be_better_next_time_is_asked_for_again() {
    for (status, body, code) in [
        (503, "<html>", "provider.unavailable"),
        (429, "<html>", "provider.rate_limited"),
        (200, "{", "answer.unreadable"),
    ] {
        let mut run = look(policy());
        run.answers(status, body);
        run.waits(WaitReason::Retry);
        run.on(Event::Elapsed).sends("list_services");
        run.answers(status, body);
        run.fails(code, "no");
    }
    let mut run = look(policy());
    run.refuses(403, 403).fails("auth.forbidden", "no");
    let mut run = look(policy());
    run.on(Event::Failed(Failure::Tls)).fails("network.tls", "no");
    let list = json!({"data": [], "success": true, "message": "", "error": null}).to_string();
    let mut run = look(policy());
    run.answers(503, "").on(Event::Elapsed).answers(200, list);
    assert_eq!(*run.output(), 0);
}

#[test]
fn a_wait_that_the_provider_names_is_waited_and_one_that_is_too_long_ends_the_call() {
    let after = |seconds: &str| {
        let mut run = look(policy());
        run.on(Event::Responded(HttpResponse {
            status: 429,
            headers: vec![("retry-after".to_owned(), seconds.to_owned())],
            ..HttpResponse::default()
        }));
        run
    };
    let wait = after("60").waits(WaitReason::Retry);
    // And up to an eighth of a second beside it, so that not all come back at once.
    assert!((60_000..=60_125).contains(&wait), "{wait}");
    after("61").fails("provider.rate_limited", "no");
}

#[test]
fn calls_spend_from_one_budget_and_give_back() {
    let policy = policy();
    let budget = policy.budget.clone();
    let mut run = look(policy.clone());
    run.on(Event::Failed(Failure::Timeout));
    assert_eq!(budget.left(), RetryBudget::FULL - 10);
    run.on(Event::Elapsed)
        .answers(200, json!({"data": [], "success": true}).to_string());
    assert_eq!(budget.left(), RetryBudget::FULL - 9);
    let mut run = look(policy);
    run.on(Event::Failed(Failure::Unreachable));
    assert_eq!(budget.left(), RetryBudget::FULL - 14);
}

#[test]
fn a_fork_shares_nothing_with_what_it_was_forked_from() {
    use super::purchase::{choice, flow};
    let policy = policy();
    let (budget, breaker) = (policy.budget.clone(), policy.breaker.clone());
    let mut first = Run::start(flow(choice(), "8.00", policy, entry()), 0);
    let mut fork = first.machine.fork();
    fork.advance(0, Event::Failed(Failure::Unreachable)).unwrap();
    assert_eq!(budget.left(), RetryBudget::FULL);
    breaker.trip();
    first.shows(json!({}));
    first.fails("submit.commits_stopped", "no");
    fork.advance(0, Event::Elapsed).unwrap();
    let answer = HttpResponse {
        status: 200,
        body: submission(json!({})).into_bytes(),
        ..HttpResponse::default()
    };
    let step = fork.advance(0, Event::Responded(answer)).unwrap();
    assert!(matches!(step, sportello::flow::Step::Record { .. }), "{step}");
}

#[test]
fn events_have_their_turn() {
    let mut run = look(policy());
    assert!(run.machine.advance(0, Event::Elapsed).is_err());
    let mut run = look(policy());
    run.on(Event::Cancelled).fails("call.cancelled", "no");
}
