use pyo3::prelude::*;
use pyo3::types::PyBytes;
use sportello::Lang;

pyo3::import_exception!(sportello.errors, SchemaError);
pyo3::import_exception!(sportello.errors, AnswersError);
pyo3::import_exception!(sportello.errors, KindError);

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

/// Answers from a mapping; JSON text is not taken, so that a single answer is not mistaken for all.
pub(crate) fn answers(value: &Bound<'_, PyAny>) -> PyResult<sportello::Answers> {
    // The reader's own words quote what it read, which is personal data, so they are dropped.
    let refused = || {
        AnswersError::new_err((
            "answers.not_readable",
            "the answers are not a mapping of keys to texts and file descriptors",
        ))
    };
    let text: String = value
        .py()
        .import("sportello._convert")?
        .getattr("to_json")?
        .call1((value,))?
        .extract()?;
    serde_json::from_str(&text).map_err(|_| refused())
}

/// The language of a tag such as `it` or `fr-CH`.
pub(crate) fn lang(tag: &str) -> PyResult<Lang> {
    Lang::from_tag(tag).ok_or_else(|| {
        pyo3::exceptions::PyValueError::new_err(format!("no texts in `{tag}`; there are: it, en, fr, de"))
    })
}
