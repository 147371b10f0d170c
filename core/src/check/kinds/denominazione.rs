//! Names of companies and bodies: free text with a letter or digit in it.
//!
//! Source: Codice civile, arts. 2292, 2314, 2326, 2463 and 2567: what a name has to hold depends on the form of the company, and no character is
//! forbidden. A name without a letter or digit names nobody.

use super::text;
use crate::check::{Finding, FindingCode};

pub(super) fn check(denominazione: &str, findings: &mut Vec<Finding>) {
    let from = findings.len();
    text::check(denominazione, findings);
    if findings.len() == from && !denominazione.chars().any(char::is_alphanumeric) {
        Finding::say(FindingCode::DenominazioneLetters, findings);
    }
}
