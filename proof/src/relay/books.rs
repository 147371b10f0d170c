//! A relay's journal and ledger: the real ones, on a real disk, with the moments counted.

use std::sync::Arc;

use sportello::Money;
use sportello::journal::{
    Duplicates, Entry, EntryKey, Journal, JournalError, Recorded, Scope, SqliteJournal,
};
use sportello_relay::Ledger;
use sportello_relay::ledger::{Caps, LedgerError, Spending, SqliteLedger};

use super::hook::{At, Hook, Trouble};

/// The journal of one life of a relay.
pub(crate) struct Book<T> {
    real: T,
    hook: Arc<Hook>,
    life: u64,
}

impl<T> Book<T> {
    pub(crate) fn new(real: T, hook: &Arc<Hook>) -> Book<T> {
        Book {
            real,
            hook: Arc::clone(hook),
            life: hook.life(),
        }
    }

    /// Writes as the hook wants it.
    fn write<R, E>(
        &self,
        at: At,
        write: impl FnOnce(&T) -> Result<R, E>,
        failed: impl Fn(&'static str) -> E,
    ) -> Result<R, E> {
        let dead = || {
            self.hook.stand_still(self.life);
            Err(failed("the process is dead"))
        };
        if self.hook.life() != self.life {
            return Err(failed("the process is dead"));
        }
        if self.hook.is_dead() {
            return dead();
        }
        match self.hook.at(at) {
            None => write(&self.real),
            Some(Trouble::Full) => Err(failed("no room")),
            Some(Trouble::DiesBefore) => {
                self.hook.dies();
                dead()
            }
            Some(trouble) => {
                let written = write(&self.real);
                if trouble == Trouble::DiesAfter {
                    self.hook.dies();
                    return dead();
                }
                written.and(Err(failed("it does not know whether it was written")))
            }
        }
    }
}

fn journal_failed(detail: &'static str) -> JournalError {
    JournalError::Unavailable {
        place: "the relay's journal".to_owned(),
        detail: detail.to_owned(),
    }
}

impl Journal for Book<SqliteJournal> {
    fn get(&self, key: &EntryKey) -> Result<Option<Entry>, JournalError> {
        self.real.get(key)
    }

    fn record(
        &self,
        entry: &Entry,
        expect_seq: u64,
        duplicates: Duplicates,
    ) -> Result<Recorded, JournalError> {
        let write = |journal: &SqliteJournal| journal.record(entry, expect_seq, duplicates);
        self.write(At::Journal, write, journal_failed)
    }

    fn list(&self, scope: &Scope) -> Result<Vec<Entry>, JournalError> {
        self.real.list(scope)
    }

    fn remove(&self, key: &EntryKey, expect_seq: u64) -> Result<bool, JournalError> {
        let write = |journal: &SqliteJournal| journal.remove(key, expect_seq);
        self.write(At::Journal, write, journal_failed)
    }
}

fn ledger_failed(detail: &'static str) -> LedgerError {
    LedgerError::Unavailable(detail.to_owned())
}

impl Ledger for Book<SqliteLedger> {
    fn reserve(&self, spending: &Spending, caps: &Caps) -> Result<(), LedgerError> {
        self.write(At::Ledger, |ledger| ledger.reserve(spending, caps), ledger_failed)
    }

    fn settle(&self, spending: &Spending) -> Result<(), LedgerError> {
        self.write(At::Ledger, |ledger| ledger.settle(spending), ledger_failed)
    }

    fn release(&self, purchase: &str) -> Result<(), LedgerError> {
        self.write(At::Ledger, |ledger| ledger.release(purchase), ledger_failed)
    }

    fn spent(&self, user: Option<&str>, since: u64) -> Result<Money, LedgerError> {
        self.real.spent(user, since)
    }
}
