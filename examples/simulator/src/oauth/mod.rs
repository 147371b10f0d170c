//! OAuth v2: the account's tokens, its wallet, and the callbacks that were made.
//!
//! Calls, errors and names are the provider's, as published. Not published, and so invented: which tokens are
//! still counted after they are gone (none), the default lifetime (30 days), and what an API answers to a
//! token over one of its limits: 403 with code 403, before anything has happened.

mod account;
mod tokens;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
pub(crate) use tokens::{Tokens, over_limit};

use crate::{
    context::{Answer, Context, Refusal, envelope},
    exchange::{SimRequest, SimResponse},
    faults::Call,
};

/// Which call a method and a path name, with the path's id or token.
fn route<'a>(method: &str, path: &'a str) -> Option<(Call, &'a str)> {
    let mut parts = path.trim_matches('/').split('/');
    let (head, id, more) = (parts.next()?, parts.next(), parts.next());
    if more.is_some() {
        return None;
    }
    match (method, head, id) {
        ("POST", "tokens", None) => Some((Call::IssueToken, "")),
        ("GET", "tokens", id) => Some((Call::ReadToken, id.unwrap_or_default())),
        ("PATCH", "tokens", id) => Some((Call::ChangeToken, id.unwrap_or_default())),
        ("DELETE", "tokens", id) => Some((Call::DeleteToken, id.unwrap_or_default())),
        ("GET", "scopes", id) => Some((Call::Scopes, id.unwrap_or_default())),
        ("GET", "wallet", None) => Some((Call::Wallet, "")),
        ("GET", "wallet", Some("transactions")) => Some((Call::Transactions, "")),
        ("GET", "callbacks", id) => Some((Call::Callbacks, id.unwrap_or_default())),
        _ => None,
    }
}

/// The call a request makes.
pub(crate) fn call_of(request: &SimRequest) -> Option<Call> {
    route(&request.method, &request.path).map(|(call, _)| call)
}

/// The path as the log keeps it: a token in it is a secret.
pub(crate) fn masked(path: &str) -> String {
    match path.trim_matches('/').split_once('/') {
        Some(("tokens", _)) => "/tokens/***".to_owned(),
        _ => path.to_owned(),
    }
}

/// The part of `Authorization` after the scheme.
pub(crate) fn credentials<'a>(request: &'a SimRequest, wanted: &str) -> Option<&'a str> {
    let (scheme, rest) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| rest.trim())
}

/// Answers a call, once its credentials have been seen.
pub(crate) fn answer(context: &mut Context<'_>, request: &SimRequest) -> SimResponse {
    match dispatch(context, request) {
        Ok(Said::Enveloped(data)) => envelope(&data, false),
        Ok(Said::Bare(body)) => SimResponse::json(200, &body),
        Err(refusal) => refusal.response(false),
    }
}

/// An answer, in the envelope or as it is.
enum Said {
    Enveloped(Value),
    Bare(Value),
}

fn dispatch(context: &mut Context<'_>, request: &SimRequest) -> Result<Said, Refusal> {
    let (call, id) =
        route(&request.method, &request.path).ok_or_else(|| Refusal::new(404, 404, "Not Found"))?;
    let bearer = credentials(request, "bearer").filter(|_| call == Call::ChangeToken);
    if bearer.is_none() && !is_account(context, request) {
        return Err(Refusal::new(401, 140, "Unauthorized"));
    }
    let query = |name: &str| crate::exchange::query(request.query.as_deref().unwrap_or_default(), name);
    let page = Page {
        skip: query("skip").map(|text| text.parse().ok()),
        limit: query("limit").map(|text| text.parse().ok()),
    };
    let enveloped = |answer: Answer| answer.map(Said::Enveloped);
    match call {
        Call::IssueToken => tokens::issue(context, &request.body),
        Call::ReadToken if id.is_empty() => enveloped(Ok(tokens::list(context, &page))),
        Call::ReadToken => tokens::read(context, id),
        Call::ChangeToken => tokens::change(context, id, &request.body, bearer),
        Call::DeleteToken => tokens::delete(context, id).map(Said::Bare),
        Call::Scopes if id.is_empty() => enveloped(Ok(account::scopes())),
        Call::Scopes => enveloped(account::scope(id)),
        Call::Wallet => enveloped(Ok(account::wallet(context))),
        Call::Transactions => enveloped(Ok(account::transactions(context, &page))),
        Call::Callbacks if id.is_empty() => {
            enveloped(account::callbacks(context, &page, query("scopes").as_deref()))
        }
        _ => enveloped(account::callback(context, id)),
    }
}

/// Basic: e-mail and API key.
fn is_account(context: &Context<'_>, request: &SimRequest) -> bool {
    let config = &context.shared.config;
    let given = credentials(request, "basic").and_then(|text| STANDARD.decode(text).ok());
    given.is_some_and(|given| given == format!("{}:{}", config.account_email, config.api_key).into_bytes())
}

/// `skip` and `limit`, each `Some(None)` when it is no number.
struct Page {
    skip: Option<Option<i64>>,
    limit: Option<Option<i64>>,
}

impl Page {
    /// The most one page holds, and what it holds when nothing is said.
    const MOST: usize = 100;

    fn is_readable(&self) -> bool {
        self.skip != Some(None) && self.limit != Some(None)
    }

    /// The items of this page. What can't be read counts as not said.
    fn of<T>(&self, items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        let number = |given: Option<Option<i64>>| given.flatten().and_then(|n| usize::try_from(n).ok());
        items
            .skip(number(self.skip).unwrap_or(0))
            .take(number(self.limit).unwrap_or(Self::MOST).min(Self::MOST))
    }
}
