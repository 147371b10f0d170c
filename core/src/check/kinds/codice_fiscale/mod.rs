//! The codice fiscale of a person: 16 characters.
//!
//! Sources: D.M. 23 December 1976 (form, names, date, check letter); Agenzia delle Entrate, "Codice fiscale: informazioni" (omocodia: any of the
//! seven digits may be a letter, and the check letter is computed on the letters as written); Agenzia delle Entrate, circular 34/E of 20 July 2011
//! with the table of the Ministero dell'Interno, circular 1 of 22 January 2008 (letters with marks); the places' sources are in
//! `core/src/places/SOURCES.md`.

mod coherence;
mod encode;
mod judge;
mod letters;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Serialize, Serializer};
use time::{Date, Month};

use self::judge::{LENGTH, Parts, check_letter, judge};
use self::table::{DIGITS, MONTHS, OMOCODIA, digit};
use crate::check::{Finding, FindingCode};

pub use coherence::{Coherence, Part, PersonalData};
pub use encode::{EncodeError, Person};
#[cfg(feature = "place-names")]
pub(crate) use letters::base_letter;

/// A person's sex, as the code has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Sex {
    /// A man: the day of birth as it is.
    #[serde(rename = "M")]
    Male,
    /// A woman: the day of birth with 40 more.
    #[serde(rename = "F")]
    Female,
}

impl Sex {
    /// `M` or `F`, as the tax office writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Sex::Male => "M",
            Sex::Female => "F",
        }
    }

    /// Of `M` or `F`, small or capital.
    #[must_use]
    pub fn parse(text: &str) -> Option<Sex> {
        match text.trim() {
            "M" | "m" => Some(Sex::Male),
            "F" | "f" => Some(Sex::Female),
            _ => None,
        }
    }
}

/// What is known of a person's age, to tell the centuries apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BirthHint {
    /// Born on this day or earlier: today, in most cases.
    NotAfter(Date),
    /// So many years old on that day, give or take one.
    Age {
        /// Full years.
        years: u16,
        /// When the person is that old.
        on: Date,
    },
}

/// A person's codice fiscale that is right: characters, calendar, check letter, and a place that there is or was. `Debug` is masked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodiceFiscale([u8; LENGTH]);

impl CodiceFiscale {
    /// Reads a code that is written right: capitals, no blanks.
    ///
    /// # Errors
    /// The first finding; small letters and blanks come with the right spelling as an offered correction.
    pub fn parse(text: &str) -> Result<CodiceFiscale, Finding> {
        let code = text.as_bytes().try_into();
        if let Ok(code) = code
            && judge(code).is_ok()
        {
            return Ok(CodiceFiscale(*code));
        }
        let mut findings = Vec::new();
        explain(text, &mut findings);
        // Something is always said of a text that is no code.
        let length = || Finding::new(FindingCode::CodiceFiscaleLength).with("length", text.chars().count());
        Err(findings.into_iter().next().unwrap_or_else(length))
    }

    /// Reads a code in small letters and with blanks as well; `None` for what is none.
    #[must_use]
    pub fn read(text: &str) -> Option<CodiceFiscale> {
        if let Ok(code) = CodiceFiscale::parse(text) {
            return Some(code);
        }
        let cleaned = Cleaned::of(text).filter(|cleaned| cleaned.length == LENGTH)?;
        judge(&cleaned.code).ok().map(|_| CodiceFiscale(cleaned.code))
    }

    /// A text that was judged to be right by [`check_person`]; `None` for one of another length, as a body's number has.
    pub(in crate::check) fn judged(text: &str) -> Option<CodiceFiscale> {
        text.as_bytes().try_into().ok().map(CodiceFiscale)
    }

    /// The code as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The code that this one is a spelling of: digits where omocodia has letters, and the check letter that fits them.
    #[must_use]
    pub fn canonical(&self) -> CodiceFiscale {
        let mut code = self.0;
        for at in DIGITS {
            if let Some(byte) = code.get_mut(at) {
                *byte = b'0' + digit(*byte).unwrap_or(0);
            }
        }
        code[15] = check_letter(&code);
        CodiceFiscale(code)
    }

    /// True when a letter stands for a digit, because two persons would have had the same code.
    #[must_use]
    pub fn is_omocodia(&self) -> bool {
        DIGITS
            .into_iter()
            .any(|at| self.0.get(at).is_some_and(u8::is_ascii_uppercase))
    }

    /// All 128 spellings of this code, the canonical one first; each with the check letter of its own.
    pub fn variants(&self) -> impl Iterator<Item = CodiceFiscale> + use<> {
        let canonical = self.canonical().0;
        (0..128u32).map(move |subset| {
            let mut code = canonical;
            // The tax office begins at the last digit.
            for (bit, at) in DIGITS.into_iter().rev().enumerate() {
                if subset >> bit & 1 == 1
                    && let Some(byte) = code.get_mut(at)
                {
                    let letter = OMOCODIA.get(usize::from(byte.wrapping_sub(b'0')));
                    *byte = letter.copied().unwrap_or(*byte);
                }
            }
            code[15] = check_letter(&code);
            CodiceFiscale(code)
        })
    }

    /// The sex that the day of birth is written for.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.parts().is_some_and(|parts| parts.is_woman) {
            Sex::Female
        } else {
            Sex::Male
        }
    }

    /// The days that the code may mean, the earlier first: the century is not in it. One day only where the other century does not have it
    /// (29 February 1900).
    #[must_use]
    pub fn birth_dates(&self) -> Vec<Date> {
        let Some(parts) = self.parts() else {
            return Vec::new();
        };
        let date = |year: u16| {
            let month = Month::try_from(parts.month).ok()?;
            Date::from_calendar_date(i32::from(year), month, parts.day).ok()
        };
        parts.years().filter_map(date).collect()
    }

    /// The day of birth, where the hint leaves one day only.
    #[must_use]
    pub fn birth_date(&self, hint: BirthHint) -> Option<Date> {
        let fits = |date: &Date| match hint {
            BirthHint::NotAfter(day) => *date <= day,
            BirthHint::Age { years, on } => {
                let age = on.year() - date.year() - i32::from(on.ordinal() < date.ordinal());
                (age - i32::from(years)).abs() <= 1
            }
        };
        let mut dates = self.birth_dates().into_iter().filter(fits);
        dates.next().filter(|_| dates.next().is_none())
    }

    /// The cadastral code of the municipality or country of birth, in digits also where omocodia has letters: `H501`.
    #[must_use]
    pub fn birthplace(&self) -> String {
        self.canonical()
            .as_str()
            .get(11..15)
            .unwrap_or_default()
            .to_owned()
    }

    /// True unless the records say that the place of birth was not there on any day that the code may mean. The tax office gives such codes.
    #[must_use]
    pub fn is_birthplace_contemporary(&self) -> bool {
        judge(&self.0).is_ok_and(|verdict| !verdict.is_place_amiss)
    }

    fn parts(&self) -> Option<Parts> {
        judge(&self.0).ok().map(|verdict| verdict.parts)
    }
}

impl fmt::Debug for CodiceFiscale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodiceFiscale(masked)")
    }
}

impl fmt::Display for CodiceFiscale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CodiceFiscale {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Checks a person's codice fiscale. Small letters and blanks are offered as a correction, never put right in silence.
pub(in crate::check) fn check_person(text: &str, findings: &mut Vec<Finding>) {
    // What most people type is right: one look at 16 bytes. Anything else is looked at again, slowly, to say what is wrong and where.
    let verdict = match text.as_bytes().try_into() {
        Ok(code) => judge(code),
        Err(_) => Err((FindingCode::CodiceFiscaleLength, 0)),
    };
    match verdict {
        Ok(verdict) if !verdict.is_place_amiss => {}
        Ok(_) => Finding::say_at(FindingCode::CodiceFiscalePlaceDates, 11, findings),
        Err(_) => explain(text, findings),
    }
}

#[cold]
fn explain(text: &str, findings: &mut Vec<Finding>) {
    let Some(cleaned) = Cleaned::of(text) else {
        let position = text
            .chars()
            .position(|c| !c.is_ascii_alphanumeric() && !c.is_whitespace())
            .unwrap_or(0);
        Finding::say_at(FindingCode::CodiceFiscaleCharacter, position, findings);
        return;
    };
    if cleaned.length != LENGTH {
        findings.push(Finding::new(FindingCode::CodiceFiscaleLength).with("length", cleaned.length));
        return;
    }
    let amiss = match judge(&cleaned.code) {
        Err((code, at)) => {
            let position = cleaned.places.get(at).copied().unwrap_or(at);
            Finding::say_at(code, position, findings);
            return;
        }
        Ok(verdict) => verdict.is_place_amiss,
    };
    let offered = || {
        cleaned
            .code
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>()
    };
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
    if amiss {
        let position = cleaned.places.get(11).copied().unwrap_or(11);
        Finding::say_at(FindingCode::CodiceFiscalePlaceDates, position, findings);
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

/// The letter of a month, 1 to 12.
fn month_letter(month: u8) -> u8 {
    MONTHS
        .get(usize::from(month).wrapping_sub(1))
        .copied()
        .unwrap_or(b'?')
}
