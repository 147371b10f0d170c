//! The codice fiscale of a body: eleven digits, the last of them a check digit as that of a partita IVA.
//!
//! Source: D.P.R. 605/1973, art. 7, and D.M. 23 December 1976, art. 7: the number is a body's own, and its digits 8 to 10 need not be an office's.

use super::partita_iva;
use crate::check::Finding;

/// True for what can only be meant as a body's: digits, with or without blanks and the prefix `IT`.
pub(super) fn is_meant(text: &str) -> bool {
    let trimmed = text.trim();
    let bare = match trimmed.split_at_checked(2) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("IT") => rest,
        _ => trimmed,
    };
    bare.chars().any(|c| c.is_ascii_digit()) && bare.chars().all(|c| c.is_ascii_digit() || c.is_whitespace())
}

pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    partita_iva::check_digits(text, findings, false);
}
