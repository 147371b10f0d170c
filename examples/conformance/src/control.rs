//! The control calls: which script, what was said, the verdict.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Given;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::scripts::{SCRIPTS, Said, Script, Trouble, script};
use crate::server::Shared;
use crate::state::{Run, Story, StoryAsked, TIME_LIMIT, Work};
use crate::verdict::{self, Charges, Verdict};
use crate::wire::{self, Message};

/// A service of one field, so that a draft can be committed.
const SERVICE: &str = "7deb1e62338cf1d811b3a74c3c1a1bc2";

type App = Given<Arc<Shared>>;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_conformance/scripts", get(scripts))
        .route("/_conformance/script", post(begin))
        .route("/_conformance/result", post(result))
        .route("/_conformance/story", post(story))
        .route("/_conformance/verdict", get(verdicts))
        .with_state(shared)
}

fn answer(status: StatusCode, value: &Value) -> Response {
    let kind = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONNECTION, "close"),
    ];
    (status, kind, value.to_string()).into_response()
}

fn refuse(status: StatusCode, detail: &str) -> Response {
    answer(status, &json!({ "detail": detail }))
}

async fn scripts() -> Response {
    let list: Vec<Value> = (SCRIPTS.iter())
        .map(|script| json!({ "name": script.name, "what": script.what, "calls": script.steps.len() }))
        .collect();
    answer(StatusCode::OK, &json!({ "scripts": list }))
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Begins a script: opens its drafts, and says which calls to make.
async fn begin(Given(shared): App, body: Bytes) -> Response {
    let asked = serde_json::from_slice::<Named>(&body).ok();
    let Some(script) = asked.and_then(|asked| script(&asked.name)) else {
        return refuse(
            StatusCode::NOT_FOUND,
            "no script of this name; see GET /_conformance/scripts",
        );
    };
    close(&shared).await;
    let mut ids = Vec::new();
    for _ in script.steps {
        match draft(&shared).await {
            Ok(id) => ids.push(id),
            Err(error) => {
                return refuse(
                    StatusCode::BAD_GATEWAY,
                    &format!("no draft could be opened: {error}"),
                );
            }
        }
    }
    let said = plan(&shared, script, &ids);
    shared.with(|state| {
        state.number += 1;
        state.work = Work::Script(Run {
            script,
            ids,
            arrivals: Vec::new(),
            said: Default::default(),
            away: Vec::new(),
        });
    });
    answer(StatusCode::OK, &said)
}

/// The calls of a script, as a driver makes them.
fn plan(shared: &Shared, script: &Script, ids: &[String]) -> Value {
    let calls: Vec<Value> = (script.steps.iter().zip(ids).enumerate())
        .map(|(index, (step, id))| {
            let at = match step.trouble {
                Trouble::Refused => shared.nobody,
                _ => shared.origin,
            };
            let number = index + 1;
            json!({
                "call": number,
                "origin": format!("http://{at}"),
                "method": if step.paid { "PUT" } else { "GET" },
                "path": format!("/richiesta/{id}?step={number}"),
                "body": if step.paid { json!({ "state": 1 }) } else { Value::Null },
                "once": step.paid,
                "timeoutMs": TIME_LIMIT.as_millis(),
            })
        })
        .collect();
    let token = shared.with(|state| state.token.clone());
    json!({ "name": script.name, "what": script.what, "token": token, "calls": calls })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Result {
    call: usize,
    outcome: Said,
    #[serde(default)]
    status: u16,
}

/// What the driver says of a call.
async fn result(Given(shared): App, body: Bytes) -> Response {
    let said: Result = match serde_json::from_slice(&body) {
        Ok(said) => said,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let noted = shared.with(|state| match &mut state.work {
        Work::Script(run) if (1..=run.script.steps.len()).contains(&said.call) => {
            let what = (said.outcome, said.status, Instant::now());
            run.said.insert(said.call - 1, what).is_none()
        }
        _ => false,
    });
    match noted {
        true => answer(StatusCode::OK, &json!({})),
        false => refuse(
            StatusCode::CONFLICT,
            "no such call is open: each is told once, in a script under way",
        ),
    }
}

/// Begins a story: a whole client is at work, and meets the trouble of a script.
async fn story(Given(shared): App, body: Bytes) -> Response {
    let asked: StoryAsked = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let found = script(&asked.script).map(|script| {
        let mut troubles = script.steps.iter().map(|step| step.trouble);
        troubles
            .find(|trouble| *trouble != Trouble::None)
            .unwrap_or(Trouble::None)
    });
    let Some(trouble) = found.filter(|trouble| *trouble != Trouble::Refused) else {
        return refuse(
            StatusCode::NOT_FOUND,
            "no script of this name that a story can meet",
        );
    };
    // An address can't be left unread for one call only.
    let trouble = if trouble == Trouble::Deaf {
        Trouble::MuteBefore
    } else {
        trouble
    };
    close(&shared).await;
    shared.with(|state| {
        state.number += 1;
        state.work = Work::Story(Story {
            asked,
            trouble,
            seen: 0,
            met: 0,
            arrivals: Vec::new(),
            away: Vec::new(),
        });
    });
    answer(
        StatusCode::OK,
        &json!({ "origin": format!("http://{}", shared.origin) }),
    )
}

async fn verdicts(Given(shared): App) -> Response {
    let told = all(&shared).await;
    let run: Vec<&str> = (told.iter().filter(|one| !one.story))
        .map(|one| one.name.as_str())
        .collect();
    let missing: Vec<&str> = (SCRIPTS.iter().map(|script| script.name))
        .filter(|name| !run.contains(name))
        .collect();
    let good = told.iter().all(|one| one.good);
    answer(
        StatusCode::OK,
        &json!({ "good": good && missing.is_empty(), "goodSoFar": good, "verdicts": told, "notRun": missing }),
    )
}

/// The verdicts so far, with that of what is under way.
pub(crate) async fn all(shared: &Shared) -> Vec<Verdict> {
    let charges = charges(shared).await;
    shared.with(|state| {
        let mut told = state.closed.clone();
        told.extend(judge(&state.work, &charges));
        told
    })
}

/// Ends what was under way, and keeps its verdict.
async fn close(shared: &Shared) {
    let charges = charges(shared).await;
    shared.with(|state| {
        let verdict = judge(&state.work, &charges);
        state.work = Work::Nothing;
        if let Some(verdict) = verdict {
            // A script that is run again is judged anew.
            state
                .closed
                .retain(|old| old.story || verdict.story || old.name != verdict.name);
            state.closed.push(verdict);
        }
    });
}

fn judge(work: &Work, charges: &Charges) -> Option<Verdict> {
    match work {
        Work::Nothing => None,
        Work::Script(run) => Some(verdict::of_run(run, charges)),
        Work::Story(story) => Some(verdict::of_story(story, charges)),
    }
}

/// A draft that can be committed.
async fn draft(shared: &Shared) -> std::io::Result<String> {
    let token = shared.with(|state| state.token.clone());
    let body = json!({ "state": 0, "hash_visura": SERVICE, "json_visura": { "$0": "AA000AA" } });
    let request = Message {
        method: "POST".to_owned(),
        target: "/richiesta".to_owned(),
        headers: vec![
            ("authorization".to_owned(), format!("Bearer {token}")),
            ("content-type".to_owned(), "application/json".to_owned()),
        ],
        body: body.to_string().into_bytes(),
        ..Message::default()
    };
    let answer = wire::forward(shared.upstream, &request, true).await?;
    let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let id = value.pointer("/data/_id").and_then(Value::as_str);
    id.map(str::to_owned)
        .ok_or_else(|| std::io::Error::other(format!("the service answered {}", answer.status)))
}

/// The ledger, by submission. A service that has none to show is not judged by it.
async fn charges(shared: &Shared) -> Charges {
    let request = Message {
        method: "GET".to_owned(),
        target: "/_simulator/ledger".to_owned(),
        ..Message::default()
    };
    let mut charges = Charges::new();
    let Ok(answer) = wire::forward(shared.upstream, &request, true).await else {
        return charges;
    };
    let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    for charge in value
        .get("charges")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        // A choice and a search are purchases of their own.
        if charge.get("kind").and_then(Value::as_str) == Some("submit")
            && let Some(id) = charge.get("submission").and_then(Value::as_str)
        {
            *charges.entry(id.to_owned()).or_default() += 1;
        }
    }
    charges
}
