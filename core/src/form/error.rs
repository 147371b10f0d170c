use std::fmt;

use crate::model::push_digits;

macro_rules! schema_errors {
    ($( $variant:ident = $code:literal, $text:literal; )*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $( $variant, )* }

        impl Kind {
            const fn code(self) -> &'static str {
                match self { $( Kind::$variant => $code, )* }
            }

            const fn text(self) -> &'static str {
                match self { $( Kind::$variant => $text, )* }
            }
        }

        impl SchemaError {
            /// Every code, for the list of all errors.
            pub const ALL_CODES: &'static [&'static str] = &[ $( $code, )* ];
        }
    };
}

schema_errors! {
    NotJson = "schema.not_json", "the service's description is not JSON";
    NotAService = "schema.not_a_service", "this is not the description of a service";
    NoFields = "schema.no_fields", "the service's description has no fields";
    RuleTooLong = "schema.rule_too_long", "the rule is longer than 4096 bytes";
    RuleTooDeep = "schema.rule_too_deep", "the rule is nested deeper than 64";
    RuleSyntax = "schema.rule_syntax", "the rule can't be read";
    RuleUnknownField = "schema.rule_unknown_field", "the rule names a field that the form does not have";
}

/// The description of a service is broken: nothing that could be corrected in the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    kind: Kind,
    at: Option<String>,
    position: Option<u32>,
}

impl SchemaError {
    pub(crate) fn new(kind: Kind) -> SchemaError {
        SchemaError {
            kind,
            at: None,
            position: None,
        }
    }

    pub(crate) fn at(mut self, place: impl Into<String>) -> SchemaError {
        self.at = Some(place.into());
        self
    }

    pub(crate) fn position(mut self, byte: usize) -> SchemaError {
        self.position = u32::try_from(byte).ok();
        self
    }

    pub(crate) fn not_json() -> SchemaError {
        SchemaError::new(Kind::NotJson)
    }

    pub(crate) fn not_a_service() -> SchemaError {
        SchemaError::new(Kind::NotAService)
    }

    pub(crate) fn no_fields() -> SchemaError {
        SchemaError::new(Kind::NoFields)
    }

    /// The stable dotted code: `schema.rule_syntax`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Where it is wrong: a token, a field.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.at.as_deref()
    }

    /// The byte of the rule at which reading stopped, from 0.
    #[must_use]
    pub fn byte(&self) -> Option<u32> {
        self.position
    }
}

impl SchemaError {
    /// What is wrong, and where. What `Display` writes.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.kind.text().to_owned();
        if let Some(at) = &self.at {
            text.push_str(": `");
            text.push_str(at);
            text.push('`');
        }
        if let Some(position) = self.position {
            text.push_str(" at byte ");
            push_digits(&mut text, position.into(), 1);
        }
        text
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl std::error::Error for SchemaError {}
