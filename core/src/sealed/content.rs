//! What is in the pieces: the first one holds conditions, texts and the files' descriptions, the others the files' content in order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::pieces::{Cipher, Opened, PIECE, Pieces, Sealing};
use super::{Label, unavailable};
use crate::error::{ErrorCode, SportelloError};
use crate::model::{Answer, Answers, Attachment, HEAD_BYTES, Source, SourceReader, TAIL_BYTES};
use crate::verb::{Conditions, Kept};

#[derive(Serialize, Deserialize)]
struct First {
    conditions: Conditions,
    texts: BTreeMap<String, String>,
    files: Vec<Described>,
}

#[derive(Serialize, Deserialize)]
struct Described {
    key: String,
    name: String,
    mime: String,
    size: u64,
}

pub(super) fn write(
    kept: &Kept,
    label: &Label,
    cipher: &Cipher,
    file: &mut File,
) -> Result<(), SportelloError> {
    let (mut texts, mut files, mut contents) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (key, answer) in kept.answers.iter() {
        match answer {
            Answer::Text(text) => {
                texts.insert(key.to_owned(), text.clone());
            }
            Answer::File { file } => {
                let no_content = || unreadable(key, "only its description was given, not its content");
                contents.push((key, file.size, file.source.clone().ok_or_else(no_content)?));
                files.push(Described {
                    key: key.to_owned(),
                    name: file.name.clone(),
                    mime: file.mime.clone(),
                    size: file.size,
                });
            }
        }
    }
    let first = First {
        conditions: kept.conditions.clone(),
        texts,
        files,
    };
    let first = serde_json::to_vec(&first).map(Zeroizing::new);
    let mut sealing = Sealing::begin(cipher, label, file)?;
    sealing.piece(&first.map_err(|_| SportelloError::new(ErrorCode::Internal))?)?;
    for (key, size, content) in contents {
        write_file(&mut sealing, key, size, &content)?;
    }
    Ok(())
}

fn write_file(
    sealing: &mut Sealing<'_>,
    key: &str,
    size: u64,
    content: &Source,
) -> Result<(), SportelloError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => changed(key),
        io::ErrorKind::Unsupported => unreadable(key, "only the host can read it"),
        kind => unreadable(key, &kind.to_string()),
    };
    let mut reader = content.open().map_err(failed)?;
    let (mut left, mut plain) = (size, Zeroizing::new(vec![0; PIECE]));
    while left > 0 {
        let length = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let piece = plain.get_mut(..length).unwrap_or_default();
        reader.read_exact(piece).map_err(failed)?;
        sealing.piece(piece)?;
        left -= length as u64;
    }
    // Longer than it was when it was checked.
    match reader.read(&mut [0]).map_err(failed)? {
        0 => Ok(()),
        _ => Err(changed(key)),
    }
}

fn unreadable(key: &str, why: &str) -> SportelloError {
    SportelloError::new(ErrorCode::AttachmentUnreadable).detail(format!("field `{key}`: {why}"))
}

fn changed(key: &str) -> SportelloError {
    SportelloError::new(ErrorCode::AttachmentChanged).detail(format!("field `{key}`"))
}

pub(super) fn read(opened: &Opened) -> Result<Kept, SportelloError> {
    let first = opened.pieces(0, 0).and_then(|mut pieces| pieces.next_piece());
    let first = first.map_err(failed)?;
    let (mut place, mut offset) = (1, Opened::length_of(first.len() as u64));
    let damaged = |_| SportelloError::new(ErrorCode::SealedDamaged);
    let First {
        conditions,
        texts,
        files,
    } = serde_json::from_slice(&first).map_err(damaged)?;
    let mut answers = Answers::new();
    for (key, text) in texts {
        answers.set(key, text);
    }
    for Described {
        key,
        name,
        mime,
        size,
    } in files
    {
        let content = Content {
            opened: opened.clone(),
            place,
            offset,
            size,
        };
        let (full, rest) = (size / PIECE as u64, size % PIECE as u64);
        place += full + u64::from(rest > 0);
        offset += full * Opened::length_of(PIECE as u64);
        offset += if rest > 0 { Opened::length_of(rest) } else { 0 };
        answers.set(key, content.attachment(name, mime).map_err(failed)?);
    }
    Ok(Kept { conditions, answers })
}

fn failed(error: io::Error) -> SportelloError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => ErrorCode::SealedDamaged.into(),
        _ => unavailable(&error),
    }
}

/// One file's content, where it is sealed.
#[derive(Clone)]
struct Content {
    opened: Opened,
    place: u64,
    offset: u64,
    size: u64,
}

impl Content {
    /// Its first and last bytes are opened at once, the rest when it is sent.
    fn attachment(self, name: String, mime: String) -> io::Result<Attachment> {
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        self.from(0)?.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        let tail_from = self.size.saturating_sub(TAIL_BYTES as u64);
        self.from(tail_from)?.read_to_end(&mut tail)?;
        Ok(Attachment {
            name,
            mime,
            size: self.size,
            head,
            tail,
            source: Some(Source::Reader(Arc::new(self))),
        })
    }

    /// A reader from this byte on, which opens no piece before it.
    fn from(&self, byte: u64) -> io::Result<Reading> {
        let before = byte / PIECE as u64;
        let offset = self.offset + before * Opened::length_of(PIECE as u64);
        let mut reading = Reading {
            pieces: self.opened.pieces(self.place + before, offset)?,
            left: self.size - before * PIECE as u64,
            piece: Zeroizing::default(),
            at: 0,
        };
        let within = byte % PIECE as u64;
        io::copy(&mut reading.by_ref().take(within), &mut io::sink())?;
        Ok(reading)
    }
}

impl SourceReader for Content {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(self.from(0)?))
    }
}

struct Reading {
    pieces: Pieces,
    /// Bytes in the pieces that were not opened yet.
    left: u64,
    piece: Zeroizing<Vec<u8>>,
    /// How much of the open piece was read.
    at: usize,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() && self.left > 0 {
            self.piece = self.pieces.next_piece()?;
            self.at = 0;
            self.left = (self.left.checked_sub(self.piece.len() as u64)).ok_or(io::ErrorKind::InvalidData)?;
        }
        let ready = self.piece.get(self.at..).unwrap_or_default();
        let length = ready.len().min(buffer.len());
        if let (Some(room), Some(bytes)) = (buffer.get_mut(..length), ready.get(..length)) {
            room.copy_from_slice(bytes);
        }
        self.at += length;
        Ok(length)
    }
}
