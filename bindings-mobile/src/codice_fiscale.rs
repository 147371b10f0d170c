use std::fmt;
use std::sync::Arc;

use sportello::check::{Person, PersonalData};

use crate::values::CalendarDay;
use crate::{Coherence, Finding, Sex, SportelloError};

/// What is known of a person, to make a codice fiscale of or to compare one with. Its text form shows nothing of it.
#[derive(uniffi::Object)]
pub struct PersonDetails {
    surname: Option<String>,
    name: Option<String>,
    sex: Option<Sex>,
    birth_date: Option<CalendarDay>,
    birthplace: Option<String>,
}

#[uniffi::export]
impl PersonDetails {
    /// What is not known is left out and is not compared; to make a code, everything is needed. The birthplace is the cadastral code of a
    /// municipality or country: `H501`, `Z404`.
    ///
    /// # Errors
    /// [`SportelloError::Answers`] (`answers.not_a_day`) for a day that the calendar does not have, where the platform's type can hold one.
    #[uniffi::constructor(default(surname = None, name = None, sex = None, birth_date = None, birthplace = None))]
    pub fn new(
        surname: Option<String>,
        name: Option<String>,
        sex: Option<Sex>,
        birth_date: Option<CalendarDay>,
        birthplace: Option<String>,
    ) -> Result<Arc<PersonDetails>, SportelloError> {
        Ok(Arc::new(PersonDetails {
            surname,
            name,
            sex,
            birth_date,
            birthplace,
        }))
    }
}

/// A person's codice fiscale that is right: characters, calendar, check letter, and a place that there is or was. Its text form shows
/// nothing of it.
#[derive(uniffi::Object)]
pub struct CodiceFiscale(sportello::CodiceFiscale);

#[uniffi::export]
impl CodiceFiscale {
    /// Reads a code that is written right: capitals, no blanks.
    ///
    /// # Errors
    /// [`SportelloError::Check`] with the first finding; small letters and blanks come with the right spelling as an offered correction.
    #[uniffi::constructor]
    pub fn parse(text: &str) -> Result<Arc<CodiceFiscale>, SportelloError> {
        let code = sportello::CodiceFiscale::parse(text).map_err(|finding| {
            sportello::SportelloError::new(sportello::ErrorCode::CheckErrors).findings(vec![finding])
        })?;
        Ok(Arc::new(CodiceFiscale(code)))
    }

    /// The code of a person, in its canonical form. Only the tax office can say whether somebody else has it already.
    ///
    /// # Errors
    /// [`SportelloError::Answers`] where something is not known, or a letter, a place or a year can't be coded.
    #[uniffi::constructor]
    pub fn encode(person: &PersonDetails) -> Result<Arc<CodiceFiscale>, SportelloError> {
        let PersonDetails {
            surname: Some(surname),
            name: Some(name),
            sex: Some(sex),
            birth_date: Some(CalendarDay(birth_date)),
            birthplace: Some(birthplace),
        } = person
        else {
            let text = "surname, name, sex, birth date and birthplace are all needed to make a code";
            return Err(sportello::SportelloError::foreign("answers.incomplete_person", false, text).into());
        };
        let person = Person {
            surname,
            name,
            sex: *sex,
            birth_date: *birth_date,
            birthplace,
        };
        let code = sportello::CodiceFiscale::encode(&person).map_err(SportelloError::encode)?;
        Ok(Arc::new(CodiceFiscale(code)))
    }

    /// The code as it is written. Personal data.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.as_str().to_owned()
    }

    /// The code that this one is a spelling of: digits where omocodia has letters, and the check letter that fits them.
    #[must_use]
    pub fn canonical(&self) -> Arc<CodiceFiscale> {
        Arc::new(CodiceFiscale(self.0.canonical()))
    }

    /// True when a letter stands for a digit, because two persons would have had the same code.
    #[must_use]
    pub fn is_omocodia(&self) -> bool {
        self.0.is_omocodia()
    }

    /// The sex that the day of birth is written for.
    #[must_use]
    pub fn sex(&self) -> Sex {
        self.0.sex()
    }

    /// The days that the code may mean, the earlier first: the century is not in it.
    #[must_use]
    pub fn birth_dates(&self) -> Vec<CalendarDay> {
        self.0.birth_dates().into_iter().map(CalendarDay).collect()
    }

    /// The cadastral code of the municipality or country of birth: `H501`.
    #[must_use]
    pub fn birthplace(&self) -> String {
        self.0.birthplace()
    }

    /// Compares the code with what is known of the person.
    #[must_use]
    pub fn coherence(&self, person: &PersonDetails) -> Coherence {
        self.0.coherence(&person.known())
    }

    /// As [`coherence`](CodiceFiscale::coherence), as warnings for people.
    #[must_use]
    pub fn findings(&self, person: &PersonDetails) -> Vec<Arc<Finding>> {
        let findings = self.0.coherence(&person.known()).findings();
        findings.into_iter().map(Finding::wrap).collect()
    }
}

impl PersonDetails {
    fn known(&self) -> PersonalData<'_> {
        PersonalData {
            surname: self.surname.as_deref(),
            name: self.name.as_deref(),
            sex: self.sex,
            birth_date: self.birth_date.map(|day| day.0),
            birthplace: self.birthplace.as_deref(),
        }
    }
}

impl fmt::Debug for PersonDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonDetails(masked)")
    }
}
