//! Bodies too large to be held: made while they are sent.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    calendar::Moment,
    zip::{Archive, Crc, Entry, SIZES_AFTER, UTF8, directory, local_header},
};

/// Bytes made at a time. A multiple of three, so that base64 needs no padding before the end.
const PART: usize = 48 * 1024;

/// The name of the pseudo-random file in a large delivery.
const LARGE_NAME: &str = "allegato.bin";

/// The rest of a body, as instructions to make it.
#[derive(Clone, Debug)]
pub struct Stream {
    source: Source,
    suffix: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Source {
    Zeros { left: u64 },
    Noise { bytes: u32 },
    LargeZip(Box<LargeZip>),
}

#[derive(Clone, Debug)]
struct LargeZip {
    /// The archive up to the data of the large file.
    head: Vec<u8>,
    entries: Vec<Entry>,
    when: Moment,
    offset: u32,
    bytes: u32,
}

impl Stream {
    /// So many zeros; their length is not announced.
    #[must_use]
    pub fn zeros(bytes: u64) -> Self {
        Self {
            source: Source::Zeros { left: bytes },
            suffix: Vec::new(),
        }
    }

    /// So many bytes no compressor can shorten, two gigabytes at most.
    #[must_use]
    pub(crate) fn noise(bytes: u64) -> Self {
        Self {
            source: Source::Noise {
                bytes: u32::try_from(bytes).unwrap_or(u32::MAX).min(1 << 31),
            },
            suffix: Vec::new(),
        }
    }

    /// The same, followed by these bytes.
    #[must_use]
    pub(crate) fn followed_by(mut self, suffix: &[u8]) -> Self {
        self.suffix = suffix.to_vec();
        self
    }

    /// How long it is, where that is announced.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "a stream that may be endless is never asked that"
    )]
    pub fn len(&self) -> Option<u64> {
        match &self.source {
            Source::Zeros { .. } => None,
            Source::Noise { bytes } => Some(u64::from(*bytes)),
            Source::LargeZip(zip) => Some(zip.len().div_ceil(3) * 4 + self.suffix.len() as u64),
        }
    }

    /// The parts, one after another, none of them large.
    #[must_use]
    pub fn chunks(self) -> Chunks {
        match self.source {
            Source::Zeros { left } => Chunks(Parts::Zeros { left }),
            Source::Noise { bytes } => Chunks(Parts::Noise(Noise::new(bytes))),
            Source::LargeZip(zip) => Chunks(Parts::Zip {
                pending: zip.head.clone(),
                noise: Noise::new(zip.bytes),
                zip,
                suffix: Some(self.suffix),
            }),
        }
    }
}

impl LargeZip {
    /// What follows the large file's data, once its check sum is known.
    fn tail(&self, crc: u32) -> Vec<u8> {
        let mut bytes = b"PK\x07\x08".to_vec();
        for word in [crc, self.bytes, self.bytes] {
            bytes.extend(word.to_le_bytes());
        }
        let at = self.head.len() as u32 + self.bytes + bytes.len() as u32;
        let mut entries = self.entries.clone();
        entries.push(large_entry(self.offset, crc, self.bytes));
        bytes.extend(directory(&entries, self.when, at));
        bytes
    }

    fn len(&self) -> u64 {
        self.head.len() as u64 + u64::from(self.bytes) + self.tail(0).len() as u64
    }
}

fn large_entry(offset: u32, crc: u32, len: u32) -> Entry {
    Entry {
        name: LARGE_NAME.to_owned(),
        method: 0,
        flags: UTF8 | SIZES_AFTER,
        crc,
        packed: len,
        len,
        offset,
    }
}

/// An archive with a large pseudo-random file added: its length in bytes, and its base64. Two gigabytes at
/// most, which the format holds without its extension for more.
pub(super) fn large_zip(archive: Archive, bytes: u64) -> (u64, Stream) {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(1 << 31);
    let (mut head, entries, when) = archive.into_parts();
    let offset = head.len() as u32;
    head.extend(local_header(&large_entry(offset, 0, 0), when));
    let zip = LargeZip {
        head,
        entries,
        when,
        offset,
        bytes,
    };
    (
        zip.len(),
        Stream {
            source: Source::LargeZip(Box::new(zip)),
            suffix: Vec::new(),
        },
    )
}

/// Bytes no compressor can shorten: xorshift64*.
#[derive(Clone, Debug)]
struct Noise {
    left: u32,
    state: u64,
    crc: Crc,
}

impl Noise {
    fn new(bytes: u32) -> Self {
        Self {
            left: bytes,
            state: 0x9e37_79b9_7f4a_7c15,
            crc: Crc::default(),
        }
    }

    fn fill(&mut self, part: &mut Vec<u8>) {
        let from = part.len();
        let wanted = PART.saturating_sub(from).min(self.left as usize);
        while part.len() < from + wanted {
            self.state ^= self.state >> 12;
            self.state ^= self.state << 25;
            self.state ^= self.state >> 27;
            part.extend(self.state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
        }
        part.truncate(from + wanted);
        self.left -= wanted as u32;
        self.crc.update(part.get(from..).unwrap_or_default());
    }
}

/// A stream's parts.
#[derive(Clone, Debug)]
pub struct Chunks(Parts);

#[derive(Clone, Debug)]
enum Parts {
    Zeros {
        left: u64,
    },
    Noise(Noise),
    Zip {
        /// Bytes made and not yet encoded.
        pending: Vec<u8>,
        noise: Noise,
        zip: Box<LargeZip>,
        /// What follows, until it has been given.
        suffix: Option<Vec<u8>>,
    },
}

impl Iterator for Chunks {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        match &mut self.0 {
            Parts::Zeros { left } => {
                let len = (*left).min(PART as u64);
                *left -= len;
                (len > 0).then(|| vec![0; len as usize])
            }
            Parts::Noise(noise) => {
                let mut part = Vec::new();
                noise.fill(&mut part);
                (!part.is_empty()).then_some(part)
            }
            Parts::Zip {
                pending,
                noise,
                zip,
                suffix,
            } => {
                if noise.left > 0 {
                    noise.fill(pending);
                    if noise.left == 0 {
                        let crc = noise.crc.finish();
                        pending.extend(zip.tail(crc));
                    } else {
                        let whole = pending.len() - pending.len() % 3;
                        let rest = pending.split_off(whole);
                        return Some(STANDARD.encode(std::mem::replace(pending, rest)).into_bytes());
                    }
                }
                let mut last = STANDARD.encode(std::mem::take(pending)).into_bytes();
                last.extend(suffix.take()?);
                Some(last)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::moment;

    #[test]
    fn a_large_archive_is_as_long_as_announced_and_its_check_sum_is_true() {
        for bytes in [1, 47, 200_000] {
            let mut archive = Archive::new(moment(0));
            archive.add("a.txt", b"ciao");
            let (announced, stream) = large_zip(archive, bytes);
            let stream = stream.followed_by(b"!");
            let length = stream.len().unwrap();
            let text: Vec<u8> = stream.chunks().flatten().collect();
            assert_eq!(text.len() as u64, length);
            let zip = STANDARD.decode(text.strip_suffix(b"!").unwrap()).unwrap();
            assert_eq!(zip.len() as u64, announced);
            let data = zip
                .windows(12)
                .position(|at| at == LARGE_NAME.as_bytes())
                .unwrap()
                + 12;
            let crc = super::super::zip::crc32(&zip[data..data + bytes as usize]);
            assert_eq!(zip[data + bytes as usize + 4..][..4], crc.to_le_bytes());
        }
    }

    #[test]
    fn noise_is_as_long_as_announced() {
        let stream = Stream::noise(100_001);
        assert_eq!(stream.len(), Some(100_001));
        assert_eq!(stream.chunks().map(|part| part.len()).sum::<usize>(), 100_001);
    }

    #[test]
    fn zeros_come_in_parts_and_end() {
        let parts: Vec<_> = Stream::zeros(100_000).chunks().collect();
        assert!(parts.len() > 1 && parts.iter().flatten().all(|byte| *byte == 0));
        assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), 100_000);
    }
}
