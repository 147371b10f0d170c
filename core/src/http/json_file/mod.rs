//! A JSON answer in which one string is a file in base64, taken apart while it arrives.
//!
//! The provider's deliveries are such answers, of 100 MB and more. The file's bytes go out as they come in; what stays is
//! the same JSON with that string empty, small enough to be read as a whole. Memory is constant: the rest, one piece of
//! base64 and its decoding.
//!
//! ```
//! use sportello::http::json_file::JsonFileReader;
//!
//! let mut file = Vec::new();
//! let mut reader = JsonFileReader::new(&["data", "file"], 1000);
//! for chunk in [&br#"{"data":{"file":"aGVs"#[..], br#"bG8="}}"#] {
//!     reader.push(chunk, &mut |bytes| { file.extend_from_slice(bytes); Ok(()) })?;
//! }
//! let answer = reader.finish()?;
//! assert_eq!(file, b"hello");
//! assert_eq!(answer.rest, br#"{"data":{"file":""}}"#);
//! assert_eq!(answer.len, 5);
//! # Ok::<(), sportello::http::json_file::JsonFileError>(())
//! ```

mod decoder;
mod error;
mod number;

use std::{fmt, io};

use decoder::{Base64Decoder, hex_digit};
pub use error::JsonFileError;
use number::Number;

/// The longest rest that is kept: 1 MiB, as for any answer in memory.
pub const MAX_REST_BYTES: usize = super::MAX_INLINE_BYTES;
/// How deep arrays and objects may be nested.
pub const MAX_DEPTH: usize = 64;
/// The longest key of an object, in bytes as written.
pub const MAX_KEY_BYTES: usize = 1024;

/// What came in. `Debug` never shows the rest: answers echo the applicant.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonFile {
    /// The JSON with the file's string emptied: complete, well-formed, at most [`MAX_REST_BYTES`].
    pub rest: Vec<u8>,
    /// How many bytes the file has; 0 also when there was none.
    pub len: u64,
    /// Whether there was a string where the file was expected. An answer with an error has none.
    pub found: bool,
}

impl fmt::Debug for JsonFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonFile")
            .field("len", &self.len)
            .field("found", &self.found)
            .finish_non_exhaustive()
    }
}

/// Reads one such answer, chunk by chunk; chunks may be cut anywhere.
///
/// Strict: JSON as in RFC 8259, standard base64 with its padding and nothing after it, not even a line break. The first
/// byte that does not belong is an error, so that an endless answer of rubbish ends at once.
pub struct JsonFileReader {
    path: &'static [&'static str],
    state: State,
    /// Whether each open container is an object, the outermost first.
    containers: Vec<bool>,
    /// How many of them, from the outermost, lead along the path to the file.
    on_path: usize,
    /// Whether the key read last is the next step of the path.
    key_matches: bool,
    found: bool,
    rest: Vec<u8>,
    /// Where in `rest` the current key begins, its quote included.
    key_at: usize,
    decoder: Base64Decoder,
    /// Bytes taken in before the current chunk.
    before: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value must come; `or_end` right after `[`.
    Value {
        or_end: bool,
    },
    /// A key must come; `or_end` right after `{`.
    Key {
        or_end: bool,
    },
    Colon,
    /// A comma or the end of the container.
    AfterValue,
    String {
        which: Which,
        escape: Escape,
    },
    /// What is left to come of `true`, `false` or `null`.
    Word(&'static [u8]),
    Number(Number),
    /// Only white space may follow.
    Done,
    Failed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Key,
    Text,
    File,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Backslash,
    /// After `\u`: how many digits have come and their value.
    Unicode(u8, u16),
}

/// Where the file's bytes go.
pub type Sink<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;

impl JsonFileReader {
    /// A reader for an answer whose file is at this path of keys, `["data", "file"]`, and has at most `max_file_bytes`
    /// bytes. An empty path never finds a file.
    #[must_use]
    pub fn new(path: &'static [&'static str], max_file_bytes: u64) -> JsonFileReader {
        JsonFileReader {
            path,
            state: State::Value { or_end: false },
            containers: Vec::new(),
            on_path: 0,
            key_matches: false,
            found: false,
            rest: Vec::new(),
            key_at: 0,
            decoder: Base64Decoder::new(max_file_bytes),
            before: 0,
        }
    }

    /// Takes in the next bytes of the answer and hands what they hold of the file to `out`, in pieces of any size.
    ///
    /// # Errors
    /// The first thing that is not as it must be, see [`JsonFileError`]. The reader is then of no more use, and what
    /// went out must be thrown away.
    pub fn push(&mut self, chunk: &[u8], out: &mut Sink<'_>) -> Result<(), JsonFileError> {
        let mut left = chunk;
        while let Some((&byte, after)) = left.split_first() {
            let at = self.before + (chunk.len() - left.len()) as u64;
            let step = match self.state {
                State::String {
                    which: Which::File,
                    escape: Escape::None,
                } if !matches!(byte, b'"' | b'\\') => {
                    // The long way: everything up to the next quote or escape at once.
                    let run = left
                        .iter()
                        .position(|&byte| matches!(byte, b'"' | b'\\'))
                        .unwrap_or(left.len());
                    let (base64, after) = left.split_at_checked(run).unwrap_or((left, &[]));
                    left = after;
                    self.decoder.push(base64, at, out)
                }
                _ => {
                    left = after;
                    self.step(byte, at, out)
                }
            };
            if let Err(error) = step {
                self.state = State::Failed;
                return Err(error);
            }
        }
        self.before += chunk.len() as u64;
        // Nothing that is wrong waits for the next chunk to be found.
        self.decoder
            .flush(out)
            .inspect_err(|_| self.state = State::Failed)
    }

    /// Ends the answer.
    ///
    /// # Errors
    /// [`Truncated`](JsonFileError::Truncated) when something is still open; [`NotUtf8`](JsonFileError::NotUtf8);
    /// [`Failed`](JsonFileError::Failed) after an error of [`push`](JsonFileReader::push).
    pub fn finish(self) -> Result<JsonFile, JsonFileError> {
        match self.state {
            State::Done => {}
            State::Number(number) if number.is_complete() && self.containers.is_empty() => {}
            State::Failed => return Err(JsonFileError::Failed),
            _ => return Err(JsonFileError::Truncated),
        }
        if std::str::from_utf8(&self.rest).is_err() {
            return Err(JsonFileError::NotUtf8);
        }
        Ok(JsonFile {
            rest: self.rest,
            len: self.decoder.len(),
            found: self.found,
        })
    }

    fn step(&mut self, byte: u8, at: u64, out: &mut Sink<'_>) -> Result<(), JsonFileError> {
        match self.state {
            State::String { which, escape } => return self.string(which, escape, byte, at, out),
            State::Number(number) => match number.next(byte) {
                Some(next) => self.state = State::Number(next),
                // What ends a number belongs to what is around it.
                None if number.is_complete() => {
                    self.after_value();
                    return self.step(byte, at, out);
                }
                None => return Err(JsonFileError::Syntax { at }),
            },
            State::Word(word) => match word.split_first() {
                Some((&expected, [])) if byte == expected => self.after_value(),
                Some((&expected, rest)) if byte == expected => self.state = State::Word(rest),
                _ => return Err(JsonFileError::Syntax { at }),
            },
            _ if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') && self.state != State::Failed => {}
            State::Value { or_end } => self.value(or_end, byte, at)?,
            State::Key { or_end } => match byte {
                b'"' => {
                    self.key_at = self.rest.len();
                    self.state = State::String {
                        which: Which::Key,
                        escape: Escape::None,
                    };
                }
                b'}' if or_end => self.close(byte, at)?,
                _ => return Err(JsonFileError::Syntax { at }),
            },
            State::Colon if byte == b':' => self.state = State::Value { or_end: false },
            State::AfterValue => match (byte, self.containers.last()) {
                (b',', Some(true)) => self.state = State::Key { or_end: false },
                (b',', Some(false)) => self.state = State::Value { or_end: false },
                _ => self.close(byte, at)?,
            },
            State::Failed => return Err(JsonFileError::Failed),
            State::Colon | State::Done => return Err(JsonFileError::Syntax { at }),
        }
        self.keep(byte)
    }

    fn value(&mut self, or_end: bool, byte: u8, at: u64) -> Result<(), JsonFileError> {
        let along = self.along_the_path();
        let depth = self.containers.len();
        self.state = match byte {
            b'"' if along && depth == self.path.len() && depth > 0 => {
                if self.found {
                    return Err(JsonFileError::Twice { at });
                }
                self.found = true;
                State::String {
                    which: Which::File,
                    escape: Escape::None,
                }
            }
            b'"' => State::String {
                which: Which::Text,
                escape: Escape::None,
            },
            b'{' | b'[' => {
                if depth == MAX_DEPTH {
                    return Err(JsonFileError::TooDeep { at });
                }
                if along && byte == b'{' {
                    self.on_path += 1;
                }
                self.containers.push(byte == b'{');
                self.key_matches = false;
                if byte == b'{' {
                    State::Key { or_end: true }
                } else {
                    State::Value { or_end: true }
                }
            }
            b']' if or_end => return self.close(byte, at),
            b't' => State::Word(b"rue"),
            b'f' => State::Word(b"alse"),
            b'n' => State::Word(b"ull"),
            b'-' => State::Number(Number::Minus),
            b'0' => State::Number(Number::Zero),
            b'1'..=b'9' => State::Number(Number::Integer),
            _ => return Err(JsonFileError::Syntax { at }),
        };
        Ok(())
    }

    /// Whether the value that comes now is the answer itself, or the value of the key that the path names next.
    fn along_the_path(&self) -> bool {
        self.containers.is_empty() || (self.on_path == self.containers.len() && self.key_matches)
    }

    fn string(
        &mut self,
        which: Which,
        escape: Escape,
        byte: u8,
        at: u64,
        out: &mut Sink<'_>,
    ) -> Result<(), JsonFileError> {
        let mut plain = None;
        let escape = match (escape, byte) {
            (Escape::None, b'"') => {
                match which {
                    Which::Key => {
                        self.keep(byte)?;
                        return self.end_key(at);
                    }
                    Which::Text => {}
                    Which::File => self.decoder.finish(out)?,
                }
                self.after_value();
                return self.keep(byte);
            }
            (Escape::None, b'\\') => Escape::Backslash,
            (Escape::None, 0..=0x1F) => return Err(JsonFileError::Syntax { at }),
            (Escape::None, _) => Escape::None,
            (Escape::Backslash, b'u') => Escape::Unicode(0, 0),
            (Escape::Backslash, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                // Of these only the slash is in base64's alphabet; any other is refused by the decoder.
                plain = Some(if byte == b'/' { b'/' } else { b'\\' });
                Escape::None
            }
            (Escape::Unicode(digits, value), _) => {
                let digit = hex_digit(byte).ok_or(JsonFileError::Syntax { at })?;
                let value = value << 4 | u16::from(digit);
                if digits == 3 {
                    plain = Some(u8::try_from(value).unwrap_or(b'\\'));
                    Escape::None
                } else {
                    Escape::Unicode(digits + 1, value)
                }
            }
            (Escape::Backslash, _) => return Err(JsonFileError::Syntax { at }),
        };
        self.state = State::String { which, escape };
        match which {
            Which::File => plain.map_or(Ok(()), |plain| self.decoder.push(&[plain], at, out)),
            Which::Key if self.rest.len() - self.key_at > MAX_KEY_BYTES => {
                Err(JsonFileError::KeyTooLong { at })
            }
            Which::Key | Which::Text => self.keep(byte),
        }
    }

    fn end_key(&mut self, at: u64) -> Result<(), JsonFileError> {
        // A key may be written with escapes, so it is compared as what it means.
        let raw = self.rest.get(self.key_at..).unwrap_or_default();
        let key: String = serde_json::from_slice(raw).map_err(|_| JsonFileError::Syntax { at })?;
        let depth = self.containers.len();
        self.key_matches = self.on_path == depth
            && depth.checked_sub(1).and_then(|step| self.path.get(step)) == Some(&key.as_str());
        self.state = State::Colon;
        Ok(())
    }

    fn close(&mut self, byte: u8, at: u64) -> Result<(), JsonFileError> {
        let expected = if self.containers.pop() == Some(true) {
            b'}'
        } else {
            b']'
        };
        if byte != expected {
            return Err(JsonFileError::Syntax { at });
        }
        self.on_path = self.on_path.min(self.containers.len());
        self.after_value();
        Ok(())
    }

    fn after_value(&mut self) {
        self.state = if self.containers.is_empty() {
            State::Done
        } else {
            State::AfterValue
        };
    }

    fn keep(&mut self, byte: u8) -> Result<(), JsonFileError> {
        if self.rest.len() == MAX_REST_BYTES {
            return Err(JsonFileError::RestTooLarge);
        }
        self.rest.push(byte);
        Ok(())
    }
}

impl fmt::Debug for JsonFileReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonFileReader({} bytes taken in)", self.before)
    }
}
