//! The codice fiscale: 16 characters of a person, 11 digits of a body.
//!
//! Sources: D.M. 23 December 1976 (form, date, check letter); Agenzia delle Entrate, "Codice fiscale: informazioni" (omocodia: any of the seven
//! digits may be a letter, and the check letter is computed on the letters as written).

use super::{date, partita_iva};
use crate::check::{Finding, FindingCode};

const LENGTH: usize = 16;
/// Where a digit stands, or in omocodia the letter for it.
const DIGITS: [bool; LENGTH] = {
    let mut digits = [false; LENGTH];
    digits[6] = true;
    digits[7] = true;
    digits[9] = true;
    digits[10] = true;
    digits[12] = true;
    digits[13] = true;
    digits[14] = true;
    digits
};
const MONTH_AT: usize = 8;
const DAY_AT: usize = 9;
/// January to December.
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// The letters that stand for 0 to 9 in omocodia.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// What a character counts in an odd place (the first is odd), for 0–9 and A–Z alike by its number.
const ODD: [u8; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/// Checks a person's codice fiscale. Small letters and blanks are offered as a correction, never put right in silence.
pub(super) fn check_person(text: &str, findings: &mut Vec<Finding>) {
    let Some(cleaned) = Cleaned::of(text) else {
        let position = text
            .chars()
            .position(|c| !c.is_ascii_alphanumeric() && !c.is_whitespace())
            .unwrap_or(0);
        findings.push(Finding::new(FindingCode::CodiceFiscaleCharacter).at(position));
        return;
    };
    if cleaned.length != LENGTH {
        findings.push(Finding::new(FindingCode::CodiceFiscaleLength).with("length", cleaned.length));
        return;
    }
    if let Some((code, at)) = person(&cleaned.code) {
        let position = cleaned.places.get(at).copied().unwrap_or(at);
        findings.push(Finding::new(code).at(position));
        return;
    }
    let offered = || String::from_utf8_lossy(&cleaned.code).into_owned();
    if let Some(position) = cleaned.first_blank {
        findings.push(
            Finding::new(FindingCode::CodiceFiscaleBlanks)
                .at(position)
                .offering(offered()),
        );
    } else if let Some(position) = cleaned.first_small {
        findings.push(
            Finding::new(FindingCode::CodiceFiscaleCase)
                .at(position)
                .offering(offered()),
        );
    }
}

/// Checks a codice fiscale that may be a person's or a body's.
pub(super) fn check_person_or_body(text: &str, findings: &mut Vec<Finding>) {
    let digits_only = text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace());
    if digits_only {
        partita_iva::check_digits(text, findings, false);
    } else {
        check_person(text, findings);
    }
}

/// The code in capitals and without blanks, and where each of its characters stood.
struct Cleaned {
    code: [u8; LENGTH],
    places: [usize; LENGTH],
    length: usize,
    first_blank: Option<usize>,
    first_small: Option<usize>,
}

impl Cleaned {
    /// `None` when there is a character that is neither a letter, a digit nor a blank of ASCII's kind.
    fn of(text: &str) -> Option<Cleaned> {
        let mut cleaned = Cleaned {
            code: [0; LENGTH],
            places: [0; LENGTH],
            length: 0,
            first_blank: None,
            first_small: None,
        };
        for (position, c) in text.chars().enumerate() {
            if c.is_whitespace() {
                cleaned.first_blank.get_or_insert(position);
                continue;
            }
            let byte = u8::try_from(c).ok().filter(u8::is_ascii_alphanumeric)?;
            if byte.is_ascii_lowercase() {
                cleaned.first_small.get_or_insert(position);
            }
            if let (Some(code), Some(place)) = (
                cleaned.code.get_mut(cleaned.length),
                cleaned.places.get_mut(cleaned.length),
            ) {
                (*code, *place) = (byte.to_ascii_uppercase(), position);
            }
            cleaned.length += 1;
        }
        Some(cleaned)
    }
}

/// The first thing wrong with 16 capitals and digits, and its place.
fn person(code: &[u8]) -> Option<(FindingCode, usize)> {
    for (at, (byte, digit)) in code.iter().zip(DIGITS).enumerate() {
        let fits = if digit {
            value(*byte).is_some()
        } else {
            byte.is_ascii_uppercase()
        };
        if !fits {
            return Some((FindingCode::CodiceFiscaleCharacter, at));
        }
    }
    let digit = |at: usize| code.get(at).copied().and_then(value).unwrap_or(0);
    let month = MONTHS.iter().position(|month| code.get(MONTH_AT) == Some(month));
    let Some(month) = month.and_then(|index| u8::try_from(index + 1).ok()) else {
        return Some((FindingCode::CodiceFiscaleMonth, MONTH_AT));
    };
    let year = digit(6) * 10 + digit(7);
    let day = digit(DAY_AT) * 10 + digit(DAY_AT + 1);
    // A woman's day is written with 40 more.
    let day = if day > 40 { day - 40 } else { day };
    // The century is not in the code: 29 February is wrong only when no century has it, and of the centuries 2000 was a leap year.
    let leap = year.is_multiple_of(4);
    if day == 0 || day > date::days_in(month, leap) {
        return Some((FindingCode::CodiceFiscaleDate, DAY_AT));
    }
    (code.last() != Some(&check_letter(code))).then_some((FindingCode::CodiceFiscaleCheck, LENGTH - 1))
}

/// The digit that a character stands for, itself or in omocodia.
fn value(byte: u8) -> Option<u8> {
    if byte.is_ascii_digit() {
        return Some(byte - b'0');
    }
    OMOCODIA
        .iter()
        .position(|letter| *letter == byte)
        .and_then(|index| u8::try_from(index).ok())
}

/// The letter that fits the first fifteen characters as they are written.
fn check_letter(code: &[u8]) -> u8 {
    let mut sum = 0u32;
    for (at, byte) in code.iter().take(LENGTH - 1).enumerate() {
        let number = if byte.is_ascii_digit() {
            byte - b'0'
        } else {
            byte.wrapping_sub(b'A')
        };
        let counts = if at % 2 == 0 {
            ODD.get(usize::from(number)).copied().unwrap_or(0)
        } else {
            number
        };
        sum += u32::from(counts);
    }
    b'A' + u8::try_from(sum % 26).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_128_spellings_in_omocodia_are_right_with_their_own_check_letter() {
        let base = *b"PRVRSL90E52H501?";
        let places: Vec<usize> = (0..LENGTH).filter(|at| DIGITS[*at]).collect();
        assert_eq!(places.len(), 7);
        for subset in 0..128u32 {
            let mut code = base;
            for (bit, at) in places.iter().enumerate() {
                if subset >> bit & 1 == 1 {
                    code[*at] = OMOCODIA[usize::from(code[*at] - b'0')];
                }
            }
            code[15] = check_letter(&code);
            assert_eq!(person(&code), None, "{}", String::from_utf8_lossy(&code));
            code[15] = if code[15] == b'Z' { b'A' } else { code[15] + 1 };
            assert_eq!(person(&code), Some((FindingCode::CodiceFiscaleCheck, 15)));
        }
    }
}
