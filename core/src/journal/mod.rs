//! What must survive a crash: one entry per reference, changed by compare-and-set, without personal data.
//!
//! | file | what is in it |
//! |---|---|
//! | `entry` | what is kept of one submission |
//! | `memory` | [`MemoryJournal`], lost with the process |
//! | `sqlite` | [`SqliteJournal`], the default: one file in the user's data folder (feature `sqlite`) |
//! | `postgres` | `PostgresJournal`: one database that the machines of a service share (feature `postgres`) |
//! | `row` | an entry as a row of either database, and when a row is believed |
//! | `place`, `network` | where that file may be: not on a network share, not readable by others |
//! | `key`, `key_file` | [`JournalKey`], which turns what must not be stored into keyed digests |
//! | `conformance` | what every journal must do; a journal of your own passes it too |

mod conformance;
mod entry;
mod error;
mod key;
#[cfg(feature = "sqlite")]
mod key_file;
mod memory;
#[cfg(feature = "sqlite")]
mod network;
#[cfg(feature = "sqlite")]
mod place;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(test)]
pub(crate) use conformance::specimen;
pub use conformance::{conformance, conformance_shared};
pub use entry::{Entry, EntryKey, FetchedFile, Purchase, PurchaseKind, PurchaseState, Scope, Stage};
pub use error::JournalError;
pub use key::JournalKey;
pub use memory::MemoryJournal;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresJournal, PostgresWork};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteJournal;

/// Where entries are kept. Every implementation passes [`conformance`].
///
/// Calls block for as long as a durable write takes; a driver makes them off its event loop.
pub trait Journal: Send + Sync {
    /// The entry of a reference.
    ///
    /// # Errors
    /// The journal can't be read, or the entry is damaged.
    fn get(&self, key: &EntryKey) -> Result<Option<Entry>, JournalError>;

    /// Writes `entry`, durably, when the stored one still has `expect_seq` (0: none is stored).
    ///
    /// `entry.seq` is `expect_seq` + 1. An entry that was removed and begun again has another `created_at`: a write over it by
    /// somebody who knew the old one is a conflict too, even when the versions happen to agree.
    ///
    /// With `duplicates` refused, a first entry (`expect_seq` 0) is refused while another **live** entry of the same scope has the
    /// same duplicate mark; the check and the write are one step.
    ///
    /// # Errors
    /// The journal can't be written, or `entry.seq` is wrong ([`JournalError::Misuse`]). After an error the write does not count:
    /// nothing may be sent on the strength of it. When a disk fails in the middle it can still turn up in a later read, so every
    /// state must be safe to begin again from, whether or not the step it announces was made.
    fn record(
        &self,
        entry: &Entry,
        expect_seq: u64,
        duplicates: Duplicates,
    ) -> Result<Recorded, JournalError>;

    /// Every entry of a scope, oldest first; those of the same millisecond by reference.
    ///
    /// # Errors
    /// The journal can't be read, or an entry of the scope is damaged.
    fn list(&self, scope: &Scope) -> Result<Vec<Entry>, JournalError>;

    /// Removes an entry that still has `expect_seq`; `false` when it has another or there is none.
    ///
    /// # Errors
    /// The journal can't be written; the same holds as for [`record`](Journal::record).
    fn remove(&self, key: &EntryKey, expect_seq: u64) -> Result<bool, JournalError>;

    /// False for a journal whose calls never wait for a disk or a network, so that a driver may make them where it stands.
    fn blocks(&self) -> bool {
        true
    }
}

/// Whether a second live submission for the same service, applicant and period may be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// It may.
    Allow,
    /// It may not.
    Refuse,
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq)]
pub enum Recorded {
    /// Written, durably.
    Written,
    /// Somebody else wrote first: this is what stands there now (`None`: it was removed).
    Conflict(Option<Box<Entry>>),
    /// Another live reference has the same duplicate mark.
    Duplicate {
        /// That reference.
        reference: String,
    },
}

/// What every journal checks before a write: `entry.seq` is the version that follows `expect_seq`.
fn check_seq(entry: &Entry, expect_seq: u64) -> Result<(), JournalError> {
    if expect_seq.checked_add(1) == Some(entry.seq) {
        return Ok(());
    }
    let detail = format!(
        "an entry of version {} was recorded over version {expect_seq}",
        entry.seq
    );
    Err(JournalError::Misuse { detail })
}

/// True when `entry` may be written over `stored`: the version is the expected one, of the same life of the reference.
fn may_follow(stored: Option<&Entry>, entry: &Entry, expect_seq: u64) -> bool {
    match stored {
        None => expect_seq == 0,
        Some(stored) => stored.seq == expect_seq && stored.created_at == entry.created_at,
    }
}
