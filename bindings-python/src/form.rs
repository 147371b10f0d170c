use std::collections::BTreeMap;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict};
use sportello::{Lang, MissingSets, Severity};

use crate::convert::{self, KindError, SchemaError};
use crate::placed::{self, Keys};
use crate::table::{Verdict, check_table};

/// A service: what it asks for.
#[pyclass(frozen, module = "sportello")]
pub(crate) struct Service(pub(crate) Arc<sportello::Service>, Keys);

impl Service {
    pub(crate) fn wrap(service: sportello::Service) -> Service {
        Service(Arc::new(service), Keys::new())
    }
}

/// A field, and what an input for it can be told.
#[derive(serde::Serialize)]
struct Described<'a> {
    #[serde(flatten)]
    field: &'a sportello::Field,
    input: sportello::check::InputHints,
}

#[pymethods]
impl Service {
    /// A service from the provider's description, with or without the envelope around it.
    #[staticmethod]
    fn from_json(source: &Bound<'_, PyAny>) -> PyResult<Service> {
        let text = convert::json_text(source)?;
        let service = sportello::Service::from_json(&text);
        service
            .map(Service::wrap)
            .map_err(|error| SchemaError::new_err((error.code(), error.to_string())))
    }

    /// The provider's id of the service.
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Its category.
    #[getter]
    fn category(&self) -> &str {
        &self.0.category
    }

    /// The keys of the fields that no answers can do without.
    #[getter]
    fn required(&self) -> Vec<&str> {
        let fields = self.0.form.fields.iter();
        fields
            .filter(|field| field.required)
            .map(|field| field.key.as_str())
            .collect()
    }

    /// The keys of the fields that the rule demands beside these answers, in the form's order; alternatives only once the others are ruled out.
    fn required_by(&self, answers: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
        let answers = convert::answers(&self.0, answers)?;
        let required = self.0.form.required(&answers).into_iter();
        Ok(required.map(str::to_owned).collect())
    }

    /// The fields, in display order.
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let fields = self.0.form.fields.iter();
        let described: Vec<Described<'_>> = fields
            .map(|field| Described {
                field,
                input: field.input(),
            })
            .collect();
        convert::plain(py, "fields", &described)
    }

    /// The net price of the document itself, in euro; `None` when the provider gave none that can be read.
    #[getter]
    fn price<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::plain(py, "money", &self.0.price)
    }

    /// The net price of one search, in euro, for services that search first.
    #[getter]
    fn search_price<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::plain(py, "money", &self.0.search_price)
    }

    /// The provider's instructions as plain text; empty when there are none.
    #[getter]
    fn instructions(&self) -> String {
        self.0.instructions().plain_text()
    }

    /// The paid extras.
    #[getter]
    fn options<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::plain(py, "options", &self.0.options)
    }

    /// The rule over the fields' keys.
    #[getter]
    fn rule(&self) -> String {
        self.0.form.rule.to_string()
    }

    /// True when handing in starts a search whose results are then chosen from.
    #[getter]
    fn has_search(&self) -> bool {
        self.0.has_search
    }

    /// Checks answers; wrong answers are findings and not errors.
    #[pyo3(signature = (answers, lang=None))]
    fn check(&self, answers: &Bound<'_, PyAny>, lang: Option<&str>) -> PyResult<Report> {
        let lang = convert::lang_or_italian(lang)?;
        let quick = match answers.cast_exact::<PyDict>() {
            Ok(dict) => placed::check(&self.0.form, &self.1, dict)?,
            Err(_) => None,
        };
        let report = match quick {
            Some(report) => report,
            None => {
                let answers = convert::answers(&self.0, answers)?;
                self.0.form.check(&answers)
            }
        };
        // Named one by one, so that a field which the core adds fails this build instead of being left behind.
        let sportello::Report {
            findings,
            missing:
                MissingSets {
                    sets: _,
                    more: _,
                    groups: _,
                },
        } = &report;
        // What a correction is made for must still be what was checked.
        let answers = match answers.cast_exact::<PyDict>() {
            Ok(dict) if !findings.is_empty() => dict.copy()?.into_any(),
            _ => answers.clone(),
        };
        Ok(Report {
            report,
            lang,
            service: Arc::clone(&self.0),
            answers: answers.unbind(),
        })
    }

    /// Checks one field and what depends on it, as it is typed: its own answer, the answers that are compared with it, and the rule where this field
    /// is an alternative to others.
    #[pyo3(signature = (key, answers, lang=None))]
    fn check_field<'py>(
        &self,
        py: Python<'py>,
        key: &str,
        answers: &Bound<'_, PyAny>,
        lang: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let lang = convert::lang_or_italian(lang)?;
        let answers = convert::answers(&self.0, answers)?;
        let sportello::check::FieldReport {
            fields,
            whole_form,
            findings,
        } = self.0.form.check_field(&answers, key);
        let findings: Vec<Finding> = (findings.into_iter())
            .map(|finding| Finding::wrap(finding, lang))
            .collect();
        py.import("sportello._models")?
            .getattr("field_report")?
            .call1((fields, whole_form, findings))
    }

    /// Checks a whole table: anything with the Arrow PyCapsule interface. `columns` says which column is for which field (by key, slug or
    /// label), and only those are read; without it each column whose name is a field's. A file's column has paths, which are not opened.
    #[pyo3(signature = (table, columns=None))]
    fn check_table(
        &self,
        table: &Bound<'_, PyAny>,
        columns: Option<BTreeMap<String, String>>,
    ) -> PyResult<Verdict> {
        check_table(table, &self.0.form, columns.as_ref())
    }

    /// The form as a JSON Schema (draft 2020-12); labels and help in `lang` where a field is recognised.
    #[pyo3(signature = (lang=None))]
    fn to_json_schema<'py>(&self, py: Python<'py>, lang: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        let lang = convert::lang_or_italian(lang)?;
        convert::plain(py, "loads", &self.0.form.to_json_schema(lang))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let text = serde_json::to_string(&*slf.get().0).map_err(|_| convert::unwritable())?;
        Ok((slf.get_type().getattr("_of")?, (text,)))
    }

    /// The service that was pickled as this text.
    #[staticmethod]
    fn _of(text: &str) -> PyResult<Service> {
        let service = serde_json::from_str(text).map(Service::wrap);
        service.map_err(|error| SchemaError::new_err(("schema.not_json", error.to_string())))
    }

    fn __repr__(&self) -> String {
        format!(
            "Service(id={:?}, name={:?}, fields={})",
            self.0.id,
            self.0.name,
            self.0.form.fields.len()
        )
    }
}

/// What a check found; true when there is no error.
#[pyclass(frozen, module = "sportello")]
pub(crate) struct Report {
    report: sportello::Report,
    lang: Lang,
    service: Arc<sportello::Service>,
    answers: Py<PyAny>,
}

impl Report {
    fn wrap<'a>(&self, findings: impl Iterator<Item = &'a sportello::Finding>) -> Vec<Finding> {
        findings
            .map(|finding| Finding::wrap(finding.clone(), self.lang))
            .collect()
    }
}

#[pymethods]
impl Report {
    fn __bool__(&self) -> bool {
        self.report.is_ok()
    }

    /// True when there is no error; warnings may be there.
    #[getter]
    fn ok(&self) -> bool {
        self.report.is_ok()
    }

    /// Everything found, in the form's order.
    #[getter]
    fn findings(&self) -> Vec<Finding> {
        self.wrap(self.report.findings.iter())
    }

    /// The errors.
    #[getter]
    fn errors(&self) -> Vec<Finding> {
        self.wrap(self.report.errors())
    }

    /// The warnings.
    #[getter]
    fn warnings(&self) -> Vec<Finding> {
        self.wrap(self.report.warnings())
    }

    /// The smallest sets of fields that would complete the answers; any one of them is enough.
    #[getter]
    fn missing_sets(&self) -> Vec<Vec<String>> {
        self.report.missing.sets.clone()
    }

    /// How many more sets were found; at least 1 when they were too many to be worked out.
    #[getter]
    fn missing_more(&self) -> u32 {
        self.report.missing.more
    }

    /// Where the sets were too many: groups that must each be satisfied, with the alternatives of each.
    #[getter]
    fn missing_groups(&self) -> Vec<Vec<Vec<String>>> {
        self.report.missing.groups.clone()
    }

    /// The answers with every offered correction, as a dict under the same keys: to be shown, and checked again. What has no correction
    /// stays as it was given.
    fn corrected<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        convert::corrected(&self.service, &self.report, self.answers.bind(py))
    }

    fn __repr__(&self) -> String {
        let (errors, warnings) = (self.report.errors().count(), self.report.warnings().count());
        format!("Report(errors={errors}, warnings={warnings})")
    }
}

/// One thing to correct or to look at.
#[pyclass(frozen, module = "sportello")]
pub(crate) struct Finding {
    finding: sportello::Finding,
    lang: Lang,
}

impl Finding {
    pub(crate) fn wrap(finding: sportello::Finding, lang: Lang) -> Finding {
        // As for a report: what the core adds must be given a getter here.
        let sportello::Finding {
            field: _,
            code: _,
            severity: _,
            position: _,
            params: _,
            correction: _,
        } = &finding;
        Finding { finding, lang }
    }
}

#[pymethods]
impl Finding {
    /// The field's key; `None` for a finding about the whole form.
    #[getter]
    fn field(&self) -> Option<&str> {
        self.finding.field.as_deref()
    }

    /// The stable dotted code.
    #[getter]
    fn code(&self) -> &'static str {
        self.finding.code.as_str()
    }

    /// `error` or `warning`.
    #[getter]
    fn severity(&self) -> &'static str {
        self.finding.severity.as_str()
    }

    /// True for an error.
    #[getter]
    fn is_error(&self) -> bool {
        self.finding.severity == Severity::Error
    }

    /// The first wrong character, counted in characters from 0, where there is one.
    #[getter]
    fn position(&self) -> Option<u32> {
        self.finding.position
    }

    /// Particulars for the text, never what was typed.
    #[getter]
    fn params(&self) -> BTreeMap<&'static str, Param> {
        let params = self.finding.params.iter();
        params.map(|(name, param)| (name, Param::of(param))).collect()
    }

    /// A value that would be right: to be offered, never put in silently. Personal data.
    #[getter]
    fn correction(&self) -> Option<&str> {
        self.finding.correction.as_deref()
    }

    /// What to tell the person, in the language of the check or in another.
    #[pyo3(signature = (lang=None))]
    fn text(&self, lang: Option<&str>) -> PyResult<String> {
        Ok(self.finding.text(lang.map_or(Ok(self.lang), convert::lang)?))
    }

    fn __repr__(&self) -> String {
        // Without the correction, which is personal data.
        let field = self
            .field()
            .map_or_else(|| "None".to_owned(), |field| format!("{field:?}"));
        let position = self
            .finding
            .position
            .map_or_else(|| "None".to_owned(), |position| position.to_string());
        let (code, severity) = (self.code(), self.severity());
        format!("Finding(field={field}, code={code:?}, severity={severity:?}, position={position})")
    }
}

/// A particular of a finding, as the type that it is.
#[derive(IntoPyObject)]
enum Param {
    Number(u64),
    Text(String),
    List(Vec<String>),
}

impl Param {
    fn of(param: &sportello::check::Param) -> Param {
        match param {
            sportello::check::Param::Number(number) => Param::Number(*number),
            sportello::check::Param::Text(text) => Param::Text(text.clone()),
            sportello::check::Param::List(items) => Param::List(items.clone()),
        }
    }
}

/// Checks one value against a kind of field, without any form.
#[pyfunction]
#[pyo3(signature = (kind, value, lang=None))]
pub(crate) fn check_value(kind: &str, value: &str, lang: Option<&str>) -> PyResult<Vec<Finding>> {
    let lang = convert::lang_or_italian(lang)?;
    let findings = sportello::check_value(kind, value)
        .map_err(|error| KindError::new_err(("check.kind_unknown", error.to_string())))?;
    Ok(findings
        .into_iter()
        .map(|finding| Finding::wrap(finding, lang))
        .collect())
}
