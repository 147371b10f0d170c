//! Every way in which a call can fail, and what is said of it.

use std::time::{Duration, Instant};

use sportello::client::SecretToken;
use sportello::client::transport::{Authorization, Perform, TransportConfig};
use sportello::http::{Call, Failure, HttpRequest, Method};

use super::server::{Conn, nobody, polite, serve};
use super::{commit, config, document, get, token, transport, within};

/// Performs a paid call against a server that reads it whole and then follows the script. Whatever happens, nobody may say
/// that nothing arrived.
async fn after_the_request<F, Fut>(script: F) -> Failure
where
    F: Fn(Conn<tokio::net::TcpStream>) -> Fut + Copy + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let server = serve(move |mut conn| async move {
        conn.request().await.unwrap();
        script(conn).await;
    })
    .await;
    let token = token();
    let options = Perform {
        authorization: Some(Authorization::Bearer(&token)),
        ..within(1500)
    };
    let failure = transport(&server.origin)
        .perform(&commit(), options)
        .await
        .unwrap_err();
    assert!(!failure.never_arrived(), "{failure:?}");
    assert_eq!(server.seen.count("{\"state\":1}"), 1);
    failure
}

#[tokio::test]
async fn nobody_listens() {
    let failure = transport(&nobody().await)
        .perform(&commit(), within(2000))
        .await
        .unwrap_err();
    assert_eq!(failure, Failure::Unreachable);
}

#[tokio::test]
async fn no_such_name() {
    let transport = transport("https://no-such-host.invalid");
    assert_eq!(
        transport.perform(&get(), Perform::default()).await.unwrap_err(),
        Failure::Unreachable
    );
}

#[tokio::test]
async fn a_connection_that_never_stands_is_unreachable_and_not_a_timeout() {
    // It is accepted, and then nothing answers the TLS hello.
    let server = serve(Conn::hang).await;
    let origin = format!("https://127.0.0.1:{}", server.port);
    let config = TransportConfig {
        connect_timeout: Duration::from_millis(200),
        ..config(&origin)
    };
    let transport = sportello::client::transport::Transport::new(config).unwrap();
    assert_eq!(
        transport.perform(&commit(), within(5000)).await.unwrap_err(),
        Failure::Unreachable
    );
}

#[tokio::test]
async fn closed_without_an_answer() {
    assert_eq!(after_the_request(Conn::close).await, Failure::Interrupted);
}

#[tokio::test]
async fn reset_without_an_answer() {
    assert_eq!(
        after_the_request(|conn| async { conn.reset() }).await,
        Failure::Interrupted
    );
}

#[tokio::test]
async fn closed_within_the_head() {
    let failure = after_the_request(|mut conn| async move {
        conn.send("HTTP/1.1 200 OK\r\nContent-Le").await;
        conn.close().await;
    });
    assert_eq!(failure.await, Failure::Interrupted);
}

#[tokio::test]
async fn reset_within_the_body() {
    let failure = after_the_request(|mut conn| async move {
        conn.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":")
            .await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        conn.reset();
    });
    assert_eq!(failure.await, Failure::Interrupted);
}

#[tokio::test]
async fn cut_before_its_announced_length() {
    let failure = after_the_request(|mut conn| async move {
        conn.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{\"data\":")
            .await;
        conn.close().await;
    });
    assert_eq!(failure.await, Failure::Unreadable);
}

#[tokio::test]
async fn cut_before_the_last_chunk() {
    for sent in ["5\r\nhello\r\n", "5\r\nhel", "5\r\nhello\r\n0\r\n", ""] {
        let server = serve(move |mut conn| async move {
            conn.request().await.unwrap();
            conn.send(format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{sent}"
            ))
            .await;
            conn.close().await;
        })
        .await;
        let failure = transport(&server.origin)
            .perform(&get(), within(2000))
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::Unreadable, "{sent:?}");
    }
}

#[tokio::test]
async fn chunks_that_are_none() {
    let failure = after_the_request(|mut conn| async move {
        conn.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n")
            .await;
        conn.hang().await;
    });
    assert_eq!(failure.await, Failure::Unreadable);
}

#[tokio::test]
async fn what_is_no_http() {
    let failure = after_the_request(|mut conn| async move {
        conn.send("SSH-2.0-OpenSSH_9.6\r\n\r\n").await;
        conn.hang().await;
    });
    assert_eq!(failure.await, Failure::Unreadable);
}

#[tokio::test]
async fn compressed_without_being_asked() {
    for coding in ["gzip", "GZIP", "identity, br", "deflate"] {
        let server = serve(move |mut conn| async move {
            conn.request().await.unwrap();
            conn.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: 2\r\n\r\n{{}}"
            ))
            .await;
        });
        let failure = transport(&server.await.origin)
            .perform(&get(), within(2000))
            .await
            .unwrap_err();
        // `identity, br` is one value that is not plain.
        assert_eq!(failure, Failure::Unreadable, "{coding}");
    }
}

#[tokio::test]
async fn no_answer_in_time() {
    assert_eq!(after_the_request(Conn::hang).await, Failure::Timeout);
}

#[tokio::test]
async fn a_body_that_drips() {
    let failure = after_the_request(|mut conn| async move {
        conn.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await;
        while conn.send(" ").await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    assert_eq!(failure.await, Failure::Timeout);
}

#[tokio::test]
async fn a_free_call_has_a_time_limit_of_its_own() {
    let server = serve(|mut conn| async move {
        conn.request().await.unwrap();
        conn.hang().await;
    })
    .await;
    let config = TransportConfig {
        attempt_timeout: Duration::from_millis(300),
        ..config(&server.origin)
    };
    let transport = sportello::client::transport::Transport::new(config).unwrap();
    let started = Instant::now();
    assert_eq!(
        transport.perform(&get(), Perform::default()).await.unwrap_err(),
        Failure::Timeout
    );
    assert!(
        (300..1500).contains(&started.elapsed().as_millis()),
        "{:?}",
        started.elapsed()
    );
    // A paid call waits longer: nothing is worse than not to know.
    let paid = tokio::time::timeout(Duration::from_millis(900), async {
        transport.perform(&commit(), Perform::default()).await
    });
    assert!(paid.await.is_err());
}

#[tokio::test]
async fn nothing_is_sent_without_a_usable_token() {
    let server = polite("{}").await;
    let token = SecretToken::new("a\r\nX-Evil: b");
    let options = Perform {
        authorization: Some(Authorization::Bearer(&token)),
        ..Perform::default()
    };
    assert_eq!(
        transport(&server.origin)
            .perform(&commit(), options)
            .await
            .unwrap_err(),
        Failure::NoToken
    );
    assert_eq!(server.seen.accepted(), 0);
}

#[tokio::test]
async fn nothing_is_sent_to_what_is_no_path() {
    let server = polite("{}").await;
    for path in ["", "@127.0.0.2/", "richiesta", "/a b", "/a\r\nX-Evil: b", "/#"] {
        let request = HttpRequest::new(Call::GetSubmission, Method::Get, path);
        let failure = transport(&server.origin)
            .perform(&request, Perform::default())
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::Unreachable, "{path:?}");
    }
    assert_eq!(server.seen.accepted(), 0);
}

#[tokio::test]
async fn nothing_is_asked_for_that_cannot_be_put_anywhere() {
    let server = polite("{}").await;
    let failure = transport(&server.origin)
        .perform(&document(), Perform::default())
        .await
        .unwrap_err();
    assert_eq!(failure, Failure::SinkFailed);
    assert_eq!(server.seen.accepted(), 0);
}
