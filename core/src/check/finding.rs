use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::texts::{self, Lang};
use super::{FindingCode, Severity};

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
    pub params: BTreeMap<&'static str, String>,
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
            params: BTreeMap::new(),
            correction: None,
        }
    }

    pub(super) fn at(mut self, position: usize) -> Finding {
        self.position = u32::try_from(position).ok();
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Finding {
        self.params.insert(name, value.to_string());
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
