use std::sync::Arc;
use std::time::Duration;

use sportello::client::transport::TransportConfig;
use sportello::client::{CallOptions, Client as Core, ClientBuilder, Environment, ProviderKind, SecretToken};
use sportello::host::relay_only;

use super::Client;
use super::cancel::Stop;
use crate::place::{kept_beside, key_of};
use crate::{JournalKeys, JournalPlace, Money, PrivateText, SessionProvider, SportelloError};

/// Settings of a [`Client`]; the defaults are right for most apps.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ClientSettings {
    /// Where the journal is kept.
    pub journal: JournalPlace,
    /// Whose submissions these are, on a device that several people use: references are unique per account. Not sent anywhere.
    #[uniffi(default = None)]
    pub account: Option<PrivateText>,
    /// The most that this client may spend in its life, net.
    #[uniffi(default = None)]
    pub max_spend: Option<Money>,
    /// How long a free call may take in all, repeats included.
    #[uniffi(default = None)]
    pub deadline: Option<Duration>,
    /// How many times a free call is sent at the most.
    #[uniffi(default = None)]
    pub attempts: Option<u32>,
    /// How long the paid call may take; 60 s when nothing is said.
    #[uniffi(default = None)]
    pub commit_timeout: Option<Duration>,
    /// How long to wait, after the paid call's time limit has passed without an answer, before looking what became of it; 60 s when
    /// nothing is said.
    #[uniffi(default = None)]
    pub quiet_margin: Option<Duration>,
    /// `http[s]://[user:password@]host[:port]`.
    #[uniffi(default = None)]
    pub proxy: Option<PrivateText>,
    /// Certificates to trust besides the system's, PEM.
    #[uniffi(default = [])]
    pub extra_certificates: Vec<Vec<u8>>,
    /// What the app calls itself: `my-app/1.2`.
    #[uniffi(default = None)]
    pub user_agent: Option<String>,
}

/// Where a client that goes direct sends its requests. One choice sets every host.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum ApiEnvironment {
    /// The provider's real service: submissions cost money.
    Production,
    /// The provider's test hosts.
    Sandbox,
    /// A simulator on this machine.
    Simulator {
        /// `http://127.0.0.1:PORT`.
        base_url: String,
    },
}

/// Which API a client that goes direct hands in through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum DirectProvider {
    /// Visengine 2: the welfare requests.
    Visengine,
    /// DocuEngine: documents of registers and chambers of commerce.
    DocuEngine,
}

#[uniffi::export]
impl Client {
    /// A client of your own backend's relay, which holds the provider's token and pays; the app holds a session of its user's and nothing
    /// else. This is the way for apps.
    ///
    /// # Errors
    /// [`SportelloError::Config`] (`config.relay_needed` for the provider's own address), [`SportelloError::Journal`].
    #[uniffi::constructor]
    pub fn through_relay(
        url: String,
        sessions: Arc<dyn SessionProvider>,
        keys: Arc<dyn JournalKeys>,
        settings: ClientSettings,
    ) -> Result<Arc<Client>, SportelloError> {
        relay_only(&url, "")?;
        let builder = Core::builder(Environment::Production)
            .provider(ProviderKind::Relay)
            .base_url(url);
        build(builder, sessions, &*keys, settings)
    }

    /// A client that talks to the provider itself, with **short-lived tokens** that your backend makes for this user: few scopes, minutes
    /// of life, a limit of what they may spend.
    ///
    /// There is no way to give the account's e-mail and API key to a phone, and there will be none: whatever is in an app can be read out
    /// of it, and whoever holds the key can spend the whole account and read everybody's documents. With a token that can happen for some
    /// minutes, for what the token allows. The relay has none of this risk, a spending limit for each user, and hides each user's
    /// submissions from the others.
    ///
    /// # Errors
    /// [`SportelloError::Config`], [`SportelloError::Journal`].
    #[uniffi::constructor]
    pub fn direct(
        provider: DirectProvider,
        environment: ApiEnvironment,
        tokens: Arc<dyn SessionProvider>,
        keys: Arc<dyn JournalKeys>,
        settings: ClientSettings,
    ) -> Result<Arc<Client>, SportelloError> {
        let builder = Core::builder(match environment {
            ApiEnvironment::Production => Environment::Production,
            ApiEnvironment::Sandbox => Environment::Sandbox,
            ApiEnvironment::Simulator { base_url } => Environment::Simulator { base_url },
        });
        let builder = builder.provider(match provider {
            DirectProvider::Visengine => ProviderKind::Visengine,
            DirectProvider::DocuEngine => ProviderKind::DocuEngine,
        });
        build(builder, tokens, &*keys, settings)
    }
}

fn build(
    mut builder: ClientBuilder,
    sessions: Arc<dyn SessionProvider>,
    keys: &dyn JournalKeys,
    settings: ClientSettings,
) -> Result<Arc<Client>, SportelloError> {
    // Named one by one: a setting that is added must be used.
    let ClientSettings {
        journal,
        account,
        max_spend,
        deadline,
        attempts,
        commit_timeout,
        quiet_margin,
        proxy,
        extra_certificates,
        user_agent,
    } = settings;
    builder = builder
        .token_provider(move || sessions.session().ok().flatten().map(SecretToken::new))
        .journal_key(key_of(keys)?)
        .transport(TransportConfig {
            proxy: proxy.map(|proxy| proxy.0),
            extra_ca_pem: extra_certificates,
            user_agent,
            ..TransportConfig::default()
        });
    builder = match journal {
        JournalPlace::File { path } => {
            let sealed = kept_beside(&path);
            builder.journal_path(path).keep_answers(sealed)
        }
        JournalPlace::Memory => builder.memory_journal(),
    };
    if let Some(account) = account {
        builder = builder.account(account.0);
    }
    if let Some(limit) = max_spend {
        builder = builder.max_spend(limit);
    }
    if let Some(timeout) = commit_timeout {
        builder = builder.commit_timeout(timeout);
    }
    if let Some(margin) = quiet_margin {
        builder = builder.quiet_margin(margin);
    }
    let core = builder.build()?.with(CallOptions { deadline, attempts });
    Ok(Arc::new(Client {
        core,
        stop: Stop::default(),
    }))
}
