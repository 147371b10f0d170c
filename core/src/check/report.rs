#[cfg(test)]
use std::collections::BTreeMap;

use serde::Serialize;

use super::fields::{FieldRole, check_persons};
use super::kinds;
use super::{Finding, FindingCode, Given, Severity};
use crate::form::{Missing, Requirements};
use crate::model::{Answer, Answers, Field, FieldKind, ServiceForm};

/// As many fields are looked at without asking for memory.
const FEW: usize = 32;

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
        // Forms have some ten fields: no memory is asked for to look at them.
        let (mut few, mut many) = ([None; FEW], Vec::new());
        let given: &mut [Option<Given<'_>>] = match few.get_mut(..self.fields.len()) {
            Some(few) => few,
            None => {
                many.resize(self.fields.len(), None);
                &mut many
            }
        };
        for (nth, (name, answer)) in answers.iter().enumerate() {
            // Keys in their order are often the fields in theirs.
            let guessed = self.fields.get(nth).is_some_and(|field| field.key == name);
            let index = if guessed { Some(nth) } else { self.index_of(name) };
            match index.and_then(|index| given.get_mut(index)) {
                None => findings.push(Finding::new(FindingCode::UnknownField).about(name)),
                Some(slot) if slot.is_some() => {
                    let key = self.field(name).map_or(name, |field| &field.key);
                    findings.push(Finding::new(FindingCode::DuplicateAnswer).about(key));
                }
                Some(slot) => *slot = Some(answer.into()),
            }
        }
        self.check_given(given, findings)
    }

    /// Checks answers that stand already in the order of [`fields`](ServiceForm::fields): the rows of a table, the values of a host's own mapping.
    /// Nothing is copied. What the list is too short for was not answered.
    #[must_use]
    pub fn check_in_order(&self, given: &[Option<Given<'_>>]) -> Report {
        self.check_given(given, Vec::new())
    }

    fn check_given(&self, given: &[Option<Given<'_>>], mut findings: Vec<Finding>) -> Report {
        let (mut few_filled, mut many_filled) = ([false; FEW], Vec::new());
        let filled: &mut [bool] = match few_filled.get_mut(..self.fields.len()) {
            Some(few) => few,
            None => {
                many_filled.resize(self.fields.len(), false);
                &mut many_filled
            }
        };
        for (filled, answer) in filled.iter_mut().zip(given) {
            *filled = answer.is_some_and(|answer| !answer.is_blank());
        }
        let filled = &*filled;
        let missing = if self.requirements.surely_hold(filled) {
            Missing::default()
        } else {
            Requirements::missing(&self.rule, filled)
        };
        let from = findings.len();
        for (index, field) in self.fields.iter().enumerate() {
            let answer = given.get(index).copied().flatten();
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
        for (index, finding) in check_persons(&self.fields, given, findings.is_empty()) {
            if let Some(field) = self.fields.get(index) {
                let finding = finding.about(&field.key).with("label", &field.label);
                let comes_before = |known: &Finding| {
                    let known = known.field.as_deref().and_then(|key| self.index_of(key));
                    known.is_some_and(|known| known <= index)
                };
                let at = findings
                    .iter()
                    .skip(from)
                    .take_while(|known| comes_before(known))
                    .count();
                findings.insert(from + at, finding);
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
            Some(field) if !answer.is_blank() => check_answer(field, answer.into(), &mut findings),
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
            Some(Finding::new(FindingCode::RequiredAlternatives).with("alternatives", labels))
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

fn check_answer(field: &Field, answer: Given<'_>, findings: &mut Vec<Finding>) {
    let from = findings.len();
    match (answer, field.kind) {
        (Given::Unseen, _) => {}
        (Given::File(file), FieldKind::File) => kinds::check_file(file, findings),
        (Given::File(_), _) => findings.push(Finding::new(FindingCode::TextExpected)),
        (Given::Text(_), FieldKind::File) => findings.push(Finding::new(FindingCode::FileExpected)),
        (Given::Text(text), kind) => {
            if field.choices.is_empty() {
                kinds::check_text_of(kind, text, findings);
            } else {
                kinds::check_choice(&field.choices, text, findings);
            }
            let asks_for_phone = field.recognised.is_some_and(|it| it.role == FieldRole::Phone);
            if kind == FieldKind::Text && asks_for_phone {
                kinds::check_phone(text, findings);
            }
            if kind == FieldKind::Unknown {
                findings.push(Finding::new(FindingCode::UnknownKind).with("kind", &field.wire_kind));
            }
        }
    }
    for finding in findings.iter_mut().skip(from) {
        finding.field = Some(field.key.clone());
        finding.params.add("label", &field.label);
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
