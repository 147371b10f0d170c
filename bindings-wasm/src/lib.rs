//! Sportello for browsers and Node: converts, calls the core, converts back. No decision is taken here.
//!
//! What a page sees is `js/src`: the types, the error class, the texts, and how the `.wasm` is loaded. What the check build needs passes
//! between the two as numbers (`room`); what only `sportello` has may pass as texts.

#[cfg(feature = "full")]
mod client;
mod codice_fiscale;
mod described;
mod files;
mod form;
#[cfg(feature = "full")]
mod full;
#[cfg(target_arch = "wasm32")]
mod memory;
#[cfg(feature = "full")]
mod page;
mod room;
#[cfg(feature = "full")]
mod run;
mod wire;

#[cfg(feature = "full")]
pub use client::{Client, check_relay};
pub use codice_fiscale::{codice_fiscale, coherence};
pub use files::{file_free, file_new};
pub use form::{
    check, check_field, check_named, check_value, describe, form_free, form_new, index_of, required,
};
#[cfg(feature = "full")]
pub use full::{Pages, assegno_unico, encode, json_schema};
#[cfg(feature = "full")]
pub use page::{delivery_window, instructions, next_step, quote};
pub use room::{lengths, texts};
#[cfg(feature = "full")]
pub use run::Run;
