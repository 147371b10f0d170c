//! The provider on this machine.
//!
//! A faithful Visengine 2, DocuEngine and OAuth v2 with one wallet, a ledger of charges and faults on demand,
//! so that a client can be proved to pay once without paying anybody. Their paths don't collide, so one
//! address serves all three. There are two ways to use it.
//!
//! [`Engine`] is the provider as a value. The time is passed in, a call is a [`SimRequest`] in and a
//! [`SimResponse`] out, and a clone is a snapshot. [`Engine::exchange`] is a call over a wire that fails as
//! the [`Rule`]s say: its [`Outcome`] is an answer, part of one, or a connection cut before or after the
//! effect. Tests that enumerate crash points drive it directly.
//!
//! [`Simulator`] is the same engine behind a socket on 127.0.0.1, with a clock that can be sped up. Cut
//! connections are really reset, callbacks are really sent (to this machine only), large deliveries are made
//! while they are sent. DocuEngine's deliveries lie at a second address ([`Simulator::storage_url`]): another
//! origin, which the token must never reach, and which notes whether it did ([`Simulator::storage_log`]).
//!
//! # Who may call
//!
//! [`DEFAULT_TOKEN`] does everything on Visengine and DocuEngine. OAuth's calls want Basic credentials,
//! [`DEFAULT_ACCOUNT_EMAIL`] and [`DEFAULT_API_KEY`]; a token issued by `POST /tokens` works for its scopes,
//! until it expires by the engine's clock or is deleted, and within its `limits`. A paid call over a limit is
//! refused before it has any effect, with 403 and code 403: that shape is invented.
//!
//! # The page and the controls
//!
//! `GET /` is a page for people: requests, their states, the ledger. For tests in other processes there are
//! controls, which ask for no token and answer only callers on this machine that are not web pages:
//!
//! | call | body | does |
//! |---|---|---|
//! | `GET /_simulator/ledger` | | `{"wallet_cents":…,"charges":[…]}` |
//! | `GET /_simulator/log` | | every call seen: its API, its status, whether an `Authorization` header came |
//! | `POST /_simulator/faults` | a [`Rule`] or a list of them | adds them |
//! | `DELETE /_simulator/faults` | | takes all away |
//! | `GET /_simulator/switches` | | the [`Switches`] in force |
//! | `POST /_simulator/switches` | some members of [`Switches`] | changes those |
//! | `POST /_simulator/wallet` | `{"cents":1900}` | sets the wallet |
//! | `POST /_simulator/clock` | `{"skip_ms":60000}` | puts the clock forward |
//! | `POST /_simulator/tokens/revoke` | | takes every issued token away: `{"revoked":2}` |
//! | `POST /_simulator/cancel` | `{"id":…,"code":"101","info":…}` | the office gives a request up |
//!
//! A rule reads `{"call":"commit","nth":1,"fault":{"kind":"cut_after"}}`.
//!
//! # What is whose
//!
//! Calls, errors, names and the catalogue are the provider's, as published. What the documents leave open is
//! a member of [`Switches`]. Visengine's forms beyond those published are invented in the published style, and so are the
//! text of a search under way (`Ricerca in corso`), the codes 401, 403 and 220, and the answer of a test run.
//! Of DocuEngine the last five documents are invented, their ids beginning with `66f0a1`; of OAuth the default
//! lifetime of a token. Its calls on statistics, errors and subscriptions are not there.

mod callbacks;
mod checks;
mod config;
mod context;
mod delivery;
mod docuengine;
mod engine;
mod exchange;
mod faults;
mod http;
mod ledger;
mod oauth;
mod page;
mod rule;
mod switches;
mod tamper;
#[cfg(test)]
mod tests;
mod value;
mod view;
mod visengine;

pub use callbacks::CallbackCall;
pub use config::{
    Cancellation, Config, DEFAULT_ACCOUNT_EMAIL, DEFAULT_API_KEY, DEFAULT_TOKEN, ScopedToken, Stages,
};
pub use context::Api;
pub use delivery::{Chunks, Stream};
pub use docuengine::request::RequestState;
pub use engine::{Engine, Logged, Plan};
pub use exchange::{Exchange, Outcome, SimRequest, SimResponse};
pub use faults::{Call, Fault, Hostility, Rule};
pub use http::Simulator;
pub use ledger::{Charge, ChargeKind};
pub use switches::{Echo, JsonVisura, RepeatedCommit, Storage, Switches, UrllessCallback};
pub use value::FileSeen;
pub use view::{FieldSeen, RequestView, SubmissionView};
pub use visengine::submission::Status;
