//! The answers file: JSON or TOML; a file answer is `{"path": "id.pdf"}` or `{"pages": ["front.jpg", "back.jpg"]}`.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use sportello::pages::pages;
use sportello::{Answer, Answers, Attachment};

use crate::exit::Stop;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAnswer {
    path: Option<String>,
    pages: Option<Vec<String>>,
}

/// Reads an answers file; paths in it are relative to it.
pub(crate) fn read(path: &Path) -> Result<Answers, Stop> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::local(format!("can't read `{shown}`: {error}")))?;
    let is_toml = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    let values: Value = if is_toml {
        toml::from_str(&text)
            .map_err(|error| Stop::local(format!("`{shown}` is not TOML: {}", error.message())))?
    } else {
        // The parser's own text quotes nothing of the file, only where it stopped.
        serde_json::from_str(&text).map_err(|error| {
            Stop::local(format!(
                "`{shown}` is not JSON: line {}, column {}",
                error.line(),
                error.column()
            ))
        })?
    };
    let Value::Object(values) = values else {
        return Err(Stop::local(format!(
            "`{shown}` must be one object: field names with their answers"
        )));
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut answers = Answers::new();
    for (key, value) in values {
        let answer = match value {
            Value::Null => continue,
            Value::String(text) => Answer::Text(text),
            Value::Number(number) => Answer::Text(number.to_string()),
            Value::Object(_) => Answer::File {
                file: file(&key, value, folder)?,
            },
            _ => {
                let what = "must be a text, {\"path\": FILE} or {\"pages\": [FILE, FILE]}";
                return Err(Stop::local(format!("`{shown}`: the answer to `{key}` {what}")));
            }
        };
        answers.set(key, answer);
    }
    Ok(answers)
}

fn file(key: &str, value: Value, folder: &Path) -> Result<Attachment, Stop> {
    let wrong = || {
        Stop::local(format!(
            "the answer to `{key}` must be {{\"path\": FILE}} or {{\"pages\": [FILE, FILE]}}"
        ))
    };
    let answer: FileAnswer = serde_json::from_value(value).map_err(|_| wrong())?;
    let open = |name: &String| {
        let path = folder.join(name);
        Attachment::from_path(&path)
            .map_err(|error| Stop::local(format!("can't read `{}`: {error}", path.display())))
    };
    match (answer.path, answer.pages) {
        (Some(path), None) => open(&path),
        (None, Some(names)) => {
            let scans = names.iter().map(open).collect::<Result<Vec<_>, _>>()?;
            pages(&scans).map_err(|error| Stop::local(format!("the pages of `{key}`: {error}")))
        }
        _ => Err(wrong()),
    }
}
