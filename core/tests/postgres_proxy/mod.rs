//! What stands between a journal and its server: something that cuts the line at the worst moment, and TLS.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Where the line is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cut {
    Nowhere,
    /// The server never sees the commit.
    BeforeCommit,
    /// The server commits; its answer is lost.
    AfterCommit,
}

/// A connection that goes through.
struct Line {
    client: TcpStream,
    /// Nothing is carried any more, and nobody is told.
    silent: Arc<AtomicBool>,
}

/// What becomes of some bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Carried,
    Lost,
    /// And the line is closed.
    Cut,
}

/// A line to the server that can be cut.
pub(crate) struct Proxy {
    port: u16,
    cut: Arc<AtomicU8>,
    lines: Arc<Mutex<Vec<Line>>>,
}

impl Proxy {
    /// A proxy for a server on TCP.
    pub(crate) fn to(host: &str, port: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy {
            port: listener.local_addr().unwrap().port(),
            cut: Arc::new(AtomicU8::new(Cut::Nowhere as u8)),
            lines: Arc::default(),
        };
        let (target, cut, lines) = (
            (host.to_owned(), port),
            Arc::clone(&proxy.cut),
            Arc::clone(&proxy.lines),
        );
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                // As a server that is not there.
                let Ok(server) = TcpStream::connect((target.0.as_str(), target.1)) else {
                    continue;
                };
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let line = Line {
                    client: client.try_clone().unwrap(),
                    silent: Arc::default(),
                };
                carry(client, server, &cut, &line.silent);
                lines.lock().unwrap().push(line);
            }
        });
        proxy
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The next commit is cut here, once.
    pub(crate) fn cut_next(&self, cut: Cut) {
        self.cut.store(cut as u8, Ordering::SeqCst);
    }

    /// True when the cut was made.
    pub(crate) fn was_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst) == Cut::Nowhere as u8
    }

    /// Cuts every line there is now.
    pub(crate) fn cut_all(&self) {
        for line in self.lines.lock().unwrap().drain(..) {
            let _ = line.client.shutdown(Shutdown::Both);
        }
    }

    /// Every line there is now carries nothing from here on, as when a firewall has forgotten it.
    pub(crate) fn silence_all(&self) {
        for line in self.lines.lock().unwrap().iter() {
            line.silent.store(true, Ordering::SeqCst);
        }
    }
}

fn carry(client: TcpStream, server: TcpStream, cut: &Arc<AtomicU8>, silent: &Arc<AtomicBool>) {
    let swallow = Arc::new(AtomicBool::new(false));
    {
        let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let (cut, swallow, silent) = (Arc::clone(cut), Arc::clone(&swallow), Arc::clone(silent));
        thread::spawn(move || {
            pump(&mut from, &mut to, |bytes| {
                if silent.load(Ordering::SeqCst) {
                    return Fate::Lost;
                }
                // The whole statement of a commit, as `READ COMMITTED` is not one.
                if !bytes.windows(7).any(|window| window == b"COMMIT\0") {
                    return Fate::Carried;
                }
                let now = cut.swap(Cut::Nowhere as u8, Ordering::SeqCst);
                swallow.store(now == Cut::AfterCommit as u8, Ordering::SeqCst);
                match now == Cut::BeforeCommit as u8 {
                    true => Fate::Cut,
                    false => Fate::Carried,
                }
            });
        });
    }
    let (mut from, mut to) = (server, client);
    thread::spawn(move || {
        pump(&mut from, &mut to, |_| match swallow.load(Ordering::SeqCst) {
            true => Fate::Cut,
            false => Fate::Carried,
        });
    });
}

/// Carries bytes until an end closes or the line is cut; then both ends are closed.
fn pump(from: &mut TcpStream, to: &mut TcpStream, fate: impl Fn(&[u8]) -> Fate) {
    let mut buffer = [0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        match fate(&buffer[..read]) {
            Fate::Lost => {}
            Fate::Carried if to.write_all(&buffer[..read]).is_ok() => {}
            Fate::Carried | Fate::Cut => break,
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// TLS in front of a server without.
pub(crate) struct TlsProxy {
    port: u16,
    /// The certificate, which is its own root.
    pub(crate) pem: String,
    /// How many connections came through.
    served: Arc<AtomicU8>,
}

impl TlsProxy {
    /// A proxy whose certificate is for `name`.
    pub(crate) fn to(host: &str, port: u16, name: &str) -> TlsProxy {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let certified = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certified.cert.der().clone()], key)
                .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = TlsProxy {
            port: listener.local_addr().unwrap().port(),
            pem: certified.cert.pem(),
            served: Arc::default(),
        };
        let (target, served) = ((host.to_owned(), port), Arc::clone(&proxy.served));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                listener.set_nonblocking(true).unwrap();
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                loop {
                    let (mut client, _) = listener.accept().await.unwrap();
                    let (acceptor, target, served) = (acceptor.clone(), target.clone(), Arc::clone(&served));
                    tokio::spawn(async move {
                        let mut request = [0; 8];
                        client.read_exact(&mut request).await?;
                        assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47], "a request for TLS");
                        client.write_all(b"S").await?;
                        let mut client = acceptor.accept(client).await?;
                        let mut server =
                            tokio::net::TcpStream::connect((target.0.as_str(), target.1)).await?;
                        served.fetch_add(1, Ordering::SeqCst);
                        tokio::io::copy_bidirectional(&mut client, &mut server).await
                    });
                }
            });
        });
        proxy
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn served(&self) -> u8 {
        self.served.load(Ordering::SeqCst)
    }
}
