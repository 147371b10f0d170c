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
mod random;
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
