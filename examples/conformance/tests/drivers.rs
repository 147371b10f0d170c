//! Our own driver passes every script; a naive one, with a pool, redirects and a retry, does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sportello::client::SecretToken;
use sportello::client::transport::{Authorization, Perform, Transport, TransportConfig};
use sportello::http::{Body, Call, HttpRequest, Method};
use sportello_conformance::{Options, SCRIPTS, Server};

/// A driver as the scripts see it.
trait Driver {
    /// Performs one call: what is said of it, and the status.
    async fn perform(&self, call: &Value, token: &str) -> (&'static str, u16);
}

fn plain() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn control(server: &Server, path: &str, body: &Value) -> Value {
    let client = plain();
    let url = format!("{}/_conformance/{path}", server.control_url());
    let request = match body {
        Value::Null => client.get(url),
        body => client.post(url).body(body.to_string()),
    };
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {:?}", answer.text().await);
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// Performs every script; gives back the problems' codes by script.
async fn examine(driver: &impl Driver) -> (Value, BTreeMap<String, Vec<String>>) {
    let server = Server::start(Options::default()).await.unwrap();
    let list = control(&server, "scripts", &Value::Null).await;
    assert_eq!(list["scripts"].as_array().unwrap().len(), SCRIPTS.len());
    for script in list["scripts"].as_array().unwrap() {
        let plan = control(&server, "script", &json!({ "name": script["name"] })).await;
        for call in plan["calls"].as_array().unwrap() {
            let (outcome, status) = driver.perform(call, plan["token"].as_str().unwrap()).await;
            let said = json!({ "call": call["call"], "outcome": outcome, "status": status });
            control(&server, "result", &said).await;
        }
    }
    let verdict = control(&server, "verdict", &Value::Null).await;
    let codes = verdict["verdicts"].as_array().unwrap().iter().map(|one| {
        let problems = one["problems"].as_array().unwrap();
        let code = |problem: &Value| problem.as_str().unwrap().split(':').next().unwrap().to_owned();
        (
            one["name"].as_str().unwrap().to_owned(),
            problems.iter().map(code).collect(),
        )
    });
    let codes = codes.collect();
    (verdict, codes)
}

/// The transport of the core, as the machines use it.
struct Ours(std::sync::Mutex<BTreeMap<String, Transport>>);

impl Driver for Ours {
    async fn perform(&self, call: &Value, token: &str) -> (&'static str, u16) {
        let origin = call["origin"].as_str().unwrap().to_owned();
        let transport = (self.0.lock().unwrap())
            .entry(origin.clone())
            .or_insert_with(|| {
                let config = TransportConfig {
                    origin,
                    ..TransportConfig::default()
                };
                Transport::new(config).unwrap()
            })
            .clone();
        let path = call["path"].as_str().unwrap();
        let request = match call["once"].as_bool().unwrap() {
            true => HttpRequest::new(Call::Commit, Method::Put, path).with_body(Body::json(&call["body"])),
            false => HttpRequest::new(Call::GetSubmission, Method::Get, path),
        };
        let token = SecretToken::new(token);
        let perform = Perform {
            authorization: Some(Authorization::Bearer(&token)),
            once: call["once"].as_bool().unwrap(),
            timeout: Some(Duration::from_millis(call["timeoutMs"].as_u64().unwrap())),
            ..Perform::default()
        };
        match transport.perform(&request, perform).await {
            Ok(answer) => ("answered", answer.status),
            Err(failure) if failure.never_arrived() => ("not_sent", 0),
            Err(_) => ("unknown", 0),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_driver_passes_every_script() {
    let (verdict, codes) = examine(&Ours(Default::default())).await;
    assert_eq!(verdict["good"], true, "{codes:#?}");
    assert_eq!(codes.len(), SCRIPTS.len());
    assert_eq!(verdict["notRun"], json!([]));
}

/// What somebody writes who has not thought about money: one client with a pool, redirects followed, a retry on every failure.
struct Naive(reqwest::Client);

impl Driver for Naive {
    async fn perform(&self, call: &Value, token: &str) -> (&'static str, u16) {
        let url = format!(
            "{}{}",
            call["origin"].as_str().unwrap(),
            call["path"].as_str().unwrap()
        );
        let mut said = ("not_sent", 0);
        for _ in 0..2 {
            let request = match call["once"].as_bool().unwrap() {
                true => self.0.put(&url).body(call["body"].to_string()),
                false => self.0.get(&url),
            };
            let limit = Duration::from_millis(call["timeoutMs"].as_u64().unwrap());
            let answer = request.bearer_auth(token).timeout(limit).send().await;
            match answer {
                Ok(answer) if answer.status().is_server_error() => {
                    said = ("answered", answer.status().as_u16())
                }
                Ok(answer) => return ("answered", answer.status().as_u16()),
                // It takes every error for one before the sending.
                Err(_) => said = ("not_sent", 0),
            }
        }
        said
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_naive_driver_does_not() {
    let (verdict, codes) = examine(&Naive(plain())).await;
    assert_eq!(verdict["good"], false);
    let has = |script: &str, code: &str| {
        assert!(
            codes[script].iter().any(|one| one == code),
            "{script}: {:?}",
            codes[script]
        );
    };
    has("plain", "not_fresh");
    has("keep-alive-trap", "paid_twice");
    has("reset-before", "paid_twice");
    has("reset-after", "paid_twice");
    has("empty-after", "paid_twice");
    has("half-open", "said_not_sent");
    has("mute-after", "paid_twice");
    has("late-effect", "paid_twice");
    has("cut-body", "said_wrong");
    has("redirect-307", "redirect_followed");
    has("redirect-308", "redirect_followed");
    has("redirect-302", "redirect_followed");
    has("redirect-home", "redirect_followed");
    has("come-again", "paid_twice");
    assert!(
        codes["refused"].is_empty() || codes["refused"] == ["not_fresh"],
        "{codes:?}"
    );
}

/// Never follows, never repeats, but keeps a token for whoever asks: a header that goes to every origin.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_travels_is_seen() {
    struct Travelling(reqwest::Client);
    impl Driver for Travelling {
        async fn perform(&self, call: &Value, token: &str) -> (&'static str, u16) {
            let url = format!(
                "{}{}",
                call["origin"].as_str().unwrap(),
                call["path"].as_str().unwrap()
            );
            let method = call["method"].as_str().unwrap().parse().unwrap();
            // reqwest takes `Authorization` away on the way to another origin, but not a header of somebody's own.
            let request = self
                .0
                .request(method, url)
                .bearer_auth(token)
                .header("x-session", token);
            let request = request
                .body(call["body"].to_string())
                .timeout(Duration::from_millis(600));
            match request.send().await {
                Ok(answer) => ("answered", answer.status().as_u16()),
                Err(_) => ("unknown", 0),
            }
        }
    }
    let (_, codes) = examine(&Travelling(plain())).await;
    assert!(
        codes["redirect-307"].contains(&"token_leaked".to_owned()),
        "{codes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_does_nothing_does_not_pass() {
    struct Idle;
    impl Driver for Idle {
        async fn perform(&self, _: &Value, _: &str) -> (&'static str, u16) {
            ("unknown", 0)
        }
    }
    let (verdict, codes) = examine(&Idle).await;
    assert_eq!(verdict["good"], false);
    for (script, problems) in codes {
        assert!(
            problems.contains(&"not_performed".to_owned()),
            "{script}: {problems:?}"
        );
    }
}
