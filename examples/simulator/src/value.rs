//! The value of a field. Files are measured and hashed, never kept (unless the echo of whole files is asked for).

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// A file as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSeen {
    /// The name before the bar.
    pub name: String,
    /// The media type.
    pub media_type: String,
    /// Bytes, once decoded.
    pub len: u64,
    /// SHA-256 of the decoded bytes, in lower-case hex.
    pub sha256: String,
    /// Whether the content is base64 and not empty.
    pub readable: bool,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FieldValue {
    Text(String),
    File {
        seen: Arc<FileSeen>,
        whole: Option<Arc<str>>,
    },
}

impl FieldValue {
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }

    /// A value of Visengine, where a file says so itself.
    pub(crate) fn read(text: &str, keep_files: bool) -> Self {
        match read_file(text) {
            Some(seen) => Self::File {
                seen: Arc::new(seen),
                whole: keep_files.then(|| Arc::from(text)),
            },
            None => Self::Text(text.to_owned()),
        }
    }

    /// The value of a field that is known to be a file, as DocuEngine takes it: base64 or a URL. A URL stays
    /// text; a `data:` URL is taken too.
    pub(crate) fn read_content(text: &str, keep_files: bool) -> Self {
        let text = text.trim();
        if text.is_empty() || text.starts_with("https://") || text.starts_with("http://") {
            return Self::Text(text.to_owned());
        }
        let (media_type, content) = text
            .strip_prefix("data:")
            .and_then(|rest| rest.split_once(";base64,"))
            .unwrap_or(("", text));
        Self::File {
            seen: Arc::new(measure("", media_type, content)),
            whole: keep_files.then(|| Arc::from(text)),
        }
    }
}

/// `name|data:<mime>;base64,<content>`, or `None` for ordinary text.
fn read_file(text: &str) -> Option<FileSeen> {
    let (name, rest) = text.split_once('|')?;
    let (media_type, content) = rest.strip_prefix("data:")?.split_once(";base64,")?;
    Some(measure(name, media_type, content))
}

/// Reads base64 a part at a time: a file of 50 MB is never held decoded.
fn measure(name: &str, media_type: &str, content: &str) -> FileSeen {
    let mut hash = Sha256::new();
    let mut len = 0_u64;
    let mut readable = !content.is_empty();
    let mut buffer = [0_u8; 3 * 1024];
    let mut rest = content.as_bytes();
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.len().min(4 * 1024));
        rest = after;
        let Ok(decoded) = STANDARD.decode_slice(chunk, &mut buffer) else {
            readable = false;
            break;
        };
        // Padding belongs at the end; inside it would make a short chunk.
        if decoded < buffer.len() && !rest.is_empty() {
            readable = false;
            break;
        }
        hash.update(buffer.get(..decoded).unwrap_or_default());
        len += decoded as u64;
    }
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    FileSeen {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        len,
        sha256,
        readable,
    }
}
