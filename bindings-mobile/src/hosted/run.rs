use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sportello::ErrorCode;
use sportello::host::{HostEvent as CoreEvent, HostNow, HostRun as Core, HostStep as CoreStep};

use super::outcome::HostOutcome;
use super::request::{HostFailure, HostRequest};
use crate::{SportelloError, SubmissionUpdate};

/// What is to be done next.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum HostStep {
    /// Perform this request: then `Answered` or `Failed`.
    Send {
        /// The request.
        request: Arc<HostRequest>,
    },
    /// Wait: then `Elapsed`.
    Wait {
        /// How long, milliseconds.
        millis: u64,
    },
    /// Something changed that is watched. Show it, and go on with `Continue`.
    Update {
        /// The change.
        update: SubmissionUpdate,
    },
    /// The end; nothing follows. A verb that ended badly throws instead.
    Done {
        /// How it ended.
        outcome: HostOutcome,
    },
}

/// What came of a step.
#[derive(Clone, uniffi::Enum)]
pub enum HostEvent {
    /// Begin; or go on after an update.
    Continue,
    /// A whole answer, of whatever status.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The headers, names in any case.
        headers: HashMap<String, String>,
        /// The body; empty where its pieces were given to [`HostRun::receive`].
        body: Vec<u8>,
    },
    /// No answer.
    Failed {
        /// Why.
        failure: HostFailure,
    },
    /// The wait is over.
    Elapsed,
    /// Whoever waited has gone. What was sent is not taken back, and the same reference goes on from there.
    Cancelled,
}

/// One verb under way.
///
/// It is led from one thread at a time, and waits for the journal's disk where it is asked: not on the thread of the screen.
#[derive(uniffi::Object)]
pub struct HostRun(Mutex<Core>);

#[uniffi::export]
impl HostRun {
    /// Takes what came of the last step (at the beginning `Continue`) and says what to do next. `wall_ms` is the time of day, Unix
    /// milliseconds; `steady_ms` milliseconds by a clock that nobody sets.
    ///
    /// # Errors
    /// The verb's own, which end it; `flow.misuse` when the event is no answer to the last step, which leaves it where it stood.
    pub fn next(&self, event: HostEvent, wall_ms: u64, steady_ms: u64) -> Result<HostStep, SportelloError> {
        let event = match event {
            HostEvent::Continue => CoreEvent::Continue,
            HostEvent::Answered {
                status,
                headers,
                body,
            } => CoreEvent::Answered {
                status,
                headers: headers.into_iter().collect(),
                body,
            },
            HostEvent::Failed { failure } => CoreEvent::Failed(failure),
            HostEvent::Elapsed => CoreEvent::Elapsed,
            HostEvent::Cancelled => CoreEvent::Cancelled,
        };
        Ok(match self.core().next(event, HostNow { wall_ms, steady_ms })? {
            CoreStep::Send(request) => HostStep::Send {
                request: Arc::new(HostRequest(request)),
            },
            CoreStep::Wait { millis, .. } => HostStep::Wait { millis },
            CoreStep::Update(update) => HostStep::Update {
                update: (*update).into(),
            },
            CoreStep::Done(outcome) => HostStep::Done {
                outcome: (*outcome?).into(),
            },
            // Neither journal nor files are the host's here.
            CoreStep::Read { .. }
            | CoreStep::Load { .. }
            | CoreStep::List { .. }
            | CoreStep::Store { .. } => {
                return Err(sportello::SportelloError::from(ErrorCode::Internal).into());
            }
        })
    }

    /// Takes in the next piece of a delivery's file and gives back what is to be written: see [`HostRequest::file`].
    ///
    /// # Errors
    /// [`SportelloError::Provider`] (`answer.unreadable`): stop reading, and say [`HostFailure::Unreadable`].
    pub fn receive(&self, piece: Vec<u8>) -> Result<Vec<u8>, SportelloError> {
        Ok(self.core().receive(&piece)?)
    }
}

impl HostRun {
    pub(super) fn wrap(run: Core) -> Arc<HostRun> {
        Arc::new(HostRun(Mutex::new(run)))
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for HostRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core().fmt(f)
    }
}
