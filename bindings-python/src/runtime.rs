//! The threads that work, and the queue by which the interpreter learns of it.
//!
//! A thread of a runtime that enters the interpreter while that ends takes the process down with it. So none enters: an operation leaves
//! what happened in a queue, and a thread of Python's own asks for it. `atexit` stops both before the interpreter goes.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::convert::RuntimeGone;

static STATE: Mutex<State> = Mutex::new(State::New);
static EVENTS: Events = Events {
    queue: Mutex::new(Queue {
        operations: VecDeque::new(),
        closed: false,
    }),
    more: Condvar::new(),
};

enum State {
    New,
    Running { runtime: Runtime, process: u32 },
    Stopped,
}

struct Events {
    queue: Mutex<Queue>,
    more: Condvar,
}

struct Queue {
    operations: VecDeque<u64>,
    closed: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The runtime, started when it is first needed.
pub(crate) fn handle() -> PyResult<Handle> {
    let mut state = lock(&STATE);
    if let State::New = *state {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sportello")
            .enable_all()
            .build()
            .map_err(|error| {
                RuntimeGone::new_err(("python.no_threads", format!("can't start threads: {error}")))
            })?;
        let process = std::process::id();
        *state = State::Running { runtime, process };
    }
    match &*state {
        State::Running { runtime, process } if *process == std::process::id() => Ok(runtime.handle().clone()),
        // Threads do not survive a fork; waiting for them would be for ever.
        State::Running { .. } => Err(RuntimeGone::new_err((
            "python.forked",
            "this process was forked from one that already used the library; start it with `spawn`, or make the first client after the fork",
        ))),
        State::New | State::Stopped => Err(RuntimeGone::new_err((
            "python.exiting",
            "the interpreter is about to end",
        ))),
    }
}

/// Says that something happened to an operation.
pub(crate) fn happened(operation: u64) {
    let mut queue = lock(&EVENTS.queue);
    if !queue.closed {
        queue.operations.push_back(operation);
        EVENTS.more.notify_one();
    }
}

/// Waits for the next operation to which something happened; `None` after `timeout_ms`, or at the end.
#[pyfunction]
pub(crate) fn next_event(py: Python<'_>, timeout_ms: u64) -> Option<u64> {
    py.detach(|| {
        let queue = lock(&EVENTS.queue);
        let wait = Duration::from_millis(timeout_ms);
        let (mut queue, _) = EVENTS
            .more
            .wait_timeout_while(queue, wait, |queue| queue.operations.is_empty() && !queue.closed)
            .unwrap_or_else(PoisonError::into_inner);
        queue.operations.pop_front()
    })
}

/// Ends the threads. A commit that is under way has a moment to be journalled; the same reference goes on with one that had not.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>, timeout_ms: u64) {
    py.detach(|| {
        {
            let mut queue = lock(&EVENTS.queue);
            queue.closed = true;
            EVENTS.more.notify_all();
        }
        let state = std::mem::replace(&mut *lock(&STATE), State::Stopped);
        if let State::Running { runtime, process } = state {
            if process == std::process::id() {
                runtime.shutdown_timeout(Duration::from_millis(timeout_ms));
            } else {
                // Another process's threads: there is nothing to wait for.
                std::mem::forget(runtime);
            }
        }
    });
}
