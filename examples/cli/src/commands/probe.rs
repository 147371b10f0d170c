//! Asks the provider's sandbox what its documents leave open, and says which switches of the simulator match it.
//!
//! For a person with an account. Free calls only; with `--paid` and a cap the questions that cost something as well. Everything
//! sent is invented, but for the answers that a person gives for the paid questions.

mod ask;
mod paid;
mod record;

use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value, json};
use sportello::client::transport::{Transport, TransportConfig};
use sportello::client::{ProviderKind, SecretToken};
use sportello::provider::{docuengine, visengine};
use sportello_simulator::{Config, DEFAULT_TOKEN, Simulator};

use crate::args::{self, Environment, Global};
use crate::exit::{Code, Stop};
use crate::show;
use ask::Probe;

/// What was found out about one question.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    /// The question, for people.
    pub(crate) question: &'static str,
    /// The simulator's switch.
    pub(crate) switch: &'static str,
    /// The switch's value that matches; nothing where it can't be told.
    pub(crate) value: Option<Value>,
    /// What the server did.
    pub(crate) evidence: String,
}

/// Questions that no probe settles without emptying a wallet or buying on purpose what nobody wants.
const NOT_ASKED: &[&str] = &[
    "wallet_checked_at_commit",
    "repeated_choice_charges",
    "results_in_wait",
    "empty_search_cancels",
    "url_ttl_ms",
];

pub(crate) async fn probe(global: &Global, wanted: &args::Probe) -> Result<Code, Stop> {
    if wanted.paid && wanted.cap.is_none() {
        return Err(Stop::usage(
            "--paid needs --cap EUR: the most that may be spent, net",
        ));
    }
    let kind = match global.provider {
        args::Provider::Visengine => ProviderKind::Visengine,
        args::Provider::Docuengine => ProviderKind::DocuEngine,
        args::Provider::Relay => {
            return Err(Stop::usage(
                "a relay is your own: there is nothing to find out about it",
            ));
        }
    };
    let embedded = match global.simulator && global.base_url.is_none() {
        true => Some(start().await?),
        false => None,
    };
    let origin = origin(global, kind, embedded.as_ref())?;
    let config = TransportConfig {
        origin,
        ..TransportConfig::default()
    };
    let transport = Transport::new(config).map_err(|error| Stop::usage(error.to_string()))?;
    let mut probe = Probe::new(transport, token(global)?, kind);
    let service = wanted
        .service
        .as_deref()
        .unwrap_or(probe.usual_service())
        .to_owned();
    let service = probe.service(&service).await?;
    record::look_again(&mut probe, wanted.record.as_deref()).await?;
    probe.free(&service).await?;
    if let (true, Some(cap)) = (wanted.paid, wanted.cap) {
        let answers = wanted.answers.as_deref();
        paid::ask(&mut probe, &service, cap, answers).await?;
    }
    record::keep(&probe, wanted.record.as_deref())?;
    report(global, &probe, wanted.record.as_ref());
    Ok(Code::Done)
}

async fn start() -> Result<Simulator, Stop> {
    let started = Simulator::start(Config::default()).await;
    started.map_err(|error| Stop::local(format!("can't start the simulator: {error}")))
}

fn origin(global: &Global, kind: ProviderKind, embedded: Option<&Simulator>) -> Result<String, Stop> {
    match (embedded, &global.base_url, global.environment) {
        (Some(simulator), ..) => Ok(simulator.base_url()),
        (None, _, Some(Environment::Production)) => Err(Stop::usage(
            "probe is for the sandbox: production is nobody's place to try things out",
        )),
        (None, Some(url), _) => Ok(url.clone()),
        (None, None, Some(Environment::Sandbox)) => Ok(match kind {
            ProviderKind::DocuEngine => docuengine::SANDBOX.to_owned(),
            _ => visengine::SANDBOX.to_owned(),
        }),
        (None, None, None) => Err(Stop::usage("say where: --environment sandbox, or --simulator")),
    }
}

/// A ready-made token: the account's credentials would only be given tokens for fewer calls than are made here.
fn token(global: &Global) -> Result<SecretToken, Stop> {
    if let Some(path) = &global.token_file {
        let read = std::fs::read_to_string(path);
        let read = read.map_err(|error| Stop::local(format!("can't read `{}`: {error}", path.display())));
        return Ok(SecretToken::new(read?));
    }
    match std::env::var("SPORTELLO_TOKEN") {
        Ok(token) if !token.trim().is_empty() => Ok(SecretToken::new(token)),
        _ if global.simulator => Ok(SecretToken::new(DEFAULT_TOKEN)),
        _ => Err(Stop::usage(
            "no token: set SPORTELLO_TOKEN or name a file with --token-file; probe takes a ready-made one only",
        )),
    }
}

/// The switches that match, as `POST /_simulator/switches` takes them.
fn switches(findings: &[Finding]) -> Map<String, Value> {
    let known = findings.iter().filter_map(|finding| {
        let value = finding.value.clone()?;
        Some((finding.switch.to_owned(), value))
    });
    known.collect()
}

fn report(global: &Global, probe: &Probe, record: Option<&PathBuf>) {
    let switches = switches(&probe.findings);
    if global.json {
        let report = json!({
            "provider": probe.provider.name(),
            "origin": probe.transport.origin(),
            "findings": probe.findings,
            "switches": switches,
            "notAsked": NOT_ASKED,
            "drafts": probe.drafts.iter().map(|draft| &draft.id).collect::<Vec<_>>(),
            "spentAtMost": probe.spent_at_most,
        });
        println!("{report}");
        return;
    }
    println!("{} at {}", probe.provider.name(), probe.transport.origin());
    for finding in &probe.findings {
        let value = (finding.value.as_ref()).map_or_else(|| "can't be told".to_owned(), Value::to_string);
        println!("  {}", finding.question);
        println!(
            "    {} = {value}   ({})",
            finding.switch,
            show::clean(&finding.evidence)
        );
    }
    println!("Switches of the simulator that match:");
    println!("  {}", Value::Object(switches));
    println!("Not asked: {}", NOT_ASKED.join(", "));
    let opened = probe.drafts.len();
    println!(
        "{opened} drafts were opened, of invented data; spent at the most: {} EUR net",
        probe.spent_at_most
    );
    match record {
        Some(path) => println!(
            "How long drafts live: the same command again later; it remembers in {}",
            path.display()
        ),
        None => {
            println!("How long drafts live is found out by two looks: --record FILE, now and again later")
        }
    }
}
