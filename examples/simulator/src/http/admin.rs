//! The controls, for tests in other processes. See the crate's documentation for the list.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Inner;
use crate::{Engine, Rule, SimResponse, Switches};

#[derive(Deserialize)]
#[serde(untagged)]
enum Rules {
    Many(Vec<Rule>),
    One(Box<Rule>),
}

#[derive(Deserialize)]
struct Wallet {
    cents: i64,
}

#[derive(Deserialize)]
struct Clock {
    skip_ms: u64,
}

#[derive(Deserialize)]
struct Cancel {
    id: String,
    code: String,
    info: String,
}

/// Answers one command. Errors are in words: a person reads them in the output of a test.
pub(super) fn answer(inner: &Inner, method: &str, command: &str, body: &[u8]) -> SimResponse {
    let now_ms = inner.now_ms();
    let done = match (method, command) {
        ("GET", "ledger") => Ok(inner.with_engine(|engine| ledger(engine))),
        ("GET", "log") => Ok(inner.with_engine(|engine| json!(engine.log()))),
        ("POST", "faults") => read(body).map(|rules: Rules| {
            let rules = match rules {
                Rules::Many(rules) => rules,
                Rules::One(rule) => vec![*rule],
            };
            inner.with_engine(|engine| rules.into_iter().for_each(|rule| engine.add_fault(rule)));
            Value::Null
        }),
        ("DELETE", "faults") => {
            inner.with_engine(Engine::clear_faults);
            Ok(Value::Null)
        }
        ("GET", "switches") => Ok(inner.with_engine(|engine| json!(engine.switches()))),
        ("POST", "switches") => inner.with_engine(|engine| switch(engine, body)),
        ("POST", "wallet") => read(body).map(|wallet: Wallet| {
            inner.with_engine(|engine| engine.set_wallet(wallet.cents));
            Value::Null
        }),
        ("POST", "clock") => read(body).map(|clock: Clock| {
            inner.skip(Duration::from_millis(clock.skip_ms));
            json!({"now_ms": inner.now_ms()})
        }),
        ("POST", "tokens/revoke") => Ok(json!({"revoked": inner.with_engine(Engine::revoke_tokens)})),
        ("POST", "cancel") => read(body).map(|cancel: Cancel| {
            let Cancel { id, code, info } = cancel;
            json!({"cancelled": inner.with_engine(|engine| engine.cancel(now_ms, &id, &code, &info))})
        }),
        _ => return SimResponse::json(404, &json!({"detail": "no such command"})),
    };
    match done {
        Ok(value) => SimResponse::json(200, &value),
        Err(detail) => SimResponse::json(400, &json!({"detail": detail})),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn ledger(engine: &Engine) -> Value {
    json!({"wallet_cents": engine.wallet_cents(), "charges": engine.ledger()})
}

/// Changes the switches that are named and leaves the others.
fn switch(engine: &mut Engine, body: &[u8]) -> Result<Value, String> {
    let named: serde_json::Map<String, Value> = read(body)?;
    let mut all = json!(engine.switches());
    for (name, value) in named {
        let place = all
            .get_mut(&name)
            .ok_or_else(|| format!("no switch is called `{name}`"))?;
        *place = value;
    }
    let switches: Switches = serde_json::from_value(all).map_err(|error| error.to_string())?;
    engine.set_switches(switches.clone());
    Ok(json!(switches))
}
