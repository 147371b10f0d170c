//! How a field wants to be typed: what a page's or an app's input can be told, in one table for all of them. Hints only: nothing is checked by them.

use serde::Serialize;

use super::{FieldRole, Subject};
use crate::model::{Field, FieldKind};

/// What an input can be told about a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InputHints {
    /// What the device may fill in by itself; `None` where it is left to the device.
    pub autocomplete: Option<Autocomplete>,
    /// The keyboard.
    pub input_mode: InputMode,
    /// The kind of control.
    pub input_type: InputType,
    /// What the keyboard writes in capitals by itself.
    pub capitalize: Capitalize,
    /// False where a dictionary would only get in the way: names, codes, addresses.
    pub spellcheck: bool,
    /// What a file chooser offers: types and endings, as HTML's `accept` has them. Empty for what is no file.
    pub accept: &'static [&'static str],
}

/// What a device may fill in by itself. Only about the person who asks: it would fill in the applicant for the spouse otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Autocomplete {
    /// The given name.
    GivenName,
    /// The surname.
    FamilyName,
    /// The day of birth.
    Bday,
    /// The sex.
    Sex,
    /// The e-mail address.
    Email,
    /// The telephone number.
    Tel,
    /// The name of a company or body.
    Organization,
    /// Nothing, and nothing is to be remembered: a code, an account, or somebody else's data.
    Off,
}

impl Autocomplete {
    /// The value of HTML's `autocomplete` (HTML Living Standard, "Autofill"; what WCAG 2.2, 1.3.5 asks for).
    #[must_use]
    pub const fn html(self) -> &'static str {
        match self {
            Autocomplete::GivenName => "given-name",
            Autocomplete::FamilyName => "family-name",
            Autocomplete::Bday => "bday",
            Autocomplete::Sex => "sex",
            Autocomplete::Email => "email",
            Autocomplete::Tel => "tel",
            Autocomplete::Organization => "organization",
            Autocomplete::Off => "off",
        }
    }

    /// Android's autofill hint (`androidx.autofill.HintConstants`); `None` where there is none.
    #[must_use]
    pub const fn android(self) -> Option<&'static str> {
        match self {
            Autocomplete::GivenName => Some("personGivenName"),
            Autocomplete::FamilyName => Some("personFamilyName"),
            Autocomplete::Bday => Some("birthDateFull"),
            Autocomplete::Sex => Some("gender"),
            Autocomplete::Email => Some("emailAddress"),
            Autocomplete::Tel => Some("phoneNumber"),
            Autocomplete::Organization | Autocomplete::Off => None,
        }
    }

    /// Apple's name of the content (`UITextContentType`); `None` where there is none.
    #[must_use]
    pub const fn apple(self) -> Option<&'static str> {
        match self {
            Autocomplete::GivenName => Some("givenName"),
            Autocomplete::FamilyName => Some("familyName"),
            Autocomplete::Bday => Some("birthdate"),
            Autocomplete::Email => Some("emailAddress"),
            Autocomplete::Tel => Some("telephoneNumber"),
            Autocomplete::Organization => Some("organizationName"),
            Autocomplete::Sex | Autocomplete::Off => None,
        }
    }
}

/// Which keyboard a touch screen shows; HTML's `inputmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InputMode {
    /// Letters and digits. Dates too: keyboards of digits alone have no hyphen on some phones.
    Text,
    /// With `@` and the point at hand.
    Email,
    /// That of a telephone.
    Tel,
    /// Digits.
    Numeric,
    /// None is needed: a file or a list.
    None,
}

impl InputMode {
    /// The value in HTML.
    #[must_use]
    pub const fn html(self) -> &'static str {
        match self {
            InputMode::Text => "text",
            InputMode::Email => "email",
            InputMode::Tel => "tel",
            InputMode::Numeric => "numeric",
            InputMode::None => "none",
        }
    }
}

/// The kind of control; HTML's `type`, but for `select`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InputType {
    /// A line of text. Dates too: they are `dd-mm-yyyy`, which a browser's own control for dates does not give.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// A file.
    File,
    /// One of the field's choices.
    Select,
}

impl InputType {
    /// The value in HTML.
    #[must_use]
    pub const fn html(self) -> &'static str {
        match self {
            InputType::Text => "text",
            InputType::Email => "email",
            InputType::Tel => "tel",
            InputType::File => "file",
            InputType::Select => "select",
        }
    }
}

/// What a keyboard writes in capitals by itself; HTML's `autocapitalize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Capitalize {
    /// Nothing.
    None,
    /// The beginning of a sentence.
    Sentences,
    /// The beginning of every word.
    Words,
    /// Everything.
    Characters,
}

impl Capitalize {
    /// The value in HTML.
    #[must_use]
    pub const fn html(self) -> &'static str {
        match self {
            Capitalize::None => "none",
            Capitalize::Sentences => "sentences",
            Capitalize::Words => "words",
            Capitalize::Characters => "characters",
        }
    }
}

/// HEIC is accepted and not offered: a phone that is not asked for it hands its photos over as JPEG, which everybody can open.
const ACCEPT: &[&str] = &[
    "application/pdf",
    "image/jpeg",
    "image/png",
    "image/tiff",
    ".pdf",
    ".jpg",
    ".jpeg",
    ".png",
    ".tif",
    ".tiff",
    ".p7m",
];

impl Field {
    /// What an input for this field can be told.
    #[must_use]
    pub fn input(&self) -> InputHints {
        let hints = InputHints {
            autocomplete: None,
            input_mode: InputMode::Text,
            input_type: InputType::Text,
            capitalize: Capitalize::None,
            spellcheck: false,
            accept: &[],
        };
        let hints = match self.kind {
            FieldKind::Email => InputHints {
                input_mode: InputMode::Email,
                input_type: InputType::Email,
                ..hints
            },
            FieldKind::File => InputHints {
                input_mode: InputMode::None,
                input_type: InputType::File,
                accept: ACCEPT,
                ..hints
            },
            FieldKind::CodiceFiscalePersona
            | FieldKind::CodiceFiscale
            | FieldKind::PartitaIva
            | FieldKind::Municipality
            | FieldKind::Province
            | FieldKind::Cciaa => InputHints {
                capitalize: Capitalize::Characters,
                ..hints
            },
            FieldKind::Rea => InputHints {
                input_mode: InputMode::Numeric,
                ..hints
            },
            FieldKind::Denominazione => InputHints {
                capitalize: Capitalize::Words,
                ..hints
            },
            FieldKind::Text | FieldKind::Unknown => InputHints {
                capitalize: Capitalize::Sentences,
                spellcheck: true,
                ..hints
            },
            FieldKind::Date => hints,
        };
        let hints = match self.recognised.map(|it| it.role) {
            // A place of birth asked for by its code is in capitals.
            Some(FieldRole::Birthplace) if self.kind == FieldKind::Municipality => hints,
            Some(FieldRole::GivenName | FieldRole::Surname | FieldRole::Birthplace) => InputHints {
                capitalize: Capitalize::Words,
                spellcheck: false,
                ..hints
            },
            Some(FieldRole::Sex | FieldRole::Iban) => InputHints {
                capitalize: Capitalize::Characters,
                spellcheck: false,
                ..hints
            },
            Some(FieldRole::BirthDate) => InputHints {
                capitalize: Capitalize::None,
                spellcheck: false,
                ..hints
            },
            Some(FieldRole::Phone) => InputHints {
                input_mode: InputMode::Tel,
                input_type: InputType::Tel,
                capitalize: Capitalize::None,
                spellcheck: false,
                ..hints
            },
            _ => hints,
        };
        let hints = InputHints {
            autocomplete: self.autocomplete(),
            ..hints
        };
        if self.choices.is_empty() {
            return hints;
        }
        InputHints {
            input_mode: InputMode::None,
            input_type: InputType::Select,
            capitalize: Capitalize::None,
            spellcheck: false,
            ..hints
        }
    }

    fn autocomplete(&self) -> Option<Autocomplete> {
        let is_applicant =
            (self.recognised).is_none_or(|it| it.subject == Subject::Applicant && it.number == 0);
        let own = match (self.recognised.map(|it| it.role), self.kind) {
            (Some(FieldRole::GivenName), _) => Autocomplete::GivenName,
            (Some(FieldRole::Surname), _) => Autocomplete::FamilyName,
            (Some(FieldRole::BirthDate), _) => Autocomplete::Bday,
            (Some(FieldRole::Sex), _) => Autocomplete::Sex,
            (Some(FieldRole::Email), _) => Autocomplete::Email,
            (Some(FieldRole::Phone), _) => Autocomplete::Tel,
            (_, FieldKind::Denominazione) => Autocomplete::Organization,
            (Some(FieldRole::CodiceFiscale | FieldRole::Iban | FieldRole::Birthplace), _)
            | (
                _,
                FieldKind::CodiceFiscalePersona
                | FieldKind::CodiceFiscale
                | FieldKind::PartitaIva
                | FieldKind::Rea,
            ) => Autocomplete::Off,
            _ => return None,
        };
        Some(if is_applicant { own } else { Autocomplete::Off })
    }
}
