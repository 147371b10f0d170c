//! What is logged and printed: names, numbers and identifiers, never what they are about.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use sportello::client::transport::{Authorization, Perform, Transport, TransportConfig};
use sportello::http::{Body, Call, HttpRequest, Method};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::server::{nobody, polite};
use super::{TOKEN, config, token};

/// Every canary that stands in what is sent or received below.
const CANARIES: [&str; 4] = [TOKEN, "canary-query", "canary-body", "canary-answer"];

#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0.lock().unwrap(), "{}={value:?} ", field.name());
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let _ = write!(self.0.lock().unwrap(), "\n{} ", event.metadata().target());
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn the_log_holds_no_token_no_query_no_body() {
    let everything = Everything::default();
    let _guard = tracing::subscriber::set_default(everything.clone());
    // With a single subscriber, an event that another test's thread reaches first is switched off for good, because that thread has none; with a second
    // one all of them are asked.
    let _second = tracing::Dispatch::new(Everything::default());
    let token = token();
    let body = Body::json(&serde_json::json!({ "cf": "canary-body" }));
    let request = HttpRequest::new(Call::Fill, Method::Put, "/richiesta/5f22?q=canary-query").with_body(body);
    let options = Perform {
        authorization: Some(Authorization::Bearer(&token)),
        ..Perform::default()
    };
    let server = polite("{\"cf\":\"canary-answer\"}").await;
    let response = Transport::new(config(&server.origin))
        .unwrap()
        .perform(&request, options)
        .await
        .unwrap();
    let failure = Transport::new(config(&nobody().await))
        .unwrap()
        .perform(&request, options)
        .await
        .unwrap_err();
    // They did travel.
    assert!(server.seen.text().contains(TOKEN) && server.seen.text().contains("canary-body"));
    assert_eq!(response.body, b"{\"cf\":\"canary-answer\"}");

    let log = everything.0.lock().unwrap().clone();
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.starts_with("sportello::transport "))
        .collect();
    let [answered, failed] = lines.as_slice() else {
        panic!("{log}")
    };
    for part in [
        "call=\"fill\"",
        "method=\"PUT\"",
        "path=\"/richiesta/5f22\"",
        "outcome=200",
        "millis=",
        "sent=20",
        "received=22",
    ] {
        assert!(answered.contains(part), "{part} in {answered}");
    }
    assert!(
        failed.contains("outcome=Unreachable") && failed.contains("sent=0"),
        "{failed}"
    );
    let printed = format!("{token:?} {options:?} {response:?} {failure:?}");
    for canary in CANARIES {
        assert!(!log.contains(canary), "{canary} in {log}");
        assert!(!printed.contains(canary), "{canary} in {printed}");
    }
}

#[test]
fn debug_shows_the_origin_and_no_secret() {
    let proxy = Some("https://user:canary-password@proxy.example.test".to_owned());
    let config = TransportConfig {
        proxy,
        ..config("https://api.example.test")
    };
    let printed = format!(
        "{config:?} {:?} {:?}",
        Transport::new(config.clone()).unwrap(),
        token()
    );
    assert!(printed.contains("https://api.example.test") && printed.contains("SecretToken(masked)"));
    assert!(!printed.contains("canary"), "{printed}");
}
