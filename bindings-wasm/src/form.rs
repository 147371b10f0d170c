use sportello::{Answer, Answers, Report, Service};
use wasm_bindgen::prelude::*;

use crate::files::with_files;
use crate::wire::{self, failure};

/// What a service asks for.
#[wasm_bindgen]
pub struct Form(pub(crate) Service);

#[wasm_bindgen]
impl Form {
    /// A form from the description of a service, with or without the envelope around it.
    ///
    /// # Errors
    /// The description is broken; the error's `code` says how.
    #[wasm_bindgen(js_name = fromJson)]
    pub fn from_json(text: &str) -> Result<Form, JsValue> {
        Service::from_json(text)
            .map(Form)
            .map_err(|error| failure(error.code(), &error.to_string()))
    }

    /// The service and its fields; see `wire::describe`.
    #[must_use]
    pub fn describe(&self) -> String {
        wire::describe(&self.0)
    }

    /// The place of the field that a caller's key means; -1 when there is none.
    #[wasm_bindgen(js_name = indexOf)]
    #[must_use]
    pub fn index_of(&self, key: &str) -> i32 {
        let index = self.0.form.index_of(key);
        index.and_then(|index| i32::try_from(index).ok()).unwrap_or(-1)
    }

    /// Checks answers in the form's order.
    #[must_use]
    pub fn check(&self, values: &str) -> String {
        with_files(|files| self.report(&self.0.form.check_in_order(&wire::given(values, files))))
    }

    /// Checks answers by their keys, each followed by its value: for those that are no field's, or of which two are one field's.
    #[wasm_bindgen(js_name = checkNamed)]
    #[must_use]
    pub fn check_named(&self, pairs: &str) -> String {
        let mut answers = Answers::new();
        with_files(|files| {
            let mut parts = pairs.split('\0');
            while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
                match value
                    .strip_prefix('\u{2}')
                    .map(|number| wire::file(number, files))
                {
                    None => answers.set(key, value),
                    Some(Some(file)) => answers.set(key, Answer::from(file.clone())),
                    Some(None) => {}
                }
            }
        });
        self.report(&self.0.form.check(&answers))
    }

    /// Checks one field and what depends on it; the places of the fields that are spoken for, `!` when the rule is spoken for as well, then the findings.
    #[wasm_bindgen(js_name = checkField)]
    #[must_use]
    pub fn check_field(&self, values: &str, field: usize) -> String {
        with_files(|files| {
            let form = &self.0.form;
            let report = form.check_field_in_order(&wire::given(values, files), field);
            let mut out = if report.whole_form { "!" } else { "" }.to_owned();
            out.push_str(&report.fields.join("\u{1f}"));
            out.push('\u{1c}');
            out.push_str(&wire::findings(&report.findings, Some(&self.0)));
            out
        })
    }

    /// The keys of what is required as things stand.
    #[must_use]
    pub fn required(&self, values: &str) -> String {
        with_files(|files| {
            let required = self.0.form.required_in_order(&wire::given(values, files));
            required.join("\u{1f}")
        })
    }

    fn report(&self, report: &Report) -> String {
        let Report { findings, missing } = report;
        wire::report(findings, missing, &self.0)
    }
}

/// Checks one value against a kind of field, without any form.
///
/// # Errors
/// There is no such kind.
#[wasm_bindgen(js_name = checkValue)]
pub fn check_value(kind: &str, value: &str) -> Result<String, JsValue> {
    sportello::check_value(kind, value)
        .map(|findings| wire::findings(&findings, None))
        .map_err(|error| failure("check.kind_unknown", &error.to_string()))
}
