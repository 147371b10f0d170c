//! The driver (feature `client`): the machines under reqwest, a journal on disk, and the story's verbs.
//!
//! A [`Client`] is cheap to clone and safe to share. Everything that may pay runs in a task that the client owns: dropping the caller's
//! future only stops the waiting.

mod account;
mod builder;
mod catalogue;
mod clock;
mod delivery;
mod driver;
mod follow;
mod keep;
mod oauth;
mod spend;
mod submit;
pub mod token;
pub mod transport;
mod turns;

use std::sync::Arc;
use std::time::Duration;

pub use account::{Evidence, EvidenceFinding, Reconciliation, UnexplainedCharge};
pub use builder::{ClientBuilder, Environment};
pub use delivery::{DeliveredFile, Delivery};
pub use follow::{Resumed, ResumedState, Wait, Watch};
pub use oauth::OAuthConfig;
pub use submit::{Submission, SubmitProgress, SubmitRequest};
pub use token::SecretToken;

pub use crate::provider::ProviderKind;
pub use crate::verb::check_reference;

use crate::flow::{Machine, Policy, RetryPolicy, WatchPolicy};
use crate::journal::{Entry, EntryKey, Journal, Scope};
use crate::provider::Provider;
use crate::verb::{Identity, Keeping};
pub(crate) use clock::now;
use driver::Driver;

/// Hands in requests through one provider, one environment and one account.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    options: CallOptions,
}

/// Options of single calls: see [`Client::with`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallOptions {
    /// How long a free verb may take in all, repeats included. A paid verb has limits of its own, because giving up on it settles nothing.
    pub deadline: Option<Duration>,
    /// How many times a free call is sent at the most.
    pub attempts: Option<u32>,
}

struct Inner {
    provider: Arc<dyn Provider>,
    driver: Driver,
    journal: Arc<dyn Journal>,
    identity: Identity,
    policy: Policy,
    rhythm: WatchPolicy,
    keeping: Keeping,
    spend: spend::SpendLimit,
    catalogue: catalogue::Catalogue,
    heard: crate::callback::Heard,
    turns: turns::Turns,
}

impl Client {
    /// Begins a client for this environment. There is no default: what spends money is named.
    #[must_use]
    pub fn builder(environment: Environment) -> ClientBuilder {
        ClientBuilder::new(environment)
    }

    /// The same client with other options for the calls made through it: `client.with(options).services(None)`.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Client {
        Client {
            inner: Arc::clone(&self.inner),
            options,
        }
    }

    /// Runs a free verb within its deadline.
    async fn run_free<M: Machine>(&self, machine: &mut M) -> Result<M::Output, crate::SportelloError> {
        let run = self.inner.driver.run(machine);
        match self.options.deadline {
            None => run.await,
            Some(deadline) => match tokio::time::timeout(deadline, run).await {
                Ok(outcome) => outcome,
                Err(_) => Err(crate::ErrorCode::NetworkTimeout.into()),
            },
        }
    }

    /// The scope that this client's references live in.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.inner.identity.scope
    }

    pub(crate) fn provider(&self) -> &dyn Provider {
        &*self.inner.provider
    }

    pub(crate) fn heard(&self) -> &crate::callback::Heard {
        &self.inner.heard
    }

    /// True when a callback proves that it is about the submission of this correlation.
    pub(crate) fn verify_callback(&self, correlation: &str, proof: &str) -> bool {
        (self.inner.identity.key).verify("callback", &[correlation.as_bytes()], proof)
    }

    /// The entry of a correlation, which only this journal's key can make of a reference.
    pub(crate) async fn entry_of_correlation(
        &self,
        correlation: &str,
    ) -> Result<Entry, crate::SportelloError> {
        let entries = self.journal_entries().await?;
        let found = entries
            .into_iter()
            .find(|entry| self.correlation(&entry.key.reference) == correlation);
        found.ok_or_else(|| crate::ErrorCode::ReferenceUnknown.into())
    }

    fn entry_key(&self, reference: &str) -> EntryKey {
        self.inner.identity.entry_key(reference)
    }

    /// What the journal holds under a reference.
    ///
    /// # Errors
    /// `journal.*` when it can't be read.
    pub async fn journal_entry(&self, reference: &str) -> Result<Option<Entry>, crate::SportelloError> {
        let key = self.entry_key(reference);
        self.inner.driver.journal_get(key).await
    }

    /// Everything the journal holds for this account, oldest first.
    ///
    /// # Errors
    /// `journal.*` when it can't be read.
    pub async fn journal_entries(&self) -> Result<Vec<Entry>, crate::SportelloError> {
        let (journal, scope) = (Arc::clone(&self.inner.journal), self.inner.identity.scope.clone());
        driver::blocking(move || Ok(journal.list(&scope)?)).await
    }

    /// A different seed of jitter for every machine.
    fn policy(&self) -> Policy {
        let mut seed = [0; 8];
        // Without randomness the jitter is only less spread; nothing depends on it.
        let _ = getrandom::fill(&mut seed);
        let policy = self.inner.policy.clone();
        let attempts = self.options.attempts.unwrap_or(policy.retry.attempts);
        let retry = RetryPolicy {
            attempts,
            ..policy.retry
        };
        Policy {
            seed: u64::from_le_bytes(seed),
            retry,
            ..policy
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("scope", &self.inner.identity.scope)
            .finish_non_exhaustive()
    }
}
