//! The engine behind a real socket on 127.0.0.1, with a real clock.

mod admin;
mod callback;
mod line;
mod serve;
#[cfg(feature = "tls")]
mod tls;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{interval, timeout},
};

use crate::{Api, Charge, Config, Engine, Logged};

/// How often states are moved on when nobody calls, so that callbacks leave in time.
const TICK: Duration = Duration::from_millis(25);

/// How long an open connection may delay the shutdown.
const FAREWELL: Duration = Duration::from_millis(500);

/// What the handlers share.
pub(crate) struct Inner {
    engine: Mutex<Engine>,
    started: Instant,
    started_unix_ms: u64,
    time_factor: f64,
    skipped_ms: AtomicU64,
}

impl Inner {
    fn with_engine<T>(&self, act: impl FnOnce(&mut Engine) -> T) -> T {
        // A test that panicked with the engine in hand must not take the others down with it.
        act(&mut self.engine.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn now_ms(&self) -> u64 {
        let elapsed = self.started.elapsed().as_secs_f64() * 1_000.0 * self.time_factor;
        self.started_unix_ms + elapsed as u64 + self.skipped_ms.load(Ordering::Relaxed)
    }

    fn skip(&self, by: Duration) {
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.skipped_ms.fetch_add(by_ms, Ordering::Relaxed);
    }
}

/// A running simulator. It stops when it is dropped.
pub struct Simulator {
    inner: Arc<Inner>,
    address: SocketAddr,
    storage: SocketAddr,
    token: String,
    certificate: Option<String>,
    stop: watch::Sender<bool>,
    servers: [JoinHandle<io::Result<()>>; 2],
    ticker: JoinHandle<()>,
}

impl Simulator {
    /// Starts one on 127.0.0.1. Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the port is taken, or TLS is asked for and can't be had.
    pub async fn start(mut config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port.unwrap_or(0))).await?;
        // The storage is another origin: another port is enough for that.
        let storage_listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, storage) = (listener.local_addr()?, storage_listener.local_addr()?);
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (token, tls) = (config.token.clone(), config.tls);
        config.storage_url = format!("{}://{storage}", scheme(tls));
        let inner = Arc::new(Inner {
            started: Instant::now(),
            started_unix_ms: u64::try_from(since_1970.as_millis()).unwrap_or(0),
            time_factor: config.time_factor,
            skipped_ms: AtomicU64::new(0),
            engine: Mutex::new(Engine::new(config)),
        });
        let (stop, stopped) = watch::channel(false);
        let places = [(listener, Place::Apis), (storage_listener, Place::Storage)]
            .map(|(listener, place)| (listener, (Arc::clone(&inner), place), stopped.clone()));
        let (certificate, servers) = if tls {
            let (certificate, servers) = serve_tls(places)?;
            (Some(certificate), servers)
        } else {
            (
                None,
                places.map(|(listener, served, stopped)| serve::spawn(served, line::Door(listener), stopped)),
            )
        };
        let ticker = tokio::spawn(tick(Arc::clone(&inner)));
        Ok(Self {
            inner,
            address,
            storage,
            token,
            certificate,
            stop,
            servers,
            ticker,
        })
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}://{}", scheme(self.certificate.is_some()), self.address)
    }

    /// Where DocuEngine's deliveries lie: `http://127.0.0.1:<another port>`, without a slash at the end.
    #[must_use]
    pub fn storage_url(&self) -> String {
        format!("{}://{}", scheme(self.certificate.is_some()), self.storage)
    }

    /// The calls the storage has seen, oldest first: none of them should have brought a token.
    #[must_use]
    pub fn storage_log(&self) -> Vec<Logged> {
        self.with_engine(|engine| {
            let calls = engine.log().iter();
            calls
                .filter(|call| call.api == Some(Api::Storage))
                .cloned()
                .collect()
        })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that may do everything.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The certificate to trust, in PEM, where it serves over TLS.
    #[must_use]
    pub fn certificate_pem(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// Looks at the engine or changes it, between two calls.
    pub fn with_engine<T>(&self, act: impl FnOnce(&mut Engine) -> T) -> T {
        self.inner.with_engine(act)
    }

    /// Every charge so far, oldest first.
    #[must_use]
    pub fn ledger(&self) -> Vec<Charge> {
        self.with_engine(|engine| engine.ledger().to_vec())
    }

    /// The simulator's clock, in Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.inner.now_ms()
    }

    /// Puts the simulator's clock forward.
    pub fn skip(&self, by: Duration) {
        self.inner.skip(by);
    }

    /// Stops it, and waits until it has stopped.
    pub async fn shutdown(mut self) {
        let _nobody_left = self.stop.send(true);
        for server in &mut self.servers {
            if timeout(FAREWELL, &mut *server).await.is_err() {
                server.abort();
            }
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _nobody_left = self.stop.send(true);
        self.ticker.abort();
    }
}

fn scheme(tls: bool) -> &'static str {
    if tls { "https" } else { "http" }
}

/// What is served at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The APIs, the page and the controls.
    Apis,
    /// Deliveries.
    Storage,
}

/// A listener, what is served on it, and the word to stop.
type Serving = (TcpListener, (Arc<Inner>, Place), watch::Receiver<bool>);

/// The certificate of both addresses, and their servers.
type Secured = (String, [JoinHandle<io::Result<()>>; 2]);

#[cfg(feature = "tls")]
fn serve_tls(places: [Serving; 2]) -> io::Result<Secured> {
    let identity = tls::Identity::new()?;
    let [first, second] = places.map(|(listener, served, stopped)| {
        let door = tls::Door::new(listener, &identity)?;
        Ok::<_, io::Error>(serve::spawn(served, door, stopped))
    });
    Ok((identity.pem, [first?, second?]))
}

#[cfg(not(feature = "tls"))]
fn serve_tls(_: [Serving; 2]) -> io::Result<Secured> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "built without the feature `tls`",
    ))
}

/// Moves states on and sends the callbacks that are due, in order.
async fn tick(inner: Arc<Inner>) {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let now_ms = inner.now_ms();
        let calls = inner.with_engine(|engine| {
            engine.advance(now_ms);
            engine.take_callbacks()
        });
        for call in calls {
            // Like the provider, it doesn't try again: a callback is a hint, not a promise.
            let status = callback::send(&call).await.ok();
            let now_ms = inner.now_ms();
            inner.with_engine(|engine| engine.callback_answered(now_ms, &call.id, status));
        }
    }
}
