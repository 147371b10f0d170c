//! What is paid goes out once, on a connection of its own, and waits for nobody.

use std::time::{Duration, Instant};

use sportello::client::transport::{Perform, Transport, TransportConfig};
use sportello::http::{Call, Failure, HttpRequest, Method};

use super::server::{Conn, polite, serve};
use super::{commit, config, get, transport, within};

/// Long enough for a second attempt to be seen, if there were one.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(400)).await;
}

#[tokio::test]
async fn free_calls_share_a_connection_and_paid_calls_do_not() {
    let server = polite("{}").await;
    let transport = transport(&server.origin);
    for _ in 0..3 {
        transport.perform(&get(), Perform::default()).await.unwrap();
    }
    assert_eq!(server.seen.accepted(), 1);
    for expected in 2..5 {
        transport
            .perform(
                &commit(),
                Perform {
                    once: true,
                    ..Perform::default()
                },
            )
            .await
            .unwrap();
        assert_eq!(server.seen.accepted(), expected);
    }
    // A paid call is sent once even when nobody has said so, and so is any other when somebody does.
    transport.perform(&commit(), Perform::default()).await.unwrap();
    assert_eq!(server.seen.accepted(), 5);
    transport
        .perform(
            &get(),
            Perform {
                once: true,
                ..Perform::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(server.seen.accepted(), 6);
    // The pool is still what it was.
    transport.perform(&get(), Perform::default()).await.unwrap();
    assert_eq!(server.seen.accepted(), 6);
}

#[tokio::test]
async fn every_paid_call_is_on_a_fresh_connection() {
    let calls = [Call::Commit, Call::AddSearch, Call::Choose];
    let server = polite("{}").await;
    let transport = transport(&server.origin);
    transport.perform(&get(), Perform::default()).await.unwrap();
    for (call, expected) in calls.into_iter().zip(2..) {
        transport
            .perform(&HttpRequest::new(call, Method::Post, "/x"), Perform::default())
            .await
            .unwrap();
        assert_eq!(server.seen.accepted(), expected, "{call:?}");
    }
}

#[tokio::test]
async fn a_stale_connection_is_not_used_for_what_is_paid() {
    // The first connection dies with the second request on it: the worst moment.
    let server = serve(|mut conn| async move {
        conn.request().await.unwrap();
        conn.answer("200 OK", "{}").await;
        if conn.number == 0 {
            let _ = conn.request().await;
            conn.reset();
        }
    })
    .await;
    let transport = transport(&server.origin);
    transport.perform(&get(), Perform::default()).await.unwrap();
    let response = transport
        .perform(
            &commit(),
            Perform {
                once: true,
                ..within(2000)
            },
        )
        .await
        .unwrap();
    assert_eq!(response.status, 200);
    a_while().await;
    assert_eq!(
        (server.seen.accepted(), server.seen.count("{\"state\":1}")),
        (2, 1)
    );
}

#[tokio::test]
async fn what_is_paid_is_never_sent_again() {
    async fn closed(conn: Conn<tokio::net::TcpStream>) {
        conn.close().await;
    }
    async fn reset(conn: Conn<tokio::net::TcpStream>) {
        conn.reset();
    }
    async fn busy(mut conn: Conn<tokio::net::TcpStream>) {
        conn.answer("503 Busy\r\nRetry-After: 0", "").await;
    }
    async fn late(mut conn: Conn<tokio::net::TcpStream>) {
        conn.answer("408 Request Timeout\r\nConnection: close", "").await;
    }
    macro_rules! check {
        ($($script:ident)*) => { $({
            let server = serve(|mut conn| async move {
                conn.request().await.unwrap();
                $script(conn).await;
            })
            .await;
            let _ = transport(&server.origin).perform(&commit(), Perform { once: true, ..within(1500) }).await;
            a_while().await;
            let counts = (server.seen.accepted(), server.seen.count("{\"state\":1}"));
            assert_eq!(counts, (1, 1), stringify!($script));
        })* };
    }
    check!(closed reset busy late);
}

#[tokio::test]
async fn free_calls_are_not_repeated_here_either() {
    // The machine repeats them, which knows how often and how long to wait.
    let server = serve(|mut conn| async move {
        conn.request().await.unwrap();
        conn.reset();
    })
    .await;
    let failure = transport(&server.origin)
        .perform(&get(), within(2000))
        .await
        .unwrap_err();
    a_while().await;
    assert_eq!((failure, server.seen.count("GET /")), (Failure::Interrupted, 1));
}

#[tokio::test]
async fn waiting_for_a_place_counts_and_ends_with_nothing_sent() {
    let server = serve(|mut conn| async move {
        while let Some(request) = conn.request().await {
            if request.head.starts_with("GET") {
                return conn.hang().await;
            }
            conn.answer("200 OK", "{}").await;
        }
    })
    .await;
    let transport = Transport::new(TransportConfig {
        max_connections: 1,
        ..config(&server.origin)
    })
    .unwrap();
    let busy = transport.clone();
    let holder = tokio::spawn(async move { busy.perform(&get(), within(60_000)).await });
    while server.seen.count("GET /") < 1 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let started = Instant::now();
    // Whoever waits for this call to be over counts from here.
    assert_eq!(
        transport.perform(&get(), within(200)).await.unwrap_err(),
        Failure::Unreachable
    );
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(server.seen.count("GET /"), 1);
    // What is paid does not stand in that queue.
    assert_eq!(
        transport.perform(&commit(), within(2000)).await.unwrap().status,
        200
    );
    holder.abort();
    let _ = holder.await;
    // The place is free again, as a dropped call leaves it.
    let last = transport
        .perform(
            &HttpRequest::new(Call::OpenDraft, Method::Post, "/x"),
            within(2000),
        )
        .await;
    assert_eq!(last.unwrap().status, 200);
}
