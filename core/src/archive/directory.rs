//! The directory of an archive, read once and checked against the limits and against each entry's own header, before
//! a byte is unpacked.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek, SeekFrom};

use super::ArchiveLimits;
use super::end::{self, End, Fields, read_at};
use super::error::ArchiveError;
use super::name;

const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const CENTRAL_LEN: usize = 46;
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const LOCAL_LEN: u64 = 30;
const ZIP64_EXTRA: u16 = 1;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const AES: u16 = 99;

const FLAG_ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const FLAG_SIZES_FOLLOW: u16 = 1 << 3;
const FLAG_PATCH: u16 = 1 << 5;
const FLAG_UTF8: u16 = 1 << 11;

/// One entry, checked.
#[derive(Clone)]
pub(super) struct Record {
    /// Its place in the directory, from 1.
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) is_folder: bool,
    pub(super) deflated: bool,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Where its header begins.
    offset: u64,
    /// Where its content begins; known once the header has been read.
    pub(super) data_at: u64,
}

/// Reads the directory and every entry's header.
pub(super) fn read<R: Read + Seek>(
    reader: &mut R,
    limits: &ArchiveLimits,
) -> Result<Vec<Record>, ArchiveError> {
    let end = end::find(reader)?;
    if end.count == 0 {
        return Err(ArchiveError::Empty);
    }
    if end.count > u64::from(limits.max_entries) {
        return Err(ArchiveError::TooManyEntries {
            found: end.count,
            limit: limits.max_entries,
        });
    }
    let mut records = read_central(reader, &end, limits)?;
    refuse_collisions(&records)?;
    for (record, raw_name, flags, method) in &mut records {
        read_local(reader, record, raw_name, *flags, *method)?;
    }
    let records: Vec<Record> = records.into_iter().map(|(record, ..)| record).collect();
    refuse_overlaps(&records, end.offset)?;
    refuse_sizes(&records, end.archive_len, limits)?;
    Ok(records)
}

/// A record with what its own header must repeat: the name's bytes, the flags, the method.
type Central = (Record, Vec<u8>, u16, u16);

fn read_central<R: Read + Seek>(
    reader: &mut R,
    end: &End,
    limits: &ArchiveLimits,
) -> Result<Vec<Central>, ArchiveError> {
    reader
        .seek(SeekFrom::Start(end.offset))
        .map_err(|error| ArchiveError::reading(None, error))?;
    let mut directory = BufReader::with_capacity(16 * 1024, reader.by_ref().take(end.len));
    let mut records = Vec::new();
    for number in 1..=u32::try_from(end.count).unwrap_or(u32::MAX) {
        let mut fixed = [0; CENTRAL_LEN];
        directory
            .read_exact(&mut fixed)
            .map_err(|error| ArchiveError::reading(Some(number), error))?;
        records.push(parse_central(&fixed, number, &mut directory, limits)?);
    }
    match directory.read(&mut [0]) {
        Ok(0) => Ok(records),
        Ok(_) => Err(ArchiveError::corrupt(
            None,
            "the directory has more entries than the end says",
        )),
        Err(error) => Err(ArchiveError::reading(None, error)),
    }
}

fn parse_central(
    fixed: &[u8],
    number: u32,
    directory: &mut impl Read,
    limits: &ArchiveLimits,
) -> Result<Central, ArchiveError> {
    let damaged = |detail| ArchiveError::corrupt(Some(number), detail);
    let mut fields = Fields(fixed);
    let parsed = (|| {
        let signature = fields.signature()?;
        fields.bytes(4)?; // Versions made by and needed: the method and the flags say what is needed.
        let (flags, method) = (fields.u16()?, fields.u16()?);
        fields.bytes(4)?; // Time and date.
        let sizes = (fields.u32()?, fields.u32()?, fields.u32()?);
        let lens = (fields.u16()?, fields.u16()?, fields.u16()?);
        let disk = fields.u16()?;
        fields.bytes(2)?; // Internal attributes.
        (signature == CENTRAL).then_some((flags, method, sizes, lens, disk, fields.u32()?, fields.u32()?))
    })();
    let (flags, method, (crc, packed, size), (name_len, extra_len, comment_len), disk, attributes, offset) =
        parsed.ok_or(damaged("its directory entry is wrong"))?;
    let mut read = |len: u16| {
        let mut bytes = vec![0; len.into()];
        directory
            .read_exact(&mut bytes)
            .map_err(|error| ArchiveError::reading(Some(number), error))?;
        Ok::<_, ArchiveError>(bytes)
    };
    let (raw_name, extra) = (read(name_len)?, read(extra_len)?);
    read(comment_len)?;

    if flags & FLAG_ENCRYPTED != 0 || method == AES {
        return Err(ArchiveError::Encrypted { entry: number });
    }
    if flags & FLAG_PATCH != 0 || !matches!(method, STORED | DEFLATED) {
        return Err(ArchiveError::Unsupported {
            entry: Some(number),
            detail: "its compression method",
        });
    }
    let unsafe_name = |problem| ArchiveError::UnsafeName {
        entry: number,
        problem,
    };
    let name = name::decode(&raw_name, flags & FLAG_UTF8 != 0).map_err(unsafe_name)?;
    name::check(&name, limits.max_name_bytes).map_err(unsafe_name)?;
    let is_folder = name.ends_with('/');
    refuse_links(number, attributes, is_folder)?;

    let mut wide = Wide::of(&extra).ok_or(damaged("its extra fields are wrong"))?;
    let sizes = (|| Some((wide.resolve(size)?, wide.resolve(packed)?, wide.resolve(offset)?)))();
    let (size, packed, offset) = sizes.ok_or(damaged("its ZIP64 sizes are missing"))?;
    if disk != 0 && disk != u16::MAX {
        return Err(ArchiveError::Unsupported {
            entry: Some(number),
            detail: "in several volumes",
        });
    }
    let deflated = method == DEFLATED;
    if (!deflated && size != packed) || (is_folder && size != 0) {
        return Err(damaged("its sizes contradict each other"));
    }
    let record = Record {
        number,
        name,
        is_folder,
        deflated,
        crc,
        packed,
        size,
        offset,
        data_at: 0,
    };
    Ok((record, raw_name, flags, method))
}

/// The upper half of the attributes is a Unix mode, the lower half DOS attributes. Both are looked at whatever system
/// the archive claims to come from, because other readers do so too.
fn refuse_links(number: u32, attributes: u32, is_folder: bool) -> Result<(), ArchiveError> {
    const REPARSE_POINT: u32 = 0x400;
    match attributes >> 16 & 0o170_000 {
        _ if attributes & REPARSE_POINT != 0 => Err(ArchiveError::Link { entry: number }),
        0 | 0o100_000 => Ok(()),
        0o040_000 if is_folder => Ok(()),
        0o040_000 => Err(ArchiveError::corrupt(
            Some(number),
            "a folder with the name of a file",
        )),
        _ => Err(ArchiveError::Link { entry: number }),
    }
}

/// The 64-bit numbers of an entry, consumed in the order of the fields that are all ones.
struct Wide<'a>(Fields<'a>);

impl<'a> Wide<'a> {
    /// `None` when a field overruns the extra data or the ZIP64 field is there twice. Up to three bytes of padding are
    /// tolerated, which some writers leave.
    fn of(extra: &'a [u8]) -> Option<Wide<'a>> {
        let (mut fields, mut wide) = (Fields(extra), None);
        while fields.0.len() >= 4 {
            let (id, len) = (fields.u16()?, fields.u16()?);
            let content = fields.bytes(len.into())?;
            if id == ZIP64_EXTRA && wide.replace(content).is_some() {
                return None;
            }
        }
        Some(Wide(Fields(wide.unwrap_or_default())))
    }

    fn resolve(&mut self, narrow: u32) -> Option<u64> {
        if narrow == u32::MAX {
            self.0.u64()
        } else {
            Some(narrow.into())
        }
    }
}

/// Two entries may not become the same file, nor a file the folder of another, whatever the file system thinks of case.
fn refuse_collisions(records: &[Central]) -> Result<(), ArchiveError> {
    let mut seen = BTreeMap::new();
    for (record, ..) in records {
        if let Some((other, _)) = seen.insert(name::fold(&record.name), (record.number, record.is_folder)) {
            return Err(ArchiveError::DuplicateName {
                entry: record.number,
                other,
            });
        }
    }
    for (folded, &(entry, _)) in &seen {
        let parents = folded.match_indices('/').filter_map(|(at, _)| folded.get(..at));
        for (other, is_folder) in parents.filter_map(|parent| seen.get(parent).copied()) {
            if !is_folder {
                return Err(ArchiveError::DuplicateName { entry, other });
            }
        }
    }
    Ok(())
}

/// Reads the header in front of an entry's content: it must say what the directory says, or two readers would unpack
/// two different things.
fn read_local<R: Read + Seek>(
    reader: &mut R,
    record: &mut Record,
    raw_name: &[u8],
    flags: u16,
    method: u16,
) -> Result<(), ArchiveError> {
    let damaged = |detail| ArchiveError::corrupt(Some(record.number), detail);
    let cut = |_| damaged("its header is cut short");
    let fixed = read_at(reader, record.offset, Some(LOCAL_LEN)).map_err(cut)?;
    let mut fields = Fields(&fixed);
    let parsed = (|| {
        let signature = fields.signature()?;
        fields.bytes(2)?; // Version needed.
        let (flags, method) = (fields.u16()?, fields.u16()?);
        fields.bytes(4)?; // Time and date.
        let sizes = (fields.u32()?, fields.u32()?, fields.u32()?);
        (signature == LOCAL).then_some((flags, method, sizes, fields.u16()?, fields.u16()?))
    })();
    let (local_flags, local_method, (crc, packed, size), name_len, extra_len) =
        parsed.ok_or(damaged("its header is not where the directory says"))?;
    if local_flags & FLAG_ENCRYPTED != 0 {
        return Err(ArchiveError::Encrypted { entry: record.number });
    }
    let variable_at = record.offset.saturating_add(LOCAL_LEN);
    let variable = u64::from(name_len) + u64::from(extra_len);
    let bytes = read_at(reader, variable_at, Some(variable)).map_err(cut)?;
    let (name, extra) = bytes
        .split_at_checked(name_len.into())
        .ok_or(damaged("its header is cut short"))?;
    if local_method != method || name != raw_name {
        return Err(damaged("its header contradicts the directory"));
    }
    if (local_flags | flags) & FLAG_SIZES_FOLLOW == 0 {
        let mut wide = Wide::of(extra).ok_or(damaged("its extra fields are wrong"))?;
        let sizes = (wide.resolve(size), wide.resolve(packed));
        if crc != record.crc || sizes != (Some(record.size), Some(record.packed)) {
            return Err(damaged("its header contradicts the directory"));
        }
    }
    record.data_at = variable_at.saturating_add(variable);
    Ok(())
}

/// No byte may belong to two entries, and none of them to the directory.
fn refuse_overlaps(records: &[Record], directory_at: u64) -> Result<(), ArchiveError> {
    let mut by_place: Vec<&Record> = records.iter().collect();
    by_place.sort_by_key(|record| record.offset);
    let (mut end, mut other) = (0, 0);
    for record in by_place {
        if record.offset < end {
            return Err(ArchiveError::Overlap {
                entry: record.number,
                other,
            });
        }
        end = record.data_at.saturating_add(record.packed);
        other = record.number;
        if end > directory_at {
            return Err(ArchiveError::corrupt(
                Some(record.number),
                "its content runs into the directory",
            ));
        }
    }
    Ok(())
}

/// What the archive says of its sizes must keep the limits; what it really unpacks to is counted again while unpacking.
fn refuse_sizes(records: &[Record], archive_len: u64, limits: &ArchiveLimits) -> Result<(), ArchiveError> {
    let mut total = 0u64;
    for record in records {
        let entry = Some(record.number);
        if record.size > limits.max_entry_bytes {
            return Err(ArchiveError::TooLarge {
                entry,
                limit: limits.max_entry_bytes,
            });
        }
        if limits.is_bomb(record.packed, record.size) {
            return Err(ArchiveError::Ratio {
                entry,
                limit: limits.max_ratio,
            });
        }
        total = total.saturating_add(record.size);
    }
    if total > limits.max_total_bytes {
        return Err(ArchiveError::TooLarge {
            entry: None,
            limit: limits.max_total_bytes,
        });
    }
    if limits.is_bomb(archive_len, total) {
        return Err(ArchiveError::Ratio {
            entry: None,
            limit: limits.max_ratio,
        });
    }
    Ok(())
}
