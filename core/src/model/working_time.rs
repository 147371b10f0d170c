//! Italian working time: which days are worked, and what "24 to 48 working hours" means on a calendar.
//!
//! The calendar is a table and two rules, without a time-zone database: a binding in a browser has none.

use serde::{Deserialize, Serialize};
use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset, Weekday};

/// When the documents of a submission can be expected.
///
/// The provider says that they are worked within 24 to 48 working hours from when the documentation is complete, but not which hours
/// are working hours. They are read here as hours around the clock on working days, and none on others: the most favourable reading
/// would end too early over a weekend, the office hours of an office that nobody knows would be made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// 24 working hours after the start, Unix milliseconds.
    pub earliest: u64,
    /// 48 working hours after the start, Unix milliseconds.
    pub latest: u64,
}

/// The public holidays of the same date every year: Italian law 260/1949, art. 2, as it stands since law 336/2000 gave back 2 June.
const FIXED: [(Month, u8); 10] = [
    (Month::January, 1),
    (Month::January, 6),
    (Month::April, 25),
    (Month::May, 1),
    (Month::June, 2),
    (Month::August, 15),
    (Month::November, 1),
    (Month::December, 8),
    (Month::December, 25),
    (Month::December, 26),
];

/// Saint Francis of Assisi, a public holiday since law 151/2025.
const SAINT_FRANCIS: (Month, u8) = (Month::October, 4);
const SAINT_FRANCIS_SINCE: i32 = 2026;

/// The end of the year 9997, UTC. Later starts count as this one, so that nothing runs out of the calendar.
const LAST_START: u64 = 253_339_228_800_000;

const HOUR: u64 = 3_600_000;

/// The public holidays of a year in the order of the calendar, Easter Sunday among them; not the other Sundays, and no city's patron.
///
/// As the law stands today: before 2001 the list was another, and 17 March 2011, a holiday of that one year, is not in it. A year
/// outside of the calendar (±9999) has none.
#[must_use]
pub fn holidays(year: i32) -> Vec<Date> {
    let date = |&(month, day): &(Month, u8)| Date::from_calendar_date(year, month, day).ok();
    let mut dates: Vec<Date> = FIXED.iter().filter_map(date).collect();
    if year >= SAINT_FRANCIS_SINCE {
        dates.extend(date(&SAINT_FRANCIS));
    }
    if let Some(easter) = easter(year) {
        dates.push(easter);
        dates.extend(easter.next_day());
    }
    dates.sort_unstable();
    // Two holidays may be one day: in 2011 Easter Monday was 25 April.
    dates.dedup();
    dates
}

/// True when Italy works on this day: not on a Saturday, a Sunday or one of the [`holidays`].
#[must_use]
pub fn is_working_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(date)
}

fn is_holiday(date: Date) -> bool {
    let day = (date.month(), date.day());
    FIXED.contains(&day)
        || (day == SAINT_FRANCIS && date.year() >= SAINT_FRANCIS_SINCE)
        || easter(date.year()).is_some_and(|easter| date == easter || Some(date) == easter.next_day())
}

/// When the documents can be expected whose documentation was complete at `start_unix_ms`: see [`Estimate`].
///
/// A start on a day off counts from the midnight in Rome that begins the next working day. An end at a midnight is the one that ends a
/// working day, whatever day it begins. Starts after the year 9997 count as its end.
#[must_use]
pub fn delivery_estimate(start_unix_ms: u64) -> Estimate {
    let start = start_unix_ms.min(LAST_START);
    estimate(start).unwrap_or(Estimate {
        earliest: start.saturating_add(24 * HOUR),
        latest: start.saturating_add(48 * HOUR),
    })
}

/// `None` outside of the calendar, which [`LAST_START`] keeps away.
fn estimate(start: u64) -> Option<Estimate> {
    let date = rome_date(start)?;
    let (day, into_it) = match is_working_day(date) {
        true => (date, start.checked_sub(midnight(date)?)?),
        false => (next_working_day(date)?, 0),
    };
    let next = next_working_day(day)?;
    // A working day has 24 hours: the clocks change on Sundays. Of the first day, what is left is worked; of the last, what was
    // missing at the start; at a midnight nothing was missing, and the day before is the last.
    if into_it == 0 {
        return Some(Estimate {
            earliest: midnight(day.next_day()?)?,
            latest: midnight(next.next_day()?)?,
        });
    }
    Some(Estimate {
        earliest: midnight(next)?.checked_add(into_it)?,
        latest: midnight(next_working_day(next)?)?.checked_add(into_it)?,
    })
}

fn next_working_day(date: Date) -> Option<Date> {
    let mut next = date.next_day()?;
    while !is_working_day(next) {
        next = next.next_day()?;
    }
    Some(next)
}

/// Easter Sunday by the Gregorian computus, in the form that Meeus gives (*Astronomical Algorithms*, chapter 8).
fn easter(year: i32) -> Option<Date> {
    let a = year.rem_euclid(19);
    let (b, c) = (year.div_euclid(100), year.rem_euclid(100));
    let (d, e) = (b.div_euclid(4), b.rem_euclid(4));
    let f = (b + 8).div_euclid(25);
    let g = (b - f + 1).div_euclid(3);
    let h = (19 * a + b - d - g + 15).rem_euclid(30);
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k).rem_euclid(7);
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    let month = Month::try_from(u8::try_from(n / 31).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(n % 31 + 1).ok()?).ok()
}

/// The day in Rome at this moment.
fn rome_date(unix_ms: u64) -> Option<Date> {
    let seconds = i64::try_from(unix_ms / 1000).ok()?;
    let utc = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let (begin, end) = summer(utc.year())?;
    let change = Time::from_hms(1, 0, 0).ok()?;
    let in_summer = utc >= begin.with_time(change).assume_utc() && utc < end.with_time(change).assume_utc();
    let hours = if in_summer { 2 } else { 1 };
    Some(
        utc.checked_to_offset(UtcOffset::from_hms(hours, 0, 0).ok()?)?
            .date(),
    )
}

/// The moment in Rome at which this day begins, Unix milliseconds. The clocks change after midnight.
fn midnight(date: Date) -> Option<u64> {
    let (begin, end) = summer(date.year())?;
    let hours = if date > begin && date <= end { 2 } else { 1 };
    let local = date.midnight().assume_utc().unix_timestamp();
    let seconds = local.checked_sub(Duration::hours(hours).whole_seconds())?;
    u64::try_from(seconds).ok()?.checked_mul(1000)
}

/// The Sundays on which summer time begins and ends, both at 01:00 UTC (Directive 2000/84/EC; in this form since 1996).
fn summer(year: i32) -> Option<(Date, Date)> {
    let last_sunday = |month| {
        let last = Date::from_calendar_date(year, month, 31).ok()?;
        last.checked_sub(Duration::days(last.weekday().number_days_from_sunday().into()))
    };
    Some((last_sunday(Month::March)?, last_sunday(Month::October)?))
}
