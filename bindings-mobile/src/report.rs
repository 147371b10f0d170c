//! What a check found.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use sportello::MissingSets;

use crate::{Lang, Severity, SportelloError};

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

/// What a check found. Its text form shows no answer.
#[derive(uniffi::Object)]
pub struct Report(pub(crate) sportello::Report);

impl Report {
    pub(crate) fn wrap(report: sportello::Report) -> Arc<Report> {
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
