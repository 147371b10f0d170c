//! A host with a network of its own in every script of a story: one charge, and no problem seen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

#[path = "../../relay/tests/relay/tiny_host.rs"]
mod tiny_host;

use std::sync::Arc;

use serde_json::{Value, json};
use sportello::client::SubmitRequest;
use sportello::flow::{Policy, RetryPolicy};
use sportello::host::{HostClient, HostConfig, HostJournal, HostOutcome};
use sportello::journal::{JournalKey, MemoryJournal};
use sportello::provider::ProviderKind;
use sportello::{AssegnoUnico, Attachment, Charged};
use sportello_conformance::{Options, SCRIPTS, Server};
use tiny_host::TinyHost;

fn pdf(name: &str) -> Attachment {
    let bytes = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".to_vec();
    Attachment::from_bytes(name, "application/pdf", bytes)
}

fn application() -> AssegnoUnico {
    AssegnoUnico {
        given_name: "Rosalia".into(),
        family_name: "Prova".into(),
        email: "rosalia.prova@example.org".into(),
        mobile: "333 1234567".into(),
        codice_fiscale: "PRVRSL90E52H501A".into(),
        identity_document: pdf("identity.pdf"),
        codice_fiscale_card: pdf("card.pdf"),
        mandate: None,
    }
}

/// Hands in while the network does this to the first call of a kind; the same reference again until it is known to be paid.
fn hand_in(origin: String, token: &str) {
    let policy = Policy {
        commit_timeout_ms: 1_000,
        quiet_margin_ms: 1_000,
        retry: RetryPolicy {
            base_ms: 5,
            cap_ms: 20,
            ..RetryPolicy::default()
        },
        ..Policy::default()
    };
    let config = HostConfig {
        provider: ProviderKind::Visengine,
        sends_once: true,
        policy,
        ..HostConfig::relay(origin)
    };
    let journal = HostJournal::Inside(Arc::new(MemoryJournal::new()));
    let client = HostClient::new(config, journal, JournalKey::from_bytes([7; 32])).unwrap();
    client.set_token(token);
    let mut host = TinyHost::new();
    let HostOutcome::Service(service) = host.perform(client.service("assegno-unico")).unwrap() else {
        panic!("no service")
    };
    let answers = application().answers(&service.form).unwrap();
    let request = SubmitRequest::new(service, answers, "host").confirm_price("19.00");
    let mut said = Vec::new();
    for _ in 0..4 {
        match host.perform(client.submit(request.clone())) {
            Ok(HostOutcome::Submission(submission)) if submission.charged == Charged::Yes => return,
            Ok(other) => panic!("{other:?}"),
            Err(error) => said.push(error.code()),
        }
    }
    panic!("it was never paid: {said:?}, calls {:?}", host.calls);
}

async fn story(script: &'static str) {
    let server = Server::start(Options::default()).await.unwrap();
    let body =
        json!({ "script": script, "on": "paid", "nth": 1, "times": 1, "timeoutMs": 1000, "quietMs": 2000 });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/_conformance/story", server.control_url());
    let begun = http.post(url).body(body.to_string()).send().await.unwrap();
    assert!(begun.status().is_success(), "{script}");
    let begun: Value = serde_json::from_slice(&begun.bytes().await.unwrap()).unwrap();
    let origin = begun["origin"].as_str().unwrap().to_owned();
    let token = server.simulator().unwrap().token().to_owned();
    let worked = tokio::task::spawn_blocking(move || hand_in(origin, &token)).await;
    assert!(worked.is_ok(), "{script}");
    let verdicts = server.verdicts().await;
    assert!(
        verdicts.iter().all(|verdict| verdict.good),
        "{script}: {verdicts:?}"
    );
    assert_eq!(server.simulator().unwrap().ledger().len(), 1, "{script}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_meets_every_script_and_pays_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let met = SCRIPTS.iter().map(|script| script.name);
    let met = met.filter(|name| !["plain", "refused"].contains(name));
    // They wait more than they work.
    let stories: Vec<_> = met.map(|name| (name, tokio::spawn(story(name)))).collect();
    assert_eq!(stories.len() + 2, SCRIPTS.len());
    for (name, story) in stories {
        story.await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
