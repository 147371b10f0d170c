//! What a failed exchange means. Where it can't be told, the answer is one after which the request may have taken effect.

use std::error::Error;
use std::io;

use crate::http::Failure;

/// An error before the answer's head.
pub(super) fn sending(error: &reqwest::Error) -> Failure {
    // First, because a connect timeout is also a timeout: a connector's error means that no connection stood, so nothing
    // was sent. A TLS error that comes later (TLS 1.3 lets the server refuse after the client has begun to send) is not one.
    if error.is_connect() {
        return if any(error, &|cause| cause.is::<rustls::Error>()) {
            Failure::Tls
        } else {
            Failure::Unreachable
        };
    }
    // What reqwest refuses before it connects.
    if error.is_builder() {
        return Failure::Unreachable;
    }
    if error.is_timeout() {
        return Failure::Timeout;
    }
    if any(error, &|cause| {
        cause
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_parse)
    }) {
        return Failure::Unreadable;
    }
    Failure::Interrupted
}

/// An error after the answer's head.
pub(super) fn reading(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Timeout;
    }
    let cut = any(error, &|cause| {
        let incomplete = cause.downcast_ref::<hyper::Error>();
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        incomplete.is_some_and(|error| error.is_incomplete_message() || error.is_parse())
            || matches!(
                io,
                Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
            )
    });
    if cut {
        Failure::Unreadable
    } else {
        Failure::Interrupted
    }
}

/// True when an error, or one that it comes from, answers the question.
fn any(error: &(dyn Error + 'static), is: &dyn Fn(&(dyn Error + 'static)) -> bool) -> bool {
    if is(error) {
        return true;
    }
    // `source` of an `io::Error` passes over the error that it wraps.
    if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
        && any(inner, is)
    {
        return true;
    }
    error.source().is_some_and(|source| any(source, is))
}
