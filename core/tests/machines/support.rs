//! A machine under test, and the provider's answers to it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sportello::SportelloError;
use sportello::flow::{Event, Machine, Policy, RetryPolicy, Step, WaitReason};
use sportello::http::{Failure, HttpRequest, HttpResponse};
use sportello::journal::{
    Duplicates, Entry, EntryKey, Purchase, PurchaseKind, PurchaseState, Recorded, Scope, Stage,
};
use sportello::model::Money;

pub(crate) const ID: &str = "5f22f722065afc42223c7131";
pub(crate) const SERVICE: &str = "afa0b4cu7yd06226i5d89p00077c3j6t";

/// A machine and its last step.
pub(crate) struct Run<M: Machine> {
    pub(crate) machine: M,
    pub(crate) now: u64,
    pub(crate) step: Step<M::Output>,
}

impl<M: Machine> Run<M> {
    pub(crate) fn start(mut machine: M, now: u64) -> Run<M> {
        let step = machine.advance(now, Event::Started).expect("a beginning");
        Run { machine, now, step }
    }

    #[track_caller]
    pub(crate) fn on(&mut self, event: Event) -> &mut Self {
        self.step = self.machine.advance(self.now, event).expect("in turn");
        self
    }

    pub(crate) fn at(&mut self, now: u64) -> &mut Self {
        self.now = now;
        self
    }

    /// It sends this; `once` when it is paid, and only then.
    #[track_caller]
    pub(crate) fn sends(&self, call: &str) -> &HttpRequest {
        match &self.step {
            Step::Send { request, once, .. } => {
                assert_eq!((request.call.as_str(), *once), (call, request.call.is_paid()));
                request
            }
            other => panic!("no `{call}`: {other}"),
        }
    }

    #[track_caller]
    pub(crate) fn timeout(&self) -> Option<u64> {
        match &self.step {
            Step::Send { timeout_ms, .. } => *timeout_ms,
            other => panic!("nothing is sent: {other}"),
        }
    }

    /// It answers the request with this status and body.
    #[track_caller]
    pub(crate) fn answers(&mut self, status: u16, body: impl Into<Vec<u8>>) -> &mut Self {
        self.on(Event::Responded(HttpResponse {
            status,
            body: body.into(),
            ..HttpResponse::default()
        }))
    }

    #[track_caller]
    pub(crate) fn shows(&mut self, over: Value) -> &mut Self {
        self.answers(200, submission(over))
    }

    #[track_caller]
    pub(crate) fn refuses(&mut self, status: u16, code: u32) -> &mut Self {
        let body = json!({"data": null, "success": false, "message": "", "error": code});
        self.answers(status, body.to_string())
    }

    /// It gets no answer to a free call, however often it asks.
    #[track_caller]
    pub(crate) fn never_gets_through(&mut self) -> Vec<u64> {
        let mut waits = Vec::new();
        loop {
            self.on(Event::Failed(Failure::Unreachable));
            let Step::Wait {
                millis,
                reason: WaitReason::Retry,
            } = self.step
            else {
                return waits;
            };
            waits.push(millis);
            self.on(Event::Elapsed);
        }
    }

    /// It writes an entry over the version before it.
    #[track_caller]
    pub(crate) fn records(&self) -> &Entry {
        match &self.step {
            Step::Record {
                entry, expect_seq, ..
            } => {
                assert_eq!(entry.seq, expect_seq + 1);
                assert_eq!(entry.updated_at, self.now);
                entry
            }
            other => panic!("nothing is recorded: {other}"),
        }
    }

    #[track_caller]
    pub(crate) fn duplicates(&self) -> Duplicates {
        match &self.step {
            Step::Record { duplicates, .. } => *duplicates,
            other => panic!("nothing is recorded: {other}"),
        }
    }

    #[track_caller]
    pub(crate) fn written(&mut self) -> &mut Self {
        assert!(matches!(self.step, Step::Record { .. }), "{}", self.step);
        self.on(Event::Recorded(Recorded::Written))
    }

    #[track_caller]
    pub(crate) fn conflicts_with(&mut self, entry: Entry) -> &mut Self {
        self.on(Event::Recorded(Recorded::Conflict(Some(Box::new(entry)))))
    }

    #[track_caller]
    pub(crate) fn disk_is_full(&mut self) -> &mut Self {
        let error = SportelloError::foreign("journal.full", true, "the disk is full");
        self.on(Event::RecordFailed(error))
    }

    #[track_caller]
    pub(crate) fn waits(&self, reason: WaitReason) -> u64 {
        match self.step {
            Step::Wait { millis, reason: why } => {
                assert_eq!(why, reason);
                millis
            }
            ref other => panic!("no wait: {other}"),
        }
    }

    #[track_caller]
    pub(crate) fn output(&self) -> &M::Output {
        match &self.step {
            Step::Finished(Ok(output)) => output,
            other => panic!("not the end: {other}"),
        }
    }

    #[track_caller]
    pub(crate) fn fails(&self, code: &str, charged: &str) -> &SportelloError {
        match &self.step {
            Step::Finished(Err(error)) => {
                assert_eq!((error.code(), error.details().charged.as_str()), (code, charged));
                error
            }
            other => panic!("not `{code}`: {other}"),
        }
    }
}

/// Two tries for each free call, so that stories stay short.
pub(crate) fn policy() -> Policy {
    Policy {
        retry: RetryPolicy {
            attempts: 2,
            ..RetryPolicy::default()
        },
        ..Policy::default()
    }
}

pub(crate) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// The journal's entry of a request that was handed in.
pub(crate) fn entry() -> Entry {
    Entry {
        key: EntryKey {
            scope: Scope {
                provider: "visengine".into(),
                origin: "https://example.org".into(),
                account: "default".into(),
            },
            reference: "story".to_owned(),
        },
        seq: 7,
        service_id: SERVICE.to_owned(),
        service_name: "a search".to_owned(),
        key_id: "k".to_owned(),
        digest: "all".to_owned(),
        duplicate_mark: None,
        stage: Stage::Committed,
        id: Some(ID.to_owned()),
        filled: BTreeMap::new(),
        purchases: Vec::new(),
        options: Vec::new(),
        files: Vec::new(),
        created_at: 5,
        updated_at: 5,
    }
}

pub(crate) fn purchase(kind: PurchaseKind, state: PurchaseState, sent_at: u64) -> Purchase {
    Purchase {
        kind,
        state,
        id: ID.to_owned(),
        price: Money::from_cents(800),
        intended_at: sent_at,
        sent_at,
        timeout_ms: 60_000,
        sends: 1,
        ambiguous: false,
        refused_with: None,
        result: Some(format!("{ID}_0/1")).filter(|_| kind == PurchaseKind::Choice),
        searches_before: Some(1).filter(|_| matches!(kind, PurchaseKind::Search(_))),
        digest: Some("terms".to_owned()).filter(|_| matches!(kind, PurchaseKind::Search(_))),
    }
}

/// A request that was handed in and has found two, as the provider describes it, with other members over it.
pub(crate) fn submission(over: Value) -> String {
    let mut data = json!({"_id": ID, "state": 1, "hash_visura": SERVICE, "nome": "a search", "ricerca": true, "id_ricerca": null,
        "indice_ricerca": null, "prezzo_visura": 8, "prezzo_ricerca": 2, "stato_richiesta": "In ricerca", "callback_data": false,
        "opzioni": null, "ricerche": [search(0, "PROVA")]});
    data.as_object_mut()
        .unwrap()
        .extend(over.as_object().unwrap().clone());
    json!({"data": data, "success": true, "message": "", "error": null}).to_string()
}

/// One search, of this term, that has found two.
pub(crate) fn search(number: u32, term: &str) -> Value {
    json!({"id_ricerca": format!("{ID}_{number}"), "stato_ricerca": "Ricerca evasa", "json_ricerca": json!({"$0": term}).to_string(),
        "json_risultato": "{\"indice_0\":{\"a\":\"A\"},\"indice_1\":{\"a\":\"B\"}}"})
}

/// What shows when this result was chosen.
pub(crate) fn chosen(index: u32) -> Value {
    json!({"id_ricerca": format!("{ID}_0"), "indice_ricerca": index, "stato_richiesta": "In erogazione"})
}
