//! The pure machines, step by step: what each does on every event, what it journals before it, and what it says at the end.
//!
//! `vectors/flow` has the stories of handing in; here are the other machines, and what a story can't say. Every small change to the machines
//! must be noticed by one of these (`cargo xtask mutants`).
#![cfg(feature = "flow")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod fetch;
mod free;
mod purchase;
mod settling;
mod submit;
mod support;
mod watch;
