//! The verbs, through the core's client.
//!
//! A call whose caller goes away stops waiting; what may pay goes on in a task of the library's, and is found under its reference.

mod cancel;
mod delivery;
mod settings;
mod verbs;
mod watch;

pub use cancel::CancelHandle;
pub use delivery::{DeliveredFile, Delivery};
pub use settings::{ApiEnvironment, ClientSettings, DirectProvider};
pub use watch::Watch;

use sportello::client::Client as Core;

/// Hands in requests and brings the documents back. Safe to share between threads; make one and keep it.
#[derive(uniffi::Object)]
pub struct Client {
    core: Core,
    stop: cancel::Stop,
}
