//! From a person to the code that the tax office would give.

use std::fmt;

use time::Date;

use super::judge::{LENGTH, check_letter};
use super::letters::{NoVerdict, Of, three_letters};
use super::{CodiceFiscale, Sex, month_letter};
use crate::places::PlaceIndex;

/// What a code is made of. `Debug` is masked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Person<'a> {
    /// The surname; empty where none is on file.
    pub surname: &'a str,
    /// The given name, or all of them; empty where none is on file.
    pub name: &'a str,
    /// The sex on file.
    pub sex: Sex,
    /// The day of birth.
    pub birth_date: Date,
    /// The cadastral code of the municipality or country of birth: `H501`, `Z404`.
    pub birthplace: &'a str,
}

impl fmt::Debug for Person<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(masked)")
    }
}

/// No code can be made of this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The surname has a letter that the tax office's table does not have, and the code hangs on it.
    #[error(
        "character {0} of the surname is not in the tax office's table of letters, and the code hangs on it"
    )]
    Surname(usize),
    /// The same in the given name.
    #[error(
        "character {0} of the name is not in the tax office's table of letters, and the code hangs on it"
    )]
    Name(usize),
    /// There is no place of this code.
    #[error("the birthplace is not the code of a municipality or country")]
    Birthplace,
    /// Born before 1900 or after 2099: the code of somebody else would be read from it.
    #[error("the birth date is not between 1900 and 2099")]
    BirthDate,
}

impl EncodeError {
    /// Every code, for the list of all errors.
    pub const ALL_CODES: &'static [&'static str] = &[
        "encode.surname",
        "encode.name",
        "encode.birthplace",
        "encode.birth_date",
    ];

    /// The stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            EncodeError::Surname(_) => "encode.surname",
            EncodeError::Name(_) => "encode.name",
            EncodeError::Birthplace => "encode.birthplace",
            EncodeError::BirthDate => "encode.birth_date",
        }
    }
}

impl CodiceFiscale {
    /// The code of a person, in its canonical form. Only the tax office can say whether somebody else has it already, and which spelling was
    /// given then.
    ///
    /// # Errors
    /// A letter without a rule on which the code hangs (ñ, a Cyrillic letter), a place that there is not, a year out of range.
    pub fn encode(person: &Person<'_>) -> Result<CodiceFiscale, EncodeError> {
        let position = |NoVerdict(at)| at + 1;
        let surname = three_letters(person.surname, Of::Surname)
            .map_err(|error| EncodeError::Surname(position(error)))?;
        let name =
            three_letters(person.name, Of::Name).map_err(|error| EncodeError::Name(position(error)))?;
        let place = PlaceIndex::parse(person.birthplace).filter(|place| place.is_known());
        let place: [u8; 4] = place
            .and_then(|_| person.birthplace.as_bytes().try_into().ok())
            .ok_or(EncodeError::Birthplace)?;
        let year = u8::try_from(person.birth_date.year().rem_euclid(100)).unwrap_or(0);
        if !(1900..2100).contains(&person.birth_date.year()) {
            return Err(EncodeError::BirthDate);
        }
        let day = person.birth_date.day() + if person.sex == Sex::Female { 40 } else { 0 };
        let month = month_letter(u8::from(person.birth_date.month()));
        let digits = |number: u8| [b'0' + number / 10, b'0' + number % 10];
        let ([s1, s2, s3], [n1, n2, n3], [p1, p2, p3, p4]) = (surname, name, place);
        let ([y1, y2], [d1, d2]) = (digits(year), digits(day));
        let mut code: [u8; LENGTH] = [
            s1, s2, s3, n1, n2, n3, y1, y2, month, d1, d2, p1, p2, p3, p4, b'?',
        ];
        code[15] = check_letter(&code);
        Ok(CodiceFiscale(code))
    }
}
