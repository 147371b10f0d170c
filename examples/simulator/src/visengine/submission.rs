//! One request and its life.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::catalogue::{Field, Service};
use crate::{
    checks,
    config::{Cancellation, Stages},
    value::FieldValue,
};

/// `stato_richiesta`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// `In ricerca`
    Searching,
    /// `In erogazione`
    Working,
    /// `Dati disponibili`
    Ready,
    /// `Visura evasa`
    Delivered,
    /// `Annullata`
    Cancelled,
}

impl Status {
    /// All of them, in the order of a request's life.
    pub const ALL: [Self; 5] = [
        Self::Searching,
        Self::Working,
        Self::Ready,
        Self::Delivered,
        Self::Cancelled,
    ];

    /// As the provider writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Searching => "In ricerca",
            Self::Working => "In erogazione",
            Self::Ready => "Dati disponibili",
            Self::Delivered => "Visura evasa",
            Self::Cancelled => "Annullata",
        }
    }

    /// Its key in `timestamp_stati`.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Searching => "in_ricerca",
            Self::Working => "in_erogazione",
            Self::Ready => "dati_disponibili",
            Self::Delivered => "visura_evasa",
            Self::Cancelled => "annullata",
        }
    }
}

/// How a search stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found {
    /// Not back yet. The published examples never show this; the text for it is ours.
    Pending,
    /// `Ricerca evasa`, with what was found; `None` for a service without a search.
    Done(Option<Arc<Vec<Value>>>),
    /// `Errore su richiesta dati`.
    Failed,
}

/// One search of a request. A service without a search has exactly one, answered at once.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    pub(crate) asked_ms: u64,
    pub(crate) fields: BTreeMap<String, FieldValue>,
    pub(crate) found: Found,
}

/// `esito`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) code: String,
    pub(crate) info: String,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    pub(crate) id: String,
    pub(crate) service: Arc<Service>,
    pub(crate) created_ms: u64,
    pub(crate) updated_ms: u64,
    pub(crate) committed_ms: Option<u64>,
    pub(crate) fields: BTreeMap<String, FieldValue>,
    /// Which of the service's options were chosen.
    pub(crate) options: Vec<usize>,
    /// `callback_data` as given, `Null` when there is none.
    pub(crate) callback: Value,
    pub(crate) email: Option<String>,
    pub(crate) searches: Vec<Search>,
    /// The chosen search and the index in it.
    pub(crate) chosen: Option<(usize, usize)>,
    pub(crate) status: Status,
    pub(crate) stamps: [Option<u64>; 5],
    pub(crate) verdict: Verdict,
}

impl Submission {
    pub(crate) fn draft(id: String, service: Arc<Service>, now_ms: u64) -> Self {
        Self {
            id,
            service,
            created_ms: now_ms,
            updated_ms: now_ms,
            committed_ms: None,
            fields: BTreeMap::new(),
            options: Vec::new(),
            callback: Value::Null,
            email: None,
            searches: Vec::new(),
            chosen: None,
            status: Status::Searching,
            stamps: [None; 5],
            verdict: Verdict {
                code: "0".to_owned(),
                info: "OK".to_owned(),
            },
        }
    }

    pub(crate) fn is_committed(&self) -> bool {
        self.committed_ms.is_some()
    }

    /// Neither committed nor dead: it can still be edited.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_committed() && self.status != Status::Cancelled
    }

    pub(crate) fn search_id(&self, index: usize) -> String {
        format!("{}_{index}", self.id)
    }

    /// What the commit costs: the search where there is one, else the document and its options.
    pub(crate) fn commit_cents(&self) -> i64 {
        if self.service.has_search {
            self.service.search_cents()
        } else {
            self.document_cents()
        }
    }

    /// What the document costs, options included.
    pub(crate) fn document_cents(&self) -> i64 {
        let extras = self.options.iter().filter_map(|at| self.service.options.get(*at));
        self.service.price_cents() + extras.map(super::catalogue::PaidOption::cents).sum::<i64>()
    }

    pub(crate) fn commit(&mut self, now_ms: u64) {
        self.committed_ms = Some(now_ms);
        self.enter(Status::Searching, now_ms);
        self.search(self.fields.clone(), now_ms);
        if self.service.synchronous {
            for status in [Status::Working, Status::Ready, Status::Delivered] {
                self.enter(status, now_ms);
            }
        }
    }

    pub(crate) fn search(&mut self, fields: BTreeMap<String, FieldValue>, now_ms: u64) {
        let found = if self.service.has_search {
            Found::Pending
        } else {
            Found::Done(None)
        };
        self.searches.push(Search {
            asked_ms: now_ms,
            fields,
            found,
        });
        self.verdict = Verdict {
            code: "0".to_owned(),
            info: "OK".to_owned(),
        };
        self.enter(Status::Searching, now_ms);
    }

    pub(crate) fn choose(&mut self, search: usize, index: usize, now_ms: u64) {
        self.chosen = Some((search, index));
        self.enter(Status::Working, now_ms);
    }

    pub(crate) fn cancel(&mut self, code: &str, info: &str, now_ms: u64) {
        self.verdict = Verdict {
            code: code.to_owned(),
            info: info.to_owned(),
        };
        self.enter(Status::Cancelled, now_ms);
    }

    fn enter(&mut self, status: Status, at_ms: u64) {
        self.status = status;
        self.updated_ms = at_ms;
        if let Some(stamp) = self.stamps.get_mut(status as usize) {
            *stamp = Some(at_ms);
        }
    }

    /// Moves on to `now_ms`. Returns whether anything a caller would be told of has changed.
    pub(crate) fn advance(
        &mut self,
        now_ms: u64,
        stages: &Stages,
        draft_lifetime_ms: Option<u64>,
        cancellation: Option<&Cancellation>,
    ) -> bool {
        if !self.is_committed() {
            let death = draft_lifetime_ms.map(|lifetime| self.created_ms.saturating_add(lifetime));
            return match death {
                Some(at_ms) if self.is_open() && now_ms >= at_ms => {
                    self.enter(Status::Cancelled, at_ms);
                    true
                }
                _ => false,
            };
        }
        let mut changed = false;
        if self.service.has_search && self.chosen.is_none() {
            return self.status == Status::Searching && self.finish_searches(now_ms, stages);
        }
        while let Some((next, due_ms)) = self.next_stage(stages).filter(|(_, due_ms)| now_ms >= *due_ms) {
            match cancellation {
                Some(reason) if next == Status::Ready => self.cancel(&reason.code, &reason.info, due_ms),
                _ => self.enter(next, due_ms),
            }
            changed = true;
        }
        changed
    }

    fn next_stage(&self, stages: &Stages) -> Option<(Status, u64)> {
        let (next, wait) = match self.status {
            Status::Searching => (Status::Working, stages.searching_ms),
            Status::Working => (Status::Ready, stages.working_ms),
            Status::Ready => (Status::Delivered, stages.ready_ms),
            Status::Delivered | Status::Cancelled => return None,
        };
        let since = self.stamps.get(self.status as usize).copied().flatten()?;
        Some((next, since.saturating_add(wait)))
    }

    fn finish_searches(&mut self, now_ms: u64, stages: &Stages) -> bool {
        let results = &self.service.results;
        let mut last = None;
        for search in &mut self.searches {
            let due_ms = search.asked_ms.saturating_add(stages.searching_ms);
            if search.found != Found::Pending || now_ms < due_ms {
                continue;
            }
            // Looking for NESSUNO finds nobody: the other way for a search to come back with nothing.
            let nobody = search.fields.values().any(
                |value| matches!(value, FieldValue::Text(text) if text.trim().eq_ignore_ascii_case("nessuno")),
            );
            search.found = match results.as_slice() {
                [] => Found::Failed,
                _ if nobody => Found::Done(Some(Arc::new(Vec::new()))),
                found => Found::Done(Some(Arc::new(found.to_vec()))),
            };
            last = Some((due_ms, search.found == Found::Failed));
        }
        let Some((due_ms, failed)) = last else {
            return false;
        };
        self.updated_ms = due_ms;
        if failed {
            self.verdict = Verdict {
                code: "101".to_owned(),
                info: "Nessun soggetto trovato".to_owned(),
            };
        }
        true
    }

    /// What the office would refuse in these values: keys with labels, in form order. Empty is good.
    pub(crate) fn faults_in(service: &Service, values: &BTreeMap<String, FieldValue>) -> Vec<String> {
        let name = |field: &Field| format!("{} {}", field.key, field.label);
        let filled = |key: &str| values.get(key).is_some_and(|value| !value.is_empty());
        let mut faults: Vec<String> = service
            .fields
            .iter()
            .filter(|field| filled(&field.key))
            .filter(|field| match values.get(&field.key) {
                Some(FieldValue::Text(text)) => {
                    field.kind == "file" || !checks::suits(&field.kind, text.trim())
                }
                Some(FieldValue::File { seen, .. }) => field.kind != "file" || !seen.readable,
                None => false,
            })
            .map(name)
            .collect();
        if !service.rule.holds(&filled) {
            let missing: Vec<&Field> = service
                .fields
                .iter()
                .filter(|field| !filled(&field.key))
                .collect();
            // Only what no other field can stand in for; where there is no such field, all that are empty.
            let required = |field: &&&Field| !service.rule.holds(&|key| key != field.key);
            let mut named: Vec<String> = missing.iter().filter(required).map(|field| name(field)).collect();
            if named.is_empty() {
                named = missing.iter().map(|field| name(field)).collect();
            }
            if named.is_empty() {
                named.push("validazione".to_owned());
            }
            faults.extend(named);
        }
        faults
    }
}
