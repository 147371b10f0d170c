//! A request as a host is given it, and what may be said of it.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::http::origin::WebOrigin;
use crate::http::pieces::Pieces;
use crate::http::{AnswerMode, Body, Failure, HttpRequest, MAX_INLINE_BYTES, SecretToken, Segment};
use crate::model::Source;

/// How long a free call may take, milliseconds; what is sent and fetched comes on top.
const FREE_MS: u64 = 30_000;
/// How long a paid call may take that does not say so itself, milliseconds.
const PAID_MS: u64 = 60_000;
/// The slowest line that files still have to get through, bytes in a second.
const SLOWEST: u64 = 32 * 1024;

/// One request to perform. It holds a token and personal data: `Debug` shows neither.
#[derive(Clone)]
pub struct HostRequest {
    /// Which call it is, a stable name: `commit`.
    pub call: &'static str,
    /// The method: `PUT`.
    pub method: &'static str,
    /// The whole URL, of the configured origin.
    pub url: String,
    /// Names in lower case, `authorization` among them. A page's `fetch` silently drops those that it sets itself.
    pub headers: Vec<(String, String)>,
    /// The body, where there is one.
    pub body: Option<HostBody>,
    /// How long the whole may take, milliseconds.
    pub timeout_ms: u64,
    /// True for what is paid: once, on a connection of its own, never again by itself.
    pub once: bool,
    /// The number of the delivery's file that a 200 brings: give its pieces to [`HostRun::receive`](super::HostRun::receive).
    pub file: Option<u32>,
}

impl fmt::Debug for HostRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostRequest({}, masked)", self.call)
    }
}

impl HostRequest {
    /// `None` when its path would lead anywhere but to the origin.
    pub(super) fn new(
        request: &HttpRequest,
        once: bool,
        timeout_ms: Option<u64>,
        origin: &WebOrigin,
        token: &SecretToken,
    ) -> Option<HostRequest> {
        let mut headers: Vec<(String, String)> = vec![
            ("accept".to_owned(), "application/json".to_owned()),
            ("accept-encoding".to_owned(), "identity".to_owned()),
        ];
        if request.body.is_some() && !request.headers.iter().any(|(name, _)| *name == "content-type") {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let own = request
            .headers
            .iter()
            .filter(|(name, _)| *name != "authorization");
        headers.extend(own.map(|(name, value)| ((*name).to_owned(), value.clone())));
        headers.push(("authorization".to_owned(), format!("Bearer {}", token.expose())));
        let sane = |value: &str| !value.chars().any(char::is_control);
        if !headers.iter().all(|(_, value)| sane(value)) {
            return None;
        }
        let up = request.body.as_ref().map_or(0, Body::content_length);
        let (file, down) = match request.answer {
            AnswerMode::Inline => (None, 0),
            AnswerMode::JsonFile(_) => (Some(0), super::run::MAX_FILE_BYTES),
            AnswerMode::File { number, max_bytes } => (Some(number), max_bytes),
        };
        let files = up.saturating_sub(MAX_INLINE_BYTES as u64).saturating_add(down);
        let free = FREE_MS.saturating_add(files.div_ceil(SLOWEST).saturating_mul(1000));
        let usual = if request.call.is_paid() { PAID_MS } else { free };
        Some(HostRequest {
            call: request.call.as_str(),
            method: request.method.as_str(),
            url: origin.url(&request.path)?,
            headers,
            body: request.body.clone().map(HostBody),
            timeout_ms: timeout_ms.unwrap_or(usual),
            once: once || request.call.is_paid(),
            file,
        })
    }
}

impl HostRequest {
    /// A request of the conformance server's, to try a host's network with: a `PUT` of this JSON, or a `GET` without one.
    #[must_use]
    pub fn trial(url: &str, token: &str, body: Option<String>, once: bool, timeout_ms: u64) -> HostRequest {
        let headers = [
            ("accept", "application/json".to_owned()),
            ("content-type", "application/json".to_owned()),
            ("authorization", format!("Bearer {token}")),
        ];
        HostRequest {
            call: "trial",
            method: if body.is_some() { "PUT" } else { "GET" },
            url: url.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            body: body.map(|text| HostBody(Body::from_segments(vec![Segment::Text(text)]))),
            timeout_ms,
            once,
            file: None,
        }
    }
}

/// A body, in parts or in pieces. It may be read any number of times.
#[derive(Clone)]
pub struct HostBody(Body);

/// One part of a body.
#[derive(Clone, PartialEq, Eq)]
pub enum HostPart {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A file that only the host can read, as it is.
    File {
        /// The host's name of it.
        file: String,
        /// How many bytes it has.
        size: u64,
    },
}

impl fmt::Debug for HostPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostPart::Bytes(bytes) => write!(f, "Bytes({}, masked)", bytes.len()),
            HostPart::File { size, .. } => write!(f, "File({size}, masked)"),
        }
    }
}

impl HostBody {
    /// The exact `Content-Length`.
    #[must_use]
    pub fn content_length(&self) -> u64 {
        self.0.content_length()
    }

    /// The body in parts, for a host that has files of its own: what is not the host's is read into memory.
    ///
    /// # Errors
    /// A file that can't be read, or has changed: say so by [`HostEvent::Failed`](super::HostEvent::Failed).
    pub fn parts(&self) -> Result<Vec<HostPart>, HostFailure> {
        let mut parts = Vec::new();
        for segment in self.0.segments() {
            if let Segment::File {
                source: Source::Host(file),
                size,
                ..
            } = segment
            {
                let (file, size) = (file.handle.clone(), *size);
                parts.push(HostPart::File { file, size });
                continue;
            }
            for piece in Pieces::new(std::slice::from_ref(segment)) {
                let piece = piece.map_err(HostFailure::of)?;
                match parts.last_mut() {
                    Some(HostPart::Bytes(bytes)) => bytes.extend(piece),
                    _ => parts.push(HostPart::Bytes(piece)),
                }
            }
        }
        Ok(parts)
    }

    /// The body in pieces of at most 64 KiB, files read and encoded on the way, for a host that streams. It has no files of the host's.
    #[must_use]
    pub fn pieces(&self) -> HostPieces {
        HostPieces(Mutex::new(Pieces::new(self.0.segments())))
    }
}

impl fmt::Debug for HostBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostBody({} bytes, masked)", self.content_length())
    }
}

/// A body that is read while it is sent.
pub struct HostPieces(Mutex<Pieces>);

impl HostPieces {
    /// The next piece; `None` after the last.
    ///
    /// # Errors
    /// A file can't be read, or has changed: end the connection at once, so that the request is not whole, and say so by
    /// [`HostEvent::Failed`](super::HostEvent::Failed).
    pub fn next_piece(&self) -> Result<Option<Vec<u8>>, HostFailure> {
        let mut pieces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pieces.next().transpose().map_err(HostFailure::of)
    }
}

/// Why a request brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostFailure {
    /// Surely nothing left this machine: no connection could be made. A page never knows that.
    NotSent,
    /// The server's certificate was refused: nothing was sent.
    Tls,
    /// No answer in time; the request may have taken effect.
    Timeout,
    /// Anything else: the request may have taken effect.
    Unknown,
    /// The answer was cut, or longer than allowed; the request may have taken effect.
    Unreadable,
    /// A file to be sent has changed, and the request was ended before it was whole.
    FileChanged,
    /// A file to be sent can't be read, and the request was ended before it was whole.
    FileUnreadable,
    /// The delivery's file can't be written.
    SinkFailed,
}

impl HostFailure {
    pub(super) fn of(failure: Failure) -> HostFailure {
        match failure {
            Failure::SourceChanged => HostFailure::FileChanged,
            _ => HostFailure::FileUnreadable,
        }
    }

    pub(super) const fn failure(self) -> Failure {
        match self {
            HostFailure::NotSent => Failure::Unreachable,
            HostFailure::Tls => Failure::Tls,
            HostFailure::Timeout => Failure::Timeout,
            HostFailure::Unknown => Failure::Interrupted,
            HostFailure::Unreadable => Failure::Unreadable,
            HostFailure::FileChanged => Failure::SourceChanged,
            HostFailure::FileUnreadable => Failure::SourceUnreadable,
            HostFailure::SinkFailed => Failure::SinkFailed,
        }
    }
}
