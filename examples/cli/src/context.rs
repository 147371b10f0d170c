//! The client that the options ask for.

use std::time::Duration;

use sportello::client::{Client, Environment};
use sportello_simulator::{Config, Simulator};

use crate::args::{self, Global};
use crate::exit::Stop;

/// A client, and the simulator that it talks to where one is embedded.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) simulator: Option<Simulator>,
}

/// Opens what the options ask for.
pub(crate) async fn open(global: &Global) -> Result<Context, Stop> {
    let embedded = global.simulator && global.base_url.is_none();
    let simulator = if embedded { Some(embed().await?) } else { None };
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
    let token = match &simulator {
        Some(simulator) => simulator.token().to_owned(),
        None => token(global)?,
    };
    let mut builder = Client::builder(environment)
        .token(token)
        .account(&global.account)
        .commit_timeout(Duration::from_secs(global.commit_timeout))
        .quiet_margin(Duration::from_secs(global.quiet_margin));
    if let Some(url) = global.base_url.as_ref().filter(|_| !global.simulator) {
        builder = builder.base_url(url);
    }
    if global.simulator {
        // Its office works in seconds, so it is looked at more often than one that takes two days.
        let rhythm = sportello::flow::WatchPolicy {
            first_ms: 200,
            growth_percent: 120,
            cap_ms: 1_000,
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
    Ok(Context { client, simulator })
}

async fn embed() -> Result<Simulator, Stop> {
    Simulator::start(Config::default())
        .await
        .map_err(|error| Stop::local(format!("can't start the simulator: {error}")))
}

fn token(global: &Global) -> Result<String, Stop> {
    if let Some(path) = &global.token_file {
        return std::fs::read_to_string(path).map_err(|error| {
            Stop::local(format!("can't read the token from `{}`: {error}", path.display()))
        });
    }
    match std::env::var("SPORTELLO_TOKEN") {
        Ok(token) if !token.trim().is_empty() => Ok(token),
        _ if global.simulator => Ok(Config::default().token),
        _ => Err(Stop::usage(
            "no token: set SPORTELLO_TOKEN or name a file with --token-file",
        )),
    }
}
