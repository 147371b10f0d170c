//! Dates. The provider's `data_iso8601` is, despite its name, `dd-mm-yyyy` (published form descriptions). Other common ways of writing are offered as a
//! correction.

use time::{Date, Month};

use crate::check::{Finding, FindingCode};
use crate::model::push_digits;

pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    if let Some(date) = parts(text, b'-', false, 2) {
        if !exists(date) {
            Finding::say_at(FindingCode::DateCalendar, 0, findings);
        }
        return;
    }
    let mut finding = Finding::new(FindingCode::DateForm);
    match otherwise(text.trim()).filter(|date| exists(*date)) {
        Some((day, month, year)) => {
            let mut written = String::with_capacity(10);
            push_digits(&mut written, day.into(), 2);
            written.push('-');
            push_digits(&mut written, month.into(), 2);
            written.push('-');
            push_digits(&mut written, year.into(), 4);
            finding = finding.offering(written);
        }
        None => {
            let wrong = text.chars().position(|c| !c.is_ascii_digit() && c != '-');
            if let Some(position) = wrong {
                finding = finding.at(position);
            }
        }
    }
    findings.push(finding);
}

/// A date as people write it otherwise.
fn otherwise(text: &str) -> Option<(u16, u16, u16)> {
    for separator in *b"-/. " {
        for year_first in [false, true] {
            if let Some(date) = parts(text, separator, year_first, 1) {
                return Some(date);
            }
        }
    }
    None
}

/// Day, month and year; the year of four digits, the others of two, or of at least so many.
fn parts(text: &str, separator: u8, year_first: bool, least: u8) -> Option<(u16, u16, u16)> {
    // Each number with how many digits it has.
    let mut numbers = [(0u16, 0u8); 3];
    let mut at = 0;
    for byte in text.bytes() {
        if byte == separator {
            at += 1;
            continue;
        }
        let (number, length) = numbers.get_mut(at)?;
        if !byte.is_ascii_digit() || *length == 4 {
            return None;
        }
        *number = *number * 10 + u16::from(byte - b'0');
        *length += 1;
    }
    let [first, month, last] = numbers;
    let (day, year) = if year_first { (last, first) } else { (first, last) };
    let short = |length: u8| (least..=2).contains(&length);
    let fits = at == 2 && short(day.1) && short(month.1) && year.1 == 4;
    fits.then_some((day.0, month.0, year.0))
}

/// The date that is written `dd-mm-yyyy`.
pub(in crate::check) fn parse(text: &str) -> Option<Date> {
    date(parts(text.trim(), b'-', false, 2)?)
}

/// The day that is written `yyyy-mm-dd`, as programs write it; `None` for what is no day.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    date(parts(text, b'-', true, 1)?)
}

fn date((day, month, year): (u16, u16, u16)) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}

fn exists((day, month, year): (u16, u16, u16)) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    // Two digits at the most.
    let days = days_in(u8::try_from(month).unwrap_or(0), leap);
    year > 0 && day > 0 && day <= u16::from(days)
}

/// How many days a month has; 0 for a month that is none.
pub(super) const fn days_in(month: u8, leap: bool) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}
