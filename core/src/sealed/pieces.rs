//! The format: two lines that say what it is, whose, and which key opens it; then pieces.
//!
//! ```text
//! sportello-sealed 1\n
//! {"name":…,"scope":…,"keyId":…}\n
//! random 16 bytes: this file's own
//! per piece: nonce (24) · length of the plain bytes (4, big-endian) · sealed bytes (plain + 16)
//! ```
//!
//! A piece is bound to its file, its file's lines and its place, so that none can be taken from elsewhere, left out before another, or put in
//! another order. The first one says how many bytes follow.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Label, unavailable};
use crate::error::{ErrorCode, SportelloError};
use crate::journal::JournalKey;

/// The plain bytes of a full piece.
pub(super) const PIECE: usize = 64 * 1024;
/// What a piece has besides its plain bytes.
const OVERHEAD: u64 = 24 + 4 + 16;
const TITLE: &str = "sportello-sealed 1\n";
/// No label is longer.
const MOST_LABEL: u64 = 8 * 1024;
/// No piece is longer: the first one holds every text, of which a form has a few hundred at the most.
const MOST_PIECE: usize = 16 * 1024 * 1024;

/// The cipher, under a key made of the journal's for this alone.
#[derive(Clone)]
pub(super) struct Cipher {
    cipher: XChaCha20Poly1305,
    key_id: String,
}

impl Cipher {
    pub(super) fn new(key: &JournalKey) -> Cipher {
        let own = key.derive("sportello sealed 1");
        Cipher {
            cipher: XChaCha20Poly1305::new((&*own).into()),
            key_id: key.id(),
        }
    }

    pub(super) fn key_id(&self) -> &str {
        &self.key_id
    }
}

/// What every piece of a file is bound to: a digest of its beginning, and the piece's place.
fn bound_to(file: &[u8; 32], place: u64) -> [u8; 40] {
    let mut bound = [0; 40];
    let (own, number) = bound.split_at_mut(32);
    own.copy_from_slice(file);
    number.copy_from_slice(&place.to_be_bytes());
    bound
}

/// Writes pieces in order.
pub(super) struct Sealing<'a> {
    cipher: &'a Cipher,
    file: &'a mut File,
    bound: [u8; 32],
    place: u64,
}

impl<'a> Sealing<'a> {
    pub(super) fn begin(
        cipher: &'a Cipher,
        label: &Label,
        file: &'a mut File,
    ) -> Result<Sealing<'a>, SportelloError> {
        let mut own = [0; 16];
        random(&mut own)?;
        let label = serde_json::to_string(label).map_err(|_| SportelloError::new(ErrorCode::Internal))?;
        let mut head = format!("{TITLE}{label}\n").into_bytes();
        head.extend(own);
        file.write_all(&head).map_err(|error| unavailable(&error))?;
        Ok(Sealing {
            cipher,
            file,
            bound: Sha256::digest(&head).into(),
            place: 0,
        })
    }

    pub(super) fn piece(&mut self, plain: &[u8]) -> Result<(), SportelloError> {
        let internal = || SportelloError::new(ErrorCode::Internal);
        let length = u32::try_from(plain.len()).map_err(|_| internal())?;
        if plain.len() > MOST_PIECE {
            return Err(
                SportelloError::new(ErrorCode::SealedUnavailable).detail("the texts are longer than 16 MiB")
            );
        }
        let mut nonce = [0; 24];
        random(&mut nonce)?;
        let aad = bound_to(&self.bound, self.place);
        let payload = Payload {
            msg: plain,
            aad: &aad,
        };
        let sealed = (self.cipher.cipher.encrypt(&nonce.into(), payload)).map_err(|_| internal())?;
        let mut write = |bytes: &[u8]| self.file.write_all(bytes).map_err(|error| unavailable(&error));
        write(&nonce)?;
        write(&length.to_be_bytes())?;
        write(&sealed)?;
        self.place += 1;
        Ok(())
    }
}

fn random(bytes: &mut [u8]) -> Result<(), SportelloError> {
    getrandom::fill(bytes).map_err(|_| {
        SportelloError::new(ErrorCode::SealedUnavailable).detail("the system gives no random bytes")
    })
}

/// Why a file was not opened.
pub(super) enum NotOpened {
    NotThere,
    Damaged,
    Failed(io::Error),
}

impl From<io::Error> for NotOpened {
    fn from(error: io::Error) -> NotOpened {
        match error.kind() {
            io::ErrorKind::NotFound => NotOpened::NotThere,
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => NotOpened::Damaged,
            _ => NotOpened::Failed(error),
        }
    }
}

/// A sealed file whose lines were read: any of its pieces can be read, again and again.
#[derive(Clone)]
pub(super) struct Opened {
    path: PathBuf,
    cipher: Cipher,
    bound: [u8; 32],
    /// Where the pieces begin.
    begin: u64,
}

impl Opened {
    pub(super) fn new(path: &Path, cipher: &Cipher) -> Result<(Label, Opened), NotOpened> {
        let mut file = BufReader::new(File::open(path)?);
        let mut title = [0; TITLE.len()];
        file.read_exact(&mut title)?;
        let mut label = Vec::new();
        file.by_ref().take(MOST_LABEL).read_until(b'\n', &mut label)?;
        let mut own = [0; 16];
        file.read_exact(&mut own)?;
        if title != TITLE.as_bytes() {
            return Err(NotOpened::Damaged);
        }
        let head = [&title[..], &label, &own].concat();
        let label = serde_json::from_slice(&label).map_err(|_| NotOpened::Damaged)?;
        let opened = Opened {
            path: path.to_owned(),
            cipher: cipher.clone(),
            bound: Sha256::digest(&head).into(),
            begin: head.len() as u64,
        };
        Ok((label, opened))
    }

    /// A reader of the pieces from this place on, so many bytes behind the first.
    pub(super) fn pieces(&self, place: u64, offset: u64) -> io::Result<Pieces> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.begin + offset))?;
        Ok(Pieces {
            of: self.clone(),
            file: BufReader::new(file),
            place,
        })
    }

    /// How many bytes of the file a piece of so many plain ones takes.
    pub(super) const fn length_of(plain: u64) -> u64 {
        plain + OVERHEAD
    }
}

/// Reads pieces one after another.
pub(super) struct Pieces {
    of: Opened,
    file: BufReader<File>,
    place: u64,
}

impl Pieces {
    /// The next piece; `InvalidData` where it is not what was sealed in this place.
    pub(super) fn next_piece(&mut self) -> io::Result<Zeroizing<Vec<u8>>> {
        let damaged = || io::Error::from(io::ErrorKind::InvalidData);
        let (mut nonce, mut length) = ([0; 24], [0; 4]);
        self.file.read_exact(&mut nonce)?;
        self.file.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > MOST_PIECE {
            return Err(damaged());
        }
        let mut sealed = vec![0; length + 16];
        self.file.read_exact(&mut sealed)?;
        let aad = bound_to(&self.of.bound, self.place);
        let payload = Payload {
            msg: &sealed,
            aad: &aad,
        };
        self.place += 1;
        let plain = self.of.cipher.cipher.decrypt(&nonce.into(), payload);
        plain.map(Zeroizing::new).map_err(|_| damaged())
    }
}
