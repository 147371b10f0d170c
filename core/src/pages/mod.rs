//! One PDF of several photos: the forms ask for "front and back" in one file, and every phone takes two.
//!
//! Nothing is encoded anew: a photo's compressed picture goes into the PDF as it is, one page each, upright and fitted to
//! A4. What else a photo's file holds stays out: where and when and with what it was taken, thumbnails, comments, the
//! further pictures some phones append.
//!
//! ```no_run
//! use sportello::model::Attachment;
//!
//! let front = Attachment::from_path("front.jpg")?;
//! let back = Attachment::from_path("back.jpg")?;
//! let document = sportello::pages::pages(&[front, back])?;
//! assert_eq!(document.name, "front.pdf");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod exif;
mod jpeg;
mod layout;
mod pdf;
mod png;
mod reader;
mod scanner;

use std::io::{self, Read};
use std::sync::Arc;

pub use error::{ALL_CODES, PagesError};
use scanner::{Photo, Scanner};

use crate::model::{Attachment, HEAD_BYTES, Source, TAIL_BYTES};

/// How many photos one PDF takes.
pub const MAX_PAGES: usize = 20;
/// The longest photo in bytes: 50 MiB.
pub const MAX_PHOTO_BYTES: u64 = 50 * 1024 * 1024;
/// The longest side of a photo in pixels.
pub const MAX_SIDE: u32 = 20_000;
/// The most pixels of a photo: 200 millions.
pub const MAX_PIXELS: u64 = 200_000_000;

/// Makes one PDF of photos (JPEG or PNG), a page each, in their order. A single attachment that is a PDF already comes
/// back as it is.
///
/// Each photo is read twice now, once to find its parts and once to make the descriptor's head and tail; none is held
/// in memory. The result reads the photos again whenever it is opened, always to the same bytes; a photo that has
/// changed in between is an error of that reader, of kind [`InvalidData`](io::ErrorKind::InvalidData) or
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof).
///
/// The result has the first photo's name, ending in `.pdf`, without characters that forms or file systems refuse.
///
/// # Errors
/// See [`PagesError`]; each names the photo by its place.
pub fn pages(photos: &[Attachment]) -> Result<Attachment, PagesError> {
    let first = photos.first().ok_or(PagesError::Empty)?;
    if photos.len() == 1 && is_pdf(first) {
        return Ok(first.clone());
    }
    if photos.len() > MAX_PAGES {
        return Err(PagesError::TooMany {
            found: photos.len(),
            limit: MAX_PAGES,
        });
    }
    let scanned: Vec<(Source, Photo)> = (1u32..)
        .zip(photos)
        .map(|(page, photo)| scan(page, photo))
        .collect::<Result<_, _>>()?;
    let document: Arc<pdf::Document> = Arc::new(pdf::assemble(scanned));
    // The reader itself gives the head and the tail, so that they are the bytes that will be sent.
    let (head, tail, size) =
        ends(&document).map_err(|(page, source)| PagesError::Unreadable { page, source })?;
    Ok(Attachment {
        name: pdf_name(&first.name),
        mime: "application/pdf".to_owned(),
        size,
        head,
        tail,
        source: Some(Source::Reader(Arc::new(pdf::SharedDocument(document)))),
    })
}

fn is_pdf(file: &Attachment) -> bool {
    // Readers accept the mark within the first 1024 bytes.
    let head = file.head.get(..1024).unwrap_or(&file.head);
    head.windows(5).any(|window| window == b"%PDF-") || (head.is_empty() && file.mime == "application/pdf")
}

fn scan(page: u32, file: &Attachment) -> Result<(Source, Photo), PagesError> {
    if is_pdf(file) {
        return Err(PagesError::NotAPhoto { page });
    }
    if file.size > MAX_PHOTO_BYTES {
        return Err(PagesError::TooLarge {
            page,
            limit: MAX_PHOTO_BYTES,
        });
    }
    let source = file.source.clone().ok_or(PagesError::NoContent { page })?;
    let reader = source
        .open()
        .map_err(|source| PagesError::Unreadable { page, source })?;
    let mut scanner = Scanner::new(page, reader);
    let start = match scanner.bytes(2) {
        Err(PagesError::Damaged { .. }) => return Err(PagesError::NotAPhoto { page }),
        start => start?,
    };
    let photo = match start.as_slice() {
        b"\xFF\xD8" => jpeg::scan(scanner)?,
        b"\x89P" => png::scan(scanner)?,
        b"II" | b"MM" => return Err(PagesError::Unsupported { page, detail: "TIFF" }),
        _ if scanner.bytes(6).is_ok_and(|start| start.ends_with(b"ftyp")) => {
            return Err(PagesError::Unsupported { page, detail: "HEIC" });
        }
        _ => return Err(PagesError::NotAPhoto { page }),
    };
    let (width, height) = (photo.width, photo.height);
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
        return Err(PagesError::Dimensions { page });
    }
    Ok((source, photo))
}

type Ends = (Vec<u8>, Vec<u8>, u64);

/// Reads the whole document through; an error comes with the photo it is about.
fn ends(document: &Arc<pdf::Document>) -> Result<Ends, (u32, io::Error)> {
    let mut reader = reader::DocumentReader::new(Arc::clone(document));
    let (mut head, mut tail, mut size) = (Vec::new(), Vec::new(), 0u64);
    let mut buffer = vec![0; 32 * 1024];
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err((reader.page(), error)),
        };
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        size += bytes.len() as u64;
        head.extend(bytes.iter().take(HEAD_BYTES - head.len()));
        tail.extend_from_slice(bytes);
        tail.drain(..tail.len().saturating_sub(TAIL_BYTES));
    }
    Ok((head, tail, size))
}

/// The first photo's name with the ending `.pdf`.
fn pdf_name(name: &str) -> String {
    const LONGEST: usize = 80;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    // The wire joins names with `|`, `;` and `,`; the others are no characters of a file name somewhere.
    let safe = stem.chars().map(|c| match c {
        '|' | ';' | ',' | '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' => '-',
        c if c.is_control() => '-',
        c => c,
    });
    let safe: String = safe.take(LONGEST).collect();
    match safe.trim_matches(|c: char| c == '.' || c == '-' || c.is_whitespace()) {
        "" => "documento.pdf".to_owned(),
        stem => format!("{stem}.pdf"),
    }
}

#[cfg(test)]
mod tests {
    use super::pdf_name;

    #[test]
    fn names_are_made_safe() {
        for (name, expected) in [
            ("fronte.jpg", "fronte.pdf"),
            ("carta d'identità.JPEG", "carta d'identità.pdf"),
            ("a|b;c,d/e\\f.png", "a-b-c-d-e-f.pdf"),
            ("a\r\nb\0.jpg", "a--b.pdf"),
            ("", "documento.pdf"),
            (".jpg", "documento.pdf"),
            ("../..", "documento.pdf"),
            ("scan", "scan.pdf"),
            ("a.b.jpg", "a.b.pdf"),
        ] {
            let named = pdf_name(name);
            assert_eq!(named, expected, "{name:?}");
        }
        assert_eq!(pdf_name(&"è".repeat(500)).chars().count(), 84);
    }
}
