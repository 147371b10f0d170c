//! Builds ZIP archives byte by byte, honest ones and lying ones.

use miniz_oxide::deflate::compress_to_vec;

pub(crate) const DEFLATED: u16 = 8;
pub(crate) const UTF8: u16 = 1 << 11;
pub(crate) const SIZES_FOLLOW: u16 = 1 << 3;

/// One entry; what the directory says and what is really there can be set apart.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) name: Vec<u8>,
    pub(crate) local_name: Option<Vec<u8>>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) attributes: u32,
    pub(crate) crc: u32,
    pub(crate) size: u64,
    /// The bytes between the header and what follows.
    pub(crate) packed: Vec<u8>,
    /// What the directory says their number is.
    pub(crate) packed_len: u64,
    pub(crate) zip64: bool,
    /// Where the directory says the header is; where it is, unless set.
    pub(crate) offset: Option<u32>,
}

impl Item {
    pub(crate) fn stored(name: &str, content: &[u8]) -> Item {
        Item {
            name: name.as_bytes().to_vec(),
            local_name: None,
            flags: UTF8,
            method: 0,
            attributes: 0,
            crc: crc32(content),
            size: content.len() as u64,
            packed: content.to_vec(),
            packed_len: content.len() as u64,
            zip64: false,
            offset: None,
        }
    }

    pub(crate) fn deflated(name: &str, content: &[u8]) -> Item {
        let packed = compress_to_vec(content, 6);
        Item {
            method: DEFLATED,
            packed_len: packed.len() as u64,
            packed,
            ..Item::stored(name, content)
        }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Item)) -> Item {
        change(&mut self);
        self
    }

    fn numbers(&self, offset: Option<u64>) -> (u32, u32, Vec<u8>) {
        if !self.zip64 {
            return (self.packed_len as u32, self.size as u32, Vec::new());
        }
        let mut extra = vec![1, 0, if offset.is_some() { 24 } else { 16 }, 0];
        extra.extend(self.size.to_le_bytes());
        extra.extend(self.packed_len.to_le_bytes());
        extra.extend(offset.iter().flat_map(|offset| offset.to_le_bytes()));
        (u32::MAX, u32::MAX, extra)
    }

    pub(crate) fn local(&self) -> Vec<u8> {
        let name = self.local_name.as_ref().unwrap_or(&self.name);
        let (packed, size, extra) = self.numbers(None);
        let follow = self.flags & SIZES_FOLLOW != 0;
        let sizes = if follow { [0; 3] } else { [self.crc, packed, size] };
        let mut out = b"PK\x03\x04\x14\0".to_vec();
        put16(&mut out, &[self.flags, self.method, 0, 33]);
        put32(&mut out, &sizes);
        put16(&mut out, &[name.len() as u16, extra.len() as u16]);
        out.extend([name.as_slice(), &extra, &self.packed].concat());
        if follow {
            out.extend(b"PK\x07\x08");
            put32(&mut out, &[self.crc, self.packed_len as u32, self.size as u32]);
        }
        out
    }

    pub(crate) fn central(&self, offset: u32) -> Vec<u8> {
        let offset = self.offset.unwrap_or(offset);
        let (packed, size, extra) = self.numbers(Some(offset.into()));
        let mut out = b"PK\x01\x02\x14\x03\x14\0".to_vec();
        put16(&mut out, &[self.flags, self.method, 0, 33]);
        put32(&mut out, &[self.crc, packed, size]);
        put16(&mut out, &[self.name.len() as u16, extra.len() as u16, 0, 0, 0]);
        put32(
            &mut out,
            &[self.attributes, if self.zip64 { u32::MAX } else { offset }],
        );
        out.extend([self.name.as_slice(), &extra].concat());
        out
    }
}

/// An archive of these entries, in this order.
pub(crate) fn zip(items: &[Item]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for item in items {
        directory.extend(item.central(out.len() as u32));
        out.extend(item.local());
    }
    finish(out, &directory, items.len())
}

/// Appends the directory and the end.
pub(crate) fn finish(mut out: Vec<u8>, directory: &[u8], count: usize) -> Vec<u8> {
    let offset = out.len() as u32;
    out.extend(directory);
    out.extend(end(count as u16, directory.len() as u32, offset));
    out
}

pub(crate) fn end(count: u16, len: u32, offset: u32) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    put16(&mut out, &[count, count]);
    put32(&mut out, &[len, offset]);
    put16(&mut out, &[0]);
    out
}

/// Appends the directory, a ZIP64 end with its locator, and an end that says `narrow`.
pub(crate) fn finish64(mut out: Vec<u8>, directory: &[u8], count: u64, narrow: (u16, u32, u32)) -> Vec<u8> {
    let offset = out.len() as u64;
    out.extend(directory);
    let at = out.len() as u64;
    out.extend(b"PK\x06\x06");
    out.extend(44u64.to_le_bytes());
    put16(&mut out, &[45, 45]);
    put32(&mut out, &[0, 0]);
    for number in [count, count, directory.len() as u64, offset] {
        out.extend(number.to_le_bytes());
    }
    out.extend(b"PK\x06\x07\0\0\0\0");
    out.extend(at.to_le_bytes());
    put32(&mut out, &[1]);
    out.extend(end(narrow.0, narrow.1, narrow.2));
    out
}

fn put16(out: &mut Vec<u8>, numbers: &[u16]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, numbers: &[u32]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
