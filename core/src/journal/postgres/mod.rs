//! The journal in a PostgreSQL database: one for all the machines of a service, durable before a write returns.
//!
//! | file | what is in it |
//! |---|---|
//! | `url` | where the server is, read from a URL without ever showing it |
//! | `tls` | whom a connection trusts |
//! | `pool` | the thread that talks to the server, and its connections |
//! | `schema` | the tables: made, recognised, brought up to date; whether the server can keep a promise |
//! | `step` | the reads, and the writes as one transaction each |
//! | `row` | an entry as a row of PostgreSQL's |
//! | `failure` | what the server or the connection said, as a journal's error |

mod failure;
mod pool;
mod row;
mod schema;
mod step;
mod tls;
mod url;

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

use self::pool::Server;
use self::url::Address;
use super::row::{Sealed, misuse};
use super::{Duplicates, Entry, EntryKey, Journal, JournalError, Recorded, Scope, check_seq};

/// A journal in a PostgreSQL database (12 or later): for a service that runs on several machines.
///
/// Any number of machines, processes and threads may use one database; give all of them the same
/// [`JournalKey`](super::JournalKey), or what they wrote can't be compared. The tables `sportello_entries` and `sportello_journal`
/// are made in the first schema of the `search_path` by whoever connects first; after that a user needs only to read and write them.
///
/// **A write that returns is durable**: it was committed with `synchronous_commit` on, whatever the server's or the user's default,
/// and a server that runs with `fsync` off, or that is a standby, is refused. Compare-and-set and the check for duplicates are one
/// transaction, safe against every other process. An error while a write is under way leaves open whether it was made, as when the
/// connection breaks between the commit and its answer; the same call may be made again, and is either the first or a conflict that
/// shows the entry already there.
///
/// Every call takes a live connection or makes one (4 at most per handle), so a server that was restarted is found again by the next
/// call. It waits 5 seconds for another's lock ([`JournalError::Locked`]) and 30 for everything; a statement is given 15. Calls block, also on
/// a thread of an async runtime, where they belong into `spawn_blocking`. After a `fork` the child connects anew.
///
/// Unlike the SQLite journal's opening, connecting does not read every entry: one is checked against its checksum and its columns
/// whenever it is read. Back the database up like any other; what is restored is as old as the backup.
///
/// # The URL
///
/// `postgres://user:password@host:5432/database?option=value&…`, or `postgresql:`. Special characters are percent-encoded. A Unix
/// socket is named by its folder: `postgres:///database?host=/run/postgresql`. Options: those of `tokio-postgres` (`user`,
/// `password`, `dbname`, `host`, `hostaddr`, `port`, `options`, `application_name`, `connect_timeout`, `target_session_attrs`, …), and
///
/// | `sslmode` | what it does |
/// |---|---|
/// | not given | `prefer`; for this machine's own addresses `disable` |
/// | `disable` | no TLS |
/// | `prefer` | TLS where the server offers it; whoever stands in between can say that it does not |
/// | `require`, `verify-ca`, `verify-full` | TLS, or no connection |
///
/// Whenever there is TLS, the certificate and the host's name are verified, also where libpq would not: against the platform's
/// roots, or against `sslrootcert`, a PEM file. Client certificates are not supported. On a Unix socket there is no TLS.
///
/// Neither the URL nor anything it holds besides hosts, ports and the database's name is shown in an error or by `Debug`.
pub struct PostgresJournal {
    server: Server,
    writes: AtomicU64,
}

/// What [`PostgresJournal::with_client`] does with its connection.
pub type PostgresWork<'c, T> = Pin<Box<dyn Future<Output = Result<T, tokio_postgres::Error>> + Send + 'c>>;

impl PostgresJournal {
    /// Connects, and makes the tables when there are none.
    ///
    /// # Errors
    /// `journal.bad_url`, `journal.unavailable`, `journal.locked`, `journal.full`, `journal.corrupt`, `journal.not_a_journal`,
    /// `journal.newer_version`.
    pub fn connect(url: &str) -> Result<PostgresJournal, JournalError> {
        Ok(PostgresJournal {
            server: Server::start(Address::of(url)?, pool::Patience::default())?,
            writes: AtomicU64::new(0),
        })
    }

    /// Where the journal is: hosts, ports and the database's name.
    #[must_use]
    pub fn place(&self) -> &str {
        self.server.place()
    }

    /// Does something of the caller's own in the journal's database, on one of its connections and within its time limits: for a service
    /// that keeps more there than the journal. After an error the connection is closed, which undoes what was not committed.
    ///
    /// # Errors
    /// As for [`connect`](PostgresJournal::connect); `journal.unavailable` also for what the server says of the work itself.
    pub fn with_client<T: Send + 'static>(
        &self,
        work: impl for<'c> FnOnce(&'c tokio_postgres::Client) -> PostgresWork<'c, T> + Send + 'static,
    ) -> Result<T, JournalError> {
        self.server.call(move |client| {
            let work = work(client);
            Box::pin(async move { Ok(work.await?) })
        })
    }

    /// How many entries this handle wrote or removed; conflicts and refusals are not counted, nor is a write whose outcome was not
    /// learned.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }
}

impl Journal for PostgresJournal {
    fn get(&self, key: &EntryKey) -> Result<Option<Entry>, JournalError> {
        storable(&key.scope, &key.reference)?;
        let key = key.clone();
        self.server
            .call(move |client| Box::pin(async move { step::find(client, &key, step::Hold::Nothing).await }))
    }

    fn record(
        &self,
        entry: &Entry,
        expect_seq: u64,
        duplicates: Duplicates,
    ) -> Result<Recorded, JournalError> {
        check_seq(entry, expect_seq)?;
        storable(&entry.key.scope, &entry.key.reference)?;
        let sealed = Sealed::of(entry)?;
        let entry = entry.clone();
        let recorded = self.server.call(move |client| {
            Box::pin(async move { step::record(client, &entry, &sealed, expect_seq, duplicates).await })
        })?;
        if recorded == Recorded::Written {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        Ok(recorded)
    }

    fn list(&self, scope: &Scope) -> Result<Vec<Entry>, JournalError> {
        storable(scope, "")?;
        let scope = scope.clone();
        self.server
            .call(move |client| Box::pin(async move { step::list(client, &scope).await }))
    }

    fn remove(&self, key: &EntryKey, expect_seq: u64) -> Result<bool, JournalError> {
        storable(&key.scope, &key.reference)?;
        let key = key.clone();
        let removed = self
            .server
            .call(move |client| Box::pin(async move { step::remove(client, &key, expect_seq).await }))?;
        if removed {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        Ok(removed)
    }
}

/// PostgreSQL's texts hold every character but one.
fn storable(scope: &Scope, reference: &str) -> Result<(), JournalError> {
    let Scope {
        provider,
        origin,
        account,
    } = scope;
    let names = [provider, origin, account, reference];
    if names.iter().any(|name| name.contains('\0')) {
        return Err(misuse("a name in it holds the character U+0000"));
    }
    Ok(())
}

impl fmt::Debug for PostgresJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresJournal")
            .field("place", &self.place())
            .field("writes", &self.writes())
            .finish_non_exhaustive()
    }
}
