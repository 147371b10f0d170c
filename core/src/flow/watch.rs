//! Watching: looks at a submission, quickly at first and more slowly the longer nothing changes.

use std::sync::Arc;

use serde::Serialize;

use super::free::{CallFailure, Free, Turn};
use super::{Event, FlowError, Machine, Policy, Step, WaitReason, about};
use crate::error::{ErrorCode, SportelloError};
use crate::journal::{Duplicates, Entry, PurchaseKind, PurchaseState, Recorded, Stage};
use crate::model::{Estimate, Progress, RemoteSubmission, delivery_estimate};
use crate::provider::{Hint, Provider};

/// The rhythm of watching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchPolicy {
    /// The first wait, milliseconds; every change of state goes back to it.
    pub first_ms: u64,
    /// Each wait is the one before times this, per cent.
    pub growth_percent: u64,
    /// No wait is longer while the documents may come any hour, milliseconds.
    pub cap_ms: u64,
    /// No wait is longer before the earliest time at which the office is expected to be done, or after the latest, milliseconds.
    pub far_cap_ms: u64,
}

impl Default for WatchPolicy {
    /// From two seconds to five minutes while the documents may come, to half an hour before and after: the office takes one to two
    /// working days.
    fn default() -> WatchPolicy {
        WatchPolicy {
            first_ms: 2_000,
            growth_percent: 150,
            cap_ms: 300_000,
            far_cap_ms: 1_800_000,
        }
    }
}

/// What a look showed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    /// The caller's reference.
    pub reference: String,
    /// What the provider says.
    pub remote: RemoteSubmission,
    /// When it was seen, Unix milliseconds.
    pub seen_at: u64,
    /// When the office is expected to be done, while it is at work.
    pub expected: Option<Estimate>,
}

/// The machine that watches; with `once` it looks a single time.
pub struct WatchFlow {
    provider: Arc<dyn Provider>,
    policy: Policy,
    rhythm: WatchPolicy,
    entry: Entry,
    once: bool,
    state: State,
    wait_ms: u64,
    last: Option<Update>,
    fresh: bool,
    looks: u64,
}

enum State {
    New,
    Looking(Free),
    Waiting,
    Recording(Box<Entry>),
    Over,
}

type Next = Result<Step<Update>, FlowError>;

impl WatchFlow {
    /// Watches until there is something to be done or nothing will come.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>, policy: Policy, rhythm: WatchPolicy, entry: Entry) -> WatchFlow {
        let wait_ms = rhythm.first_ms;
        let (state, last) = (State::New, None);
        WatchFlow {
            provider,
            policy,
            rhythm,
            entry,
            once: false,
            state,
            wait_ms,
            last,
            fresh: false,
            looks: 0,
        }
    }

    /// Looks a single time.
    #[must_use]
    pub fn once(provider: Arc<dyn Provider>, policy: Policy, entry: Entry) -> WatchFlow {
        WatchFlow {
            once: true,
            ..WatchFlow::new(provider, policy, WatchPolicy::default(), entry)
        }
    }

    /// The newest update, once.
    pub fn take_update(&mut self) -> Option<Update> {
        std::mem::take(&mut self.fresh)
            .then(|| self.last.clone())
            .flatten()
    }

    fn look(&mut self) -> Next {
        let Some(id) = self.entry.id.as_deref() else {
            return self.fail(ErrorCode::NotCommitted.into());
        };
        let committed = matches!(
            self.entry.stage,
            Stage::Committed | Stage::Delivered | Stage::Cancelled
        );
        if !self.once && !committed {
            return self.fail(ErrorCode::NotCommitted.into());
        }
        self.looks += 1;
        let (call, go) = Free::begin(self.provider.get_submission(id), &self.policy, self.looks);
        self.state = State::Looking(call);
        Ok(go.step())
    }

    fn seen(&mut self, now: u64, remote: RemoteSubmission) -> Next {
        let changed = self.last.as_ref().is_none_or(|last| {
            (last.remote.progress, &last.remote.status) != (remote.progress, &remote.status)
        });
        let progress = remote.progress;
        let reference = self.entry.key.reference.clone();
        let expected = expected(&self.entry, progress);
        self.last = Some(Update {
            reference,
            remote,
            seen_at: now,
            expected,
        });
        self.fresh |= changed;
        if changed {
            self.wait_ms = self.rhythm.first_ms;
        }
        let stage = match (self.entry.stage, progress) {
            (Stage::Committed, Progress::Delivered) => Some(Stage::Delivered),
            (Stage::Committed, Progress::Cancelled) => Some(Stage::Cancelled),
            _ => None,
        };
        match stage {
            Some(stage) => self.record(now, stage),
            None if self.once || progress.ends_watching() => self.finish(),
            None => self.wait(now),
        }
    }

    fn wait(&mut self, now: u64) -> Next {
        let expected = self.last.as_ref().and_then(|last| last.expected);
        let far = expected.is_some_and(|expected| !(expected.earliest..=expected.latest).contains(&now));
        let cap = match far {
            // Not past the moment from which on the documents may come.
            true => match expected.and_then(|expected| expected.earliest.checked_sub(now)) {
                Some(left) => self.rhythm.far_cap_ms.min(left.max(self.rhythm.cap_ms)),
                None => self.rhythm.far_cap_ms,
            },
            false => self.rhythm.cap_ms,
        };
        let millis = self.wait_ms.min(cap);
        self.wait_ms = (millis.saturating_mul(self.rhythm.growth_percent) / 100).min(cap);
        self.state = State::Waiting;
        Ok(Step::Wait {
            millis,
            reason: WaitReason::Watching,
        })
    }

    fn record(&mut self, now: u64, stage: Stage) -> Next {
        let mut entry = self.entry.clone();
        let expect_seq = entry.seq;
        (entry.stage, entry.seq, entry.updated_at) = (stage, expect_seq + 1, now);
        self.state = State::Recording(Box::new(entry.clone()));
        Ok(Step::Record {
            entry: Box::new(entry),
            expect_seq,
            duplicates: Duplicates::Allow,
        })
    }

    fn finish(&mut self) -> Next {
        self.state = State::Over;
        match self.last.clone() {
            Some(update) => Ok(Step::Finished(Ok(update))),
            None => Err(FlowError),
        }
    }

    fn fail(&mut self, error: SportelloError) -> Next {
        self.state = State::Over;
        let charged = super::submit::charged(&self.entry, PurchaseKind::Submit);
        Ok(Step::Finished(Err(about(error, &self.entry, charged))))
    }
}

impl Machine for WatchFlow {
    type Output = Update;

    fn advance(&mut self, now: u64, event: Event) -> Result<Step<Update>, FlowError> {
        if let Event::Cancelled = event {
            return self.fail(ErrorCode::Cancelled.into());
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::New => match event {
                Event::Started => self.look(),
                _ => Err(FlowError),
            },
            State::Waiting => match event {
                Event::Elapsed => self.look(),
                _ => Err(FlowError),
            },
            State::Looking(mut call) => {
                let (provider, id) = (Arc::clone(&self.provider), self.entry.id.clone());
                let turn = call.on(now, event, |request, response| {
                    provider.read_submission(request, id.as_deref(), response)
                })?;
                match turn {
                    Turn::Go(go) => {
                        self.state = State::Looking(call);
                        Ok(go.step())
                    }
                    Turn::Done(remote) => self.seen(now, remote),
                    // A provider that is out of order for an hour does not end a watch of two days.
                    Turn::Gone(failure) if !self.once && passes(&failure) => self.wait(now),
                    Turn::Gone(failure) => self.fail(failure.into()),
                }
            }
            State::Recording(entry) => match event {
                Event::Recorded(Recorded::Written) => {
                    self.entry = *entry;
                    self.finish()
                }
                // What was seen is true whoever wrote it down.
                Event::Recorded(Recorded::Conflict(current)) => {
                    self.entry = current.map_or(*entry, |current| *current);
                    self.finish()
                }
                Event::Recorded(Recorded::Duplicate { .. }) => self.finish(),
                Event::RecordFailed(error) => self.fail(error),
                _ => Err(FlowError),
            },
            State::Over => Err(FlowError),
        }
    }
}

/// When the office is expected to be done with a submission that it is at work on: counted from its last purchase, because a choice is
/// what sets the office to work on a search.
pub(crate) fn expected(entry: &Entry, progress: Progress) -> Option<Estimate> {
    let at_work = matches!(
        progress,
        Progress::Searching | Progress::Processing | Progress::DataReady
    );
    let paid = (entry.purchases.iter()).filter(|purchase| purchase.state == PurchaseState::Paid);
    let since = paid.map(|purchase| purchase.sent_at).max();
    since.filter(|_| at_work).map(delivery_estimate)
}

fn passes(failure: &CallFailure) -> bool {
    match failure {
        CallFailure::Network(failure) => failure.is_transient(),
        CallFailure::Call(error) => {
            error.hint == Hint::Transient || error.code == ErrorCode::AnswerUnreadable
        }
    }
}
