use serde::{Deserialize, Serialize};

use crate::check::Recognised;

/// What a field asks for. The wire's own name stays readable in [`Field::wire_kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Free text.
    Text,
    /// An e-mail address.
    Email,
    /// The name of a company or body.
    Denominazione,
    /// A file: a scan, a photo, a signed form.
    File,
    /// The codice fiscale of a person: 16 characters.
    CodiceFiscalePersona,
    /// The codice fiscale of a person or of a body: 16 characters or 11 digits.
    CodiceFiscale,
    /// A partita IVA; the provider accepts a 16-character codice fiscale here as well.
    PartitaIva,
    /// The cadastral code of a municipality: a letter and three digits.
    Municipality,
    /// The two letters of a province.
    Province,
    /// The number of a business in its chamber's register (REA): digits.
    Rea,
    /// A chamber of commerce, by the two letters of its province.
    Cciaa,
    /// A date written `dd-mm-yyyy`.
    Date,
    /// A kind this version does not know: treated as text, with a warning.
    Unknown,
}

impl FieldKind {
    /// The stable name, as in the shared vectors and in `check-values KIND`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            FieldKind::Text => "text",
            FieldKind::Email => "email",
            FieldKind::Denominazione => "denominazione",
            FieldKind::File => "file",
            FieldKind::CodiceFiscalePersona => "codice_fiscale_persona",
            FieldKind::CodiceFiscale => "codice_fiscale",
            FieldKind::PartitaIva => "partita_iva",
            FieldKind::Municipality => "municipality",
            FieldKind::Province => "province",
            FieldKind::Rea => "rea",
            FieldKind::Cciaa => "cciaa",
            FieldKind::Date => "date",
            FieldKind::Unknown => "unknown",
        }
    }

    /// The kind of this stable name.
    #[must_use]
    pub fn of(name: &str) -> Option<FieldKind> {
        FieldKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Every kind, in the order of the documentation.
    pub const ALL: [FieldKind; 13] = [
        FieldKind::Text,
        FieldKind::Email,
        FieldKind::Denominazione,
        FieldKind::File,
        FieldKind::CodiceFiscalePersona,
        FieldKind::CodiceFiscale,
        FieldKind::PartitaIva,
        FieldKind::Municipality,
        FieldKind::Province,
        FieldKind::Rea,
        FieldKind::Cciaa,
        FieldKind::Date,
        FieldKind::Unknown,
    ];
}

/// One field of a form, in display order within [`ServiceForm::fields`](super::ServiceForm::fields).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// The key the rule and the wire use: `$0`, `field0`.
    pub key: String,
    /// A readable key made of the label: `codice_fiscale`. Unique within the form.
    pub slug: String,
    /// The provider's label, trimmed; Italian unless the account says otherwise.
    pub label: String,
    /// What the field asks for.
    pub kind: FieldKind,
    /// The provider's own name of the kind: `codice_fiscale_persona_fisica`.
    pub wire_kind: String,
    /// The provider's help for this field; untrusted markup, empty when there is none.
    pub help: String,
    /// The closed list of values of a choice field, when there is one.
    pub choices: Vec<Choice>,
    /// The provider's own "may be null". It does **not** decide what is required: the rule does.
    pub declared_nullable: Option<bool>,
    /// True when no answers can satisfy the rule without this field.
    pub required: bool,
    /// What it asks for beyond its kind, and whose, where that is recognised: see [`recognise`](crate::check::recognise).
    #[serde(default)]
    pub recognised: Option<Recognised>,
}

/// One value of a closed list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// What is sent.
    pub code: String,
    /// What a person reads.
    pub description: String,
}
