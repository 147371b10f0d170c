//! The simulator against the documents: one file per question.

mod docuengine;
mod errors;
mod faults;
mod http;
mod life;
mod oauth;
mod switches;

use serde_json::{Value, json};

use crate::{Config, Engine, SimRequest, SimResponse};

pub(crate) const ASSEGNO: &str = "224fcc49770edad354cdd9c480a7e50e";
pub(crate) const SEARCHING: &str = "afa0b4cu7yd06226i5d89p00077c3j6t";
pub(crate) const FINDS_NOTHING: &str = "99d9da7b8fbf8a60054a48217fc5d5a1";
pub(crate) const SYNCHRONOUS: &str = "7deb1e62338cf1d811b3a74c3c1a1bc2";
pub(crate) const T0: u64 = 1_790_000_000_000;
pub(crate) const FILE: &str = "fronte-retro.pdf|data:application/pdf;base64,JVBERi0xLjQK";

/// An engine and a clock that is set by hand.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) now_ms: u64,
    token: String,
}

impl Desk {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            token: config.token.clone(),
            engine: Engine::new(config),
            now_ms: T0,
        }
    }

    pub(crate) fn request(&self, method: &str, path: &str, body: &Value) -> SimRequest {
        let request = SimRequest::new(method, path).bearer(&self.token);
        if body.is_null() {
            request
        } else {
            request.json(body)
        }
    }

    pub(crate) fn call(&mut self, method: &str, path: &str, body: Value) -> SimResponse {
        let request = self.request(method, path, &body);
        self.engine.handle(self.now_ms, &request)
    }

    pub(crate) fn get(&mut self, path: &str) -> SimResponse {
        self.call("GET", path, Value::Null)
    }

    pub(crate) fn state(&mut self, id: &str) -> Value {
        self.get(&format!("/richiesta/{id}")).value()["data"].clone()
    }

    /// Opens a draft and gives its id.
    pub(crate) fn draft(&mut self, hash: &str, fields: Value) -> String {
        let response = self.call(
            "POST",
            "/richiesta",
            json!({"state": 0, "hash_visura": hash, "json_visura": fields}),
        );
        id_of(&response)
    }

    pub(crate) fn put(&mut self, id: &str, body: Value) -> SimResponse {
        self.call("PUT", &format!("/richiesta/{id}"), body)
    }

    pub(crate) fn commit(&mut self, id: &str) -> SimResponse {
        self.put(id, json!({"state": 1}))
    }

    /// A committed request of the service with a search, its results in.
    pub(crate) fn searched(&mut self) -> String {
        let id = self.draft(SEARCHING, json!({"$0": "OFFICINE"}));
        assert_eq!(self.commit(&id).status, 200);
        self.now_ms += 1_000;
        id
    }
}

pub(crate) fn id_of(response: &SimResponse) -> String {
    response.value()["data"]["_id"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// A complete Assegno Unico of somebody who doesn't exist.
pub(crate) fn answers() -> Value {
    json!({
        "$0": "Chiara", "$1": "Prova", "$2": "chiara.prova@example.com", "$3": "3330000000",
        "$4": "RSSMRA85M01H501Q", "$5": FILE, "$6": FILE,
    })
}

/// Status, code and message of a refusal, whose envelope must be whole.
pub(crate) fn refusal(response: &SimResponse) -> (u16, i64, String) {
    let body = response.value();
    assert_eq!(body["success"], false, "{body}");
    assert_eq!(body["data"], Value::Null);
    let message = body["message"].as_str().unwrap_or_default().to_owned();
    (
        response.status,
        body["error"].as_i64().unwrap_or_default(),
        message,
    )
}
