//! Sportello for Python: converts, calls the core, converts back. No decision is taken here.
//!
//! What Python code imports is `python/sportello`; the exceptions are classes written there.

mod convert;
mod form;

use pyo3::prelude::*;

/// The compiled half of the package.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::form::{Finding, Report, Service, check_value};
}
