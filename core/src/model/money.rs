use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{cut, push_digits};

/// The ordinary Italian rate of value added tax, per cent (D.P.R. 633/1972, art. 16).
pub const VAT_PERCENT: u32 = 22;

/// How exact an amount is: providers price a page in tenths of a cent.
const DECIMALS: usize = 4;
/// One euro, and one cent, in the parts that are counted.
const EURO: u64 = 10_000;
const CENT: i64 = 100;

/// An exact amount in euro, to the hundredth of a cent. Written and read as a decimal string: `"19.00"`.
///
/// Never a float: a confirmed price is compared to the cent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// No money at all.
    pub const ZERO: Money = Money(0);

    /// An amount of whole cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Money {
        Money(cents.saturating_mul(CENT))
    }

    /// This amount in whole cents; `None` when it has a fraction of one.
    #[must_use]
    pub const fn cents(self) -> Option<i64> {
        if self.0 % CENT == 0 {
            Some(self.0 / CENT)
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
        // In hundredths of what is counted: there the half of a cent is a whole number.
        let exact = self.0.saturating_mul(i64::from(VAT_PERCENT));
        let half = CENT * 100 / 2;
        let rounded = exact.saturating_add(if exact < 0 { -half } else { half }) / (CENT * 100);
        Money::from_cents(rounded)
    }

    /// True for an amount below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
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

    /// With at least two decimals: `19.00`, `0.385`. What `Display` writes.
    #[must_use]
    pub fn text(self) -> String {
        let parts = self.0.unsigned_abs();
        let mut text = String::with_capacity(12);
        if self.is_negative() {
            text.push('-');
        }
        push_digits(&mut text, parts / EURO, 1);
        text.push('.');
        push_digits(&mut text, parts % EURO, DECIMALS);
        for _ in 2..DECIMALS {
            if text.ends_with('0') {
                text.pop();
            }
        }
        text
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
        f.pad(&self.text())
    }
}

/// A text that is not an amount such as `19.00`: digits with at most one point, no sign, at most four decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an amount in euro; write it like `19.00`, with a point and without a currency sign")]
pub struct MoneyError;

impl FromStr for Money {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Money, MoneyError> {
        let (whole, decimals) = match cut(text, b'.') {
            Some((_, "")) => return Err(MoneyError),
            Some(both) => both,
            None => (text, ""),
        };
        if whole.is_empty() || text.len() > 16 || decimals.len() > DECIMALS {
            return Err(MoneyError);
        }
        let digits = |text: &str, from: i64| {
            text.bytes().try_fold(from, |sum: i64, byte| {
                let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
                sum.checked_mul(10)?.checked_add(digit)
            })
        };
        let missing = u32::try_from(DECIMALS - decimals.len()).unwrap_or(0);
        digits(whole, 0)
            .and_then(|whole| digits(decimals, whole))
            .and_then(|parts| parts.checked_mul(10_i64.pow(missing)))
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
