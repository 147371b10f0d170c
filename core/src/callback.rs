//! What a provider calls back with when a submission changes its state.
//!
//! Nothing signs such a call, and anybody may make it. So a callback is only ever a hint, in three steps: it is **read** under
//! limits; it is **authenticated** by the proof that was given with the draft, a keyed digest that is different for every
//! submission (a header on `DocuEngine`, a member of `callback_data.data` on Visengine); and what it says is **confirmed** by asking
//! the provider. What it claims about the submission is never used.
//!
//! Bytes in, event out: [`Client::receive_callback`] works under any web framework.
//!
//! ```no_run
//! # async fn handler(client: &sportello::client::Client, headers: Vec<(String, String)>, body: Vec<u8>) -> u16 {
//! match client.receive_callback(&headers, &body).await {
//!     Ok(event) => { println!("{} is now {:?}", event.submission.reference, event.submission.stage); 200 }
//!     Err(error) if error.code() == "callback.too_large" => 413,
//!     Err(error) if error.code().starts_with("callback.") => 403,
//!     // The provider may call again.
//!     Err(_) => 503,
//! }
//! # }
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::client::{Client, Submission, now};
use crate::error::{ErrorCode, SportelloError};
use crate::model::Progress;
use crate::provider::docuengine::PROOF_HEADER;

/// The longest callback that is read: 1 MiB.
pub const MAX_CALLBACK_BYTES: usize = 1024 * 1024;

/// The member, or the field of a form, that holds the submission.
const FIELD: &str = "data";
/// A submission is asked about at most once in this time on account of callbacks, milliseconds: later ones wait for it.
const REST_MS: u64 = 1_000;
/// How many submissions are remembered for that.
const REMEMBERED: usize = 4_096;

/// What became of a submission, as the provider confirmed it.
#[derive(Clone, Debug)]
pub struct CallbackEvent {
    /// The submission as it stands now.
    pub submission: Submission,
    /// True when the state is another than at the last callback: false for one that came twice, or was sent again by somebody.
    pub changed: bool,
}

/// What was last confirmed on account of callbacks, by correlation.
#[derive(Default)]
pub(crate) struct Heard(Mutex<HashMap<String, Slot>>);

/// One submission's; whoever asks about it holds the lock, so that a storm of callbacks is one question.
type Slot = Arc<tokio::sync::Mutex<Option<Last>>>;

struct Last {
    /// When the question was asked.
    at: u64,
    event: CallbackEvent,
}

impl Client {
    /// Takes in what a provider called back with: the headers (names in any case) and the body as they came.
    ///
    /// # Errors
    /// `callback.too_large`, `callback.unreadable`, `callback.not_authentic` for what is to be turned away; `reference.unknown` for a
    /// submission that this journal no longer holds; otherwise as for `status`: the provider may call again.
    pub async fn receive_callback(
        &self,
        headers: &[(impl AsRef<str>, impl AsRef<str>)],
        body: &[u8],
    ) -> Result<CallbackEvent, SportelloError> {
        let payload = read(body)?;
        let mut claim = self.provider().read_callback(&payload);
        let header = headers
            .iter()
            .find(|(name, _)| name.as_ref().eq_ignore_ascii_case(PROOF_HEADER))
            .map(|(_, value)| value.as_ref().trim().to_owned());
        claim.proof = header.or(claim.proof);
        let (Some(correlation), Some(proof)) = (claim.correlation, claim.proof) else {
            return Err(ErrorCode::CallbackNotAuthentic.into());
        };
        // Before the journal is asked: whoever can't prove anything costs nothing.
        if !self.verify_callback(&correlation, &proof) {
            return Err(ErrorCode::CallbackNotAuthentic.into());
        }
        let arrived = now();
        let slot = self.heard().slot(&correlation);
        let mut last = slot.lock().await;
        if let Some(last) = &*last {
            // Asked after this one came: what was learned then is as new as what it could bring.
            if last.at >= arrived {
                return Ok(CallbackEvent {
                    changed: false,
                    ..last.event.clone()
                });
            }
            let rest = REST_MS.saturating_sub(now().saturating_sub(last.at));
            tokio::time::sleep(Duration::from_millis(rest)).await;
        }
        let entry = self.entry_of_correlation(&correlation).await?;
        let reference = entry.key.reference;
        // One submission's proof must not speak for another.
        if let (Some(claimed), Some(bound)) = (&claim.id, &entry.id)
            && claimed != bound
        {
            return Err(SportelloError::new(ErrorCode::CallbackNotAuthentic).about(&reference, None));
        }
        let at = now();
        let submission = self.status(&reference).await?;
        let before = last.as_ref().map(|last| state_of(&last.event.submission));
        let event = CallbackEvent {
            changed: before != Some(state_of(&submission)),
            submission,
        };
        *last = Some(Last {
            at,
            event: event.clone(),
        });
        Ok(event)
    }
}

/// What a change is told by.
fn state_of(submission: &Submission) -> Option<(Progress, String)> {
    let remote = submission.remote.as_ref()?;
    Some((remote.progress, remote.status.clone()))
}

impl Heard {
    fn slot(&self, correlation: &str) -> Slot {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() >= REMEMBERED && !heard.contains_key(correlation) {
            // Forgetting only costs a question.
            heard.clear();
        }
        Arc::clone(heard.entry(correlation.to_owned()).or_default())
    }
}

/// The submission in a callback's body: JSON, or a form with JSON in a field; bare, or as the member `data`.
fn read(body: &[u8]) -> Result<Value, SportelloError> {
    if body.len() > MAX_CALLBACK_BYTES {
        return Err(ErrorCode::CallbackTooLarge.into());
    }
    let unreadable = || SportelloError::new(ErrorCode::CallbackUnreadable);
    let whole: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(_) => {
            let field = form_urlencoded::parse(body)
                .find(|(name, _)| name == FIELD)
                .map(|(_, value)| value.into_owned());
            serde_json::from_str(&field.ok_or_else(unreadable)?).map_err(|_| unreadable())?
        }
    };
    let inner = match whole.get(FIELD) {
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(inner @ Value::Object(_)) => Some(inner.clone()),
        _ => None,
    };
    // An envelope within the field, as of any other answer.
    let payload = inner.unwrap_or(whole);
    match payload
        .get(FIELD)
        .filter(|data| data.get("id").is_some() || data.get("_id").is_some())
    {
        Some(data) => Ok(data.clone()),
        None if payload.is_object() => Ok(payload),
        None => Err(unreadable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_of_every_documented_shape_are_read() {
        let request = r#"{"id":"66c8","state":"DONE"}"#;
        let form: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("data", request)
            .finish();
        for body in [
            request.to_owned(),
            format!(r#"{{"data":{request}}}"#),
            format!(r#"{{"data":{{"data":{request},"success":true}}}}"#),
            format!(r#"{{"data":{}}}"#, serde_json::json!(request)),
            form,
        ] {
            assert_eq!(read(body.as_bytes()).unwrap()["state"], "DONE", "{body}");
        }
    }

    #[test]
    fn what_is_no_callback_is_refused() {
        for body in [
            "",
            "[]",
            "null",
            "data",
            "data=x",
            "other=%7B%7D",
            "\u{0}",
            "\"text\"",
            "{\"data\":",
        ] {
            assert_eq!(
                read(body.as_bytes()).unwrap_err().code(),
                "callback.unreadable",
                "{body}"
            );
        }
        let bomb = vec![b'['; MAX_CALLBACK_BYTES];
        assert_eq!(read(&bomb).unwrap_err().code(), "callback.unreadable");
        let long = vec![b' '; MAX_CALLBACK_BYTES + 1];
        assert_eq!(read(&long).unwrap_err().code(), "callback.too_large");
    }
}
