//! What Android asks of a shared library's file: segments that can be mapped on pages of 16 KiB.

use anyhow::{Context as _, Result, bail};

/// The largest pages of Android devices.
const PAGE: u64 = 16 * 1024;
/// A program header of a segment that is loaded.
const LOAD: u32 = 1;

/// The alignment of every loaded segment of a 64-bit little-endian ELF file; 32-bit ones have no pages of 16 KiB.
fn alignments(file: &[u8]) -> Result<Vec<u64>> {
    let bytes = |at: usize, count: usize| {
        file.get(at..at + count)
            .with_context(|| format!("the file ends before byte {}", at + count))
    };
    let number = |at: usize, count: usize| -> Result<u64> {
        let read = bytes(at, count)?.iter().rev();
        Ok(read.fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    if bytes(0, 6)? != b"\x7fELF\x02\x01" {
        bail!("not a 64-bit little-endian ELF file");
    }
    let (begin, size, count) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
    let mut found = Vec::new();
    for index in 0..count {
        let at = usize::try_from(begin + index * size)?;
        if number(at, 4)? == u64::from(LOAD) {
            found.push(number(at + 0x30, 8)?);
        }
    }
    Ok(found)
}

/// An error unless every loaded segment fits pages of 16 KiB.
pub(super) fn check_pages(file: &[u8]) -> Result<()> {
    let alignments = alignments(file)?;
    if alignments.is_empty() {
        bail!("it has no segment that is loaded");
    }
    match alignments.iter().find(|alignment| **alignment % PAGE != 0) {
        Some(alignment) => bail!("a segment is aligned at {alignment} bytes; Android's pages have 16384"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header and one loaded segment of this alignment.
    fn file(alignment: u64) -> Vec<u8> {
        let mut file = vec![0; 64 + 56];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[0x20] = 64;
        file[0x36] = 56;
        file[0x38] = 1;
        file[64] = 1;
        file[64 + 0x30..64 + 0x38].copy_from_slice(&alignment.to_le_bytes());
        file
    }

    #[test]
    fn pages_of_16_kib_and_their_multiples_pass() {
        check_pages(&file(0x4000)).unwrap();
        check_pages(&file(0x10000)).unwrap();
        let said = check_pages(&file(0x1000)).unwrap_err().to_string();
        assert!(said.contains("4096"), "{said}");
        check_pages(&file(0x4000)[..100]).unwrap_err();
        check_pages(b"MZ").unwrap_err();
    }
}
