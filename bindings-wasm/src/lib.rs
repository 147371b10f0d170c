//! Sportello for browsers and Node: converts, calls the core, converts back. No decision is taken here.
//!
//! What a page sees is `js/src`: the types, the error class, the texts, and how the `.wasm` is loaded. What passes between the two is flat: the answers as
//! one text, the findings as another (`wire`), because a page checks at every key and an object per answer would cost more than the check.

#[cfg(feature = "full")]
mod client;
mod codice_fiscale;
mod files;
mod form;
#[cfg(feature = "full")]
mod full;
#[cfg(feature = "full")]
mod page;
#[cfg(feature = "full")]
mod run;
mod wire;

#[cfg(feature = "full")]
pub use client::{Client, check_relay};
pub use codice_fiscale::{codice_fiscale, coherence};
pub use files::{file_free, file_new};
pub use form::{Form, check_value};
#[cfg(feature = "full")]
pub use full::{Pages, assegno_unico, encode, json_schema};
#[cfg(feature = "full")]
pub use page::{delivery_window, instructions, next_step, quote};
#[cfg(feature = "full")]
pub use run::Run;
