#[cfg(test)]
use std::collections::BTreeMap;

use serde::Serialize;

use super::kinds;
use super::{Finding, FindingCode, Severity};
use crate::form::{Missing, Requirements};
use crate::model::{Answer, Answers, Field, FieldKind, ServiceForm};

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

impl ServiceForm {
    /// Checks answers against this form. No network; files by their descriptors.
    #[must_use]
    pub fn check(&self, answers: &Answers) -> Report {
        let mut findings = Vec::new();
        let mut given: Vec<Option<&Answer>> = vec![None; self.fields.len()];
        for (name, answer) in answers.iter() {
            let field = self.field(name);
            let index = field.and_then(|field| self.fields.iter().position(|known| known.key == field.key));
            match index.and_then(|index| given.get_mut(index)) {
                None => findings.push(Finding::new(FindingCode::UnknownField).about(name)),
                Some(slot) if slot.is_some() => {
                    findings.push(
                        Finding::new(FindingCode::DuplicateAnswer).about(field.map_or(name, |f| &f.key)),
                    );
                }
                Some(slot) => *slot = Some(answer),
            }
        }
        let filled: Vec<bool> = given
            .iter()
            .map(|answer| answer.is_some_and(|answer| !answer.is_blank()))
            .collect();
        let missing = Requirements::missing(&self.rule, &filled);
        for (index, (field, answer)) in self.fields.iter().zip(&given).enumerate() {
            let is_filled = filled.get(index).copied().unwrap_or(false);
            if missing.must_be_empty.contains(&index) {
                findings.push(
                    Finding::new(FindingCode::MustBeEmpty)
                        .about(&field.key)
                        .with("label", &field.label),
                );
            }
            match answer.filter(|_| is_filled) {
                Some(answer) => check_answer(field, answer, &mut findings),
                None if field.required => findings.push(
                    Finding::new(FindingCode::RequiredMissing)
                        .about(&field.key)
                        .with("label", &field.label),
                ),
                None => {}
            }
        }
        findings.extend(self.alternatives(&missing));
        Report {
            findings,
            missing: self.named(&missing),
        }
    }

    /// Checks one answer by itself, as it is typed.
    #[must_use]
    pub fn check_field(&self, key: &str, answer: &Answer) -> Vec<Finding> {
        let mut findings = Vec::new();
        match self.field(key) {
            Some(field) if !answer.is_blank() => check_answer(field, answer, &mut findings),
            Some(field) if field.required => {
                findings.push(
                    Finding::new(FindingCode::RequiredMissing)
                        .about(&field.key)
                        .with("label", &field.label),
                );
            }
            Some(_) => {}
            None => findings.push(Finding::new(FindingCode::UnknownField).about(key)),
        }
        findings
    }

    /// What is missing beyond the fields that are required in any case.
    fn alternatives(&self, missing: &Missing) -> Vec<Finding> {
        let beyond = |set: &Vec<usize>| -> Vec<usize> {
            set.iter()
                .copied()
                .filter(|index| !self.fields.get(*index).is_some_and(|field| field.required))
                .collect()
        };
        let finding = |sets: &[Vec<usize>]| {
            let open: Vec<Vec<usize>> = sets.iter().map(beyond).collect();
            if open.is_empty() || open.iter().any(Vec::is_empty) {
                return None;
            }
            let labels: Vec<String> = open.iter().map(|set| self.labels(set).join(" + ")).collect();
            Some(Finding::new(FindingCode::RequiredAlternatives).with("alternatives", labels.join(" / ")))
        };
        if missing.groups.is_empty() {
            finding(&missing.sets).into_iter().collect()
        } else {
            missing.groups.iter().filter_map(|group| finding(group)).collect()
        }
    }

    fn named(&self, missing: &Missing) -> MissingSets {
        let keys = |sets: &Vec<Vec<usize>>| -> Vec<Vec<String>> {
            let key = |index: &usize| self.fields.get(*index).map(|field| field.key.clone());
            sets.iter()
                .map(|set| set.iter().filter_map(key).collect())
                .collect()
        };
        MissingSets {
            sets: keys(&missing.sets),
            more: missing.more,
            groups: missing.groups.iter().map(keys).collect(),
        }
    }

    fn labels(&self, set: &[usize]) -> Vec<&str> {
        set.iter()
            .filter_map(|index| self.fields.get(*index))
            .map(|field| field.label.as_str())
            .collect()
    }
}

fn check_answer(field: &Field, answer: &Answer, findings: &mut Vec<Finding>) {
    let from = findings.len();
    match (answer, field.kind) {
        (Answer::File { file }, FieldKind::File) => kinds::check_file(file, findings),
        (Answer::File { .. }, _) => findings.push(Finding::new(FindingCode::TextExpected)),
        (Answer::Text(_), FieldKind::File) => findings.push(Finding::new(FindingCode::FileExpected)),
        (Answer::Text(text), kind) => {
            if field.choices.is_empty() {
                kinds::check_text_of(kind, text, findings);
            } else if !field.choices.iter().any(|choice| choice.code == *text) {
                let codes: Vec<&str> = field
                    .choices
                    .iter()
                    .take(12)
                    .map(|choice| choice.code.as_str())
                    .collect();
                findings.push(Finding::new(FindingCode::ChoiceUnknown).with("choices", codes.join(", ")));
            }
            if kind == FieldKind::Text && kinds::asks_for_phone(&field.label) {
                kinds::check_phone(text, findings);
            }
            if kind == FieldKind::Unknown {
                findings.push(Finding::new(FindingCode::UnknownKind).with("kind", &field.wire_kind));
            }
        }
    }
    for finding in findings.iter_mut().skip(from) {
        finding.field = Some(field.key.clone());
        finding
            .params
            .entry("label")
            .or_insert_with(|| field.label.clone());
    }
}

/// The parameters a text may use, for the test that every text finds its own.
#[cfg(test)]
pub(super) fn parameters() -> BTreeMap<FindingCode, &'static [&'static str]> {
    use FindingCode as C;
    BTreeMap::from([
        (C::RequiredAlternatives, ["alternatives"].as_slice()),
        (C::UnknownKind, &["kind"]),
        (C::ChoiceUnknown, &["choices"]),
        (C::CodiceFiscaleLength, &["length"]),
        (C::FileTooLarge, &["limit"]),
        (C::FileDisagrees, &["content", "declared"]),
    ])
}
