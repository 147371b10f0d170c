//! The looseness of the wire: numbers as strings, booleans as 0/1/"1", `null` for lists, `false` for objects.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::cut;

/// One value that is neither a list nor an object.
pub(super) enum Scalar<'a> {
    Bool(bool),
    /// As it is written in decimal digits.
    Number(Cow<'a, str>),
    Text(&'a str),
}

impl Scalar<'_> {
    fn of(value: &Value) -> Option<Scalar<'_>> {
        match value {
            Value::Bool(flag) => Some(Scalar::Bool(*flag)),
            Value::Number(number) => Some(Scalar::Number(number.to_string().into())),
            Value::String(text) => Some(Scalar::Text(text)),
            _ => None,
        }
    }

    /// A text: a string trimmed, or a number as it stands.
    pub(super) fn text(self) -> Option<String> {
        match self {
            Scalar::Text(text) => Some(text.trim().to_owned()),
            Scalar::Number(number) => Some(number.into_owned()),
            Scalar::Bool(_) => None,
        }
    }

    /// A whole number that is not negative, also as a string or as `1.0`.
    pub(super) fn number(self) -> Option<u64> {
        match self {
            Scalar::Number(number) => {
                let (whole, rest) = cut(&number, b'.').unwrap_or((&number, ""));
                let whole = whole.parse().ok()?;
                rest.bytes().all(|digit| digit == b'0').then_some(whole)
            }
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Bool(flag) => Some(u64::from(flag)),
        }
    }

    /// A yes or no, also as 0/1, "0"/"1", "true"/"false".
    pub(super) fn flag(self) -> Option<bool> {
        match self {
            Scalar::Bool(flag) => Some(flag),
            // Whatever its exponent, a number is zero when it has no other digit before it.
            Scalar::Number(number) => {
                let mut digits = number.bytes().take_while(|byte| *byte != b'e');
                Some(digits.any(|digit| matches!(digit, b'1'..=b'9')))
            }
            Scalar::Text(text) => match text.trim() {
                "1" | "true" => Some(true),
                "0" | "false" | "" => Some(false),
                _ => None,
            },
        }
    }
}

/// A text: a string trimmed, or a number as it stands.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    Scalar::of(value?)?.text()
}

/// A whole number that is not negative, also as a string or as `1.0`.
pub(super) fn number(value: Option<&Value>) -> Option<u64> {
    Scalar::of(value?)?.number()
}

/// A yes or no, also as 0/1, "0"/"1", "true"/"false".
pub(super) fn flag(value: Option<&Value>) -> Option<bool> {
    Scalar::of(value?)?.flag()
}

/// A list; `null`, `false` and an absent one are empty. An object keyed by numbers, as PHP writes lists with holes, counts too.
pub(super) fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(items)) => items.values().collect(),
        _ => Vec::new(),
    }
}

/// An object; `false`, `null` and an empty list (as PHP writes an empty object) are none.
pub(super) fn object(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object)
}

/// Nested objects as dotted keys. The depth is limited by the JSON parser and, here, to what a person could read.
pub(super) fn flatten(prefix: &str, value: &Value, into: &mut BTreeMap<String, String>, depth: u8) {
    match value {
        Value::Object(fields) if depth < 8 => {
            for (key, value) in fields {
                // `!` is how the provider marks the text of a coded value: the key above it is its name.
                let name = match (prefix, key.as_str()) {
                    (prefix, "!") if !prefix.is_empty() => prefix.to_owned(),
                    ("", key) => key.to_owned(),
                    (prefix, key) => format!("{prefix}.{key}"),
                };
                flatten(&name, value, into, depth + 1);
            }
        }
        other => {
            if let Some(text) = text(Some(other)) {
                into.insert(prefix.to_owned(), text);
            }
        }
    }
}
