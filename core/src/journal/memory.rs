use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Duplicates, Entry, EntryKey, Journal, JournalError, Recorded, Scope, check_seq, may_follow};

/// A journal in memory. **It is lost with the process**, and with it the protection of whatever was being paid: for tests, and
/// for programs that keep their own record.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    entries: BTreeMap<EntryKey, Entry>,
    writes: u64,
}

impl MemoryJournal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> MemoryJournal {
        MemoryJournal::default()
    }

    /// A journal of its own with what this one holds now, as a crash at this moment would leave it.
    #[must_use]
    pub fn fork(&self) -> MemoryJournal {
        MemoryJournal {
            state: Mutex::new(self.state().clone()),
        }
    }

    /// How many entries were written or removed so far; conflicts and refusals are not counted.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.state().writes
    }

    /// How many entries it holds, of every scope.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().entries.len()
    }

    /// True when it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// No method leaves the state half changed, so a thread that died while it held the lock did no harm.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    fn blocks(&self) -> bool {
        false
    }

    fn get(&self, key: &EntryKey) -> Result<Option<Entry>, JournalError> {
        Ok(self.state().entries.get(key).cloned())
    }

    fn record(
        &self,
        entry: &Entry,
        expect_seq: u64,
        duplicates: Duplicates,
    ) -> Result<Recorded, JournalError> {
        check_seq(entry, expect_seq)?;
        let mut state = self.state();
        let stored = state.entries.get(&entry.key);
        if !may_follow(stored, entry, expect_seq) {
            return Ok(Recorded::Conflict(stored.cloned().map(Box::new)));
        }
        if expect_seq == 0
            && duplicates == Duplicates::Refuse
            && let Some(reference) = state.live_with_the_mark_of(entry)
        {
            return Ok(Recorded::Duplicate { reference });
        }
        state.entries.insert(entry.key.clone(), entry.clone());
        state.writes += 1;
        Ok(Recorded::Written)
    }

    fn list(&self, scope: &Scope) -> Result<Vec<Entry>, JournalError> {
        let state = self.state();
        let mut entries: Vec<Entry> = state
            .entries
            .values()
            .filter(|entry| entry.key.scope == *scope)
            .cloned()
            .collect();
        // The map is in order of reference and the sort is stable.
        entries.sort_by_key(|entry| entry.created_at);
        Ok(entries)
    }

    fn remove(&self, key: &EntryKey, expect_seq: u64) -> Result<bool, JournalError> {
        let mut state = self.state();
        if state.entries.get(key).is_none_or(|entry| entry.seq != expect_seq) {
            return Ok(false);
        }
        state.entries.remove(key);
        state.writes += 1;
        Ok(true)
    }
}

impl State {
    fn live_with_the_mark_of(&self, entry: &Entry) -> Option<String> {
        let mark = entry.duplicate_mark.as_ref()?;
        let same = |other: &&Entry| {
            other.key.scope == entry.key.scope
                && other.duplicate_mark.as_ref() == Some(mark)
                && other.stage.is_live()
        };
        self.entries
            .values()
            .find(same)
            .map(|other| other.key.reference.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance::specimen;
    use super::*;

    #[test]
    fn it_conforms() {
        let checks = super::super::conformance(&mut || Box::new(MemoryJournal::new())).unwrap();
        assert!(checks >= 60, "only {checks} checks were made");
        assert!(!MemoryJournal::new().blocks());
    }

    #[test]
    fn a_fork_goes_its_own_way() {
        let journal = MemoryJournal::new();
        let entry = specimen("r-1");
        assert_eq!(
            journal.record(&entry, 0, Duplicates::Refuse),
            Ok(Recorded::Written)
        );
        let fork = journal.fork();
        assert_eq!(fork.remove(&entry.key, 1), Ok(true));
        assert_eq!((fork.len(), fork.is_empty(), fork.writes()), (0, true, 2));
        assert_eq!(
            (journal.len(), journal.is_empty(), journal.writes()),
            (1, false, 1)
        );
        assert_eq!(journal.get(&entry.key), Ok(Some(entry)));
    }
}
