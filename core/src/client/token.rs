//! Tokens, never shown and wiped when dropped.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::oauth::{OAuth, failure_of};
use crate::http::{Call, Failure, HttpRequest};

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
    Account(Arc<OAuth>),
}

impl TokenSource {
    /// A token for a request, and whether it is for this one only.
    pub(crate) async fn token(&self, request: &HttpRequest) -> Result<(SecretToken, bool), Failure> {
        let token = match self {
            TokenSource::Ready(token) => Some(token.clone()),
            // It may wait for a network of its own.
            TokenSource::Function(give) => {
                let give = Arc::clone(give);
                tokio::task::spawn_blocking(move || give()).await.unwrap_or(None)
            }
            TokenSource::Account(account) => {
                return account.token(request).await.map_err(|error| failure_of(&error));
            }
        };
        match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok((token, false)),
            None => Err(Failure::NoToken),
        }
    }

    /// True when a token that was refused can be replaced: by a new one, or by whatever the function says next.
    pub(crate) const fn is_renewable(&self) -> bool {
        !matches!(self, TokenSource::Ready(_))
    }

    /// Takes notice of a token that the provider refused.
    pub(crate) async fn refused(&self, call: Call, token: &SecretToken) {
        if let TokenSource::Account(account) = self {
            account.refused(call, token).await;
        }
    }

    pub(crate) fn account(&self) -> Option<&OAuth> {
        match self {
            TokenSource::Account(account) => Some(account),
            _ => None,
        }
    }
}
