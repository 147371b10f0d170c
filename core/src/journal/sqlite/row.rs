//! A row of SQLite's; what is in it, and when it is believed, is in [`crate::journal::row`].

use rusqlite::types::FromSql;
use rusqlite::{Row, named_params};

use crate::journal::row::{Columns, believe};
use crate::journal::{Entry, EntryKey, Scope};

pub(super) use crate::journal::row::{COLUMNS, Damage, Sealed};

const UPSERT: &str = "
    INSERT INTO entries
        (provider, origin, account, reference, seq, stage, live, duplicate_mark, updated_at, body, checksum)
    VALUES
        (:provider, :origin, :account, :reference, :seq, :stage, :live, :duplicate_mark, :updated_at, :body, :checksum)
    ON CONFLICT (provider, origin, account, reference) DO UPDATE SET
        seq = :seq, stage = :stage, live = :live, duplicate_mark = :duplicate_mark, updated_at = :updated_at,
        body = :body, checksum = :checksum";

/// Writes the row, over an older one of the same reference.
pub(super) fn write(sealed: &Sealed, connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    let Columns {
        key,
        seq,
        stage,
        live,
        duplicate_mark,
        updated_at,
    } = &sealed.columns;
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
        ":body": sealed.body,
        ":checksum": sealed.checksum().as_slice(),
    })?;
    Ok(())
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
    believe(&columns, &body, &sum).map_err(damage)
}

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    let scope = Scope {
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
