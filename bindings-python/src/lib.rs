//! Sportello for Python: converts, calls the core, converts back. No decision is taken here.
//!
//! What Python code imports is `python/sportello`; the exceptions and the plain data are classes written there. A verb that waits is an
//! `Operation`: it runs on this library's own threads, none of which ever touches the interpreter.

mod attachment;
mod calendar;
mod client;
mod codice_fiscale;
mod convert;
mod form;
mod log;
mod operation;
mod placed;
mod runtime;
mod table;

use pyo3::prelude::*;

/// The compiled half of the package.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::attachment::{Attachment, extract, pages};
    #[pymodule_export]
    use super::calendar::{delivery_estimate, holidays, is_working_day};
    #[pymodule_export]
    use super::client::{Client, check_reference};
    #[pymodule_export]
    use super::codice_fiscale::{CodiceFiscale, Coherence};
    #[pymodule_export]
    use super::form::{Finding, Report, Service, check_value};
    #[pymodule_export]
    use super::log::{close_log, next_line, open_log};
    #[pymodule_export]
    use super::operation::Operation;
    #[pymodule_export]
    use super::runtime::{next_event, shut_down};
    #[pymodule_export]
    use super::table::{Verdict, check_column};
}
