//! The partita IVA and the codice fiscale of a body: eleven digits, the last of them a check digit.
//!
//! Source: D.P.R. 633/1972, art. 35, and D.M. 23 December 1976: digits 8 to 10 are the office that gave the number (001–100, 120, 121, 888, 999).

use super::codice_fiscale;
use crate::check::{Finding, FindingCode};

const LENGTH: usize = 11;

/// Checks a partita IVA. The provider accepts a person's 16-character codice fiscale here as well.
pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    let bare: usize = text.chars().filter(|c| !c.is_whitespace()).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    if bare == 16 && letters >= 7 {
        codice_fiscale::check_person(text, findings);
    } else {
        check_digits(text, findings, true);
    }
}

/// Checks eleven digits; with `is_partita_iva`, also the office that gave them, which a body's codice fiscale does not have to name.
pub(super) fn check_digits(text: &str, findings: &mut Vec<Finding>, is_partita_iva: bool) {
    // Most are written as they are to be.
    let is_plain = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = if is_plain {
        None
    } else {
        Some(without_blanks(text))
    };
    let plain = plain.as_deref().unwrap_or(text);
    let has_prefix = plain.starts_with("IT") || plain.starts_with("it");
    let prefix = if has_prefix { 2 } else { 0 };
    let digits = plain.get(prefix..).unwrap_or_default();
    // The first character that is no digit, but for the prefix.
    let mut seen = 0;
    for (position, c) in text.chars().enumerate() {
        if c.is_whitespace() {
            continue;
        }
        // Behind a prefix nothing is looked at that is too far away to count.
        if !c.is_ascii_digit() && seen >= prefix && (!has_prefix || seen < LENGTH + 3) {
            Finding::say_at(FindingCode::PartitaIvaCharacter, position, findings);
            return;
        }
        seen += 1;
    }
    if let Some(finding) = eleven(digits, is_partita_iva) {
        let warning = finding.code == FindingCode::PartitaIvaOffice;
        findings.push(finding);
        if !warning {
            return;
        }
    }
    if digits.len() != text.len() {
        findings.push(Finding::new(FindingCode::PartitaIvaPrefix).at(0).offering(digits));
    }
}

/// As much as may count.
fn without_blanks(text: &str) -> String {
    let mut plain = String::new();
    let mut count = 0;
    for c in text.chars() {
        if !c.is_whitespace() && count < LENGTH + 3 {
            plain.push(c);
            count += 1;
        }
    }
    plain
}

fn eleven(digits: &str, is_partita_iva: bool) -> Option<Finding> {
    if digits.len() != LENGTH {
        return Some(Finding::new(FindingCode::PartitaIvaLength));
    }
    if digits.bytes().all(|digit| digit == b'0') {
        return Some(Finding::new(FindingCode::PartitaIvaZero));
    }
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            // Every second digit counts twice; a sum of two digits counts as their sum.
            if at % 2 == 0 {
                digit
            } else {
                digit * 2 - if digit > 4 { 9 } else { 0 }
            }
        })
        .sum();
    if !sum.is_multiple_of(10) {
        return Some(Finding::new(FindingCode::PartitaIvaCheck).at(LENGTH - 1));
    }
    let office = digits.bytes().take(10).skip(7);
    let office = office.fold(0, |office, digit| office * 10 + u32::from(digit - b'0'));
    let known = matches!(office, 1..=100 | 120 | 121 | 888 | 999);
    (is_partita_iva && !known).then(|| Finding::new(FindingCode::PartitaIvaOffice).at(7))
}
