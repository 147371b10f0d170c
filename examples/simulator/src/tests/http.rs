//! The same over a socket.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{
    ASSEGNO, answers,
    docuengine::{COMPANY, STATUTO},
};
use crate::{Call, Config, Fault, Rule, Simulator, Stages, Storage, Switches};

/// One exchange on a connection of its own: the raw answer, or how the connection broke.
async fn raw(simulator: &Simulator, head: &str, body: &[u8]) -> (Vec<u8>, std::io::Result<usize>) {
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let head = format!(
        "{head} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        simulator.address(),
        simulator.token(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer).await;
    (answer, end)
}

async fn call(simulator: &Simulator, head: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    let (answer, end) = raw(simulator, head, &body).await;
    end.unwrap();
    let text = String::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (
        head[9..12].parse().unwrap(),
        serde_json::from_str(body).unwrap_or_default(),
    )
}

async fn committed(simulator: &Simulator, more: Value) -> String {
    let mut body = json!({"hash_visura": ASSEGNO, "json_visura": answers()});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let (status, answer) = call(simulator, "POST /richiesta", body).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"]["_id"].as_str().unwrap().to_owned()
}

fn fast() -> Config {
    Config {
        stages: Stages {
            searching_ms: 40,
            working_ms: 40,
            ready_ms: 40,
        },
        ..Config::default()
    }
}

#[tokio::test]
async fn from_the_catalogue_to_the_delivery() {
    let simulator = Simulator::start(Config::default()).await.unwrap();
    assert!(simulator.base_url().starts_with("http://127.0.0.1:"));
    let (_, services) = call(&simulator, "GET /visure", Value::Null).await;
    assert_eq!(services["data"].as_array().unwrap().len(), 92);
    let id = committed(&simulator, json!({})).await;
    assert_eq!(
        call(&simulator, &format!("GET /documento/{id}"), Value::Null)
            .await
            .0,
        422
    );
    simulator.skip(Duration::from_secs(4));
    assert_eq!(
        call(&simulator, &format!("GET /documento/{id}"), Value::Null)
            .await
            .0,
        200
    );
    assert_eq!(simulator.ledger().len(), 1);
    simulator.shutdown().await;
}

#[tokio::test]
async fn cuts_are_resets_and_happen_before_or_after() {
    let simulator = Simulator::start(fast()).await.unwrap();
    let body = json!({"hash_visura": ASSEGNO, "json_visura": answers()}).to_string();
    for (fault, charges) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        simulator.with_engine(|engine| engine.add_fault(Rule::on(Call::Open, fault)));
        let (answer, end) = raw(&simulator, "POST /richiesta", body.as_bytes()).await;
        assert!(answer.is_empty());
        assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
        assert_eq!(simulator.ledger().len(), charges);
    }
    simulator.with_engine(|engine| engine.add_fault(Rule::new(Fault::Truncated { keep: 12 })));
    let (answer, end) = raw(&simulator, "GET /visure", b"").await;
    assert!(answer.ends_with(b"\r\n\r\n{\"data\":[{\"h") || answer.ends_with(b"\r\n\r\n{\"data\":[{\"n"));
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn zeros_go_on_until_the_caller_has_enough() {
    let simulator = Simulator::start(fast()).await.unwrap();
    simulator.with_engine(|engine| {
        engine.add_fault(Rule::new(Fault::Zeros {
            bytes: 10_000_000_000,
        }))
    });
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let head = format!(
        "GET /visure HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
        simulator.token()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut some = vec![0; 4 * 1024 * 1024];
    stream.read_exact(&mut some).await.unwrap();
    assert!(
        !String::from_utf8_lossy(&some[..400])
            .to_ascii_lowercase()
            .contains("content-length")
    );
}

#[tokio::test]
async fn large_files_are_measured_and_forgotten() {
    let simulator = Simulator::start(fast()).await.unwrap();
    let content = "AAAA".repeat(1_000_000);
    let body = json!({"state": 0, "hash_visura": ASSEGNO,
        "json_visura": {"$5": format!("a.pdf|data:application/pdf;base64,{content}")}});
    let (status, answer) = call(&simulator, "POST /richiesta", body).await;
    assert_eq!(status, 200);
    assert!(answer.to_string().len() < 4_096);
    let seen = simulator
        .with_engine(|engine| engine.submissions().next())
        .unwrap();
    assert!(matches!(seen.field("$5"), Some(crate::FieldSeen::File(file)) if file.len == 3_000_000));
}

#[tokio::test]
async fn callbacks_are_really_sent() {
    let simulator = Simulator::start(fast()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/avvisi?a=1", listener.local_addr().unwrap());
    committed(
        &simulator,
        json!({"callback_data": {"url": url, "field": "esito", "data": {"n": 7}}}),
    )
    .await;
    let received = timeout(Duration::from_secs(5), async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut text = Vec::new();
        while !String::from_utf8_lossy(&text).contains("Visura") && text.len() < 200_000 {
            let mut part = [0; 4_096];
            let len = stream.read(&mut part).await.unwrap();
            text.extend_from_slice(&part[..len]);
            if len < part.len() {
                break;
            }
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        String::from_utf8(text).unwrap()
    });
    let text = received.await.unwrap();
    assert!(text.starts_with("POST /avvisi?a=1 HTTP/1.1\r\n"), "{text}");
    assert!(text.contains("\r\n\r\nesito=%7B"), "{text}");
    assert!(text.contains("In%20erogazione"));
}

/// `GET` of an absolute address on this machine, with these extra header lines.
async fn fetch(url: &str, headers: &str) -> Vec<u8> {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_at(url[7..].find('/').unwrap());
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{headers}connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _cut = stream.read_to_end(&mut answer).await;
    answer
}

#[tokio::test]
async fn deliveries_lie_at_another_address_that_notes_tokens() {
    let simulator = Simulator::start(fast()).await.unwrap();
    let body = json!({"documentId": STATUTO, "search": {"field0": COMPANY}});
    let (_, request) = call(&simulator, "POST /requests", body).await;
    let id = request["data"]["id"].as_str().unwrap().to_owned();
    simulator.skip(Duration::from_secs(1));
    let list = format!("GET /requests/{id}/documents");
    let (status, files) = call(&simulator, &list, Value::Null).await;
    assert_eq!(status, 200, "{files}");
    let url = files["data"][0]["downloadUrl"].as_str().unwrap();
    assert!(url.starts_with(&simulator.storage_url()) && !url.starts_with(&simulator.base_url()));
    let pdf = fetch(url, "").await;
    assert!(pdf.starts_with(b"HTTP/1.1 200") && pdf.windows(5).any(|part| part == b"%PDF-"));
    let _again = fetch(url, "authorization: Bearer x\r\n").await;
    let seen: Vec<_> = simulator
        .storage_log()
        .iter()
        .map(|call| call.authorization)
        .collect();
    assert_eq!(seen, [false, true]);
    // Neither origin serves the other's paths.
    let here = url.replace(&simulator.storage_url(), &simulator.base_url());
    assert!(fetch(&here, "").await.starts_with(b"HTTP/1.1 404"));
    let there = format!("{}/documents", simulator.storage_url());
    assert!(fetch(&there, "").await.starts_with(b"HTTP/1.1 404"));
    let (_, log) = call(&simulator, "GET /_simulator/log", Value::Null).await;
    assert_eq!(
        (&log[0]["api"], &log[0]["authorization"]),
        (&json!("docuengine"), &json!(true))
    );
    let page = String::from_utf8(raw(&simulator, "GET /", b"").await.0).unwrap();
    assert!(page.contains(&id) && page.contains("Statuto") && !page.contains(COMPANY));
}

#[tokio::test]
async fn a_download_is_cut_where_the_storage_is_told_to() {
    let simulator = Simulator::start(Config {
        switches: Switches {
            storage: Storage::Cut,
            ..Switches::default()
        },
        ..fast()
    })
    .await
    .unwrap();
    let body = json!({"documentId": STATUTO, "search": {"field0": COMPANY}});
    let (_, request) = call(&simulator, "POST /requests", body).await;
    simulator.skip(Duration::from_secs(1));
    let list = format!(
        "GET /requests/{}/documents",
        request["data"]["id"].as_str().unwrap()
    );
    let (_, files) = call(&simulator, &list, Value::Null).await;
    let size: usize = files["data"][0]["fileSize"].as_str().unwrap().parse().unwrap();
    let part = fetch(files["data"][0]["downloadUrl"].as_str().unwrap(), "").await;
    assert!(part.len() < size, "{} of {size}", part.len());
}

#[tokio::test]
async fn tokens_can_be_revoked_in_the_middle() {
    let simulator = Simulator::start(fast()).await.unwrap();
    let (status, revoked) = call(&simulator, "POST /_simulator/tokens/revoke", Value::Null).await;
    assert_eq!((status, revoked), (200, json!({"revoked": 0})));
}

#[tokio::test]
async fn the_page_shows_the_ledger_and_no_applicant() {
    let simulator = Simulator::start(fast()).await.unwrap();
    let id = committed(&simulator, json!({})).await;
    let (page, _) = raw(&simulator, "GET /", b"").await;
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains(&id) && page.contains("19.00\u{a0}€") && page.contains("981.00"));
    for private in ["Chiara", "chiara.prova", "RSSMRA85", "3330000000"] {
        assert!(!page.contains(private));
    }
}

#[tokio::test]
async fn controls_work_from_outside_but_not_from_a_web_page() {
    let simulator = Simulator::start(fast()).await.unwrap();
    let rule = json!({"call": "open", "fault": {"kind": "status", "status": 502}});
    assert_eq!(call(&simulator, "POST /_simulator/faults", rule).await.0, 200);
    assert_eq!(call(&simulator, "POST /richiesta", json!({})).await.0, 502);
    let (status, switches) = call(&simulator, "POST /_simulator/switches", json!({"echo": "none"})).await;
    assert_eq!((status, &switches["echo"]), (200, &json!("none")));
    assert_eq!(
        call(&simulator, "POST /_simulator/switches", json!({"eco": "none"}))
            .await
            .0,
        400
    );
    call(&simulator, "POST /_simulator/wallet", json!({"cents": 1_900})).await;
    committed(&simulator, json!({})).await;
    let (_, ledger) = call(&simulator, "GET /_simulator/ledger", Value::Null).await;
    assert_eq!(
        (&ledger["wallet_cents"], &ledger["charges"][0]["kind"]),
        (&json!(0), &json!("submit"))
    );
    assert_eq!(
        call(&simulator, "GET /_simulator/nothing", Value::Null).await.0,
        404
    );
    let foreign = "GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    stream.write_all(foreign.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"));
}

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn tls_without_the_feature_is_an_error() {
    assert!(
        Simulator::start(Config {
            tls: true,
            ..Config::default()
        })
        .await
        .is_err()
    );
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn tls_with_the_certificate_it_gives() {
    use std::sync::Arc;

    use tokio_rustls::{
        TlsConnector,
        rustls::{
            ClientConfig, RootCertStore,
            crypto::ring,
            pki_types::{CertificateDer, ServerName, pem::PemObject},
        },
    };

    let simulator = Simulator::start(Config {
        tls: true,
        ..Config::default()
    })
    .await
    .unwrap();
    assert!(simulator.base_url().starts_with("https://127.0.0.1:"));
    let mut roots = RootCertStore::empty();
    let pem = simulator.certificate_pem().unwrap();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(simulator.address()).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    let request = format!(
        "GET /visure HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
        simulator.token()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _abrupt_end = stream.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}
