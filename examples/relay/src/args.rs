//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use sportello::Money;

/// What browsers and phones talk to, so that none of them holds the provider's token.
#[derive(Parser)]
#[command(name = "sportello-relay", version, about, after_long_help = AFTER)]
pub(crate) struct Cli {
    /// Settings, in TOML; by default SPORTELLO_RELAY_CONFIG names the file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A file with the session keys, one per line: the first signs, all are believed
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) session_key_file: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "\
Secrets are never typed: the provider's token comes from SPORTELLO_TOKEN or a file, the account's API key from
SPORTELLO_API_KEY, the session key from SPORTELLO_RELAY_SESSION_KEY or a file. SPORTELLO_DATABASE_URL puts journal and
ledger into PostgreSQL, where the program was built with it. RUST_LOG sets what is logged.

Flags count before the environment, and that before the file.";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve the relay
    Serve(Serve),
    /// Print a session for a user
    Session(Session),
}

#[derive(Args)]
pub(crate) struct Serve {
    /// Where to listen; 127.0.0.1:8700 unless the file says otherwise, and with port 0 a free one
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// The private folder, shared by all instances of one relay
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Which of the provider's environments; there is no default, because one of them costs money
    #[arg(long, value_enum)]
    pub(crate) environment: Option<Where>,
    /// Try it out: the simulator behind the relay, everything offered, nothing paid
    #[arg(long, conflicts_with = "environment")]
    pub(crate) simulator: bool,
    /// A file that holds the provider's token
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// A service that is offered, by id, exact name or alias; may be given several times
    #[arg(long = "service", value_name = "NAME")]
    pub(crate) services: Vec<String>,
    /// The origin of a web page that may call; may be given several times
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub(crate) origins: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Where {
    /// The provider's test hosts
    Sandbox,
    /// The real service: submissions cost money
    Production,
}

#[derive(Args)]
pub(crate) struct Session {
    /// Whose session, as you name your users
    #[arg(long)]
    pub(crate) user: String,
    /// How long it lasts, in seconds
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    pub(crate) ttl: u64,
    /// The most that this user may have spent, in EUR net, where that is less than the relay's own cap
    #[arg(long, value_name = "EUR")]
    pub(crate) cap: Option<Money>,
}
