use std::sync::Arc;

use sportello::Money;
use sportello::journal::{JournalError, PostgresJournal};
use tokio_postgres::{Client, Error};

use super::{Caps, Ledger, LedgerError, Spending, cents, over, whole};

/// `spending` in ASCII: whoever makes the table or reserves holds this advisory lock until the transaction ends, so that nobody can spend
/// between the sum and the write.
const ALONE: &str = "SELECT pg_advisory_xact_lock(8318260036558745191)";

const MAKE: &str = r#"
    CREATE TABLE IF NOT EXISTS sportello_spending (
        purchase text COLLATE "C" PRIMARY KEY,
        "user" text COLLATE "C" NOT NULL,
        cents bigint NOT NULL CHECK (cents >= 0),
        at bigint NOT NULL,
        settled boolean NOT NULL DEFAULT false
    );
    CREATE INDEX IF NOT EXISTS sportello_spending_at ON sportello_spending (at, "user", cents);
"#;

/// Durable whatever the server's default, and never waiting for ever.
const BEGIN: &str = "
    START TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE;
    SET LOCAL lock_timeout = 5000;
    SET LOCAL idle_in_transaction_session_timeout = 15000;
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') <> 'remote_apply'";

/// A ledger in the journal's PostgreSQL database, for a relay on several machines.
pub struct PostgresLedger {
    journal: Arc<PostgresJournal>,
}

impl From<JournalError> for LedgerError {
    fn from(error: JournalError) -> LedgerError {
        LedgerError::Unavailable(error.to_string())
    }
}

impl PostgresLedger {
    /// Uses the journal's database, and makes the table `sportello_spending` where there is none.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    pub fn open(journal: Arc<PostgresJournal>) -> Result<PostgresLedger, LedgerError> {
        journal.with_client(|client| {
            Box::pin(async move {
                client.batch_execute(BEGIN).await?;
                client.batch_execute(ALONE).await?;
                client.batch_execute(MAKE).await?;
                client.batch_execute("COMMIT").await
            })
        })?;
        Ok(PostgresLedger { journal })
    }
}

impl Ledger for PostgresLedger {
    fn reserve(&self, spending: &Spending, caps: &Caps) -> Result<(), LedgerError> {
        let (cents, at) = (cents(spending.price)?, whole(spending.at)?);
        let since = whole(spending.at.saturating_sub(caps.window_ms))?;
        let (spending, caps) = (spending.clone(), *caps);
        self.journal.with_client(move |client| {
            Box::pin(async move {
                client.batch_execute(BEGIN).await?;
                client.batch_execute(ALONE).await?;
                let allowed = reserve(client, &spending, &caps, cents, at, since).await?;
                let end = if allowed.is_ok() { "COMMIT" } else { "ROLLBACK" };
                client.batch_execute(end).await?;
                Ok(allowed)
            })
        })?
    }

    fn settle(&self, spending: &Spending) -> Result<(), LedgerError> {
        let (cents, at) = (cents(spending.price)?, whole(spending.at)?);
        let spending = spending.clone();
        Ok(self.journal.with_client(move |client| {
            Box::pin(async move {
                client.batch_execute(BEGIN).await?;
                let upsert = r#"INSERT INTO sportello_spending (purchase, "user", cents, at, settled) VALUES ($1, $2, $3, $4, true)
                    ON CONFLICT (purchase) DO UPDATE SET settled = true, cents = excluded.cents"#;
                client.execute(upsert, &[&spending.purchase, &spending.user, &cents, &at]).await?;
                client.batch_execute("COMMIT").await
            })
        })?)
    }

    fn release(&self, purchase: &str) -> Result<(), LedgerError> {
        let purchase = purchase.to_owned();
        Ok(self.journal.with_client(move |client| {
            Box::pin(async move {
                let delete = "DELETE FROM sportello_spending WHERE purchase = $1 AND NOT settled";
                client.execute(delete, &[&purchase]).await?;
                Ok(())
            })
        })?)
    }

    fn spent(&self, user: Option<&str>, since: u64) -> Result<Money, LedgerError> {
        let (user, since) = (user.map(str::to_owned), whole(since)?);
        let cents = self.journal.with_client(move |client| {
            Box::pin(async move {
                let sum = r#"SELECT coalesce(sum(cents), 0)::bigint FROM sportello_spending
                    WHERE at > $1 AND ($2::text IS NULL OR "user" = $2)"#;
                client
                    .query_one(sum, &[&since, &user])
                    .await?
                    .try_get::<_, i64>(0)
            })
        })?;
        Ok(Money::from_cents(cents))
    }
}

/// Within a transaction, alone.
async fn reserve(
    client: &Client,
    spending: &Spending,
    caps: &Caps,
    cents: i64,
    at: i64,
    since: i64,
) -> Result<Result<(), LedgerError>, Error> {
    let known = "SELECT settled FROM sportello_spending WHERE purchase = $1 FOR UPDATE";
    if let Some(row) = client.query_opt(known, &[&spending.purchase]).await?
        && row.try_get::<_, bool>(0)?
    {
        return Ok(Ok(()));
    }
    let sums = r#"SELECT coalesce(sum(cents) FILTER (WHERE "user" = $3), 0)::bigint, coalesce(sum(cents), 0)::bigint
        FROM sportello_spending WHERE at > $1 AND purchase <> $2"#;
    let row = client
        .query_one(sums, &[&since, &spending.purchase, &spending.user])
        .await?;
    let (of_user, of_all) = (row.try_get::<_, i64>(0)?, row.try_get::<_, i64>(1)?);
    if let Err(refused) = over(
        spending.price,
        Money::from_cents(of_user),
        Money::from_cents(of_all),
        caps,
    ) {
        return Ok(Err(refused));
    }
    let upsert = r#"INSERT INTO sportello_spending (purchase, "user", cents, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (purchase) DO UPDATE SET cents = excluded.cents, at = excluded.at"#;
    client
        .execute(upsert, &[&spending.purchase, &spending.user, &cents, &at])
        .await?;
    Ok(Ok(()))
}
