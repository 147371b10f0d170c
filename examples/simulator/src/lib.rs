//! The provider on this machine.
//!
//! A faithful Visengine 2 with a wallet, a ledger of charges and faults on demand, so that a client can be
//! proved to pay once without paying anybody. Two ways to use it:
//!
//! - [`Engine`] is the provider as a value: the time is passed in, a call is [`SimRequest`] in and
//!   [`SimResponse`] out, and a clone is a snapshot. Tests that enumerate crash points drive it directly.

mod config;
mod delivery;
mod engine;
mod exchange;
mod faults;
mod ledger;
mod switches;
mod tamper;
mod view;
mod visengine;

pub use config::{Cancellation, Config, DEFAULT_TOKEN, ScopedToken, Stages};
pub use delivery::{Chunks, Stream};
pub use engine::{CallbackCall, Engine, Logged, Plan};
pub use exchange::{Exchange, Outcome, SimRequest, SimResponse};
pub use faults::{Call, Fault, Hostility, Rule};
pub use ledger::{Charge, ChargeKind};
pub use switches::{Echo, JsonVisura, Switches};
pub use view::{FieldSeen, SubmissionView};
pub use visengine::{body::FileSeen, submission::Status};
