//! Reads `existence.bin`, which is packed so that a page downloads little of it: `xtask/src/places/pack.rs` writes it.
//!
//! In this order: patterns, the first days and the last days that occur, a half byte for every code, and which day it is for every period. A number that
//! may be long has seven bits in a byte, the lowest first, and more to come where the eighth is set.

use super::existence::{BLOCK, CODES};

/// The day before which nothing is told apart, 1 January 1900, from 1 January 1861.
const EARLIEST: u16 = 14_244;
/// The last day of a place that is still there.
const OPEN: u16 = u16::MAX;

/// Which codes there are, and when.
pub(super) struct Table {
    /// For every code what is in its half byte: 0 there is none, 1 nothing is recorded, else its pattern.
    pub(super) kinds: Vec<u8>,
    /// How many periods each pattern has.
    pub(super) counts: [u8; 16],
    /// For each block of codes, how many periods the codes before it have.
    pub(super) before: Vec<u16>,
    /// The first and the last day of every period.
    pub(super) periods: Vec<(u16, u16)>,
}

impl Table {
    /// Reads a packed table; what is missing at its end is nothing.
    pub(super) fn unpack(packed: &[u8]) -> Table {
        let mut reader = Reader(packed);
        let mut patterns = [[0u8; 3]; 16];
        let mut counts = [0u8; 16];
        let many = usize::from(reader.byte());
        for (pattern, count) in patterns.iter_mut().zip(&mut counts).skip(2).take(many) {
            *count = reader.byte();
            for kind in pattern.iter_mut().take(usize::from(*count)) {
                *kind = reader.byte();
            }
        }
        let (firsts, lasts) = (reader.days(), reader.days());
        let halves = reader.take(CODES / 2);
        let mut kinds = Vec::with_capacity(CODES);
        for both in halves {
            kinds.push(both & 15);
            kinds.push(both >> 4);
        }
        // What each period is: 0 none at all, 1 from the earliest day, 2 until today, 3 neither.
        let mut periods = Vec::new();
        let mut before = Vec::new();
        for (code, kind) in kinds.iter().enumerate() {
            if code % BLOCK == 0 {
                before.push(u16::try_from(periods.len()).unwrap_or(u16::MAX));
            }
            let (kind, none) = (usize::from(*kind), [0; 3]);
            let count = counts.get(kind).copied().unwrap_or(0);
            let pattern = patterns.get(kind).unwrap_or(&none).iter();
            for kind in pattern.take(usize::from(count)) {
                periods.push((u16::from(*kind), 0));
            }
        }
        let known = |own: u16, other: u16| move |period: &&(u16, u16)| period.0 == own || period.0 == other;
        let first = reader.places(periods.iter().filter(known(2, 3)).count());
        let last = reader.places(periods.iter().filter(known(1, 3)).count());
        let (mut first, mut last) = (first.iter(), last.iter());
        let day = |place: Option<&u16>, days: &[u16]| {
            let place = place.map_or(usize::MAX, |place| usize::from(*place));
            days.get(place).copied().unwrap_or(0)
        };
        for period in &mut periods {
            *period = match period.0 {
                1 => (EARLIEST, day(last.next(), &lasts)),
                2 => (day(first.next(), &firsts), OPEN),
                3 => (day(first.next(), &firsts), day(last.next(), &lasts)),
                _ => (0, 0),
            };
        }
        Table {
            kinds,
            counts,
            before,
            periods,
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(count).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn number(&mut self) -> u16 {
        let low = self.byte();
        let mut number = u16::from(low & 127);
        if low > 127 {
            let middle = self.byte();
            number |= u16::from(middle & 127) << 7;
            if middle > 127 {
                number |= u16::from(self.byte()) << 14;
            }
        }
        number
    }

    /// Days that go up, each by how much.
    fn days(&mut self) -> Vec<u16> {
        let mut day = 0u16;
        let mut days = Vec::new();
        for _ in 0..self.number() {
            day = day.wrapping_add(self.number());
            days.push(day);
        }
        days
    }

    /// So many places among the days: first all low bytes, then all high ones.
    fn places(&mut self, count: usize) -> Vec<u16> {
        let (low, high) = (self.take(count), self.take(count));
        let both = low.iter().zip(high);
        both.map(|(low, high)| u16::from_le_bytes([*low, *high]))
            .collect()
    }
}
