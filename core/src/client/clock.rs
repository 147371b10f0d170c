//! What time it is, for as long as a machine runs.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where the time of day comes from, Unix milliseconds.
pub(crate) type Wall = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The clock of one run. The time of day is asked once; from there it goes by a clock that nobody sets, because the quiet period after a
/// paid call without an answer must last as long as it says, also when somebody corrects the machine's clock in the middle.
pub(super) struct Clock {
    since: Instant,
    at: u64,
}

impl Clock {
    /// A clock that shows the time of day, or `not_before` where that is later.
    pub(super) fn start(wall: &Wall, not_before: u64) -> Clock {
        Clock {
            since: Instant::now(),
            at: wall().max(not_before),
        }
    }

    /// Unix milliseconds.
    pub(super) fn now(&self) -> u64 {
        self.at.saturating_add(millis(self.since.elapsed()))
    }

    /// Puts it forward to this moment, where it is earlier.
    pub(super) fn not_before(&mut self, moment: u64) {
        (self.at, self.since) = (self.now().max(moment), Instant::now());
    }

    /// Puts it forward to the time of day. Never back: what was recorded stays in the past.
    pub(super) fn set_by(&mut self, wall: &Wall) {
        self.not_before(wall());
    }
}

/// The time of day by the system, Unix milliseconds.
pub(crate) fn now() -> u64 {
    millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn nobody_sets_it_in_the_middle_and_it_never_goes_back() {
        let shown = Arc::new(AtomicU64::new(1_000_000));
        let wall: Wall = {
            let shown = Arc::clone(&shown);
            Arc::new(move || shown.load(Ordering::SeqCst))
        };
        let mut clock = Clock::start(&wall, 0);
        shown.store(90_000_000, Ordering::SeqCst);
        assert!((1_000_000..1_060_000).contains(&clock.now()));
        clock.set_by(&wall);
        assert!(clock.now() >= 90_000_000);
        shown.store(5, Ordering::SeqCst);
        clock.set_by(&wall);
        assert!(clock.now() >= 90_000_000);
        assert!(Clock::start(&wall, 70).now() >= 70);
    }
}
