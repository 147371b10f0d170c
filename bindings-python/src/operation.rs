//! A verb under way.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use sportello::SportelloError;
use tokio::task::AbortHandle;

use crate::convert;
use crate::form::Service;
use crate::runtime;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// What a verb ends with.
pub(crate) enum Outcome {
    /// Plain data, as JSON.
    Json(String),
    /// A service.
    Service(Box<sportello::Service>),
}

enum Happened {
    /// What is being done, and the whole of it as JSON.
    Progress(&'static str, String),
    Item(String),
    Done(Result<Outcome, SportelloError>),
}

/// Where a running verb leaves what happens.
pub(crate) struct Outbox {
    id: u64,
    events: Mutex<VecDeque<Happened>>,
    more: Condvar,
}

impl Outbox {
    fn events(&self) -> MutexGuard<'_, VecDeque<Happened>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, event: Happened) {
        {
            let mut events = self.events();
            // Nobody needs every piece of an upload: the newest replaces one that was not looked at.
            if let (Happened::Progress(doing, _), Some(Happened::Progress(before, _))) =
                (&event, events.back())
                && doing == before
            {
                events.pop_back();
            }
            events.push_back(event);
        }
        self.more.notify_all();
        runtime::happened(self.id);
    }

    pub(crate) fn progress(&self, doing: &'static str, json: String) {
        self.push(Happened::Progress(doing, json));
    }

    pub(crate) fn item(&self, json: String) {
        self.push(Happened::Item(json));
    }
}

/// A verb under way on this library's threads. Dropping it stops nothing: what may pay is seen through.
#[pyclass(frozen, module = "sportello._native")]
pub(crate) struct Operation {
    outbox: Arc<Outbox>,
    task: AbortHandle,
}

impl Operation {
    /// Starts a verb.
    pub(crate) fn start<F>(verb: impl FnOnce(Arc<Outbox>) -> F) -> PyResult<Operation>
    where
        F: Future<Output = Result<Outcome, SportelloError>> + Send + 'static,
    {
        let handle = runtime::handle()?;
        let outbox = Arc::new(Outbox {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            events: Mutex::new(VecDeque::new()),
            more: Condvar::new(),
        });
        let (verb, done) = (verb(Arc::clone(&outbox)), Arc::clone(&outbox));
        let task = handle.spawn(async move {
            let outcome = verb.await;
            done.push(Happened::Done(outcome));
        });
        Ok(Operation {
            outbox,
            task: task.abort_handle(),
        })
    }
}

#[pymethods]
impl Operation {
    /// The number by which `next_event` names it.
    #[getter]
    fn id(&self) -> u64 {
        self.outbox.id
    }

    /// The next thing that happened: `("progress" | "item", JSON)` or `("done", result)`. `None` when nothing did within `timeout_ms`.
    fn next(&self, py: Python<'_>, timeout_ms: u64) -> PyResult<Option<(&'static str, Py<PyAny>)>> {
        let happened = py.detach(|| {
            let events = self.outbox.events();
            let wait = Duration::from_millis(timeout_ms);
            let (mut events, _) = self
                .outbox
                .more
                .wait_timeout_while(events, wait, |events| events.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            events.pop_front()
        });
        let text = |text: String| Ok::<_, PyErr>(text.into_pyobject(py)?.into_any().unbind());
        match happened {
            None => Ok(None),
            Some(Happened::Progress(_, json)) => Ok(Some(("progress", text(json)?))),
            Some(Happened::Item(json)) => Ok(Some(("item", text(json)?))),
            Some(Happened::Done(Ok(Outcome::Json(json)))) => Ok(Some(("done", text(json)?))),
            Some(Happened::Done(Ok(Outcome::Service(service)))) => {
                let service = Py::new(py, Service::wrap(*service))?;
                Ok(Some(("done", service.into_any())))
            }
            Some(Happened::Done(Err(error))) => Err(convert::error(py, &error)),
        }
    }

    /// Stops the waiting. What may pay goes on and is found under its reference.
    fn cancel(&self) {
        self.task.abort();
    }
}
