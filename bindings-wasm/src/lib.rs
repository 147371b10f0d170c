//! Sportello for browsers and Node: converts, calls the core, converts back. No decision is taken here.
//!
//! What a page sees is `js/src`: the types, the error class, and how the `.wasm` is loaded.

mod convert;
mod form;

pub use form::{ServiceForm, check_value};
