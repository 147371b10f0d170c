//! Which cadastral codes there are, and when: 25 kB that are in every build, because a codice fiscale can't be judged without them.
//!
//! A known code without periods was there all the time since 1900, or nothing is recorded of it. Days are counted from 1 January 1861.

use std::sync::OnceLock;

use super::unpack::Table;

/// 26 letters of a thousand codes.
pub(super) const CODES: usize = 26_000;
/// How many codes share one count of what came before them.
pub(super) const BLOCK: usize = 16;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::unpack(include_bytes!("existence.bin")))
}

/// A cadastral code as a number below 26,000: the letter in thousands, then its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlaceIndex(u16);

impl PlaceIndex {
    /// Of a letter `A` to `Z` and three digits 0 to 9, as numbers.
    pub(crate) fn new(letter: u8, digits: [u8; 3]) -> PlaceIndex {
        let [hundreds, tens, ones] = digits.map(u16::from);
        PlaceIndex(u16::from(letter.wrapping_sub(b'A')) * 1000 + hundreds * 100 + tens * 10 + ones)
    }

    /// Of a code as it is written: a capital and three digits.
    pub(crate) fn parse(code: &str) -> Option<PlaceIndex> {
        match code.as_bytes() {
            [letter @ b'A'..=b'Z', digits @ ..] => {
                let digits: [u8; 3] = digits.try_into().ok()?;
                digits
                    .iter()
                    .all(u8::is_ascii_digit)
                    .then(|| PlaceIndex::new(*letter, digits.map(|digit| digit - b'0')))
            }
            _ => None,
        }
    }

    /// True when there is, or ever was, a place of this code.
    pub(crate) fn is_known(self) -> bool {
        table()
            .kinds
            .get(usize::from(self.0))
            .is_some_and(|kind| *kind != 0)
    }

    /// True unless the records say that the place was not there on that day, counted as by [`day`]. Nothing is known of days before 1900.
    pub(crate) fn stood(self, day: i32) -> bool {
        let table = table();
        let place = usize::from(self.0);
        let count = |kind: &u8| {
            let count = table.counts.get(usize::from(*kind));
            usize::from(count.copied().unwrap_or(0))
        };
        let own = table.kinds.get(place).map_or(0, count);
        if own == 0 {
            return true;
        }
        let block = place / BLOCK;
        let earlier = table.kinds.get(block * BLOCK..place).unwrap_or_default();
        let first = usize::from(table.before.get(block).copied().unwrap_or(0));
        let first = first + earlier.iter().map(count).sum::<usize>();
        let periods = table.periods.get(first..first + own).unwrap_or_default();
        (periods.iter()).any(|(from, to)| i32::from(*from) <= day && day <= i32::from(*to))
    }
}

/// Days from 1 January 1861, for a date of the calendar.
pub(crate) fn day(year: u16, month: u8, day: u8) -> i32 {
    let (year, month) = (i32::from(year), i32::from(month));
    // The year begins in March, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let shifted = (month + 9) % 12;
    365 * year + year / 4 - year / 100 + year / 400 + (153 * shifted + 2) / 5 + i32::from(day) - 679_658
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(code: &str) -> bool {
        PlaceIndex::parse(code).is_some_and(PlaceIndex::is_known)
    }

    fn stood(code: &str, (year, month, date): (u16, u8, u8)) -> bool {
        PlaceIndex::parse(code).unwrap().stood(day(year, month, date))
    }

    #[test]
    fn places_there_are_and_places_there_never_were() {
        for code in [
            "H501", "F205", "A001", "M439", "Z404", "Z118", "Z135", "Z230", "L049",
        ] {
            assert!(known(code), "{code}");
        }
        for code in ["A000", "Z999", "Z000", "W123", "K001", "M999"] {
            assert!(!known(code), "{code}");
        }
    }

    #[test]
    fn places_come_and_go_on_their_days() {
        // Abetone was united with Cutigliano on 1 January 2017.
        assert!(stood("A012", (2016, 12, 31)) && !stood("A012", (2017, 1, 1)));
        // Founded in 1936.
        assert!(!stood("A012", (1936, 7, 25)) && stood("A012", (1936, 7, 26)));
        // Gone from 1927 to 1934.
        assert!(stood("A007", (1927, 7, 27)) && !stood("A007", (1930, 1, 1)) && stood("A007", (1934, 11, 2)));
        assert!(stood("H501", (1900, 1, 1)) && stood("H501", (2039, 12, 31)));
        // The Soviet Union.
        assert!(stood("Z135", (1970, 5, 1)) && !stood("Z135", (1995, 5, 1)));
    }

    #[test]
    fn the_register_says_the_same_of_every_code() {
        let mut known_codes = 0;
        for letter in b'A'..=b'Z' {
            for number in 0..1000u16 {
                let code = format!("{}{number:03}", char::from(letter));
                known_codes += usize::from(known(&code));
            }
        }
        let named: std::collections::BTreeSet<&str> = include_str!("register.tsv")
            .lines()
            .map(|line| &line[..4])
            .collect();
        assert!(named.iter().all(|code| known(code)));
        assert!(
            known_codes >= named.len() && named.len() > 10_000,
            "{known_codes}"
        );
        for line in include_str!("register.tsv").lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            let date = |text: &str| {
                let parts: Vec<u16> = text.split('-').map(|part| part.parse().unwrap()).collect();
                day(parts[0], parts[1] as u8, parts[2] as u8)
            };
            let place = PlaceIndex::parse(cells[0]).unwrap();
            let earliest = day(1900, 1, 1);
            let from = if cells[3].is_empty() {
                earliest
            } else {
                date(cells[3]).max(earliest)
            };
            let to = if cells[4].is_empty() {
                day(2040, 1, 1)
            } else {
                date(cells[4])
            };
            if to >= from {
                assert!(place.stood(from) && place.stood(to), "{line}");
            }
        }
    }
}
