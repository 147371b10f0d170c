//! Whom the transport trusts.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use sportello::client::transport::{Authorization, Perform, Transport, TransportConfig};
use sportello::http::Failure;
use tokio_rustls::TlsAcceptor;

use super::server::{Conn, Server, serve};
use super::{TOKEN, commit, config, get, token, within};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A server's settings with a certificate for this name.
    fn server(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> ServerConfig {
        self.server_asking(name, change, false)
    }

    fn server_asking(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
        ask_client: bool,
    ) -> ServerConfig {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if ask_client {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(self.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        builder
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }
}

/// Serves `{}` over TLS; what it has seen is what was inside.
async fn serve_tls(config: ServerConfig) -> Server {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |conn| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(conn.stream).await else {
                return;
            };
            let mut conn = Conn {
                number: conn.number,
                stream,
                seen: conn.seen,
            };
            while conn.request().await.is_some() {
                conn.answer("200 OK", "{}").await;
            }
        }
    })
    .await
}

fn trusting(server: &Server, host: &str, authorities: &[&Authority]) -> Transport {
    let extra_ca_pem = authorities.iter().map(|authority| authority.pem()).collect();
    let origin = format!("https://{host}:{}", server.port);
    Transport::new(TransportConfig {
        extra_ca_pem,
        ..config(&origin)
    })
    .unwrap()
}

#[tokio::test]
async fn an_unknown_authority_is_refused_and_one_that_was_given_is_not() {
    let (ours, other) = (Authority::new(), Authority::new());
    let server = serve_tls(ours.server("127.0.0.1", |_| ())).await;
    let token = token();
    let options = Perform {
        authorization: Some(Authorization::Bearer(&token)),
        ..within(5000)
    };
    for strangers in [&[][..], &[&other][..]] {
        let failure = trusting(&server, "127.0.0.1", strangers)
            .perform(&commit(), options)
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::Tls);
    }
    assert_eq!(server.seen.len(), 0);
    let friends = trusting(&server, "127.0.0.1", &[&other, &ours]);
    for _ in 0..2 {
        assert_eq!(friends.perform(&commit(), options).await.unwrap().status, 200);
        assert_eq!(friends.perform(&get(), options).await.unwrap().body, b"{}");
    }
    assert_eq!(server.seen.count(TOKEN), 4);
    assert!(server.seen.text().starts_with("PUT /richiesta/5f22 HTTP/1.1\r\n"));
    // Two strangers, two paid calls, and one connection for what is free.
    assert_eq!(server.seen.accepted(), 5);
    // Nothing was chosen for the whole process.
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[tokio::test]
async fn one_file_may_hold_several_authorities() {
    let (ours, other) = (Authority::new(), Authority::new());
    let server = serve_tls(ours.server("127.0.0.1", |_| ())).await;
    let bundle = [other.pem(), ours.pem()].concat();
    let origin = format!("https://127.0.0.1:{}", server.port);
    let transport = Transport::new(TransportConfig {
        extra_ca_pem: vec![bundle],
        ..config(&origin)
    })
    .unwrap();
    assert_eq!(transport.perform(&get(), within(5000)).await.unwrap().status, 200);
}

#[tokio::test]
async fn another_name_and_another_time_are_refused() {
    let ours = Authority::new();
    let elsewhere = serve_tls(ours.server("api.example.test", |_| ())).await;
    let over = serve_tls(ours.server("127.0.0.1", |params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }))
    .await;
    for server in [elsewhere, over] {
        let failure = trusting(&server, "127.0.0.1", &[&ours])
            .perform(&commit(), within(5000))
            .await
            .unwrap_err();
        assert_eq!((failure, server.seen.len()), (Failure::Tls, 0));
    }
}

#[tokio::test]
async fn what_speaks_no_tls_is_refused_with_nothing_sent() {
    let ours = Authority::new();
    let server = serve(|mut conn| async move {
        conn.read(&mut Vec::new()).await;
        conn.answer("400 Bad Request", "{}").await;
    })
    .await;
    let failure = trusting(&server, "127.0.0.1", &[&ours])
        .perform(&commit(), within(5000))
        .await
        .unwrap_err();
    assert_eq!((failure, server.seen.count("state")), (Failure::Tls, 0));
    // One that hangs up on the hello, as an overloaded one does, may be tried again.
    let server = serve(Conn::close).await;
    let failure = trusting(&server, "127.0.0.1", &[&ours])
        .perform(&commit(), within(5000))
        .await
        .unwrap_err();
    assert_eq!(failure, Failure::Unreachable);
}

#[tokio::test]
async fn a_refusal_after_the_handshake_is_not_taken_for_one_before() {
    // In TLS 1.3 a server that wants a certificate says so when the client may already have sent its request.
    let ours = Authority::new();
    let server = serve_tls(ours.server_asking("127.0.0.1", |_| (), true)).await;
    for _ in 0..5 {
        let failure = trusting(&server, "127.0.0.1", &[&ours])
            .perform(&commit(), within(5000))
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::Interrupted);
    }
}

#[tokio::test]
async fn an_end_without_a_farewell_is_a_cut() {
    // Over TLS an end that was not announced may be anybody's who sits in between.
    let ours = Authority::new();
    let acceptor = TlsAcceptor::from(Arc::new(ours.server("127.0.0.1", |_| ())));
    let server = serve(move |conn| {
        let acceptor = acceptor.clone();
        async move {
            let stream = acceptor.accept(conn.stream).await.unwrap();
            let mut conn = Conn {
                number: conn.number,
                stream,
                seen: conn.seen,
            };
            conn.request().await.unwrap();
            conn.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"state\":")
                .await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            // The TCP connection ends, the TLS one does not.
            drop(conn);
        }
    })
    .await;
    let failure = trusting(&server, "127.0.0.1", &[&ours])
        .perform(&commit(), within(5000))
        .await
        .unwrap_err();
    assert_eq!(failure, Failure::Unreadable);
}
