//! Does a code belong to the person? Every part by itself, in one call.

use std::fmt;

use serde::Serialize;
use time::Date;

use super::letters::{Of, three_letters};
use super::{CodiceFiscale, Sex};
use crate::check::{Finding, FindingCode};

/// What is known of a person; `None` for what is not known, which is not looked at. `Debug` is masked.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonalData<'a> {
    /// The surname; empty where none is on file.
    pub surname: Option<&'a str>,
    /// The given name, or all of them; empty where none is on file.
    pub name: Option<&'a str>,
    /// The sex on file.
    pub sex: Option<Sex>,
    /// The day of birth.
    pub birth_date: Option<Date>,
    /// The cadastral code of the municipality or country of birth.
    pub birthplace: Option<&'a str>,
}

impl fmt::Debug for PersonalData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalData(masked)")
    }
}

/// A part of a person's data that the code has something of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The surname.
    Surname,
    /// The given name.
    Name,
    /// The sex.
    Sex,
    /// The day of birth.
    BirthDate,
    /// The municipality or country of birth.
    Birthplace,
}

impl Part {
    /// The stable name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Part::Surname => "surname",
            Part::Name => "name",
            Part::Sex => "sex",
            Part::BirthDate => "birth_date",
            Part::Birthplace => "birthplace",
        }
    }

    const fn finding(self) -> FindingCode {
        match self {
            Part::Surname => FindingCode::CoherenceSurname,
            Part::Name => FindingCode::CoherenceName,
            Part::Sex => FindingCode::CoherenceSex,
            Part::BirthDate => FindingCode::CoherenceBirthDate,
            Part::Birthplace => FindingCode::CoherenceBirthplace,
        }
    }
}

/// How a code and a person's data agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coherence {
    /// The parts that disagree, in the code's order.
    pub disagreeing: Vec<Part>,
    /// The parts of which nothing can be said: a name in letters that the tax office's table does not have.
    pub undecided: Vec<Part>,
    /// The surname stands where the name belongs and the other way round; both are among the disagreeing.
    pub is_swapped: bool,
}

impl Coherence {
    /// True when nothing disagrees.
    #[must_use]
    pub fn is_coherent(&self) -> bool {
        self.disagreeing.is_empty()
    }

    /// A warning for every part that disagrees; one for both names when they are swapped.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let names = |part: &&Part| matches!(part, Part::Surname | Part::Name);
        let swapped = self
            .is_swapped
            .then(|| Finding::new(FindingCode::CoherenceSwapped));
        let parts = self
            .disagreeing
            .iter()
            .filter(|part| !(self.is_swapped && names(part)))
            .map(|part| Finding::new(part.finding()));
        swapped.into_iter().chain(parts).collect()
    }
}

impl CodiceFiscale {
    /// Compares the code with what is known of the person. A name may be one of several given names' only as the tax office reads them: all
    /// together, as on the birth certificate.
    #[must_use]
    pub fn coherence(&self, person: &PersonalData<'_>) -> Coherence {
        let mut coherence = Coherence::default();
        let [s1, s2, s3, n1, n2, n3, ..] = self.0;
        let (surname, name) = ([s1, s2, s3], [n1, n2, n3]);
        for (part, given, of, own) in [
            (Part::Surname, person.surname, Of::Surname, surname),
            (Part::Name, person.name, Of::Name, name),
        ] {
            match given.map(|given| three_letters(given, of)) {
                Some(Ok(letters)) if letters != own => coherence.disagreeing.push(part),
                Some(Err(_)) => coherence.undecided.push(part),
                Some(Ok(_)) | None => {}
            }
        }
        if let (Some(given_surname), Some(given_name), [Part::Surname, ..]) =
            (person.surname, person.name, coherence.disagreeing.as_slice())
        {
            coherence.is_swapped = three_letters(given_name, Of::Surname) == Ok(surname)
                && three_letters(given_surname, Of::Name) == Ok(name);
            if coherence.is_swapped && !coherence.disagreeing.contains(&Part::Name) {
                // Both read the same as a name; swapped all the same.
                coherence.disagreeing.push(Part::Name);
            }
        }
        if person.sex.is_some_and(|sex| sex != self.sex()) {
            coherence.disagreeing.push(Part::Sex);
        }
        if let (Some(date), Some(parts)) = (person.birth_date, self.parts()) {
            let same = date.year().rem_euclid(100) == i32::from(parts.year)
                && u8::from(date.month()) == parts.month
                && date.day() == parts.day;
            if !same {
                coherence.disagreeing.push(Part::BirthDate);
            }
        }
        if person
            .birthplace
            .is_some_and(|place| !place.trim().eq_ignore_ascii_case(&self.birthplace()))
        {
            coherence.disagreeing.push(Part::Birthplace);
        }
        coherence
    }
}
