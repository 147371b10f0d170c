//! The envelope that the answers of every API of this provider come in: `{"data", "success", "message", "error"}`.

use serde_json::Value;

use super::{CallError, Hint, loose};
use crate::error::ErrorCode;
use crate::http::{Call, HttpResponse};

/// How one API's errors are understood. They mean something only per API and call.
pub(super) struct Dialect {
    /// What an error means for a call; `None` when no document lists it.
    pub(super) meaning: fn(Call, u16, Option<u32>) -> Option<ErrorCode>,
    /// What a machine does about it.
    pub(super) hint: fn(Call, u16, Option<u32>) -> Hint,
    /// What a field's key begins with: `$`, `field`.
    pub(super) key_prefix: &'static str,
}

/// A documented error: call, HTTP status, the provider's code, what it means.
pub(super) type Listed = (Call, u16, u32, ErrorCode);

/// What an error means for a call by an API's list of documented ones; `None` when it is not among them.
pub(super) fn listed(
    list: &[Listed],
    call: Call,
    http_status: u16,
    api_code: Option<u32>,
) -> Option<ErrorCode> {
    let listed = list
        .iter()
        .find(|(listed, status, code, _)| {
            *listed == call && *status == http_status && Some(*code) == api_code
        })
        .map(|(.., meaning)| *meaning);
    listed.or(match http_status {
        // The gateway turns these away before the call is looked at, with whatever code.
        401 => Some(ErrorCode::AuthRejected),
        403 => Some(ErrorCode::AuthForbidden),
        402 => Some(ErrorCode::CreditInsufficient),
        _ => None,
    })
}

/// The `data` of a successful answer; every other answer is an error classified by call.
///
/// A 200 with `success: false` is an error like any other.
pub(super) fn data(dialect: &Dialect, call: Call, response: &HttpResponse) -> Result<Value, CallError> {
    let envelope = serde_json::from_slice::<Value>(&response.body).ok();
    let envelope = envelope.as_ref().and_then(Value::as_object);
    let success = envelope.and_then(|envelope| loose::flag(envelope.get("success")));
    if let (200..=299, Some(envelope), Some(true)) = (response.status, envelope, success) {
        return match envelope.get("data") {
            Some(data) if !data.is_null() => Ok(data.clone()),
            _ => Err(unreadable(response)),
        };
    }
    let api_code = envelope
        .and_then(|envelope| loose::number(envelope.get("error")))
        .and_then(|code| u32::try_from(code).ok());
    let said_no = success == Some(false);
    let listed = (dialect.meaning)(call, response.status, api_code);
    let hint = if said_no || response.status >= 500 || response.status == 429 {
        match (dialect.hint)(call, response.status, api_code) {
            // Out of order, or too many calls: the same for every call of every API.
            Hint::None if matches!(response.status, 408 | 425 | 429 | 500 | 502 | 503 | 504) => {
                Hint::Transient
            }
            hint => hint,
        }
    } else {
        Hint::None
    };
    let message = envelope
        .and_then(|envelope| envelope.get("message"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    Err(CallError {
        code: listed.unwrap_or_else(|| general_meaning(response.status, envelope.is_some())),
        http_status: response.status,
        api_code,
        // Only the provider's own "no", of a kind its documents list here, proves that nothing happened.
        definite: said_no && listed.is_some() && hint != Hint::AlreadyClosed && hint != Hint::Transient,
        hint,
        fields: field_keys(message, dialect.key_prefix),
    })
}

/// An answer that should have been a success and can't be read as one.
pub(super) fn unreadable(response: &HttpResponse) -> CallError {
    CallError {
        code: ErrorCode::AnswerUnreadable,
        http_status: response.status,
        api_code: None,
        definite: false,
        hint: Hint::None,
        fields: Vec::new(),
    }
}

/// What a status means that no document lists for the call.
pub(super) fn general_meaning(status: u16, is_envelope: bool) -> ErrorCode {
    match status {
        401 => ErrorCode::AuthRejected,
        403 => ErrorCode::AuthForbidden,
        300..=399 => ErrorCode::NetworkRedirect,
        429 => ErrorCode::ProviderRateLimited,
        408 | 425 | 500..=599 => ErrorCode::ProviderUnavailable,
        400..=499 if is_envelope => ErrorCode::ProviderRefused,
        200..=299 if is_envelope => ErrorCode::ProviderRefused,
        _ => ErrorCode::AnswerUnreadable,
    }
}

/// The field keys (`$4`, `field4`) that a message names. The rest of the message may hold what the applicant typed, so it is dropped.
fn field_keys(message: &str, prefix: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for part in message.split(prefix).skip(1) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).take(3).collect();
        let key = format!("{prefix}{digits}");
        if !digits.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}
