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
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(LENGTH + 3)
        .collect();
    let digits = plain
        .strip_prefix("IT")
        .or_else(|| plain.strip_prefix("it"))
        .unwrap_or(&plain);
    let wrong = text
        .chars()
        .enumerate()
        .skip(text.len() - text.trim_start().len())
        .find(|(_, c)| !c.is_ascii_digit() && !c.is_whitespace());
    if let (Some((position, _)), true) = (wrong, digits.len() == plain.len()) {
        findings.push(Finding::new(FindingCode::PartitaIvaCharacter).at(position));
        return;
    }
    if let Some(c) = digits.chars().position(|c| !c.is_ascii_digit()) {
        let prefix = plain.len() - digits.len();
        let position = text
            .chars()
            .enumerate()
            .filter(|(_, c)| !c.is_whitespace())
            .nth(prefix + c)
            .map_or(0, |(at, _)| at);
        findings.push(Finding::new(FindingCode::PartitaIvaCharacter).at(position));
        return;
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
    let office: u32 = digits
        .get(7..10)
        .and_then(|office| office.parse().ok())
        .unwrap_or(0);
    let known = matches!(office, 1..=100 | 120 | 121 | 888 | 999);
    (is_partita_iva && !known).then(|| Finding::new(FindingCode::PartitaIvaOffice).at(7))
}
