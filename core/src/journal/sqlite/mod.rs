//! The journal in an SQLite file: readable with any SQLite tool, shared by processes, durable before a write returns.

mod file;
mod identity;
mod row;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use self::identity::Identity;
use self::row::{Damage, Sealed};
use super::{
    Duplicates, Entry, EntryKey, Journal, JournalError, Recorded, Scope, check_seq, may_follow, place,
};

/// A journal in an SQLite file: the default.
///
/// Any number of processes and threads may use one file. A write that returns is on the disk: the file is in write-ahead mode with
/// `synchronous=FULL`, and **a write is one flush** of the log (`fsync`; `F_FULLFSYNC` on Apple's systems), as `strace` counts it in
/// the test `a_write_is_one_flush`. Every thousand pages of log, a few hundred writes, and when the last connection is closed, the
/// log is moved into the file, which is three flushes more. Reads, conflicts and refusals flush nothing. A call waits up to 5
/// seconds for other processes, then gives [`JournalError::Locked`].
///
/// Opening checks the whole file and reads every entry once, a quarter of a second for ten thousand large ones. Entries are sealed
/// with a checksum: a damaged one is an error that names its reference, never a wrong state, and while there is one, an entry that
/// is *not* found is an error too, since it may be the damaged one.
///
/// On Unix the file has mode 0600 and folders that had to be made 0700. A copy for safe keeping is made with SQLite's `.backup`, or of
/// all the files (`-wal` too) while no process uses them. The file does not belong in a folder that is synchronised between machines.
///
/// After a `fork` the child opens the journal anew: SQLite's locks stay with the parent, so the inherited one refuses to work.
pub struct SqliteJournal {
    path: PathBuf,
    connection: Mutex<Connection>,
    identity: Identity,
    /// What was damaged when the journal was opened.
    damaged: Vec<Damage>,
    writes: AtomicU64,
}

/// Answered from the index of live marks.
const DUPLICATE: &str = "
    SELECT reference FROM entries
    WHERE provider = ?1 AND origin = ?2 AND account = ?3 AND duplicate_mark = ?4 AND live = 1
    LIMIT 1";

impl SqliteJournal {
    /// Opens the journal in this file; makes it, and its folder, when there is none.
    ///
    /// # Errors
    /// `journal.unavailable`, `journal.locked`, `journal.full`, `journal.corrupt`, `journal.not_a_journal`, `journal.newer_version`,
    /// `journal.network_share`. One damaged entry among others does not keep the rest from being opened: see
    /// [`damaged`](SqliteJournal::damaged).
    pub fn open(path: impl AsRef<Path>) -> Result<SqliteJournal, JournalError> {
        let path = place::absolute(path.as_ref())?;
        let connection = file::open(&path)?;
        let identity = Identity::of(&path)?;
        let damaged = file::damaged(&connection).map_err(|error| file::said(&path, &error))?;
        Ok(SqliteJournal {
            path,
            connection: Mutex::new(connection),
            identity,
            damaged,
            writes: AtomicU64::new(0),
        })
    }

    /// Opens the journal in the user's data folder: [`default_path`](SqliteJournal::default_path).
    ///
    /// # Errors
    /// As [`open`](SqliteJournal::open), and `journal.no_place`.
    pub fn open_default() -> Result<SqliteJournal, JournalError> {
        SqliteJournal::open(SqliteJournal::default_path()?)
    }

    /// `$XDG_DATA_HOME/sportello/journal.sqlite` (`~/.local/share/…`) on Linux, `~/Library/Application Support/sportello/…` on macOS,
    /// `%LOCALAPPDATA%\sportello\…` on Windows, where the roaming profile would be a network share.
    ///
    /// # Errors
    /// `journal.no_place` when the system names no such folder, as on phones and for users without a home.
    pub fn default_path() -> Result<PathBuf, JournalError> {
        place::default_path()
    }

    /// Where the journal is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the key beside a journal is: the same name ending in `.key`.
    #[must_use]
    pub fn key_path(&self) -> PathBuf {
        self.path.with_extension("key")
    }

    /// How many entries this handle wrote or removed; conflicts and refusals are not counted. Each was one flush of the log.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// The references of entries that were damaged when the journal was opened. They and whatever is not found are errors until the
    /// file is replaced by a sound one; entries that are found and sound go on as always.
    #[must_use]
    pub fn damaged(&self) -> Vec<&str> {
        self.damaged
            .iter()
            .map(|damage| damage.reference.as_str())
            .collect()
    }

    /// The connection, when it still leads to the file that bears the name. A thread that died while it held the connection did no
    /// harm: its transaction was rolled back as it unwound.
    fn connection(&self) -> Result<MutexGuard<'_, Connection>, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        self.identity.check(&self.path)?;
        Ok(connection)
    }

    fn find(&self, connection: &Connection, key: &EntryKey) -> Result<Option<Entry>, JournalError> {
        let query = format!(
            "SELECT {} FROM entries WHERE provider = ?1 AND origin = ?2 AND account = ?3 AND reference = ?4",
            row::COLUMNS
        );
        let mut query = connection
            .prepare_cached(&query)
            .map_err(|error| self.said(&error))?;
        let Scope {
            provider,
            origin,
            account,
        } = &key.scope;
        let found = query
            .query_row(params![provider, origin, account, key.reference], |row| {
                Ok(row::read(row))
            })
            .optional()
            .map_err(|error| self.said(&error))?;
        match found {
            Some(Ok(entry)) => Ok(Some(entry)),
            Some(Err(damage)) => Err(self.corrupt(&damage)),
            // The damaged entry may be this one under an altered name.
            None => self
                .damaged
                .first()
                .map_or(Ok(None), |damage| Err(self.corrupt(damage))),
        }
    }

    /// A live entry of the same scope with the same mark.
    fn live_with_the_mark_of(
        &self,
        connection: &Connection,
        entry: &Entry,
    ) -> Result<Option<String>, JournalError> {
        let Some(mark) = &entry.duplicate_mark else {
            return Ok(None);
        };
        let Scope {
            provider,
            origin,
            account,
        } = &entry.key.scope;
        connection
            .prepare_cached(DUPLICATE)
            .and_then(|mut query| {
                query
                    .query_row(params![provider, origin, account, mark], |row| row.get(0))
                    .optional()
            })
            .map_err(|error| self.said(&error))
    }

    fn said(&self, error: &rusqlite::Error) -> JournalError {
        file::said(&self.path, error)
    }

    fn corrupt(&self, damage: &Damage) -> JournalError {
        damage.error(self.path.display().to_string())
    }
}

impl Journal for SqliteJournal {
    fn get(&self, key: &EntryKey) -> Result<Option<Entry>, JournalError> {
        self.find(&*self.connection()?, key)
    }

    fn record(
        &self,
        entry: &Entry,
        expect_seq: u64,
        duplicates: Duplicates,
    ) -> Result<Recorded, JournalError> {
        check_seq(entry, expect_seq)?;
        let sealed = Sealed::of(entry)?;
        let mut connection = self.connection()?;
        // Takes the write lock before it reads, so that nobody writes in between. Dropped without a commit, it is rolled back.
        let step = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| self.said(&error))?;
        let stored = self.find(&step, &entry.key)?;
        if !may_follow(stored.as_ref(), entry, expect_seq) {
            return Ok(Recorded::Conflict(stored.map(Box::new)));
        }
        if expect_seq == 0
            && duplicates == Duplicates::Refuse
            && let Some(reference) = self.live_with_the_mark_of(&step, entry)?
        {
            return Ok(Recorded::Duplicate { reference });
        }
        row::write(&sealed, &step)
            .and_then(|()| step.commit())
            .map_err(|error| self.said(&error))?;
        self.writes.fetch_add(1, Ordering::Relaxed);
        Ok(Recorded::Written)
    }

    fn list(&self, scope: &Scope) -> Result<Vec<Entry>, JournalError> {
        let connection = self.connection()?;
        let read = || -> rusqlite::Result<Vec<Result<Entry, Damage>>> {
            let query = format!(
                "SELECT {} FROM entries WHERE provider = ?1 AND origin = ?2 AND account = ?3 ORDER BY reference",
                row::COLUMNS
            );
            let mut query = connection.prepare_cached(&query)?;
            let rows = query.query_map(params![scope.provider, scope.origin, scope.account], |row| {
                Ok(row::read(row))
            })?;
            rows.collect()
        };
        let rows = read().map_err(|error| self.said(&error))?;
        let entries: Result<Vec<Entry>, Damage> = rows.into_iter().collect();
        let mut entries = entries.map_err(|damage| self.corrupt(&damage))?;
        // Here and not by the database, whose integers end where `u64` has half its numbers to come; the sort is stable.
        entries.sort_by_key(|entry| entry.created_at);
        match self.damaged.first() {
            // It may belong to this scope under an altered name.
            Some(damage) => Err(self.corrupt(damage)),
            None => Ok(entries),
        }
    }

    fn remove(&self, key: &EntryKey, expect_seq: u64) -> Result<bool, JournalError> {
        let mut connection = self.connection()?;
        let step = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| self.said(&error))?;
        if self
            .find(&step, key)?
            .is_none_or(|stored| stored.seq != expect_seq)
        {
            return Ok(false);
        }
        let Scope {
            provider,
            origin,
            account,
        } = &key.scope;
        let removed = step.execute(
            "DELETE FROM entries WHERE provider = ?1 AND origin = ?2 AND account = ?3 AND reference = ?4",
            params![provider, origin, account, key.reference],
        );
        removed
            .and_then(|_| step.commit())
            .map_err(|error| self.said(&error))?;
        self.writes.fetch_add(1, Ordering::Relaxed);
        Ok(true)
    }
}

impl fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteJournal")
            .field("path", &self.path)
            .field("writes", &self.writes())
            .finish_non_exhaustive()
    }
}
