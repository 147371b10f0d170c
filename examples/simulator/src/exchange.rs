//! One call as values: what arrives, what is answered, and what the wire did to it.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::delivery::Stream;

/// A request as it arrives, whole.
#[derive(Clone, Debug, Default)]
pub struct SimRequest {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, in capitals.
    pub method: String,
    /// The path, percent-encoded as sent, without the query.
    pub path: String,
    /// The query, without its question mark.
    pub query: Option<String>,
    /// Header names are compared without regard to case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl SimRequest {
    /// A request with no headers and no body.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// The same request with a bearer token.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        self.headers
            .push(("authorization".to_owned(), format!("Bearer {token}")));
        self
    }

    /// The same request with the account's e-mail and key, as OAuth's calls want them.
    #[must_use]
    pub fn basic(mut self, email: &str, key: &str) -> Self {
        let value = format!("Basic {}", STANDARD.encode(format!("{email}:{key}")));
        self.headers.push(("authorization".to_owned(), value));
        self
    }

    /// The same request with a JSON body.
    #[must_use]
    pub fn json(mut self, body: &serde_json::Value) -> Self {
        self.headers
            .push(("content-type".to_owned(), "application/json".to_owned()));
        self.body = body.to_string().into_bytes();
        self
    }

    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct SimResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, or its beginning where `stream` goes on.
    pub body: Vec<u8>,
    /// What follows `body` when the answer is too large to be held in memory.
    pub stream: Option<Stream>,
}

impl SimResponse {
    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::bytes(status, "application/json", value.to_string().into_bytes())
    }

    /// An answer of any type.
    #[must_use]
    pub fn bytes(status: u16, media_type: &str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body,
            stream: None,
        }
    }

    /// The first header of this name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON, `Null` when it is not JSON or is streamed.
    #[must_use]
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The length to announce; `None` for a body that only promises to go on.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        match &self.stream {
            None => Some(self.body.len() as u64),
            Some(stream) => stream.len().map(|rest| self.body.len() as u64 + rest),
        }
    }
}

/// What the caller sees of one call.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The answer arrives whole.
    Answer(SimResponse),
    /// The connection is reset and nothing has happened so far.
    CutBefore,
    /// It has happened, then the connection is reset with no answer.
    CutAfter,
    /// It has happened; the answer stops after this many bytes of its body, then the connection is reset.
    Truncated(SimResponse, usize),
}

impl Outcome {
    /// The answer, where all of it arrives.
    #[must_use]
    pub fn answer(self) -> Option<SimResponse> {
        match self {
            Self::Answer(response) => Some(response),
            Self::CutBefore | Self::CutAfter | Self::Truncated(..) => None,
        }
    }
}

/// One call with the times the wire took.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request reached the service this long after it was sent.
    pub delay_before_ms: u64,
    /// The answer, or the reset, left the service this long after the effect.
    pub delay_after_ms: u64,
    /// What arrives.
    pub outcome: Outcome,
}

/// The first member of a query by this name, decoded.
pub(crate) fn query(text: &str, name: &str) -> Option<String> {
    let (_, value) = text
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| *key == name)?;
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |byte: &u8| char::from(*byte).to_digit(16);
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                bytes.push((hex(high).unwrap_or(0) * 16 + hex(low).unwrap_or(0)) as u8);
                rest = after;
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded() {
        assert_eq!(query("a=1&b=x%3Ay+z%2", "b").as_deref(), Some("x:y z%2"));
        assert_eq!(query("a&b=2", "a").as_deref(), Some(""));
        assert_eq!(query("", "a"), None);
    }
}
