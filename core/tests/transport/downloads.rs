//! Documents on their way down, into a file.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sportello::client::transport::{Perform, Transport, TransportConfig};
use sportello::http::{Failure, HttpResponse, SinkReceipt};

use super::server::{Server, serve};
use super::uploads::{noise, sha256};
use super::{config, document, transport, within};

/// Sends a status and a body, in pieces of this many bytes, each a chunk.
async fn sending(status: &'static str, body: String, piece: usize) -> Server {
    serve(move |mut conn| {
        let body = body.clone();
        async move {
            conn.request().await.unwrap();
            conn.send(format!("HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n"))
                .await;
            for piece in body.as_bytes().chunks(piece) {
                let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
                chunk.extend_from_slice(piece);
                chunk.extend_from_slice(b"\r\n");
                conn.send(chunk).await;
            }
            conn.send("0\r\n\r\n").await;
        }
    })
    .await
}

async fn fetch(server: &Server, sink: &Path) -> Result<HttpResponse, Failure> {
    let options = Perform {
        sink: Some(sink),
        ..within(20_000)
    };
    transport(&server.origin).perform(&document(), options).await
}

fn answer(file: &str) -> String {
    format!(r#"{{"data":{{"nome":"a.zip","file":"{file}","dimensione":5}},"success":true}}"#)
}

#[tokio::test]
async fn the_file_goes_into_the_sink_and_the_rest_stays() {
    for (size, piece) in [
        (0, 1),
        (1, 1),
        (2, 3),
        (3000, 7),
        (100_003, 1013),
        (3_000_000, 65_536),
    ] {
        let content = noise(size);
        let server = sending("200 OK", answer(&STANDARD.encode(&content)), piece).await;
        let sink = tempfile::NamedTempFile::new().unwrap();
        // What was in it before, from an attempt that broke, does not stay.
        std::fs::write(sink.path(), vec![7; 5_000_000]).unwrap();
        let response = fetch(&server, sink.path()).await.unwrap();
        assert!(std::fs::read(sink.path()).unwrap() == content, "{size}");
        assert_eq!(
            response.sink,
            Some(SinkReceipt {
                len: size as u64,
                sha256: sha256(&content),
                md5: None,
            })
        );
        assert_eq!(response.status, 200);
        let rest: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(
            rest,
            serde_json::from_str::<serde_json::Value>(&answer("")).unwrap()
        );
    }
}

#[tokio::test]
async fn an_answer_without_a_file() {
    let server = sending(
        "200 OK",
        r#"{"data":{"nome":"a"},"success":true}"#.to_owned(),
        100,
    )
    .await;
    let sink = tempfile::NamedTempFile::new().unwrap();
    let response = fetch(&server, sink.path()).await.unwrap();
    assert_eq!(response.sink, None);
    assert_eq!(response.body, br#"{"data":{"nome":"a"},"success":true}"#);
}

#[tokio::test]
async fn what_is_not_200_is_read_inline() {
    let body = answer("AAAA");
    for status in ["404 Not Found", "202 Accepted", "500 Oops"] {
        let server = sending(status, body.clone(), 100).await;
        let sink = tempfile::NamedTempFile::new().unwrap();
        let response = fetch(&server, sink.path()).await.unwrap();
        assert_eq!(
            (response.body.as_slice(), response.sink),
            (body.as_bytes(), None),
            "{status}"
        );
        assert_eq!(std::fs::metadata(sink.path()).unwrap().len(), 0);
    }
}

#[tokio::test]
async fn what_is_no_file_or_no_json_is_unreadable() {
    let good = answer(&STANDARD.encode(noise(1000)));
    let cut = good[..good.len() - 300].to_owned();
    for body in [
        answer("AAA"),
        answer("A*AA"),
        answer("AA-_"),
        "<html></html>".to_owned(),
        cut,
        String::new(),
    ] {
        let server = sending("200 OK", body.clone(), 50).await;
        let sink = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(
            fetch(&server, sink.path()).await.unwrap_err(),
            Failure::Unreadable,
            "{body:.60}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_ends_within_the_file() {
    let server = serve(|mut conn| async move {
        conn.request().await.unwrap();
        let body = answer(&STANDARD.encode(noise(1000)));
        conn.send(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}",
            body.len(),
            &body[..500]
        ))
        .await;
        conn.close().await;
    })
    .await;
    let sink = tempfile::NamedTempFile::new().unwrap();
    assert_eq!(
        fetch(&server, sink.path()).await.unwrap_err(),
        Failure::Unreadable
    );
}

#[tokio::test]
async fn a_download_that_stops_is_given_up_in_silence() {
    let server = serve(|mut conn| async move {
        conn.request().await.unwrap();
        conn.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n{\"data\":{\"file\":\"\r\n")
            .await;
        conn.hang().await;
    })
    .await;
    let sink = tempfile::NamedTempFile::new().unwrap();
    let config = TransportConfig {
        attempt_timeout: Duration::from_millis(400),
        ..config(&server.origin)
    };
    // By what a document may weigh, this might take hours.
    let options = Perform {
        sink: Some(sink.path()),
        ..Perform::default()
    };
    let failure = Transport::new(config).unwrap();
    let failure = tokio::time::timeout(Duration::from_secs(10), failure.perform(&document(), options)).await;
    assert_eq!(failure.unwrap().unwrap_err(), Failure::Timeout);
}

#[tokio::test]
async fn a_sink_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let server = sending("200 OK", answer(&STANDARD.encode(noise(2_000_000))), 10_000).await;
    let missing = folder.path().join("missing").join("file");
    let mut sinks = vec![missing, folder.path().to_owned()];
    if cfg!(target_os = "linux") {
        // A disk that is full.
        sinks.push("/dev/full".into());
    }
    for sink in sinks {
        assert_eq!(
            fetch(&server, &sink).await.unwrap_err(),
            Failure::SinkFailed,
            "{}",
            sink.display()
        );
    }
}
