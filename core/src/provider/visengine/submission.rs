//! Requests as the provider describes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::CORRELATION;
use crate::model::{
    Echo, Money, OfficeNote, Phase, Progress, RemoteSubmission, ResultId, Search, SearchResult,
    SubmissionSummary,
};
use crate::provider::loose;

const CANCELLED: &str = "Annullata";

/// Reads one request; `None` when it has no id or no state.
pub(super) fn submission(data: &Value) -> Option<RemoteSubmission> {
    let data = data.as_object()?;
    let id = loose::text(data.get("_id")).filter(|id| !id.is_empty())?;
    let status = loose::text(data.get("stato_richiesta")).unwrap_or_default();
    let phase = phase(data, &status);
    let has_search = loose::flag(data.get("ricerca")).unwrap_or(false);
    let searches: Vec<Search> = loose::list(data.get("ricerche"))
        .into_iter()
        .filter_map(search)
        .collect();
    let chosen = chosen(data);
    let echo = match phase {
        Phase::Open => searches
            .first()
            .map(|search| search.terms.clone())
            .unwrap_or_default(),
        _ => Echo::default(),
    };
    Some(RemoteSubmission {
        service_id: loose::text(data.get("hash_visura")).unwrap_or_default(),
        service_name: loose::text(data.get("nome")).unwrap_or_default(),
        phase,
        progress: progress(phase, &status, has_search, &searches, chosen.as_ref()),
        status,
        price: data.get("prezzo_visura").and_then(Money::from_json),
        search_price: data.get("prezzo_ricerca").and_then(Money::from_json),
        has_search,
        options: options(data.get("opzioni")),
        options_price: None,
        searches,
        chosen,
        files: loose::list(data.get("allegati"))
            .into_iter()
            .filter_map(|name| loose::text(Some(name)))
            .collect(),
        timeline: timeline(data),
        created_at: loose::number(data.get("timestamp_creation")),
        updated_at: loose::number(data.get("timestamp_last_update")),
        correlation: loose::object(data.get("callback_data"))
            .and_then(|callback| loose::object(callback.get("data")))
            .and_then(|data| loose::text(data.get(CORRELATION))),
        note: note(data),
        echo,
        id,
    })
}

/// Reads the list of requests.
pub(super) fn summaries(data: &Value) -> Option<Vec<SubmissionSummary>> {
    let items = data.as_array()?;
    Some(items.iter().filter_map(summary).collect())
}

fn summary(item: &Value) -> Option<SubmissionSummary> {
    let item = item.as_object()?;
    let status = loose::text(item.get("stato_richiesta")).unwrap_or_default();
    Some(SubmissionSummary {
        reference: None,
        id: loose::text(item.get("_id"))?,
        service_id: loose::text(item.get("hash_visura")).unwrap_or_default(),
        service_name: loose::text(item.get("nome")).unwrap_or_default(),
        phase: phase(item, &status),
        status,
        created_at: loose::number(item.get("timestamp_creation")),
    })
}

/// `state` 1 is paid for, whatever came after; `state` 0 is a draft, dead when it was cancelled.
fn phase(data: &Map<String, Value>, status: &str) -> Phase {
    match loose::number(data.get("state")) {
        Some(1) => Phase::Committed,
        Some(0) if status.eq_ignore_ascii_case(CANCELLED) => Phase::Dead,
        Some(0) => Phase::Open,
        _ => Phase::Unknown,
    }
}

fn progress(
    phase: Phase,
    status: &str,
    has_search: bool,
    searches: &[Search],
    chosen: Option<&ResultId>,
) -> Progress {
    if status.eq_ignore_ascii_case(CANCELLED) {
        return Progress::Cancelled;
    }
    if phase == Phase::Open {
        return Progress::Draft;
    }
    // "A choice is needed" is results present and nothing chosen, never a state's name.
    if has_search && chosen.is_none() {
        if searches.iter().any(|search| !search.results.is_empty()) {
            return Progress::ChoiceNeeded;
        }
        if !searches.is_empty() && searches.iter().all(|search| search.finished) {
            return Progress::NoResults;
        }
    }
    match status.to_lowercase().as_str() {
        "in ricerca" => Progress::Searching,
        "in erogazione" => Progress::Processing,
        "dati disponibili" => Progress::DataReady,
        "visura evasa" => Progress::Delivered,
        _ => Progress::Unknown,
    }
}

fn chosen(data: &Map<String, Value>) -> Option<ResultId> {
    let search = loose::text(data.get("id_ricerca")).filter(|id| !id.is_empty())?;
    let index = loose::number(data.get("indice_ricerca")).and_then(|index| u32::try_from(index).ok())?;
    Some(result_id(&search, index))
}

/// How a result is named: by its search and its index there.
fn result_id(search: &str, index: u32) -> ResultId {
    ResultId::new(format!("{search}/{index}"))
}

fn search(value: &Value) -> Option<Search> {
    let value = value.as_object()?;
    let status = loose::text(value.get("stato_ricerca")).unwrap_or_default();
    let folded = status.to_lowercase();
    let id = loose::text(value.get("id_ricerca"))?;
    Some(Search {
        finished: folded.contains("evasa") || folded.contains("errore") || folded.contains("annullata"),
        results: results(&id, value.get("json_risultato")),
        terms: Echo(terms(value.get("json_ricerca"))),
        status,
        id,
    })
}

/// JSON inside a string, or the object itself.
fn inner(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Object(_) => value.cloned(),
        _ => None,
    }
}

fn terms(value: Option<&Value>) -> BTreeMap<String, String> {
    let inner = inner(value);
    let fields = inner.as_ref().and_then(Value::as_object);
    fields
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), loose::text(Some(value))?)))
        .collect()
}

fn results(search: &str, value: Option<&Value>) -> Vec<SearchResult> {
    let inner = inner(value);
    let mut results: Vec<SearchResult> = (inner.as_ref().and_then(Value::as_object))
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| {
            let index = key.strip_prefix("indice_")?.parse().ok()?;
            let mut values = BTreeMap::new();
            loose::flatten("", value, &mut values, 0);
            Some(SearchResult {
                id: result_id(search, index),
                index,
                values,
            })
        })
        .collect();
    results.sort_by_key(|result| result.index);
    results
}

fn options(value: Option<&Value>) -> Option<Vec<(String, Money)>> {
    let list = value?.as_array()?;
    Some(
        list.iter()
            .filter_map(|option| {
                let name = loose::text(option.get("nome")).or_else(|| loose::text(option.get("tipo")))?;
                Some((name, option.get("prezzo").and_then(Money::from_json)?))
            })
            .collect(),
    )
}

fn timeline(data: &Map<String, Value>) -> Vec<(String, u64)> {
    let states = loose::object(data.get("timestamp_stati"));
    let mut timeline: Vec<(String, u64)> = states
        .into_iter()
        .flatten()
        .filter_map(|(state, at)| Some((state.clone(), loose::number(Some(at))?)))
        .collect();
    timeline.sort_by_key(|(_, at)| *at);
    timeline
}

fn note(data: &Map<String, Value>) -> Option<OfficeNote> {
    let note = loose::object(data.get("esito"))?;
    let code = loose::text(note.get("codice")).unwrap_or_default();
    let info = loose::text(note.get("info")).unwrap_or_default();
    let fine = (code.is_empty() || code == "0") && (info.is_empty() || info.eq_ignore_ascii_case("ok"));
    (!fine).then_some(OfficeNote { code, info })
}
