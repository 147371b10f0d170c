//! Codes and days as numbers.

use anyhow::{Context as _, Result};

/// The place of a code among all of them.
pub(super) fn index(code: &str) -> Option<usize> {
    let (letter, digits) = code.split_at_checked(1)?;
    let letter = letter.bytes().next().filter(u8::is_ascii_uppercase)?;
    let digits = (digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)?;
    Some(usize::from(letter - b'A') * 1000 + digits.parse::<usize>().ok()?)
}

pub(super) fn code_of(index: usize) -> String {
    let letter = u8::try_from(index / 1000)
        .ok()
        .map_or('?', |letter| char::from(b'A' + letter));
    format!("{letter}{:03}", index % 1000)
}

/// Days from 1 January 1861.
pub(super) fn day(text: &str) -> Result<u16> {
    let mut parts = text.split('-').map(str::parse::<i64>);
    let mut next = || parts.next().context("a date")?.context("a date");
    let (year, month, day) = (next()?, next()?, next()?);
    let days = days_from_civil(year, month, day) - days_from_civil(1861, 1, 1);
    u16::try_from(days).with_context(|| format!("`{text}` is not between 1861 and 2040"))
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let shifted = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * shifted + 2) / 5
        + day
}

/// The date of a day counted from 1 January 1861.
pub(super) fn date(days: i64) -> String {
    let target = days + days_from_civil(1861, 1, 1);
    let mut year = 1861 + days / 366;
    while days_from_civil(year + 1, 1, 1) <= target {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days_from_civil(year, month + 1, 1) <= target {
        month += 1;
    }
    format!(
        "{year:04}-{month:02}-{:02}",
        target - days_from_civil(year, month, 1) + 1
    )
}

#[cfg(test)]
mod tests {
    use super::{code_of, date, day, index};

    #[test]
    fn days_and_dates_are_each_other_s_inverse() {
        for (text, days) in [
            ("1861-01-01", 0),
            ("1861-03-17", 75),
            ("1900-02-28", 14302),
            ("1900-03-01", 14303),
            ("2000-02-29", 50_827),
        ] {
            assert_eq!(day(text).ok(), Some(days), "{text}");
        }
        for days in 0..=u16::MAX {
            assert_eq!(
                day(&date(i64::from(days))).ok(),
                Some(days),
                "{}",
                date(i64::from(days))
            );
        }
    }

    #[test]
    fn codes_have_a_place_each() {
        assert_eq!((index("A000"), index("Z999")), (Some(0), Some(25_999)));
        assert_eq!(index("H501").map(code_of).as_deref(), Some("H501"));
        for wrong in ["ND", "h501", "H50", "H5011", "È501", ""] {
            assert_eq!(index(wrong), None, "{wrong}");
        }
    }
}
