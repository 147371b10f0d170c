//! Telephone numbers, in fields that ask for one by their label: the form has them as free text, so all of this is a likely mistake and never an
//! error.
//!
//! Source: the national numbering plan (AGCOM, delibera 8/15/CIR): mobile numbers begin with 3 and have nine or ten digits, landlines keep their 0;
//! ITU-T E.164: a prefix and at most 15 digits.

use crate::check::{Finding, FindingCode};

/// True for labels such as `CELLULARE`, `Telefono`, `Mobile number`.
pub(crate) fn asks_for_phone(label: &str) -> bool {
    let label = label.to_lowercase();
    ["cellulare", "telefono", "mobile", "phone", "recapito telefonico"]
        .iter()
        .any(|word| label.contains(word))
}

pub(crate) fn check_phone(text: &str, findings: &mut Vec<Finding>) {
    if normalised(text).is_none() {
        let allowed = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-./()".contains(c);
        let finding = Finding::new(FindingCode::PhoneUnlikely);
        findings.push(match text.chars().position(|c| !allowed(c)) {
            Some(position) => finding.at(position),
            None => finding,
        });
    }
}

/// The number in E.164, `+393331234567`; `None` when it can't be one.
fn normalised(text: &str) -> Option<String> {
    let mut digits = String::new();
    let mut plus = false;
    for (at, c) in text.trim().chars().enumerate() {
        match c {
            '+' if at == 0 => plus = true,
            '0'..='9' if digits.len() < 20 => digits.push(c),
            ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')' => {}
            _ => return None,
        }
    }
    let international = if plus {
        Some(digits.as_str())
    } else {
        digits.strip_prefix("00")
    };
    let national = match international {
        Some(number) => match number.strip_prefix("39") {
            Some(national) => national,
            // Abroad every country has lengths of its own; E.164 bounds them all.
            None => {
                return ((7..=15).contains(&number.len()) && !number.starts_with('0'))
                    .then(|| format!("+{number}"));
            }
        },
        // `39 333 1234567`: the prefix without its plus. A mobile number of its own never has twelve digits.
        None => digits
            .strip_prefix("39")
            .filter(|rest| rest.starts_with('3') && rest.len() >= 9)
            .unwrap_or(&digits),
    };
    let mobile = national.starts_with('3') && (9..=10).contains(&national.len());
    let landline = national.starts_with('0') && (6..=11).contains(&national.len());
    (mobile || landline).then(|| format!("+39{national}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn italian_and_foreign_numbers_are_read() {
        for (typed, number) in [
            ("333 1234567", "+393331234567"),
            ("+39 333-123.45/67", "+393331234567"),
            ("0039 333123456", "+39333123456"),
            ("393331234567", "+393331234567"),
            ("06 1234567", "+39061234567"),
            ("+41 79 123 45 67", "+41791234567"),
        ] {
            assert_eq!(normalised(typed).as_deref(), Some(number), "{typed}");
        }
    }

    #[test]
    fn what_can_not_be_called_is_noticed() {
        for typed in [
            "",
            "333",
            "33312345678",
            "444 1234567",
            "+39 12345",
            "333 12345x7",
            "+",
            "+1234567890123456",
        ] {
            assert_eq!(normalised(typed), None, "{typed}");
        }
    }
}
