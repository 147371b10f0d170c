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

/// A finding with the place of its field among [`ServiceForm::fields`](crate::ServiceForm::fields), for hosts that hold keys and labels themselves: the
/// finding's own key is given only for an answer that is no field's, and its label is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The place of the field; `None` for a finding about the whole form or about an answer that is no field's.
    pub field: Option<usize>,
    /// What is to be corrected or looked at.
    pub finding: Finding,
}

impl Placed {
    fn at(field: usize, finding: Finding) -> Placed {
        Placed {
            field: Some(field),
            finding,
        }
    }

    /// True when the label of its field belongs to its particulars, behind the others.
    #[must_use]
    pub fn has_label(&self) -> bool {
        self.field.is_some() && self.finding.code != FindingCode::DuplicateAnswer
    }
}

/// What a check found, fields by their place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlacedReport {
    /// What to correct or to look at, in the form's order.
    pub findings: Vec<Placed>,
    /// What would complete the answers.
    pub missing: Missing,
}

/// What a check of one field found, fields by their place.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedFieldReport {
    /// The fields that these findings speak for; see [`FieldReport::fields`].
    pub fields: Vec<usize>,
    /// See [`FieldReport::whole_form`].
    pub whole_form: bool,
    /// What to correct or to look at, in the form's order.
    pub findings: Vec<Placed>,
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
        self.named_report(self.check_named(&mut answers.given()))
    }

    /// Checks answers that stand already in the order of [`fields`](ServiceForm::fields): the rows of a table, the values of a host's own mapping.
    /// Nothing is copied. What the list is too short for was not answered.
    #[must_use]
    pub fn check_in_order(&self, given: &[Option<Given<'_>>]) -> Report {
        self.named_report(self.check_placed(given))
    }

    /// As [`check_in_order`](ServiceForm::check_in_order), fields by their place.
    #[must_use]
    pub fn check_placed(&self, given: &[Option<Given<'_>>]) -> PlacedReport {
        self.check_given(given, Vec::new())
    }

    /// As [`check`](ServiceForm::check), with answers from wherever they are kept, in the order of their keys; fields by their place.
    pub fn check_named(&self, answers: &mut dyn Iterator<Item = (&str, Given<'_>)>) -> PlacedReport {
        let mut findings = Vec::new();
        let mut given = Slots::new(self.fields.len(), None);
        let given = given.all();
        self.lay_out(answers, given, &mut findings);
        self.check_given(given, findings)
    }

    fn check_given(&self, given: &[Option<Given<'_>>], mut findings: Vec<Placed>) -> PlacedReport {
        let mut filled = filled(given, self.fields.len());
        let filled = &*filled.all();
        let missing = self.missing(filled);
        self.judge(given, filled, &missing, None, &mut findings);
        self.alternatives(&missing, &mut findings);
        PlacedReport { findings, missing }
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
        self.lay_out(&mut answers.given(), given, &mut findings);
        findings.retain(|placed| {
            placed.finding.code == FindingCode::DuplicateAnswer && placed.field == Some(asked)
        });
        self.named_field_report(self.field_given(given, asked, findings))
    }

    /// As [`check_field`](ServiceForm::check_field), of the field at this place, with answers as [`check_in_order`](ServiceForm::check_in_order) takes them.
    #[must_use]
    pub fn check_field_in_order(&self, given: &[Option<Given<'_>>], field: usize) -> FieldReport<'_> {
        self.named_field_report(self.check_field_placed(given, field))
    }

    /// As [`check_field_in_order`](ServiceForm::check_field_in_order), fields by their place.
    #[must_use]
    pub fn check_field_placed(&self, given: &[Option<Given<'_>>], field: usize) -> PlacedFieldReport {
        self.field_given(given, field, Vec::new())
    }

    fn field_given(
        &self,
        given: &[Option<Given<'_>>],
        asked: usize,
        mut findings: Vec<Placed>,
    ) -> PlacedFieldReport {
        let mut filled = filled(given, self.fields.len());
        let filled = &*filled.all();
        let whole_form = self.requirements.is_alternative(asked);
        let missing = if whole_form || self.requirements.clash() {
            self.missing(filled)
        } else {
            Missing::default()
        };
        let mut fields = Vec::new();
        for (index, field) in self.fields.iter().enumerate() {
            let depends = || {
                (whole_form && self.requirements.may_clash(index)) || same_person(&self.fields, asked, field)
            };
            let is_filled = filled.get(index).copied().unwrap_or(false);
            if index == asked || (is_filled && depends()) {
                fields.push(index);
            }
        }
        self.judge(given, filled, &missing, Some(&fields), &mut findings);
        if whole_form {
            self.alternatives(&missing, &mut findings);
        }
        PlacedFieldReport {
            fields,
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
        self.lay_out(&mut answers.given(), given, &mut Vec::new());
        self.required_in_order(given)
    }

    /// As [`required`](ServiceForm::required), with answers as [`check_in_order`](ServiceForm::check_in_order) takes them.
    #[must_use]
    pub fn required_in_order(&self, given: &[Option<Given<'_>>]) -> Vec<&str> {
        let required = self.required_placed(given);
        let demanded = self.fields.iter().zip(required);
        demanded
            .filter(|(_, required)| *required)
            .map(|(field, _)| field.key.as_str())
            .collect()
    }

    /// As [`required_in_order`](ServiceForm::required_in_order), a yes or no for every field.
    #[must_use]
    pub fn required_placed(&self, given: &[Option<Given<'_>>]) -> Vec<bool> {
        let mut filled = filled(given, self.fields.len());
        let filled = &*filled.all();
        Requirements::required_now(&self.rule, filled)
    }

    /// Finds the field of each answer.
    fn lay_out<'a>(
        &self,
        answers: &mut dyn Iterator<Item = (&str, Given<'a>)>,
        given: &mut [Option<Given<'a>>],
        findings: &mut Vec<Placed>,
    ) {
        for (nth, (name, answer)) in answers.enumerate() {
            // Keys in their order are often the fields in theirs.
            let guessed = self.fields.get(nth).is_some_and(|field| field.key == name);
            let index = if guessed { Some(nth) } else { self.index_of(name) };
            let finding = match index.and_then(|index| given.get_mut(index)) {
                None => Finding::new(FindingCode::UnknownField).about(name),
                Some(slot) if slot.is_some() => Finding::new(FindingCode::DuplicateAnswer),
                Some(slot) => {
                    *slot = Some(answer);
                    continue;
                }
            };
            findings.push(Placed {
                field: index,
                finding,
            });
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
        wanted: Option<&[usize]>,
        findings: &mut Vec<Placed>,
    ) {
        let is_wanted = |index: usize| wanted.is_none_or(|wanted| wanted.contains(&index));
        let from = findings.len();
        // What one field has, before its place is put to it.
        let mut own = Vec::new();
        for (index, field) in self.fields.iter().enumerate() {
            if !is_wanted(index) {
                continue;
            }
            let answer = given.get(index).copied().flatten();
            let is_filled = filled.get(index).copied().unwrap_or(false);
            if missing.must_be_empty.contains(&index) {
                Finding::say(FindingCode::MustBeEmpty, &mut own);
            }
            match answer.filter(|_| is_filled) {
                Some(answer) => check_answer(field, answer, &mut own),
                None if field.required => Finding::say(FindingCode::RequiredMissing, &mut own),
                None => {}
            }
            for finding in own.drain(..) {
                findings.push(Placed::at(index, finding));
            }
        }
        // Only of a whole form is it known that no answer has a finding.
        let is_right = wanted.is_none() && findings.is_empty();
        check_persons(&self.fields, given, is_right, &mut |index, finding| {
            if is_wanted(index) {
                let known = findings.iter().skip(from);
                let before = known.take_while(|known| known.field.is_some_and(|known| known <= index));
                let at = from + before.count();
                findings.insert(at, Placed::at(index, finding));
            }
        });
    }

    /// What is missing beyond the fields that are required in any case.
    fn alternatives(&self, missing: &Missing, findings: &mut Vec<Placed>) {
        let own = std::slice::from_ref(&missing.sets);
        let groups = if missing.groups.is_empty() {
            own
        } else {
            missing.groups.as_slice()
        };
        for sets in groups {
            let mut labels = Vec::with_capacity(sets.len());
            for set in sets {
                let mut text = String::new();
                for field in set.iter().filter_map(|index| self.fields.get(*index)) {
                    if !field.required {
                        let separator = if text.is_empty() { "" } else { " + " };
                        text.push_str(separator);
                        text.push_str(&field.label);
                    }
                }
                labels.push(text);
            }
            // A set that asks for no more than what is required anyhow: nothing is open.
            let is_open = |sets: &[Vec<usize>]| {
                sets.iter().all(|set| {
                    set.iter()
                        .any(|index| !self.fields.get(*index).is_some_and(|field| field.required))
                })
            };
            if !sets.is_empty() && is_open(sets) {
                findings.push(Placed {
                    field: None,
                    finding: Finding::new(FindingCode::RequiredAlternatives).with("alternatives", labels),
                });
            }
        }
    }

    fn named_report(&self, report: PlacedReport) -> Report {
        Report {
            findings: self.named(report.findings),
            missing: self.named_missing(&report.missing),
        }
    }

    fn named_field_report(&self, report: PlacedFieldReport) -> FieldReport<'_> {
        let fields = report.fields.iter().filter_map(|index| self.fields.get(*index));
        FieldReport {
            fields: fields.map(|field| field.key.as_str()).collect(),
            whole_form: report.whole_form,
            findings: self.named(report.findings),
        }
    }

    fn named(&self, findings: Vec<Placed>) -> Vec<Finding> {
        let named = |placed: Placed| {
            let has_label = placed.has_label();
            let mut finding = placed.finding;
            if let Some(field) = placed.field.and_then(|index| self.fields.get(index)) {
                finding.field = Some(field.key.clone());
                if has_label {
                    finding.params.add("label", &field.label);
                }
            }
            finding
        };
        findings.into_iter().map(named).collect()
    }

    fn named_missing(&self, missing: &Missing) -> MissingSets {
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
}

/// Which fields have an answer that is not blank.
fn filled(given: &[Option<Given<'_>>], fields: usize) -> Slots<bool> {
    let mut filled = Slots::new(fields, false);
    for (filled, answer) in filled.all().iter_mut().zip(given) {
        *filled = answer.is_some_and(|answer| !answer.is_blank());
    }
    filled
}

fn check_answer(field: &Field, answer: Given<'_>, findings: &mut Vec<Finding>) {
    match (answer, field.kind) {
        (Given::Unseen, _) => {}
        (Given::File(file), FieldKind::File) => kinds::check_file(file, findings),
        (Given::File(_), _) => Finding::say(FindingCode::TextExpected, findings),
        (Given::Text(_), FieldKind::File) => Finding::say(FindingCode::FileExpected, findings),
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
}
