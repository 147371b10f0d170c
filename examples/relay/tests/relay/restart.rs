//! A relay that ends in the middle, and another that goes on.

use std::time::Duration;

use serde_json::json;
use sportello_simulator::{Call, Fault, Rule};

use super::support::*;

/// Runs something on a runtime of its own, which is then torn down as when a process ends: every task stops where it is.
fn in_a_process_that_ends<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let done = runtime.block_on(work);
        runtime.shutdown_background();
        done
    })
    .join()
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_in_the_middle_of_which_the_relay_ended_is_gone_on_with() {
    for fault in [
        // It has happened, nobody heard; it never arrived; it arrives when the relay is gone.
        Fault::Latency {
            before_ms: 0,
            after_ms: 3_000,
        },
        Fault::CutBefore,
        Fault::Late { after_ms: 300 },
    ] {
        let simulator = simulator(vec![Rule::on(Call::Commit, fault.clone())]).await;
        let shared = Shared::on_disk();
        let (first, config_of_first) = (shared.clone(), config(&simulator, &shared));
        tokio::task::spawn_blocking(move || {
            in_a_process_that_ends(async move {
                let relay = start(config_of_first, first).await;
                let caller = Caller::new(&relay, "u");
                caller.fill("cut").await;
                let request = caller.request(reqwest::Method::POST, "/submissions/cut/commit");
                let request = request.body(json!({ "confirmPrice": "19.00" }).to_string());
                let _ = request.timeout(Duration::from_millis(250)).send().await;
            });
        })
        .await
        .unwrap();
        let second = start(config(&simulator, &shared), shared.clone()).await;
        let caller = Caller::new(&second, "u");
        // Nobody has to ask for it again: the relay settles it when it starts.
        until("settled", || async {
            spent_and_gone(&second) && !simulator.ledger().is_empty()
        })
        .await;
        until("told", || async {
            caller.get("/submissions/cut").await.body["data"]["phase"] == "committed"
        })
        .await;
        caller.commit("cut", "19.00").await.ok();
        assert_eq!((simulator.ledger().len(), spent(&second)), (1, 1900), "{fault:?}");
    }
}

fn spent_and_gone(relay: &Relay) -> bool {
    spent(relay) == 1900 && holding(&relay.shared.path(), CODICE_FISCALE.as_bytes()).is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_outlives_the_relay() {
    let simulator = simulator(Vec::new()).await;
    let shared = Shared::on_disk();
    let (first, config_of_first) = (shared.clone(), config(&simulator, &shared));
    tokio::task::spawn_blocking(move || {
        in_a_process_that_ends(async move {
            let relay = start(config_of_first, first).await;
            Caller::new(&relay, "u").fill("draft").await;
        });
    })
    .await
    .unwrap();
    let second = start(config(&simulator, &shared), shared.clone()).await;
    let caller = Caller::new(&second, "u");
    assert_eq!(
        caller.get("/submissions/draft").await.ok()["filesHeld"]
            .as_object()
            .unwrap()
            .len(),
        2
    );
    caller.commit("draft", "19.00").await.ok();
    assert_eq!(simulator.ledger().len(), 1);
}
