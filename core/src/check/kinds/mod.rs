//! One file per kind of field, each with the sources of its rules. No check recurses, backtracks or allocates by the length of its
//! input, so none can be slowed down or crashed by it.

mod body;
mod choice;
mod codice_fiscale;
mod date;
mod denominazione;
mod email;
mod file;
mod municipality;
mod partita_iva;
mod phone;
mod province;
mod rea;
mod text;

use std::fmt;

use super::{Finding, FindingCode};
use crate::model::FieldKind;
use crate::provider::visengine::kind_of;

#[cfg(feature = "place-names")]
pub(crate) use codice_fiscale::base_letter;
pub use codice_fiscale::{BirthHint, CodiceFiscale, Coherence, EncodeError, Part, Person, PersonalData, Sex};
pub use date::day;
pub use file::MAX_FILE_BYTES;
pub use phone::Phone;

pub(super) use choice::check_choice;
pub(super) use date::parse as parse_date;
pub(super) use file::check_file;
pub(super) use phone::{asks_for_phone, check_phone};

/// There is no kind of this name that a single value could be checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindError(String);

impl KindError {
    /// What is wrong, and what there is. What `Display` writes.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = "no kind of value is called `".to_owned();
        text.push_str(&self.0);
        text.push_str(
            "`; there are: text, email, denominazione, codice_fiscale_persona, codice_fiscale, partita_iva, municipality, province, rea, cciaa, date, phone",
        );
        text
    }
}

impl fmt::Display for KindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl std::error::Error for KindError {}

/// Checks one value by itself against a kind, by our name or the provider's (`codice_fiscale_persona_fisica`). An empty value is wrong:
/// whether a field may be left empty is for its form to say.
///
/// # Errors
/// There is no such kind, or it is `file`, which is checked by a descriptor.
pub fn check_value(kind: &str, value: &str) -> Result<Vec<Finding>, KindError> {
    let mut findings = Vec::new();
    if value.trim().is_empty() {
        Finding::say(FindingCode::RequiredMissing, &mut findings);
    }
    let known = FieldKind::of(kind).unwrap_or_else(|| kind_of(kind));
    match (kind, known) {
        ("phone", _) if findings.is_empty() => check_phone(value, &mut findings),
        ("phone", _) => {}
        (_, FieldKind::File) => return Err(KindError(kind.to_owned())),
        (kind, FieldKind::Unknown) if kind != "unknown" => return Err(KindError(kind.to_owned())),
        (_, known) if findings.is_empty() => check_text_of(known, value, &mut findings),
        _ => {}
    }
    Ok(findings)
}

/// Checks a text that is not blank against its kind.
pub(super) fn check_text_of(kind: FieldKind, text: &str, findings: &mut Vec<Finding>) {
    match kind {
        FieldKind::Text | FieldKind::Unknown | FieldKind::File => text::check(text, findings),
        FieldKind::Denominazione => denominazione::check(text, findings),
        FieldKind::Email => email::check(text, findings),
        FieldKind::CodiceFiscalePersona => codice_fiscale::check_person(text, findings),
        FieldKind::CodiceFiscale if body::is_meant(text) => body::check(text, findings),
        FieldKind::CodiceFiscale => codice_fiscale::check_person(text, findings),
        FieldKind::PartitaIva => partita_iva::check(text, findings),
        FieldKind::Municipality => municipality::check(text, findings),
        FieldKind::Province => province::check(text, findings),
        // A chamber of commerce is named by its province.
        FieldKind::Cciaa => province::check(text, findings),
        FieldKind::Rea => rea::check(text, findings),
        FieldKind::Date => date::check(text, findings),
    }
}

/// The place, in characters, of a byte offset.
fn char_position(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < byte).count()
}

/// A finding that offers the text in capitals and without blanks around it, where it fits then.
fn offer_capitals(text: &str, code: FindingCode, fits: impl Fn(&str) -> bool) -> Finding {
    let capitals: String = text
        .trim()
        .chars()
        .take(8)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let finding = Finding::new(code);
    if fits(&capitals) {
        finding.offering(capitals)
    } else {
        finding
    }
}
