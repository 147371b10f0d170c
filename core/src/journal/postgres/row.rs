//! A row of PostgreSQL's; what is in it, and when it is believed, is in [`crate::journal::row`].

use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, Error, Row};

use crate::journal::row::{Columns, Damage, Sealed, believe};
use crate::journal::{Entry, EntryKey, Scope};

pub(super) use crate::journal::row::COLUMNS;

/// The condition that names one row, with the parameters that [`key`] gives.
pub(super) const THIS: &str = "provider = $1 AND origin = $2 AND account = $3 AND reference = $4";

/// A parameter and its type, so that no statement has to be prepared to learn it.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// The parameters of [`THIS`].
pub(super) fn key(key: &EntryKey) -> [Parameter<'_>; 4] {
    let Scope {
        provider,
        origin,
        account,
    } = &key.scope;
    [
        (provider, Type::TEXT),
        (origin, Type::TEXT),
        (account, Type::TEXT),
        (&key.reference, Type::TEXT),
    ]
}

const INSERT: &str = "
    INSERT INTO sportello_entries
        (provider, origin, account, reference, seq, stage, live, duplicate_mark, updated_at, body, checksum)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (provider, origin, account, reference) DO NOTHING";

const UPDATE: &str = "
    UPDATE sportello_entries
    SET seq = $5, stage = $6, live = $7, duplicate_mark = $8, updated_at = $9, body = $10, checksum = $11
    WHERE provider = $1 AND origin = $2 AND account = $3 AND reference = $4 AND seq = $12";

/// Writes the row where there is none (`expect_seq` 0), or over the one of this version; false when that is not what is there.
pub(super) async fn write(sealed: &Sealed, expect_seq: u64, client: &Client) -> Result<bool, Error> {
    let (columns, expected) = (&sealed.columns, expect_seq.cast_signed());
    let checksum = sealed.checksum();
    let checksum = checksum.as_slice();
    let mut parameters = Vec::from(key(&columns.key));
    parameters.extend::<[Parameter<'_>; 7]>([
        (&columns.seq, Type::INT8),
        (&columns.stage, Type::TEXT),
        (&columns.live, Type::BOOL),
        (&columns.duplicate_mark, Type::TEXT),
        (&columns.updated_at, Type::INT8),
        (&sealed.body, Type::TEXT),
        (&checksum, Type::BYTEA),
    ]);
    let statement = match expect_seq {
        0 => INSERT,
        _ => {
            parameters.push((&expected, Type::INT8));
            UPDATE
        }
    };
    Ok(client.execute_typed(statement, &parameters).await? == 1)
}

/// The entry of a row of [`COLUMNS`].
pub(super) fn read(row: &Row) -> Result<Entry, Damage> {
    let damage = |detail: String| Damage {
        reference: column::<String>(row, 3).unwrap_or_else(|_| "?".to_owned()),
        detail,
    };
    let columns = columns(row).map_err(|error| damage(error.to_string()))?;
    let (body, sum) = (column::<&str>(row, 9), column::<&[u8]>(row, 10));
    let (body, sum) = body
        .and_then(|body| Ok((body, sum?)))
        .map_err(|error| damage(error.to_string()))?;
    believe(&columns, body, sum).map_err(damage)
}

fn columns(row: &Row) -> Result<Columns, Error> {
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

fn column<'r, T: FromSql<'r>>(row: &'r Row, index: usize) -> Result<T, Error> {
    row.try_get(index)
}
