//! What a simulator is started with.

use serde::{Deserialize, Serialize};

use crate::{faults::Rule, switches::Switches};

/// The token every simulator accepts unless it is told otherwise. It opens nothing else.
pub const DEFAULT_TOKEN: &str = "sportello-simulator";

/// The account's e-mail, for the calls of OAuth. No mail can reach it.
pub const DEFAULT_ACCOUNT_EMAIL: &str = "cassa@caf.example";

/// The account's API key, for the calls of OAuth. It opens nothing else.
pub const DEFAULT_API_KEY: &str = "sportello-simulator-key";

/// How long a request stays in each state, on the simulator's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stages {
    /// `In ricerca`, and how long a search takes (DocuEngine's `SEARCH`).
    pub searching_ms: u64,
    /// `In erogazione`; with the next, DocuEngine's `WAIT`.
    pub working_ms: u64,
    /// `Dati disponibili`.
    pub ready_ms: u64,
}

impl Default for Stages {
    /// Four seconds in all: long enough to be seen, short enough to be waited for.
    fn default() -> Self {
        Self {
            searching_ms: 1_000,
            working_ms: 1_500,
            ready_ms: 1_500,
        }
    }
}

/// A token with fewer rights than the main one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopedToken {
    /// The token.
    pub token: String,
    /// Scopes as the provider writes them, `POST:host/richiesta`. The host is not looked at, unlike that of a
    /// token issued by `POST /tokens`.
    pub scopes: Vec<String>,
}

/// A service whose requests the office cancels instead of working on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// The service's `hash_visura`, or DocuEngine's document id.
    pub service: String,
    /// `esito.codice`. DocuEngine has no code.
    pub code: String,
    /// `esito.info`, or DocuEngine's `cancellationReason`.
    pub info: String,
}

/// What a simulator is started with.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The port on 127.0.0.1; `None` takes a free one.
    pub port: Option<u16>,
    /// The token that may do everything.
    pub token: String,
    /// Tokens that may do less.
    pub scoped_tokens: Vec<ScopedToken>,
    /// The account's e-mail and API key, which OAuth's calls are made with.
    pub account_email: String,
    /// See [`Config::account_email`].
    pub api_key: String,
    /// Where DocuEngine's deliveries lie: the origin its download addresses begin with, without a slash at
    /// the end. A [`Simulator`](crate::Simulator) puts its own second address here.
    pub storage_url: String,
    /// The wallet at the start, in cents.
    pub wallet_cents: i64,
    /// How long a request stays in each state.
    pub stages: Stages,
    /// How many simulated milliseconds pass in a real one. The engine has no clock; only the server uses it.
    pub time_factor: f64,
    /// What the provider's documents leave open.
    pub switches: Switches,
    /// Faults in force from the start.
    pub faults: Vec<Rule>,
    /// Services whose requests the office cancels.
    pub cancellations: Vec<Cancellation>,
    /// Answers with the loose typing seen in the field: numbers as strings, booleans as 0 and 1, `null` for
    /// lists, `false` for objects, fields nobody documented, names with trailing spaces.
    pub loose: bool,
    /// Makes the ids; two engines with one seed give the same ids for the same calls.
    pub seed: u64,
    /// Serve over TLS with a certificate made at the start. Needs the crate's feature `tls`.
    pub tls: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: None,
            token: DEFAULT_TOKEN.to_owned(),
            scoped_tokens: Vec::new(),
            account_email: DEFAULT_ACCOUNT_EMAIL.to_owned(),
            api_key: DEFAULT_API_KEY.to_owned(),
            storage_url: "https://storage.example.com".to_owned(),
            wallet_cents: 100_000,
            stages: Stages::default(),
            time_factor: 1.0,
            switches: Switches::default(),
            faults: Vec::new(),
            cancellations: Vec::new(),
            loose: false,
            seed: 0,
            tls: false,
        }
    }
}
