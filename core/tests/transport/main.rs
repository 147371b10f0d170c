//! The transport against small servers on this machine that say exactly what a test wants them to say.
#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod downloads;
mod failures;
mod limits;
mod log;
mod memory;
mod once;
mod requests;
mod server;
mod sources;
mod tls;
mod uploads;

use std::time::Duration;

use sportello::client::SecretToken;
use sportello::client::transport::{Perform, Transport, TransportConfig};
use sportello::http::{AnswerMode, Body, Call, HttpRequest, Method};

const TOKEN: &str = "canary-token-5f0c";

fn config(origin: &str) -> TransportConfig {
    TransportConfig {
        origin: origin.to_owned(),
        connect_timeout: Duration::from_secs(2),
        ..TransportConfig::default()
    }
}

fn transport(origin: &str) -> Transport {
    Transport::new(config(origin)).unwrap()
}

fn token() -> SecretToken {
    SecretToken::new(TOKEN)
}

fn within(millis: u64) -> Perform<'static> {
    Perform {
        timeout: Some(Duration::from_millis(millis)),
        ..Perform::default()
    }
}

fn get() -> HttpRequest {
    HttpRequest::new(Call::GetSubmission, Method::Get, "/richiesta/5f22")
}

fn commit() -> HttpRequest {
    let body = Body::json(&serde_json::json!({ "state": 1 }));
    HttpRequest::new(Call::Commit, Method::Put, "/richiesta/5f22").with_body(body)
}

fn document() -> HttpRequest {
    let mut request = HttpRequest::new(Call::GetDocument, Method::Get, "/documento/5f22");
    request.answer = AnswerMode::JsonFile(&["data", "file"]);
    request
}
