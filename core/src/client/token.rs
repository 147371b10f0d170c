//! Tokens, never shown and wiped when dropped.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::error::{ErrorCode, SportelloError};

/// A bearer token. `Debug` is masked; the memory is wiped on drop.
#[derive(Clone)]
pub struct SecretToken(Zeroizing<String>);

impl SecretToken {
    /// A token as the provider gave it; surrounding blanks are dropped.
    #[must_use]
    pub fn new(token: impl Into<String>) -> SecretToken {
        let token = Zeroizing::new(token.into());
        SecretToken(Zeroizing::new(token.trim().to_owned()))
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(masked)")
    }
}

/// Where a client's tokens come from.
#[derive(Clone)]
pub(crate) enum TokenSource {
    Ready(SecretToken),
    Function(Arc<dyn Fn() -> Option<SecretToken> + Send + Sync>),
}

impl TokenSource {
    pub(crate) fn token(&self) -> Result<SecretToken, SportelloError> {
        let token = match self {
            TokenSource::Ready(token) => Some(token.clone()),
            TokenSource::Function(give) => give(),
        };
        token
            .filter(|token| !token.is_empty())
            .ok_or_else(|| ErrorCode::TokenMissing.into())
    }
}
