//! Italian working time.

use pyo3::prelude::*;
use time::Date;

/// When documents can be expected whose documentation was complete at this moment: 24 and 48 working hours later, Unix milliseconds.
#[pyfunction]
pub(crate) fn delivery_estimate(start_unix_ms: u64) -> (u64, u64) {
    let estimate = sportello::model::delivery_estimate(start_unix_ms);
    (estimate.earliest, estimate.latest)
}

/// The public holidays of a year in Italy, Easter Sunday among them.
#[pyfunction]
pub(crate) fn holidays(year: i32) -> Vec<Date> {
    sportello::model::holidays(year)
}

/// True when Italy works on this day.
#[pyfunction]
pub(crate) fn is_working_day(day: Date) -> bool {
    sportello::model::is_working_day(day)
}
