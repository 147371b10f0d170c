//! What a page shows beside the verdicts: the price, what comes next, the provider's instructions. Flat, as everything that passes here.

use sportello::Lang;
use sportello::form::Instructions;
use sportello::model::{NextStep, Phase, Progress, delivery_estimate};
use wasm_bindgen::prelude::*;

use crate::form::with;

const SEPARATOR: &str = "\u{1f}";

/// What a person does next about a submission that has come so far: in Italian, English, French, German.
#[wasm_bindgen(js_name = nextStep)]
#[must_use]
pub fn next_step(progress: &str, phase: &str, has_note: bool) -> String {
    let progress = Progress::ALL.into_iter().find(|known| known.as_str() == progress);
    let phase = Phase::ALL.into_iter().find(|known| known.as_str() == phase);
    let progress = progress.unwrap_or(Progress::Unknown);
    let step = NextStep::of(progress, phase.unwrap_or(Phase::Unknown), has_note);
    Lang::ALL.map(|lang| step.text(lang)).join(SEPARATOR)
}

/// The price with these options, by name: due now, due on choice, total, VAT, gross; nothing when the provider gave none or has no such option.
#[wasm_bindgen]
#[must_use]
pub fn quote(form: u32, options: Vec<String>) -> String {
    let quote = with(form, |service| service.quote(&options)).flatten();
    let amounts = quote.map(|it| [it.due_now, it.due_on_choice, it.total, it.vat, it.gross]);
    let amounts = amounts.map(|all| all.map(|amount| amount.to_string()).join(SEPARATOR));
    amounts.unwrap_or_default()
}

/// The provider's instructions as plain text.
#[wasm_bindgen]
#[must_use]
pub fn instructions(form: u32) -> String {
    with(form, |service| {
        Instructions::new(&service.instructions_html).plain_text()
    })
    .unwrap_or_default()
}

/// When the documents can be expected whose documentation was complete at this moment: earliest and latest, Unix milliseconds.
#[wasm_bindgen(js_name = deliveryEstimate)]
#[must_use]
pub fn delivery_window(start_ms: f64) -> Vec<f64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a moment: whole enough, not negative"
    )]
    let window = delivery_estimate(start_ms as u64);
    #[expect(clippy::cast_precision_loss, reason = "a moment: far below 2^53")]
    [window.earliest, window.latest]
        .map(|moment| moment as f64)
        .to_vec()
}
