//! The tables: made, recognised, brought up to date; and whether the server can keep a promise.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::failure::Failure;
use super::step;

/// What makes tables of each format from those of the format before; the format is how many were applied. A step that was ever
/// released is never changed. A field of [`Entry`](crate::journal::Entry) that an older program must not overlook needs a step too,
/// an empty one if the tables stay as they are: older programs then refuse the journal.
///
/// Texts are compared byte by byte (`COLLATE "C"`): the order of another collation changes with the system's libraries, and an index
/// built before such a change no longer finds what is there.
const FORMATS: &[&str] = &[r#"
    CREATE TABLE sportello_entries (
        provider text COLLATE "C" NOT NULL,
        origin text COLLATE "C" NOT NULL,
        account text COLLATE "C" NOT NULL,
        reference text COLLATE "C" NOT NULL,
        seq bigint NOT NULL,
        stage text COLLATE "C" NOT NULL,
        live boolean NOT NULL,
        duplicate_mark text COLLATE "C",
        updated_at bigint NOT NULL,
        body text NOT NULL,
        checksum bytea NOT NULL,
        PRIMARY KEY (provider, origin, account, reference)
    );
    CREATE INDEX sportello_live_marks ON sportello_entries (provider, origin, account, duplicate_mark)
        WHERE live AND duplicate_mark IS NOT NULL;
    CREATE TABLE sportello_journal (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        format bigint NOT NULL
    );
    COMMENT ON TABLE sportello_entries IS
        'Sportello: one row per reference. Only body counts; the other columns repeat it for searching. Not to be changed by hand.';
    COMMENT ON COLUMN sportello_entries.updated_at IS 'Unix time in milliseconds: to_timestamp(updated_at / 1000.0)';
    COMMENT ON COLUMN sportello_entries.checksum IS 'sha256(convert_to(body, ''UTF8''))';
    COMMENT ON TABLE sportello_journal IS 'Sportello: the format of sportello_entries';
    INSERT INTO sportello_journal (format) VALUES (0);
"#];

/// `sportell` in ASCII: whoever makes or changes the tables holds this advisory lock.
const MAKING: i64 = i64::from_be_bytes(*b"sportell");

/// What to do where there are no tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Make them.
    Make,
    /// They were there before: say that they are gone.
    Refuse,
}

/// The tables are looked for in the catalogue and not by `to_regclass`, which may answer from what this connection remembered before
/// it waited for the lock.
const LOOK: &str = "
    SELECT
        current_setting('server_version_num')::bigint,
        current_setting('server_encoding'),
        current_setting('fsync'),
        pg_is_in_recovery(),
        EXISTS (SELECT FROM pg_class WHERE relname = 'sportello_journal' AND pg_table_is_visible(oid)),
        EXISTS (SELECT FROM pg_class WHERE relname = 'sportello_entries' AND pg_table_is_visible(oid))";

/// Which of the two tables there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tables {
    Both,
    Neither,
    OnlyEntries,
    OnlyJournal,
}

/// Makes a new connection ready: its settings, what the server can do, the tables.
pub(super) async fn prepare(client: &Client, missing: Missing) -> Result<(), Failure> {
    client.batch_execute(step::SETTINGS).await?;
    let tables = insist(client).await?;
    if tables == Tables::Both {
        return match compare(client).await? {
            Format::Current => Ok(()),
            Format::Older => bring_up_to_date(client).await,
        };
    }
    match missing {
        // What stands in the way of making them is judged when nobody else can be making them.
        Missing::Make => bring_up_to_date(client).await,
        Missing::Refuse => Err(Failure::Gone),
    }
}

/// Refuses a server that can't keep a journal; says which tables there are.
async fn insist(client: &Client) -> Result<Tables, Failure> {
    let look = client.query_typed_one(LOOK, &[]).await?;
    let unfit = |detail: &str| Err(Failure::Unfit(detail.to_owned()));
    if look.try_get::<_, i64>(0)? < 12_00_00 {
        return unfit("the server is older than PostgreSQL 12");
    }
    if look.try_get::<_, &str>(1)? != "UTF8" {
        return unfit("the database's encoding is not UTF8");
    }
    if look.try_get::<_, &str>(2)? != "on" {
        return unfit("the server runs with fsync off, so writes can't be made durable");
    }
    if look.try_get(3)? {
        return unfit("the server is a standby, which takes no writes");
    }
    Ok(match (look.try_get(4)?, look.try_get(5)?) {
        (true, true) => Tables::Both,
        (false, false) => Tables::Neither,
        (true, false) => Tables::OnlyJournal,
        (false, true) => Tables::OnlyEntries,
    })
}

enum Format {
    Current,
    Older,
}

async fn compare(client: &Client) -> Result<Format, Failure> {
    let known = i64::try_from(FORMATS.len()).unwrap_or(i64::MAX);
    let found = format(client).await?;
    match found {
        found if found > known => Err(Failure::Newer { found, known }),
        found if found == known => Ok(Format::Current),
        _ => Ok(Format::Older),
    }
}

async fn format(client: &Client) -> Result<i64, Failure> {
    let row = client
        .query_typed_opt("SELECT format FROM sportello_journal", &[])
        .await?
        .ok_or(Failure::NotAJournal)?;
    // Another kind of number is another program's.
    row.try_get(0).map_err(|_| Failure::NotAJournal)
}

/// Everything in one transaction, by one process at a time. Where it fails the connection is dropped, and with it the transaction.
async fn bring_up_to_date(client: &Client) -> Result<(), Failure> {
    client.batch_execute(step::BEGIN).await?;
    client
        .query_typed("SELECT pg_advisory_xact_lock($1)", &[(&MAKING, Type::INT8)])
        .await?;
    // Looked at again: another process may have been faster.
    let format = match insist(client).await? {
        Tables::Both => match compare(client).await? {
            Format::Current => return Ok(client.batch_execute(step::ROLLBACK).await?),
            Format::Older => format(client).await?,
        },
        Tables::Neither => 0,
        Tables::OnlyEntries => return Err(Failure::NotAJournal),
        Tables::OnlyJournal => {
            let detail = "the table `sportello_entries` is missing".to_owned();
            return Err(Failure::Corrupt(detail));
        }
    };
    for (number, step) in (1_i64..).zip(FORMATS).filter(|(number, _)| *number > format) {
        match client.batch_execute(step).await {
            // Somebody else's table or index of one of our names, in a place that was not looked at.
            Err(error) if error.code() == Some(&SqlState::DUPLICATE_TABLE) => {
                return Err(Failure::NotAJournal);
            }
            made => made?,
        }
        client
            .execute_typed(
                "UPDATE sportello_journal SET format = $1",
                &[(&number, Type::INT8)],
            )
            .await?;
    }
    Ok(client.batch_execute(step::COMMIT).await?)
}
