//! Choice fields: one of the listed codes. What is a listed code but for case and blanks, or a listed description, is offered.
//!
//! Source: the form's own list.

use crate::check::{Finding, FindingCode};
use crate::model::{Choice, fold};

/// How many values a text names.
const NAMED: usize = 12;
/// Longer than this nothing is compared: no list has such values.
const MAX_BYTES: usize = 4096;

pub(in crate::check) fn check_choice(choices: &[Choice], text: &str, findings: &mut Vec<Finding>) {
    if choices.iter().any(|choice| choice.code == text) {
        return;
    }
    let codes = choices.iter().take(NAMED).map(|choice| choice.code.clone());
    let finding = Finding::new(FindingCode::ChoiceUnknown).with("choices", codes.collect::<Vec<_>>());
    findings.push(match meant(choices, text) {
        Some(choice) => finding.offering(&choice.code),
        None => finding,
    });
}

/// The one choice whose code or description this is.
fn meant<'a>(choices: &'a [Choice], text: &str) -> Option<&'a Choice> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let wanted = fold(text);
    let by = |of: fn(&Choice) -> &str| {
        let mut same = choices.iter().filter(|choice| fold(of(choice)) == wanted);
        same.next().filter(|_| same.next().is_none())
    };
    by(|choice| &choice.code).or_else(|| by(|choice| &choice.description))
}
