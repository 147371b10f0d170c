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
        findings.push(Finding::new(FindingCode::FileEmpty));
        return;
    }
    if file.size > MAX_FILE_BYTES {
        findings.push(Finding::new(FindingCode::FileTooLarge).with("limit", MAX_FILE_BYTES / (1024 * 1024)));
    }
    match content(&file.head) {
        None => findings.push(Finding::new(FindingCode::FileUnknown)),
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
    let safe = file.wire_name();
    if safe != file.name {
        findings.push(Finding::new(FindingCode::FileName).offering(safe));
    }
}

/// Encryption is announced in the trailer, which is at the end, or at the beginning of a linearised file (ISO 32000-1, 7.5.5 and annex F).
fn check_pdf(file: &Attachment, findings: &mut Vec<Finding>) {
    // The name `/Encrypt` itself, not the beginning of a longer one such as `/EncryptMetadata`.
    let names_encryption = |bytes: &[u8]| {
        bytes
            .windows(9)
            .any(|window| window.starts_with(b"/Encrypt") && !window.ends_with(b"M"))
    };
    if names_encryption(&file.tail) || names_encryption(&file.head) {
        findings.push(Finding::new(FindingCode::FileLocked));
    } else if !file.tail.windows(5).any(|window| window == b"%%EOF") {
        findings.push(Finding::new(FindingCode::FileTruncated));
    }
}

fn content(head: &[u8]) -> Option<Type> {
    // A PDF may have up to a kilobyte of something else before it (ISO 32000-1, annex H).
    let begins = |magic: &[u8]| head.starts_with(magic);
    let brand = head.get(4..12).unwrap_or_default();
    if begins(b"\xFF\xD8\xFF") {
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
    } else if first(head, 1024).windows(5).any(|window| window == b"%PDF-") {
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
    let der = head.first() == Some(&0x30)
        && first(head, 32)
            .windows(SIGNED_DATA.len())
            .any(|window| window == SIGNED_DATA);
    der || head.starts_with(b"MII")
        || head.starts_with(b"-----BEGIN PKCS7")
        || head.starts_with(b"-----BEGIN CMS")
}

fn first(bytes: &[u8], count: usize) -> &[u8] {
    bytes.get(..count.min(bytes.len())).unwrap_or_default()
}

fn by_name(name: &str) -> Option<Type> {
    match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "pdf" => Some(Type::Pdf),
        "jpg" | "jpeg" | "jpe" | "jfif" => Some(Type::Jpeg),
        "png" => Some(Type::Png),
        "heic" | "heif" => Some(Type::Heic),
        "tif" | "tiff" => Some(Type::Tiff),
        "p7m" => Some(Type::P7m),
        _ => None,
    }
}

/// What a declared type says; nothing for a type that only says "some file".
fn by_mime(mime: &str) -> Option<Type> {
    match mime
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "application/pdf" => Some(Type::Pdf),
        "image/jpeg" | "image/jpg" | "image/pjpeg" => Some(Type::Jpeg),
        "image/png" => Some(Type::Png),
        "image/heic" | "image/heif" => Some(Type::Heic),
        "image/tiff" => Some(Type::Tiff),
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => Some(Type::P7m),
        _ => None,
    }
}
