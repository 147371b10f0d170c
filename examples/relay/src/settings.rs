//! Settings: the file, the environment, what was typed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use sportello::Money;
use sportello::client::{Environment, ProviderKind};
use sportello::provider::oauth::Credentials;
use sportello_relay::{Config, ServeLimits, Services, SessionKeys};

use crate::args::{Cli, Serve, Where};

/// Why the command ends, for a person.
#[derive(Debug)]
pub(crate) struct Stop(pub(crate) String);

impl Stop {
    pub(crate) fn new(why: impl Into<String>) -> Stop {
        Stop(why.into())
    }
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop(error.to_string())
    }
}

#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) journal: Option<PathBuf>,
    #[serde(skip)]
    pub(crate) simulator: bool,
    environment: Option<String>,
    provider: String,
    pub(crate) account: String,
    email: Option<String>,
    token_file: Option<PathBuf>,
    session_key_file: Option<PathBuf>,
    services: Vec<String>,
    all_services: bool,
    origins: Vec<String>,
    address_header: Option<String>,
    caps: Caps,
    limits: Limits,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 8700)),
            folder: None,
            journal: None,
            simulator: false,
            environment: None,
            provider: "visengine".to_owned(),
            account: "default".to_owned(),
            email: None,
            token_file: None,
            session_key_file: None,
            services: Vec::new(),
            all_services: false,
            origins: Vec::new(),
            address_header: None,
            caps: Caps::default(),
            limits: Limits::default(),
        }
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Caps {
    user: Option<Money>,
    total: Option<Money>,
    days: Option<u64>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Limits {
    file_mib: Option<u64>,
    user_mib: Option<u64>,
    user_rate: Option<u32>,
    user_burst: Option<u32>,
    address_rate: Option<u32>,
    draft_hours: Option<u64>,
    delivery_hours: Option<u64>,
    connections: Option<usize>,
}

impl Settings {
    /// What the file says, with what was typed for all commands.
    pub(crate) fn load(cli: &Cli) -> Result<Settings, Stop> {
        let named = cli.config.clone();
        let path = named.or_else(|| std::env::var_os("SPORTELLO_RELAY_CONFIG").map(PathBuf::from));
        let mut settings: Settings = match path {
            None => Settings::default(),
            Some(path) => {
                // Its own words show lines of the file; a file of settings holds no secret.
                let wrong = |why: String| Stop::new(format!("`{}`: {why}", path.display()));
                toml::from_str(&read(&path)?).map_err(|error| wrong(error.to_string()))?
            }
        };
        if let Some(file) = &cli.session_key_file {
            settings.session_key_file = Some(file.clone());
        }
        Ok(settings)
    }

    /// With what was typed for serving.
    pub(crate) fn with(mut self, serve: &Serve) -> Settings {
        self.simulator = serve.simulator;
        self.listen = serve.listen.unwrap_or(self.listen);
        if let Some(folder) = &serve.folder {
            self.folder = Some(folder.clone());
        }
        if let Some(file) = &serve.token_file {
            self.token_file = Some(file.clone());
        }
        if let Some(environment) = serve.environment {
            let name = match environment {
                Where::Sandbox => "sandbox",
                Where::Production => "production",
            };
            self.environment = Some(name.to_owned());
        }
        if !serve.services.is_empty() {
            (self.services, self.all_services) = (serve.services.clone(), false);
        }
        if !serve.origins.is_empty() {
            self.origins.clone_from(&serve.origins);
        }
        self
    }

    pub(crate) fn session_keys(&self) -> Result<Option<SessionKeys>, Stop> {
        let text = match secret("SPORTELLO_RELAY_SESSION_KEY") {
            // What was typed counts first; what stands in the file of settings, last.
            Some(key) if self.session_key_file.is_none() => Some(key),
            key => match &self.session_key_file {
                Some(path) => Some(read(path)?),
                None => key,
            },
        };
        Ok(text.map(|text| SessionKeys::parse(&text)).transpose()?)
    }

    pub(crate) fn token(&self) -> Result<String, Stop> {
        match (&self.token_file, secret("SPORTELLO_TOKEN")) {
            (Some(path), _) => read(path),
            (None, Some(token)) => Ok(token),
            (None, None) => Err(Stop::new(
                "no token: set SPORTELLO_TOKEN, name a file with --token-file, or give `email` and SPORTELLO_API_KEY",
            )),
        }
    }

    /// Where journal and ledger are, unless in files: `postgres://…`, which holds a password.
    pub(crate) fn database(&self) -> Option<String> {
        secret("SPORTELLO_DATABASE_URL")
    }

    /// The account's credentials, where tokens are to be made of them.
    pub(crate) fn credentials(&self) -> Result<Option<Credentials>, Stop> {
        let Some(email) = &self.email else {
            return Ok(None);
        };
        let key = secret("SPORTELLO_API_KEY");
        let key = key.ok_or_else(|| Stop::new("`email` is given, and SPORTELLO_API_KEY is not set"))?;
        Ok(Some(Credentials::new(email, key)))
    }

    pub(crate) fn environment(&self) -> Result<Environment, Stop> {
        match self.environment.as_deref() {
            Some("sandbox") => Ok(Environment::Sandbox),
            Some("production") => Ok(Environment::Production),
            _ => Err(Stop::new(
                "say where: --simulator, --environment sandbox or --environment production",
            )),
        }
    }

    pub(crate) fn provider(&self) -> Result<ProviderKind, Stop> {
        let kind = ProviderKind::of(&self.provider).filter(|kind| *kind != ProviderKind::Relay);
        kind.ok_or_else(|| Stop::new("`provider` is `visengine` or `docuengine`"))
    }

    /// Sets what is said here; the rest keeps its default.
    pub(crate) fn apply(&self, config: &mut Config) -> Result<(), Stop> {
        let all = self.all_services || (self.simulator && self.services.is_empty());
        if !all && self.services.is_empty() {
            return Err(Stop::new(
                "nothing is offered: name services with --service, or `services` in the file",
            ));
        }
        config.services = match all {
            true => Services::All,
            false => Services::Only(self.services.clone()),
        };
        config.origins.clone_from(&self.origins);
        config.address_header.clone_from(&self.address_header);
        let (caps, limits) = (&mut config.caps, &mut config.limits);
        caps.user = self.caps.user.or(caps.user);
        caps.total = self.caps.total.or(caps.total);
        if let Some(days) = self.caps.days {
            caps.window_ms = days.saturating_mul(24 * 3600 * 1000);
        }
        let own = &self.limits;
        let hours = |hours: u64| Duration::from_secs(hours.saturating_mul(3600));
        let mib = |mib: u64| mib.saturating_mul(1024 * 1024);
        limits.file_bytes = own.file_mib.map_or(limits.file_bytes, mib);
        limits.user_bytes = own.user_mib.map_or(limits.user_bytes, mib);
        limits.user_rate = own.user_rate.unwrap_or(limits.user_rate);
        limits.user_burst = own.user_burst.unwrap_or(limits.user_burst);
        limits.address_rate = own.address_rate.unwrap_or(limits.address_rate);
        limits.draft_age = own.draft_hours.map_or(limits.draft_age, hours);
        limits.delivery_age = own.delivery_hours.map_or(limits.delivery_age, hours);
        Ok(())
    }

    pub(crate) fn serve_limits(&self) -> ServeLimits {
        let limits = ServeLimits::default();
        ServeLimits {
            connections: self.limits.connections.unwrap_or(limits.connections),
            ..limits
        }
    }
}

fn secret(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn read(path: &Path) -> Result<String, Stop> {
    std::fs::read_to_string(path)
        .map_err(|error| Stop::new(format!("can't read `{}`: {error}", path.display())))
}
