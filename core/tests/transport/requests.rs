//! What stands in a request, and that a redirect is never followed.

use sportello::client::transport::{Authorization, Perform, Transport, TransportConfig, TransportError};
use sportello::http::{Call, Failure, HttpRequest, Method};

use super::server::{header, polite, serve};
use super::{TOKEN, commit, config, document, get, token, transport, within};

#[tokio::test]
async fn a_request_holds_this_and_nothing_else() {
    let server = polite("{}").await;
    let token = token();
    let options = Perform {
        authorization: Some(Authorization::Bearer(&token)),
        ..Perform::default()
    };
    let transport = transport(&server.origin);
    transport.perform(&commit(), options).await.unwrap();
    let text = server.seen.text();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("PUT /richiesta/5f22 HTTP/1.1"));
    let mut headers: Vec<String> = lines.map(str::to_ascii_lowercase).collect();
    headers.sort();
    let expected = [
        "accept-encoding: identity".to_owned(),
        "accept: application/json".to_owned(),
        format!("authorization: bearer {TOKEN}"),
        "content-length: 11".to_owned(),
        "content-type: application/json".to_owned(),
        format!("host: 127.0.0.1:{}", server.port),
        format!("user-agent: sportello/{}", env!("CARGO_PKG_VERSION")),
    ];
    assert_eq!(headers, expected);
    assert_eq!(body, "{\"state\":1}");
}

#[tokio::test]
async fn every_method_and_the_query() {
    for method in [
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
    ] {
        let server = polite("{}").await;
        let request = HttpRequest::new(Call::ListServices, method, "/v?a=%20b&c=d");
        transport(&server.origin)
            .perform(&request, Perform::default())
            .await
            .unwrap();
        assert!(
            server
                .seen
                .text()
                .starts_with(&format!("{} /v?a=%20b&c=d HTTP/1.1\r\n", method.as_str()))
        );
        assert_eq!(header(&server.seen.text(), "authorization"), None);
    }
}

#[tokio::test]
async fn cookies_are_neither_kept_nor_shown() {
    let server = serve(|mut conn| async move {
        while conn.request().await.is_some() {
            conn.send("HTTP/1.1 200 OK\r\nSet-Cookie: s=canary-cookie\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 2\r\n\r\n{}")
                .await;
        }
    })
    .await;
    let transport = transport(&server.origin);
    let first = transport.perform(&get(), Perform::default()).await.unwrap();
    transport.perform(&get(), Perform::default()).await.unwrap();
    let names: Vec<&str> = first.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x-two", "x-two", "content-length"]);
    assert_eq!(first.header("x-two"), Some("1"));
    assert_eq!(server.seen.count("GET /"), 2);
    assert_eq!(server.seen.count("canary-cookie"), 0);
}

#[tokio::test]
async fn redirects_are_answers_and_the_token_stays_here() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = polite("{}").await;
        for target in [
            format!("http://127.0.0.1:{}/x", elsewhere.port),
            format!("http://localhost:{}/x", elsewhere.port),
            format!("https://127.0.0.1:{}/x", elsewhere.port),
            format!("//127.0.0.1:{}/x", elsewhere.port),
            "/elsewhere".to_owned(),
        ] {
            let location = target.clone();
            let server = serve(move |mut conn| {
                let location = location.clone();
                async move {
                    while conn.request().await.is_some() {
                        let head = format!(
                            "HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 2\r\n\r\n{{}}"
                        );
                        conn.send(head).await;
                    }
                }
            })
            .await;
            let transport = transport(&server.origin);
            let token = token();
            let sink = tempfile::NamedTempFile::new().unwrap();
            let options = Perform {
                authorization: Some(Authorization::Bearer(&token)),
                sink: Some(sink.path()),
                ..within(2000)
            };
            for request in [get(), commit(), document()] {
                let response = transport.perform(&request, options).await.unwrap();
                assert_eq!(
                    (response.status, response.header("location")),
                    (status, Some(target.as_str()))
                );
                assert_eq!(
                    (response.body.as_slice(), response.sink),
                    (b"{}".as_slice(), None)
                );
            }
            assert_eq!(server.seen.count(TOKEN), 3);
            assert_eq!(server.seen.count("elsewhere"), 0);
        }
        assert_eq!((elsewhere.seen.accepted(), elsewhere.seen.len()), (0, 0));
    }
}

#[tokio::test]
async fn localhost_is_this_machine_whatever_a_name_server_says() {
    let server = polite("{\"ok\":true}").await;
    let response = transport(&format!("http://localhost:{}", server.port))
        .perform(&get(), within(2000))
        .await
        .unwrap();
    assert_eq!(response.body, b"{\"ok\":true}");
}

#[tokio::test]
async fn a_proxy_never_sees_the_token() {
    let proxy = serve(|mut conn| async move {
        conn.request().await.unwrap();
        conn.answer("407 Proxy Authentication Required", "no").await;
    })
    .await;
    let through = TransportConfig {
        proxy: Some(proxy.origin.clone()),
        ..config("https://api.example.test")
    };
    let token = token();
    let options = Perform {
        authorization: Some(Authorization::Bearer(&token)),
        ..within(3000)
    };
    // No tunnel, so nothing was sent.
    let failure = Transport::new(through)
        .unwrap()
        .perform(&commit(), options)
        .await
        .unwrap_err();
    assert_eq!(failure, Failure::Unreachable);
    assert!(
        proxy
            .seen
            .text()
            .starts_with("CONNECT api.example.test:443 HTTP/1.1\r\n"),
        "{}",
        proxy.seen.text()
    );
    assert_eq!(proxy.seen.count(TOKEN) + proxy.seen.count("state"), 0);

    // To this machine there is no TLS, so no proxy either.
    let server = polite("{}").await;
    let direct = TransportConfig {
        proxy: Some(proxy.origin.clone()),
        ..config(&server.origin)
    };
    Transport::new(direct)
        .unwrap()
        .perform(&get(), options)
        .await
        .unwrap();
    assert_eq!((server.seen.accepted(), proxy.seen.accepted()), (1, 1));
}

#[test]
fn settings_that_cannot_be_used_are_refused() {
    let refused = |config: TransportConfig| Transport::new(config).unwrap_err();
    assert_eq!(
        refused(config("http://api.example.test")),
        TransportError::InsecureUrl
    );
    for origin in [
        "",
        "https://user:canary@h",
        "https://h?q",
        "https://h#f",
        "https://h/path",
    ] {
        let error = refused(config(origin));
        assert_eq!(
            (error, error.code()),
            (TransportError::InvalidUrl, "config.invalid_url")
        );
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
    let origin = "https://api.example.test";
    let proxy = TransportConfig {
        proxy: Some("socks5://canary".to_owned()),
        ..config(origin)
    };
    assert_eq!(refused(proxy).code(), "config.invalid_proxy");
    let certificate = TransportConfig {
        extra_ca_pem: vec![b"canary".to_vec()],
        ..config(origin)
    };
    assert_eq!(refused(certificate).code(), "config.invalid_certificate");
    let agent = TransportConfig {
        user_agent: Some("a\nb".to_owned()),
        ..config(origin)
    };
    assert_eq!(refused(agent).code(), "config.invalid_user_agent");
    // What every builder begins with.
    assert_eq!(refused(TransportConfig::default()), TransportError::InvalidUrl);
}

#[test]
fn an_origin_has_one_spelling() {
    assert_eq!(
        transport("https://API.example.test:443/").origin(),
        "https://api.example.test"
    );
}
