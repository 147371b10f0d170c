//! Requests and responses as values: what the machines say and hear. Nothing here does I/O.
//!
//! A body is a list of segments, so that a file of 50 MB is never in memory; an answer is inline (at most
//! [`MAX_INLINE_BYTES`]) or streamed into a sink. A request never holds `Authorization`: the driver adds it, and for the
//! configured origin only.

mod body;
pub mod json_file;
#[cfg(feature = "flow")]
pub(crate) mod origin;
#[cfg(feature = "flow")]
pub(crate) mod pieces;
mod token;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use body::{Body, Segment};
pub use token::SecretToken;

use crate::model::Money;

/// The longest answer that is kept in memory: 1 MiB.
pub const MAX_INLINE_BYTES: usize = 1024 * 1024;

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as it stands on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// Which call of a provider's API a request is. Errors, time limits and logs go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// The catalogue.
    ListServices,
    /// One service with its form.
    GetService,
    /// Every submission of the account.
    ListSubmissions,
    /// One submission.
    GetSubmission,
    /// Validates and prices without opening anything.
    DryRun,
    /// Opens a draft; free.
    OpenDraft,
    /// Changes an open draft; free.
    Fill,
    /// Hands the draft in; **paid**.
    Commit,
    /// Adds a search; **paid**.
    AddSearch,
    /// Chooses a search result; **paid**.
    Choose,
    /// The documents: the file itself, or the list of where its files are.
    GetDocument,
    /// One file of a delivery.
    GetFile,
    /// A token for later calls.
    CreateToken,
    /// Gives a token back.
    DeleteToken,
    /// The account's credit.
    GetCredit,
    /// The account's charges and top-ups.
    ListTransactions,
}

impl Call {
    /// True for a call that charges the account: sent once, never repeated by any layer below the machine.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        matches!(self, Call::Commit | Call::AddSearch | Call::Choose)
    }

    /// The stable name, as in logs and vectors.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Call::ListServices => "list_services",
            Call::GetService => "get_service",
            Call::ListSubmissions => "list_submissions",
            Call::GetSubmission => "get_submission",
            Call::DryRun => "dry_run",
            Call::OpenDraft => "open_draft",
            Call::Fill => "fill",
            Call::Commit => "commit",
            Call::AddSearch => "add_search",
            Call::Choose => "choose",
            Call::GetDocument => "get_document",
            Call::GetFile => "get_file",
            Call::CreateToken => "create_token",
            Call::DeleteToken => "delete_token",
            Call::GetCredit => "get_credit",
            Call::ListTransactions => "list_transactions",
        }
    }
}

/// How an answer is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerMode {
    /// Whole, in memory, at most [`MAX_INLINE_BYTES`].
    Inline,
    /// JSON in which the string at this path is base64 of a file: that string is decoded into the driver's sink and
    /// left empty in the inline rest.
    JsonFile(&'static [&'static str]),
    /// The body is a file of this many bytes at the most: it goes into the driver's sink of this number as it is.
    File {
        /// Which file of a delivery, from 0: each has a sink of its own.
        number: u32,
        /// The longest that is taken in.
        max_bytes: u64,
    },
}

/// Where a request goes.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// The provider's API, with the token.
    Api,
    /// Another host that the provider named, by a URL that holds its own permission: **without** the token, by a client that
    /// refuses addresses inside networks. The request's path is not used.
    Signed(String),
}

/// A request to the provider's API.
#[derive(Clone)]
pub struct HttpRequest {
    /// Which call this is.
    pub call: Call,
    /// The method.
    pub method: Method,
    /// Path and query below the API's origin, percent-encoded: `/richiesta/5f22…`.
    pub path: String,
    /// Where it goes.
    pub target: Target,
    /// Headers beside those of every call, names in lower case. Never `authorization`: the driver adds that.
    pub headers: Vec<(&'static str, String)>,
    /// The body, for calls that have one: JSON, unless a header says otherwise.
    pub body: Option<Body>,
    /// The confirmed net price of a paid call, for a driver that limits its token to it.
    pub price: Option<Money>,
    /// How the answer is taken in.
    pub answer: AnswerMode,
}

impl HttpRequest {
    /// A request without a body, answered inline.
    #[must_use]
    pub fn new(call: Call, method: Method, path: impl Into<String>) -> HttpRequest {
        HttpRequest {
            call,
            method,
            path: path.into(),
            target: Target::Api,
            headers: Vec::new(),
            body: None,
            price: None,
            answer: AnswerMode::Inline,
        }
    }

    /// The same request with a body.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> HttpRequest {
        self.body = Some(body);
        self
    }

    /// The same request at a confirmed net price.
    #[must_use]
    pub fn priced(mut self, price: Money) -> HttpRequest {
        self.price = Some(price);
        self
    }

    /// The file at a signed URL, into the sink of this number.
    #[must_use]
    pub fn signed_file(url: impl Into<String>, number: u32, max_bytes: u64) -> HttpRequest {
        let mut request = HttpRequest::new(Call::GetFile, Method::Get, "/");
        request.target = Target::Signed(url.into());
        request.answer = AnswerMode::File { number, max_bytes };
        request
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A signed URL is a permission, so it is never shown.
        let path = match &self.target {
            Target::Api => self.path.as_str(),
            Target::Signed(_) => "(signed)",
        };
        write!(f, "{} {path} ({})", self.method.as_str(), self.call.as_str())
    }
}

/// An answer of the provider's API. `Debug` never shows the body: answers echo the applicant.
#[derive(Clone, Default)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body, or what is left of it after a file went into the sink.
    pub body: Vec<u8>,
    /// What went into the sink, when the request asked for one and the answer held a file.
    pub sink: Option<SinkReceipt>,
}

/// What a driver wrote into a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkReceipt {
    /// How many bytes.
    pub len: u64,
    /// Their SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// Their MD5 in base64, where the whole answer was the file: some providers declare nothing better.
    pub md5: Option<String>,
}

impl HttpResponse {
    /// The first value of a header, its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// How long `Retry-After` asks to wait, in milliseconds: seconds, or a date compared with `now` (Unix milliseconds).
    #[must_use]
    pub fn retry_after(&self, now: u64) -> Option<u64> {
        let value = self.header("retry-after")?.trim();
        if let Ok(seconds) = value.parse::<u64>() {
            return Some(seconds.saturating_mul(1000));
        }
        let format = time::macros::format_description!(
            "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
        );
        let date = time::PrimitiveDateTime::parse(value, &format)
            .ok()?
            .assume_utc()
            .unix_timestamp();
        Some((u64::try_from(date).ok()?.saturating_mul(1000)).saturating_sub(now))
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpResponse({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why a request brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The connection could not be made: nothing was sent.
    Unreachable,
    /// The server's certificate or its TLS was refused: nothing was sent.
    Tls,
    /// No answer in time; the request may have taken effect.
    Timeout,
    /// The connection broke; the request may have taken effect.
    Interrupted,
    /// The answer was longer than allowed, or cut, or not what was asked for; the request may have taken effect.
    Unreadable,
    /// A file to be sent has changed since it was checked.
    SourceChanged,
    /// A file to be sent can't be read.
    SourceUnreadable,
    /// The sink for a delivery can't be written.
    SinkFailed,
    /// No token could be had: nothing was sent.
    NoToken,
    /// No token could be had, because the account's credentials were refused: nothing was sent.
    CredentialsRefused,
    /// A file of a delivery lies at an address that must not be asked: nothing was sent.
    AddressRefused,
}

impl Failure {
    /// True when the server can't have seen a whole request, so that it took no effect.
    #[must_use]
    pub const fn never_arrived(self) -> bool {
        matches!(
            self,
            Failure::Unreachable
                | Failure::Tls
                | Failure::NoToken
                | Failure::CredentialsRefused
                | Failure::AddressRefused
                | Failure::SourceChanged
                | Failure::SourceUnreadable
        )
    }

    /// True when the same free request may be sent again without anybody doing something first.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Failure::Unreachable | Failure::Timeout | Failure::Interrupted | Failure::Unreadable
        )
    }
}
