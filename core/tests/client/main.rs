//! The client against the simulator: the story, what a caller decides, and everything that goes wrong. A clear error, at most one charge, nothing lost.
#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod book;
mod both;
mod callbacks;
mod cancel;
mod clock;
mod faults;
mod kept;
mod links;
mod oauth;
mod searches;
mod story;
mod support;
