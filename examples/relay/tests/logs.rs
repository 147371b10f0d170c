//! What is logged, by everything in the process and at the finest level, while the whole story and its accidents are told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

// The same people and helpers as in the other tests; not all of them are needed here.
#[allow(dead_code)]
#[path = "relay/support.rs"]
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use sportello_simulator::{Call, Fault, Rule};
use support::*;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_holds_a_person_a_reference_or_a_token() {
    let kept = Kept::default();
    let writer = kept.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let simulator = simulator(vec![Rule::on(Call::Commit, Fault::CutAfter).nth(2)]).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "user-canary");
    caller.fill("reference-canary").await;
    caller
        .commit("reference-canary", "18.00")
        .await
        .refused(422, "price.differs");
    caller.commit("reference-canary", "19.00").await.ok();
    let events = caller.get("/submissions/reference-canary/events").await;
    assert!(events.text.contains("event: end"));
    caller.get("/submissions/reference-canary/delivery/0").await;
    caller.get("/submissions/reference-canary%20/..").await;
    caller.fill("second-canary").await;
    let body = json!({ "confirmPrice": "19.00", "allowDuplicate": true });
    caller.post("/submissions/second-canary/commit", body).await.ok();
    simulator.with_engine(|engine| engine.set_wallet(0));
    caller.fill("third-canary").await;
    caller.delete("/submissions/third-canary").await;
    Caller::with(&relay, Some("forged-canary.x".into()))
        .get("/services")
        .await;

    let log = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
    assert!(
        log.contains("sportello_relay: call") && log.contains("/submissions/{reference}/commit"),
        "nothing was logged"
    );
    let session = session("user-canary");
    let canaries = [
        CODICE_FISCALE,
        EMAIL,
        "Rosalia",
        "3331234567",
        "333 1234567",
        "canary",
        "identit",
        simulator.token(),
        session.split('.').next().unwrap(),
        KEY,
    ];
    // The callers of this test are in the process too, and what they send is theirs: reqwest tells whom it connects to, never what it says.
    for canary in canaries {
        let told: Vec<&str> = log.lines().filter(|line| line.contains(canary)).take(3).collect();
        assert!(told.is_empty(), "`{canary}` was logged: {told:#?}");
    }
}
