//! What a field of a form asks for beyond its kind, recognised by kind and label, and whose it is.
//!
//! Providers write labels as they like: `Nome`, `COGNOME DEL CONIUGE`, `Data di nascita figlio 2`. What is not surely recognised is not
//! recognised: nothing is compared by guessing.

mod coherence;
mod input;
mod words;

use serde::{Deserialize, Serialize};

use super::kinds::asks_for_phone;
use crate::model::{FieldKind, fold};

pub(super) use coherence::{check_persons, same_person};
pub use input::{Autocomplete, Capitalize, InputHints, InputMode, InputType};
pub use words::FieldWords;

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRole {
    /// A person's given name, or all of them.
    GivenName,
    /// A person's surname.
    Surname,
    /// The day of birth.
    BirthDate,
    /// The municipality or country of birth, by code or by name.
    Birthplace,
    /// The sex, `M` or `F`.
    Sex,
    /// A person's codice fiscale.
    CodiceFiscale,
    /// An e-mail address.
    Email,
    /// A telephone number in a field of text.
    Phone,
    /// A scan of an identity document.
    IdentityDocument,
    /// A scan of the codice fiscale card (tessera sanitaria).
    CodiceFiscaleCard,
    /// A scan of the signed mandate of assistance and representation.
    Mandate,
    /// An IBAN.
    Iban,
}

impl FieldRole {
    /// Every role.
    pub const ALL: [FieldRole; 12] = [
        FieldRole::GivenName,
        FieldRole::Surname,
        FieldRole::BirthDate,
        FieldRole::Birthplace,
        FieldRole::Sex,
        FieldRole::CodiceFiscale,
        FieldRole::Email,
        FieldRole::Phone,
        FieldRole::IdentityDocument,
        FieldRole::CodiceFiscaleCard,
        FieldRole::Mandate,
        FieldRole::Iban,
    ];

    /// The stable name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            FieldRole::GivenName => "given_name",
            FieldRole::Surname => "surname",
            FieldRole::BirthDate => "birth_date",
            FieldRole::Birthplace => "birthplace",
            FieldRole::Sex => "sex",
            FieldRole::CodiceFiscale => "codice_fiscale",
            FieldRole::Email => "email",
            FieldRole::Phone => "phone",
            FieldRole::IdentityDocument => "identity_document",
            FieldRole::CodiceFiscaleCard => "codice_fiscale_card",
            FieldRole::Mandate => "mandate",
            FieldRole::Iban => "iban",
        }
    }
}

/// Whose data a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The person who asks, and whoever the label does not name.
    Applicant,
    /// Husband, wife, partner.
    Spouse,
    /// A child.
    Child,
    /// The other parent.
    Parent,
    /// The deceased.
    Deceased,
    /// A guardian, delegate or representative.
    Representative,
}

impl Subject {
    /// The stable name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Subject::Applicant => "applicant",
            Subject::Spouse => "spouse",
            Subject::Child => "child",
            Subject::Parent => "parent",
            Subject::Deceased => "deceased",
            Subject::Representative => "representative",
        }
    }
}

/// A field that was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recognised {
    /// What it asks for.
    pub role: FieldRole,
    /// Whose.
    pub subject: Subject,
    /// Which of them, where the label counts: `figlio 2`; else 0.
    pub number: u8,
}

/// The words that name whose data it is; the first that a label has decides.
const SUBJECTS: &[(Subject, &str)] = &[
    (Subject::Spouse, "coniuge marito moglie convivente spouse partner"),
    (
        Subject::Child,
        "figlio figlia figli minore minorenne bambino bambina neonato child son daughter",
    ),
    (Subject::Parent, "genitore padre madre parent father mother"),
    (
        Subject::Deceased,
        "defunto defunta deceduto deceduta cuius causa deceased",
    ),
    (
        Subject::Representative,
        "delegato tutore rappresentante amministratore curatore guardian representative",
    ),
];

/// Words that make a name one of something else than a person.
const NO_PERSON: &str = "utente user username comune azienda ditta societa impresa datore scuola banca file ente via company employer school bank nubile documento";

/// What a field asks for; `None` for what is not surely recognised.
#[must_use]
pub fn recognise(kind: FieldKind, label: &str) -> Option<Recognised> {
    let folded = plain(&fold(label));
    let has = |words: &str| holds(&folded, words, true);
    let begins = |stems: &str| holds(&folded, stems, false);
    let of_birth = begins("nascita birth nato nata");
    let role = match kind {
        FieldKind::Email => FieldRole::Email,
        FieldKind::CodiceFiscalePersona | FieldKind::CodiceFiscale => FieldRole::CodiceFiscale,
        FieldKind::File => {
            let card = has("tessera") || (begins("codice tax fiscal") && begins("fiscale code"));
            match (
                begins("mandat delega procura"),
                begins("identit riconoscimento"),
                card,
            ) {
                (true, false, false) => FieldRole::Mandate,
                (false, true, false) => FieldRole::IdentityDocument,
                (false, false, true) => FieldRole::CodiceFiscaleCard,
                _ => return None,
            }
        }
        FieldKind::Date if of_birth => FieldRole::BirthDate,
        FieldKind::Municipality if of_birth => FieldRole::Birthplace,
        FieldKind::Text | FieldKind::Unknown => {
            let last_name = has("family last") && has("name");
            let surname = has("cognome surname") || last_name;
            let name = has("nome nomi name prenome") && !last_name;
            if of_birth && has("comune luogo citta stato paese place municipality") {
                FieldRole::Birthplace
            } else if of_birth && has("data date") {
                FieldRole::BirthDate
            } else if has("sesso sex gender") {
                FieldRole::Sex
            } else if has("iban") {
                FieldRole::Iban
            } else if asks_for_phone(&folded) {
                FieldRole::Phone
            } else if surname == name || has(NO_PERSON) {
                return None;
            } else if surname {
                FieldRole::Surname
            } else {
                FieldRole::GivenName
            }
        }
        _ => return None,
    };
    let subject = SUBJECTS
        .iter()
        .find(|(_, words)| has(words))
        .map_or(Subject::Applicant, |(subject, _)| *subject);
    let mut words = folded.as_bytes().split(|byte| *byte == b' ');
    Some(Recognised {
        role,
        subject,
        number: words.find_map(small_number).unwrap_or(0),
    })
}

/// A number below 256 of nothing but digits.
fn small_number(word: &[u8]) -> Option<u8> {
    let add = |number: u8, digit: &u8| {
        let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
        number.checked_mul(10)?.checked_add(digit)
    };
    word.first()?;
    word.iter().try_fold(0, add)
}

/// True when a label has one of these words, or one that begins so.
fn holds(label: &str, words: &str, whole: bool) -> bool {
    let is_blank = |byte: &u8| *byte == b' ';
    let own = label.as_bytes().split(is_blank);
    own.into_iter().any(|own| {
        let mut known = words.as_bytes().split(is_blank);
        known.any(|known| own.starts_with(known) && (!whole || own.len() == known.len()))
    })
}

/// Words of letters and digits, without accents: what separates them is a blank.
fn plain(label: &str) -> String {
    label
        .chars()
        .map(|c| match c {
            'à' | 'á' => 'a',
            'è' | 'é' => 'e',
            'ì' | 'í' => 'i',
            'ò' | 'ó' => 'o',
            'ù' | 'ú' => 'u',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_recognised_by_kind_and_label() {
        use FieldKind as K;
        use FieldRole as R;
        use Subject as S;
        for (kind, label, role, subject) in [
            (K::Text, "Nome", R::GivenName, S::Applicant),
            (K::Text, "COGNOME", R::Surname, S::Applicant),
            (K::Text, "Cognome del coniuge", R::Surname, S::Spouse),
            (K::Text, "Last name", R::Surname, S::Applicant),
            (K::Text, "First name", R::GivenName, S::Applicant),
            (K::Text, "CELLULARE", R::Phone, S::Applicant),
            (K::Text, "Comune di nascita", R::Birthplace, S::Applicant),
            (
                K::Municipality,
                "COMUNE DI NASCITA FIGLIO",
                R::Birthplace,
                S::Child,
            ),
            (K::Date, "Data di nascita", R::BirthDate, S::Applicant),
            (K::Text, "Sesso (M/F)", R::Sex, S::Applicant),
            (
                K::CodiceFiscalePersona,
                "CODICE FISCALE CONIUGE",
                R::CodiceFiscale,
                S::Spouse,
            ),
            (
                K::File,
                "DOCUMENTO DI IDENTITÀ FRONTE E RETRO",
                R::IdentityDocument,
                S::Applicant,
            ),
            (
                K::File,
                "TESSERA CODICE FISCALE FRONTE E RETRO",
                R::CodiceFiscaleCard,
                S::Applicant,
            ),
            (
                K::File,
                "MANDATO DI ASSISTENZA E RAPPRESENTANZA",
                R::Mandate,
                S::Applicant,
            ),
        ] {
            let found = recognise(kind, label).unwrap_or_else(|| panic!("{label}"));
            assert_eq!((found.role, found.subject), (role, subject), "{label}");
        }
        assert_eq!(
            recognise(K::Text, "Nome del figlio 2").map(|found| found.number),
            Some(2)
        );
    }

    #[test]
    fn what_may_be_something_else_is_left_alone() {
        for (kind, label) in [
            (FieldKind::Text, "Nome e cognome"),
            (FieldKind::Text, "Nome utente"),
            (FieldKind::Text, "Nome azienda"),
            (FieldKind::Text, "Nome del comune"),
            (FieldKind::Date, "Data di assunzione"),
            (FieldKind::Municipality, "Comune di residenza"),
            (FieldKind::File, "Documento di identità e codice fiscale"),
            (FieldKind::File, "Ultima busta paga"),
            (FieldKind::Text, "Note"),
            (FieldKind::Text, ""),
        ] {
            assert_eq!(recognise(kind, label), None, "{label}");
        }
    }
}
