#[cfg(test)]
use std::collections::BTreeMap;

use serde::Serialize;

use super::{Finding, Severity};
use crate::model::{Answer, Answers, ServiceForm};

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What to correct or to look at, in the form's order.
    pub findings: Vec<Finding>,
    /// What would complete the answers.
    pub missing: MissingSets,
}

/// The smallest sets of fields that would complete the answers; field keys in display order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingSets {
    /// At most eight, smallest first; any one of them is enough.
    pub sets: Vec<Vec<String>>,
    /// How many more were found; at least 1 when they were too many to be worked out.
    pub more: u32,
    /// Where they were too many: groups that must each be satisfied, with the alternatives of each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Vec<Vec<String>>>,
}

impl Report {
    /// True when there is no error; warnings may be there.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.severity != Severity::Error)
    }

    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
    }

    /// The warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.severity == Severity::Warning)
    }

    /// The answers with every offered correction applied. What has none stays as it is; the result is to be checked again.
    #[must_use]
    pub fn corrected(&self, form: &ServiceForm, answers: &Answers) -> Answers {
        let mut corrected = answers.clone();
        for finding in &self.findings {
            let (Some(field), Some(correction)) = (&finding.field, &finding.correction) else {
                continue;
            };
            let named = answers
                .iter()
                .find(|(name, _)| form.field(name).is_some_and(|known| known.key == *field));
            let Some((name, answer)) = named else { continue };
            let name = name.to_owned();
            corrected.set(
                name,
                match answer {
                    Answer::Text(_) => Answer::Text(correction.clone()),
                    Answer::File { file } => {
                        let mut file = file.clone();
                        file.name.clone_from(correction);
                        Answer::File { file }
                    }
                },
            );
        }
        corrected
    }
}

/// The parameters a text may use, for the test that every text finds its own.
#[cfg(test)]
pub(super) fn parameters() -> BTreeMap<super::FindingCode, &'static [&'static str]> {
    use super::FindingCode as C;
    BTreeMap::from([
        (C::RequiredAlternatives, ["alternatives"].as_slice()),
        (C::UnknownKind, &["kind"]),
        (C::ChoiceUnknown, &["choices"]),
        (C::CodiceFiscaleLength, &["length"]),
        (C::FileTooLarge, &["limit"]),
        (C::FileDisagrees, &["content", "declared"]),
    ])
}
