//! The wallet, and every charge made on it.

use serde::Serialize;
use serde_json::Number;

use crate::context::Api;

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
    /// The API that charged it. Both take from one wallet.
    pub api: Api,
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
    /// When the wallet was filled up, and by how many cents.
    top_ups: Vec<(u64, i64)>,
}

impl Ledger {
    pub(crate) fn new(wallet_cents: i64) -> Self {
        Self {
            wallet_cents,
            charges: Vec::new(),
            top_ups: Vec::new(),
        }
    }

    pub(crate) fn wallet_cents(&self) -> i64 {
        self.wallet_cents
    }

    /// Sets the wallet; what it gains is a top-up. What it loses is nobody's purchase and leaves no trace.
    pub(crate) fn set_wallet(&mut self, now_ms: u64, cents: i64) {
        let gained = cents - self.wallet_cents;
        if gained > 0 {
            self.top_ups.push((now_ms, gained));
        }
        self.wallet_cents = cents;
    }

    pub(crate) fn top_ups(&self) -> &[(u64, i64)] {
        &self.top_ups
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

/// Cents as a number of euros, whole where it is: as the provider writes prices.
pub(crate) fn decimal(cents: i64) -> Number {
    if cents % 100 == 0 {
        return Number::from(cents / 100);
    }
    Number::from_f64(cents as f64 / 100.0).unwrap_or_else(|| Number::from(cents / 100))
}
