//! What a page or an app must not hold.

use crate::error::{ErrorCode, SportelloError};
use crate::http::origin::WebOrigin;
use crate::provider::{docuengine, oauth, visengine};

/// How many hexadecimal digits the provider's tokens have.
const TOKEN_DIGITS: usize = 24;

const PROVIDERS: [&str; 6] = [
    docuengine::PRODUCTION,
    docuengine::SANDBOX,
    oauth::PRODUCTION,
    oauth::SANDBOX,
    visengine::PRODUCTION,
    visengine::SANDBOX,
];

/// Refuses what belongs on a server: the provider's own address, and a session that reads as the provider's token. A host in other people's hands
/// (a page, an app) asks before it sends anything.
///
/// # Errors
/// `config.relay_needed`, `config.insecure_url`, `config.invalid_url`.
pub fn relay_only(origin: &str, session: &str) -> Result<(), SportelloError> {
    let origin =
        WebOrigin::parse(origin).map_err(|bad| SportelloError::foreign(bad.code(), false, bad.text()))?;
    let needed = |detail| Err(SportelloError::new(ErrorCode::RelayNeeded).detail(detail));
    if PROVIDERS.contains(&origin.as_str()) {
        return needed("this is the provider's own address");
    }
    let token = session.trim();
    let token = match token.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => token,
    };
    if token.len() == TOKEN_DIGITS && token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return needed("the session reads as the provider's token");
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_provider_and_its_token_are_refused_and_a_relay_is_not() {
        let code = |origin, session| relay_only(origin, session).unwrap_err().code();
        assert_eq!(
            code("https://Visengine2.altravia.com/", "s"),
            "config.relay_needed"
        );
        assert_eq!(
            code("https://test.oauth.openapi.com:443", "s"),
            "config.relay_needed"
        );
        let token = "0123456789abcdef01234567";
        assert_eq!(code("https://relay.example", token), "config.relay_needed");
        assert_eq!(
            code("https://relay.example", " Bearer 0123456789ABCDEF01234567 "),
            "config.relay_needed"
        );
        assert_eq!(code("http://relay.example", "s"), "config.insecure_url");
        assert_eq!(code("relay.example", "s"), "config.invalid_url");
        for session in [
            "",
            "eyJ1c2VyIjoiYSJ9.bWFj",
            "0123456789abcdef0123456",
            "0123456789abcdefg1234567",
        ] {
            relay_only("https://relay.example", session).unwrap();
        }
        let said = relay_only("https://relay.example", token)
            .unwrap_err()
            .to_string();
        assert!(!said.contains(token) && said.contains("relay"), "{said}");
    }
}
