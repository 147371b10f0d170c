//! Deliveries at addresses of their own: what is fetched, what is not, and that the token never goes there.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sportello::client::{Client, Environment, ProviderKind, ResumedState, SubmitRequest};
use sportello::{Answers, SportelloError};
use sportello_simulator::{Call, Config, Fault, Rule, Simulator, Storage, Switches};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::support::*;

async fn ready(switches: Switches, faults: Vec<Rule>) -> (Simulator, Client) {
    let simulator = simulator(Config {
        switches,
        faults,
        ..Config::default()
    })
    .await;
    let environment = Environment::Simulator {
        base_url: simulator.base_url(),
    };
    let client = builder(environment, simulator.token())
        .provider(ProviderKind::DocuEngine)
        .build()
        .unwrap();
    let service = client.service("Statuto").await.unwrap();
    let mut answers = Answers::new();
    answers.set("taxCode", "12485671007");
    let request = SubmitRequest::new(service, answers, "links").confirm_price("4.90");
    client.submit(request).await.unwrap();
    client.wait("links", Duration::from_secs(10)).await.unwrap();
    (simulator, client)
}

fn forbidden() -> Fault {
    Fault::Status {
        status: 403,
        retry_after_s: None,
        after_effect: false,
    }
}

async fn fetch(client: &Client) -> Result<usize, SportelloError> {
    let folder = tempfile::tempdir().unwrap();
    let delivery = client.delivery("links", folder.path()).await;
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    match delivery {
        Ok(delivery) => {
            assert_eq!(left, delivery.files.len());
            Ok(left)
        }
        Err(error) => {
            assert_eq!(left, 0, "nothing half fetched is left behind");
            Err(error)
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_what_was_announced_or_nothing() {
    for storage in [Storage::WrongMd5, Storage::WrongSize] {
        let (_simulator, client) = ready(
            Switches {
                storage: storage.clone(),
                ..Switches::default()
            },
            Vec::new(),
        )
        .await;
        let error = fetch(&client).await.unwrap_err();
        assert!(
            ["delivery.corrupt", "answer.unreadable"].contains(&error.code()),
            "{storage:?}: {error}"
        );
        assert!(error.is_retryable());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_has_run_out_is_asked_for_again() {
    let (simulator, client) = ready(
        Switches::default(),
        vec![Rule::on(Call::Download, forbidden()).times(1)],
    )
    .await;
    assert_eq!(fetch(&client).await.unwrap(), 1);
    let lists = simulator.with_engine(|engine| {
        let calls = engine.log().iter();
        calls
            .filter(|call| call.path.starts_with("/requests/") && call.path.ends_with("/documents"))
            .count()
    });
    assert_eq!(lists, 2);
    // One that never works ends with a clear word.
    simulator.with_engine(|engine| engine.add_fault(Rule::on(Call::Download, forbidden()).times(100)));
    assert_eq!(fetch(&client).await.unwrap_err().code(), "delivery.link_refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_inside_networks_are_never_asked() {
    for base in [
        "http://10.0.0.1",
        "https://192.168.0.1",
        "https://169.254.169.254",
        "http://storage.example.org",
        "ftp://127.0.0.1",
    ] {
        let switches = Switches {
            download_base: Some(base.to_owned()),
            ..Switches::default()
        };
        let (_simulator, client) = ready(switches, Vec::new()).await;
        let started = std::time::Instant::now();
        let error = fetch(&client).await.unwrap_err();
        assert_eq!(error.code(), "delivery.address_refused", "{base}");
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{base}: nothing was tried"
        );
        assert!(!error.to_string().contains("10.0.0.1"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_never_goes_where_a_redirect_or_a_signed_address_leads() {
    // A listener that writes down the head of whatever it is asked.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 8192];
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            heard
                .lock()
                .unwrap()
                .push(String::from_utf8_lossy(&buffer[..read]).to_lowercase());
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno")
                .await;
        }
    });
    // Deliveries that lie at the listener: asked, without the token, and refused for being no such file.
    let switches = Switches {
        download_base: Some(elsewhere.clone()),
        ..Switches::default()
    };
    let (simulator, client) = ready(switches, Vec::new()).await;
    fetch(&client).await.unwrap_err();
    let asked = heads.lock().unwrap().len();
    assert!(asked > 0);
    // A storage that redirects there: not followed.
    simulator.with_engine(|engine| {
        engine.set_switches(Switches {
            storage: Storage::Redirect {
                to: format!("{elsewhere}/x"),
            },
            ..Switches::default()
        });
    });
    assert_eq!(fetch(&client).await.unwrap_err().code(), "network.redirect");
    assert_eq!(heads.lock().unwrap().len(), asked);
    for head in heads.lock().unwrap().iter() {
        assert!(
            !head.contains("authorization") && !head.contains(simulator.token()),
            "{head}"
        );
    }
    assert!(simulator.storage_log().iter().all(|call| !call.authorization));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ready_is_fetched_first() {
    let (_simulator, client) = ready(Switches::default(), Vec::new()).await;
    let told = client.resume().await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].state, ResumedState::Ready, "said plainly");
    let folder = tempfile::tempdir().unwrap();
    let told = client.resume_into(Some(folder.path())).await.unwrap();
    assert_eq!(told[0].state, ResumedState::Fetched);
    assert_eq!(std::fs::read_dir(folder.path().join("links")).unwrap().count(), 1);
    let entry = client.journal_entry("links").await.unwrap().unwrap();
    assert_eq!(entry.files.len(), 1);
    assert_eq!(entry.files[0].sha256.len(), 64);
    assert!(client.resume_into(Some(folder.path())).await.unwrap().is_empty());
}
