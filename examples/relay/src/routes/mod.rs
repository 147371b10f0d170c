//! The calls.

mod catalogue;
mod delivery;
mod drafts;
mod events;
mod purchases;
mod uploads;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sportello::ErrorCode;
use sportello::client::check_reference;
use sportello::provider::relay::wire::{Answer, DIGEST_HEADER, NAME_HEADER};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::app::{App, SetupError};
use crate::config::Config;
use crate::linger::Lingering;
use crate::rate;
use crate::refusal::Failure;
use crate::session::{Denied, Session, is_user};
use crate::store::Ids;
use crate::sweep;

pub(crate) use drafts::{give_up, settle};

pub(crate) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(crate) const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");

/// The routes of a relay, to be served alone or beside others (`Router::nest`). Within a Tokio runtime: what was under way when an earlier
/// process ended is gone on with at once, and old things are swept for as long as the router lives.
///
/// # Errors
/// The folder, its key or the ledger can't be used; an origin is none.
pub fn relay(config: Config) -> Result<Router, SetupError> {
    let cors = cors(&config.origins)?;
    if let Some(name) = &config.address_header
        && HeaderName::try_from(name.as_str()).is_err()
    {
        return Err(SetupError::Header(name.clone()));
    }
    let app = Arc::new(App::open(config)?);
    sweep::start(&app);
    let submission = get(drafts::get).put(drafts::open).delete(drafts::abandon);
    let file = put(uploads::put).patch(uploads::append).head(uploads::head);
    Ok(Router::new()
        .route("/health", get(health))
        .route("/services", get(catalogue::services))
        .route("/services/{id}", get(catalogue::service))
        .route("/services/{id}/check", post(catalogue::check))
        .route("/submissions/{reference}", submission)
        .route("/submissions/{reference}/answers", put(drafts::answers))
        .route("/submissions/{reference}/files/{key}", file)
        .route("/submissions/{reference}/commit", post(purchases::commit))
        .route("/submissions/{reference}/choice", post(purchases::choose))
        .route("/submissions/{reference}/searches", post(purchases::search))
        .route("/submissions/{reference}/events", get(events::events))
        .route("/submissions/{reference}/delivery", get(delivery::list))
        .route("/submissions/{reference}/delivery/{number}", get(delivery::file))
        .fallback(no_such_call)
        .method_not_allowed_fallback(no_such_method)
        .layer(cors)
        .layer(middleware::from_fn(around))
        .with_state(app))
}

/// Pages of these origins only. No credentials: sessions are bearer tokens, so that no page can use a browser's cookies.
fn cors(origins: &[String]) -> Result<CorsLayer, SetupError> {
    let mut allowed = Vec::with_capacity(origins.len());
    for origin in origins {
        let rest = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        let host =
            rest.filter(|rest| !rest.is_empty() && !rest.contains(['/', '*', '?', '#', '@', ' ', ',']));
        let value = host.and_then(|_| HeaderValue::try_from(origin.as_str()).ok());
        allowed.push(value.ok_or_else(|| SetupError::Origin(origin.clone()))?);
    }
    Ok(CorsLayer::new()
        .allow_origin(AllowOrigin::list(allowed))
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::PATCH,
            Method::POST,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static(NAME_HEADER),
            HeaderName::from_static(DIGEST_HEADER),
            UPLOAD_OFFSET,
            UPLOAD_LENGTH,
        ])
        .expose_headers([
            UPLOAD_OFFSET,
            UPLOAD_LENGTH,
            header::CONTENT_DISPOSITION,
            header::RETRY_AFTER,
        ])
        .max_age(std::time::Duration::from_secs(600)))
}

/// One line of the log per call, and the headers that every answer has.
async fn around(request: Request, next: Next) -> Response {
    // The route as it is written in the table above: no reference, no key.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let (method, began) = (request.method().clone(), Instant::now());
    let mut response = next.run(request.map(Lingering::over)).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    tracing::info!(
        target: "sportello_relay",
        %method,
        route = route.as_deref().unwrap_or("-"),
        status = response.status().as_u16(),
        ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "call"
    );
    response
}

/// Whoever calls with a good session.
pub(crate) struct Caller {
    pub(crate) session: Session,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Caller, Failure> {
        let denied = match app.config.authorize.authorize(&parts.headers).await {
            Ok(session) if is_user(&session.user) => {
                let user = app.store.user(&session.user);
                app.rates.user(&user).map_err(Failure::too_many)?;
                return Ok(Caller { session });
            }
            Ok(_) => Denied::Unknown,
            Err(denied) => denied,
        };
        stranger(parts, app)?;
        Err(match denied {
            Denied::Unknown => {
                let text = "there is no session, or it is wrong or over";
                let code = ErrorCode::AuthRejected.as_str();
                Failure::new(StatusCode::UNAUTHORIZED, code, false, text)
            }
            Denied::Forbidden => {
                let text = "the session may not do this";
                let code = ErrorCode::AuthForbidden.as_str();
                Failure::new(StatusCode::FORBIDDEN, code, false, text)
            }
            Denied::Unavailable => {
                let text = "sessions can't be checked at the moment";
                let code = ErrorCode::ProviderUnavailable.as_str();
                Failure::new(StatusCode::SERVICE_UNAVAILABLE, code, true, text)
            }
        })
    }
}

/// Counts a call without a session.
fn stranger(parts: &Parts, app: &App) -> Result<(), Failure> {
    let address = rate::address(parts, app.config.address_header.as_deref());
    app.rates.stranger(address).map_err(Failure::too_many)
}

/// A call about a submission of the caller's.
pub(crate) struct Target {
    pub(crate) caller: Caller,
    pub(crate) ids: Ids,
    params: Vec<(String, String)>,
}

impl Target {
    /// Another part of the path, decoded.
    pub(crate) fn param(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

impl FromRequestParts<Arc<App>> for Target {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Target, Failure> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let params = path(parts, app).await?;
        let reference = params.iter().find(|(name, _)| name == "reference");
        let reference = reference.map(|(_, value)| value.as_str()).unwrap_or_default();
        check_reference(reference)?;
        let ids = app.store.ids(&caller.session.user, reference);
        Ok(Target { caller, ids, params })
    }
}

/// The parts of the path, decoded.
pub(crate) async fn path(parts: &mut Parts, app: &Arc<App>) -> Result<Vec<(String, String)>, Failure> {
    let params = RawPathParams::from_request_parts(parts, app).await;
    let params = params.map_err(|_| Failure::malformed("the path can't be read"))?;
    Ok(params
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

/// Reads a JSON body, under the limits.
pub(crate) async fn read<T: DeserializeOwned>(app: &App, body: Body) -> Result<T, Failure> {
    let limits = &app.config.limits;
    let read = axum::body::to_bytes(body, limits.json_bytes);
    let Ok(read) = tokio::time::timeout(limits.json_time, read).await else {
        let text = "the body did not come in time";
        return Err(Failure::new(
            StatusCode::REQUEST_TIMEOUT,
            "relay.too_slow",
            true,
            text,
        ));
    };
    let bytes = read.map_err(|error| {
        use std::error::Error as _;
        match error
            .source()
            .is_some_and(|why| why.is::<http_body_util::LengthLimitError>())
        {
            true => Failure::too_large("the body is too long"),
            false => Failure::malformed("the body did not come whole"),
        }
    })?;
    // Serde's own words may repeat what was sent.
    serde_json::from_slice(&bytes).map_err(|_| Failure::malformed("the body is not what this call wants"))
}

/// Answers with data.
pub(crate) fn answer<T: Serialize>(data: T) -> Response {
    match serde_json::to_vec(&Answer { data }) {
        Ok(bytes) => {
            let json = HeaderValue::from_static("application/json");
            ([(header::CONTENT_TYPE, json)], bytes).into_response()
        }
        Err(_) => Failure::from(std::io::Error::other("an answer can't be written")).into_response(),
    }
}

async fn health(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    stranger(&parts, &app)?;
    Ok(answer(serde_json::json!({ "status": "ok" })))
}

async fn no_such_call() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "relay.no_such_call",
        false,
        "there is no such call",
    )
}

async fn no_such_method() -> Failure {
    let text = "there is no such call with this method";
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "relay.no_such_call", false, text)
}
