//! Reading the document out: our texts, and the pictures straight from the photos' files.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;

use super::pdf::{Document, Part};
use super::scanner::{Fingerprint, Photo, Piece};
use crate::model::Source;

/// A reader of a document, from its first byte.
pub(super) struct DocumentReader {
    document: Arc<Document>,
    /// The part that is being read, and where in it.
    part: usize,
    at: usize,
    open: Option<OpenPhoto>,
    page: u32,
}

impl DocumentReader {
    pub(super) const fn new(document: Arc<Document>) -> DocumentReader {
        DocumentReader {
            document,
            part: 0,
            at: 0,
            open: None,
            page: 1,
        }
    }

    /// The photo that was read last.
    pub(super) const fn page(&self) -> u32 {
        self.page
    }
}

impl Read for DocumentReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(part) = self.document.parts.get(self.part) {
            let read = match part {
                Part::Text(text) => text.get(self.at..).unwrap_or_default().read(buffer)?,
                Part::Photo(source, photo) => {
                    self.page = photo.page;
                    let open = match &mut self.open {
                        Some(open) => open,
                        none => none.insert(OpenPhoto::new(source)?),
                    };
                    open.read(photo, buffer)?
                }
            };
            if read > 0 {
                self.at += read;
                return Ok(read);
            }
            (self.part, self.at, self.open) = (self.part + 1, 0, None);
        }
        Ok(0)
    }
}

/// A photo's file, read forward; only the noted pieces come out.
struct OpenPhoto {
    reader: Box<dyn Read + Send>,
    /// Where in the file we are.
    at: u64,
    piece: usize,
    /// How much of the piece came out.
    done: u64,
    fingerprint: Fingerprint,
}

impl OpenPhoto {
    fn new(source: &Source) -> io::Result<OpenPhoto> {
        Ok(OpenPhoto {
            reader: source.open()?,
            at: 0,
            piece: 0,
            done: 0,
            fingerprint: Fingerprint::new(),
        })
    }

    /// As [`Read::read`]; 0 when the whole picture came out and the file is still the one that was looked through.
    fn read(&mut self, photo: &Photo, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(piece) = photo.pieces.get(self.piece) {
            let left = piece.len() - self.done;
            let read = match piece {
                _ if left == 0 => 0,
                Piece::Literal(bytes) => {
                    let from = usize::try_from(self.done).unwrap_or(usize::MAX);
                    bytes.get(from..).unwrap_or_default().read(buffer)?
                }
                Piece::Range { at, .. } => {
                    self.go_to(at + self.done)?;
                    let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    self.take(buffer.get_mut(..room).unwrap_or_default())?
                }
            };
            if read > 0 {
                self.done += read as u64;
                return Ok(read);
            }
            (self.piece, self.done) = (self.piece + 1, 0);
        }
        self.go_to(photo.end)?;
        if self.fingerprint.value() != photo.fingerprint {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "a photo has changed since its PDF was made",
            ));
        }
        Ok(0)
    }

    fn go_to(&mut self, wanted: u64) -> io::Result<()> {
        let mut skipped = [0; 8 * 1024];
        while self.at < wanted {
            let room = skipped
                .len()
                .min(usize::try_from(wanted - self.at).unwrap_or(usize::MAX));
            self.take(skipped.get_mut(..room).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Reads at least one byte of the file.
    fn take(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        if read == 0 {
            return Err(io::Error::new(
                ErrorKind::UnexpectedEof,
                "a photo is shorter than when its PDF was made",
            ));
        }
        self.at += read as u64;
        self.fingerprint.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
