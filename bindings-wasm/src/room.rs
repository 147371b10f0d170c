//! The room that JavaScript and the core share: two lists in WASM's memory that the caller writes before a call, and two that a call leaves its answer in.
//!
//! Only numbers pass in a call itself. A page checks at every key, and an object or a text for every answer would cost more than the check; what would turn
//! them into each other would be a fifth of the download.

use std::cell::RefCell;

use sportello::check::Given;
use sportello::model::Attachment;
use wasm_bindgen::prelude::*;

use crate::files::with_files;

/// In place of a length: not answered.
const ABSENT: u32 = u32::MAX;
/// Added to the number of a file, in place of a length.
const FILE: u32 = 1 << 31;

#[derive(Default)]
struct Room {
    /// The lengths of what was written, in bytes.
    lengths: Vec<u32>,
    /// What was written, one behind the other, in UTF-8.
    texts: Vec<u8>,
}

thread_local! {
    static ROOM: RefCell<Room> = const { RefCell::new(Room { lengths: Vec::new(), texts: Vec::new() }) };
    static ANSWER: RefCell<Answer> = const { RefCell::new(Answer { words: Vec::new(), text: String::new() }) };
}

/// Makes room for so many lengths; where they are to be written.
#[wasm_bindgen]
#[must_use]
pub fn lengths(count: usize) -> *mut u32 {
    ROOM.with_borrow_mut(|room| {
        if room.lengths.len() < count {
            room.lengths.resize(count, 0);
        }
        room.lengths.as_mut_ptr()
    })
}

/// Makes room for so many bytes of texts; where they are to be written.
#[wasm_bindgen]
#[must_use]
pub fn texts(bytes: usize) -> *mut u8 {
    ROOM.with_borrow_mut(|room| {
        if room.texts.len() < bytes {
            room.texts.resize(bytes, 0);
        }
        room.texts.as_mut_ptr()
    })
}

/// What was written, piece by piece.
pub(crate) struct Written<'a> {
    lengths: std::slice::Iter<'a, u32>,
    texts: &'a [u8],
    files: &'a [Option<Attachment>],
}

impl<'a> Written<'a> {
    /// The next piece's bytes; nothing for what was not given.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = *self.lengths.next()?;
        let (bytes, rest) = self.texts.split_at_checked(length as usize)?;
        self.texts = rest;
        Some(bytes)
    }

    /// The next piece as a text.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// The next piece as an answer.
    pub(crate) fn answer(&mut self) -> Option<Given<'a>> {
        let length = *self.lengths.as_slice().first()?;
        if length == ABSENT || length & FILE == 0 {
            return self.text().map(Given::Text);
        }
        self.lengths.next();
        let file = self.files.get((length & !FILE) as usize)?;
        file.as_ref().map(Given::File)
    }

    /// The next pieces as answers, one for every field.
    #[inline(never)]
    pub(crate) fn answers(&mut self, fields: usize) -> Vec<Option<Given<'a>>> {
        let mut answers = Vec::with_capacity(fields);
        for _ in 0..fields {
            answers.push(self.answer());
        }
        answers
    }
}

/// What a call leaves behind.
pub(crate) struct Answer {
    /// How many findings; where the text is and how long; what else the call says; then the findings, and whatever numbers follow.
    pub(crate) words: Vec<u32>,
    /// The texts of the findings, then what else the call says.
    pub(crate) text: String,
}

/// Calls with what was written and with a place for the answer; where that is, or 0 for an answer that says nothing. Not generic: there is one of it.
#[inline(never)]
pub(crate) fn answering(call: &dyn Fn(&mut Written<'_>, &mut Answer)) -> *const u32 {
    ROOM.with_borrow(|room| {
        with_files(&mut |files| {
            ANSWER.with_borrow_mut(|answer| {
                answer.words.clear();
                answer.words.resize(HEADER, 0);
                answer.text.clear();
                let mut written = Written {
                    lengths: room.lengths.iter(),
                    texts: &room.texts,
                    files,
                };
                call(&mut written, answer);
                answer.finished()
            })
        })
    })
}

/// The words before the findings.
const HEADER: usize = 4;

impl Answer {
    /// Says something of the call's own.
    pub(crate) fn say(&mut self, what: u32) {
        self.set(3, what);
    }

    /// An error to be thrown, with its code.
    pub(crate) fn fail(&mut self, code: &str, detail: &str) {
        self.say(ABSENT);
        self.text.clear();
        self.text.push_str(code);
        self.text.push('\u{1f}');
        self.text.push_str(detail);
    }

    pub(crate) fn counted(&mut self) {
        let count = self.words.first().map_or(0, |count| count + 1);
        self.set(0, count);
    }

    fn set(&mut self, at: usize, what: u32) {
        if let Some(word) = self.words.get_mut(at) {
            *word = what;
        }
    }

    fn finished(&mut self) -> *const u32 {
        if self.words.iter().all(|word| *word == 0) && self.text.is_empty() {
            return std::ptr::null();
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "an address of WASM's memory has 32 bits"
        )]
        self.set(1, self.text.as_ptr() as usize as u32);
        self.set(2, word(self.text.len()));
        self.words.as_ptr()
    }
}

/// A count or a place as a word.
pub(crate) fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
