use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use sportello::{Answer, Answers, AssegnoUnico, Lang, SportelloError};

use crate::attachment::Attachment;

pyo3::import_exception!(sportello.errors, SchemaError);
pyo3::import_exception!(sportello.errors, AnswersError);
pyo3::import_exception!(sportello.errors, KindError);
pyo3::import_exception!(sportello.errors, TableError);
pyo3::import_exception!(sportello.errors, RuntimeGone);

/// JSON text from text, bytes, or anything that Python's side turns into JSON.
pub(crate) fn json_text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = value.extract::<String>() {
        return Ok(text);
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        // What is not UTF-8 is not JSON either, and the reader says so.
        return Ok(String::from_utf8_lossy(bytes.as_bytes()).into_owned());
    }
    value
        .py()
        .import("sportello._convert")?
        .getattr("to_json")?
        .call1((value,))?
        .extract()
}

/// Plain data as the classes that Python has for it: `reader` is a function of `sportello._models`.
pub(crate) fn plain<'py>(
    py: Python<'py>,
    reader: &str,
    value: &impl serde::Serialize,
) -> PyResult<Bound<'py, PyAny>> {
    let text = serde_json::to_string(value).map_err(|_| unwritable())?;
    py.import("sportello._models")?.getattr(reader)?.call1((text,))
}

pub(crate) fn unwritable() -> PyErr {
    RuntimeGone::new_err(("internal", "this can't be written as JSON"))
}

/// The answers of a report with its corrections, as a dict: under the caller's own keys, and with the caller's own values where nothing changes.
pub(crate) fn corrected<'py>(
    service: &sportello::Service,
    report: &sportello::Report,
    given: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = given.py();
    let before = answers(service, given)?;
    let after = report.corrected(&service.form, &before);
    let made = py
        .import("sportello._convert")?
        .getattr("own_dict")?
        .call1((given,))?;
    // What maps itself onto a form has no keys of its own.
    let keyed = made.cast::<PyDict>().ok();
    let dict = keyed.cloned().unwrap_or_else(|| PyDict::new(py));
    for (key, answer) in after.iter() {
        if keyed.is_some() && before.get(key) == Some(answer) {
            continue;
        }
        match answer {
            Answer::Text(text) => dict.set_item(key, text)?,
            Answer::File { file } => dict.set_item(key, Attachment(file.clone()))?,
        }
    }
    Ok(dict)
}

/// Answers from a mapping, a dataclass, a pydantic model or an `AssegnoUnico`.
pub(crate) fn answers(service: &sportello::Service, value: &Bound<'_, PyAny>) -> PyResult<Answers> {
    let plain = value
        .py()
        .import("sportello._convert")?
        .getattr("answers")?
        .call1((value,))?;
    let (kind, values): (String, Bound<'_, PyDict>) = plain.extract()?;
    if kind == "assegno_unico" {
        return assegno_unico(service, &values);
    }
    let mut answers = Answers::new();
    for (key, value) in values {
        let key = utf8(key.cast::<PyString>()?)?.to_owned();
        if let Ok(file) = value.cast::<Attachment>() {
            answers.set(key, file.get().0.clone());
        } else if let Ok(text) = value.cast::<PyString>() {
            answers.set(key, utf8(text)?);
        } else {
            answers.set(key, descriptor(&value)?);
        }
    }
    Ok(answers)
}

/// A text as the core reads it. Half of a surrogate pair is refused without Python's own words, which carry the whole text.
pub(crate) fn utf8<'a>(text: &'a Bound<'_, PyString>) -> PyResult<&'a str> {
    text.to_str().map_err(|_| {
        AnswersError::new_err((
            "answers.not_readable",
            "an answer or a key holds half of a surrogate pair, which is no text",
        ))
    })
}

/// A file that is only described: `{"file": {"name": …, "mime": …, "size": …, "head": …, "tail": …}}`.
fn descriptor(value: &Bound<'_, PyAny>) -> PyResult<sportello::Answer> {
    // The reader's own words quote what it read, which is personal data, so they are dropped.
    serde_json::from_str(&json_text(value)?).map_err(|_| unreadable())
}

fn unreadable() -> PyErr {
    AnswersError::new_err((
        "answers.not_readable",
        "the answers are not a mapping of keys to texts and files",
    ))
}

fn assegno_unico(service: &sportello::Service, values: &Bound<'_, PyDict>) -> PyResult<Answers> {
    let get = |name: &str| values.get_item(name)?.ok_or_else(unreadable);
    let text = |name: &str| -> PyResult<String> {
        let value = get(name)?;
        let text = value.cast::<PyString>().map_err(|_| unreadable())?;
        Ok(utf8(text)?.to_owned())
    };
    let file = |name: &str| -> PyResult<sportello::Attachment> {
        let value = get(name)?;
        Ok(value
            .cast::<Attachment>()
            .map_err(|_| unreadable())?
            .get()
            .0
            .clone())
    };
    let application = AssegnoUnico {
        given_name: text("given_name")?,
        family_name: text("family_name")?,
        email: text("email")?,
        mobile: text("mobile")?,
        codice_fiscale: text("codice_fiscale")?,
        identity_document: file("identity_document")?,
        codice_fiscale_card: file("codice_fiscale_card")?,
        mandate: match get("mandate")? {
            none if none.is_none() => None,
            _ => Some(file("mandate")?),
        },
    };
    application
        .answers(&service.form)
        .map_err(|refused| error(values.py(), &refused.into()))
}

/// An error of the core as the class that Python has for it.
pub(crate) fn error(py: Python<'_>, error: &SportelloError) -> PyErr {
    let details = error.details();
    exception(
        py,
        &serde_json::json!({
            "code": details.code,
            "detail": error.to_string(),
            "is_retryable": details.retryable,
            "http_status": details.http_status,
            "api_code": details.api_code,
            "reference": details.reference,
            "id": details.id,
            "charged": details.charged,
            "findings": details.findings.iter().map(summary).collect::<Vec<_>>(),
        }),
    )
}

/// A value by itself that is wrong: the finding's code, where it is, and no value.
pub(crate) fn wrong_value(py: Python<'_>, what: &str, finding: &sportello::Finding) -> PyErr {
    let detail = format!("{what}: {}", finding.text(Lang::En));
    exception(
        py,
        &serde_json::json!({
            "code": finding.code.as_str(),
            "detail": detail,
            "findings": [summary(finding)],
        }),
    )
}

/// What the core refuses with a code and a text of its own.
pub(crate) fn refused(py: Python<'_>, code: &str, detail: &str) -> PyErr {
    exception(
        py,
        &serde_json::json!({ "code": code, "detail": detail, "findings": [] }),
    )
}

fn summary(finding: &sportello::Finding) -> serde_json::Value {
    serde_json::json!({
        "field": finding.field,
        "code": finding.code,
        "severity": finding.severity.as_str(),
        "position": finding.position,
    })
}

/// The exception of a code, with these attributes.
fn exception(py: Python<'_>, facts: &serde_json::Value) -> PyErr {
    let made = py
        .import("sportello.errors")
        .and_then(|errors| errors.getattr("from_facts")?.call1((facts.to_string(),)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(broken) => broken,
    }
}

/// The language of a tag; Italian where there is none.
pub(crate) fn lang_or_italian(tag: Option<&str>) -> PyResult<Lang> {
    tag.map_or(Ok(Lang::It), lang)
}

/// The language of a tag such as `it` or `fr-CH`.
pub(crate) fn lang(tag: &str) -> PyResult<Lang> {
    Lang::from_tag(tag).ok_or_else(|| {
        pyo3::exceptions::PyValueError::new_err(format!("no texts in `{tag}`; there are: it, en, fr, de"))
    })
}
