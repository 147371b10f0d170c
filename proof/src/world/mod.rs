//! The real machine, journal and simulator in one process, with virtual time and a fault at a chosen step.
//!
//! | file | what is in it |
//! |---|---|
//! | `counter` | who takes what is sent: the provider as a value, or a real relay |
//! | `fault` | what goes wrong, and where it makes a difference |
//! | `disk` | the journal: memory with backups, SQLite on a real file, a server |
//! | `story` | what the caller wants, of which provider |
//! | `setups` | every reading of what the providers' documents leave open |
//! | `process` | a caller's process: it runs, dies, comes back |
//! | `judge` | what must hold at the end, and what no client can help |

pub(crate) mod counter;
pub(crate) mod disk;
pub(crate) mod fault;
pub(crate) mod judge;
pub(crate) mod process;
pub(crate) mod setups;
pub(crate) mod story;
pub(crate) mod wire;

use sportello::SportelloError;
use sportello::flow::{Event, Receipt, Step};
use sportello::http::{Failure, HttpRequest, HttpResponse};
use sportello_simulator::SimRequest;

pub(crate) use counter::Counter;
pub(crate) use disk::{Disk, FileDisk};
pub(crate) use fault::{Fault, faults_at};
pub(crate) use process::{End, Process};
pub(crate) use setups::Setup;

pub(crate) const NOW: u64 = 1_790_000_000_000;

/// A request that is still on its way.
#[derive(Clone)]
struct Late {
    at: u64,
    request: SimRequest,
    is_paid: bool,
}

/// Everything outside the process that may crash.
pub(crate) struct World {
    pub(crate) counter: Counter,
    pub(crate) disk: Disk,
    pub(crate) now: u64,
    late: Vec<Late>,
    /// A request that others have overtaken, and after how many more steps it arrives.
    overtaken: Vec<(u8, SimRequest)>,
    token: String,
    /// The journal's key: digests and the correlation follow from it.
    key: &'static str,
    /// Charges that were there before.
    base: usize,
    /// The ids that a paid request was sent about.
    paid_ids: Vec<String>,
    /// An intermediary delivered a paid request twice.
    pub(crate) twice: bool,
    /// The journal was put back, and does not know what a paid request was sent about.
    pub(crate) forgot: bool,
    /// The journal was put back, to whatever.
    pub(crate) restored: bool,
    /// Another process was at work on the reference, stopped for as long as anybody likes between two of its steps.
    pub(crate) stopped: bool,
    /// The office gave a request up.
    pub(crate) cancelled: bool,
}

impl World {
    pub(crate) fn fork(&self) -> World {
        World {
            counter: self.counter.fork(),
            disk: self.disk.fork(),
            now: self.now,
            late: self.late.clone(),
            overtaken: self.overtaken.clone(),
            token: self.token.clone(),
            key: self.key,
            base: self.base,
            paid_ids: self.paid_ids.clone(),
            twice: self.twice,
            forgot: self.forgot,
            restored: self.restored,
            stopped: self.stopped,
            cancelled: self.cancelled,
        }
    }

    /// Charges for what the caller wants.
    pub(crate) fn charges(&self) -> usize {
        self.counter.with_engine(|engine| engine.ledger().len()) - self.base
    }

    /// True while a paid request is still on its way.
    pub(crate) fn owes(&self) -> bool {
        self.late.iter().any(|late| late.is_paid) || self.counter.owes()
    }

    /// Does what the machine asks; `None` when the process died over it.
    fn perform(
        &mut self,
        step: &Step<Receipt>,
        asked_at: u64,
        fault: Option<Fault>,
        bound: Option<&str>,
    ) -> Option<Event> {
        if fault == Some(Fault::Cancelled) {
            self.given_up(bound.unwrap_or_default());
        }
        for (left, _) in &mut self.overtaken {
            *left -= 1;
        }
        while let Some(at) = self.overtaken.iter().position(|(left, _)| *left == 0) {
            let (_, request) = self.overtaken.remove(at);
            self.deliver(&request);
        }
        match step {
            Step::Send {
                request, timeout_ms, ..
            } => {
                // The process was stopped: a driver looks at the clock before it sends, for a time limit counts from the machine's word.
                if timeout_ms.is_some_and(|limit| self.now - asked_at >= limit) {
                    return Some(Event::Failed(Failure::Unreachable));
                }
                self.send(request, timeout_ms.unwrap_or(30_000), fault, bound)
            }
            Step::Record {
                entry,
                expect_seq,
                duplicates,
            } => {
                let failed =
                    |code, text| Some(Event::RecordFailed(SportelloError::foreign(code, true, text)));
                if fault == Some(Fault::Full) {
                    return failed("journal.full", "the disk is full");
                }
                let before = match &self.disk {
                    Disk::File(file) => file.log_len(),
                    Disk::Memory { .. } | Disk::Server(_) => 0,
                };
                let recorded = self.disk.record(entry, *expect_seq, *duplicates);
                match fault {
                    Some(Fault::WrittenUnknown) => {
                        failed("journal.unavailable", "written, but it does not know")
                    }
                    Some(Fault::Torn(torn)) => {
                        if let Disk::File(file) = &mut self.disk {
                            file.crash(Some((torn, before)));
                        }
                        None
                    }
                    Some(fault) => self.dies(fault),
                    None => Some(Event::Recorded(recorded)),
                }
            }
            Step::Wait { millis, .. } => {
                self.pass(*millis);
                match fault {
                    Some(fault) => self.dies(fault),
                    None => Some(Event::Elapsed),
                }
            }
            Step::Finished(_) => unreachable!("an end is no step"),
        }
    }

    /// The office gives a request up; behind a relay, whatever there is.
    fn given_up(&mut self, bound: &str) {
        let now = self.now;
        let ids = match &self.counter {
            Counter::Provider(_) => vec![bound.to_owned()],
            Counter::Relay(relay) => self.counter.ids(relay.api),
        };
        self.counter.change(|engine| engine.advance(now));
        for id in ids {
            self.cancelled |= self
                .counter
                .change(|engine| engine.cancel(now, &id, "101", "given up"));
        }
    }

    /// The process dies, and perhaps something with it.
    fn dies(&mut self, fault: Fault) -> Option<Event> {
        match fault {
            Fault::KeyLost => self.key = "another-key",
            Fault::Restored(writes) => {
                self.disk.restore(writes);
                self.restored = true;
            }
            _ => {
                if let Disk::File(file) = &mut self.disk {
                    file.crash(None);
                }
            }
        }
        None
    }

    fn send(
        &mut self,
        request: &HttpRequest,
        timeout: u64,
        fault: Option<Fault>,
        bound: Option<&str>,
    ) -> Option<Event> {
        let sent = wire::wire(request, &self.token);
        let is_paid = request.call.is_paid();
        if is_paid && let Some(id) = bound {
            self.paid_ids.push(id.to_owned());
        }
        let Some(fault) = fault else {
            return Some(self.deliver(&sent));
        };
        let lost = |world: &mut World, failure| {
            if failure == Failure::Timeout {
                world.pass(timeout);
            }
            Some(Event::Failed(failure))
        };
        match fault {
            Fault::Unreachable => lost(self, Failure::Unreachable),
            Fault::RequestLost => lost(self, Failure::Timeout),
            Fault::Reset => {
                self.deliver(&sent);
                lost(self, Failure::Interrupted)
            }
            Fault::AnswerLost => {
                self.deliver(&sent);
                lost(self, Failure::Timeout)
            }
            Fault::Late | Fault::LateThenCrash => {
                // As late as the assumption allows: just before the quiet period is over.
                self.late.push(Late {
                    at: self.now + timeout + 59_000,
                    request: sent,
                    is_paid,
                });
                if fault == Fault::LateThenCrash {
                    return self.dies(fault);
                }
                lost(self, Failure::Timeout)
            }
            Fault::Overtaken(steps) => {
                self.overtaken.push((steps, sent));
                lost(self, Failure::Interrupted)
            }
            Fault::Duplicated | Fault::DuplicatedSecond => {
                // A relay pays once however often it is told.
                self.twice |= is_paid && !self.counter.is_relay();
                let first = self.deliver(&sent);
                let second = self.deliver(&sent);
                Some(if fault == Fault::Duplicated { first } else { second })
            }
            Fault::BadGateway => {
                self.deliver(&sent);
                Some(page(502, b"<html>502 Bad Gateway</html>"))
            }
            Fault::Overloaded => Some(page(503, b"<html>503 Service Unavailable</html>")),
            Fault::Garbled => match self.deliver(&sent) {
                Event::Responded(mut answer) => {
                    answer.body.truncate(answer.body.len() / 2);
                    Some(Event::Responded(answer))
                }
                other => Some(other),
            },
            Fault::TokenEnded => Some(self.deliver(&wire::wire(request, "ended"))),
            Fault::Broke => {
                let wallet = self
                    .counter
                    .with_engine(sportello_simulator::Engine::wallet_cents);
                self.counter.change(|engine| engine.set_wallet(0));
                let answer = self.deliver(&sent);
                self.counter.change(|engine| engine.set_wallet(wallet));
                Some(answer)
            }
            Fault::Cancelled => Some(self.deliver(&sent)),
            Fault::EffectThenCrash | Fault::Restored(_) | Fault::KeyLost => {
                self.deliver(&sent);
                self.dies(fault)
            }
            Fault::Full | Fault::WrittenUnknown | Fault::Torn(_) => unreachable!("not of a request"),
        }
    }

    fn deliver(&mut self, request: &SimRequest) -> Event {
        self.counter.take(self.now, request)
    }

    /// Time passes, and what was on its way arrives.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.now += millis;
        self.counter.wait_until(self.now);
        let (due, later) = std::mem::take(&mut self.late)
            .into_iter()
            .partition(|late| late.at <= self.now);
        self.late = later;
        let due: Vec<Late> = due;
        for late in due {
            self.deliver(&late.request);
        }
    }
}

fn page(status: u16, body: &[u8]) -> Event {
    Event::Responded(HttpResponse {
        status,
        body: body.to_vec(),
        ..HttpResponse::default()
    })
}
