//! What the core says of its work, for Python's `logging`: only this library's own events, which hold nothing personal. Other libraries' are not
//! taken, because a request's bytes may be in them. As with operations, no thread of ours enters the interpreter: lines are left in a queue.

use std::collections::VecDeque;
use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pyo3::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// More lines than this wait for nobody: the oldest go.
const WAITING: usize = 10_000;

static LINES: Mutex<Lines> = Mutex::new(Lines {
    waiting: VecDeque::new(),
    left_out: 0,
    is_open: false,
});
static MORE: Condvar = Condvar::new();

struct Lines {
    waiting: VecDeque<Line>,
    left_out: u64,
    is_open: bool,
}

/// The level as `logging` has it, the target, the text, and when it was in seconds since 1970.
type Line = (u8, String, String, f64);

fn lines() -> MutexGuard<'static, Lines> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Forward(AtomicU64);

impl Subscriber for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().split("::").next() == Some("sportello")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.0.fetch_add(1, Ordering::Relaxed).max(1))
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let metadata = event.metadata();
        let level = match *metadata.level() {
            Level::ERROR => 40,
            Level::WARN => 30,
            Level::INFO => 20,
            Level::DEBUG => 10,
            Level::TRACE => 5,
        };
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut lines = lines();
        if !lines.is_open {
            return;
        }
        if lines.waiting.len() == WAITING {
            lines.waiting.pop_front();
            lines.left_out += 1;
        }
        let target = metadata.target().replace("::", ".");
        lines.waiting.push_back((level, target, text.0, at.as_secs_f64()));
        drop(lines);
        MORE.notify_one();
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        // Writing into a `String` does not fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, "{name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// Begins to keep lines; false when something else listens already.
#[pyfunction]
pub(crate) fn open_log() -> bool {
    let is_first = !std::mem::replace(&mut lines().is_open, true);
    // A second one in this process goes on with the first one's subscriber.
    let _ = tracing::subscriber::set_global_default(Forward(AtomicU64::new(1)));
    is_first
}

/// Waits for the next line; `None` at the end, or after `timeout_ms`.
#[pyfunction]
pub(crate) fn next_line(py: Python<'_>, timeout_ms: u64) -> Option<Line> {
    py.detach(|| {
        let wait = Duration::from_millis(timeout_ms);
        let (mut lines, _) = MORE
            .wait_timeout_while(lines(), wait, |lines| lines.waiting.is_empty() && lines.is_open)
            .unwrap_or_else(PoisonError::into_inner);
        match std::mem::take(&mut lines.left_out) {
            0 => lines.waiting.pop_front(),
            many => Some((
                30,
                "sportello".to_owned(),
                format!("{many} lines were left out"),
                0.0,
            )),
        }
    })
}

/// Keeps no more lines, and wakes whoever waits for one.
#[pyfunction]
pub(crate) fn close_log() {
    lines().is_open = false;
    MORE.notify_all();
}
