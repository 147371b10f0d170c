//! Where a verb leaves what it wants and finds what came of it. A verb is a future; here it waits for the host instead of for a runtime.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use super::run::{HostEvent, HostNow, HostStep};
use crate::http::{AnswerMode, Failure, HttpResponse};

/// What a verb wants, and what else must be known while it is done.
pub(super) struct Ask {
    pub(super) step: HostStep,
    /// How the answer of a `Send` is taken in.
    pub(super) mode: AnswerMode,
    /// True for a step of a machine, which has a word of its own about being given up.
    pub(super) of_machine: bool,
}

/// What came of it.
pub(super) enum Reply {
    Answer(Result<HttpResponse, Failure>),
    Event(HostEvent),
}

/// Shared by a run and its verb.
#[derive(Clone, Default)]
pub(super) struct Desk(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    ask: Option<Ask>,
    reply: Option<Reply>,
    now: HostNow,
}

impl Desk {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Every change is one assignment, so a panic leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the host's clocks show.
    pub(super) fn now(&self) -> HostNow {
        self.inner().now
    }

    /// The verb's side: leaves what it wants and waits for what comes of it.
    pub(super) async fn ask(&self, ask: Ask) -> Reply {
        let mut ask = Some(ask);
        poll_fn(move |_| {
            let mut inner = self.inner();
            if let Some(ask) = ask.take() {
                (inner.ask, inner.reply) = (Some(ask), None);
                return Poll::Pending;
            }
            match inner.reply.take() {
                Some(reply) => Poll::Ready(reply),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// The host's side: what came of the last step. At the beginning nobody has asked, and nobody takes it.
    pub(super) fn put(&self, reply: Reply, now: HostNow) {
        let mut inner = self.inner();
        (inner.reply, inner.now) = (Some(reply), now);
    }

    /// The host's side: what is wanted now.
    pub(super) fn take(&self) -> Option<Ask> {
        self.inner().ask.take()
    }
}
