//! Sportello is the counter where a citizen hands in a request: it reads what a welfare service asks for,
//! checks the answers, quotes the price, hands the request in **once**, watches it and brings the documents back.
//!
//! # Where things are
//!
//! | room | what is in it |
//! |---|---|
//! | [`model`] | the nouns: service, field, answers, attachment, submission, delivery, money |
//! | [`form`] | the question: the rule that says what is required, and what it really demands |
//! | [`check`] | the answer: findings with a stable code, a position and a text in four languages |
//! | [`places`] | municipalities and countries by their cadastral code |
//! | [`pages`](mod@pages) | one PDF of the front and the back of a document |
//! | [`http`] | requests and responses as values; no I/O |
//! | [`provider`] | one folder per remote API: builds requests, reads responses, classifies states |
//! | `flow` | pure machines: submit, choose, search again, watch, fetch (feature `flow`) |
//! | `journal` | what must survive a crash (feature `flow`; on disk with `sqlite`, on a server with `postgres`) |
//! | `sealed` | answers and files kept under a key until they were handed in, for phones (feature `sealed`) |
//! | `verb` | what the verbs decide, whoever performs the requests (feature `flow`) |
//! | `host` | the story for hosts with a network of their own: a page's `fetch`, OkHttp, `URLSession` (feature `flow`) |
//! | `archive` | ZIP deliveries under limits (feature `archive`) |
//! | `callback` | what the provider calls back with: read, authenticated, confirmed (feature `client`) |
//! | `client` | the driver: reqwest, tokens, retries, the paid calls in tasks of its own (feature `client`) |
//! | [`error`] | every error code, in one table |
//!
//! The bindings for browsers use `default-features = false`, which leaves the pure part: no network, no files, no clock.

#[cfg(feature = "archive")]
pub mod archive;
#[cfg(feature = "client")]
pub mod callback;
pub mod check;
#[cfg(feature = "client")]
pub mod client;
pub mod error;
#[cfg(feature = "flow")]
pub mod flow;
pub mod form;
#[cfg(feature = "flow")]
pub mod host;
pub mod http;
#[cfg(feature = "flow")]
pub mod journal;
pub mod model;
pub mod pages;
pub mod places;
pub mod provider;
#[cfg(feature = "sealed")]
pub mod sealed;
#[cfg(feature = "flow")]
pub mod verb;

pub use check::{
    CodiceFiscale, FieldReport, Finding, FindingCode, InputHints, KindError, Lang, MissingSets, Report,
    Severity, check_value,
};
pub use error::{Charged, ErrorCode, SchemaError, SportelloError};
pub use pages::pages;

pub use model::{
    Answer, Answers, AssegnoUnico, Attachment, Field, FieldKind, MappingError, Money, PaidOption, Quote,
    Service, ServiceForm, ServiceSummary,
};

/// The README's own lines are compiled, so that they can't rot.
#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../../README.md")]
struct Readme;
