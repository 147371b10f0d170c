use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::Attachment;
use crate::check::Given;

/// The answer to one field. `Debug` never shows the value.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// What was typed.
    Text(String),
    /// A file; in JSON an object `{"file": descriptor}`.
    File {
        /// The file's descriptor and, where it is to be sent, its source.
        file: Attachment,
    },
}

impl Answer {
    /// True when the rule counts this field as not filled: an empty or blank text.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        matches!(self, Answer::Text(text) if text.chars().all(char::is_whitespace))
    }

    /// The text, when this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Answer::Text(text) => Some(text),
            Answer::File { .. } => None,
        }
    }

    /// The file, when this is one.
    #[must_use]
    pub fn as_file(&self) -> Option<&Attachment> {
        match self {
            Answer::Text(_) => None,
            Answer::File { file } => Some(file),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Answer::Text(_) => "Text(masked)",
            Answer::File { .. } => "File(masked)",
        })
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Answer {
        Answer::Text(text.to_owned())
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Answer {
        Answer::Text(text)
    }
}

impl From<Attachment> for Answer {
    fn from(file: Attachment) -> Answer {
        Answer::File { file }
    }
}

/// A person's answers, keyed by field key (`$4`), slug (`codice_fiscale`) or label (`CODICE FISCALE`).
///
/// Personal data: `Debug` shows the keys and never a value.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, Answer>);

impl Answers {
    /// No answers yet.
    #[must_use]
    pub fn new() -> Answers {
        Answers::default()
    }

    /// Adds or replaces one answer.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, answer: impl Into<Answer>) -> Answers {
        self.set(key, answer);
        self
    }

    /// Adds or replaces one answer.
    pub fn set(&mut self, key: impl Into<String>, answer: impl Into<Answer>) {
        self.0.insert(key.into(), answer.into());
    }

    /// The answer under exactly this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Answer> {
        self.0.get(key)
    }

    /// Every answer, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.0.iter().map(|(key, answer)| (key.as_str(), answer))
    }

    /// Every answer as a check looks at it.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&str, Given<'_>)> {
        self.iter().map(|(key, answer)| (key, answer.into()))
    }

    /// True when nothing was answered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
