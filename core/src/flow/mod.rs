//! The pure machines: handing in, choosing, searching again, watching, fetching.
//!
//! A machine does no I/O, reads no clock and has no randomness. It is driven by events and answers with steps; the same machine runs
//! under reqwest, under the tests that enumerate every crash point, and under a model checker. `now` is given in Unix
//! milliseconds with every event.
//!
//! # The promise
//!
//! At most one charge per (reference, purchase), as long as the provider commits one id atomically. It rests on three rules that
//! the machines keep and the tests switch off one by one: a creating call never commits; a reference is bound to one id,
//! durably, before anything paid is sent about it; after an ambiguous answer the same id is looked at, never another one opened.

mod drive;
mod fetch;
mod free;
mod purchase;
mod retry;
mod submit;
mod watch;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Charged, ErrorCode, SportelloError};
use crate::http::{Failure, HttpRequest, HttpResponse};
use crate::journal::{Duplicates, Entry, Recorded};

pub(crate) use drive::{Hands, drive, latest};
pub use fetch::FetchFlow;
pub use free::FreeFlow;
pub use purchase::{PurchaseFlow, PurchasePlan, Wanted};
pub use retry::{RetryBudget, RetryPolicy};
pub use submit::{Prepared, Receipt, SubmitFlow, SubmitPlan};
pub(crate) use watch::expected;
pub use watch::{Update, WatchFlow, WatchPolicy};

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Begin.
    Started,
    /// The request was answered.
    Responded(HttpResponse),
    /// The request brought no answer.
    Failed(Failure),
    /// The wait is over.
    Elapsed,
    /// The journal answered.
    Recorded(Recorded),
    /// The journal could not be written.
    RecordFailed(SportelloError),
    /// The caller gave up waiting.
    Cancelled,
}

/// What is to be done next.
#[derive(Clone, Debug)]
pub enum Step<T> {
    /// Perform the request; answer with `Responded` or `Failed`.
    Send {
        /// What to send.
        request: Box<HttpRequest>,
        /// Once means once: every retry below the machine is off, and the request goes out on a connection of its own.
        once: bool,
        /// How long to wait for the answer, milliseconds; `None` leaves it to the driver.
        timeout_ms: Option<u64>,
    },
    /// Write to the journal, durably; answer with `Recorded` or `RecordFailed`.
    Record {
        /// What to write.
        entry: Box<Entry>,
        /// The version that must stand there.
        expect_seq: u64,
        /// Whether another live entry of the same duplicate mark is accepted.
        duplicates: Duplicates,
    },
    /// Wait; answer with `Elapsed`.
    Wait {
        /// How long, milliseconds.
        millis: u64,
        /// Why, for people.
        reason: WaitReason,
    },
    /// The end.
    Finished(Result<T, SportelloError>),
}

/// Why a machine waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// A free call failed and is repeated.
    Retry,
    /// A paid call had no clear answer: it may still arrive, so nothing is sent until it can't.
    QuietPeriod,
    /// Between two looks at a submission.
    Watching,
}

/// An event came out of turn. This is a mistake in the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event came out of turn; this is a mistake in the program that drives the machine")]
pub struct FlowError;

impl From<FlowError> for SportelloError {
    fn from(_: FlowError) -> SportelloError {
        SportelloError::new(ErrorCode::FlowMisuse)
    }
}

/// A pure machine.
pub trait Machine {
    /// What it ends with.
    type Output;

    /// Takes what happened and says what to do next.
    ///
    /// # Errors
    /// The event is not an answer to the last step.
    fn advance(&mut self, now: u64, event: Event) -> Result<Step<Self::Output>, FlowError>;
}

/// How machines behave; one for a client.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How free calls are repeated.
    pub retry: RetryPolicy,
    /// The retries a client may spend, shared by all its machines.
    pub budget: RetryBudget,
    /// How long a paid call may take, milliseconds.
    pub commit_timeout_ms: u64,
    /// What is added to the commit's time limit before an ambiguous commit is looked at, milliseconds.
    pub quiet_margin_ms: u64,
    /// How old an intention may be that is committed again without the caller confirming anew, milliseconds.
    pub intent_lifetime_ms: u64,
    /// How many times one run of a machine sends the same paid call after seeing it had no effect.
    pub max_sends: u32,
    /// True when a token that was refused can be replaced by a fresh one.
    pub renewable_token: bool,
    /// Stops every paid call of the client once the provider committed on its own.
    pub breaker: Breaker,
    /// Seed of the jitter.
    pub seed: u64,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            retry: RetryPolicy::default(),
            budget: RetryBudget::default(),
            commit_timeout_ms: 60_000,
            quiet_margin_ms: 60_000,
            intent_lifetime_ms: 24 * 60 * 60 * 1000,
            max_sends: 3,
            renewable_token: false,
            breaker: Breaker::default(),
            seed: 0,
        }
    }
}

impl Policy {
    /// The same policy with a budget and a breaker of its own, standing as they stand now.
    pub(crate) fn detached(&self) -> Policy {
        let breaker = Breaker::default();
        if self.breaker.is_tripped() {
            breaker.trip();
        }
        Policy {
            budget: self.budget.detached(),
            breaker,
            ..self.clone()
        }
    }

    /// The time limit of a paid call: a synchronous service answers with its result, which takes longer.
    #[must_use]
    pub fn paid_timeout_ms(&self, is_synchronous: bool) -> u64 {
        if is_synchronous {
            self.commit_timeout_ms.max(120_000)
        } else {
            self.commit_timeout_ms
        }
    }
}

/// Trips once a provider was seen to commit a draft by itself, and then stops every paid call of the client.
#[derive(Clone, Debug, Default)]
pub struct Breaker(Arc<AtomicBool>);

impl Breaker {
    /// Stops all paid calls.
    pub fn trip(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// True when paid calls are stopped.
    #[must_use]
    pub fn is_tripped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What a failed call means to a person.
pub(crate) fn failure_code(failure: Failure) -> ErrorCode {
    match failure {
        Failure::Unreachable => ErrorCode::NetworkUnreachable,
        Failure::Tls => ErrorCode::NetworkTls,
        Failure::Timeout => ErrorCode::NetworkTimeout,
        Failure::Interrupted => ErrorCode::NetworkInterrupted,
        Failure::Unreadable => ErrorCode::AnswerUnreadable,
        Failure::SourceChanged => ErrorCode::AttachmentChanged,
        Failure::SourceUnreadable => ErrorCode::AttachmentUnreadable,
        Failure::SinkFailed => ErrorCode::FileWrite,
        Failure::NoToken => ErrorCode::TokenMissing,
        Failure::CredentialsRefused => ErrorCode::CredentialsRejected,
        Failure::AddressRefused => ErrorCode::AddressRefused,
    }
}

/// An error of a verb about one submission.
pub(crate) fn about(error: SportelloError, entry: &Entry, charged: Charged) -> SportelloError {
    error
        .about(&entry.key.reference, entry.id.as_deref())
        .charged(charged)
}

impl<T> fmt::Display for Step<T> {
    /// One line for traces: no bodies, no answers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Send { request, once, .. } => {
                write!(f, "send {request:?}{}", if *once { " once" } else { "" })
            }
            Step::Record {
                entry, expect_seq, ..
            } => write!(f, "record {:?} over {expect_seq}", entry.stage),
            Step::Wait { millis, reason } => write!(f, "wait {millis} ms ({reason:?})"),
            Step::Finished(Ok(_)) => f.write_str("finished"),
            Step::Finished(Err(error)) => write!(f, "finished: {}", error.code()),
        }
    }
}
