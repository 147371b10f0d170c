//! What every journal must do. A journal of another kind (a database server, a phone's own store) is as good as the library's own
//! when it passes: `conformance(&mut || Box::new(MyJournal::fresh()))`.

mod marks;
mod race;
mod rules;
mod shared;
mod specimen;

use std::fmt::{Debug, Display};

use super::Journal;

#[cfg(test)]
pub(crate) use specimen::specimen;

/// Puts a journal through its rules and returns the number of checks made; every call of `make` gives a new, **empty** journal.
///
/// # Errors
/// What was expected and what happened instead, for the first check that failed.
pub fn conformance(make: &mut dyn FnMut() -> Box<dyn Journal>) -> Result<usize, String> {
    let mut checks = Checks::default();
    rules::all(&mut checks, make)?;
    marks::all(&mut checks, make)?;
    race::all(&mut checks, make)?;
    Ok(checks.made)
}

/// Puts a journal through what holds between several handles of **one** place, and through closing and opening it again; returns
/// the number of checks made. The first call of `open` gives an empty journal, every later one another handle of the same.
///
/// # Errors
/// What was expected and what happened instead, for the first check that failed.
pub fn conformance_shared(open: &mut dyn FnMut() -> Box<dyn Journal>) -> Result<usize, String> {
    let mut checks = Checks::default();
    shared::all(&mut checks, open)?;
    Ok(checks.made)
}

/// Counts the checks, so that a suite that ran none is noticed.
#[derive(Default)]
struct Checks {
    made: usize,
}

impl Checks {
    fn that(&mut self, holds: bool, what: impl Display) -> Result<(), String> {
        self.made += 1;
        if holds { Ok(()) } else { Err(what.to_string()) }
    }

    fn same<T: PartialEq + Debug>(
        &mut self,
        what: impl Display,
        found: T,
        expected: T,
    ) -> Result<(), String> {
        let holds = found == expected;
        self.that(
            holds,
            format_args!("{what}: expected {expected:?}, found {found:?}"),
        )
    }
}
