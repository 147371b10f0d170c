//! A relay before the embedded simulator, to try the way that browsers and phones go.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sportello::client::{Client, Environment};
use sportello_relay::{Config, ServeLimits, Services, SessionKeys, relay, serve};
use sportello_simulator::Simulator;

use crate::exit::Stop;

/// A relay of this run's own; what it keeps goes with it.
pub(crate) struct EmbeddedRelay {
    pub(crate) url: String,
    pub(crate) session: String,
    _folder: tempfile::TempDir,
}

impl EmbeddedRelay {
    pub(crate) async fn start(simulator: &Simulator) -> Result<EmbeddedRelay, Stop> {
        let why = |error: &dyn std::fmt::Display| Stop::local(format!("can't start the relay: {error}"));
        let folder = tempfile::tempdir().map_err(|error| why(&error))?;
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| why(&error))?;
        let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let keys = SessionKeys::parse(&key).map_err(|error| why(&error))?;
        let in_an_hour = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs()
            + 3600;
        let session = keys
            .sign("demo", in_an_hour, None)
            .ok_or_else(|| Stop::local("can't start the relay: no session"))?;
        let client = Client::builder(Environment::Simulator {
            base_url: simulator.base_url(),
        })
        .token(simulator.token())
        .memory_journal()
        .build()?;
        let mut config = Config::new(client, folder.path(), Arc::new(keys));
        config.services = Services::All;
        // The simulator's office works in seconds.
        config.limits.status_age = Duration::from_millis(200);
        let router = relay(config).map_err(|error| why(&error))?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .map_err(|error| why(&error))?;
        let address = listener.local_addr().map_err(|error| why(&error))?;
        tokio::spawn(serve(listener, router, ServeLimits::default(), pending()));
        Ok(EmbeddedRelay {
            url: format!("http://{address}"),
            session,
            _folder: folder,
        })
    }
}
