//! Requests as the provider describes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::CORRELATION;
use crate::model::{
    Echo, Money, OfficeNote, Phase, Progress, RemoteSubmission, ResultId, Search, SearchResult,
    SubmissionSummary,
};
use crate::provider::loose;

const CANCELLED: &str = "CANCELLED";
/// The states that only a request that was handed in ever has.
const PAID: [&str; 3] = ["SEARCH", "WAIT", "DONE"];
/// Times that are no states.
const NO_STATES: [&str; 2] = ["creation", "lastUpdate"];

/// Reads one request; `None` when it has no id.
pub(super) fn submission(data: &Value) -> Option<RemoteSubmission> {
    let data = data.as_object()?;
    let id = loose::text(data.get("id")).filter(|id| !id.is_empty())?;
    let status = loose::text(data.get("state")).unwrap_or_default();
    let phase = phase(data, &status);
    let has_search = loose::flag(data.get("hasSearch")).unwrap_or(false);
    let files: Vec<String> = loose::list(data.get("documents"))
        .into_iter()
        .filter_map(|name| loose::text(Some(name)).or_else(|| loose::text(name.get("fileName"))))
        .collect();
    let chosen = loose::text(data.get("resultId"))
        .filter(|id| !id.is_empty())
        .map(ResultId::new);
    let terms = Echo(terms(data.get("search")));
    let results = results(data.get("results"));
    let progress = progress(
        phase,
        &status,
        has_search,
        &results,
        chosen.is_some(),
        !files.is_empty(),
    );
    // The one search of a request is the request itself.
    let searches = if has_search && phase == Phase::Committed {
        vec![Search {
            id: id.clone(),
            status: status.clone(),
            finished: !matches!(progress, Progress::Searching),
            results,
            terms: terms.clone(),
        }]
    } else {
        Vec::new()
    };
    Some(RemoteSubmission {
        service_id: loose::text(data.get("documentId")).unwrap_or_default(),
        service_name: loose::text(data.get("name")).unwrap_or_default(),
        phase,
        progress,
        price: data.get("documentPrice").and_then(Money::from_json),
        search_price: data.get("searchPrice").and_then(Money::from_json),
        has_search,
        options: options(data.get("selectedOptions")),
        options_price: data.get("optionsPrice").and_then(Money::from_json),
        searches,
        chosen,
        files,
        timeline: timeline(data),
        created_at: time_of(data, "creation"),
        updated_at: time_of(data, "lastUpdate"),
        correlation: loose::object(data.get("callback"))
            .and_then(|callback| loose::object(callback.get("data")))
            .and_then(|data| loose::text(data.get(CORRELATION))),
        note: note(data),
        echo: if phase == Phase::Open {
            terms
        } else {
            Echo::default()
        },
        status,
        id,
    })
}

/// Reads the list of requests.
pub(super) fn summaries(data: &Value) -> Option<Vec<SubmissionSummary>> {
    let items = data.as_array()?;
    let summary = |item: &Value| {
        let item = item.as_object()?;
        let status = loose::text(item.get("state")).unwrap_or_default();
        Some(SubmissionSummary {
            reference: None,
            id: loose::text(item.get("id"))?,
            // The list names the service but does not give its id.
            service_id: loose::text(item.get("documentId")).unwrap_or_default(),
            service_name: loose::text(item.get("name")).unwrap_or_default(),
            phase: phase(item, &status),
            status,
            created_at: time_of(item, "creation"),
        })
    };
    Some(items.iter().filter_map(summary).collect())
}

/// `NEW` is a draft. Whatever ever had the time of a paid state was handed in; what was cancelled without one is a dead draft.
fn phase(data: &Map<String, Value>, status: &str) -> Phase {
    let paid = PAID.iter().any(|state| time_of(data, state).is_some())
        || PAID.iter().any(|state| status.eq_ignore_ascii_case(state));
    match status {
        _ if paid => Phase::Committed,
        status if status.eq_ignore_ascii_case("NEW") => Phase::Open,
        status if status.eq_ignore_ascii_case(CANCELLED) => Phase::Dead,
        _ => Phase::Unknown,
    }
}

fn progress(
    phase: Phase,
    status: &str,
    has_search: bool,
    results: &[SearchResult],
    chosen: bool,
    has_files: bool,
) -> Progress {
    if status.eq_ignore_ascii_case(CANCELLED) {
        return Progress::Cancelled;
    }
    if phase == Phase::Open {
        return Progress::Draft;
    }
    let searching = has_search && !chosen;
    match status.to_ascii_uppercase().as_str() {
        // "A choice is needed" is results present and nothing chosen, never a state's name.
        "SEARCH" | "WAIT" | "DONE" if searching && !results.is_empty() => Progress::ChoiceNeeded,
        "DONE" if searching && !has_files => Progress::NoResults,
        "SEARCH" | "WAIT" if searching => Progress::Searching,
        "SEARCH" | "WAIT" => Progress::Processing,
        "DONE" => Progress::Delivered,
        _ => Progress::Unknown,
    }
}

fn terms(value: Option<&Value>) -> BTreeMap<String, String> {
    loose::object(value)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), loose::text(Some(value))?)))
        .collect()
}

fn results(value: Option<&Value>) -> Vec<SearchResult> {
    let result = |(index, value): (usize, &Value)| {
        let mut values = BTreeMap::new();
        if let Some(data) = value.get("data") {
            loose::flatten("", data, &mut values, 0);
        }
        Some(SearchResult {
            id: ResultId::new(loose::text(value.get("id")).filter(|id| !id.is_empty())?),
            index: u32::try_from(index).ok()?,
            values,
        })
    };
    loose::list(value)
        .into_iter()
        .enumerate()
        .filter_map(result)
        .collect()
}

/// The options taken. The wire gives their names and one price for all of them together.
fn options(value: Option<&Value>) -> Option<Vec<(String, Money)>> {
    let value = value?;
    let name = |option: &Value| loose::text(Some(option)).or_else(|| loose::text(option.get("name")));
    let price = |option: &Value| option.get("price").and_then(Money::from_json);
    Some(
        loose::list(Some(value))
            .into_iter()
            .filter_map(|option| Some((name(option)?, price(option).unwrap_or(Money::ZERO))))
            .collect(),
    )
}

fn time_of(data: &Map<String, Value>, state: &str) -> Option<u64> {
    let times = loose::object(data.get("timestamps"))?;
    loose::number(times.get(state)).filter(|at| *at > 0)
}

fn timeline(data: &Map<String, Value>) -> Vec<(String, u64)> {
    let mut timeline: Vec<(String, u64)> = loose::object(data.get("timestamps"))
        .into_iter()
        .flatten()
        .filter(|(state, _)| !NO_STATES.contains(&state.as_str()))
        .filter_map(|(state, at)| Some((state.clone(), loose::number(Some(at))?)))
        .collect();
    timeline.sort_by_key(|(_, at)| *at);
    timeline
}

fn note(data: &Map<String, Value>) -> Option<OfficeNote> {
    let info = loose::text(data.get("cancellationReason")).filter(|reason| !reason.is_empty())?;
    Some(OfficeNote {
        code: "cancelled".to_owned(),
        info,
    })
}
