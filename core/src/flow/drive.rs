//! Runs a machine with somebody's hands: sends its requests, writes its records, waits its waits.

use super::{Event, Machine, Step, WaitReason};
use crate::error::SportelloError;
use crate::http::{Failure, HttpRequest};
use crate::journal::{Duplicates, Entry, Recorded};

/// What a machine's steps are performed by.
pub(crate) trait Hands {
    /// The time of day, Unix milliseconds. May be set by anybody at any time.
    fn wall(&self) -> u64;
    /// Milliseconds since any moment, by a clock that nobody sets.
    fn steady(&self) -> u64;
    /// Sees every step before it is made.
    fn stepped<T>(&mut self, step: &Step<T>);
    /// Performs a request: `Responded`, `Failed` or `Cancelled`.
    fn send(
        &mut self,
        request: &HttpRequest,
        once: bool,
        timeout_ms: Option<u64>,
    ) -> impl Future<Output = Event> + Send;
    /// Writes an entry: `Recorded`, `RecordFailed` or `Cancelled`.
    fn record(
        &mut self,
        entry: Box<Entry>,
        expect_seq: u64,
        duplicates: Duplicates,
    ) -> impl Future<Output = Event> + Send;
    /// Waits: `Elapsed` or `Cancelled`.
    fn wait(&mut self, millis: u64, reason: WaitReason) -> impl Future<Output = Event> + Send;
}

/// Runs a machine to its end, with a look at it after every step. For it, it is never earlier than `not_before`, whatever the clock has been put
/// back to.
pub(crate) async fn drive<M: Machine, H: Hands>(
    machine: &mut M,
    hands: &mut H,
    not_before: u64,
    mut observe: impl FnMut(&mut M, &mut H),
) -> Result<M::Output, SportelloError> {
    let mut event = Event::Started;
    let mut clock = Clock::start(hands.wall(), hands.steady(), not_before);
    loop {
        let asked = hands.steady();
        let step = machine.advance(clock.now(hands.steady()), event)?;
        hands.stepped(&step);
        observe(machine, hands);
        event = match step {
            Step::Send {
                request,
                once,
                timeout_ms,
            } => {
                // A time limit counts from the machine's word. Whoever waits for a paid call to be surely over counts so too, so a process that
                // was stopped here for longer sends nothing.
                let passed = hands.steady().saturating_sub(asked);
                match timeout_ms.map(|limit| limit.saturating_sub(passed)) {
                    Some(0) => Event::Failed(Failure::Unreachable),
                    left => hands.send(&request, once, left).await,
                }
            }
            Step::Record {
                entry,
                expect_seq,
                duplicates,
            } => {
                let recorded = hands.record(entry, expect_seq, duplicates).await;
                if let Event::Recorded(Recorded::Conflict(Some(current))) = &recorded {
                    // Another machine's clock may be ahead of ours.
                    clock.not_before(latest(current), hands.steady());
                }
                recorded
            }
            Step::Wait { millis, reason } => {
                let waited = hands.wait(millis, reason).await;
                if reason == WaitReason::Watching {
                    // Nothing is under way that a wrong clock could hurt, and days may have passed with the machine asleep. Never back: what
                    // was recorded stays in the past.
                    clock.not_before(hands.wall(), hands.steady());
                }
                waited
            }
            Step::Finished(outcome) => return outcome,
        };
    }
}

/// The latest moment that an entry knows of.
pub(crate) fn latest(entry: &Entry) -> u64 {
    let sent = entry.purchases.iter().map(|purchase| purchase.sent_at);
    sent.fold(entry.updated_at, u64::max)
}

/// The clock of one run. The time of day is asked once; from there it goes by a clock that nobody sets, because the quiet period after a
/// paid call without an answer must last as long as it says, also when somebody corrects the time in the middle.
struct Clock {
    at: u64,
    since: u64,
}

impl Clock {
    fn start(wall: u64, steady: u64, not_before: u64) -> Clock {
        Clock {
            at: wall.max(not_before),
            since: steady,
        }
    }

    fn now(&self, steady: u64) -> u64 {
        self.at.saturating_add(steady.saturating_sub(self.since))
    }

    /// Puts it forward to this moment, where it is earlier.
    fn not_before(&mut self, moment: u64, steady: u64) {
        (self.at, self.since) = (self.now(steady).max(moment), steady.max(self.since));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_sets_it_in_the_middle_and_it_never_goes_back() {
        let mut clock = Clock::start(1_000_000, 50, 0);
        assert_eq!(clock.now(60), 1_000_010);
        clock.not_before(90_000_000, 70);
        assert_eq!(clock.now(71), 90_000_001);
        clock.not_before(5, 80);
        assert_eq!(clock.now(80), 90_000_010);
        // A steady clock that is none stands still instead of going back.
        assert_eq!(clock.now(0), 90_000_010);
        assert_eq!(Clock::start(5, 0, 70).now(0), 70);
    }
}
