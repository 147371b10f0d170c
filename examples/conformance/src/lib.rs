//! A network that misbehaves, for whoever writes a driver.
//!
//! The core's machines say what to send; a *driver* sends it: reqwest in Rust, `fetch` in JavaScript, a phone's own network. Whether money is
//! paid once depends on it as much as on the machine, because many HTTP stacks send a request again by themselves: a `PUT` counts as
//! idempotent, a kept connection may be dead, a redirect may be followed. This server stands before the simulator, does to connections
//! what real networks do, and says whether the driver under test behaved. A driver in any language passes when every verdict is good.
//!
//! The README of this crate lists the scripts and the control calls. There are three addresses: the *control*, the API's *origin* that
//! misbehaves, and another origin at which nothing may arrive. One driver at a time.
//!
//! Two ways of use. A **script** is a list of calls that the driver performs one by one, telling after each how it went. A **story** is a
//! whole client at work, one of whose calls meets the trouble of a script.

mod control;
mod scripts;
mod server;
mod state;
mod verdict;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use sportello_simulator::{Config, DEFAULT_TOKEN, Simulator};
use tokio::task::JoinHandle;

pub use scripts::{SCRIPTS, Said, Script, Trouble, script};
pub use state::On;
pub use verdict::Verdict;

use server::Shared;

/// What a server is started with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The port of the control calls; 0 takes a free one.
    pub control_port: u16,
    /// A simulator that runs already, on this machine; without it one is embedded.
    pub upstream: Option<SocketAddr>,
    /// The token of the calls; without it the simulator's own.
    pub token: Option<String>,
}

/// A running server. It stops when it is dropped.
pub struct Server {
    shared: Arc<Shared>,
    control: SocketAddr,
    simulator: Option<Simulator>,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts one on 127.0.0.1. Needs a tokio runtime.
    ///
    /// # Errors
    /// When a port can't be had.
    pub async fn start(options: Options) -> io::Result<Server> {
        let simulator = match options.upstream {
            Some(_) => None,
            // Enough for every script many times over.
            None => {
                let wallet_cents = 1_000_000_000;
                Some(
                    Simulator::start(Config {
                        wallet_cents,
                        ..Config::default()
                    })
                    .await?,
                )
            }
        };
        let embedded = simulator.as_ref().map(Simulator::address);
        let upstream = options.upstream.or(embedded);
        let upstream = upstream.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
        let (listener, origin) = server::listen(0).await?;
        let (away_listener, away) = server::listen(0).await?;
        let (control_listener, control) = server::listen(options.control_port).await?;
        // Bound without listening, so that nobody else takes it: a connection to it is refused.
        let nobody_socket = tokio::net::TcpSocket::new_v4()?;
        nobody_socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let nobody = nobody_socket.local_addr()?;
        let state = state::State {
            work: state::Work::Nothing,
            number: 0,
            token: options.token.unwrap_or_else(|| DEFAULT_TOKEN.to_owned()),
            closed: Vec::new(),
        };
        let shared = Arc::new(Shared::new(state, upstream, [origin, away, nobody]));
        let router = control::router(Arc::clone(&shared));
        let tasks = vec![
            tokio::spawn(server::serve(listener, Arc::clone(&shared))),
            tokio::spawn(server::serve_away(away_listener, Arc::clone(&shared))),
            tokio::spawn(async move {
                let _kept = nobody_socket;
                let _ = axum::serve(control_listener, router).await;
            }),
        ];
        Ok(Server {
            shared,
            control,
            simulator,
            tasks,
        })
    }

    /// Where the control calls go: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control)
    }

    /// The API's origin, which misbehaves as the script or the story says.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.shared.origin)
    }

    /// The embedded simulator, where there is one.
    #[must_use]
    pub fn simulator(&self) -> Option<&Simulator> {
        self.simulator.as_ref()
    }

    /// Every verdict so far, with that of what is under way.
    pub async fn verdicts(&self) -> Vec<Verdict> {
        control::all(&self.shared).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
