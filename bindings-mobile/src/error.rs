use std::fmt;

/// Why a call did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
pub enum SportelloError {
    /// The description of a service is broken: nothing that could be corrected in the answers.
    Schema {
        /// The stable dotted code: `schema.rule_syntax`.
        code: String,
        /// What is wrong, for developers.
        detail: String,
    },
    /// The answers are not of the shape that a check takes.
    Answers {
        /// The stable dotted code.
        code: String,
        /// What is wrong, for developers; never holds an answer.
        detail: String,
    },
    /// There is no such kind of value.
    Kind {
        /// The stable dotted code.
        code: String,
        /// What is wrong, for developers.
        detail: String,
    },
}

impl SportelloError {
    /// No kind of this name.
    pub(crate) fn kind(error: &impl fmt::Display) -> SportelloError {
        SportelloError::Kind {
            code: "check.kind_unknown".to_owned(),
            detail: error.to_string(),
        }
    }

    fn parts(&self) -> (&str, &str) {
        match self {
            SportelloError::Schema { code, detail }
            | SportelloError::Answers { code, detail }
            | SportelloError::Kind { code, detail } => (code, detail),
        }
    }

    /// Answers that are not an object of texts and files. The reader's own words quote what it read, which is
    /// personal data, so they are dropped.
    pub(crate) fn answers() -> SportelloError {
        SportelloError::Answers {
            code: "answers.not_readable".to_owned(),
            detail: "the answers are not a JSON object of texts and file descriptors".to_owned(),
        }
    }
}

impl From<sportello::SchemaError> for SportelloError {
    fn from(error: sportello::SchemaError) -> SportelloError {
        SportelloError::Schema {
            code: error.code().to_owned(),
            detail: error.to_string(),
        }
    }
}

impl fmt::Display for SportelloError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.parts().1)
    }
}

impl std::error::Error for SportelloError {}

/// The stable dotted code of an error, whichever kind it is.
#[uniffi::export]
#[must_use]
pub fn error_code(error: &SportelloError) -> String {
    error.parts().0.to_owned()
}

/// What is wrong, for developers, whichever kind of error it is.
#[uniffi::export]
#[must_use]
pub fn error_detail(error: &SportelloError) -> String {
    error.to_string()
}
