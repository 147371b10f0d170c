//! Municipalities and countries by their cadastral code.
//!
//! Whether a code exists, and did on a date, is in every build. Names, provinces, dates and the search by name are a part of their own: see
//! `SOURCES.md` in this folder for where all of it comes from.

mod existence;

pub(crate) use existence::{PlaceIndex, day};
