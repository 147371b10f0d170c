//! Answers as the provider writes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::submission::{Found, Search, Status, Submission};
use crate::{
    context::envelope,
    exchange::SimResponse,
    switches::{Echo, Switches},
    value::FieldValue,
};

/// The account every request belongs to. Reserved for examples: no mail can reach it.
const OWNER: &str = "owner@example.com";

/// The envelope of a success.
pub(crate) fn success(data: Value, loose: bool) -> SimResponse {
    let data = if loose { loosen("data", data) } else { data };
    envelope(&data, loose)
}

/// A request as `GET /richiesta` lists it.
pub(crate) fn summary(submission: &Submission) -> Map<String, Value> {
    let chosen = submission.chosen;
    let members = [
        ("_id", json!(submission.id)),
        ("state", json!(u8::from(submission.is_committed()))),
        ("hash_visura", json!(submission.service.hash)),
        ("nome", json!(submission.service.name)),
        ("ricerca", json!(submission.service.has_search)),
        (
            "id_ricerca",
            json!(chosen.map(|(search, _)| submission.search_id(search))),
        ),
        ("prezzo_visura", json!(submission.service.price)),
        ("prezzo_ricerca", json!(submission.service.search_price)),
        ("indice_ricerca", json!(chosen.map(|(_, index)| index))),
        ("stato_richiesta", json!(submission.status.text())),
        ("email_target", json!(submission.email)),
        ("timestamp_creation", json!(submission.created_ms / 1_000)),
        ("timestamp_last_update", json!(submission.updated_ms / 1_000)),
        ("owner", json!(OWNER)),
        ("sincrona", json!(submission.service.synchronous)),
    ];
    members
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// A request as `GET /richiesta/{id}` and the calls that change it show it.
pub(crate) fn detail(submission: &Submission, switches: &Switches) -> Value {
    let mut members = summary(submission);
    let stamps: Map<String, Value> = Status::ALL
        .into_iter()
        .filter_map(|status| {
            let at_ms = submission.stamps.get(status as usize).copied().flatten()?;
            Some((status.key().to_owned(), json!(at_ms / 1_000)))
        })
        .collect();
    let options: Vec<_> = submission
        .options
        .iter()
        .filter_map(|at| submission.service.options.get(*at))
        .collect();
    let no_callback = submission.callback.is_null();
    members.insert("callback".to_owned(), json!("_sim_callback"));
    members.insert("timestamp_stati".to_owned(), Value::Object(stamps));
    members.insert(
        "callback_data".to_owned(),
        if no_callback {
            Value::Bool(false)
        } else {
            submission.callback.clone()
        },
    );
    members.insert(
        "opzioni".to_owned(),
        if options.is_empty() {
            Value::Null
        } else {
            json!(options)
        },
    );
    members.insert("ricerche".to_owned(), searches(submission, switches.echo));
    members.insert(
        "esito".to_owned(),
        json!({"codice": submission.verdict.code, "info": submission.verdict.info}),
    );
    if submission.status == Status::Delivered {
        members.insert("allegati".to_owned(), json!([format!("{}.pdf", submission.id)]));
    }
    Value::Object(members)
}

fn searches(submission: &Submission, echo: Echo) -> Value {
    if !submission.is_committed() {
        if echo == Echo::None {
            return Value::Array(Vec::new());
        }
        let mut draft = fields(submission, &submission.fields, echo);
        draft.insert("id_ricerca".to_owned(), json!(submission.search_id(0)));
        draft.insert("stato_ricerca".to_owned(), Value::Null);
        draft.insert("json_risultato".to_owned(), Value::Null);
        return json!([draft]);
    }
    submission
        .searches
        .iter()
        .enumerate()
        .map(|(at, search)| {
            let mut members = fields(submission, &search.fields, echo);
            members.insert("id_ricerca".to_owned(), json!(submission.search_id(at)));
            members.insert("stato_ricerca".to_owned(), json!(search_state(search)));
            members.insert("json_risultato".to_owned(), results(search));
            Value::Object(members)
        })
        .collect()
}

fn search_state(search: &Search) -> &'static str {
    match search.found {
        Found::Pending => "Ricerca in corso",
        Found::Done(_) => "Ricerca evasa",
        Found::Failed => "Errore su richiesta dati",
    }
}

/// JSON inside a string: `{"indice_0":{…},"indice_1":{…}}`.
fn results(search: &Search) -> Value {
    let Found::Done(Some(found)) = &search.found else {
        return Value::Null;
    };
    let indexed: Map<String, Value> = found
        .iter()
        .enumerate()
        .map(|(at, result)| (format!("indice_{at}"), result.clone()))
        .collect();
    Value::String(Value::Object(indexed).to_string())
}

fn fields(submission: &Submission, values: &BTreeMap<String, FieldValue>, echo: Echo) -> Map<String, Value> {
    let shown = |value: &FieldValue| match value {
        FieldValue::Text(text) => Some(text.clone()),
        FieldValue::File { whole, .. } if echo == Echo::All => whole.as_deref().map(str::to_owned),
        FieldValue::File { .. } => None,
    };
    let raw: Map<String, Value> = values
        .iter()
        .filter_map(|(key, value)| shown(value).map(|text| (key.clone(), Value::String(text))))
        .collect();
    let mapped: Map<String, Value> = submission
        .service
        .fields
        .iter()
        .filter_map(|field| {
            raw.get(&field.key)
                .map(|value| (field.label.clone(), value.clone()))
        })
        .collect();
    let mut members = Map::new();
    members.insert(
        "json_ricerca".to_owned(),
        Value::String(Value::Object(raw).to_string()),
    );
    members.insert("json_mappato".to_owned(), Value::Object(mapped));
    members
}

/// The same data, typed the way old services type it. Deterministic: one habit per member, so that a test
/// which fails on one can say which.
fn loosen(name: &str, value: Value) -> Value {
    match (name, value) {
        ("state" | "dimensione", Value::Number(number)) => Value::String(number.to_string()),
        ("prezzo_visura" | "prezzo", Value::Number(number)) => {
            Value::String(format!("{:.2}", number.as_f64().unwrap_or(0.0)))
        }
        ("prezzo_ricerca", Value::Number(number)) => json!(number.as_f64()),
        (_, Value::Number(number)) if name.starts_with("timestamp") => Value::String(number.to_string()),
        ("ricerca", Value::Bool(flag)) => json!(u8::from(flag)),
        ("sincrona" | "null", Value::Bool(flag)) => json!(if flag { "1" } else { "0" }),
        ("nome_visura" | "nome" | "nome_categoria", Value::String(text)) => Value::String(text + " "),
        (_, Value::Array(list)) if list.is_empty() => Value::Null,
        (_, Value::Object(members)) if members.is_empty() => Value::Bool(false),
        (_, Value::Array(list)) => list.into_iter().map(|inner| loosen(name, inner)).collect(),
        // Labels are keys here, and may be called anything.
        ("json_mappato" | "callback_data", value) => value,
        ("timestamp_stati", Value::Object(members)) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| (key, loosen("timestamp", value)))
                .collect(),
        ),
        (_, Value::Object(members)) => {
            let mut members: Map<String, Value> = members
                .into_iter()
                .map(|(key, inner)| {
                    let loose = loosen(&key, inner);
                    (key, loose)
                })
                .collect();
            if name == "data" {
                members.insert("_undocumented".to_owned(), json!({"versione": 3, "note": null}));
            }
            Value::Object(members)
        }
        (_, value) => value,
    }
}
