//! Municipalities and countries by their cadastral code.
//!
//! Whether a code exists, and did on a date, is in every build. Names, provinces, dates and the search by name are a part of their own
//! (features `place-names`, the reader of a register that the caller brings, and `places`, with the register built in): see `SOURCES.md` in this folder for where all of it comes from.

mod existence;
#[cfg(feature = "place-names")]
mod fold;
#[cfg(feature = "place-names")]
mod register;
mod unpack;

pub(crate) use existence::{PlaceIndex, day};
#[cfg(feature = "place-names")]
pub use register::{FindPlaceError, Place, Places, RegisterError};

/// True when there is, or ever was, a municipality or country of this cadastral code, written as a capital and three digits.
#[must_use]
pub fn is_known(code: &str) -> bool {
    PlaceIndex::parse(code).is_some_and(PlaceIndex::is_known)
}

/// True unless the records say that the place was not there on that day. Nothing is recorded of days before 1900.
#[must_use]
pub fn stood_on(code: &str, on: time::Date) -> bool {
    let year = u16::try_from(on.year()).unwrap_or(0);
    PlaceIndex::parse(code)
        .is_some_and(|place| place.is_known() && place.stood(day(year, u8::from(on.month()), on.day())))
}
