//! The client for an app's own network, as Kotlin and Swift see it; also in the build without reqwest:
//! `cargo test -p sportello-mobile --no-default-features --features journal`.
#![cfg(feature = "journal")]
#![allow(
    missing_docs,
    clippy::result_large_err,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use sportello_mobile::{
    Answers, Attachment, FormDrafts, HostClient, HostError, HostEvent, HostFailure, HostOutcome, HostRequest,
    HostRun, HostSettings, HostStep, HostTarget, JournalKeys, JournalPlace, ResumedState, Service,
    SportelloError, SubmitOptions,
};

const CODE: &str = "PRVRSL90E52H501A";
const TOKEN: &str = "secret-session";

struct Keys(u8);

impl JournalKeys for Keys {
    fn key(&self) -> Result<Vec<u8>, HostError> {
        Ok(vec![self.0; 32])
    }
}

fn client(folder: &Path, key: u8, sends_once: bool) -> Arc<HostClient> {
    let settings = HostSettings {
        journal: JournalPlace::File {
            path: folder.join("journal.sqlite").to_string_lossy().into_owned(),
        },
        sends_once,
        account: None,
        commit_timeout: None,
        quiet_margin: None,
    };
    let url = "https://provider.example".to_owned();
    let client = HostClient::new(HostTarget::Visengine { url }, Arc::new(Keys(key)), settings).unwrap();
    client.set_token(TOKEN);
    client
}

const DESCRIPTION: &str = r#"{"hash_visura": "service-1", "nome_visura": "Prova", "prezzo_visura": "1.00", "json_struttura": {"validazione": "$0",
    "campi": {"$0": {"nome": "Codice fiscale", "tipo": "codice_fiscale_persona_fisica", "null": false}}}}"#;

fn answer(body: &str) -> HostEvent {
    HostEvent::Answered {
        status: 200,
        headers: HashMap::from([("Content-Type".to_owned(), "application/json".to_owned())]),
        body: body.as_bytes().to_vec(),
    }
}

fn sent(step: HostStep) -> Arc<HostRequest> {
    match step {
        HostStep::Send { request } => request,
        other => panic!("{other:?}"),
    }
}

fn begin(run: &HostRun) -> Arc<HostRequest> {
    sent(run.next(HostEvent::Continue, 1_800_000_000_000, 1).unwrap())
}

fn ends(run: &HostRun, event: HostEvent) -> Result<HostOutcome, SportelloError> {
    match run.next(event, 1_800_000_000_001, 2)? {
        HostStep::Done { outcome } => Ok(outcome),
        other => panic!("{other:?}"),
    }
}

fn code(error: SportelloError) -> String {
    error.details().code
}

#[test]
fn steps_come_out_and_answers_go_in() {
    let folder = tempfile::tempdir().unwrap();
    let client = client(folder.path(), 7, false);
    let run = client.services(None);
    let request = begin(&run);
    assert_eq!(
        (request.method().as_str(), request.url().as_str()),
        ("GET", "https://provider.example/visure")
    );
    assert_eq!(request.headers()["authorization"], format!("Bearer {TOKEN}"));
    assert!(!request.once() && request.open_body().is_none() && request.file().is_none());
    assert!(!format!("{request:?} {run:?} {client:?}").contains(TOKEN));
    // Out of turn: it stands where it stood.
    assert_eq!(
        code(run.next(HostEvent::Elapsed, 1, 1).unwrap_err()),
        "flow.misuse"
    );
    let list = format!(r#"{{"success": true, "data": [{DESCRIPTION}]}}"#);
    let HostOutcome::Services { services } = ends(&run, answer(&list)).unwrap() else {
        panic!()
    };
    assert_eq!(
        (services[0].id.as_str(), services[0].name.as_str()),
        ("service-1", "Prova")
    );
    // What is over is over.
    assert_eq!(
        code(run.next(HostEvent::Continue, 1, 1).unwrap_err()),
        "flow.misuse"
    );
    // Whoever waited has gone.
    let run = client.services(None);
    begin(&run);
    assert_eq!(
        code(ends(&run, HostEvent::Cancelled).unwrap_err()),
        "call.cancelled"
    );
}

#[test]
fn a_network_that_may_send_twice_pays_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::from_json(DESCRIPTION).unwrap();
    let answers = Answers::new();
    answers.set_text("$0", CODE);
    let options = || SubmitOptions {
        confirm_price: Some("1.00".parse().unwrap()),
        options: Vec::new(),
        accept_warnings: Vec::new(),
        notify_email: None,
        allow_duplicate: false,
    };
    let run = client(folder.path(), 7, false).submit(&service, &answers, "auu-1".into(), options());
    assert_eq!(
        code(ends(&run, HostEvent::Continue).unwrap_err()),
        "config.once_not_guaranteed"
    );
    // One that sends once keeps it, journals it, and asks for a draft.
    let run = client(folder.path(), 7, true).submit(&service, &answers, "auu-1".into(), options());
    let request = begin(&run);
    assert_eq!(request.call(), "open_draft");
    let body = request.open_body().unwrap();
    let mut length = 0;
    while let Some(piece) = body.next_piece().unwrap() {
        length += piece.len() as u64;
    }
    assert_eq!((Some(length), body.failure()), (request.body_length(), None));
    drop(run);
    // The app was killed; the next start has another key, then the right one.
    let kept = client(folder.path(), 8, true).kept_answers("auu-1");
    assert_eq!(code(kept.unwrap_err()), "sealed.other_key");
    let next = client(folder.path(), 7, true);
    assert_eq!(
        next.kept_answers("auu-1").unwrap().unwrap().text("$0").as_deref(),
        Some(CODE)
    );
    // Nobody answers: it waits, and nothing is needed of anybody.
    let run = next.resume();
    assert_eq!(begin(&run).call(), "get_service");
    let mut event = HostEvent::Failed {
        failure: HostFailure::NotSent,
    };
    let resumed = loop {
        match run.next(event, 1_800_000_000_002, 3).unwrap() {
            HostStep::Wait { .. } => event = HostEvent::Elapsed,
            HostStep::Send { .. } => {
                event = HostEvent::Failed {
                    failure: HostFailure::NotSent,
                };
            }
            HostStep::Done {
                outcome: HostOutcome::Resumed { resumed },
            } => break resumed,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(resumed[0].state, ResumedState::Waiting);
    assert_eq!(resumed[0].code.as_deref(), Some("network.unreachable"));
    assert!(next.kept_answers("auu-1").unwrap().is_some());
}

#[test]
fn a_file_that_changes_while_it_is_sent_is_said() {
    let request = HostRequest::trial("http://127.0.0.1:9/", TOKEN, Some("{}".into()), true, 1000);
    assert_eq!(
        (request.method().as_str(), request.body_length(), request.once()),
        ("PUT", Some(2), true)
    );
    assert!(!format!("{request:?}").contains(TOKEN));
}

#[test]
fn drafts_are_sealed_and_restored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_string_lossy().into_owned();
    let drafts = FormDrafts::new(&path, Arc::new(Keys(7))).unwrap();
    let answers = Answers::new();
    answers.set_text("$0", CODE);
    answers.set_file(
        "$1",
        &Attachment::from_bytes("card.pdf".into(), b"%PDF".to_vec(), None),
    );
    drafts.keep("form", &answers).unwrap();
    let restored = drafts.restore("form").unwrap().unwrap();
    assert_eq!(restored.text("$0").as_deref(), Some(CODE));
    assert_eq!(restored.file("$1").map(|file| file.size()), Some(4));
    let other = FormDrafts::new(&path, Arc::new(Keys(8))).unwrap();
    assert_eq!(code(other.restore("form").unwrap_err()), "sealed.other_key");
    drafts.forget("form").unwrap();
    assert!(drafts.restore("form").unwrap().is_none());
}
