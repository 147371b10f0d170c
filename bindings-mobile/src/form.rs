//! A service: what it asks for and what it costs.

use std::fmt;
use std::sync::Arc;

use crate::{
    Answers, FieldHelp, FieldReport, Finding, FormField, Lang, Money, PaidOption, Report, SportelloError,
};

/// A service: what it asks for and what it costs.
#[derive(uniffi::Object)]
pub struct Service(pub(crate) sportello::Service);

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

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Service({})", self.0.id)
    }
}
