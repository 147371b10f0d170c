//! The wallet, and every charge made on it.

use serde::Serialize;

/// What a charge pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeKind {
    /// The commit of a request.
    Submit,
    /// A search added to a request.
    Search,
    /// The choice of a search result.
    Choice,
}

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// When, in Unix milliseconds.
    pub at_ms: u64,
    /// The request's id.
    pub submission: String,
    /// The service's name.
    pub service: String,
    /// What it pays for.
    pub kind: ChargeKind,
    /// How much, in cents, net of VAT.
    pub amount_cents: i64,
    /// Anything unusual about it; empty as a rule.
    pub note: String,
}

/// The wallet and its charges, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    wallet_cents: i64,
    charges: Vec<Charge>,
}

impl Ledger {
    pub(crate) fn new(wallet_cents: i64) -> Self {
        Self {
            wallet_cents,
            charges: Vec::new(),
        }
    }

    pub(crate) fn wallet_cents(&self) -> i64 {
        self.wallet_cents
    }

    pub(crate) fn set_wallet(&mut self, cents: i64) {
        self.wallet_cents = cents;
    }

    pub(crate) fn affords(&self, cents: i64) -> bool {
        self.wallet_cents >= cents
    }

    pub(crate) fn charge(&mut self, charge: Charge) {
        self.wallet_cents -= charge.amount_cents;
        self.charges.push(charge);
    }

    pub(crate) fn charges(&self) -> &[Charge] {
        &self.charges
    }
}

/// Cents as euros with two decimals, as the provider writes its credit.
pub(crate) fn euros(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}
