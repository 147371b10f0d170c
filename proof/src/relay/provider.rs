//! The provider behind a relay: the simulator's engine behind a socket of this machine, over a wire on which the hook has its say.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use sportello_simulator::{Engine, SimRequest, SimResponse};
use tokio::net::TcpListener;

use super::hook::{At, Hook, Trouble};

/// The provider, and what is on its way to it.
pub(crate) struct Behind {
    engine: Mutex<Engine>,
    /// The caller's time, which is everybody's.
    now: AtomicU64,
    pub(crate) hook: Arc<Hook>,
    /// Requests that others have overtaken, and how many more looks each waits for.
    late: Mutex<Vec<(u8, SimRequest)>>,
}

/// The connection ends with no answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Cut {}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Behind {
    pub(crate) fn new(engine: Engine, now: u64, hook: Arc<Hook>) -> Behind {
        Behind {
            engine: Mutex::new(engine),
            now: AtomicU64::new(now),
            hook,
            late: Mutex::default(),
        }
    }

    pub(crate) fn engine(&self) -> MutexGuard<'_, Engine> {
        lock(&self.engine)
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    /// The caller's time has come to this; when it has waited long, so has everything that was on its way.
    pub(crate) fn set_now(&self, now: u64) {
        let before = self.now.swap(now, Ordering::SeqCst);
        if now.saturating_sub(before) > 60_000 {
            self.arrive(|_| true);
        }
    }

    /// True while a paid request is on its way.
    pub(crate) fn owes(&self) -> bool {
        lock(&self.late)
            .iter()
            .any(|(_, request)| kind(request) == At::Paid)
    }

    fn arrive(&self, due: impl Fn(u8) -> bool) {
        let mut late = lock(&self.late);
        let (arriving, waiting) = std::mem::take(&mut *late)
            .into_iter()
            .partition(|(left, _)| due(*left));
        *late = waiting;
        drop(late);
        let arriving: Vec<(u8, SimRequest)> = arriving;
        for (_, request) in arriving {
            self.handle(&request);
        }
    }

    fn handle(&self, request: &SimRequest) -> SimResponse {
        self.engine().handle(self.now(), request)
    }

    /// Serves until the runtime ends.
    pub(crate) async fn serve(self: Arc<Behind>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let own = Arc::clone(&self);
            let service = service_fn(move |request: Request<Incoming>| {
                let own = Arc::clone(&own);
                async move { own.answer(request).await }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
            );
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Cut> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
        let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = parts.headers.iter();
        let request = SimRequest {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: headers
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
            body: body.to_vec(),
        };
        if self.hook.is_dead() {
            return never().await;
        }
        let kind = kind(&request);
        if kind == At::Paid {
            self.arrive(|_| true);
        } else if kind == At::Look {
            for (left, _) in lock(&self.late).iter_mut() {
                *left = left.saturating_sub(1);
            }
            self.arrive(|left| left == 0);
        }
        let Some(trouble) = self.hook.at(kind) else {
            return Ok(told(self.handle(&request)));
        };
        match trouble {
            Trouble::CutBefore => Err(Cut),
            Trouble::CutAfter => {
                self.handle(&request);
                Err(Cut)
            }
            Trouble::RequestLost => never().await,
            Trouble::AnswerLost => {
                self.handle(&request);
                never().await
            }
            Trouble::Late => {
                lock(&self.late).push((2, request));
                Err(Cut)
            }
            Trouble::Duplicated | Trouble::DuplicatedSecond => {
                let before = self.engine().ledger().len();
                let (first, second) = (self.handle(&request), self.handle(&request));
                if self.engine().ledger().len() > before + 1 {
                    self.hook.twice.store(true, Ordering::SeqCst);
                }
                Ok(told(if trouble == Trouble::Duplicated {
                    first
                } else {
                    second
                }))
            }
            Trouble::BadGateway => {
                self.handle(&request);
                Ok(page(502, "<html>502 Bad Gateway</html>"))
            }
            Trouble::Overloaded => Ok(page(503, "<html>503 Service Unavailable</html>")),
            Trouble::Garbled => {
                let mut answer = self.handle(&request);
                answer.body.truncate(answer.body.len() / 2);
                Ok(told(answer))
            }
            Trouble::TokenEnded => {
                let mut other = request;
                other.headers.retain(|(name, _)| name != "authorization");
                Ok(told(self.handle(&other.bearer("ended"))))
            }
            Trouble::Broke => {
                let wallet = self.engine().wallet_cents();
                self.engine().set_wallet(0);
                let answer = self.handle(&request);
                self.engine().set_wallet(wallet);
                Ok(told(answer))
            }
            Trouble::DiesBefore => {
                self.hook.dies();
                never().await
            }
            Trouble::DiesAfter => {
                self.handle(&request);
                self.hook.dies();
                never().await
            }
            Trouble::Full | Trouble::WrittenUnknown => unreachable!("not of a call"),
        }
    }
}

async fn never<T>() -> T {
    std::future::pending().await
}

/// What a call is to the provider.
fn kind(request: &SimRequest) -> At {
    let body = String::from_utf8_lossy(&request.body);
    let says = |text: &str| body.contains(text);
    match request.method.as_str() {
        "GET" => At::Look,
        "PUT" if request.path.ends_with("/ricerche") || says("\"state\":1") => At::Paid,
        "POST" if request.path.starts_with("/richiesta/") => At::Paid,
        "PATCH" if says("\"SEARCH\"") || says("\"resultId\"") => At::Paid,
        _ => At::Change,
    }
}

fn told(answer: SimResponse) -> Response<Full<Bytes>> {
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(name, value);
    }
    builder.body(Full::new(answer.body.into())).expect("an answer")
}

fn page(status: u16, text: &'static str) -> Response<Full<Bytes>> {
    let builder = Response::builder()
        .status(status)
        .header("content-type", "text/html");
    builder.body(Full::new(text.into())).expect("an answer")
}

/// A socket of this machine, and where it is.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}
