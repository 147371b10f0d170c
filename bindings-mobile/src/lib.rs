//! Sportello for Kotlin and Swift: converts, calls the core, converts back. No decision is taken here.
//!
//! Answers, reports and findings cross as objects and not as records: a record's `toString` prints every
//! field, and these hold what a person typed.

mod answers;
mod error;
mod form;

pub use answers::Answers;
pub use error::{SportelloError, error_code, error_detail};
pub use form::{Finding, Lang, Report, Service, Severity, check_value};

uniffi::setup_scaffolding!();
