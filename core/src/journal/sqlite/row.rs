//! An entry as a row: the whole entry as JSON, a checksum of that, and beside it the columns that are searched.
//!
//! Only the JSON is believed. The columns are worked out from it again on every read, and a row where they or the checksum do not
//! agree is damaged: the file was altered or the disk is failing, and a wrong state would cost money.

use rusqlite::types::FromSql;
use rusqlite::{Row, named_params};
use sha2::{Digest, Sha256};

use crate::journal::{Entry, EntryKey, JournalError};

/// Every column, in the order that [`read`] knows.
pub(super) const COLUMNS: &str =
    "provider, origin, account, reference, seq, stage, live, duplicate_mark, updated_at, body, checksum";

const UPSERT: &str = "
    INSERT INTO entries
        (provider, origin, account, reference, seq, stage, live, duplicate_mark, updated_at, body, checksum)
    VALUES
        (:provider, :origin, :account, :reference, :seq, :stage, :live, :duplicate_mark, :updated_at, :body, :checksum)
    ON CONFLICT (provider, origin, account, reference) DO UPDATE SET
        seq = :seq, stage = :stage, live = :live, duplicate_mark = :duplicate_mark, updated_at = :updated_at,
        body = :body, checksum = :checksum";

/// What is wrong with a row.
#[derive(Debug)]
pub(super) struct Damage {
    /// The reference that the row gives, right or wrong.
    pub(super) reference: String,
    pub(super) detail: String,
}

/// An entry ready to be written.
pub(super) struct Sealed {
    columns: Columns,
    body: String,
}

/// What a row says beside its JSON.
#[derive(Debug, PartialEq)]
struct Columns {
    key: EntryKey,
    seq: i64,
    stage: String,
    live: bool,
    duplicate_mark: Option<String>,
    updated_at: i64,
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

    /// Writes the row, over an older one of the same reference.
    pub(super) fn write(&self, connection: &rusqlite::Connection) -> rusqlite::Result<()> {
        let Columns {
            key,
            seq,
            stage,
            live,
            duplicate_mark,
            updated_at,
        } = &self.columns;
        connection.prepare_cached(UPSERT)?.execute(named_params! {
            ":provider": key.scope.provider,
            ":origin": key.scope.origin,
            ":account": key.scope.account,
            ":reference": key.reference,
            ":seq": seq,
            ":stage": stage,
            ":live": live,
            ":duplicate_mark": duplicate_mark,
            ":updated_at": updated_at,
            ":body": self.body,
            ":checksum": checksum(&self.body).as_slice(),
        })?;
        Ok(())
    }
}

fn misuse(detail: &str) -> JournalError {
    JournalError::Misuse {
        detail: format!("this entry can't be kept: {detail}"),
    }
}

fn checksum(body: &str) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// The entry of a row of [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> Result<Entry, Damage> {
    let damage = |detail: String| Damage {
        reference: reference(row),
        detail,
    };
    let columns = columns(row).map_err(|error| damage(error.to_string()))?;
    let (body, sum) = (column::<String>(row, 9), column::<Vec<u8>>(row, 10));
    let (body, sum) = body
        .and_then(|body| Ok((body, sum?)))
        .map_err(|error| damage(error.to_string()))?;
    if sum != checksum(&body) {
        return Err(damage("its checksum is wrong".into()));
    }
    let entry: Entry =
        serde_json::from_str(&body).map_err(|error| damage(format!("it can't be read: {error}")))?;
    if Columns::of(&entry) == columns {
        Ok(entry)
    } else {
        Err(damage("its columns do not agree".into()))
    }
}

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    let scope = crate::journal::Scope {
        provider: column(row, 0)?,
        origin: column(row, 1)?,
        account: column(row, 2)?,
    };
    Ok(Columns {
        key: EntryKey {
            scope,
            reference: column(row, 3)?,
        },
        seq: column(row, 4)?,
        stage: column(row, 5)?,
        live: column(row, 6)?,
        duplicate_mark: column(row, 7)?,
        updated_at: column(row, 8)?,
    })
}

fn column<T: FromSql>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    row.get(index)
}

/// The reference of a row that may hold anything.
fn reference(row: &Row<'_>) -> String {
    match row.get_ref(3).map(|value| {
        value
            .as_bytes()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }) {
        Ok(Ok(reference)) => reference,
        _ => "?".to_owned(),
    }
}
