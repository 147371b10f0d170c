//! The client that the options ask for.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use sportello::client::{Client, Environment, OAuthConfig};
use sportello::provider::oauth::Credentials;
use sportello_simulator::{Config, DEFAULT_ACCOUNT_EMAIL, DEFAULT_API_KEY, Simulator};
use zeroize::Zeroizing;

use crate::args::{self, Global};
use crate::exit::Stop;
use crate::relay::EmbeddedRelay;

/// A client, and the simulator that it talks to where one is embedded.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) simulator: Option<Simulator>,
    /// The relay before the simulator, where one is embedded.
    _relay: Option<EmbeddedRelay>,
}

/// Opens what the options ask for.
pub(crate) async fn open(global: &Global) -> Result<Context, Stop> {
    let embedded = global.simulator && global.base_url.is_none();
    let simulator = if embedded { Some(embed().await?) } else { None };
    let relay = match &simulator {
        Some(simulator) if global.provider == args::Provider::Relay => {
            Some(EmbeddedRelay::start(simulator).await?)
        }
        _ => None,
    };
    let environment = match (&simulator, &global.base_url, global.environment) {
        (Some(simulator), ..) => Environment::Simulator {
            base_url: simulator.base_url(),
        },
        (None, Some(url), None) if global.simulator => Environment::Simulator {
            base_url: url.clone(),
        },
        (None, _, Some(args::Environment::Sandbox)) => Environment::Sandbox,
        (None, _, Some(args::Environment::Production)) => Environment::Production,
        (None, ..) => {
            let text = "say where: --simulator, --environment sandbox or --environment production";
            return Err(Stop::usage(text));
        }
    };
    let mut builder = Client::builder(environment).provider(global.provider.into());
    builder = match (&relay, authorization(global, simulator.as_ref())?) {
        (Some(relay), _) => builder.base_url(&relay.url).token(&relay.session),
        (None, Authorization::Token(token)) => builder.token(token),
        (None, Authorization::Account(credentials)) => {
            builder.credentials(credentials, OAuthConfig::default())
        }
    };
    builder = builder
        .account(&global.account)
        .commit_timeout(Duration::from_secs(global.commit_timeout))
        .quiet_margin(Duration::from_secs(global.quiet_margin));
    if let Some(url) = global.base_url.as_ref().filter(|_| !global.simulator) {
        builder = builder.base_url(url);
    }
    if let Some(url) = &global.oauth_url {
        builder = builder.oauth_url(url);
    }
    if global.simulator {
        // Its office works in seconds, so it is looked at more often than one that takes two days.
        let rhythm = sportello::flow::WatchPolicy {
            first_ms: 200,
            growth_percent: 120,
            cap_ms: 1_000,
            far_cap_ms: 1_000,
        };
        builder = builder.watch_rhythm(rhythm);
    }
    builder = match &global.journal {
        Some(path) => builder.journal_path(path),
        // The embedded simulator forgets everything when it ends, and so does its journal.
        None if embedded => builder.memory_journal(),
        None => builder,
    };
    let client = tokio::task::spawn_blocking(move || builder.build()).await;
    let client = client.map_err(|_| Stop::local("can't open the journal"))??;
    // A run opens one client; a second would be a mistake of ours, and only its tokens would outlive the run.
    let _ = OPENED.set(client.clone());
    Ok(Context {
        client,
        simulator,
        _relay: relay,
    })
}

/// The client of this run.
static OPENED: OnceLock<Client> = OnceLock::new();

/// Gives back the tokens that this run made. They end by themselves soon, so a failure is of no consequence.
pub(crate) async fn close() {
    if let Some(client) = OPENED.get() {
        let _ = tokio::time::timeout(Duration::from_secs(3), client.revoke_tokens()).await;
    }
}

async fn embed() -> Result<Simulator, Stop> {
    Simulator::start(Config::default())
        .await
        .map_err(|error| Stop::local(format!("can't start the simulator: {error}")))
}

enum Authorization {
    Token(String),
    Account(Credentials),
}

/// What the run may spend with: a file first, then the environment, then what the simulator takes.
fn authorization(global: &Global, simulator: Option<&Simulator>) -> Result<Authorization, Stop> {
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|error| Stop::local(format!("can't read `{}`: {error}", path.display())))
    };
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let of_simulator = || Authorization::Account(Credentials::new(DEFAULT_ACCOUNT_EMAIL, DEFAULT_API_KEY));
    if simulator.is_some() {
        return Ok(of_simulator());
    }
    if let Some(path) = &global.token_file {
        return Ok(Authorization::Token(read(path)?.trim().to_owned()));
    }
    if let Some(path) = &global.credentials_file {
        let text = read(path)?;
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        return match (lines.next(), lines.next(), lines.next()) {
            (Some(email), Some(key), None) => Ok(Authorization::Account(Credentials::new(email, key))),
            _ => Err(Stop::usage(format!(
                "`{}` must hold two lines: the account's e-mail and its API key",
                path.display()
            ))),
        };
    }
    match (
        variable("SPORTELLO_TOKEN"),
        variable("SPORTELLO_ACCOUNT_EMAIL"),
        variable("SPORTELLO_API_KEY"),
    ) {
        (Some(token), ..) => Ok(Authorization::Token(token)),
        (None, Some(email), Some(key)) => Ok(Authorization::Account(Credentials::new(email, key))),
        _ if global.simulator => Ok(of_simulator()),
        _ => Err(Stop::usage(
            "no token: set SPORTELLO_TOKEN or name a file with --token-file; or give the account, see `sportello --help`",
        )),
    }
}
