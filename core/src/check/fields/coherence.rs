//! Answers of one form that speak of the same person: the codice fiscale against name, surname, sex, day and place of birth.

use super::{FieldRole, Recognised};
use crate::check::kinds::parse_date;
use crate::check::{CodiceFiscale, Finding, FindingCode, Given, Part, PersonalData, Sex};
use crate::model::Field;
use crate::places;

/// Says a warning for each answer that the codice fiscale of the same person does not fit, with the field's index. Nobody is compared whose codice fiscale
/// is asked for twice or is not right. `is_right` says that no answer has a finding so far, so that a code need not be judged again.
pub(in crate::check) fn check_persons(
    fields: &[Field],
    given: &[Option<Given<'_>>],
    is_right: bool,
    say: &mut dyn FnMut(usize, Finding),
) {
    for (index, field) in fields.iter().enumerate() {
        let Some(whose) = field.recognised.filter(|it| it.role == FieldRole::CodiceFiscale) else {
            continue;
        };
        let read = if is_right {
            CodiceFiscale::judged
        } else {
            CodiceFiscale::read
        };
        let Some(code) = text(given, index).and_then(read) else {
            continue;
        };
        let person = PersonFields::of(fields, whose);
        if person.field(FieldRole::CodiceFiscale) == Some(index) {
            check_person(code, &person, given, say);
        }
    }
}

/// True when the field of this index and the other speak of the same person and are compared through a codice fiscale.
pub(in crate::check) fn same_person(fields: &[Field], index: usize, other: &Field) -> bool {
    let compared = |field: &Field| {
        field.recognised.filter(|it| {
            matches!(
                it.role,
                FieldRole::GivenName
                    | FieldRole::Surname
                    | FieldRole::BirthDate
                    | FieldRole::Birthplace
                    | FieldRole::Sex
                    | FieldRole::CodiceFiscale
            )
        })
    };
    let whose = |it: Recognised| (it.subject, it.number);
    match (fields.get(index).and_then(compared), compared(other)) {
        (Some(one), Some(other)) => whose(one) == whose(other),
        _ => false,
    }
}

/// The one field of each role that asks for something of one person.
struct PersonFields([Slot; FieldRole::ALL.len()]);

#[derive(Clone, Copy)]
enum Slot {
    None,
    One(usize),
    /// Which is meant can't be told.
    Several,
}

impl PersonFields {
    fn of(fields: &[Field], whose: Recognised) -> PersonFields {
        let mut slots = [Slot::None; FieldRole::ALL.len()];
        for (index, field) in fields.iter().enumerate() {
            if let Some(it) = field.recognised
                && (it.subject, it.number) == (whose.subject, whose.number)
                && let Some(slot) = slots.get_mut(it.role as usize)
            {
                *slot = match slot {
                    Slot::None => Slot::One(index),
                    _ => Slot::Several,
                };
            }
        }
        PersonFields(slots)
    }

    fn field(&self, role: FieldRole) -> Option<usize> {
        match self.0.get(role as usize) {
            Some(Slot::One(index)) => Some(*index),
            _ => None,
        }
    }
}

fn check_person(
    code: CodiceFiscale,
    person: &PersonFields,
    given: &[Option<Given<'_>>],
    say: &mut dyn FnMut(usize, Finding),
) {
    let field = |role| person.field(role);
    let answer = |role| field(role).and_then(|index| text(given, index));
    let birth_date = answer(FieldRole::BirthDate).and_then(parse_date);
    let data = PersonalData {
        surname: answer(FieldRole::Surname),
        name: answer(FieldRole::GivenName),
        sex: answer(FieldRole::Sex).and_then(Sex::parse),
        birth_date,
        birthplace: answer(FieldRole::Birthplace).filter(|place| places::is_known(place)),
    };
    let coherence = code.coherence(&data);
    for finding in coherence.findings() {
        let role = match finding.code {
            FindingCode::CoherenceSurname | FindingCode::CoherenceSwapped => FieldRole::Surname,
            FindingCode::CoherenceName => FieldRole::GivenName,
            FindingCode::CoherenceSex => FieldRole::Sex,
            FindingCode::CoherenceBirthDate => FieldRole::BirthDate,
            _ => FieldRole::Birthplace,
        };
        if let Some(index) = field(role) {
            say(index, finding);
        }
    }
    let day = birth_date.filter(|_| !coherence.disagreeing.contains(&Part::BirthDate));
    if let Some(index) = field(FieldRole::Birthplace)
        && let Some(name) = answer(FieldRole::Birthplace)
        && names_another(name, &code)
    {
        say(index, Finding::new(FindingCode::CoherenceBirthplace));
    }
    // The code alone leaves the century open; with the form's own day the place was there then or was not.
    if let Some(day) = day
        && let Some(index) = field(FieldRole::CodiceFiscale)
        && !places::stood_on(&code.birthplace(), day)
        && code.is_birthplace_contemporary()
    {
        say(index, Finding::new(FindingCode::CodiceFiscalePlaceDates).at(11));
    }
}

/// True when a place of birth given by name is surely not the code's.
#[cfg(feature = "places")]
fn names_another(name: &str, code: &CodiceFiscale) -> bool {
    // A name that is too long for any place is not looked up.
    if name.len() > 100 || places::is_known(name.trim()) {
        return false;
    }
    let codes = places::Places::bundled().codes_named(name);
    !codes.is_empty() && !codes.contains(&code.birthplace().as_str())
}

#[cfg(not(feature = "places"))]
fn names_another(_: &str, _: &CodiceFiscale) -> bool {
    false
}

fn text<'a>(given: &[Option<Given<'a>>], index: usize) -> Option<&'a str> {
    let answer = given.get(index).copied().flatten()?;
    answer.as_text().filter(|_| !answer.is_blank())
}
