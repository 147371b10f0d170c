//! JPEG: the picture's own segments go on, everything that tells about it does not.

use super::error::PagesError;
use super::exif;
use super::scanner::{Encoding, Photo, Scanner};

/// A JFIF header of ours, without density or thumbnail: readers tell by its presence which colours are meant.
const JFIF: &[u8] = b"\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
/// `Adobe`, version, two flags and the colour transform.
const ADOBE_LEN: usize = 12;

#[derive(Default)]
struct Found {
    /// Width, height, components' identifiers.
    frame: Option<(u32, u32, Vec<u8>)>,
    orientation: Option<u8>,
    jfif: bool,
    adobe: bool,
    scanned: bool,
}

/// Walks through the segments; the scanner stands after the mark of the beginning, `FF D8`.
pub(super) fn scan(mut scanner: Scanner) -> Result<Photo, PagesError> {
    let mut found = Found::default();
    let mut next = None;
    scanner.keep_since(0)?;
    loop {
        let code = match next.take() {
            Some(code) => code,
            None => marker(&mut scanner)?,
        };
        match code {
            END => break,
            SCAN => next = Some(copy_scan(&mut scanner, &mut found)?),
            _ => segment(&mut scanner, code, &mut found)?,
        }
    }
    let Some((width, height, components)) = found.frame.filter(|_| found.scanned) else {
        return Err(scanner.damaged("it has no picture"));
    };
    scanner.keep_literal(vec![0xFF, END])?;
    let encoding = Encoding::Jpeg {
        components: u8::try_from(components.len()).unwrap_or_default(),
        inverted: found.adobe && components.len() == 4,
        plain_rgb: !found.adobe && !found.jfif && components == b"RGB",
    };
    Ok(scanner.finish((width, height), found.orientation.unwrap_or(1), encoding))
}

const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;

/// The next marker's code. `FF` may be repeated before it.
fn marker(scanner: &mut Scanner) -> Result<u8, PagesError> {
    if scanner.byte()? != 0xFF {
        return Err(scanner.damaged("its parts do not follow each other"));
    }
    code_after_ff(scanner)
}

fn code_after_ff(scanner: &mut Scanner) -> Result<u8, PagesError> {
    loop {
        match scanner.byte()? {
            0xFF => {}
            code => return Ok(code),
        }
    }
}

/// One segment with a length, its marker just read.
fn segment(scanner: &mut Scanner, code: u8, found: &mut Found) -> Result<(), PagesError> {
    let from = scanner.at() - 2;
    let body = match code {
        // 00, 01 and the restarts have no length and no place here; D8 would be a second beginning.
        0xC0..=0xCF | 0xDB..=0xDF | 0xE0..=0xFE => {
            let len = scanner
                .u16()?
                .checked_sub(2)
                .ok_or(scanner.damaged("a part of no length"))?;
            scanner.bytes(len.into())?
        }
        _ => return Err(scanner.damaged("a part of no known kind")),
    };
    match code {
        0xC4 | 0xDB | 0xDC | 0xDD => scanner.keep_since(from),
        0xC0..=0xC2 => {
            if found.frame.replace(frame(scanner, &body)?).is_some() {
                return Err(scanner.damaged("two pictures in one"));
            }
            scanner.keep_since(from)
        }
        0xC3 | 0xC5..=0xCF | 0xDE | 0xDF => Err(scanner.unsupported("a rare kind of JPEG")),
        0xE0 if body.starts_with(b"JFIF\0") && !found.jfif => {
            found.jfif = true;
            scanner.keep_literal(JFIF.to_vec())
        }
        0xE1 => {
            if let Some(tiff) = body.strip_prefix(b"Exif\0\0") {
                found.orientation.get_or_insert_with(|| exif::orientation(tiff));
            }
            Ok(())
        }
        0xEE if !found.adobe => match body.get(..ADOBE_LEN).filter(|adobe| adobe.starts_with(b"Adobe")) {
            Some(adobe) => {
                found.adobe = true;
                scanner.keep_literal([&[0xFF, 0xEE, 0, 14], adobe].concat())
            }
            None => Ok(()),
        },
        // Comments and what applications left: places, dates, devices, thumbnails, colour profiles.
        _ => Ok(()),
    }
}

/// Width, height and the components' identifiers out of a frame header.
fn frame(scanner: &Scanner, body: &[u8]) -> Result<(u32, u32, Vec<u8>), PagesError> {
    let &[precision, h1, h0, w1, w0, count, ref components @ ..] = body else {
        return Err(scanner.damaged("its header is cut short"));
    };
    if precision != 8 || !matches!(count, 1 | 3 | 4) {
        return Err(scanner.unsupported("a rare kind of JPEG"));
    }
    if components.len() != usize::from(count) * 3 {
        return Err(scanner.damaged("its header is cut short"));
    }
    let ids = components
        .chunks(3)
        .filter_map(|component| component.first().copied())
        .collect();
    Ok((
        u16::from_be_bytes([w1, w0]).into(),
        u16::from_be_bytes([h1, h0]).into(),
        ids,
    ))
}

/// A scan's header and its compressed data, up to the marker that ends it; gives that marker's code.
fn copy_scan(scanner: &mut Scanner, found: &mut Found) -> Result<u8, PagesError> {
    let from = scanner.at() - 2;
    if found.frame.is_none() {
        return Err(scanner.damaged("its parts do not follow each other"));
    }
    let len = scanner
        .u16()?
        .checked_sub(2)
        .ok_or(scanner.damaged("a part of no length"))?;
    scanner.bytes(len.into())?;
    loop {
        scanner.skip_past(0xFF)?;
        let marker_at = scanner.at() - 1;
        match code_after_ff(scanner)? {
            // A byte FF of the data itself, and the marks between its stretches.
            0x00 | 0xD0..=0xD7 => {}
            code => {
                found.scanned = true;
                scanner.keep(from, marker_at)?;
                return Ok(code);
            }
        }
    }
}
