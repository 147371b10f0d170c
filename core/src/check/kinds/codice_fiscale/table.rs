//! What every character of a codice fiscale stands for, as tables by its byte: a check is one pass over 16 bytes.

/// In every table: this byte can't stand there.
pub(super) const WRONG: u8 = 0x80;
/// The letters that stand for 0 to 9 in omocodia.
pub(super) const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// January to December.
pub(super) const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// The seven places of digits.
pub(super) const DIGITS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];

/// What a character counts in an odd place (the first is odd), for 0–9 and A–Z alike by its number: D.M. 23 December 1976.
const ODD_WEIGHTS: [u8; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/// One entry for every byte, so that looking one up can't fail.
pub(super) struct Table([u8; 256]);

impl Table {
    #[inline]
    pub(super) fn of(&self, byte: u8) -> u8 {
        self.0.get(usize::from(byte)).copied().unwrap_or(WRONG)
    }
}

/// What a capital or digit counts in an odd place.
pub(super) static ODD: Table = counting(true);
/// What it counts in an even place.
pub(super) static EVEN: Table = counting(false);
/// The digit that a character stands for, itself or in omocodia.
pub(super) static DIGIT: Table = digits();
/// The month's number, 1 to 12.
pub(super) static MONTH: Table = months();

#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where a wrong index is an error of the build"
)]
const fn counting(odd: bool) -> Table {
    let mut table = [WRONG; 256];
    let mut number = 0;
    while number < 26 {
        let counts = if odd { ODD_WEIGHTS[number as usize] } else { number };
        table[(b'A' + number) as usize] = counts;
        if number < 10 {
            table[(b'0' + number) as usize] = counts;
        }
        number += 1;
    }
    Table(table)
}

#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where a wrong index is an error of the build"
)]
const fn digits() -> Table {
    let mut table = [WRONG; 256];
    let mut digit = 0;
    while digit < 10 {
        table[(b'0' + digit) as usize] = digit;
        table[OMOCODIA[digit as usize] as usize] = digit;
        digit += 1;
    }
    Table(table)
}

#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where a wrong index is an error of the build"
)]
const fn months() -> Table {
    let mut table = [WRONG; 256];
    let mut month = 0;
    while month < 12 {
        table[MONTHS[month] as usize] = month as u8 + 1;
        month += 1;
    }
    Table(table)
}
