use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use serde::{Deserialize, Deserializer};

use super::{without_leading, without_trailing};

/// How many bytes of a file's beginning a descriptor holds.
pub const HEAD_BYTES: usize = 4 * 1024;
/// How many bytes of a file's end a descriptor holds.
pub const TAIL_BYTES: usize = 64 * 1024;

/// A file to hand in: a descriptor that is enough to check it, and a source that can be read again and again.
///
/// `Debug` shows the declared type and the size, never the name nor the content.
#[derive(Clone, Deserialize)]
pub struct Attachment {
    /// The file's name as the person knows it.
    pub name: String,
    /// The declared type: `application/pdf`.
    pub mime: String,
    /// The size in bytes.
    pub size: u64,
    /// The first bytes, at most [`HEAD_BYTES`].
    #[serde(default, deserialize_with = "base64_bytes")]
    pub head: Vec<u8>,
    /// The last bytes, at most [`TAIL_BYTES`].
    #[serde(default, deserialize_with = "base64_bytes")]
    pub tail: Vec<u8>,
    /// Where the content is read from; `None` for a descriptor that is only checked.
    #[serde(skip)]
    pub source: Option<Source>,
}

/// A file's content, readable any number of times.
#[derive(Clone)]
pub enum Source {
    /// A file on disk.
    Path(PathBuf),
    /// Bytes in memory.
    Bytes(Arc<[u8]>),
    /// Anything that opens a fresh reader each time.
    Reader(Arc<dyn SourceReader>),
    /// What only the host of a `HostRun` can read: a page's `File`.
    Host(HostFile),
}

/// A file that only the host can read, by the host's own name of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFile {
    /// Whatever the host calls it: comes back when it is to be read or sent. Not the name of the file.
    pub handle: String,
    /// The content's SHA-256 in lower-case hexadecimal, where it is known; else it is asked for.
    pub sha256: Option<String>,
}

/// Opens a file's content from its beginning, each time anew.
pub trait SourceReader: Send + Sync {
    /// A reader at the first byte.
    ///
    /// # Errors
    /// Whatever keeps the content from being read now.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;
}

impl Source {
    /// A reader at the first byte.
    ///
    /// # Errors
    /// The file system's own error, or the reader's.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Source::Path(path) => Ok(Box::new(std::fs::File::open(path)?)),
            Source::Bytes(bytes) => Ok(Box::new(io::Cursor::new(Arc::clone(bytes)))),
            Source::Reader(reader) => reader.open(),
            Source::Host(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

impl Attachment {
    /// A file from its bytes.
    #[must_use]
    pub fn from_bytes(name: impl Into<String>, mime: impl Into<String>, bytes: Vec<u8>) -> Attachment {
        let head = bytes
            .get(..HEAD_BYTES.min(bytes.len()))
            .unwrap_or_default()
            .to_vec();
        let tail = bytes
            .get(bytes.len().saturating_sub(TAIL_BYTES)..)
            .unwrap_or_default()
            .to_vec();
        Attachment {
            name: name.into(),
            mime: mime.into(),
            size: bytes.len() as u64,
            head,
            tail,
            source: Some(Source::Bytes(bytes.into())),
        }
    }

    /// A file on disk; reads its first and last bytes only. The type comes from the file name's ending.
    ///
    /// # Errors
    /// The file system's own error.
    pub fn from_path(path: impl Into<PathBuf>) -> io::Result<Attachment> {
        let path = path.into();
        let mut file = std::fs::File::open(&path)?;
        let size = file.metadata()?.len();
        let mut head = Vec::new();
        file.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        file.seek(SeekFrom::Start(size.saturating_sub(TAIL_BYTES as u64)))?;
        let mut tail = Vec::new();
        file.take(TAIL_BYTES as u64).read_to_end(&mut tail)?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mime = mime_of_name(&name).to_owned();
        Ok(Attachment {
            name,
            mime,
            size,
            head,
            tail,
            source: Some(Source::Path(path)),
        })
    }
}

impl Attachment {
    /// The name as it may stand on the wire, where it is joined with `|data:…;base64,…`: what would break that, or reach out of a
    /// folder, is replaced by an underscore.
    #[must_use]
    pub fn wire_name(&self) -> String {
        safe_name(&self.name, "file")
    }
}

/// The last part of a name that somebody else chose, without anything that the wire or a file system could take for more than a name; `fallback` when
/// nothing is left of it.
pub(crate) fn safe_name(name: &str, fallback: &str) -> String {
    let folder = name.bytes().rposition(|byte| matches!(byte, b'/' | b'\\'));
    let last = name.get(folder.map_or(0, |at| at + 1)..).unwrap_or_default();
    let mut safe = String::with_capacity(last.len().min(480));
    for c in last.chars().take(120) {
        let is_special = matches!(c, '|' | ';' | ',' | ':' | '"' | '<' | '>' | '?' | '*');
        safe.push(if c.is_control() || is_special { '_' } else { c });
    }
    match without_leading(without_trailing(&safe, b" ."), b" .") {
        "" => fallback.to_owned(),
        safe => safe.to_owned(),
    }
}

impl Attachment {
    /// The type that a file name's ending declares; `application/octet-stream` when it declares none we know.
    #[must_use]
    pub fn mime_of(name: &str) -> &'static str {
        mime_of_name(name)
    }
}

fn mime_of_name(name: &str) -> &'static str {
    match name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .as_deref()
    {
        Some("pdf") => "application/pdf",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("heic" | "heif") => "image/heic",
        Some("tif" | "tiff") => "image/tiff",
        Some("p7m") => "application/pkcs7-mime",
        _ => "application/octet-stream",
    }
}

fn base64_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(serde::de::Error::custom)
}

/// Two attachments are the same when their descriptors are.
impl PartialEq for Attachment {
    fn eq(&self, other: &Attachment) -> bool {
        (&self.name, &self.mime, self.size, &self.head, &self.tail)
            == (&other.name, &other.mime, other.size, &other.head, &other.tail)
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("mime", &self.mime)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
