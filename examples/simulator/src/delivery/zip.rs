//! Writes ZIP archives, honest ones and, for the faults, ones that lie.

use miniz_oxide::deflate::compress_to_vec;

use super::calendar::Moment;

/// What the headers say of an entry.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    /// 0 stored, 8 deflated.
    pub(super) method: u16,
    /// Bit 3: sizes and check sum come after the data.
    pub(super) flags: u16,
    pub(super) crc: u32,
    pub(super) packed: u32,
    pub(super) len: u32,
    pub(super) offset: u32,
}

/// Bit 11: the name is UTF-8.
pub(super) const UTF8: u16 = 1 << 11;
/// Bit 3: sizes and check sum come after the data.
pub(super) const SIZES_AFTER: u16 = 1 << 3;

/// An archive being written.
#[derive(Clone, Debug)]
pub(super) struct Archive {
    out: Vec<u8>,
    entries: Vec<Entry>,
    when: Moment,
}

impl Archive {
    pub(super) fn new(when: Moment) -> Self {
        Self {
            out: Vec::new(),
            entries: Vec::new(),
            when,
        }
    }

    /// Adds a file, deflated.
    pub(super) fn add(&mut self, name: &str, data: &[u8]) {
        let packed = compress_to_vec(data, 6);
        self.add_raw(name, &packed, crc32(data), data.len() as u32);
    }

    /// Adds data already deflated, under the check sum and length that are given, true or not.
    pub(super) fn add_raw(&mut self, name: &str, packed: &[u8], crc: u32, len: u32) {
        let entry = Entry {
            name: name.to_owned(),
            method: 8,
            flags: UTF8,
            crc,
            packed: packed.len() as u32,
            len,
            offset: self.out.len() as u32,
        };
        self.out.extend(local_header(&entry, self.when));
        self.out.extend(packed);
        self.entries.push(entry);
    }

    /// The whole archive.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let directory = directory(&self.entries, self.when, self.out.len() as u32);
        self.out.extend(directory);
        self.out
    }

    /// The bytes so far, the entries and the time, for one who goes on by himself.
    pub(super) fn into_parts(self) -> (Vec<u8>, Vec<Entry>, Moment) {
        (self.out, self.entries, self.when)
    }
}

fn dos_time(when: Moment) -> (u16, u16) {
    let time = (when.hour << 11) | (when.minute << 5) | (when.second / 2);
    let date = (when.year.saturating_sub(1980) << 9) | (when.month << 5) | when.day;
    (time as u16, date as u16)
}

/// The part of a header that both kinds share, from `version needed` to the name's length.
fn common(entry: &Entry, when: Moment) -> Vec<u8> {
    let (time, date) = dos_time(when);
    let mut bytes = Vec::with_capacity(26);
    for word in [20, entry.flags, entry.method, time, date] {
        bytes.extend(u16::to_le_bytes(word));
    }
    for word in [entry.crc, entry.packed, entry.len] {
        bytes.extend(u32::to_le_bytes(word));
    }
    bytes.extend((entry.name.len() as u16).to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    bytes
}

/// What stands before an entry's data.
pub(super) fn local_header(entry: &Entry, when: Moment) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(common(entry, when));
    bytes.extend(entry.name.as_bytes());
    bytes
}

/// What stands at the end: the central directory, which begins at `offset`, and the record that points to it.
pub(super) fn directory(entries: &[Entry], when: Moment, offset: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend(b"PK\x01\x02\x14\x00");
        bytes.extend(common(entry, when));
        // No comment, first disk, no attributes.
        bytes.extend([0; 10]);
        bytes.extend(entry.offset.to_le_bytes());
        bytes.extend(entry.name.as_bytes());
    }
    let size = bytes.len() as u32;
    let count = entries.len() as u16;
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    bytes
}

/// CRC-32 of a whole value.
pub(super) fn crc32(data: &[u8]) -> u32 {
    let mut crc = Crc::default();
    crc.update(data);
    crc.finish()
}

/// CRC-32 of data that comes in parts.
#[derive(Clone, Debug)]
pub(super) struct Crc(u32);

impl Default for Crc {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

const TABLE: [u32; 256] = {
    let mut table = [0_u32; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 {
                (value >> 1) ^ 0xedb8_8320
            } else {
                value >> 1
            };
            bit += 1;
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated by the compiler, where a bad index can't build"
        )]
        {
            table[index] = value;
        }
        index += 1;
    }
    table
};

impl Crc {
    pub(super) fn update(&mut self, data: &[u8]) {
        for byte in data {
            let entry = TABLE.get(usize::from(self.0 as u8 ^ byte)).copied().unwrap_or(0);
            self.0 = (self.0 >> 8) ^ entry;
        }
    }

    pub(super) fn finish(&self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_of_the_standards_example() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
