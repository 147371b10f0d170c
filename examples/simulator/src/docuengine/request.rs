//! One request and its life.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::catalogue::{Document, Field};
use crate::{
    checks,
    config::{Cancellation, Stages},
    switches::Switches,
    value::FieldValue,
};

/// The `state` of a DocuEngine request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RequestState {
    /// Open: it can be edited, and costs nothing.
    New,
    /// Its search is under way, or waits for a choice.
    Search,
    /// The office works on it.
    Wait,
    /// Delivered.
    Done,
    /// Given up.
    Cancelled,
}

impl RequestState {
    /// All of them, in the order of a request's life.
    pub const ALL: [Self; 5] = [Self::New, Self::Search, Self::Wait, Self::Done, Self::Cancelled];

    /// As the provider writes it, also as a key of `timestamps`.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Search => "SEARCH",
            Self::Wait => "WAIT",
            Self::Done => "DONE",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) document: Arc<Document>,
    pub(crate) created_ms: u64,
    pub(crate) updated_ms: u64,
    pub(crate) committed_ms: Option<u64>,
    pub(crate) fields: BTreeMap<String, FieldValue>,
    /// Names of the document's options.
    pub(crate) options: Vec<String>,
    /// `callback` with its defaults, `Null` when there is none.
    pub(crate) callback: Value,
    pub(crate) email: Option<String>,
    pub(crate) state: RequestState,
    pub(crate) stamps: [Option<u64>; 5],
    /// What the search has found, once it is back.
    pub(crate) results: Option<Arc<Vec<Value>>>,
    /// The index of the chosen result.
    pub(crate) chosen: Option<usize>,
    pub(crate) cancellation_reason: Option<String>,
}

impl Request {
    pub(crate) fn new(id: String, document: Arc<Document>, now_ms: u64) -> Self {
        Self {
            id,
            document,
            created_ms: now_ms,
            updated_ms: now_ms,
            committed_ms: None,
            fields: BTreeMap::new(),
            options: Vec::new(),
            callback: Value::Null,
            email: None,
            state: RequestState::New,
            stamps: [None; 5],
            results: None,
            chosen: None,
            cancellation_reason: None,
        }
    }

    pub(crate) fn is_committed(&self) -> bool {
        self.committed_ms.is_some()
    }

    /// Neither committed nor dead: it can still be edited.
    pub(crate) fn is_open(&self) -> bool {
        self.state == RequestState::New
    }

    pub(crate) fn options_cents(&self) -> i64 {
        let chosen = self
            .document
            .options
            .iter()
            .filter(|option| self.options.contains(&option.name));
        chosen.map(super::catalogue::PaidOption::cents).sum()
    }

    /// What the document costs, options included.
    pub(crate) fn document_cents(&self) -> i64 {
        self.document.document_cents() + self.options_cents()
    }

    /// What the commit costs: the search where there is one, else the document and its options.
    pub(crate) fn commit_cents(&self) -> i64 {
        if self.document.has_search {
            self.document.search_cents()
        } else {
            self.document_cents()
        }
    }

    /// The id of a result, of the form the published example has.
    pub(crate) fn result_id(&self, index: usize) -> String {
        let digest = Sha256::digest(format!("{}/{index}", self.id));
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn file_names(&self) -> impl Iterator<Item = String> {
        (0..self.document.behaviour.files.max(1)).map(|at| format!("{}_{at}.pdf", self.id))
    }

    pub(crate) fn enter(&mut self, state: RequestState, at_ms: u64) {
        self.state = state;
        self.updated_ms = at_ms;
        if let Some(stamp) = self.stamps.get_mut(state as usize) {
            *stamp = Some(at_ms);
        }
    }

    pub(crate) fn stamp(&self, state: RequestState) -> Option<u64> {
        self.stamps.get(state as usize).copied().flatten()
    }

    pub(crate) fn commit(&mut self, now_ms: u64) {
        self.committed_ms = Some(now_ms);
        if self.document.has_search {
            self.enter(RequestState::Search, now_ms);
        } else {
            self.work(now_ms);
        }
    }

    /// The office begins, and ends at once where the document is made while one waits.
    fn work(&mut self, now_ms: u64) {
        self.enter(RequestState::Wait, now_ms);
        if self.document.is_sync {
            self.enter(RequestState::Done, now_ms);
        }
    }

    pub(crate) fn choose(&mut self, index: usize, now_ms: u64) {
        self.chosen = Some(index);
        self.work(now_ms);
    }

    pub(crate) fn cancel(&mut self, reason: &str, now_ms: u64) {
        self.cancellation_reason = Some(reason.to_owned());
        self.enter(RequestState::Cancelled, now_ms);
    }

    /// Moves on to `now_ms`. Returns whether anything a caller would be told of has changed.
    pub(crate) fn advance(
        &mut self,
        now_ms: u64,
        stages: &Stages,
        switches: &Switches,
        cancellation: Option<&Cancellation>,
    ) -> bool {
        let Some(committed_ms) = self.committed_ms else {
            let lifetime = switches.draft_lifetime_ms;
            let death = lifetime.map(|lifetime| self.created_ms.saturating_add(lifetime));
            let dead = death.filter(|at_ms| self.is_open() && now_ms >= *at_ms);
            // A draft that dies says nothing of why and gets no stamp, like the one in the published list.
            if let Some(at_ms) = dead {
                self.state = RequestState::Cancelled;
                self.updated_ms = at_ms;
            }
            return dead.is_some();
        };
        if self.document.has_search && self.chosen.is_none() {
            let due_ms = committed_ms.saturating_add(stages.searching_ms);
            return self.state == RequestState::Search
                && self.results.is_none()
                && now_ms >= due_ms
                && self.finish_search(due_ms, switches);
        }
        let Some(since) = self
            .stamp(RequestState::Wait)
            .filter(|_| self.state == RequestState::Wait)
        else {
            return false;
        };
        let due_ms = since
            .saturating_add(stages.working_ms)
            .saturating_add(stages.ready_ms);
        if now_ms < due_ms {
            return false;
        }
        match cancellation {
            Some(cancellation) => self.cancel(&cancellation.info, due_ms),
            None => self.enter(RequestState::Done, due_ms),
        }
        true
    }

    fn finish_search(&mut self, due_ms: u64, switches: &Switches) -> bool {
        // Looking for NESSUNO finds nobody.
        let nobody = self.fields.values().any(
            |value| matches!(value, FieldValue::Text(text) if text.trim().eq_ignore_ascii_case("nessuno")),
        );
        let found = if nobody {
            Vec::new()
        } else {
            self.document.behaviour.results.clone()
        };
        self.updated_ms = due_ms;
        if found.is_empty() && switches.empty_search_cancels {
            self.cancel("no results found", due_ms);
        } else if switches.results_in_wait {
            self.enter(RequestState::Wait, due_ms);
        }
        self.results = Some(Arc::new(found));
        true
    }

    /// What the office would refuse in the values: keys with names, in form order. Empty is good.
    pub(crate) fn faults(&self) -> Vec<String> {
        let filled = |key: &str| self.fields.get(key).is_some_and(|value| !value.is_empty());
        let rule_holds = self.document.rule.holds(&filled);
        // Only what no other field can stand in for is to blame for a rule that does not hold.
        let to_blame = |field: &Field| {
            !filled(&field.key)
                && (field.required || (!rule_holds && !self.document.rule.holds(&|key| key != field.key)))
        };
        let wrong = |field: &Field| {
            self.fields
                .get(&field.key)
                .is_some_and(|value| !value.is_empty() && !suits(field, value))
        };
        let mut faults: Vec<String> = self
            .document
            .fields
            .iter()
            .filter(|field| to_blame(field) || wrong(field))
            .map(|field| format!("{} {}", field.key, field.name))
            .collect();
        if faults.is_empty() && !rule_holds {
            faults.push("validation".to_owned());
        }
        faults
    }

    /// Whether it is about a company too young for this document.
    pub(crate) fn is_newborn(&self) -> bool {
        self.fields.values().any(|value| {
            matches!(value, FieldValue::Text(text)
                if self.document.behaviour.newborn.iter().any(|code| code == text.trim()))
        })
    }
}

/// Whether a value suits its field. The form of codes is looked at, not their check characters: the published
/// examples have a tax code whose check digit is wrong.
fn suits(field: &Field, value: &FieldValue) -> bool {
    let text = match (value, field.kind.as_str()) {
        (FieldValue::File { seen, .. }, kind) => return kind == "file" && seen.readable,
        (FieldValue::Text(text), "file") => return text.starts_with("http"),
        (FieldValue::Text(text), _) => text.trim(),
    };
    if !field.codes.is_empty() {
        return field.codes.iter().any(|code| code == text);
    }
    let digits = |len: std::ops::RangeInclusive<usize>| {
        len.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match field.kind.as_str() {
        "rea" => digits(1..=9),
        "cciaa" => checks::suits("cod_provincia", text),
        "vatCode" => digits(11..=11),
        "taxCode" => digits(11..=11) || checks::suits("codice_fiscale_persona_fisica", text),
        "email" => checks::email(text),
        "date" => {
            let parts: Vec<&str> = text.split(['-', '/']).collect();
            match parts.as_slice() {
                [year, month, day] if year.len() == 4 => {
                    checks::suits("data_iso8601", &format!("{day}-{month}-{year}"))
                }
                _ => checks::suits("data_iso8601", &text.replace('/', "-")),
            }
        }
        _ => true,
    }
}
