//! DocuEngine against the documents: one file per question.

mod errors;
mod life;
mod storage;
mod switches;

use serde_json::{Value, json};

use super::{Desk, refusal};
use crate::{Config, SimResponse, Switches};

/// Published: no search, one tax code.
pub(crate) const STATUTO: &str = "6687eed51a241a5d1be0f9fa";
/// Published: with a search, whose results are two.
pub(crate) const BILANCIO: &str = "667443c29e6f0e447bc265aa";
/// Published: closed list of values.
pub(crate) const ATTO: &str = "6687eea71a241a5d1be0f9f9";
/// Invented: a file is asked for, and two are delivered.
pub(crate) const ESTRATTO: &str = "66f0a1100000000000000001";
/// Invented: paid options, closed list, date.
pub(crate) const CARICHI: &str = "66f0a1100000000000000002";
/// Invented: made while one waits.
pub(crate) const VERIFICA: &str = "66f0a1100000000000000003";
/// Invented: finds nothing for NESSUNO; options paid with the choice.
pub(crate) const CATASTALE: &str = "66f0a1100000000000000004";
/// Invented: not at the moment.
pub(crate) const FALLIMENTARE: &str = "66f0a1100000000000000005";

pub(crate) const COMPANY: &str = "12485671007";

pub(crate) fn desk() -> Desk {
    Desk::new(Config::default())
}

fn with(switches: Switches) -> Desk {
    Desk::new(Config {
        switches,
        ..Config::default()
    })
}

impl Desk {
    pub(crate) fn post(&mut self, body: Value) -> SimResponse {
        self.call("POST", "/requests", body)
    }

    /// Opens a request with `NEW` and gives its id.
    pub(crate) fn opened(&mut self, document: &str, search: Value) -> String {
        let response = self.post(json!({"documentId": document, "state": "NEW", "search": search}));
        assert_eq!(response.status, 200, "{}", response.value());
        response.value()["data"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn patch(&mut self, id: &str, body: Value) -> SimResponse {
        self.call("PATCH", &format!("/requests/{id}"), body)
    }

    pub(crate) fn closed(&mut self, id: &str) -> SimResponse {
        self.patch(id, json!({"state": "SEARCH"}))
    }

    pub(crate) fn shown(&mut self, id: &str) -> Value {
        self.get(&format!("/requests/{id}")).value()["data"].clone()
    }

    /// A request of Statuto that has been delivered.
    pub(crate) fn delivered(&mut self, document: &str, search: Value) -> String {
        let id = self.opened(document, search);
        assert_eq!(self.closed(&id).status, 200);
        self.now_ms += 10_000;
        assert_eq!(self.shown(&id)["state"], "DONE");
        id
    }
}

fn is(response: &SimResponse, status: u16, code: i64, message: &str) {
    assert_eq!(refusal(response), (status, code, message.to_owned()));
}
