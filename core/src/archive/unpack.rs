//! One entry's content, streamed: never more in memory than two small buffers and the inflater's window.

use std::io::{self, Read, Write};

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use super::crc32::Crc32;
use super::directory::Record;
use super::error::ArchiveError;

const INPUT_BYTES: usize = 16 * 1024;
const OUTPUT_BYTES: usize = 32 * 1024;

/// Copies an entry's content to `out`; `reader` stands at its first byte.
pub(super) fn copy(
    reader: &mut impl Read,
    record: &Record,
    out: &mut impl Write,
) -> Result<u64, ArchiveError> {
    let mut counted = Counted {
        out,
        crc: Crc32::new(),
        written: 0,
        record,
    };
    let mut packed = Packed {
        reader: reader.take(record.packed),
        left: record.packed,
        record,
    };
    if record.deflated {
        unpack_deflated(&mut packed, &mut counted)?;
    } else {
        let mut buffer = vec![0; INPUT_BYTES];
        loop {
            let bytes = packed.next(&mut buffer)?;
            if bytes.is_empty() {
                break;
            }
            counted.write(bytes)?;
        }
    }
    let Counted { crc, written, .. } = counted;
    if written != record.size {
        return Err(ArchiveError::corrupt(Some(record.number), "shorter than it says"));
    }
    if crc.value() != record.crc {
        return Err(ArchiveError::corrupt(Some(record.number), "its checksum differs"));
    }
    out.flush()
        .map_err(|error| ArchiveError::writing(record.number, error))?;
    Ok(written)
}

fn unpack_deflated<R: Read, W: Write>(
    packed: &mut Packed<'_, R>,
    counted: &mut Counted<'_, W>,
) -> Result<(), ArchiveError> {
    let damaged = |detail| ArchiveError::corrupt(Some(packed.record.number), detail);
    let wrong = damaged("its compressed content is wrong");
    let mut state = InflateState::new_boxed(DataFormat::Raw);
    let (mut buffer, mut output) = (vec![0; INPUT_BYTES], vec![0; OUTPUT_BYTES]);
    let mut consumed = 0u64;
    loop {
        let mut input = packed.next(&mut buffer)?;
        let is_last = input.is_empty();
        loop {
            let step = inflate(&mut state, input, &mut output, MZFlush::None);
            consumed += step.bytes_consumed as u64;
            input = input.get(step.bytes_consumed..).unwrap_or_default();
            counted.write(output.get(..step.bytes_written).unwrap_or_default())?;
            match step.status {
                Ok(MZStatus::StreamEnd) if consumed == packed.record.packed => return Ok(()),
                Ok(MZStatus::StreamEnd) => return Err(wrong),
                // More may wait inside the inflater as long as it fills the output.
                Ok(MZStatus::Ok) | Err(MZError::Buf) if step.bytes_written == output.len() => {}
                Ok(MZStatus::Ok) | Err(MZError::Buf) if input.is_empty() => break,
                Ok(MZStatus::Ok) if step.bytes_consumed + step.bytes_written > 0 => {}
                _ => return Err(wrong),
            }
        }
        if is_last {
            return Err(damaged("its compressed content is cut short"));
        }
    }
}

/// The packed bytes of one entry, and none beyond.
struct Packed<'a, R> {
    reader: io::Take<R>,
    left: u64,
    record: &'a Record,
}

impl<R: Read> Packed<'_, R> {
    /// The next bytes; empty only when the whole content has been read.
    fn next<'b>(&mut self, buffer: &'b mut [u8]) -> Result<&'b [u8], ArchiveError> {
        let read = loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ArchiveError::reading(Some(self.record.number), error)),
                Ok(read) => break read,
            }
        };
        self.left = self.left.saturating_sub(read as u64);
        if read == 0 && self.left > 0 {
            return Err(ArchiveError::corrupt(Some(self.record.number), "cut short"));
        }
        Ok(buffer.get(..read).unwrap_or_default())
    }
}

/// The output, with the bytes really written counted: what an archive says of its sizes is its writer's word. The
/// declared size has kept every limit, so that keeping to it keeps them all.
struct Counted<'a, W> {
    out: &'a mut W,
    crc: Crc32,
    written: u64,
    record: &'a Record,
}

impl<W: Write> Counted<'_, W> {
    /// Checks before it writes, so that not one byte too many leaves.
    fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let entry = self.record.number;
        self.written = self.written.saturating_add(bytes.len() as u64);
        if self.written > self.record.size {
            return Err(ArchiveError::corrupt(Some(entry), "longer than it says"));
        }
        self.crc.update(bytes);
        self.out
            .write_all(bytes)
            .map_err(|error| ArchiveError::writing(entry, error))
    }
}
