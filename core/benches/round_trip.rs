//! What the library costs over bare reqwest: a whole submission with a memory journal, and the same six HTTP calls and the same encoding written by hand,
//! turn by turn in one run against one simulator. The paid call goes out on a fresh connection on both sides. Prints the ratio of the medians and the
//! journal's writes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark fails loudly"
)]

use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use sportello::client::{Client, Environment, SubmitRequest};
use sportello::{Answers, Attachment, Service};
use sportello_simulator::{Config, Simulator};

const ROUNDS: usize = 150;
const FILE: usize = 60_000;
const HASH: &str = "224fcc49770edad354cdd9c480a7e50e";

fn scan() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(FILE, b'x');
    bytes.extend_from_slice(b"\n%%EOF\n");
    bytes
}

fn answers() -> Answers {
    let file = |name: &str| Attachment::from_bytes(name, "application/pdf", scan());
    Answers::new()
        .with("$0", "Rosalia")
        .with("$1", "Prova")
        .with("$2", "rosalia.prova@example.org")
        .with("$3", "3331234567")
        .with("$4", "PRVRSL90E52H501A")
        .with("$5", file("identity.pdf"))
        .with("$6", file("card.pdf"))
}

async fn library(client: &Client, service: &Service, round: usize) -> Duration {
    let request = SubmitRequest::new(service.clone(), answers(), format!("round-{round}"));
    let begun = Instant::now();
    client
        .submit(request.confirm_price("19.00").allow_duplicate())
        .await
        .expect("handed in");
    begun.elapsed()
}

async fn bare(http: &reqwest::Client, fresh: &reqwest::Client, base: &str, token: &str) -> Duration {
    let scans = [("$5", "identity.pdf", scan()), ("$6", "card.pdf", scan())];
    let begun = Instant::now();
    let call = async |method: reqwest::Method, path: String, body: Option<Value>| -> Value {
        let paid = body
            .as_ref()
            .is_some_and(|body| body.get("state") == Some(&json!(1)));
        let mut request = if paid { fresh } else { http }
            .request(method, format!("{base}{path}"))
            .bearer_auth(token);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice(&answer).unwrap()
    };
    let draft = call(
        reqwest::Method::POST,
        "/richiesta".into(),
        Some(json!({ "state": 0, "hash_visura": HASH })),
    )
    .await;
    let id = draft
        .pointer("/data/_id")
        .and_then(Value::as_str)
        .unwrap()
        .to_owned();
    let at = format!("/richiesta/{id}");
    let texts = json!({ "$0": "Rosalia", "$1": "Prova", "$2": "rosalia.prova@example.org", "$3": "3331234567",
        "$4": "PRVRSL90E52H501A", "$5": "", "$6": "", "$7": "" });
    call(
        reqwest::Method::PUT,
        at.clone(),
        Some(json!({ "state": 0, "json_visura": texts })),
    )
    .await;
    for (key, name, scan) in scans {
        let content = base64::engine::general_purpose::STANDARD.encode(scan);
        let value = format!("{name}|data:application/pdf;base64,{content}");
        call(
            reqwest::Method::PUT,
            at.clone(),
            Some(json!({ "state": 0, format!("json_visura.{key}"): value })),
        )
        .await;
    }
    call(reqwest::Method::GET, at.clone(), None).await;
    let paid = call(reqwest::Method::PUT, at, Some(json!({ "state": 1 }))).await;
    assert_eq!(paid.pointer("/success"), Some(&Value::Bool(true)));
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[tokio::main]
async fn main() {
    let simulator = Simulator::start(Config {
        wallet_cents: 100_000_000,
        ..Config::default()
    })
    .await
    .unwrap();
    let environment = || Environment::Simulator {
        base_url: simulator.base_url(),
    };
    let client = Client::builder(environment())
        .token(simulator.token())
        .memory_journal()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let durable = Client::builder(environment())
        .token(simulator.token())
        .journal_path(&path)
        .build()
        .unwrap();
    let service = client.service("assegno-unico").await.unwrap();
    // The library brings its TLS provider along; bare reqwest wants one for the process.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let fresh = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    let (mut ours, mut theirs, mut on_disk) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        ours.push(library(&client, &service, round).await);
        theirs.push(bare(&http, &fresh, &simulator.base_url(), simulator.token()).await);
        on_disk.push(library(&durable, &service, round).await);
    }
    let (ours, theirs, on_disk) = (median(ours), median(theirs), median(on_disk));
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    let entry = durable.journal_entry("round-0").await.unwrap().unwrap();
    println!(
        "one submission, medians of {ROUNDS}: bare reqwest {theirs:.1?}, with a memory journal {ours:.1?}, with SQLite {on_disk:.1?}"
    );
    println!("memory journal / bare reqwest: {ratio:.2} (budget 1.15)");
    println!(
        "journal writes per submission: {} (each one transaction in WAL mode with synchronous=FULL: one fsync)",
        entry.seq
    );
}
