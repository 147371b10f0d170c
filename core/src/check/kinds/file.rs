//! Files, from their descriptor alone: name, declared type, size, first 4 KiB, last 64 KiB. The same verdict in every language, before anything is
//! encoded or sent.

use crate::check::{Finding, FindingCode};
use crate::model::Attachment;

/// The largest file that is accepted: 100 MiB. The provider publishes no limit; a scan of a few pages has a few MB.
pub const MAX_FILE_BYTES: u64 = 100 * 1024 * 1024;

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Pdf,
    Jpeg,
    Png,
    Heic,
    Tiff,
    P7m,
}

impl Type {
    const fn name(self) -> &'static str {
        match self {
            Type::Pdf => "PDF",
            Type::Jpeg => "JPEG",
            Type::Png => "PNG",
            Type::Heic => "HEIC",
            Type::Tiff => "TIFF",
            Type::P7m => "P7M",
        }
    }
}

pub(in crate::check) fn check_file(file: &Attachment, findings: &mut Vec<Finding>) {
    if file.size == 0 {
        Finding::say(FindingCode::FileEmpty, findings);
        return;
    }
    if file.size > MAX_FILE_BYTES {
        findings.push(Finding::new(FindingCode::FileTooLarge).with("limit", MAX_FILE_BYTES / (1024 * 1024)));
    }
    match content(&file.head) {
        None => Finding::say(FindingCode::FileUnknown, findings),
        Some(content) => {
            let declared = [by_name(&file.name), by_mime(&file.mime)];
            if let Some(other) = declared
                .into_iter()
                .flatten()
                .find(|declared| *declared != content)
            {
                let finding = Finding::new(FindingCode::FileDisagrees);
                findings.push(
                    finding
                        .with("content", content.name())
                        .with("declared", other.name()),
                );
            }
            if content == Type::Pdf {
                check_pdf(file, findings);
            }
        }
    }
    // Most names are what they seem; only others are written anew.
    if !is_plain(&file.name) {
        let safe = file.wire_name();
        if safe != file.name {
            findings.push(Finding::new(FindingCode::FileName).offering(safe));
        }
    }
}

/// Encryption is announced in the trailer (ISO 32000-1, 7.5.5): a dictionary that `startxref`, at the file's end, points to or that stands between the
/// place it points to and itself. Where that can't be followed, everything that is known of the file is searched.
fn check_pdf(file: &Attachment, findings: &mut Vec<Finding>) {
    let tail = &file.tail;
    let last = tail.get(tail.len().saturating_sub(LAST)..).unwrap_or_default();
    let end = rfind(last, b"%%EOF").map(|at| tail.len() - last.len() + at);
    let trailer = end.and_then(|end| trailer(file, tail.get(..end)?));
    let is_locked = match trailer {
        Some(trailer) => names_encryption(trailer),
        None => names_encryption(tail) || names_encryption(&file.head),
    };
    if is_locked {
        Finding::say(FindingCode::FileLocked, findings);
    } else if end.is_none() && find(tail, b"%%EOF").is_none() {
        Finding::say(FindingCode::FileTruncated, findings);
    }
}

/// The end of a file within which its last marks have to stand (ISO 32000-1, annex H).
const LAST: usize = 1024;
/// A trailer is a few lines; one that is longer is searched for in the whole.
const MAX_TRAILER: usize = 4096;

/// The newest trailer, when it is within the bytes that the descriptor holds.
fn trailer<'a>(file: &'a Attachment, before_end: &'a [u8]) -> Option<&'a [u8]> {
    let from = before_end.len().saturating_sub(MAX_TRAILER);
    let region = before_end.get(from..)?;
    let mark = rfind(region, b"startxref")?;
    let (before, place) = region.split_at_checked(mark)?;
    match rfind(before, b"trailer") {
        Some(at) => before.get(at..),
        None => stream_dictionary(file, place.get(b"startxref".len()..)?),
    }
}

/// The dictionary of a cross-reference stream: at the place itself, in the tail or, where the file is linearised, in the head.
fn stream_dictionary<'a>(file: &'a Attachment, place: &[u8]) -> Option<&'a [u8]> {
    let place = decimal(place.trim_ascii())?;
    let tail_at = file.size.checked_sub(file.tail.len() as u64)?;
    let object = match place.checked_sub(tail_at) {
        Some(at) => file.tail.get(usize::try_from(at).ok()?..)?,
        None => file.head.get(usize::try_from(place).ok()?..)?,
    };
    let object = first(object, MAX_TRAILER);
    let dictionary = object.get(..find(object, b"stream")?)?;
    find(dictionary, b"/XRef").map(|_| dictionary)
}

/// A number of nothing but digits.
fn decimal(digits: &[u8]) -> Option<u64> {
    let add = |number: u64, digit: &u8| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    };
    digits.first()?;
    digits.iter().try_fold(0, add)
}

/// The name `/Encrypt` itself, not the beginning of a longer one such as `/EncryptMetadata`.
fn names_encryption(mut bytes: &[u8]) -> bool {
    const NAME: &[u8] = b"/Encrypt";
    while let Some(rest) = find(bytes, NAME).and_then(|at| bytes.get(at + NAME.len()..)) {
        if rest.first() != Some(&b'M') {
            return true;
        }
        bytes = rest;
    }
    false
}

pub(super) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        // One byte is looked for before all are compared: most places are ruled out by it.
        let at = rest.iter().position(|byte| Some(byte) == what.first())?;
        if rest.get(at..)?.starts_with(what) {
            return Some(from + at);
        }
        from += at + 1;
    }
}

fn rfind(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let mut end = bytes.len();
    loop {
        let at = bytes
            .get(..end)?
            .iter()
            .rposition(|byte| Some(byte) == what.first())?;
        if bytes.get(at..)?.starts_with(what) {
            return Some(at);
        }
        end = at;
    }
}

fn content(head: &[u8]) -> Option<Type> {
    // A PDF may have up to a kilobyte of something else before it (ISO 32000-1, annex H).
    let begins = |magic: &[u8]| head.starts_with(magic);
    let brand = head.get(4..12).unwrap_or_default();
    if begins(b"%PDF-") {
        Some(Type::Pdf)
    } else if begins(b"\xFF\xD8\xFF") {
        Some(Type::Jpeg)
    } else if begins(b"\x89PNG\r\n\x1a\n") {
        Some(Type::Png)
    } else if begins(b"II*\0") || begins(b"MM\0*") {
        Some(Type::Tiff)
    } else if [
        b"ftypheic",
        b"ftypheix",
        b"ftypheim",
        b"ftypmif1",
        b"ftypmsf1",
        b"ftyphevc",
    ]
    .iter()
    .any(|heic| brand == *heic)
    {
        Some(Type::Heic)
    } else if find(first(head, 1024), b"%PDF-").is_some() {
        Some(Type::Pdf)
    } else if is_p7m(head) {
        Some(Type::P7m)
    } else {
        None
    }
}

/// CMS signed data in DER (its object identifier within the first bytes), or the same in base64.
fn is_p7m(head: &[u8]) -> bool {
    const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
    let der = head.first() == Some(&0x30) && find(first(head, 32), SIGNED_DATA).is_some();
    der || head.starts_with(b"MII")
        || head.starts_with(b"-----BEGIN PKCS7")
        || head.starts_with(b"-----BEGIN CMS")
}

fn first(bytes: &[u8], count: usize) -> &[u8] {
    bytes.get(..count.min(bytes.len())).unwrap_or_default()
}

fn by_name(name: &str) -> Option<Type> {
    let at = name.bytes().rposition(|byte| byte == b'.')?;
    one_of(ENDINGS, name.get(at + 1..)?)
}

/// True for names that nothing could take for more than a name.
fn is_plain(name: &str) -> bool {
    let bytes = name.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'.' | b'_' | b'-' | b'(' | b')');
    bytes.len() <= 100 && edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(plain)
}

/// What a declared type says; nothing for a type that only says "some file".
fn by_mime(mime: &str) -> Option<Type> {
    let at = mime.bytes().position(|byte| byte == b';');
    one_of(MIMES, mime.get(..at.unwrap_or(mime.len()))?.trim())
}

fn one_of(table: &[(&str, Type)], text: &str) -> Option<Type> {
    let found = table.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
    found.map(|(_, kind)| *kind)
}

const ENDINGS: &[(&str, Type)] = &[
    ("pdf", Type::Pdf),
    ("jpg", Type::Jpeg),
    ("jpeg", Type::Jpeg),
    ("jpe", Type::Jpeg),
    ("jfif", Type::Jpeg),
    ("png", Type::Png),
    ("heic", Type::Heic),
    ("heif", Type::Heic),
    ("tif", Type::Tiff),
    ("tiff", Type::Tiff),
    ("p7m", Type::P7m),
];

const MIMES: &[(&str, Type)] = &[
    ("application/pdf", Type::Pdf),
    ("application/x-pdf", Type::Pdf),
    ("image/jpeg", Type::Jpeg),
    ("image/jpg", Type::Jpeg),
    ("image/pjpeg", Type::Jpeg),
    ("image/png", Type::Png),
    ("image/heic", Type::Heic),
    ("image/heif", Type::Heic),
    ("image/tiff", Type::Tiff),
    ("application/pkcs7-mime", Type::P7m),
    ("application/x-pkcs7-mime", Type::P7m),
];
