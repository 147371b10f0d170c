//! Request bodies. Files in them are measured and hashed while they are read, never kept (unless the echo
//! of whole files is asked for): a form holds several of 50 MB.

use std::fmt;

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::value::FieldValue;

/// The body of a `POST` or `PUT`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    /// Everything but fields.
    pub(crate) members: Map<String, Value>,
    /// `json_visura`, where given.
    pub(crate) fields: Option<Vec<(String, FieldValue)>>,
    /// `json_visura.$n`.
    pub(crate) single: Vec<(String, FieldValue)>,
}

impl Body {
    /// Reads a JSON object; nothing at all reads as an empty one.
    pub(crate) fn read(bytes: &[u8], keep_files: bool) -> Option<Self> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Some(Self::default());
        }
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let body = BodySeed { keep_files }.deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        Some(body)
    }

    /// A text member, trimmed; `None` when absent, `null` or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members
            .get(name)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// `state`, however it is typed.
    pub(crate) fn state(&self) -> Option<u64> {
        self.members.get("state").and_then(state_of)
    }

    /// A member that is true in any of the ways people write it.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(is_true)
    }

    /// Loses one field, as the fault asks.
    pub(crate) fn drop_field(&mut self, key: &str) {
        self.single.retain(|(found, _)| found != key);
        if let Some(fields) = &mut self.fields {
            fields.retain(|(found, _)| found != key);
        }
    }
}

/// Whether a body says `state` 1, read without looking at the fields in it.
pub(crate) fn commits(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Peek {
        #[serde(default)]
        state: Value,
    }
    serde_json::from_slice::<Peek>(bytes).is_ok_and(|peek| state_of(&peek.state) == Some(1))
}

/// `state` as a number, as text or as a boolean.
fn state_of(state: &Value) -> Option<u64> {
    state
        .as_u64()
        .or_else(|| state.as_str()?.parse().ok())
        .or_else(|| state.as_bool().map(u64::from))
}

/// True, 1, "1", "true".
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() == Some(1.0),
        Value::String(text) => matches!(text.as_str(), "1" | "true"),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

#[derive(Clone, Copy)]
struct BodySeed {
    keep_files: bool,
}

impl<'de> DeserializeSeed<'de> for BodySeed {
    type Value = Body;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Body, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for BodySeed {
    type Value = Body;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
        let mut body = Body::default();
        while let Some(name) = map.next_key::<String>()? {
            if name == "json_visura" {
                body.fields = Some(map.next_value_seed(FieldsSeed {
                    keep_files: self.keep_files,
                })?);
            } else if let Some(key) = name.strip_prefix("json_visura.") {
                let value = map.next_value_seed(ValueSeed {
                    keep_files: self.keep_files,
                })?;
                body.single.push((key.to_owned(), value));
            } else {
                body.members.insert(name, map.next_value()?);
            }
        }
        Ok(body)
    }
}

#[derive(Clone, Copy)]
struct FieldsSeed {
    keep_files: bool,
}

impl<'de> DeserializeSeed<'de> for FieldsSeed {
    type Value = Vec<(String, FieldValue)>;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed {
    type Value = Vec<(String, FieldValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            fields.push((
                key,
                map.next_value_seed(ValueSeed {
                    keep_files: self.keep_files,
                })?,
            ));
        }
        Ok(fields)
    }

    // An empty PHP array is `[]` even where an object is meant.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Vec::new())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
}

#[derive(Clone, Copy)]
struct ValueSeed {
    keep_files: bool,
}

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = FieldValue;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<FieldValue, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = FieldValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the value of a field")
    }

    // The text is borrowed from the body where it has no escapes: a large file is never copied.
    fn visit_str<E: de::Error>(self, text: &str) -> Result<FieldValue, E> {
        Ok(FieldValue::read(text, self.keep_files))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(number.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(number.to_string()))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(flag.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(String::new()))
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    #[test]
    fn files_are_hashed_and_not_kept() {
        let content = STANDARD.encode(vec![7_u8; 10_000]);
        let json = format!(
            r#"{{"state":"0","json_visura":{{"$5":"a.png|data:image\/png;base64,{content}","$0":3}}}}"#
        );
        let body = Body::read(json.as_bytes(), false).unwrap();
        assert_eq!(body.state(), Some(0));
        let fields = body.fields.unwrap();
        let FieldValue::File { seen, whole } = &fields[0].1 else {
            panic!("not a file")
        };
        assert_eq!(
            (seen.name.as_str(), seen.media_type.as_str(), seen.len),
            ("a.png", "image/png", 10_000)
        );
        assert!(seen.readable && whole.is_none());
        assert_eq!(fields[1].1, FieldValue::Text("3".to_owned()));
    }

    #[test]
    fn broken_files_are_noticed() {
        for content in ["", "****", "AA==AA=="] {
            let value = FieldValue::read(&format!("a|data:image/png;base64,{content}"), false);
            let FieldValue::File { seen, .. } = value else {
                panic!("not a file")
            };
            assert!(!seen.readable, "{content}");
        }
        assert_eq!(
            FieldValue::read("Rossi | Bianchi", false),
            FieldValue::Text("Rossi | Bianchi".to_owned())
        );
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        assert!(Body::read(b"[1]", false).is_none());
        assert!(Body::read(b"{\"a\":1} x", false).is_none());
        assert!(Body::read(b"", false).is_some());
        assert_eq!(
            Body::read(b"{\"json_visura\":[]}", false).unwrap().fields,
            Some(Vec::new())
        );
    }
}
