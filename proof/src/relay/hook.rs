//! What a relay does that others can see or that survives it, counted; and what goes wrong at which of these moments.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// A moment at which something can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// A call to the provider that changes nothing.
    Look,
    /// A call to the provider that is free and changes something.
    Change,
    /// A call that the provider may charge.
    Paid,
    /// A write to the relay's journal.
    Journal,
    /// A write to the relay's ledger.
    Ledger,
}

/// What goes wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The connection ends before anything has happened.
    CutBefore,
    /// It takes effect; the connection ends.
    CutAfter,
    /// It takes effect; no answer comes until the time is over.
    AnswerLost,
    /// It never arrives; no answer comes until the time is over.
    RequestLost,
    /// The connection ends; the request arrives as late as the assumption allows: before the second look, and before any paid call.
    Late,
    /// An intermediary delivers it twice; the first answer comes back.
    Duplicated,
    /// An intermediary delivers it twice; the second answer comes back.
    DuplicatedSecond,
    /// It takes effect; a 502 comes instead of the answer.
    BadGateway,
    /// A 503 comes, and nothing happened.
    Overloaded,
    /// It takes effect; the answer is cut in the middle.
    Garbled,
    /// The relay's token has ended: 401.
    TokenEnded,
    /// The wallet is empty for this call.
    Broke,
    /// Nothing is written: the disk is full.
    Full,
    /// It is written, and its acknowledgement is lost.
    WrittenUnknown,
    /// The relay dies before it.
    DiesBefore,
    /// It takes effect, then the relay dies.
    DiesAfter,
}

impl At {
    /// Everything that makes a difference here.
    pub(crate) fn troubles(self) -> &'static [Trouble] {
        use Trouble as T;
        match self {
            At::Look => &[
                T::CutBefore,
                T::AnswerLost,
                T::BadGateway,
                T::Garbled,
                T::TokenEnded,
                T::DiesBefore,
                T::DiesAfter,
            ],
            At::Change => &[
                T::CutBefore,
                T::CutAfter,
                T::AnswerLost,
                T::RequestLost,
                T::Late,
                T::Duplicated,
                T::DuplicatedSecond,
                T::BadGateway,
                T::Overloaded,
                T::Garbled,
                T::TokenEnded,
                T::DiesBefore,
                T::DiesAfter,
            ],
            At::Paid => &[
                T::CutBefore,
                T::CutAfter,
                T::AnswerLost,
                T::RequestLost,
                T::Late,
                T::Duplicated,
                T::DuplicatedSecond,
                T::BadGateway,
                T::Overloaded,
                T::Garbled,
                T::TokenEnded,
                T::Broke,
                T::DiesBefore,
                T::DiesAfter,
            ],
            At::Journal | At::Ledger => &[T::Full, T::WrittenUnknown, T::DiesBefore, T::DiesAfter],
        }
    }
}

/// At the moment of this number, counted from 0, the trouble of this number among those that there are.
pub(crate) type Planned = (usize, usize);

#[derive(Default)]
struct Noted {
    /// Nothing is counted before the caller begins.
    armed: bool,
    seen: Vec<At>,
    planned: Vec<Planned>,
    met: Vec<(usize, At, Trouble)>,
}

/// Shared by everything that a relay touches.
pub(crate) struct Hook {
    noted: Mutex<Noted>,
    /// True from the moment a relay has died until its runtime is gone.
    dead: watch::Sender<bool>,
    life: AtomicU64,
    ended: Mutex<u64>,
    buried: Condvar,
    /// An intermediary delivered a paid request twice, and both times it was charged.
    pub(crate) twice: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hook {
    pub(crate) fn new(planned: Vec<Planned>) -> Hook {
        Hook {
            noted: Mutex::new(Noted {
                planned,
                ..Noted::default()
            }),
            dead: watch::channel(false).0,
            life: AtomicU64::new(0),
            ended: Mutex::new(0),
            buried: Condvar::new(),
            twice: AtomicBool::new(false),
        }
    }

    /// From now on moments are counted.
    pub(crate) fn arm(&self) {
        lock(&self.noted).armed = true;
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn disarm(&self) {
        lock(&self.noted).armed = false;
    }

    /// The moments so far.
    pub(crate) fn seen(&self) -> Vec<At> {
        lock(&self.noted).seen.clone()
    }

    /// What went wrong so far, for people.
    pub(crate) fn met(&self) -> Vec<(usize, At, Trouble)> {
        lock(&self.noted).met.clone()
    }

    /// Counts a moment; says what goes wrong at it.
    pub(crate) fn at(&self, at: At) -> Option<Trouble> {
        let mut noted = lock(&self.noted);
        if !noted.armed {
            return None;
        }
        let number = noted.seen.len();
        noted.seen.push(at);
        let planned = noted.planned.iter().find(|(when, _)| *when == number);
        let troubles = at.troubles();
        let trouble = planned.and_then(|(_, which)| troubles.get(which % troubles.len()).copied())?;
        noted.met.push((number, at, trouble));
        Some(trouble)
    }

    /// The relay dies here and now.
    pub(crate) fn dies(&self) {
        self.dead.send_replace(true);
    }

    pub(crate) fn is_dead(&self) -> bool {
        *self.dead.borrow()
    }

    /// How many processes of the relay have ended.
    pub(crate) fn life(&self) -> u64 {
        self.life.load(Ordering::SeqCst)
    }

    /// Ready when the relay has died.
    pub(crate) async fn died(&self) {
        let mut dead = self.dead.subscribe();
        // The sender lives as long as this.
        let _ = dead.wait_for(|dead| *dead).await;
    }

    /// A thread of a relay that has died stands still until its runtime is gone; `life` says which relay's.
    pub(crate) fn stand_still(&self, life: u64) {
        let mut ended = lock(&self.ended);
        while *ended <= life {
            ended = self.buried.wait(ended).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The runtime of the relay that died, or was stopped, is gone; another may begin.
    pub(crate) fn buried(&self) {
        *lock(&self.ended) = self.life.fetch_add(1, Ordering::SeqCst) + 1;
        self.buried.notify_all();
        self.dead.send_replace(false);
    }
}
