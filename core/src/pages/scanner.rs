//! Walking through a photo's file once, noting which parts go into the PDF.

use std::io::{self, BufRead, BufReader, Read};

use super::MAX_PHOTO_BYTES;
use super::error::PagesError;

/// Into how many parts a photo may be cut; ordinary ones have some ten, PNGs of 50 MB some thousand.
const MAX_PIECES: usize = 65_536;

/// A part of what goes into the PDF.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes of ours.
    Literal(Vec<u8>),
    /// Bytes of the photo's file.
    Range { at: u64, len: u64 },
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        match self {
            Piece::Literal(bytes) => bytes.len() as u64,
            Piece::Range { len, .. } => *len,
        }
    }
}

/// How a photo's bytes become a picture.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Jpeg {
        /// 1, 3 or 4.
        components: u8,
        /// Adobe's CMYK is written upside down.
        inverted: bool,
        /// Three components that are red, green and blue, where readers would assume otherwise.
        plain_rgb: bool,
    },
    Png {
        bits: u8,
        /// 1 or 3; 1 with a palette.
        channels: u8,
        palette: Option<Vec<u8>>,
    },
}

/// A photo, found out about.
#[derive(Debug)]
pub(super) struct Photo {
    /// Its place among the photos, from 1.
    pub(super) page: u32,
    /// In pixels, as stored.
    pub(super) width: u32,
    pub(super) height: u32,
    /// How it is to be turned, 1 to 8 as in EXIF.
    pub(super) orientation: u8,
    pub(super) encoding: Encoding,
    pub(super) pieces: Vec<Piece>,
    /// How many bytes of the file were looked at, and their fingerprint.
    pub(super) end: u64,
    pub(super) fingerprint: u64,
}

impl Photo {
    /// How many bytes go into the PDF.
    pub(super) fn len(&self) -> u64 {
        self.pieces.iter().map(Piece::len).sum()
    }
}

/// FNV-1a: tells a photo that changed by accident; nobody gains by deceiving it.
#[derive(Clone, Copy)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    pub(super) const fn new() -> Fingerprint {
        Fingerprint(0xCBF2_9CE4_8422_2325)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
        });
    }

    pub(super) const fn value(self) -> u64 {
        self.0
    }
}

/// Reads a photo's file forward and gathers the pieces.
pub(super) struct Scanner {
    pub(super) page: u32,
    reader: BufReader<Box<dyn Read + Send>>,
    at: u64,
    fingerprint: Fingerprint,
    pieces: Vec<Piece>,
}

impl Scanner {
    pub(super) fn new(page: u32, reader: Box<dyn Read + Send>) -> Scanner {
        Scanner {
            page,
            reader: BufReader::with_capacity(32 * 1024, reader),
            at: 0,
            fingerprint: Fingerprint::new(),
            pieces: Vec::new(),
        }
    }

    /// How many bytes have been read.
    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    pub(super) const fn damaged(&self, detail: &'static str) -> PagesError {
        PagesError::Damaged {
            page: self.page,
            detail,
        }
    }

    pub(super) const fn unsupported(&self, detail: &'static str) -> PagesError {
        PagesError::Unsupported {
            page: self.page,
            detail,
        }
    }

    /// The next bytes, exactly so many; callers ask for at most 64 KiB.
    pub(super) fn bytes(&mut self, len: usize) -> Result<Vec<u8>, PagesError> {
        let mut bytes = Vec::with_capacity(len);
        while bytes.len() < len {
            let missing = len - bytes.len();
            self.advance(|buffer| {
                let now = buffer.get(..missing).unwrap_or(buffer);
                bytes.extend_from_slice(now);
                now.len()
            })?;
        }
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, PagesError> {
        let mut byte = 0;
        self.advance(|buffer| {
            byte = buffer.first().copied().unwrap_or_default();
            1
        })?;
        Ok(byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, PagesError> {
        Ok(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    pub(super) fn u32(&mut self) -> Result<u32, PagesError> {
        Ok(u32::from(self.u16()?) << 16 | u32::from(self.u16()?))
    }

    pub(super) fn skip(&mut self, mut len: u64) -> Result<(), PagesError> {
        while len > 0 {
            self.advance(|buffer| {
                let now = buffer.len().min(usize::try_from(len).unwrap_or(usize::MAX));
                len -= now as u64;
                now
            })?;
        }
        Ok(())
    }

    /// Reads up to and with the next such byte.
    pub(super) fn skip_past(&mut self, wanted: u8) -> Result<(), PagesError> {
        let mut found = false;
        while !found {
            self.advance(|buffer| match buffer.iter().position(|&byte| byte == wanted) {
                Some(at) => {
                    found = true;
                    at + 1
                }
                None => buffer.len(),
            })?;
        }
        Ok(())
    }

    /// Shows what is buffered, at least one byte, and goes on by as many bytes as `take` says.
    fn advance(&mut self, mut take: impl FnMut(&[u8]) -> usize) -> Result<(), PagesError> {
        let page = self.page;
        let buffer = loop {
            match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(PagesError::Unreadable { page, source }),
                // Not the buffer of the match: a borrow that is returned would last.
                Ok(_) => break self.reader.buffer(),
            }
        };
        if buffer.is_empty() {
            return Err(PagesError::Damaged {
                page,
                detail: "cut short",
            });
        }
        let taken = take(buffer).min(buffer.len());
        self.fingerprint.update(buffer.get(..taken).unwrap_or_default());
        self.at += taken as u64;
        self.reader.consume(taken);
        if self.at > MAX_PHOTO_BYTES {
            return Err(PagesError::TooLarge {
                page,
                limit: MAX_PHOTO_BYTES,
            });
        }
        Ok(())
    }

    /// Notes what has been read since `from`.
    pub(super) fn keep_since(&mut self, from: u64) -> Result<(), PagesError> {
        self.keep(from, self.at)
    }

    /// Notes the file's bytes from `from` up to `to`; what touches the last piece becomes one with it.
    pub(super) fn keep(&mut self, from: u64, to: u64) -> Result<(), PagesError> {
        let more = to.saturating_sub(from);
        if let Some(Piece::Range { at, len }) = self.pieces.last_mut().filter(|_| more > 0)
            && *at + *len == from
        {
            *len += more;
            return Ok(());
        }
        if more > 0 {
            self.push(Piece::Range { at: from, len: more })
        } else {
            Ok(())
        }
    }

    /// Notes bytes of ours.
    pub(super) fn keep_literal(&mut self, bytes: Vec<u8>) -> Result<(), PagesError> {
        self.push(Piece::Literal(bytes))
    }

    fn push(&mut self, piece: Piece) -> Result<(), PagesError> {
        if self.pieces.len() == MAX_PIECES {
            return Err(PagesError::TooLarge {
                page: self.page,
                limit: MAX_PHOTO_BYTES,
            });
        }
        self.pieces.push(piece);
        Ok(())
    }

    /// Ends the walk: nothing after this goes into the PDF.
    pub(super) fn finish(self, size: (u32, u32), orientation: u8, encoding: Encoding) -> Photo {
        Photo {
            page: self.page,
            width: size.0,
            height: size.1,
            orientation,
            encoding,
            pieces: self.pieces,
            end: self.at,
            fingerprint: self.fingerprint.value(),
        }
    }
}
