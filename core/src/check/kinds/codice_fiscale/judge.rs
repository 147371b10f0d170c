//! The verdict on 16 characters.

use super::super::date::days_in;
use super::table::{AT, MONTH, WRONG};
use crate::check::FindingCode;
use crate::places::{PlaceIndex, day};

/// The characters of a person's code.
pub(super) const LENGTH: usize = 16;
const MONTH_AT: usize = 8;
const DAY_AT: usize = 9;
const PLACE_AT: usize = 11;

/// What is written in a code that is right.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    /// The last two digits of the year.
    pub(super) year: u8,
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) is_woman: bool,
    pub(super) place: PlaceIndex,
}

impl Parts {
    /// The days on which somebody with this code may have been born: of the twentieth and of this century, where the calendar has them.
    /// The code does not say which, and those born before 1900 are no longer among us.
    pub(super) fn years(self) -> impl Iterator<Item = u16> {
        [1900, 2000]
            .map(|century| century + u16::from(self.year))
            .into_iter()
            .filter(move |year| self.day <= days_in(self.month, is_leap(*year)))
    }

    /// True when on some day that the code may mean the place was there. The table ends in 2040: nobody is born after it who is asked about now.
    #[inline]
    fn place_stood(self) -> bool {
        self.years()
            .filter(|year| *year < 2040)
            .any(|year| self.place.stood(day(year, self.month, self.day)))
    }
}

/// A code that is right but for something to look at has both.
pub(super) struct Verdict {
    pub(super) parts: Parts,
    /// The place is known, and was not there on any day that the code may mean.
    pub(super) is_place_amiss: bool,
}

/// Judges 16 bytes as they are written: characters, calendar, check letter, place. The first thing wrong, and where.
#[inline]
pub(super) fn judge(code: &[u8; LENGTH]) -> Result<Verdict, (FindingCode, usize)> {
    let (mut seen, mut sum) = (0, 0u32);
    let mut stands_for = [0u8; LENGTH];
    for ((byte, table), stands_for) in code.iter().zip(AT).zip(&mut stands_for) {
        let entry = table.of(*byte);
        seen |= entry;
        let [counts, value] = entry.to_le_bytes();
        sum += u32::from(counts);
        *stands_for = value;
    }
    if seen & WRONG != 0 {
        return Err(wrong_character(code));
    }
    let [.., y1, y2, month, d1, d2, _, p1, p2, p3, check] = stands_for;
    let month = MONTH.get(usize::from(month)).copied().unwrap_or(0);
    if month == 0 {
        return Err((FindingCode::CodiceFiscaleMonth, MONTH_AT));
    }
    let (year, written) = (y1 * 10 + y2, d1 * 10 + d2);
    // A woman's day is written with 40 more.
    let is_woman = written > 40;
    let day = if is_woman { written - 40 } else { written };
    // The century is not in the code: 29 February is wrong only when no century has it, and of the centuries 2000 was a leap year.
    if day == 0 || day > days_in(month, year.is_multiple_of(4)) {
        return Err((FindingCode::CodiceFiscaleDate, DAY_AT));
    }
    // The check letter was counted with the others, its own number.
    let check = u32::from(check);
    if (sum - check) % 26 != check {
        return Err((FindingCode::CodiceFiscaleCheck, LENGTH - 1));
    }
    let place = PlaceIndex::new(code[PLACE_AT], [p1, p2, p3]);
    if !place.is_known() {
        return Err((FindingCode::CodiceFiscalePlaceUnknown, PLACE_AT));
    }
    let parts = Parts {
        year,
        month,
        day,
        is_woman,
        place,
    };
    Ok(Verdict {
        parts,
        is_place_amiss: !parts.place_stood(),
    })
}

/// The letter that fits the first fifteen characters as they are written.
pub(super) fn check_letter(code: &[u8; LENGTH]) -> u8 {
    let counts = code.iter().zip(AT).take(LENGTH - 1);
    let sum: u32 = counts
        .map(|(byte, table)| u32::from(table.of(*byte).to_le_bytes()[0]))
        .sum();
    b'A' + u8::try_from(sum % 26).unwrap_or(0)
}

pub(super) fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cold]
fn wrong_character(code: &[u8; LENGTH]) -> (FindingCode, usize) {
    let mut places = code.iter().zip(AT);
    let at = places
        .position(|(byte, table)| table.of(*byte) == WRONG)
        .unwrap_or(0);
    (FindingCode::CodiceFiscaleCharacter, at)
}
