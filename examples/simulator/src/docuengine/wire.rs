//! Answers as the provider writes them.

use serde_json::{Map, Value, json};

use super::request::{Request, RequestState};
use crate::{
    context::envelope,
    exchange::SimResponse,
    ledger::decimal,
    switches::{Echo, Switches},
    value::FieldValue,
};

/// The envelope of a success.
pub(super) fn success(data: Value, loose: bool) -> SimResponse {
    let data = if loose { loosen("data", data) } else { data };
    envelope(&data, loose)
}

/// A request as `GET /requests` lists it.
pub(super) fn summary(request: &Request) -> Value {
    json!({
        "state": request.state,
        "timestamps": timestamps(request),
        "name": request.document.name,
        "id": request.id,
    })
}

fn timestamps(request: &Request) -> Value {
    let mut stamps = Map::new();
    stamps.insert("creation".to_owned(), json!(request.created_ms / 1_000));
    for state in RequestState::ALL {
        if let Some(at_ms) = request.stamp(state) {
            stamps.insert(state.text().to_owned(), json!(at_ms / 1_000));
        }
    }
    stamps.insert("lastUpdate".to_owned(), json!(request.updated_ms / 1_000));
    Value::Object(stamps)
}

/// A request as `GET /requests/{id}` and the calls that change it show it.
pub(crate) fn detail(request: &Request, switches: &Switches) -> Value {
    let document = &request.document;
    let (search, readable) = fields(request, switches.echo);
    let documents: Option<Vec<String>> =
        (request.state == RequestState::Done).then(|| request.file_names().collect());
    let results: Option<Vec<Value>> = request.results.as_ref().map(|found| {
        let with_id = |(at, data): (usize, &Value)| json!({"id": request.result_id(at), "data": data});
        found.iter().enumerate().map(with_id).collect()
    });
    let total = document.search_cents() + request.document_cents();
    let mut data = json!({
        "documentId": document.id,
        "search": search,
        "callback": request.callback,
        "timestamps": timestamps(request),
        "state": request.state,
        "readableSearch": readable,
        "optionsPrice": decimal(request.options_cents()),
        "selectedOptions": if request.options.is_empty() { Value::Null } else { json!(request.options) },
        "notifyEmail": request.email,
        "name": document.name,
        "hasSearch": document.has_search,
        "searchPrice": document.search_price,
        "documentPrice": document.document_price,
        "totalPrice": decimal(total),
        "documents": documents,
        "resultId": request.chosen.map(|at| request.result_id(at)),
        "results": results,
        "id": request.id,
    });
    if let (Some(reason), Some(members)) = (&request.cancellation_reason, data.as_object_mut()) {
        members.insert("cancellationReason".to_owned(), json!(reason));
    }
    data
}

/// The values by key, and by the fields' names.
fn fields(request: &Request, echo: Echo) -> (Value, Value) {
    if !request.is_committed() && echo == Echo::None {
        return (json!({}), json!({}));
    }
    let (mut search, mut readable) = (Map::new(), Map::new());
    for field in &request.document.fields {
        let shown = match request.fields.get(&field.key) {
            Some(FieldValue::Text(text)) => Some(text.clone()),
            Some(FieldValue::File { whole, .. }) if echo == Echo::All => whole.as_deref().map(str::to_owned),
            _ => None,
        };
        if let Some(text) = shown {
            search.insert(field.key.clone(), json!(text));
            readable.insert(field.name.clone(), json!(text));
        }
    }
    (Value::Object(search), Value::Object(readable))
}

/// The same data, typed the way old services type it. Deterministic: one habit per member.
fn loosen(name: &str, value: Value) -> Value {
    match (name, value) {
        // Keys and values here are other people's.
        ("callback" | "search" | "readableSearch", value @ Value::Object(_)) => value,
        ("searchPrice" | "optionsPrice", Value::Number(number)) => {
            Value::String(format!("{:.2}", number.as_f64().unwrap_or(0.0)))
        }
        ("documentPrice" | "totalPrice" | "price", Value::Number(number)) => json!(number.as_f64()),
        ("timestamps", Value::Object(members)) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| (key, Value::String(value.to_string())))
                .collect(),
        ),
        ("urlExpire", Value::Number(number)) => Value::String(number.to_string()),
        ("fileSize", Value::String(text)) => json!(text.parse::<u64>().ok()),
        ("hasSearch", Value::Bool(flag)) => json!(u8::from(flag)),
        ("isSync" | "required", Value::Bool(flag)) => json!(if flag { "1" } else { "0" }),
        ("name", Value::String(text)) => Value::String(text + " "),
        (_, Value::Array(list)) if list.is_empty() => Value::Null,
        ("results", Value::Array(list)) => Value::Array(list),
        (_, Value::Array(list)) => list.into_iter().map(|inner| loosen(name, inner)).collect(),
        (_, Value::Object(members)) => {
            let mut members: Map<String, Value> = members
                .into_iter()
                .map(|(key, inner)| {
                    let loose = loosen(&key, inner);
                    (key, loose)
                })
                .collect();
            if name == "data" {
                members.insert("_undocumented".to_owned(), json!({"version": 3, "note": null}));
            }
            Value::Object(members)
        }
        (_, value) => value,
    }
}
