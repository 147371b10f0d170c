//! Callbacks: really sent by the simulator, received by a server of a few lines, and everything that pretends to be one.

use std::sync::Arc;
use std::time::Duration;

use sportello::Answers;
use sportello::callback::MAX_CALLBACK_BYTES;
use sportello::client::{Client, Environment, ProviderKind, SubmitRequest};
use sportello::model::Progress;
use sportello_simulator::{Config, Simulator, Stages};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::support::*;

/// A callback as it came.
#[derive(Clone)]
struct Came {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Takes callbacks in, one connection each.
async fn receiver() -> (String, mpsc::UnboundedReceiver<Came>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (give, came) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = Vec::new();
            let mut buffer = [0; 4096];
            let (head, length) = loop {
                let read = stream.read(&mut buffer).await.unwrap();
                bytes.extend_from_slice(&buffer[..read]);
                if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
                    let length = head
                        .lines()
                        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok())
                        .unwrap_or(0);
                    break (head, end + 4 + length);
                }
            };
            while bytes.len() < length {
                let read = stream.read(&mut buffer).await.unwrap();
                bytes.extend_from_slice(&buffer[..read]);
            }
            let start = head.len() + 4;
            let headers = head
                .lines()
                .skip(1)
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let body = bytes[start..].to_vec();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await
                .unwrap();
            let _ = give.send(Came { headers, body });
        }
    });
    (url, came)
}

async fn slow_simulator() -> Simulator {
    let stages = Stages {
        searching_ms: 150,
        working_ms: 150,
        ready_ms: 150,
    };
    Simulator::start(Config {
        stages,
        ..Config::default()
    })
    .await
    .unwrap()
}

fn of(simulator: &Simulator, provider: ProviderKind) -> Client {
    let environment = Environment::Simulator {
        base_url: simulator.base_url(),
    };
    builder(environment, simulator.token())
        .provider(provider)
        .build()
        .unwrap()
}

async fn hand_in(client: &Client, provider: ProviderKind, reference: &str, url: &str) {
    let request = match provider {
        ProviderKind::DocuEngine => {
            let service = client.service("Statuto").await.unwrap();
            let mut answers = Answers::new();
            answers.set("taxCode", "12485671007");
            SubmitRequest::new(service, answers, reference).confirm_price("4.90")
        }
        _ => request(client, reference).await,
    };
    let request = request.allow_duplicate().callback_url(url);
    client.submit(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_read_authenticated_and_confirmed() {
    for provider in [ProviderKind::Visengine, ProviderKind::DocuEngine] {
        let simulator = slow_simulator().await;
        let client = of(&simulator, provider);
        let (url, mut came) = receiver().await;
        hand_in(&client, provider, "called", &url).await;
        let mut last = None;
        let mut received = Vec::new();
        while last != Some(Progress::Delivered) {
            let one = tokio::time::timeout(Duration::from_secs(10), came.recv())
                .await
                .expect("a callback")
                .unwrap();
            received.push(one.clone());
            let event = client.receive_callback(&one.headers, &one.body).await.unwrap();
            assert_eq!(event.submission.reference, "called");
            last = Some(event.submission.remote.unwrap().progress);
        }
        // Sent again, by whomever: nothing has changed.
        for one in &received {
            let event = client.receive_callback(&one.headers, &one.body).await.unwrap();
            assert!(!event.changed);
        }
        assert_eq!(simulator.ledger().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_proves_nothing_is_turned_away_before_anybody_is_asked() {
    for provider in [ProviderKind::Visengine, ProviderKind::DocuEngine] {
        let simulator = slow_simulator().await;
        let client = of(&simulator, provider);
        let (url, mut came) = receiver().await;
        hand_in(&client, provider, "mine", &url).await;
        let mine = came.recv().await.unwrap();
        hand_in(&client, provider, "other", &url).await;
        let other = loop {
            let one = came.recv().await.unwrap();
            let id = client.journal_entry("other").await.unwrap().unwrap().id.unwrap();
            if String::from_utf8_lossy(&one.body).contains(&id) {
                break one;
            }
        };
        let asked = || simulator.with_engine(|engine| engine.log().len());
        let before = asked();
        let nothing: Vec<(String, String)> = Vec::new();
        let text = String::from_utf8(mine.body.clone()).unwrap();
        let proof_in = |text: &str| {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let proof = match provider {
                ProviderKind::DocuEngine => value["data"]["callback"]["headers"]["x-sportello-proof"].clone(),
                _ => value["data"]["callback_data"]["data"]["sportello_proof"].clone(),
            };
            proof.as_str().unwrap().to_owned()
        };
        let proof = proof_in(&text);
        let others_proof = proof_in(&String::from_utf8(other.body.clone()).unwrap());
        assert_ne!(proof, others_proof, "each submission has a proof of its own");
        let without: Vec<(String, String)> = (mine.headers.iter())
            .filter(|(name, _)| !name.eq_ignore_ascii_case("x-sportello-proof"))
            .cloned()
            .collect();
        for (what, headers, body) in [
            ("no proof", &nothing, text.replace(&proof, "")),
            (
                "a proof of zeros",
                &without,
                text.replace(&proof, &"0".repeat(64)),
            ),
            ("half a proof", &without, text.replace(&proof, &proof[..32])),
            ("another's proof", &without, text.replace(&proof, &others_proof)),
            (
                "nothing of ours",
                &nothing,
                r#"{"data":{"id":"1","_id":"1"}}"#.to_owned(),
            ),
        ] {
            let error = client
                .receive_callback(headers, body.as_bytes())
                .await
                .unwrap_err();
            assert_eq!(error.code(), "callback.not_authentic", "{what}");
            assert!(!error.to_string().contains(&proof));
        }
        assert_eq!(asked(), before, "nobody was asked on their account");
        // Our own proof on another submission's id is no proof either.
        let (my_id, other_id) = (
            client.journal_entry("mine").await.unwrap().unwrap().id.unwrap(),
            client.journal_entry("other").await.unwrap().unwrap().id.unwrap(),
        );
        let error = client
            .receive_callback(&mine.headers, text.replace(&my_id, &other_id).as_bytes())
            .await
            .unwrap_err();
        assert_eq!(error.code(), "callback.not_authentic");
        let error = client
            .receive_callback(&nothing, &vec![b' '; MAX_CALLBACK_BYTES + 1])
            .await
            .unwrap_err();
        assert_eq!(error.code(), "callback.too_large");
        let error = client
            .receive_callback(&nothing, b"not a callback")
            .await
            .unwrap_err();
        assert_eq!(error.code(), "callback.unreadable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_replays_asks_once() {
    let simulator = Arc::new(slow_simulator().await);
    let client = of(&simulator, ProviderKind::Visengine);
    let (url, mut came) = receiver().await;
    hand_in(&client, ProviderKind::Visengine, "storm", &url).await;
    let one = came.recv().await.unwrap();
    client.receive_callback(&one.headers, &one.body).await.unwrap();
    let before = simulator.with_engine(|engine| engine.log().len());
    let started = std::time::Instant::now();
    let storm: Vec<_> = (0..500)
        .map(|_| {
            let (client, one) = (client.clone(), one.clone());
            tokio::spawn(async move { client.receive_callback(&one.headers, &one.body).await.map(drop) })
        })
        .collect();
    for one in storm {
        one.await.unwrap().unwrap();
    }
    let asked = simulator.with_engine(|engine| engine.log().len()) - before;
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap();
    assert!(asked <= seconds + 2, "{asked} questions in {seconds} s");
}
