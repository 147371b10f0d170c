use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::JsonFileError;

/// Base64 is gathered up to here and decoded at once: escapes cut it into short runs, decoding likes long ones.
const PIECE: usize = 64 * 1024;

/// Decodes base64 that comes in runs of any length. Strict: padding where it belongs, and nothing after it.
pub(super) struct Base64Decoder {
    /// Not yet decoded; at most [`PIECE`].
    pending: Vec<u8>,
    decoded: Vec<u8>,
    padded: bool,
    len: u64,
    max: u64,
    /// Where in the answer the run pushed last began, for errors.
    at: u64,
}

impl Base64Decoder {
    pub(super) const fn new(max: u64) -> Base64Decoder {
        Base64Decoder {
            pending: Vec::new(),
            decoded: Vec::new(),
            padded: false,
            len: 0,
            max,
            at: 0,
        }
    }

    /// How many bytes went out.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn push(
        &mut self,
        mut base64: &[u8],
        at: u64,
        out: &mut super::Sink<'_>,
    ) -> Result<(), JsonFileError> {
        self.at = at;
        while !base64.is_empty() {
            let room = PIECE.saturating_sub(self.pending.len());
            let (now, later) = base64.split_at_checked(room).unwrap_or((base64, &[]));
            self.pending.extend_from_slice(now);
            base64 = later;
            if self.pending.len() == PIECE {
                self.flush(out)?;
            }
        }
        Ok(())
    }

    /// Decodes every complete group of four.
    pub(super) fn flush(&mut self, out: &mut super::Sink<'_>) -> Result<(), JsonFileError> {
        let whole = self.pending.len() / 4 * 4;
        let Some((groups, _)) = self.pending.split_at_checked(whole).filter(|_| whole > 0) else {
            return Ok(());
        };
        if self.padded {
            return Err(JsonFileError::Base64 { near: self.at });
        }
        self.decoded.resize(PIECE / 4 * 3, 0);
        let len = STANDARD
            .decode_slice(groups, &mut self.decoded)
            .map_err(|_| JsonFileError::Base64 { near: self.at })?;
        self.padded = groups.ends_with(b"=");
        self.len += len as u64;
        if self.len > self.max {
            return Err(JsonFileError::FileTooLarge { limit: self.max });
        }
        let done = self.decoded.get(..len).unwrap_or_default();
        out(done).map_err(JsonFileError::Sink)?;
        self.pending.drain(..whole);
        Ok(())
    }

    /// Ends the file: no group may be left half.
    pub(super) fn finish(&mut self, out: &mut super::Sink<'_>) -> Result<(), JsonFileError> {
        self.flush(out)?;
        if self.pending.is_empty() {
            Ok(())
        } else {
            Err(JsonFileError::Base64 { near: self.at })
        }
    }
}

/// The value of a hexadecimal digit.
pub(super) const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
