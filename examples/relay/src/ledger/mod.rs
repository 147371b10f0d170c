//! Spending caps: every purchase is reserved here, durably, before anything is sent.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;

use sportello::Money;

#[cfg(feature = "postgres")]
pub use postgres::PostgresLedger;
pub use sqlite::SqliteLedger;

/// How much may be spent within the window, net of VAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// By one user; `None` is without end. Default 100 EUR.
    pub user: Option<Money>,
    /// By all users together; `None` is without end. Default 1000 EUR.
    pub total: Option<Money>,
    /// How long a purchase counts, milliseconds. Default 30 days.
    pub window_ms: u64,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps {
            user: Some(Money::from_cents(10_000)),
            total: Some(Money::from_cents(100_000)),
            window_ms: 30 * 24 * 3600 * 1000,
        }
    }
}

/// One purchase. Digests only: whoever reads a ledger learns no user and no reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spending {
    /// Names the purchase, the same each time it is tried.
    pub purchase: String,
    /// Whose it is.
    pub user: String,
    /// Its net price.
    pub price: Money,
    /// Unix milliseconds.
    pub at: u64,
}

/// Why a ledger did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The user would have spent more than they may.
    #[error("the user's cap would be exceeded")]
    UserCap,
    /// All users together would have spent more than they may.
    #[error("the cap of all users would be exceeded")]
    TotalCap,
    /// The ledger can't be read or written.
    #[error("the ledger can't be used: {0}")]
    Unavailable(String),
}

/// Where spending is kept, shared by all instances of a relay. Calls block for as long as a durable write takes.
///
/// A purchase is *reserved*, then *settled* when it was charged or *released* when it surely was not. What is reserved counts as spent:
/// after a crash, or while an outcome is unknown, nobody can spend the same money twice.
pub trait Ledger: Send + Sync {
    /// Reserves a purchase, unless a cap would be exceeded; check and write are one step. A purchase that is reserved already is
    /// reserved once, at the newer price; one that is settled stays as it is.
    ///
    /// # Errors
    /// The caps, and whatever keeps the ledger from being written.
    fn reserve(&self, spending: &Spending, caps: &Caps) -> Result<(), LedgerError>;

    /// Notes that a purchase was charged, whether or not it was reserved (a ledger may be restored from a copy).
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn settle(&self, spending: &Spending) -> Result<(), LedgerError>;

    /// Gives back what was reserved and surely not charged; what is settled stays.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn release(&self, purchase: &str) -> Result<(), LedgerError>;

    /// What a user, or with `None` everybody, has spent or reserved since a time, Unix milliseconds.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn spent(&self, user: Option<&str>, since: u64) -> Result<Money, LedgerError>;
}

/// Which cap stands in the way, if any, of `price` beside what is spent already.
pub(crate) fn over(
    price: Money,
    user_spent: Money,
    total_spent: Money,
    caps: &Caps,
) -> Result<(), LedgerError> {
    let exceeds = |cap: Option<Money>, spent: Money| cap.is_some_and(|cap| spent + price > cap);
    if exceeds(caps.user, user_spent) {
        return Err(LedgerError::UserCap);
    }
    if exceeds(caps.total, total_spent) {
        return Err(LedgerError::TotalCap);
    }
    Ok(())
}

fn cents(price: Money) -> Result<i64, LedgerError> {
    let cents = price.cents().filter(|cents| *cents >= 0);
    cents.ok_or_else(|| LedgerError::Unavailable("a price is not a number of cents".to_owned()))
}

fn whole(millis: u64) -> Result<i64, LedgerError> {
    i64::try_from(millis).map_err(|_| LedgerError::Unavailable("a time is out of range".to_owned()))
}
