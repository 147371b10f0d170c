//! OAuth version 2 of this provider: tokens for the other APIs, the account's credit, its charges.
//!
//! Source: the provider's published OpenAPI description of OAuth, version 2. An account's e-mail address and API key (HTTP Basic) make
//! tokens; a token has scopes, `METHOD:host/first-path-segment`, an end, and limits where wanted. Nothing here does I/O.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::envelope::{self, Dialect};
use super::{CallError, Hint, Provider, loose, path_segment};
use crate::error::ErrorCode;
use crate::http::{Body, Call, HttpRequest, HttpResponse, Method};
use crate::model::Money;

/// The production host.
pub const PRODUCTION: &str = "https://oauth.openapi.com";
/// The sandbox host.
pub const SANDBOX: &str = "https://test.oauth.openapi.com";

/// How long a token lives when nobody says otherwise: ten minutes.
pub const TTL_SECONDS: u64 = 600;

const DIALECT: Dialect = Dialect {
    meaning,
    hint: |_, _, _| Hint::None,
    key_prefix: "\u{0}",
};

/// An account's e-mail address and API key: what makes tokens that spend its money. `Debug` is masked; the memory is wiped on drop.
#[derive(Clone)]
pub struct Credentials {
    email: Zeroizing<String>,
    api_key: Zeroizing<String>,
}

impl Credentials {
    /// The credentials of an account.
    #[must_use]
    pub fn new(email: impl Into<String>, api_key: impl Into<String>) -> Credentials {
        let trimmed = |text: String| Zeroizing::new(Zeroizing::new(text).trim().to_owned());
        Credentials {
            email: trimmed(email.into()),
            api_key: trimmed(api_key.into()),
        }
    }

    /// The value of an `Authorization` header: `Basic …`.
    #[must_use]
    pub fn basic(&self) -> Zeroizing<String> {
        let pair = Zeroizing::new(format!("{}:{}", &*self.email, &*self.api_key));
        let encoded = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
        Zeroizing::new(format!("Basic {}", &*encoded))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(masked)")
    }
}

/// What a token is for. Reading and writing have tokens of their own, so that the one that is used all day can't spend anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenUse {
    /// The catalogue, the state of submissions, deliveries.
    Read,
    /// Drafts, and handing them in: the provider's scopes can't tell the two apart.
    Write,
    /// One purchase by this call.
    Purchase(Call),
}

impl TokenUse {
    /// What a call needs.
    #[must_use]
    pub fn of(call: Call) -> TokenUse {
        match call {
            Call::DryRun | Call::OpenDraft | Call::Fill | Call::Commit | Call::AddSearch | Call::Choose => {
                TokenUse::Write
            }
            _ => TokenUse::Read,
        }
    }

    /// The calls that a token of this use must allow.
    fn calls(self) -> Vec<Call> {
        match self {
            TokenUse::Read => vec![
                Call::ListServices,
                Call::GetService,
                Call::ListSubmissions,
                Call::GetSubmission,
                Call::GetDocument,
            ],
            TokenUse::Write => vec![
                Call::OpenDraft,
                Call::Fill,
                Call::Commit,
                Call::Choose,
                Call::AddSearch,
            ],
            TokenUse::Purchase(call) => vec![call],
        }
    }
}

/// The fewest scopes for a use, in order and each once.
#[must_use]
pub fn scopes(provider: &dyn Provider, host: &str, for_use: TokenUse) -> Vec<String> {
    let scope = |call: Call| {
        let (method, segment) = provider.scope(call)?;
        Some(format!("{}:{host}/{segment}", method.as_str()))
    };
    let scopes: BTreeSet<String> = for_use.calls().into_iter().filter_map(scope).collect();
    scopes.into_iter().collect()
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSpec {
    /// What it may do.
    pub scopes: Vec<String>,
    /// How long it lives, seconds.
    pub ttl_seconds: u64,
    /// The most that one paid call with it may cost, VAT included; `None` sets no limit.
    pub one_purchase_up_to: Option<Money>,
}

/// A token that was made. `Debug` is masked; the memory is wiped on drop.
#[derive(Clone)]
pub struct IssuedToken {
    /// The token, which is also its id.
    pub token: Zeroizing<String>,
    /// When it ends, Unix milliseconds, where the answer says.
    pub expires_at: Option<u64>,
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuedToken(until {:?}, masked)", self.expires_at)
    }
}

/// Makes a token.
#[must_use]
pub fn create_token(spec: &TokenSpec) -> HttpRequest {
    let mut body = json!({ "scopes": spec.scopes, "name": "sportello", "ttl": spec.ttl_seconds });
    if let (Some(amount), Some(members)) = (spec.one_purchase_up_to, body.as_object_mut()) {
        // The wire has numbers; an amount in cents is exact in any of them.
        let amount: Value = serde_json::from_str(&amount.to_string()).unwrap_or(Value::Null);
        members.insert(
            "limits".to_owned(),
            json!({ "walletRequests": 1, "walletAmount": amount }),
        );
    }
    HttpRequest::new(Call::CreateToken, Method::Post, "/tokens").with_body(Body::json(&body))
}

/// Reads the token that was made.
///
/// # Errors
/// What the provider or the answer's shape refused.
pub fn read_token(response: &HttpResponse) -> Result<IssuedToken, CallError> {
    let data = data(Call::CreateToken, response)?;
    let token = loose::text(data.get("token")).filter(|token| !token.is_empty());
    let expires_at = match data.get("expireAt") {
        Some(Value::Number(seconds)) => seconds.as_u64().map(|seconds| seconds.saturating_mul(1000)),
        Some(Value::String(text)) => unix_ms(text),
        _ => None,
    };
    token
        .map(|token| IssuedToken {
            token: Zeroizing::new(token),
            expires_at,
        })
        .ok_or_else(|| envelope::unreadable(response))
}

/// Gives a token back. Its id stands in the path and is the secret: the path of this request must not be logged.
#[must_use]
pub fn delete_token(token: &str) -> HttpRequest {
    HttpRequest::new(
        Call::DeleteToken,
        Method::Delete,
        format!("/tokens/{}", path_segment(token)),
    )
}

/// Reads that a token was given back; one that is gone already is as good.
///
/// # Errors
/// What the provider refused.
pub fn read_deleted(response: &HttpResponse) -> Result<(), CallError> {
    match response.status {
        200..=299 | 404 => Ok(()),
        _ => data(Call::DeleteToken, response).map(drop),
    }
}

/// Asks for the account's credit.
#[must_use]
pub fn get_credit() -> HttpRequest {
    HttpRequest::new(Call::GetCredit, Method::Get, "/wallet")
}

/// Reads the credit, rounded down to the cent.
///
/// # Errors
/// What the provider or the answer's shape refused.
pub fn read_credit(response: &HttpResponse) -> Result<Money, CallError> {
    let data = data(Call::GetCredit, response)?;
    let credit = amount(data.get("credit"), f64::floor);
    credit.ok_or_else(|| envelope::unreadable(response))
}

/// One charge or top-up of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The provider's id of it; it names no submission.
    pub id: String,
    /// The amount: below zero for a charge.
    pub amount: Money,
    /// When, Unix milliseconds.
    pub at: u64,
    /// The provider's words, with the API's host: `API usage - visengine2.altravia.com`.
    pub description: String,
}

/// The most that one page of transactions holds.
pub const PAGE: u32 = 100;

/// Asks for a page of the account's charges and top-ups, newest first.
#[must_use]
pub fn list_transactions(skip: u32) -> HttpRequest {
    HttpRequest::new(
        Call::ListTransactions,
        Method::Get,
        format!("/wallet/transactions?skip={skip}&limit={PAGE}"),
    )
}

/// Reads a page of transactions; those without an amount or a time are left out.
///
/// # Errors
/// What the provider or the answer's shape refused.
pub fn read_transactions(response: &HttpResponse) -> Result<Vec<Transaction>, CallError> {
    let data = data(Call::ListTransactions, response)?;
    let transaction = |item: &Value| {
        Some(Transaction {
            id: loose::text(item.get("id")).unwrap_or_default(),
            amount: amount(item.get("amount"), f64::round)?,
            at: unix_ms(item.get("createdAt")?.as_str()?)?,
            description: loose::text(item.get("description")).unwrap_or_default(),
        })
    };
    let items = data.as_array().ok_or_else(|| envelope::unreadable(response))?;
    Ok(items.iter().filter_map(transaction).collect())
}

/// The `data` of an answer. The description leaves the envelope out of some answers, and `success` out of others.
fn data(call: Call, response: &HttpResponse) -> Result<Value, CallError> {
    let whole: Option<Value> = serde_json::from_slice(&response.body).ok();
    let refused = whole.as_ref().and_then(|whole| loose::flag(whole.get("success"))) == Some(false);
    match whole {
        Some(whole) if (200..=299).contains(&response.status) && !refused => Ok(match whole.get("data") {
            Some(data) if !data.is_null() => data.clone(),
            _ => whole,
        }),
        _ => envelope::data(&DIALECT, call, response),
    }
}

/// Errors of every call here: all of them are free and change nothing.
fn meaning(call: Call, http_status: u16, _api_code: Option<u32>) -> Option<ErrorCode> {
    match (call, http_status) {
        (_, 401) => Some(ErrorCode::CredentialsRejected),
        // "Invalid scopes specified or API not enabled".
        (_, 403) | (Call::CreateToken, 422) => Some(ErrorCode::AuthForbidden),
        _ => None,
    }
}

/// An amount as the wallet writes it: a float with the noise of many additions, so it is brought to cents.
fn amount(value: Option<&Value>, round: fn(f64) -> f64) -> Option<Money> {
    let amount = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // A millionth of a cent is noise, so that 19.999999999 cents are 20.
    let cents = round(amount * 100.0 + 1e-6_f64.copysign(amount));
    #[expect(clippy::cast_possible_truncation, reason = "checked to be small")]
    let cents = (cents.abs() < 9e15).then_some(cents as i64)?;
    Some(Money::from_cents(cents))
}

/// An RFC 3339 time as Unix milliseconds.
fn unix_ms(text: &str) -> Option<u64> {
    let format = &time::format_description::well_known::Rfc3339;
    let at = time::OffsetDateTime::parse(text.trim(), format).ok()?;
    u64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::docuengine::DocuEngine;
    use crate::provider::relay::Relay;
    use crate::provider::visengine::Visengine;

    fn answer(status: u16, body: &str) -> HttpResponse {
        HttpResponse {
            status,
            body: body.as_bytes().to_vec(),
            ..HttpResponse::default()
        }
    }

    #[test]
    fn a_use_has_the_fewest_scopes() {
        let host = "visengine2.altravia.com";
        let of = |for_use| scopes(&Visengine, host, for_use);
        assert_eq!(
            of(TokenUse::Read),
            [
                "GET:visengine2.altravia.com/documento",
                "GET:visengine2.altravia.com/richiesta",
                "GET:visengine2.altravia.com/visure",
            ]
        );
        assert_eq!(
            of(TokenUse::Write),
            [
                "POST:visengine2.altravia.com/richiesta",
                "PUT:visengine2.altravia.com/richiesta",
            ]
        );
        assert_eq!(
            of(TokenUse::Purchase(Call::Commit)),
            ["PUT:visengine2.altravia.com/richiesta"]
        );
        let host = "docuengine.openapi.com";
        assert_eq!(
            scopes(&DocuEngine, host, TokenUse::Read),
            [
                "GET:docuengine.openapi.com/documents",
                "GET:docuengine.openapi.com/requests",
            ]
        );
        assert_eq!(
            scopes(&DocuEngine, host, TokenUse::Write),
            [
                "PATCH:docuengine.openapi.com/requests",
                "POST:docuengine.openapi.com/requests",
            ]
        );
        assert!(scopes(&Relay, "relay.example.it", TokenUse::Write).is_empty());
    }

    #[test]
    fn credit_comes_in_many_shapes() {
        let credit = |body: &str| read_credit(&answer(200, body)).map(|money| money.to_string());
        assert_eq!(credit(r#"{"data":{"credit":125.5}}"#).unwrap(), "125.50");
        assert_eq!(
            credit(r#"{"data":{"credit":1.1935842939015E-12},"success":true}"#).unwrap(),
            "0.00"
        );
        assert_eq!(
            credit(r#"{"data":{"credit":"18.999999999999996"},"success":true}"#).unwrap(),
            "19.00"
        );
        assert_eq!(credit(r#"{"data":{"credit":18.997}}"#).unwrap(), "18.99");
        assert_eq!(
            credit(r#"{"data":null,"success":false,"error":1,"message":""}"#)
                .unwrap_err()
                .code,
            ErrorCode::ProviderRefused
        );
        let refused = read_credit(&answer(401, "{}")).unwrap_err();
        assert_eq!(refused.code, ErrorCode::CredentialsRejected);
    }

    #[test]
    fn transactions_are_read() {
        let body = r#"{"data":[{"id":"t1","amount":-15.5,"createdAt":"2026-02-12T08:30:00+00:00","description":"API usage - x"},{"id":"t2"}]}"#;
        let read = read_transactions(&answer(200, body)).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].amount, Money::from_cents(-1550));
        assert_eq!(read[0].at, 1_770_885_000_000);
    }

    #[test]
    fn tokens_with_and_without_an_envelope() {
        for body in [
            r#"{"token":"656d","expireAt":"2025-12-19T10:00:00Z"}"#,
            r#"{"data":{"token":"656d","expireAt":"2025-12-19T10:00:00Z"},"success":true,"message":"","error":null}"#,
        ] {
            let token = read_token(&answer(200, body)).unwrap();
            assert_eq!(&*token.token, "656d");
            assert_eq!(token.expires_at, Some(1_766_138_400_000));
            assert!(!format!("{token:?}").contains("656d"));
        }
        let body = r#"{"success":false,"message":"Invalid scopes specified or API not enabled","error":90,"data":null}"#;
        assert_eq!(
            read_token(&answer(422, body)).unwrap_err().code,
            ErrorCode::AuthForbidden
        );
    }

    #[test]
    fn credentials_are_masked() {
        let credentials = Credentials::new("desk@caf.example", "key-1");
        assert_eq!(&*credentials.basic(), "Basic ZGVza0BjYWYuZXhhbXBsZTprZXktMQ==");
        assert_eq!(format!("{credentials:?}"), "Credentials(masked)");
    }
}
