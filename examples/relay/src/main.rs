//! The `sportello-relay` command: serves a relay, and makes sessions.

mod args;
mod settings;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser as _;
use sportello::client::{Client, ClientBuilder, Environment};
use sportello_relay::{Config, Ledger, SessionKeys, relay, serve};
use sportello_simulator::Simulator;

use args::{Cli, Command};
use settings::{Settings, Stop};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter.unwrap_or_else(|_| "sportello_relay=info,sportello=warn".into()))
        .init();
    let done = match &cli.command {
        Command::Session(session) => make_session(&cli, session),
        Command::Serve(serve) => run(&cli, serve),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop(why)) => {
            let _ = writeln!(std::io::stderr(), "sportello-relay: {why}");
            ExitCode::FAILURE
        }
    }
}

fn make_session(cli: &Cli, session: &args::Session) -> Result<(), Stop> {
    let keys = Settings::load(cli)?.session_keys()?;
    let keys = keys.ok_or_else(|| {
        Stop::new("no session key: set SPORTELLO_RELAY_SESSION_KEY or name a file with --session-key-file")
    })?;
    let made = keys.sign(
        &session.user,
        unix_seconds().saturating_add(session.ttl),
        session.cap,
    );
    let made = made.ok_or_else(|| Stop::new("a user has a name of 1 to 256 characters"))?;
    say(&made)
}

fn run(cli: &Cli, serve_args: &args::Serve) -> Result<(), Stop> {
    let settings = Settings::load(cli)?.with(serve_args);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Stop::new(format!("can't start: {error}")))?;
    runtime.block_on(serve_relay(settings))
}

async fn serve_relay(settings: Settings) -> Result<(), Stop> {
    let simulator = match settings.simulator {
        true => Some(Simulator::start(sportello_simulator::Config::default()).await?),
        false => None,
    };
    // What the embedded simulator knows ends with it, and so does what is kept of it.
    let passing = Passing::new(simulator.is_some() && settings.folder.is_none())?;
    let folder = match (&settings.folder, &passing.0) {
        (Some(folder), _) => folder.clone(),
        (None, Some(folder)) => folder.clone(),
        (None, None) => {
            return Err(Stop::new(
                "say where the private folder is: --folder, or `folder` in the file",
            ));
        }
    };
    let (keys, session) = keys(&settings, simulator.is_some())?;
    let mut config = {
        let (settings, folder) = (settings.clone(), folder.clone());
        let simulated = simulator
            .as_ref()
            .map(|simulator| (simulator.base_url(), simulator.token().to_owned()));
        // Opens journals, so off the event loop.
        let made = tokio::task::spawn_blocking(move || {
            let (client, ledger) = client(&settings, simulated, &folder)?;
            let mut config = Config::new(client, folder, Arc::new(keys));
            config.ledger = ledger;
            Ok::<_, Stop>(config)
        });
        made.await.map_err(|_| Stop::new("can't open the journal"))??
    };
    settings.apply(&mut config)?;
    let router = relay(config)?;
    let listener = tokio::net::TcpListener::bind(settings.listen).await;
    let listener =
        listener.map_err(|error| Stop::new(format!("can't listen on {}: {error}", settings.listen)))?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        tracing::warn!(target: "sportello_relay", "listening beyond this machine without TLS: put a proxy in front");
    }
    say(&format!("listening on http://{address}"))?;
    if let Some(session) = session {
        say(&format!("session for the user `demo`, one hour: {session}"))?;
    }
    if let Some(simulator) = &simulator {
        say(&format!(
            "the simulator behind it, with its ledger: {}",
            simulator.base_url()
        ))?;
    }
    serve(listener, router, settings.serve_limits(), stopped()).await?;
    drop(passing);
    Ok(())
}

/// The session keys; for trying out with the simulator, one made up and a session with it.
fn keys(settings: &Settings, simulated: bool) -> Result<(SessionKeys, Option<String>), Stop> {
    if let Some(keys) = settings.session_keys()? {
        return Ok((keys, None));
    }
    if !simulated {
        return Err(Stop::new(
            "no session key: set SPORTELLO_RELAY_SESSION_KEY or name a file with --session-key-file",
        ));
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Stop::new(error.to_string()))?;
    let key: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let keys = SessionKeys::parse(&key).map_err(|error| Stop::new(error.to_string()))?;
    let session = keys.sign("demo", unix_seconds() + 3600, None);
    Ok((keys, session))
}

fn client(
    settings: &Settings,
    simulated: Option<(String, String)>,
    folder: &std::path::Path,
) -> Result<(Client, Option<Arc<dyn Ledger>>), Stop> {
    if let Some((base_url, token)) = simulated {
        let environment = Environment::Simulator { base_url };
        // Its office works in seconds, so it is looked at more often than one that takes two days.
        let rhythm = sportello::flow::WatchPolicy {
            first_ms: 200,
            growth_percent: 120,
            cap_ms: 1_000,
            ..sportello::flow::WatchPolicy::default()
        };
        let builder = Client::builder(environment).token(token).memory_journal();
        return Ok((builder.watch_rhythm(rhythm).build()?, None));
    }
    let builder = Client::builder(settings.environment()?)
        .provider(settings.provider()?)
        .account(&settings.account);
    let (builder, ledger) = match settings.database() {
        Some(url) => in_database(builder, &url, folder)?,
        None => {
            let path = settings.journal.clone();
            let path = path.unwrap_or_else(|| folder.join("journal.sqlite"));
            (builder.journal_path(path), None)
        }
    };
    let builder = match settings.credentials()? {
        Some(credentials) => builder.credentials(credentials, sportello::client::OAuthConfig::default()),
        None => builder.token(settings.token()?),
    };
    Ok((builder.build()?, ledger))
}

type Kept = (ClientBuilder, Option<Arc<dyn Ledger>>);

/// Journal and ledger in one database; the journal's key is in the folder.
#[cfg(feature = "postgres")]
fn in_database(builder: ClientBuilder, url: &str, folder: &std::path::Path) -> Result<Kept, Stop> {
    use sportello::journal::{JournalKey, PostgresJournal};
    let key = JournalKey::load_or_create(&folder.join("journal.key"))?;
    let journal = Arc::new(PostgresJournal::connect(url)?);
    let ledger = sportello_relay::ledger::PostgresLedger::open(Arc::clone(&journal))?;
    Ok((builder.journal(journal, key), Some(Arc::new(ledger))))
}

#[cfg(not(feature = "postgres"))]
fn in_database(_: ClientBuilder, _: &str, _: &std::path::Path) -> Result<Kept, Stop> {
    Err(Stop::new(
        "SPORTELLO_DATABASE_URL is set, and this program was built without the feature `postgres`",
    ))
}

/// A folder that goes when the process ends.
struct Passing(Option<std::path::PathBuf>);

impl Passing {
    fn new(wanted: bool) -> Result<Passing, Stop> {
        if !wanted {
            return Ok(Passing(None));
        }
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| Stop::new(error.to_string()))?;
        let name = format!("sportello-relay-{:016x}", u64::from_le_bytes(bytes));
        Ok(Passing(Some(std::env::temp_dir().join(name))))
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut asked) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = asked.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn say(line: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush())?;
    Ok(())
}

fn unix_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}
