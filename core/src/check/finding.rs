use std::fmt;

use serde::{Serialize, Serializer};

use super::texts::{self, Lang};
use super::{FindingCode, Severity};

/// A particular of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Param {
    /// A count or a limit.
    Number(u64),
    /// The name of a field or of a type.
    Text(String),
    /// Names or values to choose from.
    List(Vec<String>),
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Param::Number(number) => write!(f, "{number}"),
            Param::Text(text) => f.write_str(text),
            Param::List(items) => f.write_str(&items.join(", ")),
        }
    }
}

impl From<u64> for Param {
    fn from(number: u64) -> Param {
        Param::Number(number)
    }
}

impl From<usize> for Param {
    fn from(number: usize) -> Param {
        Param::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Param {
        Param::Text(text.to_owned())
    }
}

impl From<&String> for Param {
    fn from(text: &String) -> Param {
        Param::Text(text.clone())
    }
}

impl From<Vec<String>> for Param {
    fn from(items: Vec<String>) -> Param {
        Param::List(items)
    }
}

/// The particulars of a finding by name: few, so they are kept in a list. An object in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(&'static str, Param)>);

impl Params {
    /// The particular of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.iter().find(|(own, _)| *own == name).map(|(_, param)| param)
    }

    pub(super) fn add(&mut self, name: &'static str, value: impl Into<Param>) {
        self.0.push((name, value.into()));
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Param)> {
        self.0.iter().map(|(name, param)| (*name, param))
    }
}

impl Serialize for Params {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// One thing to correct or to look at. Never holds the value itself, except in an offered correction.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The field's key; `None` for a finding about the whole form.
    pub field: Option<String>,
    /// What it says.
    pub code: FindingCode,
    /// How serious it is.
    pub severity: Severity,
    /// The first wrong character, counted in characters from 0, where there is one.
    pub position: Option<u32>,
    /// Particulars for the text: numbers and names of fields and types, never what was typed.
    pub params: Params,
    /// A value that would be right. It is offered, never put in silently, and it is personal data.
    pub correction: Option<String>,
}

impl Finding {
    /// A finding of this code.
    #[must_use]
    pub fn new(code: FindingCode) -> Finding {
        Finding {
            field: None,
            code,
            severity: code.severity(),
            position: None,
            params: Params::default(),
            correction: None,
        }
    }

    /// Adds a finding of this code to others.
    #[inline(never)]
    pub(super) fn say(code: FindingCode, findings: &mut Vec<Finding>) {
        findings.push(Finding::new(code));
    }

    /// Adds a finding of this code, at a place of its text, to others.
    #[inline(never)]
    pub(super) fn say_at(code: FindingCode, position: usize, findings: &mut Vec<Finding>) {
        findings.push(Finding::new(code).at(position));
    }

    pub(super) fn at(mut self, position: usize) -> Finding {
        self.position = u32::try_from(position).ok();
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Param>) -> Finding {
        self.params.add(name, value);
        self
    }

    pub(super) fn offering(mut self, correction: impl Into<String>) -> Finding {
        self.correction = Some(correction.into());
        self
    }

    pub(super) fn about(mut self, field: &str) -> Finding {
        self.field = Some(field.to_owned());
        self
    }

    /// What is wrong, where, and what to do, for a citizen. Holds no value.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        texts::render(self, lang)
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field.as_deref().unwrap_or("form");
        write!(f, "{field}: {} ({})", self.code, self.severity.as_str())
    }
}
