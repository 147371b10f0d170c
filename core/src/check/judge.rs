//! Answers laid beside the fields they belong to, and judged: all of them, or one field and what depends on it.

use super::fields::{FieldRole, check_persons, same_person};
use super::kinds;
use super::{Finding, FindingCode, Given, MissingSets, Report};
use crate::form::{Missing, Requirements};
use crate::model::{Answers, Field, FieldKind, ServiceForm};

/// As many fields are looked at without asking for memory.
const FEW: usize = 32;

/// What is known of each field of a form.
struct Slots<T> {
    few: [T; FEW],
    many: Vec<T>,
    len: usize,
}

impl<T: Copy> Slots<T> {
    fn new(len: usize, nothing: T) -> Slots<T> {
        let many = if len > FEW { vec![nothing; len] } else { Vec::new() };
        Slots {
            few: [nothing; FEW],
            many,
            len,
        }
    }

    fn all(&mut self) -> &mut [T] {
        match self.few.get_mut(..self.len) {
            Some(few) => few,
            None => &mut self.many,
        }
    }
}

/// What a check of one field found.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldReport<'a> {
    /// The keys of the fields that these findings speak for, in the form's order: the one that was asked about, and those that are compared with it. What
    /// an earlier report says of them is out of date.
    pub fields: Vec<&'a str>,
    /// True when the findings about the whole form were looked at as well, because the rule makes this field an alternative to others.
    pub whole_form: bool,
    /// What to correct or to look at, in the form's order.
    pub findings: Vec<Finding>,
}

impl ServiceForm {
    /// Checks answers against this form. No network; files by their descriptors.
    #[must_use]
    pub fn check(&self, answers: &Answers) -> Report {
        let mut findings = Vec::new();
        let mut given = Slots::new(self.fields.len(), None);
        let given = given.all();
        self.lay_out(answers, given, &mut findings);
        self.check_given(given, findings)
    }

    /// Checks answers that stand already in the order of [`fields`](ServiceForm::fields): the rows of a table, the values of a host's own mapping.
    /// Nothing is copied. What the list is too short for was not answered.
    #[must_use]
    pub fn check_in_order(&self, given: &[Option<Given<'_>>]) -> Report {
        self.check_given(given, Vec::new())
    }

    fn check_given(&self, given: &[Option<Given<'_>>], mut findings: Vec<Finding>) -> Report {
        let mut filled = Slots::new(self.fields.len(), false);
        let filled = filled.all();
        fill_in(given, filled);
        let missing = self.missing(filled);
        self.judge(given, filled, &missing, None, &mut findings);
        findings.extend(self.alternatives(&missing));
        Report {
            findings,
            missing: self.named(&missing),
        }
    }

    /// Checks one field and what depends on it, as it is typed: its own answer, the answers that are compared with it (a name with its codice fiscale), and
    /// the rule where this field is an alternative to others. The other answers are not judged.
    #[must_use]
    pub fn check_field(&self, answers: &Answers, key: &str) -> FieldReport<'_> {
        let Some(asked) = self.index_of(key) else {
            return FieldReport {
                fields: Vec::new(),
                whole_form: false,
                findings: vec![Finding::new(FindingCode::UnknownField).about(key)],
            };
        };
        let mut findings = Vec::new();
        let mut given = Slots::new(self.fields.len(), None);
        let given = given.all();
        self.lay_out(answers, given, &mut findings);
        let own = self.fields.get(asked).map(|field| field.key.as_str());
        findings.retain(|finding| {
            finding.code == FindingCode::DuplicateAnswer && finding.field.as_deref() == own
        });
        self.field_given(given, asked, findings)
    }

    /// As [`check_field`](ServiceForm::check_field), of the field at this place, with answers as [`check_in_order`](ServiceForm::check_in_order) takes them.
    #[must_use]
    pub fn check_field_in_order(&self, given: &[Option<Given<'_>>], field: usize) -> FieldReport<'_> {
        self.field_given(given, field, Vec::new())
    }

    fn field_given(
        &self,
        given: &[Option<Given<'_>>],
        asked: usize,
        mut findings: Vec<Finding>,
    ) -> FieldReport<'_> {
        let mut filled = Slots::new(self.fields.len(), false);
        let filled = filled.all();
        fill_in(given, filled);
        let whole_form = self.requirements.is_alternative(asked);
        let missing = if whole_form || self.requirements.clash() {
            self.missing(filled)
        } else {
            Missing::default()
        };
        let mut wanted = Slots::new(self.fields.len(), false);
        let wanted = wanted.all();
        let fields = wanted.iter_mut().zip(&self.fields).zip(filled.iter());
        for (index, ((wanted, field), filled)) in fields.enumerate() {
            let depends = || {
                (whole_form && self.requirements.may_clash(index)) || same_person(&self.fields, asked, field)
            };
            *wanted = index == asked || (*filled && depends());
        }
        self.judge(given, filled, &missing, Some(wanted), &mut findings);
        if whole_form {
            findings.extend(self.alternatives(&missing));
        }
        let spoken_for = self.fields.iter().zip(wanted.iter());
        FieldReport {
            fields: spoken_for
                .filter(|(_, wanted)| **wanted)
                .map(|(field, _)| field.key.as_str())
                .collect(),
            whole_form,
            findings,
        }
    }

    /// The keys of the fields that the rule demands now, filled or not, in the form's order: those that no further answers can make up for while what is
    /// filled stays filled. Fields that are alternatives to each other are in it only once the others are ruled out.
    #[must_use]
    pub fn required(&self, answers: &Answers) -> Vec<&str> {
        let mut given = Slots::new(self.fields.len(), None);
        let given = given.all();
        self.lay_out(answers, given, &mut Vec::new());
        self.required_in_order(given)
    }

    /// As [`required`](ServiceForm::required), with answers as [`check_in_order`](ServiceForm::check_in_order) takes them.
    #[must_use]
    pub fn required_in_order(&self, given: &[Option<Given<'_>>]) -> Vec<&str> {
        let mut filled = Slots::new(self.fields.len(), false);
        let filled = filled.all();
        fill_in(given, filled);
        let required = Requirements::required_now(&self.rule, filled);
        let demanded = self.fields.iter().zip(required);
        demanded
            .filter(|(_, required)| *required)
            .map(|(field, _)| field.key.as_str())
            .collect()
    }

    /// Finds the field of each answer.
    fn lay_out<'a>(
        &self,
        answers: &'a Answers,
        given: &mut [Option<Given<'a>>],
        findings: &mut Vec<Finding>,
    ) {
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
    }

    fn missing(&self, filled: &[bool]) -> Missing {
        if self.requirements.surely_hold(filled) {
            Missing::default()
        } else {
            Requirements::missing(&self.rule, filled)
        }
    }

    /// The findings about the fields, those that are wanted or all, in the form's order behind what is there already.
    fn judge(
        &self,
        given: &[Option<Given<'_>>],
        filled: &[bool],
        missing: &Missing,
        wanted: Option<&[bool]>,
        findings: &mut Vec<Finding>,
    ) {
        let is_wanted =
            |index: usize| wanted.is_none_or(|wanted| wanted.get(index).copied().unwrap_or(false));
        let from = findings.len();
        for (index, field) in self.fields.iter().enumerate() {
            if !is_wanted(index) {
                continue;
            }
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
                Some(answer) => check_answer(field, answer, findings),
                None if field.required => findings.push(
                    Finding::new(FindingCode::RequiredMissing)
                        .about(&field.key)
                        .with("label", &field.label),
                ),
                None => {}
            }
        }
        // Only of a whole form is it known that no answer has a finding.
        let is_right = wanted.is_none() && findings.is_empty();
        for (index, finding) in check_persons(&self.fields, given, is_right) {
            if let Some(field) = self.fields.get(index).filter(|_| is_wanted(index)) {
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

fn fill_in(given: &[Option<Given<'_>>], filled: &mut [bool]) {
    for (filled, answer) in filled.iter_mut().zip(given) {
        *filled = answer.is_some_and(|answer| !answer.is_blank());
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
