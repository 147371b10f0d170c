//! PNG: its compressed rows go into the PDF as they are, which knows the same row filters.

use super::error::PagesError;
use super::exif;
use super::scanner::{Encoding, Photo, Scanner};

/// What follows the two bytes `89 50` that were read already.
const SIGNATURE: &[u8] = b"NG\r\n\x1A\n";
const HEADER_LEN: u32 = 13;
const MAX_EXIF: u32 = 64 * 1024;
const CHECKSUM_LEN: u64 = 4;

/// Walks through the chunks; the scanner stands after the first two bytes.
pub(super) fn scan(mut scanner: Scanner) -> Result<Photo, PagesError> {
    if scanner.bytes(SIGNATURE.len())? != SIGNATURE {
        return Err(scanner.damaged("its beginning is wrong"));
    }
    let (len, kind) = chunk(&mut scanner)?;
    if len != HEADER_LEN || kind != *b"IHDR" {
        return Err(scanner.damaged("its header is wrong"));
    }
    let size = (scanner.u32()?, scanner.u32()?);
    let [bits, colour, compression, filter, interlace] = [(); 5].map(|()| scanner.byte());
    let (bits, channels, needs_palette) = match (bits?, colour?) {
        (bits @ (1 | 2 | 4 | 8 | 16), 0) => (bits, 1, false),
        (bits @ (8 | 16), 2) => (bits, 3, false),
        (bits @ (1 | 2 | 4 | 8), 3) => (bits, 1, true),
        (8 | 16, 4 | 6) => return Err(scanner.unsupported("PNG with transparency")),
        _ => return Err(scanner.damaged("its header is wrong")),
    };
    match (compression?, filter?, interlace?) {
        (0, 0, 0) => {}
        (0, 0, 1) => return Err(scanner.unsupported("interlaced PNG")),
        _ => return Err(scanner.damaged("its header is wrong")),
    }
    scanner.skip(CHECKSUM_LEN)?;

    let (mut palette, mut orientation) = (None, 1);
    // Whether the picture's own chunks have begun, and whether they have ended: they must follow each other.
    let (mut begun, mut ended) = (false, false);
    loop {
        let (len, kind) = chunk(&mut scanner)?;
        ended |= begun && kind != *b"IDAT";
        let from = scanner.at();
        match &kind {
            b"IDAT" if ended || (needs_palette && palette.is_none()) => {
                return Err(scanner.damaged("its parts do not follow each other"));
            }
            b"IDAT" => {
                begun = true;
                scanner.skip(len.into())?;
                scanner.keep_since(from)?;
            }
            b"IEND" if begun => break,
            b"PLTE" if needs_palette => {
                let entries = len / 3;
                if len % 3 != 0 || !(1..=256).contains(&entries) || palette.is_some() {
                    return Err(scanner.damaged("its palette is wrong"));
                }
                palette = Some(scanner.bytes(usize::try_from(len).unwrap_or_default())?);
            }
            b"tRNS" => return Err(scanner.unsupported("PNG with transparency")),
            b"eXIf" if len <= MAX_EXIF => {
                orientation = exif::orientation(&scanner.bytes(usize::try_from(len).unwrap_or_default())?);
            }
            // A capital first letter says that the picture can't be understood without it.
            [b'A'..=b'Z', ..] if kind != *b"PLTE" => return Err(scanner.damaged("a part of no known kind")),
            _ => scanner.skip(len.into())?,
        }
        scanner.skip(CHECKSUM_LEN)?;
    }
    Ok(scanner.finish(
        size,
        orientation,
        Encoding::Png {
            bits,
            channels,
            palette,
        },
    ))
}

/// A chunk's length and kind.
fn chunk(scanner: &mut Scanner) -> Result<(u32, [u8; 4]), PagesError> {
    let len = scanner.u32()?;
    let kind = scanner.u32()?.to_be_bytes();
    if len > i32::MAX.unsigned_abs() || !kind.iter().all(u8::is_ascii_alphabetic) {
        return Err(scanner.damaged("its parts do not follow each other"));
    }
    Ok((len, kind))
}
