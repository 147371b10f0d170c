//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use sportello::Lang;
use sportello::client::ProviderKind;

/// Hand in Italian welfare requests: checked before they are sent, paid once, never lost.
#[derive(Parser)]
#[command(name = "sportello", version, about, after_long_help = AFTER, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "\
Exit codes:
  0    done
  1    the answers, or some values, have errors
  2    the command line is wrong
  3    refused before anything was paid: price, credit, reference, option, limit
  4    the provider or the network is in trouble; the same command again is safe
  5    whether it was paid can't be told yet; the same command again finds out and never pays twice
  6    a person must look the id up with the provider
  7    not finished: a choice is needed, nothing was found, it was cancelled, or the time is up
  8    something on this machine: a file, the journal
  130  interrupted; the same command again goes on

The token, or a relay's session, is read from SPORTELLO_TOKEN or from --token-file, never from the command line. Instead of a token,
the account's e-mail and API key may be given (SPORTELLO_ACCOUNT_EMAIL and SPORTELLO_API_KEY, or --credentials-file): tokens with the
fewest rights are then made for each run and given back at its end, and the credit is looked at before anything is paid.
Money is net of VAT unless said otherwise.";

#[derive(Args)]
pub(crate) struct Global {
    /// Use the simulator: embedded, on a free loopback port; with --base-url, one that runs already
    #[arg(long, global = true, conflicts_with = "environment")]
    pub(crate) simulator: bool,
    /// Which of the provider's environments; there is no default, because one of them costs money
    #[arg(long, global = true, value_enum)]
    pub(crate) environment: Option<Environment>,
    /// Which API: visengine has the welfare requests, docuengine the documents of registers; relay is one of your own
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) provider: Provider,
    /// Another address of the API; a relay's must be given
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// A file that holds the token
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// A file that holds the account's e-mail and its API key, on two lines
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "token_file")]
    pub(crate) credentials_file: Option<PathBuf>,
    /// Another address of the API that makes tokens
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    pub(crate) oauth_url: Option<String>,
    /// The journal's file; by default one in your data directory (in memory for the embedded simulator)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Name of the account, when one journal serves several
    #[arg(long, global = true, default_value = "default", value_name = "NAME")]
    pub(crate) account: String,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of findings
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Language>,
    /// How long a commit may take, in seconds
    #[arg(
        long,
        global = true,
        default_value_t = 60,
        value_name = "SECONDS",
        hide_short_help = true
    )]
    pub(crate) commit_timeout: u64,
    /// How long to wait after an unanswered commit's time limit before looking what became of it, in seconds
    #[arg(
        long,
        global = true,
        default_value_t = 60,
        value_name = "SECONDS",
        hide_short_help = true
    )]
    pub(crate) quiet_margin: u64,
}

impl Global {
    /// The language of findings: as asked, else the terminal's, else English.
    pub(crate) fn language(&self) -> Lang {
        if let Some(lang) = self.lang {
            return lang.into();
        }
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        match locale.as_deref().and_then(|locale| locale.get(..2)) {
            Some("it") => Lang::It,
            Some("fr") => Lang::Fr,
            Some("de") => Lang::De,
            _ => Lang::En,
        }
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Provider {
    /// Welfare requests: Assegno Unico, ISEE, NASPI…
    #[default]
    Visengine,
    /// Documents of registers and chambers of commerce
    Docuengine,
    /// A relay of your own, which holds the token
    Relay,
}

impl From<Provider> for ProviderKind {
    fn from(provider: Provider) -> ProviderKind {
        match provider {
            Provider::Visengine => ProviderKind::Visengine,
            Provider::Docuengine => ProviderKind::DocuEngine,
            Provider::Relay => ProviderKind::Relay,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Environment {
    /// The provider's test hosts
    Sandbox,
    /// The real service: submissions cost money
    Production,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Language {
    It,
    En,
    Fr,
    De,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Lang {
        match language {
            Language::It => Lang::It,
            Language::En => Lang::En,
            Language::Fr => Lang::Fr,
            Language::De => Lang::De,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// What can be asked for
    Services {
        /// Only services whose name or category holds these words
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// What a service needs
    Form {
        /// Id, exact name or alias, such as assegno-unico
        service: String,
    },
    /// Check answers; nothing is sent
    Check {
        /// Id, exact name or alias
        service: String,
        /// JSON or TOML; without it, what would have to be answered
        #[arg(long, value_name = "FILE")]
        answers: Option<PathBuf>,
    },
    /// The codice fiscale of a person: write it, read it, spell it, compare it
    #[command(subcommand)]
    CodiceFiscale(CodiceFiscaleJob),
    /// Check values from standard input, one per line; one JSON object per line comes out
    CheckValues {
        /// Such as codice_fiscale_persona, email, date
        kind: String,
    },
    /// What a service will cost
    Quote {
        /// Id, exact name or alias
        service: String,
        /// A paid option, such as urgenza; may be given several times
        #[arg(long = "option", value_name = "NAME")]
        options: Vec<String>,
    },
    /// Hand in, paid at most once
    Submit(Submit),
    /// The whole story: check, quote, hand in, watch, bring the documents back
    Apply {
        #[command(flatten)]
        submit: Submit,
        /// Where the documents go
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Everything handed in from this account
    Submissions,
    /// Where a submission is
    Status {
        /// The reference it was handed in under
        reference: String,
    },
    /// Follow a submission
    Watch {
        /// The reference it was handed in under
        reference: String,
        /// Stop after so many seconds
        #[arg(long, value_name = "SECONDS")]
        timeout: Option<u64>,
    },
    /// Choose among several search results; this is paid
    Choose {
        /// The reference it was handed in under
        reference: String,
        /// The result, as `status` shows it, or its number where there is one search
        result: String,
        /// The net price, to confirm it
        #[arg(long, value_name = "EUR")]
        confirm_price: Option<String>,
    },
    /// Bring the documents back
    Delivery {
        /// The reference it was handed in under
        reference: String,
        /// Where they go
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Unpack the ZIP as well
        #[arg(long)]
        extract: bool,
    },
    /// Find out what happened to everything that was under way, and fetch first what is ready
    Resume {
        /// Where documents that are ready go, each in a folder of its reference; without it they are only named
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Give up a submission that was not handed in
    Abandon {
        /// Its reference
        reference: String,
    },
    /// What the journal holds
    #[command(args_conflicts_with_subcommands = true)]
    Journal {
        /// One reference only
        reference: Option<String>,
        #[command(subcommand)]
        action: Option<JournalAction>,
    },
    /// Serve the simulator as a process of its own
    Simulator(Simulator),
    /// Ask the sandbox what its documents leave open, and say which switches of the simulator match it; free unless --paid
    Probe(Probe),
    /// Shell completions
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// The man page
    Man {
        /// Write that of every command into this folder
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub(crate) enum JournalAction {
    /// What in the journal wants somebody's attention; nothing is changed
    Doctor {
        /// Compare what was paid with the account's charges, by amount and time: evidence, never a decision
        #[arg(long)]
        reconcile: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum CodiceFiscaleJob {
    /// The code of a person
    ///
    /// Without arguments a stream: one JSON object per line in (surname, name, sex, birth_date, birthplace as name or code), one per line out.
    Encode {
        #[command(flatten)]
        person: PersonArgs,
    },
    /// What is written in a code: sex, birth date or its candidates, birthplace
    ///
    /// Without arguments a stream: one code, or one JSON object with codice_fiscale, per line in; one JSON object per line out.
    Decode {
        /// Codes
        #[arg(value_name = "CODE")]
        codes: Vec<String>,
    },
    /// All 128 spellings of a code that omocodia allows
    ///
    /// Without arguments a stream, as with decode.
    Variants {
        /// Codes
        #[arg(value_name = "CODE")]
        codes: Vec<String>,
    },
    /// Does a code fit a person? Every part that disagrees is named
    ///
    /// Without arguments a stream: one JSON object per line in (codice_fiscale and what is known of the person), one per line out.
    Coherence {
        /// The code
        #[arg(value_name = "CODE")]
        code: Option<String>,
        #[command(flatten)]
        person: PersonArgs,
    },
}

#[derive(Args)]
pub(crate) struct PersonArgs {
    /// Surname; empty where none is on file
    #[arg(long, value_name = "TEXT")]
    pub(crate) surname: Option<String>,
    /// Given name, or all of them; empty where none is on file
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// M or F
    #[arg(long, value_name = "M|F")]
    pub(crate) sex: Option<String>,
    /// Such as 1990-05-12 or 12-05-1990
    #[arg(long, value_name = "DATE")]
    pub(crate) birth_date: Option<String>,
    /// Municipality or country, by name or cadastral code: Roma, "Livo (TN)", H501
    #[arg(long, value_name = "PLACE")]
    pub(crate) birthplace: Option<String>,
}

#[derive(Args)]
pub(crate) struct Submit {
    /// Id, exact name or alias, such as assegno-unico
    pub(crate) service: String,
    /// JSON or TOML; a file answer is {"path": "id.pdf"} or {"pages": ["front.jpg", "back.jpg"]}, relative to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: PathBuf,
    /// Your name of this one intention; by default made of service and answers
    #[arg(long, value_name = "NAME")]
    pub(crate) reference: Option<String>,
    /// The net price, to confirm it: 19.00. Without it a terminal is asked
    #[arg(long, value_name = "EUR")]
    pub(crate) confirm_price: Option<String>,
    /// A paid option, such as urgenza; may be given several times
    #[arg(long = "option", value_name = "NAME")]
    pub(crate) options: Vec<String>,
    /// A warning that was looked at and is right, by code; may be given several times
    #[arg(long = "accept-warning", value_name = "CODE")]
    pub(crate) accept_warnings: Vec<String>,
    /// Where the provider reports changes
    #[arg(long, value_name = "URL")]
    pub(crate) callback_url: Option<String>,
    /// Whom the provider mails the documents
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) notify_email: Option<String>,
    /// A second live submission of this service for this applicant is meant
    #[arg(long)]
    pub(crate) allow_duplicate: bool,
}

#[derive(Args)]
pub(crate) struct Simulator {
    /// The port; by default a free one
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// The wallet's credit, in EUR
    #[arg(long, default_value = "1000.00", value_name = "EUR")]
    pub(crate) wallet: sportello::Money,
    /// How long each state of a request lasts, in milliseconds
    #[arg(long, default_value_t = 1000, value_name = "MS")]
    pub(crate) stage_ms: u64,
}

#[derive(Args)]
pub(crate) struct Probe {
    /// Id of the service to ask about; by default one with two text fields
    #[arg(long, value_name = "ID")]
    pub(crate) service: Option<String>,
    /// Ask what costs something as well: a bare commit, two commits at once
    #[arg(long)]
    pub(crate) paid: bool,
    /// The most that may be spent, net; without it nothing is
    #[arg(long, value_name = "EUR")]
    pub(crate) cap: Option<sportello::Money>,
    /// Right answers for what is paid, texts only
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// Remembers the drafts, so that a later run tells how long they live
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
}
