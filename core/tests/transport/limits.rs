//! Answers without end, or nearly: they end at the limit.

use std::time::{Duration, Instant};

use sportello::client::transport::{Perform, Transport, TransportConfig};
use sportello::http::{Failure, MAX_INLINE_BYTES};

use super::server::{Server, serve};
use super::{commit, config, document, get, transport, within};

const TEN_GIGABYTES: u64 = 10_000_000_000;

/// Sends a head, a beginning and then the same byte for as long as anybody listens.
pub(crate) async fn flood(head: &'static str, chunked: bool, begin: &'static str, byte: u8) -> Server {
    serve(move |mut conn| async move {
        conn.request().await.unwrap();
        conn.send(head).await;
        let piece = vec![byte; 64 * 1024];
        let framed = |piece: &[u8]| match chunked {
            true => [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat(),
            false => piece.to_vec(),
        };
        let mut left = TEN_GIGABYTES;
        let mut going = begin.is_empty() || conn.send(framed(begin.as_bytes())).await;
        while going && left > 0 {
            going = conn.send(framed(&piece)).await;
            left = left.saturating_sub(piece.len() as u64);
        }
    })
    .await
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const LENGTH: &str = "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n";
const TO_THE_END: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn ten_gigabytes_of_zeros_end_at_the_limit() {
    for (head, chunked) in [(CHUNKED, true), (LENGTH, false), (TO_THE_END, false)] {
        for request in [get(), commit()] {
            let server = flood(head, chunked, "", 0).await;
            let started = Instant::now();
            let failure = transport(&server.origin)
                .perform(&request, within(20_000))
                .await
                .unwrap_err();
            assert_eq!(failure, Failure::Unreadable);
            assert!(
                started.elapsed() < Duration::from_secs(5),
                "{:?}",
                started.elapsed()
            );
        }
    }
}

#[tokio::test]
async fn a_length_that_is_too_long_is_not_even_read() {
    let server = serve(|mut conn| async move {
        conn.request().await.unwrap();
        conn.send(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
            MAX_INLINE_BYTES + 1
        ))
        .await;
        conn.hang().await;
    })
    .await;
    let failure = transport(&server.origin)
        .perform(&get(), within(5000))
        .await
        .unwrap_err();
    assert_eq!(failure, Failure::Unreadable);
}

#[tokio::test]
async fn the_longest_answer_is_still_taken() {
    for (length, expected) in [(MAX_INLINE_BYTES, true), (MAX_INLINE_BYTES + 1, false)] {
        for head in ["Content-Length", "Connection: close\r\nX-Length"] {
            let server = serve(move |mut conn| async move {
                conn.request().await.unwrap();
                conn.send(format!(
                    "HTTP/1.1 200 OK\r\n{head}: {length}\r\n\r\n{}",
                    "x".repeat(length)
                ))
                .await;
            })
            .await;
            let response = transport(&server.origin).perform(&get(), within(5000)).await;
            assert_eq!(
                response.map(|response| response.body.len()),
                expected.then_some(length).ok_or(Failure::Unreadable)
            );
        }
    }
}

#[tokio::test]
async fn an_error_page_of_any_length_says_enough_by_its_status() {
    let server = flood(
        "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n",
        true,
        "",
        b'x',
    )
    .await;
    let response = transport(&server.origin)
        .perform(&commit(), within(20_000))
        .await
        .unwrap();
    assert_eq!((response.status, response.body.len()), (502, 0));
}

#[tokio::test]
async fn a_document_without_end_ends_at_its_own_limit() {
    let sink = tempfile::NamedTempFile::new().unwrap();
    let limit = 4 * 1024 * 1024;
    // In the file itself, and in what stands around it.
    for (head, chunked, begin, byte) in [
        (CHUNKED, true, r#"{"data":{"file":""#, b'A'),
        (CHUNKED, true, r#"{"data":{"name":""#, b'A'),
        (CHUNKED, true, r#"{"data": "#, b' '),
        (LENGTH, false, r#"{"data":{"file":""#, b'A'),
        (TO_THE_END, false, r#"{"data":{"file":""#, b'A'),
    ] {
        let server = flood(head, chunked, begin, byte).await;
        let config = TransportConfig {
            max_file_bytes: limit,
            ..config(&server.origin)
        };
        let options = Perform {
            sink: Some(sink.path()),
            ..within(60_000)
        };
        let failure = Transport::new(config)
            .unwrap()
            .perform(&document(), options)
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::Unreadable, "{begin}");
        assert!(std::fs::metadata(sink.path()).unwrap().len() <= limit, "{begin}");
    }
}

#[tokio::test]
async fn heads_that_are_bombs() {
    // Too many headers, one that is too long, one that never ends, and interim answers without end.
    let many: String = (0..10_000).map(|n| format!("X-{n}: y\r\n")).collect();
    for head in [many, format!("X: {}\r\n", "y".repeat(4_000_000))] {
        let server = serve(move |mut conn| {
            let head = head.clone();
            async move {
                conn.request().await.unwrap();
                conn.send(format!("HTTP/1.1 200 OK\r\n{head}Content-Length: 2\r\n\r\n{{}}"))
                    .await;
                conn.drain().await;
            }
        })
        .await;
        let failure = transport(&server.origin)
            .perform(&commit(), within(10_000))
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::Unreadable);
    }
    let server = flood("HTTP/1.1 200 OK\r\nX: ", false, "", b'y').await;
    let failure = transport(&server.origin)
        .perform(&commit(), within(10_000))
        .await
        .unwrap_err();
    assert_eq!(failure, Failure::Unreadable);
}

#[tokio::test]
async fn interim_answers_without_end_end_with_the_time() {
    let server = serve(|mut conn| async move {
        conn.request().await.unwrap();
        while conn.send("HTTP/1.1 103 Early Hints\r\n\r\n").await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let failure = transport(&server.origin)
        .perform(&commit(), within(500))
        .await
        .unwrap_err();
    assert_eq!(failure, Failure::Timeout);
}
