//! A thousand submissions at once through one client, with a simulator in a process of its own that fails one call in five.
//!
//! Memory is measured of this process, so nothing else is tested in it.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

#[path = "processes/support.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sportello::client::transport::TransportConfig;
use sportello::client::{Client, Environment, SubmitRequest, Wait};
use sportello::flow::{RetryPolicy, WatchPolicy};
use sportello::model::Progress;
use sportello::{Answers, AssegnoUnico, Attachment, Service};
use support::Counter;

/// Connections of free calls, and as many of paid ones.
const CONNECTIONS: usize = 8;

/// A member of `/proc/self/status` in KiB.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// How many sockets this process holds.
fn sockets() -> u64 {
    let held = std::fs::read_dir("/proc/self/fd").unwrap();
    let is_socket = |entry: std::io::Result<std::fs::DirEntry>| {
        let target = entry.and_then(|entry| std::fs::read_link(entry.path()));
        target.is_ok_and(|target| target.to_string_lossy().starts_with("socket:"))
    };
    held.map(is_socket).filter(|is| *is).count() as u64
}

fn pdf(name: &str) -> Attachment {
    let content = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".to_vec();
    Attachment::from_bytes(name, "application/pdf", content)
}

fn answers(service: &Service) -> Answers {
    let application = AssegnoUnico {
        given_name: "Rosalia".into(),
        family_name: "Prova".into(),
        email: "rosella.prova@example.org".into(),
        mobile: "333 1234567".into(),
        codice_fiscale: "PRVRSL90E52H501A".into(),
        identity_document: pdf("identity.pdf"),
        codice_fiscale_card: pdf("card.pdf"),
        mandate: None,
    };
    application.answers(&service.form).unwrap()
}

/// One call in five goes wrong, each of five ways in turn.
fn one_in_five() -> serde_json::Value {
    let faults = [
        json!({ "kind": "cut_before" }),
        json!({ "kind": "cut_after" }),
        json!({ "kind": "status", "status": 502, "after_effect": true }),
        json!({ "kind": "truncated", "keep": 40 }),
        json!({ "kind": "status", "status": 503 }),
    ];
    let rule = |(at, fault)| json!({ "nth": 5 * (at + 1), "every": 25, "times": 0, "fault": fault });
    faults.into_iter().enumerate().map(rule).collect()
}

/// One submission to its end; how often a verb was called again.
async fn one(client: Client, service: Service, number: u64) -> u64 {
    let reference = format!("load-{number}");
    let mut again = 0;
    loop {
        let request = SubmitRequest::new(service.clone(), answers(&service), &reference);
        match client
            .submit(request.confirm_price("19.00").allow_duplicate())
            .await
        {
            Ok(_) => break,
            Err(error) => assert!(again < 60, "{reference}: {error}"),
        }
        again += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    loop {
        match client.wait(&reference, Duration::from_secs(120)).await {
            Ok(Wait::Ended(update)) if update.remote.progress == Progress::Delivered => return again,
            Ok(other) => panic!("{reference}: {other:?}"),
            Err(error) => assert!(again < 120, "{reference}: {error}"),
        }
        again += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A paid call's time limit holds its wait for a connection, so that more of them at once want more of it.
fn load(submissions: u64, commit_timeout: Duration, most_mib: u64) {
    let counter = Counter::open(1);
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let environment = Environment::Simulator {
        base_url: counter.url.clone(),
    };
    let client = Client::builder(environment)
        .token("sportello-simulator")
        .journal_path(folder.path().join("journal.sqlite"))
        .commit_timeout(commit_timeout)
        .quiet_margin(Duration::from_secs(1))
        .retry(RetryPolicy {
            base_ms: 20,
            cap_ms: 500,
            ..RetryPolicy::default()
        })
        .watch_rhythm(WatchPolicy {
            first_ms: 200,
            growth_percent: 150,
            cap_ms: 2_000,
            far_cap_ms: 2_000,
        })
        .transport(TransportConfig {
            max_connections: CONNECTIONS,
            ..TransportConfig::default()
        })
        .build()
        .unwrap();
    let service = runtime.block_on(client.service("assegno-unico")).unwrap();
    let rules = one_in_five().to_string();
    counter.control("POST", "faults", &rules);

    let (before, started) = (status("VmRSS:"), Instant::now());
    let sockets_before = sockets();
    let (most_sockets, most_memory) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let over = Arc::new(AtomicBool::new(false));
    let watcher = std::thread::spawn({
        let (sockets_seen, memory, over) = (
            Arc::clone(&most_sockets),
            Arc::clone(&most_memory),
            Arc::clone(&over),
        );
        move || {
            while !over.load(Ordering::SeqCst) {
                sockets_seen.fetch_max(sockets(), Ordering::SeqCst);
                memory.fetch_max(status("VmRSS:"), Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    });
    let again: u64 = runtime.block_on(async {
        let tasks: Vec<_> = (0..submissions)
            .map(|number| tokio::spawn(one(client.clone(), service.clone(), number)))
            .collect();
        let mut again = 0;
        for task in tasks {
            again += task.await.unwrap();
        }
        again
    });
    let took = started.elapsed();
    over.store(true, Ordering::SeqCst);
    watcher.join().unwrap();

    counter.control("DELETE", "faults", "");
    let charged = counter.charged();
    let different: BTreeSet<&String> = charged.iter().collect();
    let entries = runtime.block_on(client.journal_entries()).unwrap();
    let journalled: BTreeSet<String> = entries.into_iter().filter_map(|entry| entry.id).collect();
    assert_eq!(charged.len() as u64, submissions, "one charge each");
    assert_eq!(different.len() as u64, submissions);
    assert!(different.iter().all(|id| journalled.contains(*id)));
    let log = counter.control("GET", "log", "");
    let calls = log.as_array().unwrap().len();
    let grown = most_memory.load(Ordering::SeqCst).saturating_sub(before);
    let held = most_sockets.load(Ordering::SeqCst).saturating_sub(sockets_before);
    println!(
        "proof: load_submissions={submissions} delivered={submissions} charges={} calls={calls} again={again} seconds={:.1} rss_grown_kib={grown} sockets={held}",
        charged.len(),
        took.as_secs_f64(),
    );
    assert!(grown < most_mib * 1024, "{grown} KiB more than at the start");
    // A lane of free calls and one of paid ones; on a busy machine those that were just let go are seen as well.
    assert!(held <= 4 * CONNECTIONS as u64, "{held} sockets");
}

#[test]
fn a_hundred_at_once() {
    load(100, Duration::from_secs(2), 60);
}

/// `cargo test --release -p sportello-cli --test load -- a_thousand --nocapture`: a release build only, because the memory of a debug build says
/// nothing; run by `cargo xtask prove`.
#[cfg(not(debug_assertions))]
#[test]
fn a_thousand_at_once() {
    load(1_000, Duration::from_secs(10), 60);
}
