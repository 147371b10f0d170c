//! An entry as a row, for journals that keep rows: the whole entry as JSON, a checksum of that, and beside it the columns that are
//! searched.
//!
//! Only the JSON is believed. The columns are worked out from it again on every read, and a row where they or the checksum do not
//! agree is damaged: it was altered or the disk is failing, and a wrong state would cost money.

use sha2::{Digest, Sha256};

use super::{Entry, EntryKey, JournalError};

/// Every column, in the order that a row is read in.
pub(super) const COLUMNS: &str =
    "provider, origin, account, reference, seq, stage, live, duplicate_mark, updated_at, body, checksum";

/// What is wrong with a row.
#[derive(Debug)]
pub(super) struct Damage {
    /// The reference that the row gives, right or wrong.
    pub(super) reference: String,
    pub(super) detail: String,
}

impl Damage {
    /// The error, for a journal at `place`.
    pub(super) fn error(&self, place: String) -> JournalError {
        JournalError::Corrupt {
            place,
            reference: Some(self.reference.clone()),
            detail: self.detail.clone(),
        }
    }
}

/// An entry ready to be written.
pub(super) struct Sealed {
    pub(super) columns: Columns,
    pub(super) body: String,
}

/// What a row says beside its JSON.
#[derive(Debug, PartialEq)]
pub(super) struct Columns {
    pub(super) key: EntryKey,
    /// The bits of the `u64`: databases end where `u64` has half its numbers to come.
    pub(super) seq: i64,
    pub(super) stage: String,
    pub(super) live: bool,
    pub(super) duplicate_mark: Option<String>,
    /// As `seq`.
    pub(super) updated_at: i64,
}

impl Columns {
    fn of(entry: &Entry) -> Columns {
        Columns {
            key: entry.key.clone(),
            seq: entry.seq.cast_signed(),
            stage: entry.stage.as_str().to_owned(),
            live: entry.stage.is_live(),
            duplicate_mark: entry.duplicate_mark.clone(),
            updated_at: entry.updated_at.cast_signed(),
        }
    }
}

impl Sealed {
    /// Writes the entry as JSON and reads it back: what could not be read later is refused now, before anything depends on it.
    pub(super) fn of(entry: &Entry) -> Result<Sealed, JournalError> {
        let body = serde_json::to_string(entry).map_err(|error| misuse(&error.to_string()))?;
        match serde_json::from_str::<Entry>(&body) {
            Ok(read) if read == *entry => Ok(Sealed {
                columns: Columns::of(entry),
                body,
            }),
            Ok(_) => Err(misuse("an entry does not come back as it was written")),
            Err(error) => Err(misuse(&error.to_string())),
        }
    }

    pub(super) fn checksum(&self) -> [u8; 32] {
        checksum(&self.body)
    }
}

/// The entry of a row, when everything in it agrees; else what does not.
pub(super) fn believe(columns: &Columns, body: &str, sum: &[u8]) -> Result<Entry, String> {
    if sum != checksum(body) {
        return Err("its checksum is wrong".to_owned());
    }
    let entry: Entry = serde_json::from_str(body).map_err(|error| format!("it can't be read: {error}"))?;
    if Columns::of(&entry) == *columns {
        Ok(entry)
    } else {
        Err("its columns do not agree".to_owned())
    }
}

pub(super) fn misuse(detail: &str) -> JournalError {
    JournalError::Misuse {
        detail: format!("this entry can't be kept: {detail}"),
    }
}

fn checksum(body: &str) -> [u8; 32] {
    Sha256::digest(body).into()
}
