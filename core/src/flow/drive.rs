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

    #[test]
    fn the_latest_moment_is_of_the_last_write_or_the_last_send() {
        use crate::journal::{PurchaseKind, PurchaseState, specimen};
        let mut entry = specimen("latest");
        entry.updated_at = 70;
        assert_eq!(latest(&entry), 70);
        entry.purchases.push(crate::journal::Purchase {
            kind: PurchaseKind::Submit,
            state: PurchaseState::Sending,
            id: "id".to_owned(),
            price: crate::model::Money::from_cents(1900),
            intended_at: 0,
            sent_at: 90,
            timeout_ms: 0,
            sends: 1,
            ambiguous: false,
            refused_with: None,
            result: None,
            searches_before: None,
            digest: None,
        });
        assert_eq!(latest(&entry), 90);
    }

    /// Waits for a change of state, then for a quiet period, and notes when it was told what.
    struct TwoWaits(Vec<u64>);

    impl Machine for TwoWaits {
        type Output = Vec<u64>;

        fn advance(&mut self, now: u64, _: Event) -> Result<Step<Vec<u64>>, crate::flow::FlowError> {
            self.0.push(now);
            let reason = match self.0.len() {
                1 => WaitReason::Watching,
                2 => WaitReason::QuietPeriod,
                _ => return Ok(Step::Finished(Ok(self.0.clone()))),
            };
            Ok(Step::Wait { millis: 5, reason })
        }
    }

    /// Somebody puts the time of day a day forward in every wait; the steady clock goes by what was waited.
    struct SomebodySets {
        wall: u64,
        steady: u64,
    }

    impl Hands for SomebodySets {
        fn wall(&self) -> u64 {
            self.wall
        }

        fn steady(&self) -> u64 {
            self.steady
        }

        fn stepped<T>(&mut self, _: &Step<T>) {}

        async fn send(&mut self, _: &HttpRequest, _: bool, _: Option<u64>) -> Event {
            Event::Cancelled
        }

        async fn record(&mut self, _: Box<Entry>, _: u64, _: Duplicates) -> Event {
            Event::Cancelled
        }

        async fn wait(&mut self, millis: u64, _: WaitReason) -> Event {
            (self.wall, self.steady) = (self.wall + 1_000_000, self.steady + millis);
            Event::Elapsed
        }
    }

    #[test]
    fn only_between_two_looks_is_the_time_of_day_asked_again() {
        let mut hands = SomebodySets {
            wall: 1_000,
            steady: 0,
        };
        let mut machine = TwoWaits(Vec::new());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let told = runtime
            .block_on(drive(&mut machine, &mut hands, 0, |_, _| ()))
            .unwrap();
        assert_eq!(told, [1_000, 1_001_000, 1_001_005]);
    }
}
