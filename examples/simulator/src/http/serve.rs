//! From a socket's bytes to the engine's values, and back.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State, connect_info::Connected},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    serve::{IncomingStream, Listener},
};
use futures_core::Stream as _;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Sleep, sleep},
};

use super::{Inner, Place, admin, line::Scissors};
use crate::{Chunks, Outcome, SimRequest, SimResponse, page};

/// The largest body taken: several files of 50 MB in base64.
const MAX_BODY: usize = 200 * 1024 * 1024;

/// How long the part of a truncated answer has to reach the caller before the reset overtakes it.
const HEAD_START: Duration = Duration::from_millis(50);

/// Serves until told to stop.
pub(super) fn spawn<L>(
    served: (Arc<Inner>, Place),
    door: L,
    mut stopped: watch::Receiver<bool>,
) -> JoinHandle<io::Result<()>>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
    Scissors: for<'a> Connected<IncomingStream<'a, L>>,
{
    let router = Router::new().fallback(answer).with_state(served);
    let service = router.into_make_service_with_connect_info::<Scissors>();
    let stop = async move {
        let _stopped_or_gone = stopped.wait_for(|stopped| *stopped).await;
    };
    tokio::spawn(
        axum::serve(door, service)
            .with_graceful_shutdown(stop)
            .into_future(),
    )
}

async fn answer(
    State((inner, place)): State<(Arc<Inner>, Place)>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = collect(body).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    // Neither origin serves what belongs to the other.
    if (place == Place::Storage) != parts.uri.path().starts_with("/storage/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let own = parts.uri.path() == "/" || parts.uri.path().starts_with("/_simulator/");
    if own && !from_this_machine(&parts.headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if parts.uri.path() == "/" {
        let html = inner.with_engine(|engine| page::render(engine, inner.now_ms()));
        return whole(page::response(html));
    }
    if let Some(command) = parts.uri.path().strip_prefix("/_simulator/") {
        return whole(admin::answer(&inner, parts.method.as_str(), command, &body));
    }
    let headers = parts.headers.iter();
    let request = SimRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: headers
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        body,
    };
    carry_out(inner, scissors, request).await
}

/// Plans, waits, lets it happen, waits, answers: what happens in between can be seen by other calls.
async fn carry_out(inner: Arc<Inner>, scissors: Scissors, request: SimRequest) -> Response {
    // Hashing the files of a large body takes a while, and must not hold up the other connections.
    let planning = Arc::clone(&inner);
    let planned = tokio::task::spawn_blocking(move || {
        let plan = planning.with_engine(|engine| engine.plan(&request));
        (request, plan)
    });
    let Ok((request, plan)) = planned.await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    pause(plan.delay_before_ms).await;
    let delay_after_ms = plan.delay_after_ms;
    let effect = tokio::task::spawn_blocking(move || {
        let now_ms = inner.now_ms();
        inner.with_engine(|engine| engine.carry_out(now_ms, &request, &plan))
    });
    let Ok(outcome) = effect.await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    pause(delay_after_ms).await;
    match outcome {
        Outcome::Answer(response) => whole(response),
        Outcome::CutBefore | Outcome::CutAfter => {
            scissors.cut();
            StatusCode::OK.into_response()
        }
        Outcome::Truncated(response, keep) => truncated(response, keep, scissors),
    }
}

async fn pause(ms: u64) {
    if ms > 0 {
        sleep(Duration::from_millis(ms)).await;
    }
}

/// The whole body, `Err` when it is too large or stops.
async fn collect(body: Body) -> Result<Vec<u8>, ()> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(part) = std::future::poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
        let part = part.map_err(|_| ())?;
        if bytes.len() + part.len() > MAX_BODY {
            return Err(());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// The page and the controls ask for no token, so a site open in a browser must not reach them: neither by
/// a name of its own for this address, nor by a form.
fn from_this_machine(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost") && !headers.contains_key(header::ORIGIN)
}

fn head(response: &SimResponse) -> axum::http::response::Builder {
    let mut builder = Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    match response.content_length() {
        Some(length) => builder.header(header::CONTENT_LENGTH, length),
        None => builder,
    }
}

fn finish(built: Result<Response, axum::http::Error>) -> Response {
    built.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn whole(response: SimResponse) -> Response {
    let builder = head(&response);
    let body = match response.stream {
        None => Body::from(response.body),
        Some(stream) => Body::from_stream(Parts {
            first: Some(response.body),
            rest: Some(stream.chunks()),
            end: None,
        }),
    };
    finish(builder.body(body))
}

fn truncated(response: SimResponse, keep: usize, scissors: Scissors) -> Response {
    let builder = head(&response);
    let mut first = response.body;
    first.truncate(keep);
    let end = Some((scissors, Box::pin(sleep(HEAD_START))));
    finish(builder.body(Body::from_stream(Parts {
        first: Some(first),
        rest: None,
        end,
    })))
}

/// A body in parts, which may end in a cut.
struct Parts {
    first: Option<Vec<u8>>,
    rest: Option<Chunks>,
    end: Option<(Scissors, Pin<Box<Sleep>>)>,
}

impl futures_core::Stream for Parts {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Poll::Ready(Some(Ok(first.into())));
        }
        if let Some(part) = self.rest.as_mut().and_then(Iterator::next) {
            return Poll::Ready(Some(Ok(part.into())));
        }
        match &mut self.end {
            None => Poll::Ready(None),
            Some((scissors, wait)) => {
                std::task::ready!(wait.as_mut().poll(cx));
                scissors.cut();
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
            }
        }
    }
}
