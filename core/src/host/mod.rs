//! The story for a host with a network of its own: a page's `fetch`, an app's OkHttp, `java.net.http` or `URLSession` (feature `flow`).
//!
//! A [`HostClient`] has the verbs of the story; each gives a [`HostRun`], which says step by step what is to be done and is told what came of
//! it. No I/O, no clock, no thread, no runtime. The whole driver of a host is this loop:
//!
//! ```
//! # use sportello::host::{HostEvent, HostNow, HostRun, HostStep, HostOutcome, HostRequest, HostUpdate};
//! # use sportello::SportelloError;
//! # fn send(_: HostRequest) -> HostEvent { HostEvent::Cancelled } fn sleep(_: u64) {} fn now() -> HostNow { HostNow::default() }
//! # fn slice(_: &str, _: u64, _: u32) -> Vec<u8> { Vec::new() } fn show(_: HostUpdate) {}
//! # fn journal(_: HostStep) -> HostEvent { HostEvent::Cancelled }
//! fn perform(run: &mut HostRun) -> Result<HostOutcome, SportelloError> {
//!     let mut event = HostEvent::Continue;
//!     loop {
//!         event = match run.next(event, now())? {
//!             HostStep::Send(request) => send(request), // Answered, or Failed with what is surely known
//!             HostStep::Wait { millis, .. } => { sleep(millis); HostEvent::Elapsed }
//!             HostStep::Read { file, offset, length } => HostEvent::Bytes(slice(&file, offset, length)),
//!             HostStep::Update(update) => { show(update); HostEvent::Continue }
//!             HostStep::Done(outcome) => return outcome.map(|outcome| *outcome),
//!             step => journal(step), // Load, List, Store: only where the host keeps the journal
//!         };
//!     }
//! }
//! ```
//!
//! # What a host must do
//!
//! | | |
//! |---|---|
//! | no redirects | a redirect is an answer like any other: hand it in as it came. The token is in the request's headers, and for its URL only |
//! | no retries | one `Send` is one request; the run decides what is sent again |
//! | `once` | on a connection that nothing was sent on before and nothing will be after, where the host can choose; see below |
//! | no cookies, no cache | neither kept nor sent |
//! | honest failures | [`HostFailure::NotSent`] only when surely nothing left this machine; [`HostFailure::Unknown`] whenever in doubt |
//! | the time limit | [`HostRequest::timeout_ms`] is for the whole: then [`HostFailure::Timeout`] |
//! | whole answers | a body that ends before its `Content-Length` is [`HostFailure::Unreadable`] |
//!
//! `examples/conformance` tries all of that on whoever claims it. A host that can't promise `once` says so ([`HostConfig::sends_once`]) and then
//! hands nothing in with a provider; with a relay it may, whose commits go by the reference and are one however often they arrive.
//!
//! # The journal
//!
//! [`HostJournal::Inside`] is answered here, from memory or a file. [`HostJournal::Outside`] is the host's, for a page with IndexedDB: texts
//! under keys, written by compare-and-swap ([`HostStep::Store`]). Both hold the same entries, without personal data.

mod desk;
mod journal;
mod relay_only;
mod resume;
mod run;
mod verbs;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};

pub use journal::HostJournal;
pub use relay_only::relay_only;
pub use run::{HostEvent, HostNow, HostOutcome, HostRun, HostStep, HostUpdate};
pub use wire::{HostBody, HostFailure, HostPart, HostPieces, HostRequest};

use crate::error::{ErrorCode, SportelloError};
use crate::flow::{Policy, WatchPolicy};
use crate::http::SecretToken;
use crate::http::origin::WebOrigin;
use crate::journal::{JournalKey, Scope};
use crate::model::{Answers, Quote, ResultId, Service};
use crate::provider::relay::Relay;
use crate::provider::{Provider, ProviderKind};
use crate::verb::{Identity, Keeper, Keeping, SubmitRequest, quote};

/// Settings of a [`HostClient`].
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Whom the host talks to. A page or an app: a relay.
    pub provider: ProviderKind,
    /// `https://host[:port]`; `http` is for this machine only.
    pub origin: String,
    /// The account's name, for a journal that serves several; not sent anywhere.
    pub account: String,
    /// True when the host's network passes `examples/conformance`: it sends what is paid once and never again by itself.
    pub sends_once: bool,
    /// How the machines behave.
    pub policy: Policy,
    /// The rhythm of watching.
    pub rhythm: WatchPolicy,
}

impl HostConfig {
    /// A relay at this address, by a network that promises nothing about `once`: what a page has.
    #[must_use]
    pub fn relay(origin: impl Into<String>) -> HostConfig {
        HostConfig {
            provider: ProviderKind::Relay,
            origin: origin.into(),
            account: "default".to_owned(),
            sends_once: false,
            policy: Policy::default(),
            rhythm: WatchPolicy::default(),
        }
    }
}

/// The verbs of the story for a host with a network of its own. Cheap to clone.
#[derive(Clone)]
pub struct HostClient {
    inner: Arc<Inner>,
}

struct Inner {
    provider: Arc<dyn Provider>,
    origin: WebOrigin,
    journal: HostJournal,
    identity: Identity,
    keeping: Keeping,
    sends_once: bool,
    policy: Policy,
    rhythm: WatchPolicy,
    token: Mutex<Option<SecretToken>>,
    runs: Mutex<u64>,
}

impl HostClient {
    /// A client of this host's.
    ///
    /// # Errors
    /// `config.insecure_url`, `config.invalid_url`.
    pub fn new(
        config: HostConfig,
        journal: HostJournal,
        key: JournalKey,
    ) -> Result<HostClient, SportelloError> {
        HostClient::over(
            config.provider.provider(),
            config,
            journal,
            key,
            Keeping::default(),
        )
    }

    /// A client of a relay and of nothing else, whatever the configuration names: a page's build then holds no other provider's calls.
    ///
    /// # Errors
    /// `config.insecure_url`, `config.invalid_url`.
    pub fn relay(
        config: HostConfig,
        journal: HostJournal,
        key: JournalKey,
    ) -> Result<HostClient, SportelloError> {
        HostClient::over(Arc::new(Relay), config, journal, key, Keeping::default())
    }

    /// One that keeps what is being handed in until it was paid, so that [`resume`](HostClient::resume) needs nobody. A run waits for the keeper
    /// where it is asked; files that only the host can read can't be kept.
    ///
    /// # Errors
    /// `config.insecure_url`, `config.invalid_url`.
    pub fn keeping(
        config: HostConfig,
        journal: HostJournal,
        key: JournalKey,
        keeper: Arc<dyn Keeper>,
    ) -> Result<HostClient, SportelloError> {
        HostClient::over(
            config.provider.provider(),
            config,
            journal,
            key,
            Keeping::by(keeper),
        )
    }

    fn over(
        provider: Arc<dyn Provider>,
        config: HostConfig,
        journal: HostJournal,
        key: JournalKey,
        keeping: Keeping,
    ) -> Result<HostClient, SportelloError> {
        let origin = WebOrigin::parse(&config.origin)
            .map_err(|bad| SportelloError::foreign(bad.code(), false, bad.text()))?;
        let scope = Scope {
            provider: provider.name().to_owned(),
            origin: origin.as_str().to_owned(),
            account: config.account,
        };
        Ok(HostClient {
            inner: Arc::new(Inner {
                provider,
                origin,
                journal,
                identity: Identity { scope, key },
                keeping,
                sends_once: config.sends_once,
                policy: config.policy,
                rhythm: config.rhythm,
                token: Mutex::new(None),
                runs: Mutex::new(0),
            }),
        })
    }

    /// The session with the relay, or a provider's short-lived token. It is put into each request at the last moment, so another one may be
    /// given while a run is under way; without one a run ends with `config.token_missing`.
    pub fn set_token(&self, token: &str) {
        let token = SecretToken::new(token);
        let mut held = self.inner.token.lock().unwrap_or_else(PoisonError::into_inner);
        *held = (!token.is_empty()).then_some(token);
    }

    /// What can be asked for; with `search`, the services whose name or category holds all its words. Ends with
    /// [`HostOutcome::Services`].
    #[must_use]
    pub fn services(&self, search: Option<String>) -> HostRun {
        self.run(
            move |verbs| async move { verbs.services(search.as_deref()).await.map(HostOutcome::Services) },
        )
    }

    /// What a service needs; named by id, by exact name or by alias. Ends with [`HostOutcome::Service`], or
    /// `service.not_found` and the like.
    #[must_use]
    pub fn service(&self, query: impl Into<String>) -> HostRun {
        let query = query.into();
        self.run(move |verbs| async move { verbs.service(&query).await.map(HostOutcome::Service) })
    }

    /// What a service will cost with these options. No network.
    ///
    /// # Errors
    /// `option.unknown`, `price.missing`.
    pub fn quote(&self, service: &Service, options: &[String]) -> Result<Quote, SportelloError> {
        quote(service, options)
    }

    /// Hands a request in, paid at most once whatever happens: the same reference may be submitted again after any error, also in a run after a
    /// restart. Ends with [`HostOutcome::Submission`].
    #[must_use]
    pub fn submit(&self, request: SubmitRequest) -> HostRun {
        self.run(move |verbs| async move { verbs.submit(request).await.map(HostOutcome::Submission) })
    }

    /// What this host's journal knows, oldest first, without asking anybody. A relay lists nothing, so this is all that a page or an app can say
    /// about what it has handed in. Ends with [`HostOutcome::Submissions`].
    #[must_use]
    pub fn submissions(&self) -> HostRun {
        self.run(move |verbs| async move { verbs.submissions().await.map(HostOutcome::Submissions) })
    }

    /// Where a submission is. Ends with [`HostOutcome::Submission`].
    #[must_use]
    pub fn status(&self, reference: impl Into<String>) -> HostRun {
        let reference = reference.into();
        self.run(move |verbs| async move { verbs.status(&reference).await.map(HostOutcome::Submission) })
    }

    /// Follows a submission: a [`HostStep::Update`] for each change, until something is there to be done or nothing will come. Ends with
    /// [`HostOutcome::Watched`], the last update.
    #[must_use]
    pub fn watch(&self, reference: impl Into<String>) -> HostRun {
        let reference = reference.into();
        self.run(move |verbs| async move { verbs.watch(&reference).await.map(HostOutcome::Watched) })
    }

    /// Chooses a search result: paid, and at most once. Ends with [`HostOutcome::Submission`].
    #[must_use]
    pub fn choose(
        &self,
        reference: impl Into<String>,
        result: ResultId,
        confirm_price: impl Into<String>,
    ) -> HostRun {
        let (reference, price) = (reference.into(), confirm_price.into());
        self.run(move |verbs| async move {
            let chosen = verbs.choose(&reference, result, &price).await;
            chosen.map(HostOutcome::Submission)
        })
    }

    /// Adds a search: paid, and at most once for its number. Ends with [`HostOutcome::Submission`].
    #[must_use]
    pub fn search_again(
        &self,
        reference: impl Into<String>,
        number: u32,
        service: Service,
        answers: Answers,
        confirm_price: impl Into<String>,
    ) -> HostRun {
        let (reference, price) = (reference.into(), confirm_price.into());
        self.run(move |verbs| async move {
            let searched = verbs
                .search_again(&reference, number, &service, &answers, &price)
                .await;
            searched.map(HostOutcome::Submission)
        })
    }

    /// Fetches the documents. Each file's [`HostRequest::file`] says its number; see [`HostRun::receive`]. Ends with
    /// [`HostOutcome::Delivery`], the files by number.
    #[must_use]
    pub fn delivery(&self, reference: impl Into<String>) -> HostRun {
        let reference = reference.into();
        self.run(move |verbs| async move { verbs.delivery(&reference).await.map(HostOutcome::Delivery) })
    }

    /// Finds out what happened to everything that was under way, and sees through what was paid or may have been. Ends with
    /// [`HostOutcome::Resumed`].
    #[must_use]
    pub fn resume(&self) -> HostRun {
        self.run(move |verbs| async move { verbs.resume().await.map(HostOutcome::Resumed) })
    }

    /// The same for one reference. Ends with [`HostOutcome::Resumed`], one line.
    #[must_use]
    pub fn resume_one(&self, reference: impl Into<String>) -> HostRun {
        let reference = reference.into();
        self.run(move |verbs| async move {
            let one = verbs.resume_one(&reference).await;
            one.map(|one| HostOutcome::Resumed(vec![one]))
        })
    }

    /// The answers kept under a reference that was not handed in yet, to be shown to whoever gave them; `None` where nothing is kept. No
    /// network; waits for the keeper.
    ///
    /// # Errors
    /// `sealed.other_key`, `sealed.damaged`, `sealed.unavailable`.
    pub fn kept_answers(&self, reference: &str) -> Result<Option<Answers>, SportelloError> {
        let kept = self.inner.keeping.kept(&self.inner.identity, reference)?;
        Ok(kept.map(|kept| kept.answers))
    }

    /// Gives up a submission that was not handed in: its draft's fields are blanked and its entry leaves the journal. Ends with
    /// [`HostOutcome::Abandoned`].
    #[must_use]
    pub fn abandon(&self, reference: impl Into<String>) -> HostRun {
        let reference = reference.into();
        self.run(move |verbs| async move { verbs.abandon(&reference).await.map(|()| HostOutcome::Abandoned) })
    }
}

impl Inner {
    /// The token as it is now.
    fn token(&self) -> Option<SecretToken> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A host that may send twice pays nothing, unless it is one purchase by reference however often it arrives.
    fn refuse_to_pay_twice(&self) -> Result<(), SportelloError> {
        if self.sends_once || self.provider.abilities().opens_by_reference {
            Ok(())
        } else {
            Err(ErrorCode::OnceNotGuaranteed.into())
        }
    }

    /// A different seed of jitter for every machine; nothing else depends on it.
    fn policy(&self) -> Policy {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        *runs += 1;
        let digest = self.identity.key.mac("jitter", &[&runs.to_be_bytes()]);
        let seed = digest.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        Policy {
            seed: seed.unwrap_or_default(),
            ..self.policy.clone()
        }
    }
}

impl std::fmt::Debug for HostClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostClient")
            .field("scope", &self.inner.identity.scope)
            .finish_non_exhaustive()
    }
}
