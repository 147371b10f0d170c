//! Peak memory of a client that hands in three files of 50 MB and fetches a delivery of 100 MB, over one that is idle. The client runs in a process of its
//! own, so that the simulator's memory does not count. Linux only: it reads /proc.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark fails loudly"
)]

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sportello::client::{Client, Environment, SubmitRequest};
use sportello::{Answers, Attachment};
use sportello_simulator::{Call, Config, Fault, Rule, Simulator};

const FILE: usize = 50_000_000;
const DELIVERY: u64 = 100_000_000;

fn kib(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn scan(path: &Path) -> Attachment {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    file.write_all(b"%PDF-1.7\n").unwrap();
    for piece in 0..FILE / 1000 {
        file.write_all(&[u8::try_from(piece % 251).unwrap(); 1000])
            .unwrap();
    }
    file.write_all(b"\n%%EOF\n").unwrap();
    drop(file);
    Attachment::from_path(path).unwrap()
}

async fn child(base_url: String, token: String) {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.sqlite");
    let client = Client::builder(Environment::Simulator { base_url })
        .token(token)
        .journal_path(journal)
        .build()
        .unwrap();
    let service = client.service("assegno-unico").await.unwrap();
    let answers = Answers::new()
        .with("$0", "Rosalia")
        .with("$1", "Prova")
        .with("$2", "rosalia.prova@example.org")
        .with("$3", "3331234567")
        .with("$4", "PRVRSL90E52H501A")
        .with("$5", scan(&folder.path().join("identity.pdf")))
        .with("$6", scan(&folder.path().join("card.pdf")))
        .with("$7", scan(&folder.path().join("mandate.pdf")));
    let idle = kib("VmRSS");
    client
        .submit(SubmitRequest::new(service, answers, "large").confirm_price("19.00"))
        .await
        .expect("handed in");
    let up = kib("VmHWM");
    client.wait("large", Duration::from_secs(60)).await.unwrap();
    let delivery = client.delivery("large", folder.path()).await.expect("fetched");
    let down = kib("VmHWM");
    let delivered: u64 = delivery.files.iter().map(|file| file.len).sum();
    assert!(delivered >= DELIVERY, "{}", delivered);
    let mib = |peak: u64| (peak.saturating_sub(idle)) as f64 / 1024.0;
    println!("idle client: {:.1} MiB", idle as f64 / 1024.0);
    println!("three files of 50 MB up: {:.1} MiB above it", mib(up));
    println!(
        "and a delivery of {} MB down: {:.1} MiB above it (budget 40)",
        delivered / 1_000_000,
        mib(down)
    );
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    if let (Some("--child"), Some(url), Some(token)) =
        (arguments.next().as_deref(), arguments.next(), arguments.next())
    {
        return child(url, token).await;
    }
    let large = Rule::on(Call::Document, Fault::LargeDelivery { bytes: DELIVERY }).times(0);
    let simulator = Simulator::start(Config {
        faults: vec![large],
        ..Config::default()
    })
    .await
    .unwrap();
    let (url, token) = (simulator.base_url(), simulator.token().to_owned());
    let status = tokio::task::spawn_blocking(move || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--child", &url, &token])
            .status()
            .unwrap()
    });
    assert!(status.await.unwrap().success());
}
