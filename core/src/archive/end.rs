//! The end of an archive: where its directory is and how many entries it has, in the old form and in ZIP64.

use std::io::{Read, Seek, SeekFrom};

use super::error::ArchiveError;

const END: [u8; 4] = *b"PK\x05\x06";
const END_LEN: u64 = 22;
const MAX_COMMENT: u64 = 65_535;
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_LEN: u64 = 20;
const END64: [u8; 4] = *b"PK\x06\x06";
const END64_LEN: usize = 56;

/// Where the directory is.
pub(super) struct End {
    /// How many entries it says it has.
    pub(super) count: u64,
    /// Where it begins.
    pub(super) offset: u64,
    /// Its length in bytes.
    pub(super) len: u64,
    /// The whole archive's length in bytes.
    pub(super) archive_len: u64,
}

/// Numbers read from the front of a buffer, little-endian.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(super) fn signature(&mut self) -> Option<[u8; 4]> {
        self.take()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub(super) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }
}

/// Finds the directory. Strict on purpose: nothing may follow the end record but its own comment, exactly one end
/// record may fit, and the directory must reach exactly to it, so that every reader sees the same archive.
pub(super) fn find<R: Read + Seek>(reader: &mut R) -> Result<End, ArchiveError> {
    let archive_len = reader
        .seek(SeekFrom::End(0))
        .map_err(|error| ArchiveError::reading(None, error))?;
    let tail = read_at(reader, archive_len.saturating_sub(END_LEN + MAX_COMMENT), None)?;
    let base = archive_len.saturating_sub(tail.len() as u64);
    let (at, end) = only_end_record(&tail)?;
    let end_at = base + at as u64;
    let (disks, count, len, offset) = parse_end(end).ok_or(NOT_COMPLETE)?;
    let saturated = count == u16::MAX || len == u32::MAX || offset == u32::MAX;
    let mut found = End {
        count: count.into(),
        offset: offset.into(),
        len: len.into(),
        archive_len,
    };
    let mut directory_end = end_at;
    let mut disks = disks;

    match locator(reader, end_at)? {
        None if saturated => return Err(ArchiveError::corrupt(None, "the ZIP64 end is missing")),
        None => {}
        Some((at64, locator_disks)) => {
            let (disks64, wide) = read_end64(reader, at64, end_at - LOCATOR_LEN, archive_len)?;
            // The narrow fields must say the same wherever they can: otherwise two readers see two archives.
            let agrees = (count == u16::MAX || wide.count == found.count)
                && (len == u32::MAX || wide.len == found.len)
                && (offset == u32::MAX || wide.offset == found.offset);
            if !agrees {
                return Err(ArchiveError::corrupt(None, "the ZIP64 end contradicts the end"));
            }
            disks = disks || disks64 || locator_disks;
            directory_end = at64;
            found = wide;
        }
    }
    if disks {
        return Err(ArchiveError::Unsupported {
            entry: None,
            detail: "in several volumes",
        });
    }
    if found.offset.checked_add(found.len) != Some(directory_end) {
        return Err(ArchiveError::corrupt(
            None,
            "the directory is not where the end says",
        ));
    }
    Ok(found)
}

const NOT_COMPLETE: ArchiveError = ArchiveError::corrupt(None, "not a complete ZIP file");

fn only_end_record(tail: &[u8]) -> Result<(usize, &[u8]), ArchiveError> {
    let mut candidates = tail.windows(END.len()).enumerate().filter_map(|(at, window)| {
        let record = tail.get(at..).filter(|_| window == END)?;
        let comment = Fields(record.get(20..22)?).u16()?;
        (record.len() as u64 == END_LEN + u64::from(comment)).then_some((at, record))
    });
    let first = candidates.next().ok_or(NOT_COMPLETE)?;
    match candidates.next() {
        None => Ok(first),
        Some(_) => Err(ArchiveError::corrupt(None, "it has two ends")),
    }
}

/// Whether it has several volumes, the number of entries, the directory's length and offset.
fn parse_end(record: &[u8]) -> Option<(bool, u16, u32, u32)> {
    let mut fields = Fields(record);
    fields.signature()?;
    let (disk, directory_disk) = (fields.u16()?, fields.u16()?);
    let (here, count) = (fields.u16()?, fields.u16()?);
    // All ones means "see ZIP64".
    let several = [disk, directory_disk]
        .iter()
        .any(|&disk| disk != 0 && disk != u16::MAX)
        || here != count;
    Some((several, count, fields.u32()?, fields.u32()?))
}

/// Where the ZIP64 end is, when a locator stands right before the end, and whether it speaks of several volumes.
fn locator<R: Read + Seek>(reader: &mut R, end_at: u64) -> Result<Option<(u64, bool)>, ArchiveError> {
    let Some(at) = end_at.checked_sub(LOCATOR_LEN) else {
        return Ok(None);
    };
    let bytes = read_at(reader, at, Some(LOCATOR_LEN))?;
    let mut fields = Fields(&bytes);
    if fields.signature() != Some(LOCATOR) {
        return Ok(None);
    }
    let parsed = (|| Some((fields.u32()?, fields.u64()?, fields.u32()?)))();
    let (disk, at64, total) = parsed.ok_or(NOT_COMPLETE)?;
    Ok(Some((at64, disk != 0 || total > 1)))
}

fn read_end64<R: Read + Seek>(
    reader: &mut R,
    at: u64,
    must_end_at: u64,
    archive_len: u64,
) -> Result<(bool, End), ArchiveError> {
    const WRONG: ArchiveError = ArchiveError::corrupt(None, "the ZIP64 end is wrong");
    // Checked before it is read: the locator may point anywhere.
    if at
        .checked_add(END64_LEN as u64)
        .is_none_or(|end| end > must_end_at)
    {
        return Err(WRONG);
    }
    let bytes = read_at(reader, at, Some(END64_LEN as u64))?;
    let mut fields = Fields(&bytes);
    let parsed = (|| {
        let (signature, len) = (fields.signature()?, fields.u64()?);
        fields.bytes(4)?; // The versions.
        let (disk, directory_disk) = (fields.u32()?, fields.u32()?);
        let (here, count) = (fields.u64()?, fields.u64()?);
        let end = End {
            count,
            len: fields.u64()?,
            offset: fields.u64()?,
            archive_len,
        };
        let fits =
            signature == END64 && at.checked_add(12).and_then(|at| at.checked_add(len)) == Some(must_end_at);
        fits.then_some((disk != 0 || directory_disk != 0 || here != count, end))
    })();
    parsed.ok_or(WRONG)
}

/// Reads `len` bytes at `at`, or all that follow. Callers pass lengths of at most 64 KiB and some.
pub(super) fn read_at<R: Read + Seek>(
    reader: &mut R,
    at: u64,
    len: Option<u64>,
) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = Vec::new();
    let read = reader.seek(SeekFrom::Start(at)).and_then(|_| {
        reader
            .by_ref()
            .take(len.unwrap_or(END_LEN + MAX_COMMENT))
            .read_to_end(&mut bytes)
    });
    match read {
        Ok(read) if len.is_none_or(|len| len == read as u64) => Ok(bytes),
        Ok(_) => Err(ArchiveError::corrupt(None, "cut short")),
        Err(error) => Err(ArchiveError::reading(None, error)),
    }
}
