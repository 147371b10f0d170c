//! A submission followed, as server-sent events.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use sportello::client::Watch;
use sportello::provider::relay::wire::SubmissionWire;
use sportello::{ErrorCode, SportelloError};
use tokio::sync::mpsc;

use super::Target;
use crate::app::{App, is_handed_in, is_unsettled, now};
use crate::refusal::Failure;
use crate::session::Session;
use crate::store::{Ids, Record};

/// `event: update` with a submission in `data` for every change, `event: error` with a refusal, and `event: end` as the last.
pub(super) async fn events(State(app): State<Arc<App>>, target: Target) -> Result<Response, Failure> {
    let ids = target.ids;
    let (record, entry) = app.known(&ids).await?;
    if is_unsettled(entry.as_ref()) {
        return Err(Failure::unsettled());
    }
    if !is_handed_in(entry.as_ref()) {
        return Err(SportelloError::from(ErrorCode::NotCommitted).into());
    }
    if !app.rates.stream(&ids.user, app.config.limits.user_streams) {
        return Err(Failure::too_many(Duration::from_secs(5)));
    }
    let open = Open {
        app: Arc::clone(&app),
        user: ids.user.clone(),
    };
    let watch = app.client.watch(&ids.inner).await?;
    let (send, receive) = mpsc::channel(4);
    let session = target.caller.session;
    tokio::spawn(async move {
        follow(watch, &open, &ids, &record, &session, &send).await;
        let _ = send.send(Event::default().event("end").data("{}")).await;
    });
    let alive = KeepAlive::new()
        .interval(app.config.limits.heartbeat)
        .text("alive");
    Ok(Sse::new(Events(receive)).keep_alive(alive).into_response())
}

async fn follow(
    mut watch: Watch,
    open: &Open,
    ids: &Ids,
    record: &Record,
    session: &Session,
    send: &mpsc::Sender<Event>,
) {
    let left = session
        .expires_at
        .map(|end| Duration::from_secs(end.saturating_sub(now() / 1000)));
    let over = async {
        match left {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    loop {
        let next = tokio::select! {
            next = watch.next() => next,
            // Nobody listens any more, or the session is over.
            () = send.closed() => return,
            () = &mut over => return,
        };
        let event = match next {
            None => return,
            Some(Ok(update)) => {
                open.app.note_state(ids, &update.remote);
                let wire = SubmissionWire::handed_in(update.remote, &ids.reference, &record.correlation);
                serde_json::to_string(&wire).map(|data| Event::default().event("update").data(data))
            }
            Some(Err(error)) => serde_json::to_string(&Failure::from(error).into_refusal())
                .map(|data| Event::default().event("error").data(data)),
        };
        let Ok(event) = event else { return };
        if send.send(event).await.is_err() {
            return;
        }
    }
}

/// Counts as an open stream for as long as it lives.
struct Open {
    app: Arc<App>,
    user: String,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.app.rates.stream_over(&self.user);
    }
}

struct Events(mpsc::Receiver<Event>);

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}
