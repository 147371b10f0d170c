//! The model of the protocol: it holds, and it has teeth.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use sportello_proof::model::{self, PAID_ONCE, Rule};

#[test]
fn with_every_rule_kept_nothing_is_broken() {
    // The first are the small ones; `cargo xtask prove` explores them all.
    for explored in model::kept(true, 2).take(3) {
        println!(
            "{}: {} states, {} deep",
            explored.name, explored.states, explored.depth
        );
        assert!(
            explored.broken.is_empty(),
            "{}: {}",
            explored.name,
            explored.broken.join("\n")
        );
        assert!(
            explored.states > 300,
            "{}: only {}",
            explored.name,
            explored.states
        );
    }
}

fn bites(rule: Rule) {
    let explored = model::without(rule, 2);
    println!(
        "{}: {} states; {}",
        explored.name,
        explored.states,
        explored.broken.join("\n")
    );
    assert!(explored.breaks(PAID_ONCE), "nobody misses {rule:?}");
}

#[test]
fn an_opening_that_commits_pays_twice() {
    bites(Rule::OpeningIsFree);
}

#[test]
fn a_commit_before_the_binding_is_durable_pays_twice() {
    bites(Rule::BoundBeforeCommit);
}

#[test]
fn another_draft_after_an_ambiguous_answer_pays_twice() {
    bites(Rule::OneDraft);
}

#[test]
fn no_quiet_period_pays_twice_where_the_server_is_not_atomic() {
    bites(Rule::QuietPeriod);
}

#[test]
fn a_search_that_is_sent_again_pays_twice() {
    bites(Rule::SearchOnce);
}

/// What is said of the assumption is true: without it the invariant does not hold, whatever a client does.
#[test]
fn a_duplicated_commit_pays_twice_where_the_server_is_not_atomic() {
    assert!(model::beyond_any_client(2).breaks(PAID_ONCE));
}
