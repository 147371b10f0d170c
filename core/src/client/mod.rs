//! The driver (feature `client`): the machines under reqwest, a journal on disk, and the story's verbs.
//!
//! A [`Client`] is cheap to clone and safe to share. Everything that may pay runs in a task that the client owns: dropping the caller's
//! future only stops the waiting.

mod builder;
mod catalogue;
mod delivery;
mod driver;
mod follow;
mod prepare;
mod reference;
mod spend;
mod submit;
pub mod token;
pub mod transport;

use std::sync::Arc;

pub use builder::{ClientBuilder, Environment};
pub use delivery::Delivery;
pub use follow::{Resumed, ResumedState, Wait, Watch};
pub use reference::check_reference;
pub use submit::{Submission, SubmitProgress, SubmitRequest};
pub use token::SecretToken;

use crate::flow::{Policy, WatchPolicy};
use crate::journal::{Entry, EntryKey, Journal, JournalKey, Scope};
use crate::provider::Provider;
use driver::Driver;

/// Hands in requests through one provider, one environment and one account.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    provider: Arc<dyn Provider>,
    driver: Driver,
    journal: Arc<dyn Journal>,
    key: JournalKey,
    scope: Scope,
    policy: Policy,
    rhythm: WatchPolicy,
    spend: spend::SpendLimit,
    catalogue: catalogue::Catalogue,
}

impl Client {
    /// Begins a client for this environment. There is no default: what spends money is named.
    #[must_use]
    pub fn builder(environment: Environment) -> ClientBuilder {
        ClientBuilder::new(environment)
    }

    /// The scope that this client's references live in.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.inner.scope
    }

    fn entry_key(&self, reference: &str) -> EntryKey {
        EntryKey {
            scope: self.inner.scope.clone(),
            reference: reference.to_owned(),
        }
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
        let (journal, scope) = (Arc::clone(&self.inner.journal), self.inner.scope.clone());
        driver::blocking(move || Ok(journal.list(&scope)?)).await
    }

    /// A different seed of jitter for every machine.
    fn policy(&self) -> Policy {
        let mut seed = [0; 8];
        // Without randomness the jitter is only less spread; nothing depends on it.
        let _ = getrandom::fill(&mut seed);
        Policy {
            seed: u64::from_le_bytes(seed),
            ..self.inner.policy.clone()
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("scope", &self.inner.scope)
            .finish_non_exhaustive()
    }
}
