//! Who is calling: the integrator's hook, and the sessions that this relay can check by itself.
//!
//! # Signed sessions
//!
//! A session is `base64url(payload).base64url(mac)`, both without padding, sent as `Authorization: Bearer …`:
//!
//! * `payload` is JSON: `{"user":"u-17","exp":1795000000}`. `user` is 1 to 256 characters that name the user to the integrator, `exp`
//!   the Unix second in which the session ends. `"cap":"57.00"` may be added: this session's user may have spent so much, in EUR
//!   net over the relay's window, where that is less than the relay's own cap.
//! * `mac` is HMAC-SHA-256 under the relay's session key of the **first part as it is sent**: the ASCII bytes of `base64url(payload)`.
//! * The key is the text of one line, at least 32 bytes, blanks around it dropped; nothing is decoded.
//!
//! Any backend can make them; in Python: `p = b64(json.dumps({"user": u, "exp": t}).encode()); p + "." +
//! b64(hmac.digest(key, p.encode(), "sha256"))`, where `b64` is `base64.urlsafe_b64encode(x).rstrip(b"=").decode()`.

use std::future::Future;
use std::pin::Pin;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sportello::Money;
use zeroize::Zeroizing;

/// No session is longer, in characters: a longer one is not even looked at.
const LONGEST: usize = 4096;
const LONGEST_USER: usize = 256;
const SHORTEST_KEY: usize = 32;

/// Whoever a call comes from. `Debug` does not name the user.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The user, as the integrator names them. It is never written down as it is, only as a keyed digest.
    pub user: String,
    /// When the session ends, Unix seconds; an event stream ends with it.
    pub expires_at: Option<u64>,
    /// The most that this user may have spent within the relay's window, net, where that is less than the relay's own cap.
    pub cap: Option<Money>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session(masked, until {:?})", self.expires_at)
    }
}

/// Why a call is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// There is no session, or one that is wrong or over: 401.
    Unknown,
    /// The session is good and may not do this: 403.
    Forbidden,
    /// It can't be told at the moment: 503.
    Unavailable,
}

/// What [`Authorize::authorize`] gives back.
pub type Authorizing<'a> = Pin<Box<dyn Future<Output = Result<Session, Denied>> + Send + 'a>>;

/// Says who is calling, from the headers of a call. The integrator's own: a cookie looked up, a token asked about, or [`SessionKeys`].
pub trait Authorize: Send + Sync {
    /// Who is calling.
    fn authorize<'a>(&'a self, headers: &'a HeaderMap) -> Authorizing<'a>;
}

/// Checks, and makes, signed sessions; the format is told [above](self).
#[derive(Clone)]
pub struct SessionKeys {
    keys: Vec<Zeroizing<Vec<u8>>>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    user: String,
    exp: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cap: Option<Money>,
}

/// Why session keys can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key was given.
    #[error("there is no session key")]
    None,
    /// A key that could be guessed.
    #[error("a session key has fewer than 32 bytes")]
    Short,
}

impl SessionKeys {
    /// Keys, one per line; empty lines don't count. All of them are believed, and the first signs: to change a key, put the new one first
    /// and take the old one away once its sessions are over.
    ///
    /// # Errors
    /// There is none, or one is too short.
    pub fn parse(text: &str) -> Result<SessionKeys, KeyError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Vec<_> = lines
            .map(|line| Zeroizing::new(line.as_bytes().to_vec()))
            .collect();
        if keys.is_empty() {
            return Err(KeyError::None);
        }
        if keys.iter().any(|key| key.len() < SHORTEST_KEY) {
            return Err(KeyError::Short);
        }
        Ok(SessionKeys { keys })
    }

    /// A session for a user until `expires_at`, Unix seconds; `None` for a user that has no or too long a name.
    #[must_use]
    pub fn sign(&self, user: &str, expires_at: u64, cap: Option<Money>) -> Option<String> {
        if !is_user(user) {
            return None;
        }
        let payload = Payload {
            user: user.to_owned(),
            exp: expires_at,
            cap,
        };
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&payload).ok()?);
        let mac = mac(self.keys.first()?, payload.as_bytes())
            .finalize()
            .into_bytes();
        Some(format!("{payload}.{}", URL_SAFE_NO_PAD.encode(mac)))
    }

    /// Whose session this is, when it is one of ours and not over at `now`, Unix seconds.
    #[must_use]
    pub fn check(&self, session: &str, now: u64) -> Option<Session> {
        if session.len() > LONGEST {
            return None;
        }
        let (payload, tag) = session.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        // `verify_slice` takes the same time wherever two tags differ; every key is tried, so that it does not tell which one signed.
        let signed = (self.keys.iter())
            .map(|key| mac(key, payload.as_bytes()).verify_slice(&tag).is_ok())
            .fold(false, |any, one| any | one);
        if !signed {
            return None;
        }
        let payload: Payload = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        (now < payload.exp && is_user(&payload.user)).then_some(Session {
            user: payload.user,
            expires_at: Some(payload.exp),
            cap: payload
                .cap
                .filter(|cap| !cap.is_negative())
                .or(payload.cap.map(|_| Money::ZERO)),
        })
    }
}

impl std::fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionKeys({}, masked)", self.keys.len())
    }
}

impl Authorize for SessionKeys {
    fn authorize<'a>(&'a self, headers: &'a HeaderMap) -> Authorizing<'a> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        // A clock before 1970 lets nobody in.
        let now = now.map_or(u64::MAX, |since| since.as_secs());
        let session = bearer(headers).and_then(|session| self.check(session, now));
        Box::pin(async move { session.ok_or(Denied::Unknown) })
    }
}

/// The bearer token of a call.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

pub(crate) fn is_user(user: &str) -> bool {
    !user.is_empty() && user.chars().count() <= LONGEST_USER
}

fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    // Longer keys than a block are hashed first, as HMAC says; no length is wrong.
    let mut block = Zeroizing::new([0; 64]);
    if key.len() > block.len() {
        use sha2::Digest as _;
        for (filled, byte) in block.iter_mut().zip(Sha256::digest(key)) {
            *filled = byte;
        }
    } else {
        for (filled, byte) in block.iter_mut().zip(key) {
            *filled = *byte;
        }
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    /// Made with Python's `hmac`, by the line in this module's description, with both a short and a long key.
    #[test]
    fn sessions_are_those_of_an_independent_program() {
        let keys = SessionKeys::parse(KEY).unwrap();
        let made =
            "eyJ1c2VyIjogInUtMTciLCAiZXhwIjogMTc5NTAwMDAwMH0.MtLFj4XR7_KBgggf5vLMf_4dDKJAVA17iGGJQIudMbM";
        let session = keys.check(made, 1_794_999_999).unwrap();
        assert_eq!((session.user.as_str(), session.cap), ("u-17", None));
        let long = SessionKeys::parse(&KEY.repeat(3)).unwrap();
        let made =
            "eyJ1c2VyIjogInUtMTciLCAiZXhwIjogMTc5NTAwMDAwMH0.k5KzPdLnvuD_yHWYjYoU1M0hpwEL_qcP-q7ut1CDTy8";
        assert!(long.check(made, 1_794_999_999).is_some());
        assert!(keys.check(made, 1_794_999_999).is_none());
    }

    #[test]
    fn a_session_ends_and_can_not_be_changed() {
        let keys = SessionKeys::parse(KEY).unwrap();
        let session = keys.sign("u", 100, "57.00".parse().ok()).unwrap();
        assert_eq!(keys.check(&session, 99).unwrap().cap, "57.00".parse().ok());
        assert!(keys.check(&session, 100).is_none());
        let (payload, tag) = session.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD.encode(r#"{"user":"v","exp":100}"#);
        for forged in [
            format!("{other}.{tag}"),
            format!("{payload}."),
            payload.to_owned(),
            format!("{payload}.{}", &tag[..tag.len() - 4]),
            format!("{session}.{tag}"),
            String::new(),
            ".".to_owned(),
        ] {
            assert!(keys.check(&forged, 99).is_none(), "{forged}");
        }
    }

    #[test]
    fn keys_change_one_after_the_other() {
        let old = SessionKeys::parse(KEY).unwrap();
        let new = "another-key-of-more-than-32-bytes-length";
        let both = SessionKeys::parse(&format!("{new}\n\n{KEY}\n")).unwrap();
        assert!(both.check(&old.sign("u", 100, None).unwrap(), 99).is_some());
        assert!(old.check(&both.sign("u", 100, None).unwrap(), 99).is_none());
        assert_eq!(SessionKeys::parse(" \n").unwrap_err(), KeyError::None);
        assert_eq!(SessionKeys::parse("short").unwrap_err(), KeyError::Short);
        assert!(old.sign("", 100, None).is_none());
    }
}
