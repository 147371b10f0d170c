//! Telephone numbers, in fields that ask for one by their label: the form has them as free text, so all of this is a likely mistake and never an
//! error.
//!
//! Sources: the national numbering plan (AGCOM, delibera 8/15/CIR): mobile numbers begin with 3 and have nine or ten digits, landlines keep their 0,
//! nomadic numbers begin with 55; ITU-T E.164; for other countries see `lengths`. Numbers that no person is called at (800, 199, 112) are not taken.

mod lengths;

use std::fmt;

use super::file;
use crate::check::{Finding, FindingCode};

/// E.164, section 6: at most 15 digits.
const MAX_DIGITS: usize = 15;

/// A telephone number that somebody can be called at. `Debug` is masked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    e164: String,
    country_digits: usize,
}

impl Phone {
    /// Reads a number as people write it: `333 1234567`, `+39 333-123.45/67`, `0039 06 1234567`, `+44 (0)20 7946 0958`. Without a country code it
    /// is an Italian one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Phone> {
        let typed = Typed::read(text)?;
        let (country, national) = typed.number()?;
        Some(Phone {
            e164: format!("+{country}{national}"),
            country_digits: country.len(),
        })
    }

    /// The number in E.164: `+393331234567`. Personal data.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The country code: `39`.
    #[must_use]
    pub fn country_code(&self) -> &str {
        self.e164.get(1..=self.country_digits).unwrap_or_default()
    }

    /// True for an Italian mobile number.
    #[must_use]
    pub fn is_italian_mobile(&self) -> bool {
        self.e164.starts_with("+393")
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(masked)")
    }
}

/// True for labels such as `CELLULARE`, `Telefono`, `Mobile number`, as they are compared: in small letters.
pub(crate) fn asks_for_phone(label: &str) -> bool {
    ["cellulare", "telefono", "telefonico", "mobile", "phone"]
        .iter()
        .any(|word| file::find(label.as_bytes(), word.as_bytes()).is_some())
}

pub(crate) fn check_phone(text: &str, findings: &mut Vec<Finding>) {
    if Typed::read(text).is_some_and(|typed| typed.number().is_some()) {
        return;
    }
    let finding = Finding::new(FindingCode::PhoneUnlikely);
    findings.push(
        match text
            .chars()
            .position(|c| !c.is_ascii_digit() && !is_separator(c) && c != '+')
        {
            Some(position) => finding.at(position),
            None => finding,
        },
    );
}

/// The digits that were typed.
struct Typed {
    digits: Digits,
    has_plus: bool,
    /// `+44 (0)20 …`: the zero is dialled within the country only.
    has_bracketed_zero: bool,
}

/// As many digits as a number may have, with two zeros before it; kept where they are, since most numbers are only looked at.
struct Digits {
    bytes: [u8; MAX_DIGITS + 5],
    length: usize,
}

impl Digits {
    fn as_str(&self) -> &str {
        self.bytes
            .get(..self.length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl Typed {
    /// `None` when there is something that stands in no number.
    fn read(text: &str) -> Option<Typed> {
        let mut typed = Typed {
            digits: Digits {
                bytes: [0; MAX_DIGITS + 5],
                length: 0,
            },
            has_plus: false,
            has_bracketed_zero: false,
        };
        let mut last = ' ';
        for c in text.trim().chars() {
            match c {
                '+' if typed.digits.length == 0 && !typed.has_plus => typed.has_plus = true,
                '0'..='9' => {
                    *typed.digits.bytes.get_mut(typed.digits.length)? = c as u8;
                    typed.digits.length += 1;
                }
                ')' if last == '0' => typed.has_bracketed_zero = true,
                c if is_separator(c) => {}
                _ => return None,
            }
            last = match (last, c) {
                // Only a zero that stands alone between brackets.
                ('(', '0') => '0',
                (_, '(') => '(',
                _ => ' ',
            };
        }
        Some(typed)
    }

    /// The country code and the national number.
    fn number(&self) -> Option<(&str, &str)> {
        let digits = self.digits.as_str();
        let italian = |national| is_italian(national).then_some(("39", national));
        let international = if self.has_plus {
            Some(digits)
        } else {
            digits.strip_prefix("00")
        };
        match international {
            Some(number) => match number.strip_prefix("39") {
                Some(national) => italian(national),
                None => self.foreign(number),
            },
            // `39 333 1234567`: the prefix without its plus. A mobile number of its own never has twelve digits.
            None => italian(
                digits
                    .strip_prefix("39")
                    .filter(|rest| rest.starts_with('3') && rest.len() >= 9)
                    .unwrap_or(digits),
            ),
        }
    }

    fn foreign<'a>(&self, number: &'a str) -> Option<(&'a str, &'a str)> {
        let (country, national) = lengths::split(number)?;
        // The zero that is dialled within the country is not dialled from abroad.
        let bare = national
            .strip_prefix('0')
            .filter(|_| self.has_bracketed_zero)
            .unwrap_or(national);
        (lengths::fits(country, bare) && number.len() <= MAX_DIGITS + 1).then_some((country, bare))
    }
}

fn is_italian(national: &str) -> bool {
    let length = national.len();
    (national.starts_with('3') && (9..=10).contains(&length))
        || (national.starts_with('0') && (6..=11).contains(&length))
        || (national.starts_with("55") && length == 10)
}

/// What people write between digits; hyphens and blanks of every width.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}') || c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e164(text: &str) -> Option<String> {
        Phone::parse(text).map(|phone| phone.e164().to_owned())
    }

    #[test]
    fn italian_and_foreign_numbers_are_read() {
        for (typed, number) in [
            ("333 1234567", "+393331234567"),
            ("+39 333-123.45/67", "+393331234567"),
            ("0039 333123456", "+39333123456"),
            ("393331234567", "+393331234567"),
            ("333\u{a0}123\u{2011}4567", "+393331234567"),
            ("06 1234567", "+39061234567"),
            ("(+39) 06 1234567", "+39061234567"),
            ("+41 79 123 45 67", "+41791234567"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("0049 30 123456", "+4930123456"),
            ("+1 (212) 555-0123", "+12125550123"),
            ("551 234 5678", "+395512345678"),
        ] {
            assert_eq!(e164(typed).as_deref(), Some(number), "{typed}");
        }
        let swiss = Phone::parse("+41 79 123 45 67").unwrap();
        assert_eq!((swiss.country_code(), swiss.is_italian_mobile()), ("41", false));
        assert!(Phone::parse("333 1234567").unwrap().is_italian_mobile());
        assert_eq!(format!("{swiss:?}"), "Phone(masked)");
    }

    #[test]
    fn what_can_not_be_called_is_noticed_and_what_can_is_not() {
        for typed in [
            "",
            "333",
            "33312345678",
            "444 1234567",
            "+39 12345",
            "333 12345x7",
            "+",
            "+1234567890123456",
            "+210 123456",
            "+41 79 123",
            "３３３ 1234567",
            "333 1234567 / 06 1234567",
            "++39 333 1234567",
            "800 123456",
            "112",
        ] {
            assert_eq!(e164(typed), None, "{typed}");
            let mut findings = Vec::new();
            check_phone(typed, &mut findings);
            assert_eq!(findings.len(), 1, "{typed}");
        }
        for typed in [
            "333 1234567",
            "39 333 1234567",
            "+44 (0)20 7946 0958",
            "+41 79 123 45 67",
        ] {
            let mut findings = Vec::new();
            check_phone(typed, &mut findings);
            assert!(findings.is_empty(), "{typed}");
        }
    }
}
