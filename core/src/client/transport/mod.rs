//! Performs one request with reqwest: the token for the configured origin only, no redirects, caps on everything that comes back, and for
//! paid calls a connection of their own on which nothing is ever repeated.

mod config;
mod receive;
mod upload;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use tokio::sync::Semaphore;

use super::token::SecretToken;
use crate::http::{AnswerMode, Failure, HttpRequest, HttpResponse, Method};

pub use config::{TransportConfig, TransportError};
use upload::Upload;

/// Slower than this an upload is given up: 50 kB a second, on top of the time for the answer.
const SLOWEST_UPLOAD: u64 = 50_000;

/// Performs requests to one origin.
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
}

struct Inner {
    origin: String,
    /// For free calls: connections are kept and used again.
    pooled: reqwest::Client,
    /// For paid calls: every one on a fresh connection. A connection that went stale in a pool could swallow a request or have it replayed.
    fresh: reqwest::Client,
    attempt_timeout: Duration,
    max_file_bytes: u64,
    places: Semaphore,
}

/// How one request is performed.
#[derive(Clone, Copy)]
pub struct Perform<'a> {
    /// The token, sent as `Authorization: Bearer`.
    pub token: Option<&'a SecretToken>,
    /// A paid call: a connection of its own, HTTP/1.1, no repeating on any layer.
    pub once: bool,
    /// The time limit of the whole attempt; by default the transport's, longer for large uploads and for documents.
    pub timeout: Option<Duration>,
    /// The file that takes in a document; emptied first.
    pub sink: Option<&'a Path>,
    /// Told how many bytes of the body were handed over, of how many.
    pub on_progress: Option<&'a (dyn Fn(u64, u64) + Send + Sync)>,
}

impl Transport {
    /// A transport for one origin.
    ///
    /// # Errors
    /// `config.*`: an address that is not `https` (or `http` on loopback), a proxy or a certificate that can't be read.
    pub fn new(config: TransportConfig) -> Result<Transport, TransportError> {
        let origin = config.checked_origin()?;
        let pooled = config.client(|builder| builder)?;
        let fresh = config.client(|builder| builder.pool_max_idle_per_host(0).http1_only())?;
        let inner = Inner {
            origin,
            pooled,
            fresh,
            attempt_timeout: config.attempt_timeout,
            max_file_bytes: config.max_file_bytes,
            places: Semaphore::new(config.max_connections.clamp(1, 1024)),
        };
        Ok(Transport { inner: Arc::new(inner) })
    }

    /// The origin: `https://visengine2.altravia.com`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.inner.origin
    }

    /// Performs one request.
    ///
    /// # Errors
    /// Why no answer came. Wherever the request may have reached the server, the failure says so.
    pub async fn perform(&self, request: &HttpRequest, how: Perform<'_>) -> Result<HttpResponse, Failure> {
        let _place = self.inner.places.acquire().await.map_err(|_| Failure::Unreachable)?;
        let begun = Instant::now();
        let length = request.body.as_ref().map_or(0, crate::http::Body::content_length);
        let limit = how.timeout.unwrap_or_else(|| self.limit(request, length));
        // Dropping the attempt closes its connection; by then the server may have seen all of it.
        let outcome = tokio::time::timeout(limit, self.attempt(request, length, how)).await;
        let outcome = outcome.unwrap_or(Err(Failure::Timeout));
        let millis = begun.elapsed().as_millis();
        match &outcome {
            Ok(response) => {
                tracing::debug!(target: "sportello::http", call = request.call.as_str(), method = request.method.as_str(), path = %request.path, status = response.status, millis, "answered");
            }
            Err(failure) => {
                tracing::debug!(target: "sportello::http", call = request.call.as_str(), method = request.method.as_str(), path = %request.path, ?failure, millis, "failed");
            }
        }
        outcome
    }

    fn limit(&self, request: &HttpRequest, length: u64) -> Duration {
        let upload = Duration::from_secs(length / SLOWEST_UPLOAD);
        let download = match request.answer {
            AnswerMode::Inline => Duration::ZERO,
            // The pauses between two pieces are limited as well, so this only bounds the whole.
            AnswerMode::JsonFile(_) => Duration::from_secs(600),
        };
        self.inner.attempt_timeout + upload + download
    }

    async fn attempt(&self, request: &HttpRequest, length: u64, how: Perform<'_>) -> Result<HttpResponse, Failure> {
        let client = if how.once { &self.inner.fresh } else { &self.inner.pooled };
        let mut builder = client
            .request(method(request.method), format!("{}{}", self.inner.origin, request.path))
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "identity");
        if let Some(token) = how.token {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| Failure::NoToken)?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        let mut upload = None;
        if let Some(body) = &request.body {
            let (stream, started) = Upload::start(body.clone(), length);
            upload = Some(started);
            builder = builder
                .header(CONTENT_TYPE, "application/json")
                .header(CONTENT_LENGTH, length)
                .body(reqwest::Body::wrap_stream(stream));
        }
        let sending = builder.send();
        let sent = match (&upload, how.on_progress) {
            (Some(upload), Some(report)) => upload.watch(sending, report).await,
            _ => sending.await,
        };
        // Whatever reqwest makes of a body that broke off, the reason is known here.
        if let Some(failure) = upload.as_ref().and_then(Upload::failure) {
            return Err(failure);
        }
        let response = sent.map_err(|error| config::classify(&error))?;
        receive::receive(response, request.answer, how.sink, self.inner.max_file_bytes).await
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transport({})", self.inner.origin)
    }
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}
