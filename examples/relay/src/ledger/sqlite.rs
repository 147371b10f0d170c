use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use sportello::Money;

use super::{Caps, Ledger, LedgerError, Spending, cents, over, whole};

/// How long a write of another process is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A ledger in one SQLite file, for any number of processes of one machine.
pub struct SqliteLedger {
    connection: Mutex<Connection>,
}

impl From<rusqlite::Error> for LedgerError {
    /// SQLite's texts name tables and files, never values.
    fn from(error: rusqlite::Error) -> LedgerError {
        LedgerError::Unavailable(error.to_string())
    }
}

impl SqliteLedger {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    pub fn open(path: &Path) -> Result<SqliteLedger, LedgerError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // What was reserved must still be so after the power went.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "BEGIN IMMEDIATE;
             CREATE TABLE IF NOT EXISTS spending (
                 purchase TEXT PRIMARY KEY NOT NULL,
                 user TEXT NOT NULL,
                 cents INTEGER NOT NULL CHECK (cents >= 0),
                 at INTEGER NOT NULL,
                 settled INTEGER NOT NULL DEFAULT 0
             ) STRICT, WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS spending_at ON spending (at, user, cents);
             COMMIT;",
        )?;
        Ok(SqliteLedger {
            connection: Mutex::new(connection),
        })
    }

    fn write<T>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // IMMEDIATE takes the lock before reading, so that nobody can spend between the sum and the write.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = act(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

impl Ledger for SqliteLedger {
    fn reserve(&self, spending: &Spending, caps: &Caps) -> Result<(), LedgerError> {
        let (cents, at) = (cents(spending.price)?, whole(spending.at)?);
        let since = whole(spending.at.saturating_sub(caps.window_ms))?;
        self.write(|transaction| {
            let settled: Option<bool> = transaction
                .query_row(
                    "SELECT settled FROM spending WHERE purchase = ?1",
                    params![spending.purchase],
                    |row| row.get(0),
                )
                .optional()?;
            if settled == Some(true) {
                return Ok(());
            }
            let sum = |sql: &str, user: &str| -> Result<Money, LedgerError> {
                let cents =
                    transaction.query_row(sql, params![since, spending.purchase, user], |row| row.get(0))?;
                Ok(Money::from_cents(cents))
            };
            let of_user = sum(
                "SELECT coalesce(sum(cents), 0) FROM spending WHERE at > ?1 AND purchase <> ?2 AND user = ?3",
                &spending.user,
            )?;
            let of_all = sum(
                "SELECT coalesce(sum(cents), 0) FROM spending WHERE at > ?1 AND purchase <> ?2 AND ?3 = ''",
                "",
            )?;
            over(spending.price, of_user, of_all, caps)?;
            transaction.execute(
                "INSERT INTO spending (purchase, user, cents, at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (purchase) DO UPDATE SET cents = excluded.cents, at = excluded.at",
                params![spending.purchase, spending.user, cents, at],
            )?;
            Ok(())
        })
    }

    fn settle(&self, spending: &Spending) -> Result<(), LedgerError> {
        let (cents, at) = (cents(spending.price)?, whole(spending.at)?);
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO spending (purchase, user, cents, at, settled) VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT (purchase) DO UPDATE SET settled = 1, cents = excluded.cents",
                params![spending.purchase, spending.user, cents, at],
            )?;
            Ok(())
        })
    }

    fn release(&self, purchase: &str) -> Result<(), LedgerError> {
        self.write(|transaction| {
            transaction.execute(
                "DELETE FROM spending WHERE purchase = ?1 AND settled = 0",
                params![purchase],
            )?;
            Ok(())
        })
    }

    fn spent(&self, user: Option<&str>, since: u64) -> Result<Money, LedgerError> {
        let since = whole(since)?;
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let cents = connection.query_row(
            "SELECT coalesce(sum(cents), 0) FROM spending WHERE at > ?1 AND (?2 IS NULL OR user = ?2)",
            params![since, user],
            |row| row.get(0),
        )?;
        Ok(Money::from_cents(cents))
    }
}
