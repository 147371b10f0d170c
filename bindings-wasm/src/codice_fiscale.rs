use sportello::CodiceFiscale;
use sportello::check::{Part, PersonalData, Sex};
use sportello::model::push_digits;
use time::Date;
use wasm_bindgen::prelude::*;

use crate::room::answering;
use crate::wire;

const PART: char = '\u{1f}';

/// What a code says, part by part: code, canonical form, omocodia, sex, birthplace, whether that was there, days of birth, spellings. Of one that is wrong
/// the finding.
#[wasm_bindgen(js_name = codiceFiscale)]
#[must_use]
pub fn codice_fiscale() -> *const u32 {
    answering(
        &|written, answer| match CodiceFiscale::parse(written.text().unwrap_or_default()) {
            Ok(code) => described(&code, &mut answer.text),
            Err(finding) => wire::finding(&finding, None, answer),
        },
    )
}

pub(crate) fn described(code: &CodiceFiscale, out: &mut String) {
    let yes = |flag: bool| if flag { "1" } else { "" };
    for part in [
        code.as_str(),
        code.canonical().as_str(),
        yes(code.is_omocodia()),
        code.sex().as_str(),
        &code.birthplace(),
        yes(code.is_birthplace_contemporary()),
    ] {
        out.push_str(part);
        out.push(PART);
    }
    for (index, date) in code.birth_dates().into_iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        push_digits(out, u64::from(date.year().unsigned_abs()), 4);
        out.push('-');
        push_digits(out, u8::from(date.month()).into(), 2);
        out.push('-');
        push_digits(out, date.day().into(), 2);
    }
    out.push(PART);
    for (index, code) in code.variants().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(code.as_str());
    }
}

/// Compares a code that is right with a person: surname, name, sex, day, place are written behind the code, each or not. The findings, then the parts that
/// disagree, those of which nothing can be said, `1` for swapped names.
#[wasm_bindgen]
#[must_use]
pub fn coherence() -> *const u32 {
    answering(&|written, answer| {
        let code = match CodiceFiscale::parse(written.text().unwrap_or_default()) {
            Ok(code) => code,
            Err(finding) => {
                answer.say(1);
                return wire::finding(&finding, None, answer);
            }
        };
        let (surname, name, sex) = (written.text(), written.text(), written.text());
        let (birth_date, birthplace) = (written.text(), written.text());
        let (Some(sex), Some(birth_date)) = (read(sex, sex_of), read(birth_date, day)) else {
            let (code, detail) = UNREADABLE;
            return answer.fail(code, detail);
        };
        let coherence = code.coherence(&PersonalData {
            surname,
            name,
            sex,
            birth_date,
            birthplace,
        });
        for finding in coherence.findings() {
            wire::finding(&finding, None, answer);
        }
        names(&mut answer.text, &coherence.disagreeing);
        names(&mut answer.text, &coherence.undecided);
        answer.text.push_str(if coherence.is_swapped { "1" } else { "" });
    })
}

fn names(out: &mut String, parts: &[Part]) {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(part.as_str());
    }
    out.push(PART);
}

/// What is not given is known to be nothing; what is given must be readable.
fn read<T>(text: Option<&str>, read: fn(&str) -> Option<T>) -> Option<Option<T>> {
    match text {
        None => Some(None),
        Some(text) => read(text).map(Some),
    }
}

/// What to say of a person that can't be read.
pub(crate) const UNREADABLE: (&str, &str) = (
    "person.not_readable",
    "`sex` is `M` or `F`, and `birthDate` a day written `yyyy-mm-dd`",
);

pub(crate) fn sex_of(text: &str) -> Option<Sex> {
    Sex::parse(text)
}

/// A day written `yyyy-mm-dd`.
pub(crate) fn day(text: &str) -> Option<Date> {
    sportello::check::day(text)
}
