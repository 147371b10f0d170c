use std::fmt;

use super::{Answer, Answers, Attachment, Field, FieldKind, ServiceForm};

/// The universal child allowance (*Assegno Unico Universale*, D.Lgs. 230/2021), asked for by one parent.
///
/// It maps itself onto whatever order, keys and labels the fetched form has. `Debug` is masked.
#[derive(Clone, PartialEq)]
pub struct AssegnoUnico {
    /// The applicant's given name.
    pub given_name: String,
    /// The applicant's family name.
    pub family_name: String,
    /// The applicant's e-mail address.
    pub email: String,
    /// The applicant's mobile number.
    pub mobile: String,
    /// The applicant's codice fiscale.
    pub codice_fiscale: String,
    /// Identity document, front and back: see [`pages`](fn@crate::pages::pages) for two photos.
    pub identity_document: Attachment,
    /// Codice fiscale card (*tessera sanitaria*), front and back.
    pub codice_fiscale_card: Attachment,
    /// Mandate of assistance and representation, where there is one.
    pub mandate: Option<Attachment>,
}

impl fmt::Debug for AssegnoUnico {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AssegnoUnico(masked)")
    }
}

/// The form is not the one that [`AssegnoUnico`] knows how to fill. Fill it by its own keys instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// No field of the form asks for this.
    #[error("no field of this form asks for the {0}; fill the form by its own field names instead")]
    NoField(&'static str),
    /// Several fields might, and guessing would be wrong half of the time.
    #[error("several fields of this form might ask for the {what}: {}; fill the form by its own field names instead", .fields.join(", "))]
    SeveralFields {
        /// What is asked for.
        what: &'static str,
        /// The keys of the fields that might.
        fields: Vec<String>,
    },
    /// The form can't do without a field that an Assegno Unico has nothing for.
    #[error("this form also requires the field `{0}`; fill the form by its own field names instead")]
    AlsoRequires(String),
}

impl MappingError {
    /// Every code, for the list of all errors.
    pub const ALL_CODES: &'static [&'static str] =
        &["form.no_field", "form.several_fields", "form.also_requires"];

    /// The stable dotted code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            MappingError::NoField(_) => "form.no_field",
            MappingError::SeveralFields { .. } => "form.several_fields",
            MappingError::AlsoRequires(_) => "form.also_requires",
        }
    }
}

/// What a label must and must not say, in lower case, for a field to be the one.
struct Asked {
    what: &'static str,
    kinds: &'static [FieldKind],
    says: &'static [&'static str],
    never: &'static [&'static str],
}

const TEXT: &[FieldKind] = &[FieldKind::Text, FieldKind::Denominazione, FieldKind::Unknown];
const FILE: &[FieldKind] = &[FieldKind::File];

const GIVEN_NAME: Asked = Asked {
    what: "given name",
    kinds: TEXT,
    says: &["nome", "name"],
    never: &[
        "cognome", "surname", "family", "last", "utente", "comune", "coniuge",
    ],
};
const FAMILY_NAME: Asked = Asked {
    what: "family name",
    kinds: TEXT,
    says: &["cognome", "surname", "family name", "last name"],
    never: &["coniuge", "nubile"],
};
const EMAIL: Asked = Asked {
    what: "e-mail address",
    kinds: &[FieldKind::Email],
    says: &[""],
    never: &["pec"],
};
const MOBILE: Asked = Asked {
    what: "mobile number",
    kinds: TEXT,
    says: &["cellulare", "telefono", "mobile", "phone"],
    never: &["fisso"],
};
const CODICE_FISCALE: Asked = Asked {
    what: "codice fiscale",
    kinds: &[FieldKind::CodiceFiscalePersona, FieldKind::CodiceFiscale],
    says: &[""],
    never: &["coniuge", "figlio", "spouse", "child"],
};
const IDENTITY: Asked = Asked {
    what: "identity document",
    kinds: FILE,
    says: &["identit", "identif", "riconoscimento", "identity"],
    never: &["codice fiscale", "tessera", "mandat", "delega"],
};
const CARD: Asked = Asked {
    what: "codice fiscale card",
    kinds: FILE,
    says: &[
        "codice fiscale",
        "tessera",
        "tax code",
        "fiscal code",
        "health card",
    ],
    never: &["mandat", "delega", "identit"],
};
const MANDATE: Asked = Asked {
    what: "mandate",
    kinds: FILE,
    says: &["mandat", "delega", "procura"],
    never: &[],
};

impl AssegnoUnico {
    /// The answers to this form, each found by kind and label, never by its key.
    ///
    /// # Errors
    /// A field has no candidate or several, or the form requires something more. Nothing is guessed.
    pub fn answers(&self, form: &ServiceForm) -> Result<Answers, MappingError> {
        let mut answers = Answers::new();
        let texts = [
            (&GIVEN_NAME, &self.given_name),
            (&FAMILY_NAME, &self.family_name),
            (&EMAIL, &self.email),
            (&MOBILE, &self.mobile),
            (&CODICE_FISCALE, &self.codice_fiscale),
        ];
        for (asked, text) in texts {
            answers.set(&find(form, asked)?.key, Answer::Text(text.clone()));
        }
        for (asked, file) in [
            (&IDENTITY, &self.identity_document),
            (&CARD, &self.codice_fiscale_card),
        ] {
            answers.set(&find(form, asked)?.key, file.clone());
        }
        if let Some(mandate) = &self.mandate {
            answers.set(&find(form, &MANDATE)?.key, mandate.clone());
        }
        // A mandate that is required and was not given is the check's to tell, by its finding.
        let mandate = find(form, &MANDATE).ok().map(|field| &field.key);
        let open = form
            .fields
            .iter()
            .find(|field| field.required && answers.get(&field.key).is_none() && Some(&field.key) != mandate);
        match open {
            Some(field) => Err(MappingError::AlsoRequires(field.key.clone())),
            None => Ok(answers),
        }
    }
}

fn find<'a>(form: &'a ServiceForm, asked: &Asked) -> Result<&'a Field, MappingError> {
    let fits = |field: &&Field| {
        let label = field.label.to_lowercase();
        asked.kinds.contains(&field.kind)
            && asked.says.iter().any(|word| label.contains(word))
            && !asked.never.iter().any(|word| label.contains(word))
    };
    let found: Vec<&Field> = form.fields.iter().filter(fits).collect();
    match found.as_slice() {
        [] => Err(MappingError::NoField(asked.what)),
        [only] => Ok(only),
        several => Err(MappingError::SeveralFields {
            what: asked.what,
            fields: several.iter().map(|field| field.key.clone()).collect(),
        }),
    }
}
