//! The same loopback socket under TLS, with a certificate made at the start for this machine's own names.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::serve::Listener;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer},
    server::TlsStream,
};

use super::line::Line;

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(5);

type Arrival = (Line<TlsStream<TcpStream>>, SocketAddr);

/// The simulator's certificate, made at the start.
pub(super) struct Identity {
    /// The certificate to trust, in PEM.
    pub(super) pem: String,
    config: Arc<ServerConfig>,
}

impl Identity {
    pub(super) fn new() -> io::Result<Self> {
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            pem: made.cert.pem(),
            config: Arc::new(config),
        })
    }
}

/// A loopback listener under TLS. Handshakes run side by side, so that a slow one holds up nobody.
pub(super) struct Door {
    address: SocketAddr,
    arrivals: mpsc::Receiver<Arrival>,
}

impl Door {
    pub(super) fn new(listener: TcpListener, identity: &Identity) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, arrivals) = mpsc::channel(16);
        let acceptor = TlsAcceptor::from(Arc::clone(&identity.config));
        tokio::spawn(admit(listener, acceptor, sender));
        Ok(Self { address, arrivals })
    }
}

async fn admit(mut listener: TcpListener, acceptor: TlsAcceptor, arrivals: mpsc::Sender<Arrival>) {
    loop {
        let (stream, address) = tokio::select! {
            arrival = Listener::accept(&mut listener) => arrival,
            () = arrivals.closed() => return,
        };
        let (acceptor, arrivals) = (acceptor.clone(), arrivals.clone());
        tokio::spawn(async move {
            let _best_effort = stream.set_nodelay(true);
            if let Ok(Ok(secured)) = timeout(PATIENCE, acceptor.accept(stream)).await {
                let _stopped = arrivals.send((Line::new(secured), address)).await;
            }
        });
    }
}

impl Listener for Door {
    type Io = Line<TlsStream<TcpStream>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Arrival {
        match self.arrivals.recv().await {
            Some(arrival) => arrival,
            // The acceptor lives as long as this does; without it nobody comes any more.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
