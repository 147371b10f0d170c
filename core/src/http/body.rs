use std::fmt;

use serde_json::Value;

use crate::model::Source;

/// A body as segments, with an exact length known before anything is read.
#[derive(Clone, Default)]
pub struct Body {
    segments: Vec<Segment>,
}

/// One part of a body.
#[derive(Clone)]
pub enum Segment {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// Text as it is.
    Text(String),
    /// The base64 (standard alphabet, padded) of a file that is read while it is sent.
    Base64 {
        /// Where the content is read from.
        source: Source,
        /// How many bytes it has; a driver that reads another number fails with `SourceChanged`.
        size: u64,
        /// Its SHA-256 in lower-case hexadecimal, compared while sending.
        sha256: Option<String>,
    },
    /// A file as it is, read while it is sent.
    File {
        /// Where the content is read from.
        source: Source,
        /// How many bytes it has; a driver that reads another number fails with `SourceChanged`.
        size: u64,
        /// Its SHA-256 in lower-case hexadecimal, compared while sending.
        sha256: Option<String>,
    },
}

impl Segment {
    /// How many bytes this segment has on the wire.
    #[must_use]
    pub fn wire_len(&self) -> u64 {
        match self {
            Segment::Bytes(bytes) => bytes.len() as u64,
            Segment::Text(text) => text.len() as u64,
            Segment::Base64 { size, .. } => size.div_ceil(3) * 4,
            Segment::File { size, .. } => *size,
        }
    }
}

impl Body {
    /// A body of one JSON value.
    #[must_use]
    pub fn json(value: &Value) -> Body {
        Body {
            segments: vec![Segment::Text(value.to_string())],
        }
    }

    /// A body of segments.
    #[must_use]
    pub fn from_segments(segments: Vec<Segment>) -> Body {
        Body { segments }
    }

    /// The segments, in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The exact `Content-Length`.
    #[must_use]
    pub fn content_length(&self) -> u64 {
        self.segments.iter().map(Segment::wire_len).sum()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.content_length())
    }
}
