//! A server with limits of its own: how many connections, how long a head may take, how long it may be.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

/// Limits of the server itself; those of the calls are in [`Limits`](crate::Limits).
#[derive(Clone, Debug)]
pub struct ServeLimits {
    /// How many connections may stand at once. Default 1024.
    pub connections: usize,
    /// How long the head of a request may take, from its connection or the answer before it. Default 15 s.
    pub head_time: Duration,
    /// How many headers a request may have. Default 64.
    pub headers: usize,
    /// How long a request's head may be, bytes. Default 16 KiB.
    pub head_bytes: usize,
    /// How long calls under way may take to end once the server is asked to stop. Default 30 s.
    pub farewell: Duration,
}

impl Default for ServeLimits {
    fn default() -> ServeLimits {
        ServeLimits {
            connections: 1024,
            head_time: Duration::from_secs(15),
            headers: 64,
            head_bytes: 16 * 1024,
            farewell: Duration::from_secs(30),
        }
    }
}

/// Serves a router over HTTP/1.1 until `stop` is ready; calls under way may end. TLS belongs to the proxy in front.
///
/// # Errors
/// The listener is broken.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ServeLimits,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections));
    let (stopping, stopped) = watch::channel(());
    tokio::pin!(stop);
    loop {
        // A place first: whoever comes when all are taken waits in the system's queue, which costs nothing here.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = &mut stop => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files and the like pass.
                tracing::warn!(target: "sportello_relay", kind = %error.kind(), "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let (router, limits, mut stopped) = (router.clone(), limits.clone(), stopped.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                let mut request = request.map(Body::new);
                request
                    .extensions_mut()
                    .insert(ConnectInfo::<SocketAddr>(address));
                router.clone().oneshot(request)
            });
            let mut builder = http1::Builder::new();
            builder
                .timer(TokioTimer::new())
                .header_read_timeout(limits.head_time)
                .max_headers(limits.headers)
                .max_buf_size(limits.head_bytes.max(8192));
            let connection = builder.serve_connection(TokioIo::new(stream), service);
            tokio::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => {}
                _ = stopped.changed() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = tokio::time::timeout(limits.farewell, connection).await;
                }
            }
            drop(place);
        });
    }
    drop(listener);
    drop(stopping);
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(limits.farewell, places.acquire_many(all)).await;
    Ok(())
}
