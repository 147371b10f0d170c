//! The verbs for an app with a network of its own: OkHttp, `java.net.http`, `URLSession`. The app performs requests and waits; everything else
//! stays in the core. Nothing here is asynchronous: an app has a runtime of its own.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | the client |
//! | `run` | a verb under way: steps out, answers in |
//! | `request` | a request as an app performs it |
//! | `outcome` | how a verb ended |

mod outcome;
mod request;
mod run;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sportello::flow::Policy;
use sportello::host::{HostClient as Core, HostConfig, HostJournal, relay_only};
use sportello::journal::{MemoryJournal, SqliteJournal};
use sportello::model::ResultId;
use sportello::provider::ProviderKind;
use sportello::sealed::SealedStore;

pub use outcome::{HostDocument, HostOutcome};
pub use request::{HostBody, HostFailure, HostRequest};
pub use run::{HostEvent, HostRun, HostStep};

use crate::place::{kept_beside, key_of};
use crate::{
    Answers, JournalKeys, JournalPlace, Money, PrivateText, Quote, Service, SportelloError, SubmitOptions,
};

/// Whom an app with a network of its own talks to.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum HostTarget {
    /// Your own backend's relay, which holds the provider's token and pays. This is the way for apps.
    Relay {
        /// Its address: `https://host[:port]`; `http` is for this machine only.
        url: String,
    },
    /// Visengine 2 itself, with short-lived tokens of your backend's: see the client that goes direct.
    Visengine {
        /// Its address.
        url: String,
    },
}

/// Settings of a [`HostClient`]; the defaults are right for most apps.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HostSettings {
    /// Where the journal is kept.
    pub journal: JournalPlace,
    /// True when your network passes the project's conformance server: it sends what is paid once, on a connection of its own, and never again
    /// by itself. Without it nothing is handed in with a provider; a relay's purchases go by reference and are one however often they arrive.
    #[uniffi(default = false)]
    pub sends_once: bool,
    /// Whose submissions these are, on a device that several people use. Not sent anywhere.
    #[uniffi(default = None)]
    pub account: Option<PrivateText>,
    /// How long the paid call may take; 60 s when nothing is said.
    #[uniffi(default = None)]
    pub commit_timeout: Option<Duration>,
    /// How long to wait, after the paid call's time limit has passed without an answer, before looking what became of it; 60 s when
    /// nothing is said.
    #[uniffi(default = None)]
    pub quiet_margin: Option<Duration>,
}

/// Hands in requests by a network of the app's. Safe to share between threads; make one and keep it.
#[derive(uniffi::Object)]
pub struct HostClient(Core);

#[uniffi::export]
impl HostClient {
    /// A client whose requests the app performs.
    ///
    /// # Errors
    /// [`SportelloError::Config`], [`SportelloError::Journal`].
    #[uniffi::constructor]
    pub fn new(
        target: HostTarget,
        keys: Arc<dyn JournalKeys>,
        settings: HostSettings,
    ) -> Result<Arc<HostClient>, SportelloError> {
        // Named one by one: a setting that is added must be used.
        let HostSettings {
            journal,
            sends_once,
            account,
            commit_timeout,
            quiet_margin,
        } = settings;
        let (provider, origin) = match target {
            HostTarget::Relay { url } => {
                relay_only(&url, "")?;
                (ProviderKind::Relay, url)
            }
            HostTarget::Visengine { url } => (ProviderKind::Visengine, url),
        };
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let usual = HostConfig::relay(origin);
        let config = HostConfig {
            provider,
            sends_once,
            account: account.map_or_else(|| usual.account.clone(), |account| account.0),
            policy: Policy {
                commit_timeout_ms: commit_timeout.map_or(usual.policy.commit_timeout_ms, millis),
                quiet_margin_ms: quiet_margin.map_or(usual.policy.quiet_margin_ms, millis),
                ..usual.policy.clone()
            },
            ..usual
        };
        let key = key_of(&*keys)?;
        let core = match journal {
            JournalPlace::Memory => {
                Core::new(config, HostJournal::Inside(Arc::new(MemoryJournal::new())), key)?
            }
            JournalPlace::File { path } => {
                let store = Arc::new(SealedStore::new(kept_beside(&path), &key));
                let file = SqliteJournal::open(Path::new(&path)).map_err(sportello::SportelloError::from)?;
                Core::keeping(config, HostJournal::Inside(Arc::new(file)), key, store)?
            }
        };
        Ok(Arc::new(HostClient(core)))
    }

    /// The session with the relay, or a short-lived token: put into each request at the last moment, so give a fresh one whenever there is one.
    /// An empty one is none.
    pub fn set_token(&self, token: &str) {
        self.0.set_token(token);
    }

    /// What can be asked for; with `search`, the services whose name or category holds all its words. Ends with [`HostOutcome::Services`].
    #[must_use]
    #[uniffi::method(default(search = None))]
    pub fn services(&self, search: Option<String>) -> Arc<HostRun> {
        HostRun::wrap(self.0.services(search))
    }

    /// What a service needs; named by id, by exact name or by alias. Ends with [`HostOutcome::Service`].
    #[must_use]
    pub fn service(&self, name: String) -> Arc<HostRun> {
        HostRun::wrap(self.0.service(name))
    }

    /// What a service will cost with these options. No network.
    ///
    /// # Errors
    /// [`SportelloError::Service`], [`SportelloError::Price`].
    #[uniffi::method(default(options = []))]
    pub fn quote(&self, service: &Service, options: Vec<String>) -> Result<Quote, SportelloError> {
        Ok(self.0.quote(&service.0, &options)?)
    }

    /// Hands a request in, paid at most once whatever happens: the same reference may be submitted again after any error, also in a run after
    /// a restart. Ends with [`HostOutcome::Submission`].
    #[must_use]
    pub fn submit(
        &self,
        service: &Service,
        answers: &Answers,
        reference: String,
        options: SubmitOptions,
    ) -> Arc<HostRun> {
        HostRun::wrap(self.0.submit(options.request(service, answers, reference)))
    }

    /// What this device's journal knows, oldest first, without asking anybody. Ends with [`HostOutcome::Submissions`].
    #[must_use]
    pub fn submissions(&self) -> Arc<HostRun> {
        HostRun::wrap(self.0.submissions())
    }

    /// Where a submission is. Ends with [`HostOutcome::Submission`].
    #[must_use]
    pub fn status(&self, reference: String) -> Arc<HostRun> {
        HostRun::wrap(self.0.status(reference))
    }

    /// Follows a submission: a [`HostStep::Update`] for each change. Ends with [`HostOutcome::Watched`], the last one.
    #[must_use]
    pub fn watch(&self, reference: String) -> Arc<HostRun> {
        HostRun::wrap(self.0.watch(reference))
    }

    /// Chooses a result of a search, by its id: paid, and at most once. Ends with [`HostOutcome::Submission`].
    #[must_use]
    pub fn choose(&self, reference: String, result_id: String, confirm_price: Money) -> Arc<HostRun> {
        let result = ResultId::new(result_id);
        HostRun::wrap(self.0.choose(reference, result, confirm_price.to_string()))
    }

    /// Adds a search: paid, and at most once for its number. Ends with [`HostOutcome::Submission`].
    #[must_use]
    pub fn search_again(
        &self,
        reference: String,
        number: u32,
        service: &Service,
        answers: &Answers,
        confirm_price: Money,
    ) -> Arc<HostRun> {
        let (service, given, price) = (
            service.0.clone(),
            answers.lock().clone(),
            confirm_price.to_string(),
        );
        HostRun::wrap(self.0.search_again(reference, number, service, given, price))
    }

    /// Fetches the documents: see [`HostRequest::file`] and [`HostRun::receive`]. Ends with [`HostOutcome::Delivery`].
    #[must_use]
    pub fn delivery(&self, reference: String) -> Arc<HostRun> {
        HostRun::wrap(self.0.delivery(reference))
    }

    /// Goes on with everything that was under way, without being given anything: hands in what was kept when the app was killed, and sees through
    /// what was paid or may have been. Ends with [`HostOutcome::Resumed`].
    #[must_use]
    pub fn resume(&self) -> Arc<HostRun> {
        HostRun::wrap(self.0.resume())
    }

    /// The answers kept under a reference that was not handed in yet; none where nothing is kept. No network; waits for the disk.
    ///
    /// # Errors
    /// [`SportelloError::Journal`] (`sealed.other_key`, `sealed.damaged`, `sealed.unavailable`).
    pub fn kept_answers(&self, reference: &str) -> Result<Option<Arc<Answers>>, SportelloError> {
        Ok(self.0.kept_answers(reference)?.map(Answers::wrap))
    }

    /// Gives up a submission that was not handed in. Ends with [`HostOutcome::Abandoned`].
    #[must_use]
    pub fn abandon(&self, reference: String) -> Arc<HostRun> {
        HostRun::wrap(self.0.abandon(reference))
    }
}

impl fmt::Debug for HostClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostClient(masked)")
    }
}
