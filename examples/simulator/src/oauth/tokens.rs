//! Tokens: issued for some scopes, for some time, within some limits.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Page, Said, account::SCOPES};
use crate::{
    context::{Api, Context, Refusal, first_segment, is_id},
    delivery::moment,
    engine::Shared,
    exchange::SimRequest,
    ledger::decimal,
};

/// How long a token lives when nothing is said, in seconds.
const DEFAULT_TTL_S: u64 = 30 * 86_400;
/// How long it may live at most.
const LONGEST_TTL_S: u64 = 365 * 86_400;

/// A token issued by `POST /tokens`.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    token: String,
    refresh: String,
    name: String,
    scopes: Vec<String>,
    limits: Map<String, Value>,
    created_ms: u64,
    updated_ms: u64,
    expires_ms: u64,
    total_requests: u64,
    error_requests: u64,
    wallet_requests: u64,
    wallet_cents: i64,
}

impl Token {
    /// A limit as a number; euros are given as such.
    fn limit(&self, name: &str) -> Option<f64> {
        self.limits.get(name).and_then(Value::as_f64)
    }

    fn allows(&self, api: Api, request: &SimRequest) -> bool {
        let segment = first_segment(&request.path);
        self.scopes.iter().any(|scope| {
            let Some((method, place)) = scope.split_once(':') else {
                return false;
            };
            let host = place.rsplit_once('/').filter(|(_, first)| *first == segment);
            method == request.method
                && host.is_some_and(|(host, _)| host.strip_prefix("test.").unwrap_or(host) == api.host())
        })
    }

    fn detail(&self) -> Value {
        let at = |ms| moment(ms).rfc3339();
        json!({
            "token": self.token,
            "name": self.name,
            "createdAt": at(self.created_ms),
            "expireAt": at(self.expires_ms),
            "updatedAt": at(self.updated_ms),
            "scopes": self.scopes,
            "refreshToken": self.refresh,
            "limits": self.limits,
            "stats": {
                "totalRequests": self.total_requests,
                "walletRequests": self.wallet_requests,
                "subscriptionRequests": 0,
                "errorRequests": self.error_requests,
                "walletAmount": decimal(self.wallet_cents),
                "ip": ["127.0.0.1"],
            },
        })
    }
}

/// The account's tokens, oldest first, and the one that makes the call under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    tokens: Vec<Token>,
    made: u64,
    caller: Option<String>,
    over_limit: bool,
}

impl Tokens {
    /// Lets an issued token make a call: `None` when there is no such token.
    pub(crate) fn admit(
        &mut self,
        now_ms: u64,
        token: &str,
        api: Option<Api>,
        request: &SimRequest,
    ) -> Option<Result<(), Refusal>> {
        let found = self.tokens.iter_mut().find(|known| known.token == token)?;
        if now_ms >= found.expires_ms {
            return Some(Err(Refusal::new(401, 401, "Expired token")));
        }
        if !api.is_some_and(|api| found.allows(api, request)) {
            return Some(Err(Refusal::new(403, 403, "Scope not allowed for this token")));
        }
        let most = found.limit("totalRequests");
        if most.is_some_and(|most| found.total_requests as f64 + 1.0 > most) {
            return Some(Err(over_limit()));
        }
        found.total_requests += 1;
        self.caller = Some(found.token.clone());
        Some(Ok(()))
    }

    fn caller(&mut self) -> Option<&mut Token> {
        let caller = self.caller.as_ref()?;
        self.tokens.iter_mut().find(|token| token.token == *caller)
    }

    /// A new call begins.
    pub(crate) fn begin(&mut self) {
        self.caller = None;
        self.over_limit = false;
    }

    /// Whether the call under way may yet turn out to be one too many.
    pub(crate) fn is_limited(&mut self) -> bool {
        self.caller().is_some_and(|token| {
            token.limit("walletRequests").is_some() || token.limit("walletAmount").is_some()
        })
    }

    /// The call under way costs this much.
    pub(crate) fn spend(&mut self, cents: i64) {
        let Some(token) = self.caller() else {
            return;
        };
        token.wallet_requests += 1;
        token.wallet_cents += cents;
        let too_many = token
            .limit("walletRequests")
            .is_some_and(|most| token.wallet_requests as f64 > most);
        // A cent is the least there is: half of one is the error of the decimal number.
        let too_much = token
            .limit("walletAmount")
            .is_some_and(|most| token.wallet_cents as f64 > most * 100.0 + 0.5);
        self.over_limit |= too_many || too_much;
    }

    /// Whether the call under way has gone over a limit.
    pub(crate) fn went_over(&self) -> bool {
        self.over_limit
    }

    /// The call under way is answered with this status.
    pub(crate) fn end(&mut self, status: u16) {
        if let Some(token) = self.caller().filter(|_| status >= 400) {
            token.error_requests += 1;
        }
    }

    /// Takes every token away, and says how many there were.
    pub(crate) fn revoke_all(&mut self) -> usize {
        std::mem::take(&mut self.tokens).len()
    }

    /// 24 hexadecimal digits, as the published ones have.
    fn secret(&mut self, seed: u64, now_ms: u64) -> String {
        self.made += 1;
        let digest = Sha256::digest(format!("token/{seed}/{now_ms}/{}", self.made));
        digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What an API answers to a token over one of its limits. Invented: the documents don't show it.
pub(crate) fn over_limit() -> Refusal {
    Refusal::new(403, 403, "Limits of the token exceeded")
}

/// Which codes one "no" has in a `POST` and in a `PATCH`.
struct Codes {
    format: i64,
    unknown: i64,
}

fn scopes(given: &Value, codes: &Codes) -> Result<Vec<String>, Refusal> {
    let badly_formed = || Refusal::new(422, codes.format, "invalid scopes format");
    let list = given.as_array().ok_or_else(badly_formed)?;
    let mut scopes = Vec::new();
    for scope in list {
        let text = scope.as_str().ok_or_else(badly_formed)?;
        let (method, place) = text.split_once(':').ok_or_else(badly_formed)?;
        let (host, segment) = place.split_once('/').ok_or_else(badly_formed)?;
        if method.is_empty() || host.is_empty() || segment.is_empty() {
            return Err(badly_formed());
        }
        let host = host.strip_prefix("test.").unwrap_or(host);
        let known = |(api, known, first): &(Api, &str, &str)| {
            api.host() == host && *known == method && *first == segment
        };
        if !SCOPES.iter().any(known) {
            let message = "Invalid scopes specified or API not enabled";
            return Err(Refusal::new(422, codes.unknown, message));
        }
        scopes.push(text.to_owned());
    }
    Ok(scopes)
}

/// When a token made now expires: what is not above zero is the default.
fn expiry(now_ms: u64, ttl: Option<&Value>) -> u64 {
    let seconds = ttl
        .and_then(Value::as_i64)
        .and_then(|seconds| u64::try_from(seconds).ok())
        .filter(|seconds| *seconds > 0)
        .unwrap_or(DEFAULT_TTL_S);
    now_ms.saturating_add(seconds.min(LONGEST_TTL_S) * 1_000)
}

fn said(shared: &Shared, detail: Value) -> Said {
    if shared.switches.bare_tokens {
        Said::Bare(detail)
    } else {
        Said::Enveloped(detail)
    }
}

/// `POST /tokens`
pub(super) fn issue(context: &mut Context<'_>, body: &[u8]) -> Result<Said, Refusal> {
    let body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let missing = || Refusal::new(422, 70, "missing scopes array");
    let given = body
        .get("scopes")
        .filter(|given| **given != json!([]))
        .ok_or_else(missing)?;
    if given.is_null() {
        return Err(missing());
    }
    let scopes = scopes(
        given,
        &Codes {
            format: 80,
            unknown: 90,
        },
    )?;
    let (seed, now_ms) = (context.shared.config.seed, context.now_ms);
    let tokens = &mut context.shared.tokens;
    let token = Token {
        token: tokens.secret(seed, now_ms),
        refresh: tokens.secret(seed, now_ms),
        name: body
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        scopes,
        limits: body
            .get("limits")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
        created_ms: now_ms,
        updated_ms: now_ms,
        expires_ms: expiry(now_ms, body.get("ttl")),
        total_requests: 0,
        error_requests: 0,
        wallet_requests: 0,
        wallet_cents: 0,
    };
    let detail = token.detail();
    tokens.tokens.push(token);
    Ok(said(context.shared, detail))
}

/// `GET /tokens`
pub(super) fn list(context: &Context<'_>, page: &Page) -> Value {
    let tokens = context.shared.tokens.tokens.iter().rev();
    page.of(tokens).map(Token::detail).collect()
}

/// `GET /tokens/{token}`
pub(super) fn read(context: &Context<'_>, id: &str) -> Result<Said, Refusal> {
    if !is_id(id) {
        return Err(Refusal::new(422, 60, "Invalid Token Format"));
    }
    let found = context
        .shared
        .tokens
        .tokens
        .iter()
        .find(|token| token.token == id);
    let detail = found
        .map(Token::detail)
        .ok_or_else(|| Refusal::new(404, 120, "Not Found"))?;
    Ok(said(context.shared, detail))
}

/// `PATCH /tokens/{token}`: with the account's key or the token itself it is changed; with its refresh token
/// it is replaced.
pub(super) fn change(
    context: &mut Context<'_>,
    id: &str,
    body: &[u8],
    bearer: Option<&str>,
) -> Result<Said, Refusal> {
    if id.is_empty() {
        return Err(Refusal::new(400, 150, "Token ID is required"));
    }
    let (seed, now_ms) = (context.shared.config.seed, context.now_ms);
    let tokens = &mut context.shared.tokens;
    let at = tokens.tokens.iter().position(|token| token.token == id);
    let found = at.and_then(|at| tokens.tokens.get(at));
    let refreshes = bearer.is_some_and(|bearer| found.is_some_and(|token| token.refresh == bearer));
    if bearer.is_some_and(|bearer| !refreshes && found.is_none_or(|token| token.token != bearer)) {
        return Err(Refusal::new(401, 130, "Unauthorized"));
    }
    let mut token = found
        .cloned()
        .ok_or_else(|| Refusal::new(404, 160, "Not Found"))?;
    let body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    if refreshes {
        let lifetime = token.expires_ms.saturating_sub(token.created_ms);
        token.token = tokens.secret(seed, now_ms);
        token.refresh = tokens.secret(seed, now_ms);
        token.created_ms = now_ms;
        token.expires_ms = now_ms.saturating_add(lifetime);
    } else {
        if let Some(given) = body.get("scopes").filter(|given| !given.is_null()) {
            token.scopes = scopes(
                given,
                &Codes {
                    format: 100,
                    unknown: 110,
                },
            )?;
        }
        if let Some(name) = body.get("name").and_then(Value::as_str) {
            token.name = name.to_owned();
        }
        if let Some(limits) = body.get("limits").and_then(Value::as_object) {
            token.limits = limits.clone();
        }
    }
    if body.contains_key("ttl") {
        token.expires_ms = expiry(now_ms, body.get("ttl"));
    }
    token.updated_ms = now_ms;
    let detail = token.detail();
    if let Some(place) = at.and_then(|at| tokens.tokens.get_mut(at)) {
        *place = token;
    }
    Ok(said(context.shared, detail))
}

/// `DELETE /tokens/{token}`
pub(super) fn delete(context: &mut Context<'_>, id: &str) -> Result<Value, Refusal> {
    if id.is_empty() {
        return Err(Refusal::new(400, 170, "Token ID is required"));
    }
    let tokens = &mut context.shared.tokens.tokens;
    let at = tokens
        .iter()
        .position(|token| token.token == id)
        .ok_or_else(|| Refusal::new(404, 180, "Not Found"))?;
    tokens.remove(at);
    Ok(json!({"data": null, "success": true, "message": "Deleted", "error": null}))
}
