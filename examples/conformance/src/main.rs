//! Serves the misbehaving network until its standard input ends, so that it never outlives its parent; `--keep` serves until it is killed.

use std::io::{self, Read as _};
use std::net::SocketAddr;

use clap::Parser;
use sportello_conformance::{Options, Server};

/// A network that misbehaves on this machine, and a verdict on whoever pays through it
#[derive(Parser)]
#[command(name = "sportello-conformance", version, about)]
struct Arguments {
    /// The port of the control calls; by default a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// A simulator that runs already, such as 127.0.0.1:8080; by default one is embedded
    #[arg(long, value_name = "ADDRESS")]
    upstream: Option<SocketAddr>,
    /// Serve until killed, whatever becomes of the standard input
    #[arg(long)]
    keep: bool,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let options = Options {
        control_port: arguments.port,
        upstream: arguments.upstream,
        token: None,
    };
    let server = Server::start(options).await?;
    println!(
        "{}",
        serde_json::json!({ "control": server.control_url(), "origin": server.origin() })
    );
    if arguments.keep {
        std::future::pending::<()>().await;
    }
    let ended = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    ended.await.map_err(io::Error::other)??;
    Ok(())
}
