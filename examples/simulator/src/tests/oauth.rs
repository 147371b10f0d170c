//! OAuth: tokens that govern the APIs, the wallet, the callbacks.

use serde_json::{Value, json};

use super::{
    ASSEGNO, Desk, T0, answers,
    docuengine::{BILANCIO, COMPANY, STATUTO},
    id_of, refusal,
};
use crate::{Config, DEFAULT_ACCOUNT_EMAIL, DEFAULT_API_KEY, SimRequest, SimResponse, Switches};

fn desk() -> Desk {
    Desk::new(Config::default())
}

impl Desk {
    fn account(&mut self, method: &str, path: &str, body: Value) -> SimResponse {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = SimRequest::new(method, path)
            .basic(DEFAULT_ACCOUNT_EMAIL, DEFAULT_API_KEY)
            .json(&body);
        request.query = Some(query.to_owned());
        self.engine.handle(self.now_ms, &request)
    }

    fn issue(&mut self, body: Value) -> Value {
        let response = self.account("POST", "/tokens", body);
        assert_eq!(response.status, 200, "{}", response.value());
        response.value()["data"].clone()
    }

    /// A call with an issued token.
    fn by(&mut self, token: &Value, method: &str, path: &str, body: Value) -> SimResponse {
        let request = SimRequest::new(method, path)
            .bearer(token["token"].as_str().unwrap())
            .json(&body);
        self.engine.handle(self.now_ms, &request)
    }
}

fn is(response: &SimResponse, status: u16, code: i64, message: &str) {
    assert_eq!(refusal(response), (status, code, message.to_owned()));
}

fn read_only() -> Value {
    json!({"scopes": ["GET:visengine2.altravia.com/visure", "GET:test.docuengine.openapi.com/documents"]})
}

#[test]
fn every_documented_error() {
    let mut desk = desk();
    let guess = SimRequest::new("GET", "/wallet").basic(DEFAULT_ACCOUNT_EMAIL, "guess");
    assert_eq!(refusal(&desk.engine.handle(0, &guess)).0, 401);
    assert_eq!(
        refusal(&desk.engine.handle(0, &SimRequest::new("GET", "/scopes"))).0,
        401
    );
    assert_eq!(
        desk.get("/wallet").status,
        401,
        "a bearer token opens nothing here"
    );
    for body in [
        json!({}),
        json!({"scopes": []}),
        json!({"scopes": null}),
        json!([]),
    ] {
        is(
            &desk.account("POST", "/tokens", body),
            422,
            70,
            "missing scopes array",
        );
    }
    for scopes in [
        json!("GET:a/b"),
        json!([1]),
        json!(["GET"]),
        json!(["GET:host"]),
        json!([":host/x"]),
    ] {
        let body = json!({"scopes": scopes});
        is(
            &desk.account("POST", "/tokens", body),
            422,
            80,
            "invalid scopes format",
        );
    }
    for scope in [
        "GET:visengine2.altravia.com/altro",
        "DELETE:docuengine.openapi.com/requests",
        "GET:evil.example/visure",
    ] {
        let body = json!({"scopes": [scope]});
        let message = "Invalid scopes specified or API not enabled";
        is(&desk.account("POST", "/tokens", body), 422, 90, message);
    }
    is(
        &desk.account("GET", "/tokens/xyz", Value::Null),
        422,
        60,
        "Invalid Token Format",
    );
    let unknown = "/tokens/0123456789abcdef01234567";
    is(&desk.account("GET", unknown, Value::Null), 404, 120, "Not Found");
    is(
        &desk.account("PATCH", "/tokens", json!({})),
        400,
        150,
        "Token ID is required",
    );
    is(&desk.account("PATCH", unknown, json!({})), 404, 160, "Not Found");
    is(
        &desk.account("DELETE", "/tokens/", Value::Null),
        400,
        170,
        "Token ID is required",
    );
    is(
        &desk.account("DELETE", unknown, Value::Null),
        404,
        180,
        "Not Found",
    );
    let token = desk.issue(read_only());
    let path = format!("/tokens/{}", token["token"].as_str().unwrap());
    is(
        &desk.account("PATCH", &path, json!({"scopes": "x"})),
        422,
        100,
        "invalid scopes format",
    );
    let body = json!({"scopes": ["GET:a.example/b"]});
    assert_eq!(refusal(&desk.account("PATCH", &path, body)).1, 110);
    let stranger = SimRequest::new("PATCH", &path).bearer("stranger");
    is(
        &desk.engine.handle(desk.now_ms, &stranger),
        401,
        130,
        "Unauthorized",
    );
    let nobody = SimRequest::new("PATCH", &path);
    is(
        &desk.engine.handle(desk.now_ms, &nobody),
        401,
        140,
        "Unauthorized",
    );
    is(
        &desk.account("GET", "/scopes/xyz", Value::Null),
        404,
        10,
        "Scope not found",
    );
    is(
        &desk.account("GET", "/callbacks/xyz", Value::Null),
        404,
        200,
        "Callback not found",
    );
    is(
        &desk.account("GET", "/callbacks?limit=x", Value::Null),
        400,
        210,
        "Query error",
    );
}

#[test]
fn a_token_works_for_its_scopes_until_it_expires() {
    let mut desk = desk();
    let token = desk.issue(json!({"scopes": read_only()["scopes"], "ttl": 60, "name": "banco"}));
    assert_eq!(
        (token["name"].as_str(), token["token"].as_str().unwrap().len()),
        (Some("banco"), 24)
    );
    assert_eq!(token["createdAt"], "2026-09-21T14:13:20+00:00");
    assert_eq!(token["expireAt"], "2026-09-21T14:14:20+00:00");
    assert_eq!(desk.by(&token, "GET", "/visure", Value::Null).status, 200);
    assert_eq!(desk.by(&token, "GET", "/documents", Value::Null).status, 200);
    assert_eq!(desk.by(&token, "GET", "/requests", Value::Null).status, 403);
    assert_eq!(desk.by(&token, "GET", "/richiesta", Value::Null).status, 403);
    let id = token["token"].as_str().unwrap().to_owned();
    let seen = desk.account("GET", &format!("/tokens/{id}"), Value::Null).value()["data"].clone();
    assert_eq!(seen["stats"]["totalRequests"], 2);
    desk.now_ms = T0 + 59_999;
    assert_eq!(desk.by(&token, "GET", "/visure", Value::Null).status, 200);
    desk.now_ms += 1;
    assert_eq!(desk.by(&token, "GET", "/visure", Value::Null).status, 401);
    assert!(
        desk.engine.log().iter().all(|call| !call.path.contains(&id)),
        "a token is no matter for a log"
    );
}

#[test]
fn a_lifetime_has_a_default_and_an_end() {
    let mut desk = desk();
    for (ttl, at) in [
        (json!(0), "2026-10-21"),
        (json!(-5), "2026-10-21"),
        (json!(1_000_000_000), "2027-09-21"),
    ] {
        let token = desk.issue(json!({"scopes": read_only()["scopes"], "ttl": ttl}));
        assert!(token["expireAt"].as_str().unwrap().starts_with(at), "{token}");
    }
    let page = desk.account("GET", "/tokens?skip=1&limit=1", Value::Null).value()["data"].clone();
    assert_eq!(page.as_array().unwrap().len(), 1);
}

#[test]
fn a_token_can_be_changed_refreshed_and_taken_away() {
    let mut desk = desk();
    let token = desk.issue(read_only());
    let path = format!("/tokens/{}", token["token"].as_str().unwrap());
    let change = json!({"scopes": ["GET:docuengine.openapi.com/requests"], "name": "altro"});
    assert_eq!(
        desk.account("PATCH", &path, change).value()["data"]["name"],
        "altro"
    );
    assert_eq!(desk.by(&token, "GET", "/visure", Value::Null).status, 403);
    assert_eq!(desk.by(&token, "GET", "/requests", Value::Null).status, 404);
    let refresh = SimRequest::new("PATCH", &path).bearer(token["refreshToken"].as_str().unwrap());
    let fresh = desk.engine.handle(desk.now_ms, &refresh).value()["data"].clone();
    assert_ne!(fresh["token"], token["token"]);
    assert_eq!(fresh["scopes"], json!(["GET:docuengine.openapi.com/requests"]));
    assert_eq!(desk.by(&token, "GET", "/requests", Value::Null).status, 401);
    assert_eq!(desk.by(&fresh, "GET", "/requests", Value::Null).status, 404);
    let path = format!("/tokens/{}", fresh["token"].as_str().unwrap());
    let gone = desk.account("DELETE", &path, Value::Null).value();
    assert_eq!(
        (&gone["message"], &gone["data"]),
        (&json!("Deleted"), &Value::Null)
    );
    assert_eq!(desk.by(&fresh, "GET", "/requests", Value::Null).status, 401);
    let other = desk.issue(read_only());
    assert_eq!(desk.engine.revoke_tokens(), 1);
    assert_eq!(desk.by(&other, "GET", "/visure", Value::Null).status, 401);
    assert_eq!(
        desk.get("/visure").status,
        200,
        "the token of the configuration stays"
    );
}

#[test]
fn a_paid_call_over_a_limit_is_refused_before_anything_happens() {
    let scopes = json!([
        "POST:docuengine.openapi.com/requests",
        "PATCH:docuengine.openapi.com/requests",
        "POST:visengine2.altravia.com/richiesta"
    ]);
    let mut desk = desk();
    let token = desk.issue(json!({"scopes": scopes, "limits": {"walletRequests": 1, "walletAmount": 10}}));
    let draft = |desk: &mut Desk| desk.opened(STATUTO, json!({}));
    let (first, second) = (draft(&mut desk), draft(&mut desk));
    let commit = json!({"search.field0": COMPANY, "state": "SEARCH"});
    let path = |id: &str| format!("/requests/{id}");
    assert_eq!(
        desk.by(&token, "PATCH", &path(&first), commit.clone()).status,
        200
    );
    assert_eq!(
        desk.by(&token, "PATCH", &path(&second), commit.clone()).status,
        403
    );
    let untouched = desk.engine.request(&second).unwrap();
    assert!(untouched.fields.is_empty() && !untouched.committed);
    assert_eq!(
        (desk.engine.ledger().len(), desk.engine.wallet_cents()),
        (1, 99_510)
    );

    let token = desk.issue(json!({"scopes": scopes, "limits": {"walletAmount": 4.9}}));
    let dear = json!({"hash_visura": ASSEGNO, "json_visura": answers()});
    assert_eq!(desk.by(&token, "POST", "/richiesta", dear).status, 403);
    assert_eq!(desk.engine.submissions().count(), 0);
    assert_eq!(
        desk.by(&token, "PATCH", &path(&second), commit).status,
        200,
        "exactly the amount"
    );
    let at_once = json!({"documentId": BILANCIO, "search": {"field0": COMPANY}});
    assert_eq!(desk.by(&token, "POST", "/requests", at_once).status, 403);
    assert_eq!(desk.engine.requests().count(), 2);
    let stats = desk.account(
        "GET",
        &format!("/tokens/{}", token["token"].as_str().unwrap()),
        Value::Null,
    );
    assert_eq!(stats.value()["data"]["stats"]["walletAmount"], 4.9);

    let token = desk.issue(json!({"scopes": scopes, "limits": {"totalRequests": 1}}));
    let free = json!({"documentId": STATUTO, "state": "NEW"});
    assert_eq!(desk.by(&token, "POST", "/requests", free.clone()).status, 200);
    assert_eq!(desk.by(&token, "POST", "/requests", free).status, 403);
}

#[test]
fn the_wallet_and_its_transactions() {
    let mut desk = desk();
    let body = json!({"hash_visura": ASSEGNO, "json_visura": answers()});
    let id = id_of(&desk.call("POST", "/richiesta", body));
    desk.now_ms += 1_000;
    desk.post(json!({"documentId": STATUTO, "search": {"field0": COMPANY}}));
    desk.engine.set_wallet(100_000);
    let wallet = desk.account("GET", "/wallet", Value::Null).value()["data"].clone();
    assert_eq!(
        (&wallet["credit"], &wallet["updatedAt"]),
        (&json!(1_000), &json!("2026-09-21T14:13:21+00:00"))
    );
    let answer = desk.account("GET", "/wallet/transactions?skip=0&limit=2", Value::Null);
    assert!(!String::from_utf8(answer.body.clone()).unwrap().contains(&id));
    let list = answer.value()["data"].clone();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let all = desk.account("GET", "/wallet/transactions", Value::Null).value()["data"].clone();
    let seen: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["amount"].as_f64().unwrap(),
                one["description"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (-4.9, "API usage - docuengine.openapi.com"),
            (23.9, "Wallet recharge"),
            (-19.0, "API usage - visengine2.altravia.com"),
        ]
    );
    assert_eq!(all[2]["createdAt"], "2026-09-21T14:13:20+00:00");
    let ids: std::collections::BTreeSet<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn scopes_are_those_a_token_can_be_issued_for() {
    let mut desk = desk();
    let list = desk.account("GET", "/scopes", Value::Null).value()["data"].clone();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 18);
    let scopes: Vec<_> = list.iter().map(|scope| scope["scope"].clone()).collect();
    assert_eq!(
        desk.issue(json!({"scopes": scopes}))["scopes"]
            .as_array()
            .unwrap()
            .len(),
        18
    );
    let id = list[0]["id"].as_str().unwrap();
    let one = desk.account("GET", &format!("/scopes/{id}"), Value::Null).value()["data"].clone();
    assert_eq!(
        (&one["scope"], &one["rateLimit"]),
        (&list[0]["scope"], &json!(false))
    );
}

#[test]
fn callbacks_are_listed_with_what_became_of_them() {
    let mut desk = desk();
    let callback = json!({"url": "http://127.0.0.1:9/a", "field": "data", "data": {"n": 3}});
    let body = json!({"documentId": STATUTO, "search": {"field0": COMPANY}, "callback": callback});
    desk.post(body);
    let body = json!({"hash_visura": ASSEGNO, "json_visura": answers(), "callback_data": callback});
    desk.call("POST", "/richiesta", body);
    desk.now_ms += 10_000;
    desk.engine.advance(desk.now_ms);
    let calls = desk.engine.take_callbacks();
    assert!(calls.len() >= 2);
    desk.now_ms += 40;
    desk.engine
        .callback_answered(desk.now_ms, &calls[0].id, Some(204));
    let filtered = "/callbacks?scopes=POST%3Adocuengine.openapi.com%2Frequests";
    let list = desk.account("GET", filtered, Value::Null).value()["data"].clone();
    assert_eq!(list.as_array().unwrap().len(), 1);
    let all = desk.account("GET", "/callbacks", Value::Null).value()["data"].clone();
    assert_eq!(all.as_array().unwrap().len(), calls.len());
    let one = desk
        .account("GET", &format!("/callbacks/{}", calls[0].id), Value::Null)
        .value()["data"]
        .clone();
    assert_eq!(
        (&one["active"], &one["httpResponseCode"]),
        (&json!(false), &json!(204))
    );
    assert_eq!(
        (&one["elapsedTime"], &one["custom"]),
        (&json!(40), &json!({"n": 3}))
    );
}

#[test]
fn a_token_may_come_bare() {
    let mut desk = Desk::new(Config {
        switches: Switches {
            bare_tokens: true,
            ..Switches::default()
        },
        ..Config::default()
    });
    let bare = desk.account("POST", "/tokens", read_only()).value();
    assert!(bare["token"].is_string() && bare.get("success").is_none());
}
