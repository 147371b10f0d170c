//! What all calls share.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sportello::client::{CallOptions, Client};
use sportello::journal::{Entry, PurchaseKind, PurchaseState, Stage};
use sportello::model::RemoteSubmission;
use sportello::provider::{ResolveError, resolve};
use sportello::{Charged, ErrorCode, Service, ServiceSummary, SportelloError};

use crate::config::{Config, Services};
use crate::ledger::{Ledger, LedgerError, Spending, SqliteLedger};
use crate::lock::Locks;
use crate::rate::Rates;
use crate::refusal::Failure;
use crate::store::{Ids, Record, Store};

/// How long a service's description is believed where nothing is paid.
const SERVICE_AGE: Duration = Duration::from_secs(300);
/// How long a free verb may take.
const FREE: Duration = Duration::from_secs(45);

/// Why a relay can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// An origin that is none, or all of them.
    #[error("`{0}` is not the origin of a web page, such as `https://www.example.org`")]
    Origin(String),
    /// The header that names the caller's address.
    #[error("`{0}` is not the name of a header")]
    Header(String),
    /// The folder, or its key.
    #[error("{0}")]
    Folder(#[from] SportelloError),
    /// The ledger.
    #[error("{0}")]
    Ledger(#[from] LedgerError),
}

/// What all calls share.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) client: Client,
    pub(crate) store: Store,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) locks: Locks,
    pub(crate) rates: Rates,
    services: Mutex<HashMap<String, (Instant, Arc<Service>)>>,
    states: Mutex<HashMap<String, (Instant, RemoteSubmission)>>,
}

impl App {
    pub(crate) fn open(config: Config) -> Result<App, SetupError> {
        let store = Store::open(&config.folder)?;
        let ledger = match &config.ledger {
            Some(ledger) => Arc::clone(ledger),
            None => Arc::new(SqliteLedger::open(&store.root().join("ledger.sqlite"))?),
        };
        let options = CallOptions {
            deadline: Some(FREE),
            attempts: None,
        };
        Ok(App {
            client: config.client.with(options),
            locks: Locks::new(store.root().join("locks")),
            rates: Rates::new(&config.limits),
            services: Mutex::default(),
            states: Mutex::default(),
            store,
            ledger,
            config,
        })
    }

    /// What may be asked for.
    pub(crate) async fn offered(&self) -> Result<Vec<ServiceSummary>, Failure> {
        let all = self.client.services(None).await?;
        let Services::Only(wanted) = &self.config.services else {
            return Ok(all);
        };
        let mut ids = Vec::new();
        for name in wanted {
            match resolve(name, &all) {
                Ok(summary) => ids.push(summary.id.clone()),
                // Two services of one name: which is meant can't be told, so none is offered.
                Err(ResolveError::Ambiguous { .. } | ResolveError::NotFound { .. }) => {
                    tracing::debug!(target: "sportello_relay", service = name, "a service on the list is not to be found");
                }
            }
        }
        Ok(all
            .into_iter()
            .filter(|service| ids.contains(&service.id))
            .collect())
    }

    /// A service that may be asked for, by id; with `fresh`, as the provider describes it now.
    pub(crate) async fn service(&self, id: &str, fresh: bool) -> Result<Arc<Service>, Failure> {
        if !self.offered().await?.iter().any(|service| service.id == id) {
            return Err(SportelloError::from(ErrorCode::ServiceNotFound).into());
        }
        let known = {
            let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
            services.get(id).cloned()
        };
        if let Some((at, service)) = known.filter(|_| !fresh)
            && at.elapsed() < SERVICE_AGE
        {
            return Ok(service);
        }
        let service = Arc::new(self.client.service(id).await?);
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        services.insert(id.to_owned(), (Instant::now(), Arc::clone(&service)));
        Ok(service)
    }

    /// The record and the journal's entry of a submission; unknown when there is neither.
    pub(crate) async fn known(&self, ids: &Ids) -> Result<(Record, Option<Entry>), Failure> {
        let (store, of) = (self.store.clone(), ids.clone());
        let record = blocking(move || Ok(store.record(&of)?)).await?;
        let record = record.ok_or_else(Failure::unknown_reference)?;
        Ok((record, self.entry(ids).await?))
    }

    pub(crate) async fn entry(&self, ids: &Ids) -> Result<Option<Entry>, Failure> {
        Ok(self.client.journal_entry(&ids.inner).await?)
    }

    /// Where a submission that was handed in is; asked at most every other second.
    pub(crate) async fn state(&self, ids: &Ids) -> Result<RemoteSubmission, Failure> {
        let known = {
            let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
            states.get(&ids.inner).cloned()
        };
        if let Some((at, state)) = known
            && at.elapsed() < self.config.limits.status_age
        {
            return Ok(state);
        }
        let submission = self.client.status(&ids.inner).await?;
        let remote = submission.remote.ok_or_else(Failure::unsettled)?;
        self.note_state(ids, &remote);
        Ok(remote)
    }

    pub(crate) fn note_state(&self, ids: &Ids, remote: &RemoteSubmission) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.insert(ids.inner.clone(), (Instant::now(), remote.clone()));
    }

    pub(crate) fn forget_state(&self, ids: &Ids) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.remove(&ids.inner);
    }

    /// Forgets what is old.
    pub(crate) fn tidy(&self) {
        let age = self.config.limits.status_age;
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.retain(|_, (at, _)| at.elapsed() < age);
        drop(states);
        self.rates.tidy();
    }

    /// Brings ledger and folder in step with the journal after a purchase was tried: what was paid is settled, what surely was not is
    /// given back, what is not known stays reserved. To be called under the submission's lock.
    pub(crate) async fn after(&self, ids: &Ids, kind: PurchaseKind, charged: Charged) -> Result<(), Failure> {
        let entry = self.entry(ids).await?;
        let purchase = entry.as_ref().and_then(|entry| entry.purchase(kind));
        let name = purchase_name(ids, kind);
        let ledger = Arc::clone(&self.ledger);
        match purchase.map(|purchase| purchase.state) {
            Some(PurchaseState::Paid) => {
                let spending = Spending {
                    purchase: name,
                    user: ids.user.clone(),
                    price: purchase.map(|purchase| purchase.price).unwrap_or_default(),
                    at: now(),
                };
                blocking(move || Ok(ledger.settle(&spending)?)).await?;
                if kind == PurchaseKind::Submit {
                    let (store, ids) = (self.store.clone(), ids.clone());
                    blocking(move || Ok(store.remove_draft(&ids)?)).await?;
                }
            }
            // Both say so: the error, and the journal, which knows what an earlier try may have left open.
            None | Some(PurchaseState::Refused) if charged == Charged::No => {
                blocking(move || Ok(ledger.release(&name)?)).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// True when the submission was handed in.
pub(crate) fn is_handed_in(entry: Option<&Entry>) -> bool {
    entry.is_some_and(|entry| {
        matches!(
            entry.stage,
            Stage::Committed | Stage::Delivered | Stage::Cancelled
        )
    })
}

/// True while it may have been handed in.
pub(crate) fn is_unsettled(entry: Option<&Entry>) -> bool {
    entry.is_some_and(|entry| matches!(entry.stage, Stage::Committing | Stage::NeedsPerson))
}

/// Names a purchase in the ledger.
pub(crate) fn purchase_name(ids: &Ids, kind: PurchaseKind) -> String {
    let kind = match kind {
        PurchaseKind::Submit => "submit".to_owned(),
        PurchaseKind::Choice => "choice".to_owned(),
        PurchaseKind::Search(number) => format!("search-{number}"),
    };
    format!("{}/{kind}", ids.inner)
}

/// Runs what waits for a disk off the event loop.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(SportelloError::from(ErrorCode::Internal).into()))
}

/// Runs in a task of its own: whoever waits for it may go.
pub(crate) async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::spawn(work).await;
    // Whether something was paid is not known here; the same call again finds out.
    done.unwrap_or_else(|_| Err(Failure::unsettled()))
}

/// Unix milliseconds.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
