use sportello::{Answers, Field, InputHints, Service};
use wasm_bindgen::prelude::*;

use crate::convert::{FindingView, ReportView, failure, to_js};

/// What a service asks for.
#[wasm_bindgen]
pub struct ServiceForm(Service);

#[wasm_bindgen]
impl ServiceForm {
    /// A form from the provider's description of a service, with or without the envelope around it.
    ///
    /// # Errors
    /// The description is broken; the error's `code` says how.
    #[wasm_bindgen(js_name = fromJson)]
    pub fn from_json(text: &str) -> Result<ServiceForm, JsValue> {
        Service::from_json(text)
            .map(ServiceForm)
            .map_err(|error| failure(error.code(), &error.to_string()))
    }

    /// The provider's id of the service.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id.clone()
    }

    /// The service's name.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name.clone()
    }

    /// The fields in display order, as plain objects.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn fields(&self) -> Result<JsValue, JsValue> {
        let fields = self.0.form.fields.iter();
        to_js(&fields.map(FieldView::from).collect::<Vec<_>>())
    }

    /// The keys of what the rule demands as things stand.
    ///
    /// # Errors
    /// The answers are not an object of texts and file descriptors.
    pub fn required(&self, answers: JsValue) -> Result<JsValue, JsValue> {
        to_js(&self.0.form.required(&read(answers)?))
    }

    /// Checks answers; wrong answers are findings and not errors.
    ///
    /// # Errors
    /// The answers are not an object of texts and file descriptors.
    pub fn check(&self, answers: JsValue) -> Result<JsValue, JsValue> {
        to_js(&ReportView::from(&self.0.form.check(&read(answers)?)))
    }
}

fn read(answers: JsValue) -> Result<Answers, JsValue> {
    // The reader's own words quote what it read, which is personal data, so they are dropped.
    serde_wasm_bindgen::from_value(answers).map_err(|_| {
        failure(
            "answers.not_readable",
            "the answers are not an object of texts and file descriptors",
        )
    })
}

/// A field, and what an input for it can be told.
#[derive(serde::Serialize)]
struct FieldView<'a> {
    #[serde(flatten)]
    field: &'a Field,
    input: InputHints,
}

impl<'a> From<&'a Field> for FieldView<'a> {
    fn from(field: &'a Field) -> FieldView<'a> {
        let input = field.input();
        FieldView { field, input }
    }
}

/// Checks one value against a kind of field, without any form.
///
/// # Errors
/// There is no such kind.
#[wasm_bindgen(js_name = checkValue)]
pub fn check_value(kind: &str, value: &str) -> Result<JsValue, JsValue> {
    let findings = sportello::check_value(kind, value)
        .map_err(|error| failure("check.kind_unknown", &error.to_string()))?;
    to_js(&findings.iter().map(FindingView::from).collect::<Vec<_>>())
}
