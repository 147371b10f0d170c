//! Receives a provider's callbacks with axum, against the simulator: `cargo run -p sportello --example callbacks`.
//!
//! The handler is all that a web framework has to do: hand over the headers and the body as they came, and answer by the error's code.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use sportello::Answers;
use sportello::callback::MAX_CALLBACK_BYTES;
use sportello::client::{Client, Environment, ProviderKind, SubmitRequest};
use sportello::model::Progress;
use sportello_simulator::{Config, Simulator};
use tokio::sync::mpsc;

struct Shared {
    client: Client,
    news: mpsc::UnboundedSender<Progress>,
}

async fn receive(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    match shared.client.receive_callback(&headers, &body).await {
        Ok(event) => {
            if let Some(remote) = event.submission.remote.filter(|_| event.changed) {
                println!("{}: {}", event.submission.reference, remote.status);
                let _ = shared.news.send(remote.progress);
            }
            StatusCode::OK
        }
        Err(error) if error.code() == "callback.too_large" => StatusCode::PAYLOAD_TOO_LARGE,
        Err(error) if error.code().starts_with("callback.") => StatusCode::FORBIDDEN,
        // The provider may call again.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::start(Config::default()).await?;
    let client = Client::builder(Environment::Simulator {
        base_url: simulator.base_url(),
    })
    .provider(ProviderKind::DocuEngine)
    .token(simulator.token())
    .memory_journal()
    .build()?;

    let (news, mut heard) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared {
        client: client.clone(),
        news,
    });
    let routes = Router::new()
        .route("/hook", post(receive))
        .layer(DefaultBodyLimit::max(MAX_CALLBACK_BYTES))
        .with_state(shared);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, routes).await });

    let service = client.service("Statuto").await?;
    let request = SubmitRequest::new(
        service,
        Answers::new().with("taxCode", "12485671007"),
        "callbacks",
    )
    .confirm_price("4.90")
    .callback_url(url);
    client.submit(request).await?;
    let ready = async {
        while heard
            .recv()
            .await
            .is_some_and(|progress| progress != Progress::Delivered)
        {}
    };
    tokio::time::timeout(Duration::from_secs(30), ready).await?;
    println!("ready to be fetched");
    Ok(())
}
