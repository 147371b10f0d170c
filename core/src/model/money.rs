use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// The ordinary Italian rate of value added tax, per cent (D.P.R. 633/1972, art. 16).
pub const VAT_PERCENT: u32 = 22;

/// An exact amount in euro. Written and read as a decimal string: `"19.00"`.
///
/// Never a float: a confirmed price is compared to the cent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(Decimal);

impl Money {
    /// No money at all.
    pub const ZERO: Money = Money(Decimal::ZERO);

    /// An amount of whole cents.
    #[must_use]
    pub fn from_cents(cents: i64) -> Money {
        Money(Decimal::new(cents, 2))
    }

    /// This amount in whole cents; `None` when it has a fraction of one.
    #[must_use]
    pub fn cents(self) -> Option<i64> {
        let cents = self.0.checked_mul(Decimal::ONE_HUNDRED)?;
        if cents.fract().is_zero() {
            cents.to_string().split('.').next()?.parse().ok()
        } else {
            None
        }
    }

    /// The currency of every amount: the providers charge in euro only.
    #[must_use]
    pub const fn currency(self) -> &'static str {
        "EUR"
    }

    /// This net amount with VAT added, rounded half up to the cent as on an invoice.
    #[must_use]
    pub fn gross(self) -> Money {
        self + self.vat()
    }

    /// The VAT on this net amount, rounded half up to the cent.
    #[must_use]
    pub fn vat(self) -> Money {
        let vat = self.0 * Decimal::from(VAT_PERCENT) / Decimal::ONE_HUNDRED;
        Money(vat.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
    }

    /// True for an amount below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }

    /// Reads a price as a provider sends it: an integer, a decimal, or either as a string.
    #[must_use]
    pub fn from_json(value: &serde_json::Value) -> Option<Money> {
        match value {
            serde_json::Value::Number(number) => number.to_string().parse().ok(),
            serde_json::Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

impl std::ops::Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, |sum, amount| sum + amount)
    }
}

impl fmt::Display for Money {
    /// At least two decimals: `19.00`, `0.385`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut exact = self.0.normalize();
        if exact.scale() < 2 {
            exact.rescale(2);
        }
        fmt::Display::fmt(&exact, f)
    }
}

/// A text that is not an amount such as `19.00`: digits with at most one point, no sign, at most four decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an amount in euro; write it like `19.00`, with a point and without a currency sign")]
pub struct MoneyError;

impl FromStr for Money {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Money, MoneyError> {
        let shape = !text.is_empty()
            && text.len() <= 16
            && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && text.bytes().filter(|b| *b == b'.').count() <= 1
            && text.starts_with(|c: char| c.is_ascii_digit())
            && text.ends_with(|c: char| c.is_ascii_digit());
        let amount = if shape {
            Decimal::from_str_exact(text).ok()
        } else {
            None
        };
        amount
            .filter(|amount| amount.scale() <= 4)
            .map(Money)
            .ok_or(MoneyError)
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_the_providers_send_them() {
        for (json, shown) in [
            ("19", "19.00"),
            ("4.78", "4.78"),
            ("\"19.0\"", "19.00"),
            ("0", "0.00"),
            ("0.385", "0.385"),
        ] {
            let value = serde_json::from_str(json).unwrap();
            assert_eq!(Money::from_json(&value).unwrap().to_string(), shown, "{json}");
        }
        assert_eq!(Money::from_json(&serde_json::Value::Null), None);
    }

    #[test]
    fn amounts_of_other_shapes_are_refused() {
        for text in [
            "",
            "19,00",
            "-1",
            "1e3",
            "19.",
            ".5",
            "1.2.3",
            "19 EUR",
            "0.00001",
            "99999999999999999",
        ] {
            assert_eq!(text.parse::<Money>(), Err(MoneyError), "{text}");
        }
    }

    #[test]
    fn vat_is_rounded_half_up() {
        let net: Money = "19.00".parse().unwrap();
        assert_eq!(
            (net.vat().to_string(), net.gross().to_string()),
            ("4.18".into(), "23.18".into())
        );
        assert_eq!("0.25".parse::<Money>().unwrap().vat().to_string(), "0.06");
    }
}
