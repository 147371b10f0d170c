//! The proof that a reference is paid once and never lost.
//!
//! The real machines of `sportello::flow`, driven by worlds that fail in every way: schedules of faults against the real journals
//! and the simulator, and a model that a checker explores.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a proof fails loudly"
)]

mod enumerate;
mod files;
pub mod model;
mod pair;
mod random;
mod relay;
mod world;

pub use enumerate::Tally;

/// Every schedule with up to `depth` faults, of every setup whose title holds `only`; one tally per setup.
#[must_use]
pub fn enumerate(depth: u32, only: &str, threads: usize) -> Vec<(String, Tally)> {
    let setups: Vec<_> = world::setups::all()
        .into_iter()
        .filter(|setup| setup.title().contains(only))
        .collect();
    enumerate::in_full(&setups, depth, threads)
}

/// Schedules of three faults, drawn from `seed`.
#[must_use]
pub fn sample(count: u64, seed: u64, threads: usize) -> Tally {
    enumerate::sampled(&world::setups::all(), count, seed, threads)
}

/// Two processes with one reference on one journal, stopped after any of their steps.
#[must_use]
pub fn pairs(threads: usize) -> Tally {
    let setups: Vec<_> = world::setups::all()
        .into_iter()
        .filter(|setup| setup.answers_again && world::setups::for_pairs(setup))
        .collect();
    pair::interleaved(&setups, threads)
}

/// Every fault at every step with SQLite on a real file, and `count` schedules of two faults.
#[must_use]
pub fn files(count: u64, seed: u64, threads: usize) -> Tally {
    files::on_files(&world::setups::all(), count, seed, threads)
}

/// `count` schedules with a journal in PostgreSQL; `None` where `SPORTELLO_TEST_POSTGRES` names no server, or the build has no such journal.
#[must_use]
pub fn postgres(count: u64, seed: u64) -> Option<Tally> {
    files::on_postgres(&world::setups::all(), count, seed)
}

/// A relay before the provider: one fault at every step of the caller's and at every moment of the relay's, in every setup whose title holds
/// `only`, and `count` schedules of two faults.
#[must_use]
pub fn relay(only: &str, count: u64, seed: u64, threads: usize) -> Tally {
    let setups: Vec<_> = world::setups::through_relay()
        .into_iter()
        .filter(|setup| setup.title().contains(only))
        .collect();
    relay::schedules::enumerated(&setups, count, seed, threads)
}
