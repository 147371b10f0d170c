use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use sportello::MissingSets;
use sportello::check::{Autocomplete, InputHints};
pub use sportello::check::{Capitalize as Capitals, InputMode as Keyboard, InputType as Control};

use crate::{
    Answers, Choice, FieldKind, FieldRole, FieldSubject, Lang, Money, PaidOption, Severity, SportelloError,
};

/// A service: what it asks for and what it costs.
#[derive(uniffi::Object)]
pub struct Service(pub(crate) sportello::Service);

/// A field of a form, ready to be shown.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FormField {
    /// What answers are keyed by: `$4`.
    pub key: String,
    /// The label as a word: `codice_fiscale`.
    pub slug: String,
    /// The provider's own label, in Italian.
    pub label: String,
    /// What kind of answer it takes.
    pub kind: FieldKind,
    /// The provider's help; may be empty.
    pub help: String,
    /// The permitted answers, where there is a list.
    pub choices: Vec<Choice>,
    /// True when the form can't be handed in without it, whatever else is answered.
    pub required: bool,
    /// What it was recognised as asking for.
    pub role: Option<FieldRole>,
    /// Whose data it asks for, where it was recognised.
    pub subject: Option<FieldSubject>,
    /// What an input can be told.
    pub input: FieldInput,
}

/// What an input can be told about a field.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FieldInput {
    /// Android's autofill hint (`androidx.autofill.HintConstants`): `personGivenName`.
    pub android_autofill: Option<String>,
    /// Apple's name of the content (`UITextContentType`): `givenName`.
    pub apple_content_type: Option<String>,
    /// False where the device must neither fill in nor remember: a code, an account, or somebody else's data.
    pub may_autofill: bool,
    /// The keyboard.
    pub keyboard: Keyboard,
    /// The kind of control.
    pub control: Control,
    /// What the keyboard writes in capitals by itself.
    pub capitals: Capitals,
    /// False where a dictionary would only get in the way: names, codes, addresses.
    pub spellcheck: bool,
    /// What a file chooser offers: MIME types and endings such as `.pdf`. Empty for what is no file.
    pub accept: Vec<String>,
}

/// Which keyboard a touch screen shows.
#[uniffi::remote(Enum)]
pub enum Keyboard {
    /// Letters and digits.
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

/// The kind of control.
#[uniffi::remote(Enum)]
pub enum Control {
    /// A line of text.
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

/// What a keyboard writes in capitals by itself.
#[uniffi::remote(Enum)]
pub enum Capitals {
    /// Nothing.
    None,
    /// The beginning of a sentence.
    Sentences,
    /// The beginning of every word.
    Words,
    /// Everything.
    Characters,
}

/// What the check of one field found.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FieldReport {
    /// The keys of the fields that these findings speak for: the one that was asked about, and those that are compared with it. What an
    /// earlier report says of them is out of date.
    pub fields: Vec<String>,
    /// True when the findings about the whole form were looked at as well.
    pub whole_form: bool,
    /// What to correct or to look at, in the form's order.
    pub findings: Vec<Arc<Finding>>,
}

/// Words for a field in another language than the provider's.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FieldHelp {
    /// A label to stand beside the provider's own.
    pub label: String,
    /// One line that says what to write or to attach.
    pub help: String,
}

/// A link in the provider's instructions, to `http` or `https`.
#[derive(Clone, Debug, uniffi::Record)]
pub struct InstructionLink {
    /// Where it leads.
    pub url: String,
    /// What a person reads.
    pub text: String,
}

#[uniffi::export]
impl Service {
    /// A service from the provider's description, with or without the envelope around it.
    ///
    /// # Errors
    /// [`SportelloError::Schema`] when the description is broken.
    #[uniffi::constructor]
    pub fn from_json(json: &str) -> Result<Arc<Service>, SportelloError> {
        let service = sportello::Service::from_json(json).map_err(sportello::SportelloError::from)?;
        Ok(Service::wrap(service))
    }

    /// The provider's id of the service.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id.clone()
    }

    /// Its name, in Italian.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name.clone()
    }

    /// Its category, in Italian.
    #[must_use]
    pub fn category(&self) -> String {
        self.0.category.clone()
    }

    /// The net price of the document; none when the provider gave none.
    #[must_use]
    pub fn price(&self) -> Option<Money> {
        self.0.price
    }

    /// The net price of a search.
    #[must_use]
    pub fn search_price(&self) -> Option<Money> {
        self.0.search_price
    }

    /// True when handing in starts a search, of whose results one is chosen later.
    #[must_use]
    pub fn has_search(&self) -> bool {
        self.0.has_search
    }

    /// True when the documents come with the answer to handing in.
    #[must_use]
    pub fn is_synchronous(&self) -> bool {
        self.0.is_synchronous
    }

    /// What can be added for money.
    #[must_use]
    pub fn options(&self) -> Vec<PaidOption> {
        self.0.options.clone()
    }

    /// The provider's instructions as plain text.
    #[must_use]
    pub fn instructions(&self) -> String {
        self.0.instructions().plain_text()
    }

    /// The links in the provider's instructions.
    #[must_use]
    pub fn links(&self) -> Vec<InstructionLink> {
        let link = |link: sportello::form::Link| InstructionLink {
            url: link.url,
            text: link.text,
        };
        self.0.instructions().links().into_iter().map(link).collect()
    }

    /// Where the form of the mandate (*delega*) is to be had, when the instructions say so.
    #[must_use]
    pub fn delegation_form(&self) -> Option<InstructionLink> {
        let link = self.0.instructions().delegation_form()?;
        Some(InstructionLink {
            url: link.url,
            text: link.text,
        })
    }

    /// The fields in display order.
    #[must_use]
    pub fn fields(&self) -> Vec<FormField> {
        self.0.form.fields.iter().map(FormField::of).collect()
    }

    /// Words for a field in this language; none for Italian, which the provider's own label is in, and for fields that were not
    /// recognised.
    #[must_use]
    pub fn field_help(&self, key: &str, lang: Lang) -> Option<FieldHelp> {
        let words = self.0.form.field(key)?.words(lang);
        let (label, help) = (words.label?.to_owned(), words.help?.to_owned());
        Some(FieldHelp { label, help })
    }

    /// Checks answers against what the service asks for; wrong answers are findings and not errors.
    #[must_use]
    pub fn check(&self, answers: &Answers) -> Arc<Report> {
        Report::wrap(self.0.form.check(&answers.lock()))
    }

    /// Checks one field and what depends on it, as it is typed; the other answers are not judged. In microseconds: call it at every key.
    #[must_use]
    pub fn check_field(&self, answers: &Answers, key: &str) -> FieldReport {
        let answers = answers.lock();
        let sportello::check::FieldReport {
            fields,
            whole_form,
            findings,
        } = self.0.form.check_field(&answers, key);
        FieldReport {
            fields: fields.into_iter().map(str::to_owned).collect(),
            whole_form,
            findings: findings.into_iter().map(Finding::wrap).collect(),
        }
    }

    /// The keys of the fields that are demanded now, filled or not: those that no further answers can make up for.
    #[must_use]
    pub fn required(&self, answers: &Answers) -> Vec<String> {
        let answers = answers.lock();
        let required = self.0.form.required(&answers);
        required.into_iter().map(str::to_owned).collect()
    }

    /// The answers with every correction of a report applied. What has none stays as it is; check the result again.
    #[must_use]
    pub fn corrected(&self, report: &Report, answers: &Answers) -> Arc<Answers> {
        Answers::wrap(report.0.corrected(&self.0.form, &answers.lock()))
    }
}

impl Service {
    pub(crate) fn wrap(service: sportello::Service) -> Arc<Service> {
        Arc::new(Service(service))
    }
}

impl FormField {
    fn of(field: &sportello::Field) -> FormField {
        // Named one by one, so that a field which the core adds fails this build instead of being left behind.
        let sportello::Field {
            key,
            slug,
            label,
            kind,
            wire_kind: _,
            help,
            choices,
            declared_nullable: _,
            required,
            recognised,
        } = field;
        FormField {
            key: key.clone(),
            slug: slug.clone(),
            label: label.clone(),
            kind: *kind,
            help: help.clone(),
            choices: choices.clone(),
            required: *required,
            role: recognised.map(|it| it.role),
            subject: recognised.map(|it| it.subject),
            input: FieldInput::of(field.input()),
        }
    }
}

impl FieldInput {
    fn of(hints: InputHints) -> FieldInput {
        let InputHints {
            autocomplete,
            input_mode,
            input_type,
            capitalize,
            spellcheck,
            accept,
        } = hints;
        FieldInput {
            android_autofill: autocomplete.and_then(Autocomplete::android).map(str::to_owned),
            apple_content_type: autocomplete.and_then(Autocomplete::apple).map(str::to_owned),
            may_autofill: autocomplete != Some(Autocomplete::Off),
            keyboard: input_mode,
            control: input_type,
            capitals: capitalize,
            spellcheck,
            accept: accept.iter().map(|one| (*one).to_owned()).collect(),
        }
    }
}

/// What a check found. Its text form shows no answer.
#[derive(uniffi::Object)]
pub struct Report(sportello::Report);

impl Report {
    fn wrap(report: sportello::Report) -> Arc<Report> {
        // As for a finding: what the core adds must be given a method here.
        let sportello::Report {
            findings: _,
            missing:
                MissingSets {
                    sets: _,
                    more: _,
                    groups: _,
                },
        } = &report;
        Arc::new(Report(report))
    }
}

#[uniffi::export]
impl Report {
    /// True when nothing is surely wrong and nothing required is missing; warnings may be there.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.0.is_ok()
    }

    /// Everything found, errors and warnings, in the order of the form.
    #[must_use]
    pub fn findings(&self) -> Vec<Arc<Finding>> {
        self.0.findings.iter().cloned().map(Finding::wrap).collect()
    }

    /// The smallest sets of fields of which one whole set must still be answered.
    #[must_use]
    pub fn missing_sets(&self) -> Vec<Vec<String>> {
        self.0.missing.sets.clone()
    }

    /// How many such sets there are beyond those listed; at least 1 when they were too many to be worked out.
    #[must_use]
    pub fn missing_more(&self) -> u32 {
        self.0.missing.more
    }

    /// Where the sets were too many: groups that must each be satisfied, with the alternatives of each.
    #[must_use]
    pub fn missing_groups(&self) -> Vec<Vec<Vec<String>>> {
        self.0.missing.groups.clone()
    }
}

/// One thing that is wrong or odd. Its text form shows no answer.
#[derive(uniffi::Object)]
pub struct Finding(sportello::Finding);

impl Finding {
    pub(crate) fn wrap(finding: sportello::Finding) -> Arc<Finding> {
        // Named one by one, so that a field which the core adds fails this build instead of being left behind.
        let sportello::Finding {
            field: _,
            code: _,
            severity: _,
            position: _,
            params: _,
            correction: _,
        } = &finding;
        Arc::new(Finding(finding))
    }
}

#[uniffi::export]
impl Finding {
    /// The key of the field it is about; none when it is about several.
    #[must_use]
    pub fn field(&self) -> Option<String> {
        self.0.field.clone()
    }

    /// The stable dotted code: what programs branch on.
    #[must_use]
    pub fn code(&self) -> String {
        self.0.code.as_str().to_owned()
    }

    /// Whether it keeps the answers from being handed in.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.0.severity
    }

    /// The first wrong character, counted in characters from 0, where there is one.
    #[must_use]
    pub fn position(&self) -> Option<u32> {
        self.0.position
    }

    /// Particulars for the text: numbers and names of fields and types, never what was typed.
    #[must_use]
    pub fn params(&self) -> HashMap<String, String> {
        self.0
            .params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_string()))
            .collect()
    }

    /// What the answer should probably be. Personal data.
    #[must_use]
    pub fn correction(&self) -> Option<String> {
        self.0.correction.clone()
    }

    /// What to tell the person.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        self.0.text(lang)
    }
}

/// Checks one value against a kind of field (`codice_fiscale`, `date`), without any form.
///
/// # Errors
/// [`SportelloError::Check`] (`check.kind_unknown`) when there is no such kind.
#[uniffi::export]
pub fn check_value(kind: &str, value: &str) -> Result<Vec<Arc<Finding>>, SportelloError> {
    let findings = sportello::check_value(kind, value).map_err(|error| SportelloError::kind(&error))?;
    Ok(findings.into_iter().map(Finding::wrap).collect())
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
