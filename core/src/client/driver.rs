//! Runs a machine: sends its requests, writes its records, waits its waits.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::clock::{Wall, millis};
use super::token::{SecretToken, TokenSource};
use super::transport::{Authorization, Downloads, Perform, Transport};
use crate::error::{ErrorCode, SportelloError};
use crate::flow::{Event, Hands, Machine, Step, WaitReason, drive, latest};
use crate::http::{AnswerMode, Failure, HttpRequest, HttpResponse, Target};
use crate::journal::{Duplicates, Entry, EntryKey, Journal};

/// What performs steps.
#[derive(Clone)]
pub(crate) struct Driver {
    pub(crate) transport: Transport,
    pub(crate) downloads: Downloads,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) token: TokenSource,
    pub(crate) wall: Wall,
    /// No run begins before this, Unix milliseconds.
    pub(crate) not_before: u64,
}

/// How many bytes of a body were sent, of how many.
pub(crate) type OnUpload<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// Looks at a machine between two steps.
pub(crate) type Observe<'a, M> = &'a mut (dyn FnMut(&mut M) + Send);

impl Driver {
    /// The same driver for what was journalled before: for its runs it is not earlier than the journal says, whatever the clock has been
    /// put back to.
    pub(crate) fn after(&self, entry: Option<&Entry>) -> Driver {
        Driver {
            not_before: entry.map_or(0, latest),
            ..self.clone()
        }
    }

    /// Runs a machine to its end.
    pub(crate) async fn run<M: Machine>(&self, machine: &mut M) -> Result<M::Output, SportelloError> {
        self.run_observed(machine, None, None, &mut |_| ()).await
    }

    /// Runs a machine to its end, with a sink for a file, a view of uploads and a look at the machine after every step.
    pub(crate) async fn run_observed<M: Machine>(
        &self,
        machine: &mut M,
        sink: Option<&Path>,
        on_upload: Option<OnUpload<'_>>,
        observe: Observe<'_, M>,
    ) -> Result<M::Output, SportelloError> {
        let mut hands = ClientHands {
            driver: self,
            sink,
            on_upload,
            since: Instant::now(),
        };
        drive(machine, &mut hands, self.not_before, |machine, _| {
            observe(machine)
        })
        .await
    }

    async fn send(
        &self,
        request: &HttpRequest,
        once: bool,
        timeout_ms: Option<u64>,
        sink: Option<&Path>,
        on_upload: Option<OnUpload<'_>>,
    ) -> Event {
        let number = match request.answer {
            AnswerMode::File { number, .. } => number,
            AnswerMode::Inline | AnswerMode::JsonFile(_) => 0,
        };
        let sink = sink.map(|sink| sink_of(sink, number));
        let perform = Perform {
            authorization: None,
            once,
            timeout: timeout_ms.map(Duration::from_millis),
            sink: sink.as_deref(),
            on_progress: on_upload,
        };
        let answer = match request.target {
            // By a client that has no token.
            Target::Signed(_) => self.downloads.perform(request, perform).await,
            Target::Api => self.with_token(request, perform).await,
        };
        match answer {
            Ok(response) => Event::Responded(response),
            Err(failure) => Event::Failed(failure),
        }
    }

    /// Performs a request of the API. Waiting for a token is part of a time limit that was given: whoever waits for a paid call to be surely
    /// over counts from its start. After a 401 a free one is repeated once with a fresh token; what is paid goes back to the machine,
    /// which knows what may be repeated.
    async fn with_token(&self, request: &HttpRequest, perform: Perform<'_>) -> Result<HttpResponse, Failure> {
        let began = tokio::time::Instant::now();
        let (mut token, for_once) = self.token.token(request).await?;
        let timeout = perform.timeout.map(|limit| limit.saturating_sub(began.elapsed()));
        let perform = Perform { timeout, ..perform };
        let mut answer = match timeout {
            // Nothing was sent, and nothing is.
            Some(Duration::ZERO) => Err(Failure::Unreachable),
            _ => self.authorized(request, perform, &token).await,
        };
        if answer.as_ref().is_ok_and(|answer| answer.status == 401) && self.token.is_renewable() {
            self.token.refused(request.call, &token).await;
            if !request.call.is_paid() {
                let (fresh, _) = self.token.token(request).await?;
                // A function that has nothing newer to say is not asked in vain.
                if fresh.expose() != token.expose() {
                    token = fresh;
                    answer = self.authorized(request, perform, &token).await;
                }
            }
        }
        if let Some(account) = self.token.account().filter(|_| for_once) {
            account.give_back(&token).await;
        }
        answer
    }

    async fn authorized(
        &self,
        request: &HttpRequest,
        perform: Perform<'_>,
        token: &SecretToken,
    ) -> Result<HttpResponse, Failure> {
        let perform = Perform {
            authorization: Some(Authorization::Bearer(token)),
            ..perform
        };
        self.transport.perform(request, perform).await
    }

    async fn record(&self, entry: Box<Entry>, expect_seq: u64, duplicates: Duplicates) -> Event {
        let journal = Arc::clone(&self.journal);
        let write = move |journal: &dyn Journal| Ok(journal.record(&entry, expect_seq, duplicates)?);
        match with_journal(journal, write).await {
            Ok(recorded) => Event::Recorded(recorded),
            Err(error) => Event::RecordFailed(error),
        }
    }

    pub(crate) async fn journal_get(&self, key: EntryKey) -> Result<Option<Entry>, SportelloError> {
        let journal = Arc::clone(&self.journal);
        with_journal(journal, move |journal| Ok(journal.get(&key)?)).await
    }
}

/// The hands of one run: reqwest, the journal, tokio's clock.
struct ClientHands<'a> {
    driver: &'a Driver,
    sink: Option<&'a Path>,
    on_upload: Option<OnUpload<'a>>,
    since: Instant,
}

impl Hands for ClientHands<'_> {
    fn wall(&self) -> u64 {
        (self.driver.wall)()
    }

    fn steady(&self) -> u64 {
        millis(self.since.elapsed())
    }

    fn stepped<T>(&mut self, step: &Step<T>) {
        tracing::debug!(target: "sportello::flow", "{step}");
    }

    async fn send(&mut self, request: &HttpRequest, once: bool, timeout_ms: Option<u64>) -> Event {
        self.driver
            .send(request, once, timeout_ms, self.sink, self.on_upload)
            .await
    }

    async fn record(&mut self, entry: Box<Entry>, expect_seq: u64, duplicates: Duplicates) -> Event {
        self.driver.record(entry, expect_seq, duplicates).await
    }

    async fn wait(&mut self, millis: u64, _: WaitReason) -> Event {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Event::Elapsed
    }
}

/// The sink of a delivery's file of this number: each has a name of its own.
pub(crate) fn sink_of(base: &Path, number: u32) -> PathBuf {
    match number {
        0 => base.to_owned(),
        number => {
            let mut name = base.as_os_str().to_owned();
            name.push(format!(".{number}"));
            name.into()
        }
    }
}

/// Asks the journal: where it may block, off the event loop.
async fn with_journal<T: Send + 'static>(
    journal: Arc<dyn Journal>,
    ask: impl FnOnce(&dyn Journal) -> Result<T, SportelloError> + Send + 'static,
) -> Result<T, SportelloError> {
    if journal.blocks() {
        blocking(move || ask(&*journal)).await
    } else {
        ask(&*journal)
    }
}

/// How much of what blocks runs at once, all clients together. A thousand submissions would otherwise start hundreds of threads, whose stacks
/// cost more memory than everything else; the journal writes one entry at a time anyway.
static PLACES: Semaphore = Semaphore::const_new(16);

/// Runs what blocks (the journal, files) off the event loop.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SportelloError> + Send + 'static,
) -> Result<T, SportelloError> {
    let Ok(place) = PLACES.acquire().await else {
        return Err(ErrorCode::Internal.into());
    };
    let placed = move || {
        let _place = place;
        work()
    };
    tokio::task::spawn_blocking(placed)
        .await
        .unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
}
