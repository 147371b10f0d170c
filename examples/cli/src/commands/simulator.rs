use serde_json::json;
use sportello_simulator::{Config, Simulator, Stages};

use crate::args::{self, Global};
use crate::exit::{Code, Stop};

/// Serves the simulator until it is interrupted.
pub(crate) async fn serve(global: &Global, wanted: &args::Simulator) -> Result<Code, Stop> {
    let cents = wanted
        .wallet
        .cents()
        .ok_or_else(|| Stop::usage("--wallet takes whole cents"))?;
    let config = Config {
        port: wanted.port,
        wallet_cents: cents,
        stages: Stages {
            searching_ms: wanted.stage_ms,
            working_ms: wanted.stage_ms,
            ready_ms: wanted.stage_ms,
        },
        ..Config::default()
    };
    let token = config.token.clone();
    let simulator = Simulator::start(config)
        .await
        .map_err(|error| Stop::local(format!("can't start the simulator: {error}")))?;
    if global.json {
        println!("{}", json!({ "baseUrl": simulator.base_url(), "token": token }));
    } else {
        println!("The simulator's counter is open at {}", simulator.base_url());
        println!("  its token: {token}");
        println!("  submissions and ledger, to look at: {}/", simulator.base_url());
        println!(
            "  to use it: sportello --simulator --base-url {} apply assegno-unico …",
            simulator.base_url()
        );
        println!("Ctrl-C closes it.");
    }
    std::future::pending::<()>().await;
    Ok(Code::Done)
}
