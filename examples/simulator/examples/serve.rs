//! A simulator for whoever starts this: it says where it is in one line of JSON, and ends when its standard
//! input does, so that it never outlives its parent.

use std::io::{self, Read as _};

use sportello_simulator::{Config, Simulator, Stages};

#[tokio::main]
async fn main() -> io::Result<()> {
    let config = Config {
        wallet_cents: 1_000_000_000,
        stages: Stages {
            searching_ms: 0,
            working_ms: 0,
            ready_ms: 0,
        },
        ..Config::default()
    };
    let (token, account, key) = (
        config.token.clone(),
        config.account_email.clone(),
        config.api_key.clone(),
    );
    let simulator = Simulator::start(config).await?;
    println!(
        "{}",
        serde_json::json!({
            "baseUrl": simulator.base_url(),
            "token": token,
            "account": account,
            "apiKey": key,
        })
    );
    let ended = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    ended.await.map_err(io::Error::other)??;
    simulator.shutdown().await;
    Ok(())
}
