//! The looseness of the wire: numbers as strings, booleans as 0/1/"1", `null` for lists, `false` for objects.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A text: a string trimmed, or a number as it stands.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number that is not negative, also as a string or as `1.0`.
pub(super) fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64().or_else(|| {
            let float = number.as_f64()?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be whole and small"
            )]
            let whole = (float.fract() == 0.0 && (0.0..9e15).contains(&float)).then_some(float as u64);
            whole
        }),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(u64::from(*flag)),
        _ => None,
    }
}

/// A yes or no, also as 0/1, "0"/"1", "true"/"false".
pub(super) fn flag(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_f64().map(|number| number != 0.0),
        Value::String(text) => match text.trim() {
            "1" | "true" => Some(true),
            "0" | "false" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
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
