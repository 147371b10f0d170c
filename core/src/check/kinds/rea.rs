//! REA: the number of a business in the register of its chamber of commerce.
//!
//! Source: D.P.R. 581/1995, art. 9 (the *Repertorio delle notizie economiche e amministrative* of each chamber, numbered in sequence). The chambers
//! are some hundred and the largest, Milan, is in its third million: seven digits. The chamber's own letters are a field of their own (CCIAA), so
//! `CT-404661` is offered without them.

use crate::check::{Finding, FindingCode};
use crate::model::without_leading;

const MAX_DIGITS: usize = 7;

pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    if fits(text) {
        return;
    }
    let finding = Finding::new(FindingCode::ReaForm);
    let trimmed = text.trim();
    let bare = match trimmed.split_at_checked(2) {
        Some((chamber, number)) if chamber.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            without_leading(number, b" -/.")
        }
        _ => trimmed,
    };
    findings.push(match text.chars().position(|c| !c.is_ascii_digit()) {
        _ if bare != text && fits(bare) => finding.at(0).offering(bare),
        Some(position) => finding.at(position),
        None => finding,
    });
}

/// Digits, and not only zeros.
fn fits(number: &str) -> bool {
    (1..=MAX_DIGITS).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && number.bytes().any(|byte| byte != b'0')
}
