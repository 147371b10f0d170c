//! The relay: what browsers and phones talk to, so that no page and no app ever holds the provider's token.
//!
//! Token, journal and the paid calls live here, in the integrator's own backend. [`relay`] gives an [`axum::Router`] to be put beside
//! the integrator's other routes; the binary `sportello-relay` serves it alone. The wire is
//! [`sportello::provider::relay::wire`]; the same client that talks to a provider talks to a relay.
//!
//! # What a session can't do
//!
//! | not | because |
//! |---|---|
//! | see what another session's user has | the journal's reference is a keyed digest of user and reference: somebody else's is another one |
//! | list | there is no such call |
//! | pay twice for one purchase | one at a time under a lock per reference, over the core's journal |
//! | choose a price | it confirms the relay's own quote, to the cent |
//! | spend more than its cap | every purchase is reserved in the [`Ledger`] before anything is sent |
//! | ask for a service that is not offered | [`Services`] |
//! | leave data lying about | uploads go when the commit has succeeded or after some hours, documents after some hours |
//!
//! # Where things are
//!
//! | room | what is in it |
//! |---|---|
//! | `config` | what a relay is made of |
//! | `session` | who is calling: the hook, and signed sessions |
//! | `ledger` | caps: the trait, and SQLite |
//! | `store` | the private folder: records, answers, files under way |
//! | `lock` | one at a time per reference, across processes |
//! | `routes` | the calls |
//! | `linger` | bodies that nobody wants any more |
//! | `refusal` | errors as the wire wants them |
//! | `rate` | how often one may call |
//! | `sweep` | what is thrown away, what is gone on with after a restart |
//! | `serve` | a server with limits of its own |

mod app;
mod config;
pub mod ledger;
mod linger;
mod lock;
mod rate;
mod refusal;
mod routes;
mod serve;
pub mod session;
mod store;
mod sweep;

pub use app::SetupError;
pub use config::{Config, Limits, Services};
pub use ledger::{Caps, Ledger};
pub use routes::relay;
pub use serve::{ServeLimits, serve};
pub use session::{Authorize, Denied, Session, SessionKeys};
