//! What every character of a codice fiscale stands for, as tables by its byte: a check is one pass over 16 bytes.

/// In every table: this byte can't stand there.
pub(super) const WRONG: u16 = 0x8000;
/// The letters that stand for 0 to 9 in omocodia.
pub(super) const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// January to December.
pub(super) const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// The seven places of digits.
pub(super) const DIGITS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];

/// What a character counts in an odd place (the first is odd), for 0–9 and A–Z alike by its number: D.M. 23 December 1976. In an even place it
/// counts its number.
const ODD_WEIGHTS: [u8; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/// One entry for every byte: what it counts for the check letter, and in the high byte what it stands for: the digit, itself or in omocodia; of a
/// letter its number. Or [`WRONG`].
pub(super) struct Table([u16; 256]);

impl Table {
    #[inline]
    pub(super) fn of(&self, byte: u8) -> u16 {
        self.0.get(usize::from(byte)).copied().unwrap_or(WRONG)
    }
}

static ODD_LETTER: Table = table(true, false);
static EVEN_LETTER: Table = table(false, false);
static ODD_DIGIT: Table = table(true, true);
static EVEN_DIGIT: Table = table(false, true);

/// The table of each place, `SSSNNNYYMDDPPPPC`.
pub(super) static AT: [&Table; 16] = [
    &ODD_LETTER,
    &EVEN_LETTER,
    &ODD_LETTER,
    &EVEN_LETTER,
    &ODD_LETTER,
    &EVEN_LETTER,
    &ODD_DIGIT,
    &EVEN_DIGIT,
    &ODD_LETTER,
    &EVEN_DIGIT,
    &ODD_DIGIT,
    &EVEN_LETTER,
    &ODD_DIGIT,
    &EVEN_DIGIT,
    &ODD_DIGIT,
    &EVEN_LETTER,
];

/// The month of a letter by its number, 1 to 12, or 0.
pub(super) static MONTH: [u8; 26] = months();

/// The digit that a character stands for, itself or in omocodia.
pub(super) fn digit(byte: u8) -> Option<u8> {
    let entry = EVEN_DIGIT.of(byte);
    (entry != WRONG).then_some((entry >> 8) as u8)
}

#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where a wrong index is an error of the build"
)]
const fn table(odd: bool, digits: bool) -> Table {
    let mut table = [WRONG; 256];
    let mut number = 0;
    while number < if digits { 10 } else { 26 } {
        if digits {
            table[(b'0' + number) as usize] = entry(odd, number, number);
            let letter = OMOCODIA[number as usize];
            table[letter as usize] = entry(odd, letter - b'A', number);
        } else {
            table[(b'A' + number) as usize] = entry(odd, number, number);
        }
        number += 1;
    }
    Table(table)
}

#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where a wrong index is an error of the build"
)]
const fn entry(odd: bool, number: u8, stands_for: u8) -> u16 {
    let counts = if odd { ODD_WEIGHTS[number as usize] } else { number };
    counts as u16 | (stands_for as u16) << 8
}

#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where a wrong index is an error of the build"
)]
const fn months() -> [u8; 26] {
    let mut table = [0; 26];
    let mut month = 0;
    while month < 12 {
        table[(MONTHS[month] - b'A') as usize] = month as u8 + 1;
        month += 1;
    }
    table
}
