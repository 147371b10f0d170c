//! The verdict on 16 characters.

use super::super::date::days_in;
use super::table::{DIGIT, DIGITS, EVEN, MONTH, ODD, WRONG};
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

    /// True when on some day that the code may mean the place was there.
    #[inline]
    fn place_stood(self) -> bool {
        self.years()
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
    let mut sum = 0u32;
    let mut seen = 0u8;
    for pair in code.chunks_exact(2) {
        if let [odd, even] = pair {
            let (odd, even) = (ODD.of(*odd), EVEN.of(*even));
            seen |= odd | even;
            sum += u32::from(odd) + u32::from(even);
        }
    }
    // The last character is the check letter: it was counted with the others, and counts its own number.
    let letter = EVEN.of(code[15]);
    let digits = DIGITS.map(|at| code.get(at).map_or(WRONG, |byte| DIGIT.of(*byte)));
    let [y1, y2, d1, d2, p1, p2, p3] = digits;
    seen |= y1 | y2 | d1 | d2 | p1 | p2 | p3;
    let [s1, s2, s3, n1, n2, n3, ..] = *code;
    let are_letters = [s1, s2, s3, n1, n2, n3, code[MONTH_AT], code[PLACE_AT], code[15]]
        .iter()
        .all(u8::is_ascii_uppercase);
    if seen & WRONG != 0 || !are_letters {
        return Err(wrong_character(code));
    }
    let month = MONTH.of(code[MONTH_AT]);
    if month & WRONG != 0 {
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
    if (sum - u32::from(letter)) % 26 != u32::from(letter) {
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
    let counts = code.iter().take(LENGTH - 1).enumerate().map(|(at, byte)| {
        u32::from(if at % 2 == 0 {
            ODD.of(*byte)
        } else {
            EVEN.of(*byte)
        })
    });
    b'A' + u8::try_from(counts.sum::<u32>() % 26).unwrap_or(0)
}

pub(super) fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cold]
fn wrong_character(code: &[u8; LENGTH]) -> (FindingCode, usize) {
    let fits = |(at, byte): (usize, &u8)| {
        if DIGITS.contains(&at) {
            DIGIT.of(*byte) != WRONG
        } else {
            byte.is_ascii_uppercase()
        }
    };
    let at = code.iter().enumerate().position(|one| !fits(one)).unwrap_or(0);
    (FindingCode::CodiceFiscaleCharacter, at)
}
