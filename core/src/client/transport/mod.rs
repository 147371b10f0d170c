//! Performs one [`HttpRequest`] with reqwest and gives back an [`HttpResponse`] or a [`Failure`]. It decides nothing: it never
//! repeats, never follows a redirect, never reads what an answer says.
//!
//! What it guarantees:
//!
//! - the token goes to the configured origin only, over TLS or inside this machine;
//! - a request that is sent `once` goes out on a connection of its own, which nothing was sent on before and nothing will be
//!   after: no layer below can take it for one that may be sent again;
//! - a [`Failure`] that says "nothing arrived" is only given when that is known;
//! - memory does not grow with what is sent or received.

mod answer;
mod classify;
mod config;
mod download;
mod sink;
mod tls;
mod upload;

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response, redirect, retry};
use tokio::sync::Semaphore;
use tokio::time::timeout_at;
use zeroize::Zeroizing;

use self::answer::Intake;
use self::config::Origin;
pub use self::config::{TransportConfig, TransportError};
pub use self::download::Downloads;
use self::upload::Upload;
use super::token::SecretToken;
use crate::http::{AnswerMode, Call, Failure, HttpRequest, HttpResponse, Method, Target};
use crate::provider::oauth::Credentials;

/// How long an idle connection is kept for the next free call.
const IDLE: Duration = Duration::from_secs(30);

/// Sends requests to one origin. Cheap to clone; clones share connections and limits.
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
}

struct Inner {
    origin: Origin,
    config: TransportConfig,
    free: Lane,
    paid: Lane,
}

/// Connections and how many of them there may be.
struct Lane {
    client: reqwest::Client,
    slots: Semaphore,
}

/// How one request is performed.
#[derive(Clone, Copy, Default)]
pub struct Perform<'a> {
    /// What the request is authorised by; `None` sends nothing.
    pub authorization: Option<Authorization<'a>>,
    /// On a fresh connection. Paid calls always are.
    pub once: bool,
    /// How long the whole may take, waiting for a connection included; `None` is by the call and its size.
    pub timeout: Option<Duration>,
    /// The file that a delivery is written into. It is made anew, left behind when the request fails, and taken away
    /// when the request is given up.
    pub sink: Option<&'a Path>,
    /// Told how many bytes of the body were handed to the connection, of how many.
    pub on_progress: Option<&'a (dyn Fn(u64, u64) + Send + Sync)>,
}

/// What a request is authorised by.
#[derive(Clone, Copy)]
pub enum Authorization<'a> {
    /// A bearer token.
    Bearer(&'a SecretToken),
    /// An account's e-mail address and API key.
    Basic(&'a Credentials),
}

impl Authorization<'_> {
    fn header(&self) -> Option<HeaderValue> {
        let text = match self {
            Authorization::Bearer(token) => Zeroizing::new(format!("Bearer {}", token.expose())),
            Authorization::Basic(credentials) => credentials.basic(),
        };
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Perform<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Perform")
            .field("once", &self.once)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// What was counted while a request was performed, for the log.
#[derive(Default)]
struct Counted {
    sent: AtomicU64,
    received: AtomicU64,
}

impl Transport {
    /// A transport to the origin of `config`. Reads the platform's certificates; connects to nothing.
    ///
    /// # Errors
    /// A setting that can't be used.
    pub fn new(config: TransportConfig) -> Result<Transport, TransportError> {
        let origin = Origin::parse(&config.origin)?;
        let tls = tls::config(&config.extra_ca_pem, origin.loopback)?;
        let lane = |pooled| {
            let client = client(&config, &origin, tls.clone(), pooled)?;
            Ok(Lane {
                client,
                slots: Semaphore::new(config.max_connections.clamp(1, Semaphore::MAX_PERMITS)),
            })
        };
        let (free, paid) = (lane(true)?, lane(false)?);
        Ok(Transport {
            inner: Arc::new(Inner {
                origin,
                config,
                free,
                paid,
            }),
        })
    }

    /// Where requests go: `https://host[:port]`, in lower case, a default port left out.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.inner.origin.as_str()
    }

    /// Performs a request. Dropping the future gives the request up: what was not sent by then never is.
    ///
    /// A redirect is an answer like any other. In [`AnswerMode::JsonFile`] an answer other than 200 is read inline.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn perform(
        &self,
        request: &HttpRequest,
        options: Perform<'_>,
    ) -> Result<HttpResponse, Failure> {
        let started = Instant::now();
        let counted = Counted::default();
        let result = self.within_limits(request, &options, &counted).await;
        let outcome: &dyn fmt::Debug = match &result {
            Ok(response) => &response.status,
            Err(failure) => failure,
        };
        // The path without its query: identifiers may be logged, what a query says about a person may not. The id of a token is the token.
        let path = match request.call {
            Call::DeleteToken => "/tokens/…",
            _ => request.path.split(['?', '#']).next().unwrap_or_default(),
        };
        tracing::debug!(
            target: "sportello::transport",
            call = request.call.as_str(),
            method = request.method.as_str(),
            path,
            outcome = ?outcome,
            millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            sent = counted.sent.load(Ordering::Relaxed),
            received = counted.received.load(Ordering::Relaxed),
        );
        result
    }

    async fn within_limits(
        &self,
        request: &HttpRequest,
        options: &Perform<'_>,
        counted: &Counted,
    ) -> Result<HttpResponse, Failure> {
        let inner = &*self.inner;
        let paid = request.call.is_paid();
        let lane = if options.once || paid {
            &inner.paid
        } else {
            &inner.free
        };
        if !matches!(request.target, Target::Api) {
            return Err(Failure::AddressRefused);
        }
        let wants_file = !matches!(request.answer, AnswerMode::Inline);
        if wants_file && options.sink.is_none() {
            return Err(Failure::SinkFailed);
        }
        let built = build(&lane.client, &inner.origin, request, options)?;
        let (silence, whole) = time_limits(&inner.config, request, options);
        let deadline = tokio::time::Instant::now() + whole;
        // Waiting here is part of the time limit: whoever waits for a paid call to be surely over counts from its start. It
        // ends without anything having been sent.
        let _slot = match timeout_at(deadline, lane.slots.acquire()).await {
            Ok(Ok(slot)) => slot,
            Ok(Err(_)) | Err(_) => return Err(Failure::Unreachable),
        };
        let intake = Intake {
            mode: request.answer,
            sink: options.sink,
            max_inline: inner.config.max_inline,
            max_file: inner.config.max_file_bytes,
            silence,
            received: &counted.received,
        };
        let exchange = exchange(built, request, options, &intake, counted);
        timeout_at(deadline, exchange)
            .await
            .unwrap_or(Err(Failure::Timeout))
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("origin", &self.origin())
            .finish_non_exhaustive()
    }
}

fn client(
    config: &TransportConfig,
    origin: &Origin,
    tls: rustls::ClientConfig,
    pooled: bool,
) -> Result<reqwest::Client, TransportError> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(!origin.loopback)
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .user_agent(agent(config)?)
        .connect_timeout(config::bounded(config.connect_timeout))
        .pool_idle_timeout(IDLE)
        // Without a pool, hyper opens a connection for each request and never sends one again on another.
        .pool_max_idle_per_host(if pooled { config.max_connections } else { 0 });
    if origin.loopback {
        // A proxy would see the token in the clear; and a name server must not say where `localhost` is.
        let here = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        builder = builder.no_proxy().resolve_to_addrs("localhost", &here);
    }
    if let Some(proxy) = &config.proxy {
        let proxy = config::proxy(proxy)?;
        if !origin.loopback {
            builder = builder.proxy(proxy);
        }
    }
    builder.build().map_err(|_| TransportError::NoTls)
}

fn agent(config: &TransportConfig) -> Result<HeaderValue, TransportError> {
    let agent = config
        .user_agent
        .as_deref()
        .unwrap_or(concat!("sportello/", env!("CARGO_PKG_VERSION")));
    HeaderValue::from_str(agent).map_err(|_| TransportError::InvalidUserAgent)
}

/// The request without its body.
fn build(
    client: &reqwest::Client,
    origin: &Origin,
    request: &HttpRequest,
    options: &Perform<'_>,
) -> Result<RequestBuilder, Failure> {
    let url = origin.url(&request.path).ok_or(Failure::Unreachable)?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if request.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in &request.headers {
        let value = HeaderValue::from_str(value).map_err(|_| Failure::Unreachable)?;
        headers.insert(*name, value);
    }
    // Last, so that no request can bring its own.
    headers.remove(AUTHORIZATION);
    if let Some(authorization) = &options.authorization {
        headers.insert(AUTHORIZATION, authorization.header().ok_or(Failure::NoToken)?);
    }
    Ok(client.request(method(request.method), url).headers(headers))
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

/// How long nothing may move, and how long the whole may take.
fn time_limits(
    config: &TransportConfig,
    request: &HttpRequest,
    options: &Perform<'_>,
) -> (Duration, Duration) {
    if let Some(whole) = options
        .timeout
        .or(request.call.is_paid().then_some(config.commit_timeout))
    {
        let whole = config::bounded(whole);
        return (whole, whole);
    }
    let silence = config::bounded(config.attempt_timeout);
    let up = request.body.as_ref().map_or(0, crate::http::Body::content_length);
    let down = match request.answer {
        AnswerMode::Inline => 0,
        AnswerMode::JsonFile(_) => config.max_file_bytes,
        AnswerMode::File { max_bytes, .. } => max_bytes,
    };
    // What is not a file fits into the silence.
    let files = up.saturating_sub(config.max_inline as u64).saturating_add(down);
    (silence, silence.saturating_add(config.time_for(files)))
}

async fn exchange(
    built: RequestBuilder,
    request: &HttpRequest,
    options: &Perform<'_>,
    intake: &Intake<'_>,
    counted: &Counted,
) -> Result<HttpResponse, Failure> {
    let Some(body) = &request.body else {
        let response = send(built, None, intake.silence, &|_| ()).await?;
        return intake.read(response).await;
    };
    let total = body.content_length();
    let report = |sent: u64| {
        counted.sent.store(sent, Ordering::Relaxed);
        if let Some(tell) = options.on_progress {
            tell(sent, total);
        }
    };
    let (mut upload, wire) = Upload::new(body);
    let sent = send(built.body(wire), Some(&mut upload), intake.silence, &report).await;
    let answer = match sent {
        Ok(response) => {
            report(upload.sent_of(total));
            intake.read(response).await
        }
        Err(failure) => Err(failure),
    };
    // A file that could not be sent ended the request: that is why there is no answer, whatever the connection says.
    answer.map_err(|failure| upload.failure().unwrap_or(failure))
}

/// Waits for the answer's head, telling what has been sent so far.
async fn send(
    built: RequestBuilder,
    mut upload: Option<&mut Upload>,
    silence: Duration,
    report: &(dyn Fn(u64) + Send + Sync),
) -> Result<Response, Failure> {
    let mut sending = pin!(built.send());
    loop {
        tokio::select! {
            biased;
            answer = &mut sending => return answer.map_err(|error| classify::sending(&error)),
            progress = next_progress(&mut upload) => report(progress),
            () = tokio::time::sleep(silence) => return Err(Failure::Timeout),
        }
    }
}

async fn next_progress(upload: &mut Option<&mut Upload>) -> u64 {
    match upload {
        Some(upload) => upload.progress().await,
        None => std::future::pending().await,
    }
}
