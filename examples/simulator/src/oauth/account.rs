//! What the account may do, what it has spent, and which callbacks were made for it.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Page;
use crate::{
    callbacks::Delivery,
    context::{Answer, Api, Context, Refusal},
    delivery::moment,
    ledger::decimal,
};

/// Every scope there is, once for production; the sandbox has the same.
pub(super) const SCOPES: [(Api, &str, &str); 9] = [
    (Api::Visengine, "GET", "visure"),
    (Api::Visengine, "GET", "richiesta"),
    (Api::Visengine, "POST", "richiesta"),
    (Api::Visengine, "PUT", "richiesta"),
    (Api::Visengine, "GET", "documento"),
    (Api::Docuengine, "GET", "documents"),
    (Api::Docuengine, "GET", "requests"),
    (Api::Docuengine, "POST", "requests"),
    (Api::Docuengine, "PATCH", "requests"),
];

/// The wallet has been there as long as the published example's.
const WALLET_SINCE: &str = "2025-01-15T10:00:00+00:00";

fn all_scopes() -> impl Iterator<Item = Value> {
    let hosts = |(api, method, endpoint): &(Api, &'static str, &'static str)| {
        ["", "test."].map(|prefix| describe(prefix, *api, method, endpoint))
    };
    SCOPES.iter().flat_map(hosts).collect::<Vec<_>>().into_iter()
}

fn describe(prefix: &str, api: Api, method: &str, endpoint: &str) -> Value {
    let domain = format!("{prefix}{}", api.host());
    let scope = format!("{method}:{domain}/{endpoint}");
    json!({
        "id": id_for(&scope),
        "scope": scope,
        "method": method,
        "endpoint": endpoint,
        "domain": domain,
        "enabled": true,
    })
}

/// 24 hexadecimal digits that are always the same for the same thing.
fn id_for(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// `GET /scopes`
pub(super) fn scopes() -> Value {
    all_scopes().collect()
}

/// `GET /scopes/{id}`
pub(super) fn scope(id: &str) -> Answer {
    let mut scope = all_scopes()
        .find(|scope| scope.get("id").and_then(Value::as_str) == Some(id))
        .ok_or_else(|| Refusal::new(404, 10, "Scope not found"))?;
    if let Some(members) = scope.as_object_mut() {
        let none = json!({"dayLimit": false, "monthLimit": false, "yearLimit": false, "totalLimit": false});
        members.insert("rateLimit".to_owned(), json!(false));
        members.insert("freeLimits".to_owned(), none);
        members.insert("requirements".to_owned(), json!({"oa_general_contract": true}));
        // The price depends on the service asked for, not on the scope.
        members.insert("prices".to_owned(), json!({}));
    }
    Ok(scope)
}

/// `GET /wallet`
pub(super) fn wallet(context: &Context<'_>) -> Value {
    let ledger = &context.shared.ledger;
    let charged = ledger.charges().last().map(|charge| charge.at_ms);
    let filled = ledger.top_ups().last().map(|(at_ms, _)| *at_ms);
    json!({
        "credit": decimal(ledger.wallet_cents()),
        "createdAt": WALLET_SINCE,
        "updatedAt": charged.max(filled).map_or_else(|| WALLET_SINCE.to_owned(), |at_ms| moment(at_ms).rfc3339()),
    })
}

/// `GET /wallet/transactions`, newest first. Nothing in one names the request it pays for.
pub(super) fn transactions(context: &Context<'_>, page: &Page) -> Value {
    let ledger = &context.shared.ledger;
    let spent = ledger.charges().iter().enumerate().map(|(at, charge)| {
        (
            charge.at_ms,
            1,
            at,
            -charge.amount_cents,
            format!("API usage - {}", charge.api.host()),
        )
    });
    let filled = ledger
        .top_ups()
        .iter()
        .enumerate()
        .map(|(at, (at_ms, cents))| (*at_ms, 0, at, *cents, "Wallet recharge".to_owned()));
    let mut all: Vec<_> = spent.chain(filled).collect();
    all.sort_by(|one, other| other.cmp(one));
    page.of(all.into_iter())
        .map(|(at_ms, sort, at, cents, description)| {
            json!({
                "id": format!("txn_{}", id_for(&format!("{at_ms}/{sort}/{at}"))),
                "amount": decimal(cents),
                "createdAt": moment(at_ms).rfc3339(),
                "description": description,
            })
        })
        .collect()
}

/// The scope of the call that asked for the callback.
fn scope_of(delivery: &Delivery) -> String {
    let api = delivery.call.api;
    let endpoint = if api == Api::Visengine {
        "richiesta"
    } else {
        "requests"
    };
    format!("POST:{}/{endpoint}", api.host())
}

/// `GET /callbacks`, newest first.
pub(super) fn callbacks(context: &Context<'_>, page: &Page, scopes: Option<&str>) -> Answer {
    if !page.is_readable() {
        return Err(Refusal::new(400, 210, "Query error"));
    }
    let wanted: Option<Vec<&str>> = scopes
        .filter(|text| !text.is_empty())
        .map(|text| text.split(',').collect());
    let matching = context
        .shared
        .callbacks
        .all()
        .iter()
        .rev()
        .map(|delivery| (delivery, scope_of(delivery)))
        .filter(|(_, scope)| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&scope.as_str()))
        });
    Ok(page
        .of(matching)
        .map(|(delivery, scope)| {
            json!({
                "id": delivery.call.id,
                "scope": scope,
                "url": delivery.call.url,
                "httpResponseCode": delivery.status.unwrap_or_default().to_string(),
                "startedAt": moment(delivery.created_ms).rfc3339(),
                "completedAt": delivery.completed_ms.map(|at_ms| moment(at_ms).rfc3339()),
            })
        })
        .collect())
}

/// `GET /callbacks/{id}`
pub(super) fn callback(context: &Context<'_>, id: &str) -> Answer {
    let deliveries = context.shared.callbacks.all();
    let delivery = deliveries
        .iter()
        .find(|delivery| delivery.call.id == id)
        .ok_or_else(|| Refusal::new(404, 200, "Callback not found"))?;
    let call = &delivery.call;
    let headers: Map<String, Value> = call
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    let at = |ms| moment(ms).rfc3339();
    let elapsed = delivery.completed_ms.unwrap_or(delivery.created_ms) - delivery.created_ms;
    Ok(json!({
        "id": call.id,
        "scope": scope_of(delivery),
        "domain": call.api.host(),
        "active": delivery.completed_ms.is_none(),
        "startedAt": at(delivery.created_ms),
        "createdAt": at(delivery.created_ms),
        "completedAt": delivery.completed_ms.map(at),
        "httpResponseCode": delivery.status.unwrap_or_default(),
        "data": call.payload,
        "custom": call.custom,
        "headers": headers,
        "elapsedTime": elapsed,
        "attempt": 1,
        "retry": 0,
        "field": call.field,
        "method": if call.as_json { "JSON" } else { "POST" },
        "url": call.url,
    }))
}
