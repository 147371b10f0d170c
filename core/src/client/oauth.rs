//! Tokens made of an account's credentials: few scopes, short lives, kept while they live, given back on request.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::clock::now;
use super::token::SecretToken;
use super::transport::{Authorization, Perform, Transport};
use crate::error::{ErrorCode, SportelloError};
use crate::http::{Call, Failure, HttpRequest, HttpResponse};
use crate::model::Money;
use crate::provider::oauth::{self, Credentials, TokenSpec, TokenUse, Transaction};
use crate::provider::{CallError, Hint, Provider};

/// A token is renewed when less than this is left of it, milliseconds: longer than any call takes.
const RENEW_BEFORE_MS: u64 = 180_000;
/// How long a token made for one purchase lives, seconds: longer than a commit may take.
const PURCHASE_TTL_SECONDS: u64 = 300;
/// How many times a free call to OAuth is sent.
const ATTEMPTS: u32 = 3;

/// How tokens are made of an account's credentials.
#[derive(Clone, Debug)]
pub struct OAuthConfig {
    /// How long a token lives, seconds. Default ten minutes; at least five, so that none ends during a call.
    pub ttl_seconds: u64,
    /// Each purchase gets a token of its own, for that one call and its price with VAT, given back right after.
    pub one_token_per_purchase: bool,
}

impl Default for OAuthConfig {
    fn default() -> OAuthConfig {
        OAuthConfig {
            ttl_seconds: oauth::TTL_SECONDS,
            one_token_per_purchase: false,
        }
    }
}

/// Makes and keeps tokens.
pub(crate) struct OAuth {
    transport: Transport,
    credentials: Credentials,
    provider: Arc<dyn Provider>,
    /// The host that scopes name.
    scope_host: String,
    config: OAuthConfig,
    kept: Mutex<HashMap<TokenUse, Kept>>,
}

struct Kept {
    token: SecretToken,
    ends_at: u64,
}

impl OAuth {
    pub(crate) fn new(
        transport: Transport,
        credentials: Credentials,
        provider: Arc<dyn Provider>,
        scope_host: String,
        config: OAuthConfig,
    ) -> OAuth {
        OAuth {
            transport,
            credentials,
            provider,
            scope_host,
            config,
            kept: Mutex::new(HashMap::new()),
        }
    }

    /// A token for a call, and whether it is for this one purchase only.
    pub(crate) async fn token(&self, request: &HttpRequest) -> Result<(SecretToken, bool), SportelloError> {
        if let Some(price) = request.price.filter(|_| self.config.one_token_per_purchase) {
            let spec = TokenSpec {
                scopes: oauth::scopes(
                    &*self.provider,
                    &self.scope_host,
                    TokenUse::Purchase(request.call),
                ),
                ttl_seconds: PURCHASE_TTL_SECONDS,
                // The documents leave open whether the wallet is charged with VAT; a limit must never refuse what is right.
                one_purchase_up_to: Some(price.gross()),
            };
            return Ok((self.make(&spec).await?.token, true));
        }
        let for_use = TokenUse::of(request.call);
        // Held while a token is made: a thousand calls at once make one token.
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept
            .get(&for_use)
            .filter(|kept| kept.ends_at > now().saturating_add(RENEW_BEFORE_MS))
        {
            return Ok((kept.token.clone(), false));
        }
        let made = self
            .make(&TokenSpec {
                scopes: oauth::scopes(&*self.provider, &self.scope_host, for_use),
                ttl_seconds: self.config.ttl_seconds.max(300),
                one_purchase_up_to: None,
            })
            .await?;
        let token = made.token.clone();
        kept.insert(for_use, made);
        Ok((token, false))
    }

    async fn make(&self, spec: &TokenSpec) -> Result<Kept, SportelloError> {
        let asked_at = now();
        let issued = self.call(&oauth::create_token(spec), oauth::read_token).await?;
        // What we asked for counts, should the provider's clock be another than ours.
        let asked = asked_at.saturating_add(spec.ttl_seconds.saturating_mul(1000));
        Ok(Kept {
            token: SecretToken::new(issued.token.as_str()),
            ends_at: issued.expires_at.map_or(asked, |at| at.min(asked)),
        })
    }

    /// Forgets a token that the provider refused, unless another call has replaced it already.
    pub(crate) async fn refused(&self, call: Call, token: &SecretToken) {
        let mut kept = self.kept.lock().await;
        let for_use = TokenUse::of(call);
        if kept
            .get(&for_use)
            .is_some_and(|kept| kept.token.expose() == token.expose())
        {
            kept.remove(&for_use);
        }
    }

    /// Gives a token back that was for one purchase. It ends by itself soon, so a failure is of no consequence.
    pub(crate) async fn give_back(&self, token: &SecretToken) {
        let request = oauth::delete_token(token.expose());
        let _ = self.call(&request, oauth::read_deleted).await;
    }

    /// Gives back every token that is kept.
    pub(crate) async fn revoke_all(&self) -> Result<u32, SportelloError> {
        let kept: Vec<Kept> = {
            let mut kept = self.kept.lock().await;
            kept.drain().map(|(_, kept)| kept).collect()
        };
        let mut revoked = 0;
        for kept in kept {
            let request = oauth::delete_token(kept.token.expose());
            self.call(&request, oauth::read_deleted).await?;
            revoked += 1;
        }
        Ok(revoked)
    }

    /// The host that scopes and charges name.
    pub(crate) fn scope_host(&self) -> &str {
        &self.scope_host
    }

    pub(crate) async fn credit(&self) -> Result<Money, SportelloError> {
        self.call(&oauth::get_credit(), oauth::read_credit).await
    }

    /// The account's charges and top-ups since a time, newest first. A list that never gets there is read as far as 50 pages.
    pub(crate) async fn transactions_since(&self, since: u64) -> Result<Vec<Transaction>, SportelloError> {
        let mut all = Vec::new();
        for page in 0..50 {
            let request = oauth::list_transactions(page * oauth::PAGE);
            let found = self.call(&request, oauth::read_transactions).await?;
            let over =
                found.len() < oauth::PAGE as usize || found.iter().any(|transaction| transaction.at < since);
            all.extend(found.into_iter().filter(|transaction| transaction.at >= since));
            if over {
                break;
            }
        }
        Ok(all)
    }

    /// A free call with the account's own credentials, repeated while that may help.
    async fn call<T>(
        &self,
        request: &HttpRequest,
        read: fn(&HttpResponse) -> Result<T, CallError>,
    ) -> Result<T, SportelloError> {
        let mut wait = std::time::Duration::from_millis(250);
        for attempt in 1.. {
            let perform = Perform {
                authorization: Some(Authorization::Basic(&self.credentials)),
                ..Perform::default()
            };
            let (error, again): (SportelloError, bool) = match self.transport.perform(request, perform).await
            {
                Ok(response) => match read(&response) {
                    Ok(answer) => return Ok(answer),
                    Err(error) => {
                        let again = error.hint == Hint::Transient;
                        (error.into(), again)
                    }
                },
                Err(failure) => {
                    let again = failure.is_transient();
                    (crate::flow::failure_code(failure).into(), again)
                }
            };
            if !again || attempt >= ATTEMPTS {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Err(ErrorCode::Internal.into())
    }
}

/// What a call without a token failed of.
pub(crate) fn failure_of(error: &SportelloError) -> Failure {
    match ErrorCode::of(error.code()) {
        Some(ErrorCode::CredentialsRejected | ErrorCode::AuthForbidden) => Failure::CredentialsRefused,
        Some(ErrorCode::TokenMissing) => Failure::NoToken,
        Some(ErrorCode::NetworkTls) => Failure::Tls,
        // Nothing was sent to the API, whatever became of the call for a token.
        _ => Failure::Unreachable,
    }
}
