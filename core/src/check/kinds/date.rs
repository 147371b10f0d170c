//! Dates. The provider's `data_iso8601` is, despite its name, `dd-mm-yyyy` (published form descriptions). Other common ways of writing are offered as a
//! correction.

use time::{Date, Month};

use crate::check::{Finding, FindingCode};

pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    if let Some((day, month, year)) = parts(text, '-', false, true) {
        if !exists(day, month, year) {
            findings.push(Finding::new(FindingCode::DateCalendar).at(0));
        }
        return;
    }
    let trimmed = text.trim();
    let other = ['-', '/', '.', ' '].into_iter().find_map(|separator| {
        parts(trimmed, separator, false, false).or_else(|| parts(trimmed, separator, true, false))
    });
    let mut finding = Finding::new(FindingCode::DateForm);
    if let Some((day, month, year)) = other.filter(|(day, month, year)| exists(*day, *month, *year)) {
        finding = finding.offering(format!("{day:02}-{month:02}-{year:04}"));
    } else if let Some(position) = text.chars().position(|c| !c.is_ascii_digit() && c != '-') {
        finding = finding.at(position);
    }
    findings.push(finding);
}

/// Day, month and year; the year of four digits, the others of two, or when not exact of one.
fn parts(text: &str, separator: char, year_first: bool, exact: bool) -> Option<(u8, u8, u16)> {
    let mut parts = text.split(separator);
    let (first, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    let (day, year) = if year_first { (last, first) } else { (first, last) };
    let digits = |part: &str, least: usize, most: usize| {
        (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let least = if exact { 2 } else { 1 };
    if parts.next().is_some() || !digits(day, least, 2) || !digits(month, least, 2) || !digits(year, 4, 4) {
        return None;
    }
    Some((day.parse().ok()?, month.parse().ok()?, year.parse().ok()?))
}

/// The date that is written `dd-mm-yyyy`.
pub(in crate::check) fn parse(text: &str) -> Option<Date> {
    let (day, month, year) = parts(text.trim(), '-', false, true)?;
    Date::from_calendar_date(i32::from(year), Month::try_from(month).ok()?, day).ok()
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
