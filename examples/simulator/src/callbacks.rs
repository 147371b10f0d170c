//! The calls the provider makes when a request's state has changed, and what became of them.

use serde_json::{Map, Value, json};

use crate::context::Api;

/// A callback the provider makes.
#[derive(Clone, Debug, PartialEq)]
pub struct CallbackCall {
    /// The delivery's own id, under which `GET /callbacks/{id}` of OAuth shows it.
    pub id: String,
    /// The API whose request has changed.
    pub api: Api,
    /// Where to.
    pub url: String,
    /// The form field, or the member of the JSON object, that holds the payload.
    pub field: String,
    /// As a JSON object; as a form otherwise.
    pub as_json: bool,
    /// Headers the caller asked for, by name and value. Only DocuEngine takes them.
    pub headers: Vec<(String, String)>,
    /// The caller's own data.
    pub custom: Value,
    /// The request as a `GET` would show it, with the caller's own data in it.
    pub payload: Value,
}

/// A callback and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) call: CallbackCall,
    pub(crate) created_ms: u64,
    pub(crate) completed_ms: Option<u64>,
    /// The status it was answered with; `None` when nobody answered, or not yet.
    pub(crate) status: Option<u16>,
}

/// Every callback, oldest first, and how many of them have been handed out to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Callbacks {
    deliveries: Vec<Delivery>,
    taken: usize,
}

impl Callbacks {
    pub(crate) fn push(&mut self, now_ms: u64, call: CallbackCall) {
        self.deliveries.push(Delivery {
            call,
            created_ms: now_ms,
            completed_ms: None,
            status: None,
        });
    }

    /// Those not handed out before.
    pub(crate) fn take(&mut self) -> Vec<CallbackCall> {
        let due = self.deliveries.iter().skip(self.taken);
        let calls = due.map(|delivery| delivery.call.clone()).collect();
        self.taken = self.deliveries.len();
        calls
    }

    pub(crate) fn answered(&mut self, now_ms: u64, id: &str, status: Option<u16>) {
        let found = self.deliveries.iter_mut().find(|delivery| delivery.call.id == id);
        if let Some(delivery) = found {
            delivery.completed_ms = Some(now_ms);
            delivery.status = status;
        }
    }

    pub(crate) fn all(&self) -> &[Delivery] {
        &self.deliveries
    }
}

/// What is kept of where a caller wants to be called: members of the documented names and types, `method`
/// with its default. An echo of anything else would break the schema of every later answer.
pub(crate) fn kept(given: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in given.iter().filter(|(name, _)| names.contains(&name.as_str())) {
        let value = match (name.as_str(), value) {
            ("method", Value::String(method)) => match method.to_ascii_uppercase().as_str() {
                method @ ("JSON" | "POST") => json!(method),
                _ => continue,
            },
            ("url" | "field", Value::String(_)) | ("data", Value::Object(_)) => value.clone(),
            ("headers", Value::Object(headers)) => headers
                .iter()
                .filter(|(_, value)| value.is_string())
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            _ => continue,
        };
        kept.insert(name.clone(), value);
    }
    kept.entry("method").or_insert_with(|| json!("POST"));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_schema_knows_is_kept() {
        let given = json!({"method": "json", "url": 7, "field": "f", "data": {"n": 1}, "headers": {"a": "b", "c": 3}, "x": 1});
        let names = ["method", "url", "field", "data", "headers"];
        assert_eq!(
            Value::Object(kept(given.as_object().unwrap(), &names)),
            json!({"method": "JSON", "field": "f", "data": {"n": 1}, "headers": {"a": "b"}})
        );
        let given = json!({"method": "PUT", "headers": {}});
        assert_eq!(
            Value::Object(kept(given.as_object().unwrap(), &names[..4])),
            json!({"method": "POST"})
        );
    }
}
