//! Dates. The provider's `data_iso8601` is, despite its name, `dd-mm-yyyy` (published form descriptions). Other common ways of writing are offered as a
//! correction.

use crate::check::{Finding, FindingCode};

pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    if let Some((day, month, year)) = parts(text, '-', false) {
        if !exists(day, month, year) {
            findings.push(Finding::new(FindingCode::DateCalendar).at(0));
        }
        return;
    }
    let trimmed = text.trim();
    let other = parts(trimmed, '-', false)
        .or_else(|| parts(trimmed, '-', true))
        .or_else(|| parts(trimmed, '/', false))
        .or_else(|| parts(trimmed, '/', true))
        .or_else(|| parts(trimmed, '.', false));
    let mut finding = Finding::new(FindingCode::DateForm);
    if let Some((day, month, year)) = other.filter(|(day, month, year)| exists(*day, *month, *year)) {
        finding = finding.offering(format!("{day:02}-{month:02}-{year:04}"));
    } else if let Some(position) = text.chars().position(|c| !c.is_ascii_digit() && c != '-') {
        finding = finding.at(position);
    }
    findings.push(finding);
}

/// Day, month and year of exactly two, two and four digits.
fn parts(text: &str, separator: char, year_first: bool) -> Option<(u8, u8, u16)> {
    let mut parts = text.split(separator);
    let (first, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    let (day, year) = if year_first { (last, first) } else { (first, last) };
    let digits =
        |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some() || !digits(day, 2) || !digits(month, 2) || !digits(year, 4) {
        return None;
    }
    Some((day.parse().ok()?, month.parse().ok()?, year.parse().ok()?))
}

fn exists(day: u8, month: u8, year: u16) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    year > 0 && day > 0 && day <= days_in(month, leap)
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
