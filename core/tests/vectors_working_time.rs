//! Italian working time against `vectors/working_time.json`, and what holds for every start.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use proptest::prelude::*;
use serde_json::Value;
use sportello::model::{Estimate, delivery_estimate, holidays, is_working_day};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, Duration, OffsetDateTime, Time};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/working_time.json")).unwrap()
}

/// The cases of one kind: more than `least` of them.
fn cases(kind: &str, least: usize) -> Vec<Value> {
    let cases = vectors()[kind].as_array().unwrap().clone();
    assert!(cases.len() > least, "{kind}: {} cases", cases.len());
    cases
}

fn date(text: &str) -> Date {
    Date::parse(text, &Iso8601::DATE).unwrap()
}

fn moment(value: &Value) -> u64 {
    let moment = OffsetDateTime::parse(value.as_str().unwrap(), &Rfc3339).unwrap();
    u64::try_from(moment.unix_timestamp() * 1000).unwrap()
}

#[test]
fn easter_is_where_it_is() {
    for case in cases("easter", 30) {
        let easter = date(case.as_str().unwrap());
        let dates = holidays(easter.year());
        assert!(dates.contains(&easter), "{easter}");
        assert!(dates.contains(&(easter + Duration::DAY)), "{easter}");
        assert!(!is_working_day(easter + Duration::DAY));
    }
}

#[test]
fn a_year_s_holidays() {
    for case in cases("holidays", 4) {
        let year = i32::try_from(case["year"].as_i64().unwrap()).unwrap();
        let expected: Vec<Date> = (case["dates"].as_array().unwrap().iter())
            .map(|day| date(&format!("{year}-{}", day.as_str().unwrap())))
            .collect();
        assert_eq!(holidays(year), expected, "{year}");
    }
    for year in [i32::MIN, -10_000, 10_000, i32::MAX] {
        assert_eq!(holidays(year), [], "{year}");
    }
}

#[test]
fn the_days_that_are_worked() {
    for case in cases("days", 20) {
        let day = date(case["date"].as_str().unwrap());
        assert_eq!(Some(is_working_day(day)), case["working"].as_bool(), "{day}");
    }
    // The two ways to ask agree, day by day.
    for year in (1..=9999).step_by(97).chain(2000..2040) {
        let dates = holidays(year);
        let mut day = Date::from_ordinal_date(year, 1).unwrap();
        while day.year() == year {
            let weekend = day.weekday().number_from_monday() > 5;
            assert_eq!(is_working_day(day), !weekend && !dates.contains(&day), "{day}");
            let Some(next) = day.next_day() else { break };
            day = next;
        }
    }
}

#[test]
fn estimates() {
    let cases = cases("estimates", 40);
    for case in &cases {
        let expected = Estimate {
            earliest: moment(&case["earliest"]),
            latest: moment(&case["latest"]),
        };
        assert_eq!(
            delivery_estimate(moment(&case["start"])),
            expected,
            "{}",
            case["name"]
        );
    }
    println!("{} estimates", cases.len());
}

#[test]
fn there_is_no_end_of_time() {
    let last = delivery_estimate(u64::MAX);
    assert_eq!(last, delivery_estimate(253_339_228_800_000));
    assert!(last.earliest < last.latest && delivery_estimate(253_339_228_799_999) <= last);
    // 1 January 1970 was a Thursday: Friday and Monday are worked, on Tuesday is the Epiphany.
    let hour = 3_600_000;
    let first = Estimate {
        earliest: 47 * hour,
        latest: (47 + 72) * hour,
    };
    assert_eq!(delivery_estimate(0), first);
}

/// On a working day, or at the midnight that ends one, by one of Rome's two times: which of them is for the cases above to say.
fn ends_well(end: u64) -> bool {
    let end = OffsetDateTime::from_unix_timestamp_nanos(i128::from(end) * 1_000_000).unwrap();
    [1, 2]
        .map(|hours| end + Duration::hours(hours))
        .iter()
        .any(|local| {
            is_working_day(local.date())
                || local.time() == Time::MIDNIGHT && is_working_day(local.date().previous_day().unwrap())
        })
}

/// From 1970 to 2200, by the millisecond, and by the whole hour, where the edges are.
fn starts() -> impl Strategy<Value = u64> {
    let last = 7_258_118_400_000_u64;
    prop_oneof![0..last, (0..last / 3_600_000).prop_map(|hour| hour * 3_600_000)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_later_start_never_ends_earlier(one in starts(), two in starts(), near in 0_u64..400_000_000) {
        for (one, two) in [(one.min(two), one.max(two)), (one, one + near)] {
            let (first, second) = (delivery_estimate(one), delivery_estimate(two));
            prop_assert!(first.earliest <= second.earliest && first.latest <= second.latest);
        }
    }

    #[test]
    fn both_ends_are_worked_and_in_order(start in starts()) {
        let Estimate { earliest, latest } = delivery_estimate(start);
        let day = 86_400_000;
        prop_assert!(start + day <= earliest && earliest + day <= latest, "{start}");
        // At most Christmas or Easter, a weekend and a holiday besides lie in between.
        prop_assert!(latest <= start + 11 * day, "{start}");
        prop_assert!(ends_well(earliest) && ends_well(latest), "{start}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_start_hurts(one: u64, two: u64) {
        let (first, second) = (delivery_estimate(one.min(two)), delivery_estimate(one.max(two)));
        prop_assert!(first.earliest < first.latest && first <= second);
    }
}
