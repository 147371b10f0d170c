//! Sportello for browsers and Node: converts, calls the core, converts back. No decision is taken here.
//!
//! What a page sees is `js/src`: the types, the error class, and how the `.wasm` is loaded.

mod convert;
mod form;
mod page;

pub use form::{ServiceForm, check_value};
pub use page::{Pages, next_step, plain_text, quote, role_words};
