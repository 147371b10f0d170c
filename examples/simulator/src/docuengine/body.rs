//! Request bodies.

use serde_json::{Map, Value};

use super::catalogue::Document;
use crate::{switches::Echo, value::FieldValue};

/// Fields with their values, in the order given.
pub(super) type Fields = Vec<(String, FieldValue)>;

/// The body of a `POST` or `PATCH`.
#[derive(Clone, Debug, Default)]
pub(super) struct Body(Map<String, Value>);

impl Body {
    /// Reads a JSON object.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().map(Self)
    }

    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// A text member, trimmed; `None` when absent, `null` or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name)?.as_str()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// A list of texts; what is no text in it is passed over.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let list = self.0.get(name)?.as_array()?;
        Some(
            list.iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
        )
    }

    /// `search`, where given, and the members named `search.fieldN`: the fields the document has, without
    /// the one a fault loses. `None` when a value or the whole is of no use.
    pub(super) fn fields(
        &self,
        document: &Document,
        echo: Echo,
        dropped: Option<&str>,
    ) -> Option<(Option<Fields>, Fields)> {
        let read = |key: &str, value: &Value| -> Option<Option<(String, FieldValue)>> {
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) => return None,
            };
            let field = document
                .field(key)
                .filter(|field| dropped != Some(field.key.as_str()));
            Some(field.map(|field| {
                let value = if field.kind == "file" {
                    FieldValue::read_content(&text, echo == Echo::All)
                } else {
                    FieldValue::Text(text)
                };
                (key.to_owned(), value)
            }))
        };
        let whole = match self.0.get("search") {
            None | Some(Value::Null) => None,
            Some(Value::Object(members)) => {
                let fields: Option<Vec<_>> = members.iter().map(|(key, value)| read(key, value)).collect();
                Some(fields?.into_iter().flatten().collect())
            }
            Some(_) => return None,
        };
        let single: Option<Vec<_>> = self
            .0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("search.")?, value)))
            .map(|(key, value)| read(key, value))
            .collect();
        Some((whole, single?.into_iter().flatten().collect()))
    }
}
