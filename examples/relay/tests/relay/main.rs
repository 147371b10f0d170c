//! The relay over real HTTP, with the simulator behind it: the story through the same client, and callers who mean harm.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod host;
mod hostile;
mod limits;
mod money;
mod restart;
mod story;
mod support;
mod tiny_host;
mod uploads;
