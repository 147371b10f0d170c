//! What a page shows beside the verdicts: the price, what comes next, the provider's instructions. Asked for now and then, so as JSON.

use serde_json::{Value, json};
use sportello::form::Instructions;
use sportello::model::{NextStep, Phase, Progress};
use sportello::{Lang, Service};
use wasm_bindgen::prelude::*;

use crate::form::Form;

/// What a person does next about a submission that has come so far, in every language.
#[wasm_bindgen(js_name = nextStep)]
#[must_use]
pub fn next_step(progress: &str, phase: &str, has_note: bool) -> String {
    let progress: Option<Progress> = serde_json::from_value(Value::from(progress)).ok();
    let phase: Option<Phase> = serde_json::from_value(Value::from(phase)).ok();
    let progress = progress.unwrap_or(Progress::Unknown);
    let step = NextStep::of(progress, phase.unwrap_or(Phase::Unknown), has_note);
    let [it, en, fr, de] = Lang::ALL.map(|lang| step.text(lang));
    json!({ "it": it, "en": en, "fr": fr, "de": de }).to_string()
}

/// The price with these options, by name; `null` when the provider gave none or has no such option.
#[wasm_bindgen]
#[must_use]
pub fn quote(form: &Form, options: Vec<String>) -> String {
    let service: &Service = &form.0;
    json!(service.quote(&options)).to_string()
}

/// The provider's instructions as plain text.
#[wasm_bindgen]
#[must_use]
pub fn instructions(form: &Form) -> String {
    Instructions::new(&form.0.instructions_html).plain_text()
}
