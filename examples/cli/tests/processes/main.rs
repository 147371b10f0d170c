//! Real processes: the command is killed, doubled, cut off and refused in the middle; each reference is charged once and nothing is lost.
//!
//! `SPORTELLO_PROVE_KILLS`, `_PAIRS`, `_TOKENS` say how many rounds, `_SEED` repeats a run. Lines that begin with `proof:` are what
//! `cargo xtask prove` reads.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod faults;
mod kills;
mod support;
mod tokens;
