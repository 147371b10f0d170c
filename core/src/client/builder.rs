use std::sync::Arc;
use std::time::Duration;

use super::catalogue::Catalogue;
use super::clock::{Wall, now};
use super::driver::Driver;
use super::oauth::{OAuth, OAuthConfig};
use super::spend::SpendLimit;
use super::token::{SecretToken, TokenSource};
use super::transport::{Downloads, Transport, TransportConfig};
use super::{CallOptions, Client, Inner};
use crate::error::{ErrorCode, SportelloError};
use crate::flow::{Policy, WatchPolicy};
use crate::journal::{Journal, JournalKey, MemoryJournal, Scope, SqliteJournal};
use crate::model::Money;
use crate::provider::oauth::Credentials;
use crate::provider::{self, ProviderKind};
use crate::verb::{Identity, Keeping};

/// Where requests go. One choice sets every host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The provider's real service: submissions cost money.
    Production,
    /// The provider's test hosts.
    Sandbox,
    /// A simulator on this machine, at this base URL.
    Simulator {
        /// `http://127.0.0.1:PORT`.
        base_url: String,
    },
}

/// Settings of a [`Client`].
pub struct ClientBuilder {
    environment: Environment,
    provider: ProviderKind,
    oauth_url: Option<String>,
    base_url: Option<String>,
    account: String,
    token: Option<TokenSource>,
    credentials: Option<(Credentials, OAuthConfig)>,
    journal: JournalChoice,
    key: Option<JournalKey>,
    sealed: Option<std::path::PathBuf>,
    max_spend: Option<Money>,
    policy: Policy,
    rhythm: WatchPolicy,
    transport: TransportConfig,
    wall: Wall,
}

enum JournalChoice {
    Default,
    Given(Arc<dyn Journal>),
    Path(std::path::PathBuf),
}

impl ClientBuilder {
    pub(super) fn new(environment: Environment) -> ClientBuilder {
        ClientBuilder {
            environment,
            provider: ProviderKind::default(),
            oauth_url: None,
            base_url: None,
            account: "default".to_owned(),
            token: None,
            credentials: None,
            journal: JournalChoice::Default,
            key: None,
            sealed: None,
            max_spend: None,
            policy: Policy::default(),
            rhythm: WatchPolicy::default(),
            transport: TransportConfig::default(),
            wall: Arc::new(now),
        }
    }

    /// Which API hands in; Visengine when nothing is said.
    #[must_use]
    pub fn provider(mut self, provider: ProviderKind) -> ClientBuilder {
        self.provider = provider;
        self
    }

    /// The account's e-mail address and API key: tokens with the fewest scopes are made of them, kept while they live and renewed before
    /// they end, and the account's credit can be asked for. For an integrator's backend or a managed desk only: whoever holds these can
    /// spend everything.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials, config: OAuthConfig) -> ClientBuilder {
        self.credentials = Some((credentials, config));
        self
    }

    /// Another host for tokens and credit: a proxy of one's own, or a test server.
    #[must_use]
    pub fn oauth_url(mut self, url: impl Into<String>) -> ClientBuilder {
        self.oauth_url = Some(url.into());
        self
    }

    /// A ready-made bearer token, or a relay's session.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> ClientBuilder {
        self.token = Some(TokenSource::Ready(SecretToken::new(token)));
        self
    }

    /// A function that gives a token before each call; `None` means that there is none.
    #[must_use]
    pub fn token_provider(
        mut self,
        give: impl Fn() -> Option<SecretToken> + Send + Sync + 'static,
    ) -> ClientBuilder {
        self.token = Some(TokenSource::Function(Arc::new(give)));
        self
    }

    /// Another host for the API: a proxy of one's own, or a test server. `https` only, or loopback.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> ClientBuilder {
        self.base_url = Some(url.into());
        self
    }

    /// The account's name, for a journal that serves several: references are unique per account. Not sent anywhere.
    #[must_use]
    pub fn account(mut self, name: impl Into<String>) -> ClientBuilder {
        self.account = name.into();
        self
    }

    /// A journal of the caller's; it should pass [`conformance`](crate::journal::conformance).
    #[must_use]
    pub fn journal(mut self, journal: Arc<dyn Journal>, key: JournalKey) -> ClientBuilder {
        self.journal = JournalChoice::Given(journal);
        self.key = Some(key);
        self
    }

    /// A journal in this SQLite file; its key is in a file of mode 0600 beside it. The default is one in the user's data directory.
    #[must_use]
    pub fn journal_path(mut self, path: impl Into<std::path::PathBuf>) -> ClientBuilder {
        self.journal = JournalChoice::Path(path.into());
        self
    }

    /// A journal in memory, asked for by name because **it is lost with the process**, and with it the protection of what was
    /// under way. For tests.
    #[must_use]
    pub fn memory_journal(mut self) -> ClientBuilder {
        self.journal = JournalChoice::Given(Arc::new(MemoryJournal::new()));
        self
    }

    /// The journal key, from a key store of the caller's.
    #[must_use]
    pub fn journal_key(mut self, key: JournalKey) -> ClientBuilder {
        self.key = Some(key);
        self
    }

    /// Keeps answers and files in this folder until they were handed in, sealed under the journal's key, so that
    /// [`resume`](super::Client::resume) needs nobody: for devices on which a program is killed in the middle. Keep the folder, like the
    /// journal, out of backups.
    #[cfg(feature = "sealed")]
    #[must_use]
    pub fn keep_answers(mut self, folder: impl Into<std::path::PathBuf>) -> ClientBuilder {
        self.sealed = Some(folder.into());
        self
    }

    /// The most that this client may spend in its life, net.
    #[must_use]
    pub fn max_spend(mut self, limit: Money) -> ClientBuilder {
        self.max_spend = Some(limit);
        self
    }

    /// How long a paid call may take. Default 60 s; at least 120 s for services that answer at once with their result.
    #[must_use]
    pub fn commit_timeout(mut self, timeout: Duration) -> ClientBuilder {
        self.policy.commit_timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// How long to wait, after a paid call's time limit has passed without an answer, before looking what became of it. Default 60 s:
    /// a late call must not arrive after the look.
    #[must_use]
    pub fn quiet_margin(mut self, margin: Duration) -> ClientBuilder {
        self.policy.quiet_margin_ms = u64::try_from(margin.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// How free calls are repeated.
    #[must_use]
    pub fn retry(mut self, retry: crate::flow::RetryPolicy) -> ClientBuilder {
        self.policy.retry = retry;
        self
    }

    /// The rhythm of watching.
    #[must_use]
    pub fn watch_rhythm(mut self, rhythm: WatchPolicy) -> ClientBuilder {
        self.rhythm = rhythm;
        self
    }

    /// Time limits, proxy, extra certificates, User-Agent, number of connections.
    #[must_use]
    pub fn transport(mut self, config: TransportConfig) -> ClientBuilder {
        self.transport = config;
        self
    }

    /// Another source of the time of day, Unix milliseconds; the system's clock when nothing is said. It is asked once for each verb that
    /// pays: from there a clock that nobody sets goes on, so that a correction in the middle shortens no wait. For tests, and for hosts
    /// that know the time better than their system.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> u64 + Send + Sync + 'static) -> ClientBuilder {
        self.wall = Arc::new(now);
        self
    }

    /// The client. Opens the journal, so it blocks for a moment.
    ///
    /// # Errors
    /// `config.*`, `journal.*`.
    pub fn build(self) -> Result<Client, SportelloError> {
        let provider = self.provider.provider();
        let (oauth_host, scope_host) = self.oauth_hosts();
        let origin = self.origin()?;
        let config = TransportConfig {
            origin,
            ..self.transport
        };
        let token = match (self.token, self.credentials) {
            // A ready-made token is the narrower of the two.
            (Some(token), _) => token,
            (None, Some((credentials, settings))) if self.provider != ProviderKind::Relay => {
                let transport = Transport::new(TransportConfig {
                    origin: oauth_host,
                    ..config.clone()
                })?;
                let (provider, host) = (Arc::clone(&provider), scope_host);
                TokenSource::Account(Arc::new(OAuth::new(
                    transport,
                    credentials,
                    provider,
                    host,
                    settings,
                )))
            }
            (None, _) => return Err(ErrorCode::TokenMissing.into()),
        };
        let (transport, downloads) = (Transport::new(config.clone())?, Downloads::new(config)?);
        let (journal, key): (Arc<dyn Journal>, JournalKey) = match self.journal {
            JournalChoice::Given(journal) => (journal, self.key.map_or_else(JournalKey::random, Ok)?),
            JournalChoice::Path(path) => open(&path, self.key)?,
            JournalChoice::Default => open(&SqliteJournal::default_path()?, self.key)?,
        };
        let keeping = keeping(self.sealed, &key);
        let scope = Scope {
            provider: provider.name().to_owned(),
            origin: transport.origin().to_owned(),
            account: self.account,
        };
        let renewable_token = token.is_renewable();
        let inner = Inner {
            driver: Driver {
                transport,
                downloads,
                journal: Arc::clone(&journal),
                token,
                wall: self.wall,
                not_before: 0,
            },
            provider,
            journal,
            identity: Identity { scope, key },
            policy: Policy {
                renewable_token,
                ..self.policy
            },
            rhythm: self.rhythm,
            keeping,
            spend: SpendLimit::new(self.max_spend),
            catalogue: Catalogue::default(),
            heard: crate::callback::Heard::default(),
            turns: super::turns::Turns::default(),
        };
        Ok(Client {
            inner: Arc::new(inner),
            options: CallOptions::default(),
        })
    }
}

impl ClientBuilder {
    fn origin(&self) -> Result<String, SportelloError> {
        match (&self.base_url, &self.environment, self.provider.hosts()) {
            (Some(url), ..) => Ok(url.clone()),
            (None, Environment::Simulator { base_url }, Some(_)) => Ok(base_url.clone()),
            (None, Environment::Production, Some((production, _))) => Ok(production.to_owned()),
            (None, Environment::Sandbox, Some((_, sandbox))) => Ok(sandbox.to_owned()),
            (None, _, None) => Err(ErrorCode::BaseUrlMissing.into()),
        }
    }

    /// The host that makes tokens, and the one that scopes name. Scopes name the provider's host also where another one, a proxy or a
    /// simulator, stands before it.
    fn oauth_hosts(&self) -> (String, String) {
        let (production, sandbox) = self.provider.hosts().unwrap_or_default();
        let name = |url: &str| url.trim_start_matches("https://").to_owned();
        let (host, scope) = match &self.environment {
            Environment::Production => (provider::oauth::PRODUCTION.to_owned(), name(production)),
            Environment::Sandbox => (provider::oauth::SANDBOX.to_owned(), name(sandbox)),
            Environment::Simulator { base_url } => (base_url.clone(), name(production)),
        };
        (self.oauth_url.clone().unwrap_or(host), scope)
    }
}

fn open(
    path: &std::path::Path,
    key: Option<JournalKey>,
) -> Result<(Arc<dyn Journal>, JournalKey), SportelloError> {
    let journal = SqliteJournal::open(path)?;
    let key = match key {
        Some(key) => key,
        None => JournalKey::load_or_create(&path.with_extension("key"))?,
    };
    Ok((Arc::new(journal), key))
}

#[cfg(feature = "sealed")]
fn keeping(folder: Option<std::path::PathBuf>, key: &JournalKey) -> Keeping {
    let store = folder.map(|folder| crate::sealed::SealedStore::new(folder, key));
    store.map_or_else(Keeping::default, |store| Keeping::by(Arc::new(store)))
}

#[cfg(not(feature = "sealed"))]
fn keeping(_: Option<std::path::PathBuf>, _: &JournalKey) -> Keeping {
    Keeping::default()
}
