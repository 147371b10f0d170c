//! The envelope that every answer comes in: `{"data", "success", "message", "error"}`.

use serde_json::Value;

use super::{errors, hint, loose};
use crate::error::ErrorCode;
use crate::http::{Call, HttpResponse};
use crate::provider::{CallError, Hint};

/// The `data` of a successful answer; every other answer is an error classified by call.
///
/// A 200 with `success: false` is an error like any other.
pub(super) fn data(call: Call, response: &HttpResponse) -> Result<Value, CallError> {
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
    let listed = errors::meaning(call, response.status, api_code);
    let hint = if said_no || response.status >= 500 || response.status == 429 {
        hint(call, response.status, api_code)
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
        fields: field_keys(message),
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
fn general_meaning(status: u16, is_envelope: bool) -> ErrorCode {
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

/// The field keys (`$4`) that a message names. The rest of the message may hold what the applicant typed, so it is dropped.
fn field_keys(message: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for part in message.split('$').skip(1) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).take(3).collect();
        let key = format!("${digits}");
        if !digits.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}
