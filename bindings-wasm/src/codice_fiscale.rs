use sportello::CodiceFiscale;
use sportello::check::{PersonalData, Sex};
use time::{Date, Month};
use wasm_bindgen::prelude::*;

use crate::wire::{self, failure};

const PART: &str = "\u{1f}";

/// What a code says, part by part: code, canonical form, omocodia, sex, birthplace, whether that was there, days of birth, spellings. Of one that is wrong
/// `!` and the finding.
#[wasm_bindgen(js_name = codiceFiscale)]
#[must_use]
pub fn codice_fiscale(text: &str) -> String {
    match CodiceFiscale::parse(text) {
        Ok(code) => described(&code),
        Err(finding) => format!("!{}", wire::findings(&[finding], None)),
    }
}

pub(crate) fn described(code: &CodiceFiscale) -> String {
    let yes = |flag: bool| if flag { "1" } else { "" };
    let days: Vec<String> = code.birth_dates().iter().map(ToString::to_string).collect();
    let spellings: Vec<String> = code.variants().map(|code| code.as_str().to_owned()).collect();
    [
        code.as_str(),
        code.canonical().as_str(),
        yes(code.is_omocodia()),
        code.sex().as_str(),
        &code.birthplace(),
        yes(code.is_birthplace_contemporary()),
        &days.join(" "),
        &spellings.join(" "),
    ]
    .join(PART)
}

/// Compares a code that is right with a person: the parts that disagree, those of which nothing can be said, `1` for swapped names; then the findings.
///
/// # Errors
/// `sex` or the day can't be read.
#[wasm_bindgen]
pub fn coherence(
    code: &str,
    surname: Option<String>,
    name: Option<String>,
    sex: Option<String>,
    birth_date: Option<String>,
    birthplace: Option<String>,
) -> Result<String, JsValue> {
    let code = CodiceFiscale::parse(code)
        .map_err(|finding| failure(finding.code.as_str(), "not a codice fiscale"))?;
    let person = PersonalData {
        surname: surname.as_deref(),
        name: name.as_deref(),
        sex: sex.as_deref().map(sex_of).transpose()?,
        birth_date: birth_date.as_deref().map(day).transpose()?,
        birthplace: birthplace.as_deref(),
    };
    let coherence = code.coherence(&person);
    let names = |parts: &[sportello::check::Part]| {
        let names: Vec<&str> = parts.iter().map(|part| part.as_str()).collect();
        names.join(" ")
    };
    let swapped = if coherence.is_swapped { "1" } else { "" };
    let parts = [
        &names(&coherence.disagreeing),
        &names(&coherence.undecided),
        swapped,
    ]
    .join(PART);
    Ok(format!(
        "{parts}\u{1c}{}",
        wire::findings(&coherence.findings(), None)
    ))
}

pub(crate) fn sex_of(text: &str) -> Result<Sex, JsValue> {
    Sex::parse(text).ok_or_else(|| failure("person.not_readable", "`sex` is `M` or `F`"))
}

/// A day written `yyyy-mm-dd`.
pub(crate) fn day(text: &str) -> Result<Date, JsValue> {
    let parts = text
        .split('-')
        .map(|part| part.parse::<u16>().ok())
        .collect::<Option<Vec<_>>>();
    let date = parts.and_then(|parts| {
        let [year, month, day] = parts.as_slice() else {
            return None;
        };
        let month = Month::try_from(u8::try_from(*month).ok()?).ok()?;
        Date::from_calendar_date((*year).into(), month, u8::try_from(*day).ok()?).ok()
    });
    date.ok_or_else(|| failure("person.not_readable", "`birthDate` is a day written `yyyy-mm-dd`"))
}
