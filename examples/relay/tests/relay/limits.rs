//! Sizes, rates and times.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::support::*;

async fn raw(relay: &Relay) -> TcpStream {
    TcpStream::connect(relay.url.trim_start_matches("http://"))
        .await
        .unwrap()
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(5), read)
        .await
        .expect("it hangs");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_long_are_refused() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| {
        (
            config.limits.json_bytes,
            config.limits.file_bytes,
            config.limits.user_bytes,
        ) = (4096, 1000, 1700);
    })
    .await;
    let caller = Caller::new(&relay, "u");
    caller
        .put("/submissions/x", json!({ "serviceId": SERVICE }))
        .await
        .ok();
    let long = json!({ "texts": { "$0": "x".repeat(5000) } });
    caller
        .put("/submissions/x/answers", long)
        .await
        .refused(413, "relay.too_large");
    let key = caller.file_key().await;
    caller
        .send(caller.file("x", &key, &[b'x'; 1001]))
        .await
        .refused(413, "relay.too_large");
    caller.send(caller.file("x", &key, &[b'x'; 1000])).await.ok();
    // The user's room is 1700 bytes in all, a few of which the texts take.
    caller
        .put("/submissions/y", json!({ "serviceId": SERVICE }))
        .await
        .ok();
    caller
        .send(caller.file("y", &key, &[b'x'; 701]))
        .await
        .refused(413, "relay.quota");
    caller.send(caller.file("y", &key, &[b'x'; 500])).await.ok();
    let other = Caller::new(&relay, "v");
    other
        .put("/submissions/y", json!({ "serviceId": SERVICE }))
        .await
        .ok();
    other.send(other.file("y", &key, &[b'x'; 1000])).await.ok();
    // More than announced.
    let more = caller.request(
        Method::PUT,
        &format!("/submissions/y/files/{}", key.replace('$', "%24")),
    );
    let more = more
        .header("content-type", "application/pdf")
        .header("x-file-name", "a.pdf");
    let more = more
        .header("x-file-sha256", sha256(b"abc"))
        .header("upload-length", "2")
        .body("abc");
    caller.send(more).await.refused(413, "relay.too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_drafts_are_refused() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| config.limits.user_drafts = 3).await;
    let caller = Caller::new(&relay, "u");
    let tries: Vec<_> = (0..8)
        .map(|number| {
            let caller = caller.clone();
            let path = format!("/submissions/d{number}");
            tokio::spawn(async move {
                caller
                    .put(&path, json!({ "serviceId": SERVICE }))
                    .await
                    .status
                    .as_u16()
            })
        })
        .collect();
    let mut made = 0;
    for one in tries {
        match one.await.unwrap() {
            200 => made += 1,
            status => assert_eq!(status, 413),
        }
    }
    assert_eq!(made, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_calls_too_often_waits() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| {
        (
            config.limits.user_rate,
            config.limits.user_burst,
            config.limits.address_rate,
        ) = (1, 5, 4);
    })
    .await;
    let caller = Caller::new(&relay, "u");
    let mut refused = 0;
    for _ in 0..8 {
        let said = caller.get("/submissions/none").await;
        if said.status.as_u16() == 429 {
            said.refused(429, "provider.rate_limited");
            assert!(said.headers.contains_key("retry-after"));
            refused += 1;
        }
    }
    assert!((2..=3).contains(&refused), "{refused}");
    assert_eq!(
        Caller::new(&relay, "v")
            .get("/submissions/none")
            .await
            .status
            .as_u16(),
        404
    );
    // Guessing sessions ends soon, and doesn't keep those out who have one.
    let guesser = Caller::with(&relay, Some("guess.guess".into()));
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(guesser.get("/services").await.status.as_u16());
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 401).count(),
        4,
        "{statuses:?}"
    );
    assert_eq!(
        Caller::with(&relay, None).get("/health").await.status.as_u16(),
        429
    );
    assert_eq!(
        Caller::new(&relay, "w")
            .get("/submissions/none")
            .await
            .status
            .as_u16(),
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_slow_or_long_are_cut() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let began = Instant::now();
    let mut slow = raw(&relay).await;
    slow.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-drip: ")
        .await
        .unwrap();
    assert!(!answer(&mut slow).await.contains("200 OK"));
    assert!(began.elapsed() < Duration::from_secs(4));

    let mut many = raw(&relay).await;
    let headers: String = (0..80).map(|number| format!("x-{number}: y\r\n")).collect();
    many.write_all(format!("GET /health HTTP/1.1\r\nhost: x\r\n{headers}\r\n").as_bytes())
        .await
        .unwrap();
    assert!(answer(&mut many).await.starts_with("HTTP/1.1 431"));

    let mut long = raw(&relay).await;
    let head = format!(
        "GET /health HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n",
        "y".repeat(64 * 1024)
    );
    let _ = long.write_all(head.as_bytes()).await;
    assert!(!answer(&mut long).await.contains("200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_drip_are_cut() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| {
        (config.limits.json_time, config.limits.body_idle) =
            (Duration::from_millis(300), Duration::from_millis(300));
    })
    .await;
    let caller = Caller::new(&relay, "u");
    caller
        .put("/submissions/x", json!({ "serviceId": SERVICE }))
        .await
        .ok();
    let key = caller.file_key().await.replace('$', "%24");
    for head in [
        "PUT /submissions/x/answers HTTP/1.1\r\n".to_owned(),
        format!(
            "PUT /submissions/x/files/{key} HTTP/1.1\r\ncontent-type: application/pdf\r\nx-file-name: a.pdf\r\nx-file-sha256: {}\r\n",
            "0".repeat(64)
        ),
    ] {
        let mut slow = raw(&relay).await;
        let head = format!(
            "{head}host: x\r\nconnection: close\r\nauthorization: Bearer {}\r\ncontent-length: 500\r\n\r\n{{\"te",
            session("u")
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        let said = answer(&mut slow).await;
        assert!(
            said.starts_with("HTTP/1.1 408") && said.contains("relay.too_slow"),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn event_streams_are_few_and_say_that_they_live() {
    let office = sportello_simulator::Stages {
        searching_ms: 1,
        working_ms: 60_000,
        ready_ms: 1,
    };
    let config = sportello_simulator::Config {
        stages: office,
        ..Default::default()
    };
    let simulator = sportello_simulator::Simulator::start(config).await.unwrap();
    let relay = relay_with(&simulator, |config| {
        (config.limits.user_streams, config.limits.heartbeat) = (1, Duration::from_millis(50));
    })
    .await;
    let caller = Caller::new(&relay, "u");
    caller.fill("e").await;
    caller.commit("e", "19.00").await.ok();
    let mut open = caller
        .request(Method::GET, "/submissions/e/events")
        .send()
        .await
        .unwrap();
    let mut seen = String::new();
    while !seen.contains(": alive") {
        seen.push_str(&String::from_utf8_lossy(&open.chunk().await.unwrap().unwrap()));
    }
    assert!(seen.starts_with("event: update"), "{seen}");
    caller
        .get("/submissions/e/events")
        .await
        .refused(429, "provider.rate_limited");
    drop(open);
    until("room for another stream", || async {
        let again = caller
            .request(Method::GET, "/submissions/e/events")
            .send()
            .await
            .unwrap();
        again.status().is_success()
    })
    .await;
    // A stream ends with its session.
    let keys = sportello_relay::SessionKeys::parse(KEY).unwrap();
    let short = Caller::with(&relay, keys.sign("u", seconds() + 2, None));
    until("a stream that ends", || async {
        let said = tokio::time::timeout(Duration::from_secs(5), short.get("/submissions/e/events"))
            .await
            .expect("it goes on");
        said.text.contains("event: end") || said.status.as_u16() == 401
    })
    .await;
}
