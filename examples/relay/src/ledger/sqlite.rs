use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use sportello::Money;

use super::{Caps, Ledger, LedgerError, Spending, over};

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

fn cents(price: Money) -> Result<i64, LedgerError> {
    let cents = price.cents().filter(|cents| *cents >= 0);
    cents.ok_or_else(|| LedgerError::Unavailable("a price is not a number of cents".to_owned()))
}

fn whole(millis: u64) -> Result<i64, LedgerError> {
    i64::try_from(millis).map_err(|_| LedgerError::Unavailable("a time is out of range".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spending(purchase: &str, user: &str, price: &str, at: u64) -> Spending {
        Spending {
            purchase: purchase.to_owned(),
            user: user.to_owned(),
            price: price.parse().unwrap(),
            at,
        }
    }

    fn caps() -> Caps {
        Caps {
            user: "50.00".parse().ok(),
            total: "80.00".parse().ok(),
            window_ms: 1_000,
        }
    }

    #[test]
    fn caps_hold_over_a_rolling_window() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(&folder.path().join("ledger.sqlite")).unwrap();
        ledger
            .reserve(&spending("a", "u", "25.00", 2_000), &caps())
            .unwrap();
        ledger
            .reserve(&spending("b", "u", "25.00", 2_500), &caps())
            .unwrap();
        let third = spending("c", "u", "0.01", 2_600);
        assert_eq!(ledger.reserve(&third, &caps()), Err(LedgerError::UserCap));
        ledger
            .reserve(&spending("d", "v", "30.00", 2_600), &caps())
            .unwrap();
        let of_another = spending("e", "w", "0.01", 2_600);
        assert_eq!(ledger.reserve(&of_another, &caps()), Err(LedgerError::TotalCap));
        // The first has left the window, to the millisecond.
        assert!(
            ledger
                .reserve(&spending("c", "u", "25.00", 2_999), &caps())
                .is_err()
        );
        ledger
            .reserve(&spending("c", "u", "25.00", 3_000), &caps())
            .unwrap();
        assert_eq!(ledger.spent(None, 0).unwrap(), "105.00".parse().unwrap());
        assert_eq!(ledger.spent(Some("v"), 0).unwrap(), "30.00".parse().unwrap());
    }

    #[test]
    fn a_purchase_is_reserved_once_and_released_only_when_unsettled() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(&folder.path().join("ledger.sqlite")).unwrap();
        let one = spending("a", "u", "40.00", 1);
        for _ in 0..3 {
            ledger.reserve(&one, &caps()).unwrap();
        }
        assert_eq!(ledger.spent(None, 0).unwrap(), "40.00".parse().unwrap());
        ledger.release("a").unwrap();
        assert_eq!(ledger.spent(None, 0).unwrap(), Money::ZERO);
        ledger.reserve(&one, &caps()).unwrap();
        ledger.settle(&one).unwrap();
        ledger.release("a").unwrap();
        assert_eq!(ledger.spent(None, 0).unwrap(), "40.00".parse().unwrap());
        // Settled without a reservation: from a ledger that is older than the purchase.
        ledger.settle(&spending("z", "u", "5.00", 1)).unwrap();
        assert_eq!(ledger.spent(None, 0).unwrap(), "45.00".parse().unwrap());
    }

    #[test]
    fn many_at_once_never_pass_a_cap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let got: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|thread| {
                    let path = path.clone();
                    scope.spawn(move || {
                        // A connection of its own, as another process has.
                        let ledger = SqliteLedger::open(&path).unwrap();
                        (0..5)
                            .filter(|n| {
                                let one =
                                    spending(&format!("{thread}-{n}"), &format!("u{}", n % 3), "7.00", 5);
                                ledger.reserve(&one, &caps()).is_ok()
                            })
                            .count()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(got, 11, "eleven times 7.00 fit into 80.00");
    }
}
