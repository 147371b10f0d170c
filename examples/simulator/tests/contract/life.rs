//! Scripted lives: every call, every documented error, on a simulator that is a value.

use serde_json::{Value, json};
use sportello_simulator::{Config, DEFAULT_ACCOUNT_EMAIL, DEFAULT_API_KEY, Engine, SimRequest, Switches};

use crate::Exchange;

const T0: u64 = 1_790_000_000_000;
const UNKNOWN: &str = "0123456789abcdef01234567";

/// A simulator, its clock, and everything said so far.
struct Stage {
    engine: Engine,
    now_ms: u64,
    said: Vec<Exchange>,
}

impl Stage {
    fn new(switches: Switches) -> Self {
        Self {
            engine: Engine::new(Config {
                switches,
                ..Config::default()
            }),
            now_ms: T0,
            said: Vec::new(),
        }
    }

    fn send(&mut self, request: SimRequest) -> Value {
        let response = self.engine.handle(self.now_ms, &request);
        let body = response.value();
        self.said.push((request, response));
        body
    }

    /// With the token of the configuration. Answers `data`.
    fn call(&mut self, call: &str, body: Value) -> Value {
        let (method, path) = call.split_once(' ').unwrap();
        let request = SimRequest::new(method, path).bearer("sportello-simulator");
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        self.send(request)["data"].clone()
    }

    fn get(&mut self, path: &str) -> Value {
        self.call(&format!("GET {path}"), Value::Null)
    }

    /// With the account's key.
    fn account(&mut self, call: &str, body: Value) -> Value {
        let (method, path) = call.split_once(' ').unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = SimRequest::new(method, path).basic(DEFAULT_ACCOUNT_EMAIL, DEFAULT_API_KEY);
        if !query.is_empty() {
            request.query = Some(query.to_owned());
        }
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        self.send(request)["data"].clone()
    }

    /// With another wallet, for one call.
    fn poor(&mut self, call: &str, body: Value) {
        let before = self.engine.wallet_cents();
        self.engine.set_wallet(0);
        self.call(call, body);
        self.engine.set_wallet(before);
    }
}

fn answers() -> Value {
    let file = "fronte.pdf|data:application/pdf;base64,JVBERi0xLjQK";
    json!({"$0": "Chiara", "$1": "Prova", "$2": "chiara.prova@example.com", "$3": "3330000000",
        "$4": "RSSMRA85M01H501Q", "$5": file, "$6": file})
}

pub(crate) fn visengine() -> Vec<Exchange> {
    const ASSEGNO: &str = "224fcc49770edad354cdd9c480a7e50e";
    const SEARCHING: &str = "afa0b4cu7yd06226i5d89p00077c3j6t";
    let mut stage = Stage::new(Switches::default());
    let s = &mut stage;
    s.send(SimRequest::new("GET", "/visure"));
    let services = s.get("/visure");
    for service in services.as_array().unwrap() {
        s.get(&format!("/visure/{}", service["hash_visura"].as_str().unwrap()));
    }
    s.get("/visure/nothing");
    s.get("/richiesta");
    s.call("POST /richiesta", json!({}));
    s.call(
        "POST /richiesta",
        json!({"hash_visura": ASSEGNO, "state": 0, "email_target": "nobody"}),
    );
    s.call("POST /richiesta", json!({"hash_visura": ASSEGNO}));
    s.call("POST /richiesta", json!({"hash_visura": ASSEGNO, "test": true, "json_visura": answers(), "opzioni": {"opzione_0": true}}));
    s.poor(
        "POST /richiesta",
        json!({"hash_visura": ASSEGNO, "json_visura": answers()}),
    );
    let callback = json!({"url": "http://127.0.0.1:9/x", "field": "data", "data": {"n": 1}});
    let draft = json!({"hash_visura": ASSEGNO, "state": 0, "email_target": "cassa@caf.example",
        "callback_data": callback, "opzioni": {"opzione_1": true}, "json_visura": {"$0": "Chiara"}});
    let id = s.call("POST /richiesta", draft)["_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (one, put) = (format!("/richiesta/{id}"), format!("PUT /richiesta/{id}"));
    s.get(&one);
    s.get("/richiesta");
    s.get("/richiesta/xyz");
    s.get(&format!("/richiesta/{UNKNOWN}"));
    s.call("PUT /richiesta", json!({"state": 1}));
    s.call(&format!("PUT /richiesta/{UNKNOWN}"), json!({"state": 1}));
    s.call(&put, json!({"state": 1}));
    s.call(&put, json!({"state": 0, "json_visura": answers()}));
    s.poor(&put, json!({"state": 1}));
    s.get(&format!("/documento/{id}"));
    s.call(&put, json!({"state": 1, "json_visura.$0": "Chiara"}));
    s.call(&put, json!({"state": 1}));
    let again = json!({"json_visura": {"$0": "FORNI"}});
    s.call(&format!("POST {one}"), again.clone());
    for _ in 0..4 {
        s.now_ms += 1_000;
        s.get(&one);
    }
    s.get("/documento");
    s.get("/documento/xyz");
    s.get(&format!("/documento/{UNKNOWN}"));
    s.get(&format!("/documento/{id}"));

    let with_search = json!({"hash_visura": SEARCHING, "state": 0, "json_visura": {"$0": "OFFICINE"}});
    let id = s.call("POST /richiesta", with_search)["_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (one, choose) = (
        format!("/richiesta/{id}"),
        format!("PUT /richiesta/{id}/ricerche"),
    );
    let search = format!("POST {one}");
    s.call("POST /richiesta/xyz", again.clone());
    s.call(&format!("POST /richiesta/{UNKNOWN}"), again.clone());
    s.call(&search, again.clone());
    s.call(&format!("PUT {one}"), json!({"state": 1}));
    s.call(&search, json!({}));
    s.call(&search, json!({"json_visura": {"$0": ""}}));
    s.poor(&search, again.clone());
    s.now_ms += 1_000;
    s.call(&search, again);
    let choice = json!({"id_ricerca": format!("{id}_0"), "indice": 1});
    s.call(&format!("PUT /richiesta/{UNKNOWN}/ricerche"), choice.clone());
    s.call(&choose, json!({"id_ricerca": format!("{id}_0"), "indice": -1}));
    s.call(&choose, json!({}));
    s.poor(&choose, choice.clone());
    s.call(&choose, choice.clone());
    s.call(&choose, choice);
    s.get(&one);

    let sync =
        json!({"hash_visura": "7deb1e62338cf1d811b3a74c3c1a1bc2", "json_visura": {"$0": "12345678903"}});
    s.call("POST /richiesta", sync);
    let dead = s.call("POST /richiesta", json!({"hash_visura": ASSEGNO, "state": 0}))["_id"].clone();
    s.engine
        .cancel(s.now_ms, dead.as_str().unwrap(), "101", "Ufficio chiuso");
    s.get(&format!("/richiesta/{}", dead.as_str().unwrap()));

    s.get("/richiesta");

    let mut strict = Stage::new(Switches {
        refuse_bare_commit: true,
        ..Switches::default()
    });
    let id = strict.call("POST /richiesta", json!({"hash_visura": ASSEGNO, "state": 0}))["_id"].clone();
    strict.call(
        &format!("PUT /richiesta/{}", id.as_str().unwrap()),
        json!({"state": 1}),
    );
    stage.said.into_iter().chain(strict.said).collect()
}

const STATUTO: &str = "6687eed51a241a5d1be0f9fa";
const BILANCIO: &str = "667443c29e6f0e447bc265aa";
const COMPANY: &str = "12485671007";

pub(crate) fn docuengine() -> Vec<Exchange> {
    const FALLIMENTARE: &str = "66f0a1100000000000000005";
    let company = json!({"field0": COMPANY});
    let mut stage = Stage::new(Switches {
        callback_needs_headers: true,
        ..Switches::default()
    });
    let s = &mut stage;
    s.send(SimRequest::new("GET", "/documents"));
    s.get("/documents");
    s.get("/requests");
    s.call("POST /requests", json!({}));
    s.call("POST /requests", json!({"documentId": STATUTO, "search": "x"}));
    s.call(
        "POST /requests",
        json!({"documentId": FALLIMENTARE, "search": company}),
    );
    s.call(
        "POST /requests",
        json!({"documentId": BILANCIO, "search": {"field0": "10000000009"}}),
    );
    s.call(
        "POST /requests",
        json!({"documentId": STATUTO, "state": "NEW", "callback": {"data": {}}}),
    );
    s.poor(
        "POST /requests",
        json!({"documentId": STATUTO, "search": company}),
    );
    let callback = json!({"url": "http://127.0.0.1:9/x", "field": "data", "method": "POST",
        "headers": {"x-pratica": "7"}, "data": {"n": 1}});
    let draft = json!({"documentId": STATUTO, "state": "NEW", "callback": callback, "notifyEmail": "cassa@caf.example"});
    let id = s.call("POST /requests", draft)["id"].as_str().unwrap().to_owned();
    let (one, patch) = (format!("/requests/{id}"), format!("PATCH /requests/{id}"));
    let files = format!("{one}/documents");
    s.get(&one);
    s.get("/requests");
    for tail in ["", "/documents"] {
        s.get(&format!("/requests/xyz{tail}"));
        s.get(&format!("/requests/{UNKNOWN}{tail}"));
    }
    s.call("PATCH /requests", json!({"state": "SEARCH"}));
    s.call("PATCH /requests/xyz", json!({"state": "SEARCH"}));
    s.call(&patch, json!({}));
    s.call(&patch, json!({"callback": {"data": {}}}));
    s.call(&patch, json!({"search.field0": COMPANY}));
    s.poor(&patch, json!({"state": "SEARCH"}));
    s.get(&files);
    s.call(&patch, json!({"state": "SEARCH", "search.field0": COMPANY}));
    s.call(&patch, json!({"state": "SEARCH"}));
    s.get(&one);
    s.now_ms += 10_000;
    s.get(&one);
    s.get(&files);

    for (document, search) in [
        (FALLIMENTARE, company.clone()),
        (BILANCIO, json!({"field0": "10000000009"})),
    ] {
        let body = json!({"documentId": document, "state": "NEW", "search": search});
        let id = s.call("POST /requests", body)["id"].as_str().unwrap().to_owned();
        s.call(&format!("PATCH /requests/{id}"), json!({"state": "SEARCH"}));
    }
    let options = json!({"documentId": "66f0a1100000000000000004", "search": {"field0": "OFFICINE"}, "selectedOptions": ["urgenza"]});
    let id = s.call("POST /requests", options)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    s.now_ms += 1_000;
    let found = s.get(&format!("/requests/{id}"));
    s.call(
        &format!("PATCH /requests/{id}"),
        json!({"resultId": found["results"][0]["id"]}),
    );
    let nobody = json!({"documentId": "66f0a1100000000000000004", "search": {"field0": "NESSUNO"}});
    let id = s.call("POST /requests", nobody)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    s.now_ms += 1_000;
    s.get(&format!("/requests/{id}"));
    let sync = json!({"documentId": "66f0a1100000000000000003", "search": company});
    s.call("POST /requests", sync);
    stage.said
}

/// What callbacks carry: a form's field, or the whole object, is one member that holds the request.
pub(crate) fn docuengine_callbacks() -> Vec<Value> {
    let mut stage = Stage::new(Switches::default());
    let callback =
        json!({"url": "http://127.0.0.1:9/x", "method": "JSON", "field": "data", "data": {"n": 1}});
    for document in [STATUTO, BILANCIO] {
        let body = json!({"documentId": document, "search": {"field0": COMPANY}, "callback": callback});
        stage.call("POST /requests", body);
    }
    stage.engine.advance(stage.now_ms + 10_000);
    let calls = stage.engine.take_callbacks();
    calls
        .into_iter()
        .map(|call| json!({call.field: call.payload}))
        .collect()
}

pub(crate) fn oauth() -> Vec<Exchange> {
    let mut stage = Stage::new(Switches::default());
    let s = &mut stage;
    s.send(SimRequest::new("GET", "/wallet"));
    s.account("POST /tokens", json!({}));
    s.account("POST /tokens", json!({"scopes": ["GET"]}));
    s.account("POST /tokens", json!({"scopes": ["GET:a.example/b"]}));
    let scopes = json!([
        "GET:visengine2.altravia.com/visure",
        "POST:test.docuengine.openapi.com/requests"
    ]);
    let limits = json!({"totalRequests": 10, "walletRequests": 1, "walletAmount": 5.5});
    let token = s.account(
        "POST /tokens",
        json!({"scopes": scopes, "name": "banco", "ttl": 600, "limits": limits}),
    );
    let path = format!("/tokens/{}", token["token"].as_str().unwrap());
    s.account("POST /tokens", json!({"scopes": scopes}));
    s.account("GET /tokens", Value::Null);
    s.account("GET /tokens?skip=1&limit=1", Value::Null);
    s.account(&format!("GET {path}"), Value::Null);
    s.account("GET /tokens/xyz", Value::Null);
    s.account(&format!("GET /tokens/{UNKNOWN}"), Value::Null);
    s.account("PATCH /tokens/", json!({}));
    s.account(&format!("PATCH /tokens/{UNKNOWN}"), json!({}));
    s.account(&format!("PATCH {path}"), json!({"scopes": "x"}));
    s.account(&format!("PATCH {path}"), json!({"scopes": ["GET:a.example/b"]}));
    s.account(&format!("PATCH {path}"), json!({"name": "altro", "ttl": 60}));
    s.send(SimRequest::new("PATCH", &path).bearer("stranger"));
    s.send(SimRequest::new("PATCH", &path));
    let fresh =
        s.send(SimRequest::new("PATCH", &path).bearer(token["refreshToken"].as_str().unwrap()))["data"]
            .clone();
    s.account("DELETE /tokens/", Value::Null);
    s.account(
        &format!("DELETE /tokens/{}", fresh["token"].as_str().unwrap()),
        Value::Null,
    );
    s.account(&format!("DELETE /tokens/{UNKNOWN}"), Value::Null);
    let scopes = s.account("GET /scopes", Value::Null);
    s.account(
        &format!("GET /scopes/{}", scopes[0]["id"].as_str().unwrap()),
        Value::Null,
    );
    s.account("GET /scopes/xyz", Value::Null);

    let callback = json!({"url": "http://127.0.0.1:9/x", "method": "JSON", "headers": {"x-pratica": "7"}, "data": {"n": 1}});
    let paid = json!({"documentId": STATUTO, "search": {"field0": COMPANY}, "callback": callback});
    let request = SimRequest::new("POST", "/requests")
        .bearer("sportello-simulator")
        .json(&paid);
    assert_eq!(s.engine.handle(s.now_ms, &request).status, 200);
    s.now_ms += 10_000;
    s.engine.advance(s.now_ms);
    s.engine.set_wallet(200_000);
    s.account("GET /wallet", Value::Null);
    s.account("GET /wallet/transactions", Value::Null);
    s.account("GET /wallet/transactions?skip=0&limit=1", Value::Null);
    let made = s.account("GET /callbacks", Value::Null);
    let one = format!("GET /callbacks/{}", made[0]["id"].as_str().unwrap());
    s.account(&one, Value::Null);
    let call = s.engine.take_callbacks().remove(0);
    s.engine.callback_answered(s.now_ms + 40, &call.id, Some(200));
    s.account("GET /callbacks", Value::Null);
    s.account(&one, Value::Null);
    s.account("GET /callbacks?limit=x", Value::Null);
    s.account("GET /callbacks/xyz", Value::Null);

    let mut bare = Stage::new(Switches {
        bare_tokens: true,
        ..Switches::default()
    });
    let token = bare.account(
        "POST /tokens",
        json!({"scopes": ["GET:visengine2.altravia.com/visure"]}),
    );
    assert!(token.is_null());
    stage.said.into_iter().chain(bare.said).collect()
}
