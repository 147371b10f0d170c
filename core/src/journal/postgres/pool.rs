//! The thread that talks to the server, and its connections.
//!
//! A journal's calls block and may come from any thread, of an async runtime too, where another runtime can't be entered. So the
//! connections live on a runtime of their own with one thread, and a call hands its work over and waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_postgres::Client;

use super::failure::Failure;
use super::schema::{self, Missing};
use super::url::Address;
use crate::journal::JournalError;

/// How many connections a handle has at most. A call is a few short statements, so a handful of them serves many threads.
const CONNECTIONS: usize = 4;

/// A connection that lay idle for longer is asked whether it still works before anything depends on it.
const TRUSTED: Duration = Duration::from_secs(1);

/// How long is waited.
pub(super) struct Patience {
    /// For one of the handle's own connections to be free.
    pub(super) turn: Duration,
    /// For an idle connection to say that it still works.
    pub(super) sign_of_life: Duration,
    /// For a whole call.
    pub(super) call: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            turn: Duration::from_secs(10),
            sign_of_life: Duration::from_secs(3),
            call: Duration::from_secs(30),
        }
    }
}

/// What a call does with its connection.
pub(super) type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'c>>;

/// A server and the connections to it.
pub(super) struct Server {
    /// Gone only while it is dropped.
    runtime: Option<Runtime>,
    shared: Arc<Shared>,
    process: u32,
}

struct Shared {
    address: Address,
    patience: Patience,
    idle: Mutex<Vec<Idle>>,
    turns: Semaphore,
}

struct Idle {
    client: Client,
    since: Instant,
}

impl Server {
    /// Connects once, and makes the tables when there are none.
    pub(super) fn start(address: Address, patience: Patience) -> Result<Server, JournalError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sportello-postgres")
            .enable_all()
            .build()
            .map_err(|error| {
                Failure::Unfit(format!("no thread for its connections: {error}")).at(address.place())
            })?;
        let server = Server {
            runtime: Some(runtime),
            shared: Arc::new(Shared {
                address,
                patience,
                idle: Mutex::new(Vec::new()),
                turns: Semaphore::new(CONNECTIONS),
            }),
            process: std::process::id(),
        };
        let shared = Arc::clone(&server.shared);
        server.wait(async move {
            let client = shared.open(Missing::Make).await?;
            shared.keep(client);
            Ok(())
        })?;
        Ok(server)
    }

    pub(super) fn place(&self) -> &str {
        self.shared.address.place()
    }

    /// Does `work` on a connection that works, and waits for its end.
    pub(super) fn call<T: Send + 'static>(
        &self,
        work: impl for<'c> FnOnce(&'c Client) -> Work<'c, T> + Send + 'static,
    ) -> Result<T, JournalError> {
        let shared = Arc::clone(&self.shared);
        self.wait(async move {
            // The turn is kept until the end, so that there are never more connections than turns.
            let _turn = timeout(shared.patience.turn, shared.turns.acquire())
                .await
                .map_err(|_| Failure::Crowded)?;
            let client = shared.connection().await?;
            let outcome = work(&client).await;
            // After an error nobody knows what state the connection is in; closing it ends whatever it was doing.
            if outcome.is_ok() {
                shared.keep(client);
            }
            outcome
        })
    }

    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, JournalError> {
        let place = self.place();
        if self.process != std::process::id() {
            let detail = "it was opened before a fork; open it anew in each process".to_owned();
            return Err(JournalError::Misuse { detail });
        }
        let stopped = || Failure::Unfit("the thread of its connections has stopped".to_owned()).at(place);
        let runtime = self.runtime.as_ref().ok_or_else(stopped)?;
        let limit = self.shared.patience.call;
        let (tell, told) = mpsc::sync_channel(1);
        drop(runtime.spawn(async move {
            let outcome = timeout(limit, work).await.unwrap_or_else(|_| {
                let seconds = limit.as_secs_f32();
                Err(Failure::Unfit(format!(
                    "the server gave no answer in {seconds} seconds"
                )))
            });
            // Who asked waits below for as long as this runs.
            let _ = tell.send(outcome);
        }));
        told.recv()
            .map_err(|_| stopped())?
            .map_err(|failure| failure.at(place))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An ordinary drop would wait, which a thread of another runtime may not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    /// An idle connection that still works, else a new one.
    async fn connection(&self) -> Result<Client, Failure> {
        while let Some(Idle { client, since }) = self.take_idle() {
            if client.is_closed() {
                continue;
            }
            if since.elapsed() < TRUSTED
                || timeout(self.patience.sign_of_life, client.check_connection())
                    .await
                    .is_ok_and(|works| works.is_ok())
            {
                return Ok(client);
            }
        }
        // Tables that were there when the journal was opened and are gone now are not made again: what was paid would be forgotten.
        self.open(Missing::Refuse).await
    }

    async fn open(&self, missing: Missing) -> Result<Client, Failure> {
        let client = self.address.connect().await?;
        schema::prepare(&client, missing).await?;
        Ok(client)
    }

    fn keep(&self, client: Client) {
        let idle = Idle {
            client,
            since: Instant::now(),
        };
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(idle);
    }

    fn take_idle(&self) -> Option<Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes connections, as the system does for every listener, and never says a word.
    #[test]
    fn a_server_that_says_nothing_is_given_up() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://u:SECRET@{}/db", listener.local_addr().unwrap());
        let patience = Patience {
            call: Duration::from_millis(300),
            ..Patience::default()
        };
        let began = Instant::now();
        let error = Server::start(Address::of(&url).unwrap(), patience).err().unwrap();
        assert!((Duration::from_millis(300)..Duration::from_secs(20)).contains(&began.elapsed()));
        assert_eq!(
            (error.code(), error.is_retryable()),
            ("journal.unavailable", true)
        );
        assert!(error.to_string().contains("no answer in 0.3 seconds"), "{error}");
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }

    #[test]
    fn nobody_listens() {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let url = format!("postgres://u:SECRET@127.0.0.1:{port}/db");
        let error = Server::start(Address::of(&url).unwrap(), Patience::default())
            .err()
            .unwrap();
        assert_eq!(error.code(), "journal.unavailable");
        let text = error.to_string();
        assert!(
            text.contains(&format!("`127.0.0.1:{port}/db`")) && !text.contains("SECRET"),
            "{text}"
        );
    }
}
