//! What a relay is made of.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sportello::client::Client;

use crate::ledger::{Caps, Ledger};
use crate::session::Authorize;

/// What a relay is made of.
#[derive(Clone)]
pub struct Config {
    /// The client that holds the token and the journal. Its journal must be the same for all instances of one relay.
    pub client: Client,
    /// The private folder: answers and files under way, documents fetched, the relay's key. Made with mode 0700 where there is none.
    /// All instances of one relay share it.
    pub folder: PathBuf,
    /// Who is calling.
    pub authorize: Arc<dyn Authorize>,
    /// What may be asked for. Nothing, unless said otherwise.
    pub services: Services,
    /// Where spending is kept; by default a SQLite file in the folder.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// How much may be spent.
    pub caps: Caps,
    /// Sizes, rates and times.
    pub limits: Limits,
    /// Origins of web pages that may call, `https://www.example.org`; never `*`.
    pub origins: Vec<String>,
    /// A header in which the proxy before this relay names the caller's address, such as `x-forwarded-for`: its last entry counts.
    /// Without one it is the connection's. Set it only where such a proxy stands, or callers name whatever address they like.
    pub address_header: Option<String>,
}

impl Config {
    /// A relay over this client, with the default limits, that offers nothing yet.
    #[must_use]
    pub fn new(client: Client, folder: impl Into<PathBuf>, authorize: Arc<dyn Authorize>) -> Config {
        Config {
            client,
            folder: folder.into(),
            authorize,
            services: Services::Only(Vec::new()),
            ledger: None,
            caps: Caps::default(),
            limits: Limits::default(),
            origins: Vec::new(),
            address_header: None,
        }
    }
}

/// Which services a relay offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Services {
    /// Everything that the provider has.
    All,
    /// These, by id, exact name or alias.
    Only(Vec<String>),
}

/// Sizes, rates and times.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest JSON body, bytes. Default 1 MiB.
    pub json_bytes: usize,
    /// The longest file, bytes. Default 100 MiB.
    pub file_bytes: u64,
    /// What one user may have lying here uncommitted, bytes. Default 300 MiB.
    pub user_bytes: u64,
    /// How many drafts one user may have. Default 100.
    pub user_drafts: usize,
    /// How many event streams one user may have open. Default 8.
    pub user_streams: usize,
    /// How long a body may stand still. Default 20 s.
    pub body_idle: Duration,
    /// How long a JSON body may take in all. Default 30 s.
    pub json_time: Duration,
    /// The slowest upload that is waited for, bytes per second on average after the first minute. Default 8 KiB.
    pub min_upload_rate: u64,
    /// Calls of one user: per second on average.
    pub user_rate: u32,
    /// Calls of one user: so many at once. Default 120.
    pub user_burst: u32,
    /// Calls without a session from one address (IPv6: one /64), per minute on average; as many at once. Default 60.
    pub address_rate: u32,
    /// How long uncommitted answers and files are kept. Default 24 h.
    pub draft_age: Duration,
    /// How long fetched documents are kept. Default 24 h.
    pub delivery_age: Duration,
    /// How often old things are looked for. Default 5 min.
    pub sweep_every: Duration,
    /// How long the state of a submission is believed. Default 2 s.
    pub status_age: Duration,
    /// How often a quiet event stream says that it lives. Default 15 s.
    pub heartbeat: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        Limits {
            json_bytes: 1024 * 1024,
            file_bytes: 100 * 1024 * 1024,
            user_bytes: 300 * 1024 * 1024,
            user_drafts: 100,
            user_streams: 8,
            body_idle: Duration::from_secs(20),
            json_time: Duration::from_secs(30),
            min_upload_rate: 8 * 1024,
            user_rate: 10,
            user_burst: 120,
            address_rate: 60,
            draft_age: hours(24),
            delivery_age: hours(24),
            sweep_every: Duration::from_secs(300),
            status_age: Duration::from_secs(2),
            heartbeat: Duration::from_secs(15),
        }
    }
}
