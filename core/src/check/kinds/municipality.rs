//! Cadastral codes of municipalities, and of countries where a place of birth is asked for.
//!
//! Source: `core/src/places/SOURCES.md`.

use super::offer_capitals;
use crate::check::{Finding, FindingCode};
use crate::places::PlaceIndex;

/// A letter and three digits that are, or ever were, a place: a place of birth may be gone by now.
pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    let place = PlaceIndex::parse(text);
    match place {
        Some(place) if place.is_known() => {}
        Some(_) => Finding::say_at(FindingCode::MunicipalityUnknown, 0, findings),
        None => {
            let fits = |code: &str| PlaceIndex::parse(code).is_some_and(PlaceIndex::is_known);
            findings.push(offer_capitals(text, FindingCode::MunicipalityForm, fits));
        }
    }
}
