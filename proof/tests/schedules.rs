//! A part of the enumeration, small enough for every day; `cargo xtask prove` runs all of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use sportello_proof::Tally;

const SEED: u64 = 20_261_123;

fn hold(name: &str, tally: &Tally, at_least: u64) {
    println!("{name}: {}", tally.line());
    for reason in tally.reasons() {
        println!("  beyond any client: {reason}");
    }
    assert_eq!(tally.losses, 0, "{}", tally.broken.join("\n\n"));
    assert_eq!(tally.worst, 1, "{name}");
    assert!(tally.schedules >= at_least, "{name}: only {}", tally.schedules);
}

fn total(tallies: Vec<(String, Tally)>) -> Tally {
    let mut total = Tally::default();
    for (_, tally) in tallies {
        total.add(tally);
    }
    total
}

/// Every step of every setup, failed in every way.
#[test]
fn every_step_may_fail_in_every_way() {
    hold("one fault", &total(sportello_proof::enumerate(1, "", 2)), 7_000);
}

/// A fault, and then another in its recovery, in full where a run is short.
#[test]
fn every_step_of_the_recovery_of_a_purchase_may_fail_as_well() {
    hold(
        "two faults, a choice",
        &total(sportello_proof::enumerate(2, "Choice", 2)),
        2_000,
    );
    hold(
        "two faults, a search",
        &total(sportello_proof::enumerate(2, "Search", 2)),
        1_000,
    );
}

#[test]
fn three_faults_drawn_at_random() {
    hold("three faults", &sportello_proof::sample(1_500, SEED, 2), 1_500);
}

/// Every write to a real file is cut in six ways, among other things.
#[test]
fn a_journal_on_a_real_file() {
    hold("SQLite on a file", &sportello_proof::files(20, SEED, 2), 400);
}

/// A real relay before the provider: a fault at every step of the caller's, and at every moment of the relay's.
#[test]
fn a_relay_between_caller_and_provider() {
    let only = "relay before Visengine, Submit: friendliest, answers given again";
    hold("a relay", &sportello_proof::relay(only, 100, SEED, 2), 350);
}
