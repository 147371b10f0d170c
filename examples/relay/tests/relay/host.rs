//! The story by a host with a network of its own: the core's steps, performed by sixty lines of sockets.

use std::sync::Arc;

use sportello::check::Report;
use sportello::client::{ResumedState, SubmitRequest, check_reference};
use sportello::flow::{Policy, RetryPolicy, WatchPolicy};
use sportello::host::{HostClient, HostConfig, HostEvent, HostFailure, HostJournal, HostOutcome, HostStep};
use sportello::journal::{JournalKey, MemoryJournal, Stage};
use sportello::model::{HostFile, Progress, Source};
use sportello::provider::ProviderKind;
use sportello::sealed::SealedStore;
use sportello::{Answers, Charged, Service};

use super::support::*;
use super::tiny_host::TinyHost;

fn hurried(url: &str) -> HostConfig {
    HostConfig {
        policy: Policy {
            commit_timeout_ms: 8_000,
            quiet_margin_ms: 100,
            retry: RetryPolicy {
                base_ms: 5,
                cap_ms: 20,
                ..RetryPolicy::default()
            },
            ..Policy::default()
        },
        rhythm: WatchPolicy {
            first_ms: 5,
            growth_percent: 120,
            cap_ms: 20,
            ..WatchPolicy::default()
        },
        ..HostConfig::relay(url)
    }
}

fn host_client(relay: &Relay, journal: HostJournal) -> HostClient {
    let client = HostClient::new(hurried(&relay.url), journal, JournalKey::from_bytes([7; 32])).unwrap();
    client.set_token(&session("rosella"));
    client
}

fn inside() -> HostJournal {
    HostJournal::Inside(Arc::new(MemoryJournal::new()))
}

fn service(host: &mut TinyHost, client: &HostClient) -> Service {
    match host.perform(client.service("assegno-unico")).unwrap() {
        HostOutcome::Service(service) => service,
        other => panic!("{other:?}"),
    }
}

/// The answers, with the first file as one that only the host can read.
fn answers(host: &mut TinyHost, service: &Service) -> Answers {
    let mut answers = application().answers(&service.form).unwrap();
    let (key, mut file) = (answers.iter())
        .find_map(|(key, answer)| Some((key.to_owned(), answer.as_file()?.clone())))
        .unwrap();
    host.own.insert("blob-1".to_owned(), pdf_bytes());
    let handle = "blob-1".to_owned();
    file.source = Some(Source::Host(HostFile { handle, sha256: None }));
    answers.set(key, file);
    answers
}

fn request(host: &mut TinyHost, client: &HostClient, reference: &str) -> SubmitRequest {
    let service = service(host, client);
    let answers = answers(host, &service);
    let report: Report = service.form.check(&answers);
    assert!(report.is_ok(), "{report:?}");
    SubmitRequest::new(service, answers, reference).confirm_price("19.00")
}

fn submission(outcome: HostOutcome) -> sportello::client::Submission {
    match outcome {
        HostOutcome::Submission(submission) => submission,
        other => panic!("{other:?}"),
    }
}

/// Everything in a thread of its own: a host blocks.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_story_with_a_journal_inside_and_one_of_the_hosts() {
    for outside in [false, true] {
        let simulator = simulator(Vec::new()).await;
        let relay = Arc::new(relay_over(&simulator).await);
        let at = Arc::clone(&relay);
        apart(move || {
            let mut host = TinyHost::new();
            let client = host_client(&at, if outside { HostJournal::Outside } else { inside() });
            let HostOutcome::Services(services) =
                host.perform(client.services(Some("assegno".into()))).unwrap()
            else {
                panic!()
            };
            assert!(services.iter().any(|service| service.id == SERVICE));
            let request = request(&mut host, &client, "story");
            let handed_in = submission(host.perform(client.submit(request.clone())).unwrap());
            assert_eq!(
                (handed_in.stage, handed_in.charged),
                (Stage::Committed, Charged::Yes)
            );
            let HostOutcome::Watched(last) = host.perform(client.watch("story")).unwrap() else {
                panic!()
            };
            assert_eq!(last.remote.progress, Progress::Delivered);
            assert_eq!(host.updates.last().unwrap().remote.progress, Progress::Delivered);
            let HostOutcome::Delivery(files) = host.perform(client.delivery("story")).unwrap() else {
                panic!()
            };
            assert_eq!(files.len(), 1);
            assert_eq!(files[0].len, host.files[&0].len() as u64);
            assert_eq!(files[0].sha256, sha256(&host.files[&0]));
            // The same again is the same.
            submission(host.perform(client.submit(request)).unwrap());
            let now = submission(host.perform(client.status("story")).unwrap());
            assert_eq!(now.stage, Stage::Delivered);
            assert_eq!(host.calls.iter().filter(|call| **call == "commit").count(), 1);
            let calls = host.calls.len();
            let HostOutcome::Submissions(known) = host.perform(client.submissions()).unwrap() else {
                panic!()
            };
            let known: Vec<_> = known
                .iter()
                .map(|one| (one.reference.as_str(), one.charged))
                .collect();
            assert_eq!(known, [("story", Charged::Yes)]);
            assert_eq!(host.calls.len(), calls, "it is the journal's word");
            assert_eq!(outside, !host.texts.is_empty());
            let kept: String = host.texts.into_values().collect();
            for canary in [CODICE_FISCALE, EMAIL, "Rosalia"] {
                assert!(!kept.contains(canary), "{kept}");
            }
        })
        .await;
        assert_eq!(simulator.ledger().len(), 1);
    }
}

/// A page that is killed before each of its steps in turn, and one whose answer is lost at each: a new page with the same texts goes on. One
/// charge, whatever happens.
#[tokio::test(flavor = "multi_thread")]
async fn gone_at_any_step_it_is_paid_once() {
    for lost in [false, true] {
        let simulator = simulator(Vec::new()).await;
        let relay = Arc::new(relay_over(&simulator).await);
        let at = Arc::clone(&relay);
        let runs = apart(move || {
            let mut host = TinyHost::new();
            let client = host_client(&at, HostJournal::Outside);
            let request = request(&mut host, &client, "killed");
            for kill in 0..60 {
                let mut run = client.submit(request.clone());
                let mut event = HostEvent::Continue;
                for step_number in 0.. {
                    let step = run.next(event, host.now()).unwrap();
                    if let HostStep::Done(outcome) = step {
                        let handed_in = submission(*outcome.unwrap());
                        assert_eq!(handed_in.charged, Charged::Yes);
                        return kill;
                    }
                    if step_number == kill {
                        if lost {
                            // It was made, and nobody heard.
                            host.make(&mut run, step);
                        }
                        break;
                    }
                    event = host.make(&mut run, step);
                }
            }
            panic!("it never ended");
        })
        .await;
        assert!(runs > 3, "{runs} runs");
        assert_eq!(simulator.ledger().len(), 1);
    }
}

/// An app that is killed before each of its steps in turn, or whose answer is lost at each, and is started again: it resumes without being given
/// anything.
#[tokio::test(flavor = "multi_thread")]
async fn gone_at_any_step_it_is_resumed_alone() {
    for (outside, lost) in [(true, false), (true, true), (false, false), (false, true)] {
        let simulator = simulator(Vec::new()).await;
        // One for each step, of one user.
        let relay = Arc::new(relay_with(&simulator, |config| config.caps.user = None).await);
        let at = Arc::clone(&relay);
        let (killed, begun) = apart(move || {
            let folder = tempfile::tempdir().unwrap();
            let sealed = || std::fs::read_dir(folder.path().join("sealed")).map_or(0, Iterator::count);
            let memory = Arc::new(MemoryJournal::new());
            let started = || {
                let key = JournalKey::from_bytes([7; 32]);
                let store = Arc::new(SealedStore::new(folder.path().join("sealed"), &key));
                let journal = match outside {
                    true => HostJournal::Outside,
                    false => HostJournal::Inside(Arc::<MemoryJournal>::clone(&memory)),
                };
                let client = HostClient::keeping(hurried(&at.url), journal, key, store).unwrap();
                client.set_token(&session("rosella"));
                client
            };
            let mut host = TinyHost::new();
            let client = started();
            let service = service(&mut host, &client);
            let answers = application().answers(&service.form).unwrap();
            let mut begun = 0;
            for kill in 0..60 {
                let case = format!("outside {outside}, lost {lost}, step {kill}");
                let reference = format!("killed-{kill}");
                let request = SubmitRequest::new(service.clone(), answers.clone(), &reference);
                let mut run = client.submit(request.confirm_price("19.00").allow_duplicate());
                let mut event = HostEvent::Continue;
                for step_number in 0.. {
                    let step = run.next(event, host.now()).unwrap();
                    if let HostStep::Done(outcome) = step {
                        assert_eq!(submission(*outcome.unwrap()).charged, Charged::Yes, "{case}");
                        assert_eq!(sealed(), 0, "{case}");
                        return (kill, begun + 1);
                    }
                    if step_number == kill {
                        if lost {
                            host.make(&mut run, step);
                        }
                        break;
                    }
                    event = host.make(&mut run, step);
                }
                drop(run);
                let is_kept = sealed() > 0;
                let next = started();
                let HostOutcome::Resumed(lines) = host.perform(next.resume()).unwrap() else {
                    panic!()
                };
                let line = lines.iter().find(|line| line.submission.reference == reference);
                // Killed before it was kept, nothing was begun. Killed after the last word was written, it only waits for the office.
                let charged = line.map(|line| line.submission.charged);
                assert_eq!(charged, is_kept.then_some(Charged::Yes), "{case}: {lines:?}");
                assert_eq!(sealed(), 0, "{case}");
                begun += usize::from(is_kept);
            }
            panic!("it never ended");
        })
        .await;
        assert!(killed >= 6 && begun >= 6, "{killed} steps, {begun} begun");
        assert_eq!(simulator.ledger().len(), begun);
    }
}

/// What the journal says and what is kept do not always go together: killed in between, or the store of keys was emptied.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_given_up_shown_or_said_to_be_locked() {
    let simulator = simulator(Vec::new()).await;
    let relay = Arc::new(relay_over(&simulator).await);
    let at = Arc::clone(&relay);
    apart(move || {
        let folder = tempfile::tempdir().unwrap();
        let started = |byte| {
            let key = JournalKey::from_bytes([byte; 32]);
            let store = Arc::new(SealedStore::new(folder.path(), &key));
            let client = HostClient::keeping(hurried(&at.url), HostJournal::Outside, key, store).unwrap();
            client.set_token(&session("rosella"));
            client
        };
        let mut host = TinyHost::new();
        let client = started(7);
        let service = service(&mut host, &client);
        let answers = application().answers(&service.form).unwrap();
        let request = SubmitRequest::new(service, answers, "kept").confirm_price("19.00");
        // Killed before the intention could be written.
        host.instead =
            Box::new(|step| matches!(step, HostStep::Store { .. }).then_some(HostEvent::Cancelled));
        host.perform(client.submit(request.clone())).unwrap_err();
        host.instead = Box::new(|_| None);
        assert!(host.texts.is_empty());
        let kept = started(7).kept_answers("kept").unwrap().unwrap();
        assert!(
            kept.iter()
                .any(|(_, answer)| answer.as_text() == Some(CODICE_FISCALE))
        );
        let HostOutcome::Resumed(lines) = host.perform(started(8).resume()).unwrap() else {
            panic!()
        };
        let line = (
            lines[0].submission.reference.as_str(),
            lines[0].state,
            lines[0].code,
        );
        assert_eq!(
            line,
            ("kept", ResumedState::NeedsAnswers, Some("sealed.other_key"))
        );
        assert_eq!(
            started(8).kept_answers("kept").unwrap_err().code(),
            "sealed.other_key"
        );
        host.perform(started(7).abandon("kept")).unwrap();
        let error = host.perform(started(7).abandon("kept")).unwrap_err();
        assert_eq!(error.code(), "reference.unknown");
        assert!(started(7).kept_answers("kept").unwrap().is_none());
    })
    .await;
    assert!(simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_stops_the_waiting_and_never_a_commit() {
    let simulator = simulator(Vec::new()).await;
    let relay = Arc::new(relay_over(&simulator).await);
    let at = Arc::clone(&relay);
    apart(move || {
        let mut host = TinyHost::new();
        let client = host_client(&at, inside());
        let request = request(&mut host, &client, "cancelled");
        // Before anything is paid.
        host.instead = Box::new(|step| match step {
            HostStep::Send(request) if request.call == "open_draft" => Some(HostEvent::Cancelled),
            _ => None,
        });
        let error = host.perform(client.submit(request.clone())).unwrap_err();
        assert_eq!(
            (error.code(), error.details().charged),
            ("call.cancelled", Charged::No)
        );
        // While the commit is on its way: what became of it is not said, but found out by the same reference.
        host.instead = Box::new(|_| None);
        let mut run = client.submit(request.clone());
        let mut event = HostEvent::Continue;
        let error = loop {
            match run.next(event, host.now()).unwrap() {
                HostStep::Send(request) if request.call == "commit" => {
                    assert!(request.once);
                    host.make(&mut run, HostStep::Send(request));
                    event = HostEvent::Cancelled;
                }
                HostStep::Done(outcome) => break outcome.unwrap_err(),
                step => event = host.make(&mut run, step),
            }
        };
        assert_eq!(
            (error.code(), error.details().charged),
            ("submit.outcome_unknown", Charged::Unknown)
        );
        let HostOutcome::Resumed(resumed) = host.perform(client.resume()).unwrap() else {
            panic!()
        };
        assert_eq!(resumed[0].submission.charged, Charged::Yes);
        // A run that is over says so.
        assert_eq!(
            run.next(HostEvent::Continue, host.now()).unwrap_err().code(),
            "flow.misuse"
        );
    })
    .await;
    assert_eq!(simulator.ledger().len(), 1);
}

/// A page that was reloaded when its commit had been journalled and never arrived: with a relay there is no quiet period of two minutes.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_never_arrived_goes_out_again_at_once() {
    let simulator = simulator(Vec::new()).await;
    let relay = Arc::new(relay_over(&simulator).await);
    let at = Arc::clone(&relay);
    let waited = apart(move || {
        let mut host = TinyHost::new();
        let config = HostConfig {
            policy: Policy::default(),
            ..hurried(&at.url)
        };
        let client =
            HostClient::relay(config, HostJournal::Outside, JournalKey::from_bytes([7; 32])).unwrap();
        client.set_token(&session("rosella"));
        let request = request(&mut host, &client, "reloaded");
        let mut run = client.submit(request.clone());
        let mut event = HostEvent::Continue;
        loop {
            match run.next(event, host.now()).unwrap() {
                HostStep::Send(request) if request.call == "commit" => break,
                step => event = host.make(&mut run, step),
            }
        }
        let begun = std::time::Instant::now();
        assert_eq!(
            submission(host.perform(client.submit(request)).unwrap()).charged,
            Charged::Yes
        );
        begun.elapsed()
    })
    .await;
    assert!(waited.as_secs() < 30, "{waited:?}");
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_given_up_and_its_entry_goes() {
    let simulator = simulator(Vec::new()).await;
    let relay = Arc::new(relay_over(&simulator).await);
    let at = Arc::clone(&relay);
    apart(move || {
        for journal in [inside(), HostJournal::Outside] {
            let mut host = TinyHost::new();
            let client = host_client(&at, journal);
            let request = request(&mut host, &client, "given-up");
            host.instead = Box::new(|step| match step {
                HostStep::Send(request) if request.call == "commit" => {
                    Some(HostEvent::Failed(HostFailure::NotSent))
                }
                _ => None,
            });
            let error = host.perform(client.submit(request)).unwrap_err();
            assert_eq!(
                (error.code(), error.details().charged),
                ("network.unreachable", Charged::No)
            );
            host.instead = Box::new(|_| None);
            assert!(matches!(
                host.perform(client.abandon("given-up")).unwrap(),
                HostOutcome::Abandoned
            ));
            assert!(host.texts.is_empty());
            let error = host.perform(client.status("given-up")).unwrap_err();
            assert_eq!(error.code(), "reference.unknown");
        }
    })
    .await;
    assert!(simulator.ledger().is_empty());
}

#[test]
fn what_a_host_can_get_wrong_is_said() {
    let key = || JournalKey::from_bytes([7; 32]);
    let insecure = HostClient::new(HostConfig::relay("http://counter.example"), inside(), key()).unwrap_err();
    assert_eq!(insecure.code(), "config.insecure_url");
    check_reference("a").unwrap();
    let mut host = TinyHost::new();
    let client = HostClient::new(HostConfig::relay("https://counter.example"), inside(), key()).unwrap();
    // No token: nothing is sent.
    let error = host.perform(client.services(None)).unwrap_err();
    assert_eq!(error.code(), "config.token_missing");
    assert!(host.calls.is_empty());
    client.set_token("secret-session");
    // An event that is no answer leaves the run where it stood.
    let mut run = client.services(None);
    assert_eq!(
        run.next(HostEvent::Elapsed, host.now()).unwrap_err().code(),
        "flow.misuse"
    );
    let step = run.next(HostEvent::Continue, host.now()).unwrap();
    let HostStep::Send(request) = &step else {
        panic!("{step:?}")
    };
    assert_eq!(request.url, "https://counter.example/services");
    let token = ("authorization".to_owned(), "Bearer secret-session".to_owned());
    assert!(request.headers.contains(&token));
    assert!(!format!("{step:?} {run:?} {client:?}").contains("secret"));
    assert_eq!(
        run.next(HostEvent::Bytes(Vec::new()), host.now())
            .unwrap_err()
            .code(),
        "flow.misuse"
    );
    // A redirect is an answer, and an error.
    let redirect = HostEvent::Answered {
        status: 307,
        headers: vec![("Location".to_owned(), "https://evil.example/".to_owned())],
        body: Vec::new(),
    };
    let HostStep::Done(Err(error)) = run.next(redirect, host.now()).unwrap() else {
        panic!()
    };
    assert!(!error.code().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_may_send_twice_pays_no_provider() {
    let simulator = simulator(Vec::new()).await;
    let (origin, token) = (simulator.base_url(), simulator.token().to_owned());
    apart(move || {
        let journal = Arc::new(MemoryJournal::new());
        let client = |sends_once| {
            let config = HostConfig {
                provider: ProviderKind::Visengine,
                sends_once,
                ..HostConfig::relay(&origin)
            };
            let journal = HostJournal::Inside(Arc::<MemoryJournal>::clone(&journal));
            let client = HostClient::new(config, journal, JournalKey::from_bytes([7; 32])).unwrap();
            client.set_token(&token);
            client
        };
        let mut host = TinyHost::new();
        let service = service(&mut host, &client(false));
        let answers = application().answers(&service.form).unwrap();
        let request = SubmitRequest::new(service, answers, "twice").confirm_price("19.00");
        host.calls.clear();
        let error = host.perform(client(false).submit(request.clone())).unwrap_err();
        assert_eq!(
            (error.code(), error.details().charged),
            ("config.once_not_guaranteed", Charged::No)
        );
        assert!(host.calls.is_empty() && journal.is_empty());
        // One that sends once may.
        let handed_in = submission(host.perform(client(true).submit(request)).unwrap());
        assert_eq!(handed_in.charged, Charged::Yes);
        let HostOutcome::Watched(_) = host.perform(client(true).watch("twice")).unwrap() else {
            panic!()
        };
        // The file comes as base64 within JSON, and is written as it is.
        host.perform(client(true).delivery("twice")).unwrap();
        assert!(host.files[&0].starts_with(b"PK"), "a ZIP");
    })
    .await;
    assert_eq!(simulator.ledger().len(), 1);
}
