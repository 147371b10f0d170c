use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sportello::host::{HostPieces, HostRequest as Core};

pub use sportello::host::HostFailure;

use crate::SportelloError;

/// Why a request brought no answer. `NotSent` only when surely nothing left the device; `Unknown` whenever in doubt.
#[uniffi::remote(Enum)]
pub enum HostFailure {
    /// Surely nothing left this device: no connection could be made.
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

/// One request to perform. It holds a token and personal data; its text form shows neither.
///
/// No redirect is followed, no cookie kept or sent, nothing cached, nothing sent again.
#[derive(uniffi::Object)]
pub struct HostRequest(pub(super) Core);

#[uniffi::export]
impl HostRequest {
    /// A request of the conformance server's, to try an app's network with: a `PUT` of this JSON, or a `GET` without one.
    #[uniffi::constructor]
    #[must_use]
    pub fn trial(
        url: &str,
        token: &str,
        body: Option<String>,
        once: bool,
        timeout_ms: u64,
    ) -> Arc<HostRequest> {
        Arc::new(HostRequest(Core::trial(url, token, body, once, timeout_ms)))
    }

    /// Which call it is, a stable name: `commit`.
    #[must_use]
    pub fn call(&self) -> String {
        self.0.call.to_owned()
    }

    /// The method: `PUT`.
    #[must_use]
    pub fn method(&self) -> String {
        self.0.method.to_owned()
    }

    /// The whole URL. Personal data.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url.clone()
    }

    /// The headers, names in lower case, with the token.
    #[must_use]
    pub fn headers(&self) -> HashMap<String, String> {
        self.0.headers.iter().cloned().collect()
    }

    /// The exact `Content-Length`; none where there is no body.
    #[must_use]
    pub fn body_length(&self) -> Option<u64> {
        self.0.body.as_ref().map(|body| body.content_length())
    }

    /// The body from its beginning, where there is one; as often as it is asked for.
    #[must_use]
    pub fn open_body(&self) -> Option<Arc<HostBody>> {
        let pieces = self.0.body.as_ref()?.pieces();
        Some(Arc::new(HostBody {
            pieces,
            failure: Mutex::new(None),
        }))
    }

    /// How long the whole may take, milliseconds: then [`HostFailure::Timeout`].
    #[must_use]
    pub fn timeout_ms(&self) -> u64 {
        self.0.timeout_ms
    }

    /// True for what is paid: once, on a connection that nothing was sent on before, never again by itself.
    #[must_use]
    pub fn once(&self) -> bool {
        self.0.once
    }

    /// The number of the delivery's file that an answer of status 200 brings: give its pieces to [`crate::HostRun::receive`], write what comes
    /// back, and answer with an empty body.
    #[must_use]
    pub fn file(&self) -> Option<u32> {
        self.0.file
    }
}

impl fmt::Debug for HostRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A body in pieces of at most 64 KiB; files are read and checked on the way.
#[derive(uniffi::Object)]
pub struct HostBody {
    pieces: HostPieces,
    failure: Mutex<Option<HostFailure>>,
}

#[uniffi::export]
impl HostBody {
    /// The next piece; none after the last.
    ///
    /// # Errors
    /// [`SportelloError::File`]: end the connection at once, so that the request is not whole, and say what [`HostBody::failure`] says.
    pub fn next_piece(&self) -> Result<Option<Vec<u8>>, SportelloError> {
        self.pieces.next_piece().map_err(|failure| {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            let code = match failure {
                HostFailure::FileChanged => sportello::ErrorCode::AttachmentChanged,
                _ => sportello::ErrorCode::AttachmentUnreadable,
            };
            sportello::SportelloError::from(code).into()
        })
    }

    /// Why a piece could not be given, where one could not: what to say with [`crate::HostEvent::Failed`].
    #[must_use]
    pub fn failure(&self) -> Option<HostFailure> {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for HostBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostBody(masked)")
    }
}
