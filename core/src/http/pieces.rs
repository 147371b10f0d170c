//! A body in pieces: files are read, encoded and checked while it is sent.

use std::collections::VecDeque;
use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{Failure, Segment};
use crate::model::Source;

/// How much of a file is read at once: a multiple of three, so that its base64 has no padding inside.
pub(crate) const RAW: usize = 48 * 1024;

/// The pieces of a body, in order. The last piece of a file comes only when size and digest are what they were: without it a request is not
/// whole, and the server can't take it for one. Nothing comes after a failure.
pub(crate) struct Pieces {
    segments: VecDeque<Segment>,
    file: Option<Reading>,
}

/// A file that is being read.
struct Reading {
    reader: Box<dyn Read + Send>,
    encoded: bool,
    left: u64,
    digest: Sha256,
    sha256: Option<String>,
}

impl Pieces {
    pub(crate) fn new(segments: &[Segment]) -> Pieces {
        Pieces {
            segments: segments.iter().cloned().collect(),
            file: None,
        }
    }

    fn open(
        &mut self,
        source: &Source,
        encoded: bool,
        size: u64,
        sha256: Option<String>,
    ) -> Result<(), Failure> {
        self.file = Some(Reading {
            reader: open(source).map_err(unreadable)?,
            encoded,
            left: size,
            digest: Sha256::new(),
            sha256,
        });
        Ok(())
    }

    fn next_piece(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        loop {
            if let Some(file) = &mut self.file {
                let piece = file.read()?;
                if file.left == 0 {
                    self.file = None;
                }
                if piece.is_empty() {
                    continue;
                }
                return Ok(Some(piece));
            }
            match self.segments.pop_front() {
                None => return Ok(None),
                Some(Segment::Bytes(bytes)) if !bytes.is_empty() => return Ok(Some(bytes)),
                Some(Segment::Text(text)) if !text.is_empty() => return Ok(Some(text.into_bytes())),
                Some(Segment::Bytes(_) | Segment::Text(_)) => {}
                Some(Segment::Base64 { source, size, sha256 }) => self.open(&source, true, size, sha256)?,
                Some(Segment::File { source, size, sha256 }) => self.open(&source, false, size, sha256)?,
            }
        }
    }
}

impl Iterator for Pieces {
    type Item = Result<Vec<u8>, Failure>;

    fn next(&mut self) -> Option<Result<Vec<u8>, Failure>> {
        let next = self.next_piece();
        if next.is_err() {
            self.segments.clear();
            self.file = None;
        }
        next.transpose()
    }
}

impl Reading {
    fn read(&mut self) -> Result<Vec<u8>, Failure> {
        let want = self.left.min(RAW as u64);
        let mut raw = Vec::with_capacity(RAW);
        let reader = &mut self.reader;
        reader.take(want).read_to_end(&mut raw).map_err(unreadable)?;
        if raw.len() as u64 != want {
            return Err(Failure::SourceChanged);
        }
        self.digest.update(&raw);
        self.left -= want;
        if self.left == 0 {
            self.ends_here()?;
        }
        Ok(if self.encoded {
            STANDARD.encode(raw).into_bytes()
        } else {
            raw
        })
    }

    /// True to what was announced: no longer, and of the same digest.
    fn ends_here(&mut self) -> Result<(), Failure> {
        let reader = &mut self.reader;
        let longer = reader.take(1).read_to_end(&mut Vec::new()).map_err(unreadable)? > 0;
        let found = hex(&std::mem::take(&mut self.digest).finalize());
        let other = (self.sha256.as_ref()).is_some_and(|known| !known.eq_ignore_ascii_case(&found));
        if longer || other {
            Err(Failure::SourceChanged)
        } else {
            Ok(())
        }
    }
}

fn unreadable(_: io::Error) -> Failure {
    Failure::SourceUnreadable
}

fn open(source: &Source) -> io::Result<Box<dyn Read + Send>> {
    // Opening a pipe waits for its other end, for ever; a folder opens and then can't be read.
    if let Source::Path(path) = source
        && !std::fs::metadata(path)?.is_file()
    {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    source.open()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
