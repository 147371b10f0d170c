//! What must survive a crash: one entry per reference, changed by compare-and-set, without personal data.

mod entry;

pub use entry::{Entry, EntryKey, FetchedFile, Purchase, PurchaseKind, PurchaseState, Scope, Stage};

use std::fmt;

/// Where entries are kept. Every implementation passes [`conformance`].
///
/// Calls block for as long as a durable write takes; a driver makes them off its event loop.
pub trait Journal: Send + Sync {
    /// The entry of a reference.
    ///
    /// # Errors
    /// The journal can't be read.
    fn get(&self, key: &EntryKey) -> Result<Option<Entry>, JournalError>;

    /// Writes `entry`, durably, when the stored one still has `expect_seq` (0: none is stored).
    ///
    /// With `duplicates` refused, a first entry (`expect_seq` 0) is refused while another **live** entry of the same scope has the
    /// same duplicate mark; the check and the write are one step.
    ///
    /// # Errors
    /// The journal can't be written; then nothing was changed.
    fn record(&self, entry: &Entry, expect_seq: u64, duplicates: Duplicates) -> Result<Recorded, JournalError>;

    /// Every entry of a scope, oldest first.
    ///
    /// # Errors
    /// The journal can't be read.
    fn list(&self, scope: &Scope) -> Result<Vec<Entry>, JournalError>;

    /// Removes an entry that still has `expect_seq`; `false` when it has another or there is none.
    ///
    /// # Errors
    /// The journal can't be written.
    fn remove(&self, key: &EntryKey, expect_seq: u64) -> Result<bool, JournalError>;
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
