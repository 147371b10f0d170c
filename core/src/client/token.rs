//! Tokens, never shown and wiped when dropped.

use std::sync::Arc;

use super::oauth::{OAuth, failure_of};
pub use crate::http::SecretToken;
use crate::http::{Call, Failure, HttpRequest};

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
