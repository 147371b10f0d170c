//! A relay between the caller and the provider: the real one, its router, client, journal, ledger and folder, as it would be served.
//!
//! | file | what is in it |
//! |---|---|
//! | `hook` | the moments at which a relay can meet trouble, and what trouble |
//! | `books` | its journal and ledger, counted |
//! | `provider` | the simulator behind a socket, over a wire that fails |
//! | `schedules` | which schedules are run |
//!
//! The caller lives in virtual time, as everywhere in this proof; the relay in real time, with short limits. A relay that dies loses its
//! runtime with everything that was under way in it, and another begins on what the disk holds.

pub(crate) mod books;
pub(crate) mod hook;
mod provider;
pub(crate) mod schedules;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use sportello::ErrorCode;
use sportello::client::transport::TransportConfig;
use sportello::client::{Client, Environment};
use sportello::flow::{Event, RetryPolicy};
use sportello::http::{Failure, HttpResponse};
use sportello::journal::{JournalKey, SqliteJournal};
use sportello::provider::ProviderKind;
use sportello_relay::ledger::SqliteLedger;
use sportello_relay::session::{Authorize, Authorizing, Denied, Session};
use sportello_relay::{Config, Ledger as _, Services};
use sportello_simulator::{Engine, SimRequest};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::world::story::Api;
use books::Book;
use hook::{Hook, Planned};
use provider::Behind;

/// How long the relay waits for an answer, and how much longer until it looks what became of a paid call.
const LIMIT: Duration = Duration::from_millis(400);
const MARGIN: Duration = Duration::from_millis(50);
/// The session of the caller.
pub(crate) const SESSION: &str = "a-session";

/// A relay, the provider behind it, and what a relay leaves when it dies.
pub(crate) struct Relay {
    pub(crate) api: Api,
    pub(crate) behind: Arc<Behind>,
    base_url: String,
    token: String,
    folder: TempDir,
    key: JournalKey,
    outside: Runtime,
    life: Option<Life>,
    /// The last answer was that it is still looked into.
    is_settling: bool,
}

/// One process of the relay.
struct Life {
    runtime: Runtime,
    router: axum::Router,
}

/// One session, of one user.
struct OneSession;

impl Authorize for OneSession {
    fn authorize<'a>(&'a self, headers: &'a HeaderMap) -> Authorizing<'a> {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let is_good = given == Some(&format!("Bearer {SESSION}"));
        Box::pin(async move {
            is_good
                .then(|| Session {
                    user: "u".to_owned(),
                    expires_at: None,
                    cap: None,
                })
                .ok_or(Denied::Unknown)
        })
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(8)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A folder whose writes cost nothing, where there is one.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a folder")
}

impl Relay {
    pub(crate) fn new(api: Api, engine: Engine, token: &str, now: u64, planned: Vec<Planned>) -> Relay {
        let behind = Arc::new(Behind::new(engine, now, Arc::new(Hook::new(planned))));
        let outside = runtime();
        let (listener, address) = outside.block_on(provider::listen());
        outside.spawn(Arc::clone(&behind).serve(listener));
        Relay {
            api,
            behind,
            base_url: format!("http://{address}"),
            token: token.to_owned(),
            folder: folder(),
            key: JournalKey::from_bytes([7; 32]),
            outside,
            life: None,
            is_settling: false,
        }
    }

    fn begin(&self) -> Life {
        let hook = &self.behind.hook;
        let journal = SqliteJournal::open(self.folder.path().join("journal.sqlite"))
            .expect("the journal opens after whatever happened");
        let ledger = SqliteLedger::open(&self.folder.path().join("ledger.sqlite"))
            .expect("the ledger opens after whatever happened");
        let (token, clock) = (self.token.clone(), Arc::clone(&self.behind));
        let environment = Environment::Simulator {
            base_url: self.base_url.clone(),
        };
        let kind = match self.api {
            Api::Visengine => ProviderKind::Visengine,
            Api::DocuEngine => ProviderKind::DocuEngine,
        };
        let journal = Book::new(journal, hook);
        let client = Client::builder(environment)
            .provider(kind)
            .token_provider(move || Some(sportello::client::SecretToken::new(token.clone())))
            .journal(Arc::new(journal), self.key.clone())
            .commit_timeout(LIMIT)
            .quiet_margin(MARGIN)
            .retry(RetryPolicy {
                attempts: 3,
                base_ms: 1,
                cap_ms: 2,
                ..RetryPolicy::default()
            })
            .transport(TransportConfig {
                attempt_timeout: LIMIT,
                ..TransportConfig::default()
            })
            .clock(move || clock.now())
            .build()
            .expect("a client");
        let mut config = Config::new(client, self.folder.path().join("relay"), Arc::new(OneSession));
        config.services = Services::All;
        config.ledger = Some(Arc::new(Book::new(ledger, hook)));
        config.limits.status_age = Duration::ZERO;
        let limits = &mut config.limits;
        limits.sweep_every = Duration::from_millis(250);
        (limits.user_rate, limits.user_burst, limits.address_rate) = (100_000, 100_000, 100_000);
        let runtime = runtime();
        let router = {
            let _within = runtime.enter();
            sportello_relay::relay(config).expect("a relay")
        };
        Life { runtime, router }
    }

    /// A caller's call; a relay that died before it, or dies over it, is begun again.
    pub(crate) fn call(&mut self, now: u64, request: &SimRequest) -> Event {
        self.behind.set_now(now);
        if self.behind.hook.is_dead() {
            self.bury();
        }
        let life = match self.life.take() {
            Some(life) => life,
            None => self.begin(),
        };
        let life = self.life.insert(life);
        let mut builder = Request::builder()
            .method(request.method.as_str())
            .uri(&request.path);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let sent = builder
            .header("content-length", request.body.len())
            .body(Body::from(request.body.clone()))
            .expect("a request");
        let (router, hook) = (life.router.clone(), Arc::clone(&self.behind.hook));
        let answer = life.runtime.block_on(async move {
            tokio::select! {
                biased;
                () = hook.died() => None,
                answer = router.oneshot(sent) => {
                    let Ok(answer) = answer;
                    let (parts, body) = answer.into_parts();
                    let body = axum::body::to_bytes(body, 1 << 24).await.expect("a body");
                    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
                    let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
                    Some(HttpResponse {
                        status: parts.status.as_u16(),
                        headers: headers.collect(),
                        body: body.to_vec(),
                        sink: None,
                    })
                }
            }
        });
        match answer {
            Some(answer) => {
                let unknown = ErrorCode::OutcomeUnknown.as_str().as_bytes();
                self.is_settling = answer.body.windows(unknown.len()).any(|part| part == unknown);
                Event::Responded(answer)
            }
            None => {
                self.bury();
                Event::Failed(Failure::Interrupted)
            }
        }
    }

    /// The process is gone, with everything that was under way in it.
    fn bury(&mut self) {
        if let Some(Life { runtime, router }) = self.life.take() {
            drop(router);
            runtime.shutdown_background();
        }
        self.behind.hook.buried();
    }

    /// The caller waits until then; a relay that is settling something has waited as well, in its own time.
    pub(crate) fn wait_until(&mut self, now: u64) {
        if std::mem::take(&mut self.is_settling) {
            std::thread::sleep(LIMIT + MARGIN);
        }
        self.behind.set_now(now);
    }

    /// Lets whatever the relay is at in the background come to its end.
    pub(crate) fn rest(&mut self) {
        std::thread::sleep(LIMIT + MARGIN * 2);
    }

    /// What the provider has charged, in cents.
    pub(crate) fn charged(&self) -> i64 {
        self.behind
            .engine()
            .ledger()
            .iter()
            .map(|charge| charge.amount_cents)
            .sum()
    }

    pub(crate) fn twice(&self) -> bool {
        self.behind.hook.twice.load(Ordering::SeqCst)
    }

    /// What the relay's own ledger says is spent or reserved, in cents.
    pub(crate) fn spent(&self) -> i64 {
        let ledger = SqliteLedger::open(&self.folder.path().join("ledger.sqlite")).expect("a ledger");
        ledger.spent(None, 0).expect("a sum").cents().expect("cents")
    }

    /// True when a word of the answers is still in the relay's folder after a sweep, with which every life of a relay begins.
    pub(crate) fn holds_after_a_sweep(&mut self, word: &str) -> bool {
        if !self.holds(word) {
            return false;
        }
        self.bury();
        self.life = Some(self.begin());
        for _ in 0..100 {
            if !self.holds(word) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    fn holds(&self, word: &str) -> bool {
        let mut folders = vec![self.folder.path().join("relay")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).contains(word) {
                    return true;
                }
            }
        }
        false
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.behind.hook.dies();
        self.bury();
        let outside = std::mem::replace(&mut self.outside, runtime_of_nobody());
        outside.shutdown_background();
    }
}

/// Stands in for a runtime that is being shut down.
fn runtime_of_nobody() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
}
