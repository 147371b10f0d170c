//! The reads, and the writes as one transaction each. Where a step ends in an error its connection is closed, which undoes what was
//! not committed.

use sha2::{Digest as _, Sha256};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::failure::Failure;
use super::row::{self, COLUMNS, THIS};
use crate::journal::row::{Damage, Sealed};
use crate::journal::{Duplicates, Entry, EntryKey, Recorded, Scope, may_follow};

/// What a connection begins with: a statement is given 15 seconds.
pub(super) const SETTINGS: &str = "SET statement_timeout = 15000";

/// Begins a write. Everything that it rests on is set here again and not only once per connection, because a connection may be
/// handed from one to the other by a pooler on the way.
///
/// `READ COMMITTED`, so that a statement which waited for a lock sees what was written meanwhile. `remote_apply` is the one setting
/// that promises more than `on`. A program that was stopped in the middle of a write does not hold up the others for ever.
pub(super) const BEGIN: &str = "
    START TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE;
    SET LOCAL lock_timeout = 5000;
    SET LOCAL statement_timeout = 15000;
    SET LOCAL idle_in_transaction_session_timeout = 15000;
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') <> 'remote_apply'";

pub(super) const COMMIT: &str = "COMMIT";
pub(super) const ROLLBACK: &str = "ROLLBACK";

/// Answered from the index of live marks.
const DUPLICATE: &str = "
    SELECT reference FROM sportello_entries
    WHERE provider = $1 AND origin = $2 AND account = $3 AND duplicate_mark = $4 AND live
    LIMIT 1";

/// What a read keeps others from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    Nothing,
    /// Changing the row before this transaction ends.
    Row,
}

/// The entry of a reference.
pub(super) async fn find(client: &Client, key: &EntryKey, hold: Hold) -> Result<Option<Entry>, Failure> {
    let hold = match hold {
        Hold::Nothing => "",
        Hold::Row => "FOR UPDATE",
    };
    let query = format!("SELECT {COLUMNS} FROM sportello_entries WHERE {THIS} {hold}");
    let row = client.query_typed_opt(&query, &row::key(key)).await?;
    Ok(row.map(|row| row::read(&row)).transpose()?)
}

/// Every entry of a scope, oldest first.
pub(super) async fn list(client: &Client, scope: &Scope) -> Result<Vec<Entry>, Failure> {
    let query = format!(
        "SELECT {COLUMNS} FROM sportello_entries WHERE provider = $1 AND origin = $2 AND account = $3 ORDER BY reference"
    );
    let Scope {
        provider,
        origin,
        account,
    } = scope;
    let rows = client
        .query_typed(
            &query,
            &[
                (provider, Type::TEXT),
                (origin, Type::TEXT),
                (account, Type::TEXT),
            ],
        )
        .await?;
    let entries: Result<Vec<Entry>, Damage> = rows.iter().map(row::read).collect();
    let mut entries = entries?;
    // Here and not by the database, whose integers end where `u64` has half its numbers to come; the sort is stable.
    entries.sort_by_key(|entry| entry.created_at);
    Ok(entries)
}

/// Writes an entry over the version that is expected.
pub(super) async fn record(
    client: &Client,
    entry: &Entry,
    sealed: &Sealed,
    expect_seq: u64,
    duplicates: Duplicates,
) -> Result<Recorded, Failure> {
    client.batch_execute(BEGIN).await?;
    let recorded = write(client, entry, sealed, expect_seq, duplicates).await?;
    let end = if recorded == Recorded::Written {
        COMMIT
    } else {
        ROLLBACK
    };
    client.batch_execute(end).await?;
    Ok(recorded)
}

async fn write(
    client: &Client,
    entry: &Entry,
    sealed: &Sealed,
    expect_seq: u64,
    duplicates: Duplicates,
) -> Result<Recorded, Failure> {
    // Before anything is read: of two that begin with one mark, the second then sees the first. Always the mark before the row, and
    // never two marks, so that nobody waits in a circle.
    if expect_seq == 0
        && let Some(mark) = &entry.duplicate_mark
    {
        let lock = mark_lock(&entry.key.scope, mark);
        client
            .query_typed("SELECT pg_advisory_xact_lock($1)", &[(&lock, Type::INT8)])
            .await?;
    }
    let stored = find(client, &entry.key, Hold::Row).await?;
    if !may_follow(stored.as_ref(), entry, expect_seq) {
        return Ok(Recorded::Conflict(stored.map(Box::new)));
    }
    if expect_seq == 0
        && duplicates == Duplicates::Refuse
        && let Some(reference) = live_with_the_mark_of(client, entry).await?
    {
        return Ok(Recorded::Duplicate { reference });
    }
    if row::write(sealed, expect_seq, client).await? {
        return Ok(Recorded::Written);
    }
    // A row that is not there can't be held: somebody else put one there since it was looked for.
    let stored = find(client, &entry.key, Hold::Nothing).await?;
    Ok(Recorded::Conflict(stored.map(Box::new)))
}

/// Removes the entry of this version.
pub(super) async fn remove(client: &Client, key: &EntryKey, expect_seq: u64) -> Result<bool, Failure> {
    client.batch_execute(BEGIN).await?;
    let stored = find(client, key, Hold::Row).await?;
    if stored.is_none_or(|stored| stored.seq != expect_seq) {
        client.batch_execute(ROLLBACK).await?;
        return Ok(false);
    }
    let removal = format!("DELETE FROM sportello_entries WHERE {THIS}");
    client.execute_typed(&removal, &row::key(key)).await?;
    client.batch_execute(COMMIT).await?;
    Ok(true)
}

/// A live entry of the same scope with the same mark.
async fn live_with_the_mark_of(client: &Client, entry: &Entry) -> Result<Option<String>, Failure> {
    let Some(mark) = &entry.duplicate_mark else {
        return Ok(None);
    };
    let Scope {
        provider,
        origin,
        account,
    } = &entry.key.scope;
    let found = client
        .query_typed_opt(
            DUPLICATE,
            &[
                (provider, Type::TEXT),
                (origin, Type::TEXT),
                (account, Type::TEXT),
                (mark, Type::TEXT),
            ],
        )
        .await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

/// The number of the advisory lock for a mark. Two marks that fall together only wait for each other.
fn mark_lock(scope: &Scope, mark: &str) -> i64 {
    let mut digest = Sha256::new();
    for text in [
        "sportello mark",
        &scope.provider,
        &scope.origin,
        &scope.account,
        mark,
    ] {
        digest.update(text.len().to_be_bytes());
        digest.update(text);
    }
    let digest: [u8; 32] = digest.finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}
