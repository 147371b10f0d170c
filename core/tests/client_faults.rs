//! The client against the simulator when things go wrong: a clear error, at most one charge, nothing lost.
#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::time::Duration;

use sportello::client::{CallOptions, Client, Environment, ResumedState, SubmitRequest, Wait};
use sportello::flow::{RetryPolicy, WatchPolicy};
use sportello::journal::Stage;
use sportello::model::{Progress, ResultId};
use sportello::{Answers, AssegnoUnico, Attachment, Charged, Service, SportelloError};
use sportello_simulator::{
    Call, Cancellation, Config, Fault, Hostility, Rule, ScopedToken, Simulator, Stages,
};

fn pdf(name: &str) -> Attachment {
    Attachment::from_bytes(
        name,
        "application/pdf",
        b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".to_vec(),
    )
}

fn application() -> AssegnoUnico {
    AssegnoUnico {
        given_name: "Rosella".into(),
        family_name: "Prova".into(),
        email: "rosella.prova@example.org".into(),
        mobile: "333 1234567".into(),
        codice_fiscale: "PRVRSL90E52H501A".into(),
        identity_document: pdf("identity.pdf"),
        codice_fiscale_card: pdf("card.pdf"),
        mandate: None,
    }
}

async fn simulator(config: Config) -> Simulator {
    let stages = Stages {
        searching_ms: 5,
        working_ms: 5,
        ready_ms: 5,
    };
    Simulator::start(Config { stages, ..config })
        .await
        .expect("a simulator")
}

async fn with_faults(faults: Vec<Rule>) -> Simulator {
    simulator(Config {
        faults,
        ..Config::default()
    })
    .await
}

fn builder(environment: Environment, token: &str) -> sportello::client::ClientBuilder {
    Client::builder(environment)
        .token(token)
        .memory_journal()
        .commit_timeout(Duration::from_millis(400))
        .quiet_margin(Duration::from_millis(100))
        .retry(RetryPolicy {
            base_ms: 5,
            cap_ms: 20,
            ..RetryPolicy::default()
        })
        .watch_rhythm(WatchPolicy {
            first_ms: 5,
            growth_percent: 120,
            cap_ms: 20,
        })
}

fn client_with(simulator: &Simulator, token: &str) -> Client {
    let environment = Environment::Simulator {
        base_url: simulator.base_url(),
    };
    builder(environment, token).build().expect("a client")
}

fn client(simulator: &Simulator) -> Client {
    client_with(simulator, simulator.token())
}

async fn request(client: &Client, reference: &str) -> SubmitRequest {
    let service = client.service("assegno-unico").await.expect("the service");
    let answers = application().answers(&service.form).expect("the form");
    SubmitRequest::new(service, answers, reference).confirm_price("19.00")
}

async fn submit(client: &Client, reference: &str) -> Result<sportello::client::Submission, SportelloError> {
    client.submit(request(client, reference).await).await
}

#[track_caller]
fn check(error: &SportelloError, code: &str, charged: Charged) {
    assert_eq!(
        (error.code(), error.details().charged),
        (code, charged),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_story() {
    let simulator = simulator(Config::default()).await;
    let client = client(&simulator);
    assert_eq!(client.services(Some("assegno unico")).await.unwrap().len(), 1);
    let submission = submit(&client, "story").await.unwrap();
    assert_eq!(
        (submission.stage, submission.charged),
        (Stage::Committed, Charged::Yes)
    );
    let Wait::Ended(update) = client.wait("story", Duration::from_secs(5)).await.unwrap() else {
        panic!("too slow")
    };
    assert_eq!(update.remote.progress, Progress::Delivered);
    let folder = tempfile::tempdir().unwrap();
    let delivery = client.delivery("story", folder.path()).await.unwrap();
    let files = delivery.extract(folder.path()).unwrap();
    assert!(std::fs::read(&files[0]).unwrap().starts_with(b"%PDF-"));
    // Fetched again, it is the same file and not a second one.
    assert_eq!(
        client.delivery("story", folder.path()).await.unwrap().path,
        delivery.path
    );
    assert_eq!(
        client.submissions().await.unwrap()[0].reference.as_deref(),
        Some("story")
    );
    assert_eq!(client.status("story").await.unwrap().stage, Stage::Delivered);
    // The same reference again is the same submission.
    assert_eq!(submit(&client, "story").await.unwrap().id, submission.id);
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_named_and_nothing_is_charged() {
    let simulator = simulator(Config {
        scoped_tokens: vec![ScopedToken {
            token: "reader".into(),
            scopes: vec!["GET:x/visure".into()],
        }],
        ..Config::default()
    })
    .await;
    check(
        &client_with(&simulator, "wrong").services(None).await.unwrap_err(),
        "auth.token_rejected",
        Charged::No,
    );
    check(
        &submit(&client_with(&simulator, "reader"), "a").await.unwrap_err(),
        "auth.forbidden",
        Charged::No,
    );
    assert!(simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credit_then_topped_up_goes_on_with_the_same_draft() {
    let simulator = simulator(Config {
        wallet_cents: 500,
        ..Config::default()
    })
    .await;
    let client = client(&simulator);
    let error = submit(&client, "poor").await.unwrap_err();
    check(&error, "submit.credit_insufficient", Charged::No);
    assert!(error.is_retryable() && error.details().id.is_some());
    simulator.with_engine(|engine| engine.set_wallet(10_000));
    let submission = submit(&client, "poor").await.unwrap();
    assert_eq!(submission.id, error.details().id);
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_never_guessed() {
    let simulator = simulator(Config::default()).await;
    let client = client(&simulator);
    let error = client.service("assegno").await.unwrap_err();
    check(&error, "service.not_found", Charged::No);
    assert!(error.to_string().contains("Domanda Assegno Unico"), "{error}");
    for name in [
        "224fcc49770edad354cdd9c480a7e50e",
        "  domanda ASSEGNO unico ",
        "assegno-unico",
    ] {
        assert_eq!(client.service(name).await.unwrap().name, "Domanda Assegno Unico");
    }
}

#[test]
fn several_services_of_one_name_are_ambiguous() {
    let services: Vec<sportello::ServiceSummary> = ["1", "2"]
        .map(|id| sportello::ServiceSummary {
            id: id.into(),
            name: "ISEE".into(),
            category: String::new(),
        })
        .into();
    let error = sportello::provider::visengine::resolve("isee", &services).unwrap_err();
    let sportello::provider::visengine::ResolveError::Ambiguous { candidates } = error else {
        panic!("{error}")
    };
    assert_eq!(candidates.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_something_else_is_refused() {
    for (call, fault, code, charged) in [
        (
            Call::Service,
            Fault::WrongService,
            "answer.other_service",
            Charged::No,
        ),
        (
            Call::Open,
            Fault::WrongService,
            "answer.other_service",
            Charged::No,
        ),
        (Call::Edit, Fault::WrongId, "answer.other_id", Charged::No),
    ] {
        let simulator = with_faults(vec![Rule::on(call, fault).times(0)]).await;
        let client = client(&simulator);
        let error = match client.service("assegno-unico").await {
            Err(error) => error,
            Ok(_) => submit(&client, "other").await.unwrap_err(),
        };
        check(&error, code, charged);
        assert!(simulator.ledger().is_empty(), "{call:?}");
    }
    // The commit itself is answered about another id: what counts is what a look at our own shows.
    let simulator = with_faults(vec![Rule::on(Call::Commit, Fault::WrongId)]).await;
    assert_eq!(
        submit(&client(&simulator), "mine").await.unwrap().charged,
        Charged::Yes
    );
    assert_eq!(simulator.ledger().len(), 1);
}

/// A listener in front of the simulator that resets every second connection it accepts.
async fn resetting_proxy(to: std::net::SocketAddr) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 1u64.. {
            let (mut near, _) = listener.accept().await.unwrap();
            if number % 2 == 0 {
                // Zero seconds to linger: the close is a reset.
                near.set_zero_linger().unwrap();
                continue;
            }
            tokio::spawn(async move {
                let mut far = tokio::net::TcpStream::connect(to).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    at
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_resets_every_second_connection() {
    let simulator = simulator(Config::default()).await;
    let proxy = resetting_proxy(simulator.address()).await;
    let base_url = format!("http://{proxy}");
    let client = builder(Environment::Simulator { base_url }, simulator.token())
        .build()
        .unwrap();
    for number in 0..6 {
        let reference = format!("bumpy-{number}");
        let mut tries = 0;
        // A paid call whose connection was reset while it was made was not sent: the same verb again is safe.
        let submission = loop {
            tries += 1;
            match client
                .submit(request(&client, &reference).await.allow_duplicate())
                .await
            {
                Ok(submission) => break submission,
                Err(error) => assert!(error.is_retryable() && tries < 5, "{error}"),
            }
        };
        assert_eq!(submission.charged, Charged::Yes);
    }
    assert_eq!(simulator.ledger().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_paid_once() {
    let bad_gateway = Fault::Status {
        status: 502,
        retry_after_s: None,
        after_effect: true,
    };
    for fault in [
        bad_gateway,
        Fault::CutAfter,
        Fault::Truncated { keep: 20 },
        Fault::GarbageJson,
        Fault::Latency {
            before_ms: 0,
            after_ms: 1500,
        },
        Fault::Duplicate { show_second: true },
        Fault::Zeros {
            bytes: 10_000_000_000,
        },
    ] {
        let simulator = with_faults(vec![Rule::on(Call::Commit, fault.clone())]).await;
        let submission = submit(&client(&simulator), "once")
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(submission.charged, Charged::Yes, "{fault:?}");
        assert_eq!(simulator.ledger().len(), 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_was_cut_before_its_effect_is_sent_again_about_the_same_id() {
    let simulator = with_faults(vec![Rule::on(Call::Commit, Fault::CutBefore)]).await;
    let client = client(&simulator);
    assert_eq!(submit(&client, "again").await.unwrap().charged, Charged::Yes);
    assert_eq!(simulator.ledger().len(), 1);
    let entry = client.journal_entry("again").await.unwrap().unwrap();
    assert!(entry.purchases[0].sends >= 2 && entry.purchases[0].ambiguous);
}

#[tokio::test(flavor = "multi_thread")]
async fn truncated_json_and_zeros_of_free_calls_end_and_are_named() {
    for fault in [
        Fault::Truncated { keep: 40 },
        Fault::GarbageJson,
        Fault::Zeros {
            bytes: 10_000_000_000,
        },
    ] {
        let simulator = with_faults(vec![Rule::on(Call::Services, fault.clone()).times(0)]).await;
        let error = client(&simulator).services(None).await.unwrap_err();
        let known = ["answer.unreadable", "network.interrupted"];
        assert!(known.contains(&error.code()), "{fault:?}: {}", error.code());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_field_is_noticed_before_anything_is_paid() {
    let dropped = Rule::on(Call::Edit, Fault::DropField { key: "$1".into() });
    let simulator = with_faults(vec![dropped]).await;
    let client = client(&simulator);
    let error = submit(&client, "dropped").await.unwrap_err();
    check(&error, "submit.echo_mismatch", Charged::No);
    assert!(error.to_string().contains("$1"), "{error}");
    assert!(simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_deliveries_are_refused_and_leave_nothing_behind() {
    for (hostility, codes) in [
        (Hostility::Bomb, vec!["archive.ratio", "archive.too_large"]),
        (Hostility::LyingSizes, vec!["archive.corrupt", "archive.overlap"]),
        (Hostility::Traversal, vec!["archive.unsafe_name"]),
        (Hostility::Duplicates, vec!["archive.duplicate_name"]),
        (Hostility::NotZip, vec!["archive.corrupt"]),
        (Hostility::WrongLength, vec!["delivery.corrupt"]),
        (Hostility::NotBase64, vec!["answer.unreadable"]),
    ] {
        let simulator = with_faults(vec![
            Rule::on(Call::Document, Fault::HostileDelivery { hostility }).times(0),
        ])
        .await;
        let client = client(&simulator);
        submit(&client, "bomb").await.unwrap();
        client.wait("bomb", Duration::from_secs(5)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let error = match client.delivery("bomb", folder.path()).await {
            Ok(delivery) => delivery.extract(&out).unwrap_err(),
            Err(error) => error,
        };
        assert!(codes.contains(&error.code()), "{hostility:?}: {}", error.code());
        let left: Vec<_> = std::fs::read_dir(&out)
            .map(|folder| folder.flatten().map(|f| f.file_name()).collect())
            .unwrap_or_default();
        assert!(left.is_empty(), "{hostility:?} left {left:?}");
        assert_eq!(simulator.ledger().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_before_the_caller_has_decided() {
    let simulator = simulator(Config::default()).await;
    let client = client(&simulator);
    let service = client.service("assegno-unico").await.unwrap();
    let answers = application().answers(&service.form).unwrap();
    let calls = simulator.with_engine(|engine| engine.log().len());
    let plain = |reference: &str| SubmitRequest::new(service.clone(), answers.clone(), reference);
    let refused = [
        (plain("a"), "price.unconfirmed"),
        (plain("a").confirm_price("18.99"), "price.differs"),
        (plain("a").confirm_price("23.18"), "price.is_gross"),
        (plain("a").confirm_price("19,00"), "price.unconfirmed"),
        (
            plain("a").confirm_price("19.00").option("urgenza"),
            "price.differs",
        ),
        (
            plain("a").confirm_price("19.00").option("gratis"),
            "option.unknown",
        ),
        (
            plain("PRVRSL90E52H501A").confirm_price("19.00"),
            "reference.personal_data",
        ),
        (plain("a b").confirm_price("19.00"), "reference.invalid"),
        (
            SubmitRequest::new(service.clone(), Answers::new(), "a").confirm_price("19.00"),
            "check.errors",
        ),
        (
            SubmitRequest::new(service.clone(), answers.clone().with("$3", "12"), "a").confirm_price("19.00"),
            "check.warnings",
        ),
    ];
    for (request, code) in refused {
        check(&client.submit(request).await.unwrap_err(), code, Charged::No);
    }
    assert_eq!(
        simulator.with_engine(|engine| engine.log().len()),
        calls,
        "a request went out"
    );
    // A warning that somebody has looked at is no obstacle; options are part of the confirmed price.
    let odd = SubmitRequest::new(service.clone(), answers.with("$3", "12"), "odd");
    let odd = odd
        .accept_warning("phone.unlikely")
        .option("urgenza")
        .confirm_price("23.00");
    assert_eq!(
        client.submit(odd).await.unwrap().price.unwrap().to_string(),
        "23.00"
    );
    assert_eq!(simulator.ledger()[0].amount_cents, 2300);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spending_limit_and_a_second_submission_for_the_same_applicant() {
    let simulator = simulator(Config::default()).await;
    let client = Client::builder(Environment::Simulator {
        base_url: simulator.base_url(),
    })
    .token(simulator.token())
    .memory_journal()
    .max_spend("30.00".parse().unwrap())
    .build()
    .unwrap();
    submit(&client, "first").await.unwrap();
    let limit = client
        .submit(request(&client, "third").await.allow_duplicate())
        .await
        .unwrap_err();
    check(&limit, "spend.limit", Charged::No);
    let other = client_with(&simulator, simulator.token());
    submit(&other, "first").await.unwrap();
    let error = submit(&other, "second").await.unwrap_err();
    check(&error, "submit.duplicate", Charged::No);
    assert!(error.to_string().contains("first"), "{error}");
    other
        .submit(request(&other, "second").await.allow_duplicate())
        .await
        .unwrap();
    assert_eq!(simulator.ledger().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_answers_under_a_paid_reference_are_a_conflict() {
    let simulator = simulator(Config::default()).await;
    let client = client(&simulator);
    submit(&client, "same").await.unwrap();
    let service = client.service("assegno-unico").await.unwrap();
    let answers = application().answers(&service.form).unwrap().with("$0", "Altra");
    let error = client
        .submit(SubmitRequest::new(service, answers, "same").confirm_price("19.00"))
        .await
        .unwrap_err();
    check(&error, "submit.reference_conflict", Charged::Yes);
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_caller_stops_the_waiting_and_not_the_submission() {
    let slow = Fault::Latency {
        before_ms: 1_500,
        after_ms: 0,
    };
    let simulator = with_faults(vec![Rule::on(Call::Commit, slow)]).await;
    let environment = Environment::Simulator {
        base_url: simulator.base_url(),
    };
    let client = builder(environment, simulator.token())
        .commit_timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    let request = request(&client, "left").await;
    let waiting = tokio::time::timeout(Duration::from_millis(800), client.submit(request)).await;
    assert!(waiting.is_err(), "it was to be left in the middle");
    for _ in 0..500 {
        let entry = client.journal_entry("left").await.unwrap();
        if entry.is_some_and(|entry| entry.stage == Stage::Committed) {
            assert_eq!(simulator.ledger().len(), 1);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the submission stopped with its caller");
}

async fn searched(
    client: &Client,
    reference: &str,
    service: &str,
    term: &str,
) -> (Service, sportello::client::Submission) {
    let service = client.service(service).await.unwrap();
    let mut answers = Answers::new();
    for field in &service.form.fields {
        let value = match field.kind {
            sportello::FieldKind::CodiceFiscale | sportello::FieldKind::PartitaIva => "12345670124",
            sportello::FieldKind::CodiceFiscalePersona => "PRVRSL90E52H501A",
            sportello::FieldKind::Province => "RM",
            sportello::FieldKind::Municipality => "H501",
            sportello::FieldKind::Email => "rosella.prova@example.org",
            sportello::FieldKind::Date => "01-02-1990",
            _ => term,
        };
        answers.set(&field.key, value);
    }
    let report = service.form.check(&answers);
    assert!(report.is_ok(), "{report:?}");
    let price = client.quote(&service, &[]).unwrap().due_now.to_string();
    let mut request = SubmitRequest::new(service.clone(), answers, reference).confirm_price(price);
    for finding in report.findings {
        request = request.accept_warning(finding.code.as_str());
    }
    let submission = client.submit(request).await.unwrap();
    client.wait(reference, Duration::from_secs(5)).await.unwrap();
    (service, submission)
}

const TWO_RESULTS: &str = "afa0b4cu7yd06226i5d89p00077c3j6t";

#[tokio::test(flavor = "multi_thread")]
async fn a_search_a_choice_and_its_delivery_each_paid_once() {
    for fault in [
        None,
        Some(Fault::CutAfter),
        Some(Fault::CutBefore),
        Some(Fault::GarbageJson),
    ] {
        let faults = fault
            .clone()
            .map(|fault| Rule::on(Call::Choose, fault))
            .into_iter()
            .collect();
        let simulator = with_faults(faults).await;
        let client = client(&simulator);
        let (service, _) = searched(&client, "search", TWO_RESULTS, "PROVA").await;
        let status = client.status("search").await.unwrap();
        let remote = status.remote.unwrap();
        assert_eq!(remote.progress, Progress::ChoiceNeeded);
        let result = ResultId {
            search: remote.searches[0].id.clone(),
            index: remote.searches[0].results[1].index,
        };
        let price = client.quote(&service, &[]).unwrap().due_on_choice.to_string();
        let wrong = ResultId {
            index: 99,
            ..result.clone()
        };
        check(
            &client.choose("search", wrong, &price).await.unwrap_err(),
            "choice.unknown_result",
            Charged::No,
        );
        client
            .choose("search", result.clone(), &price)
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        // Once more is the same choice; another one is refused.
        client.choose("search", result.clone(), &price).await.unwrap();
        let other = ResultId {
            index: remote.searches[0].results[0].index,
            ..result
        };
        check(
            &client.choose("search", other, &price).await.unwrap_err(),
            "choice.already_made",
            Charged::Yes,
        );
        client.wait("search", Duration::from_secs(5)).await.unwrap();
        assert_eq!(client.status("search").await.unwrap().stage, Stage::Delivered);
        assert_eq!(simulator.ledger().len(), 2, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_is_lost_is_never_sent_again_by_itself() {
    for (fault, charges, settled) in [(Fault::CutAfter, 2, true), (Fault::CutBefore, 1, false)] {
        let simulator = with_faults(vec![Rule::on(Call::Search, fault.clone())]).await;
        let client = client(&simulator);
        let (service, _) = searched(&client, "again", TWO_RESULTS, "PROVA").await;
        let answers: Answers = service.form.fields.iter().fold(Answers::new(), |answers, field| {
            answers.with(
                &field.key,
                match field.kind {
                    sportello::FieldKind::PartitaIva | sportello::FieldKind::CodiceFiscale => "12345670124",
                    sportello::FieldKind::Province => "MI",
                    _ => "ALTRA",
                },
            )
        });
        let price = service.search_price.unwrap().to_string();
        let outcome = client
            .search_again("again", 2, &service, answers.clone(), &price)
            .await;
        assert_eq!(simulator.ledger().len(), charges, "{fault:?}");
        match (outcome, settled) {
            (Ok(submission), true) => {
                assert_eq!(submission.remote.map_or(2, |remote| remote.searches.len()), 2)
            }
            (Err(error), false) => {
                check(&error, "submit.needs_person", Charged::Unknown);
                assert!(error.details().id.is_some());
                let again = client
                    .search_again("again", 2, &service, answers, &price)
                    .await
                    .unwrap_err();
                check(&again, "submit.needs_person", Charged::Unknown);
                assert_eq!(simulator.ledger().len(), charges);
            }
            (outcome, _) => panic!("{fault:?}: {outcome:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_found_and_cancelled_by_the_office_are_ends() {
    let cancelled = "224fcc49770edad354cdd9c480a7e50e".to_owned();
    let cancellations = vec![Cancellation {
        service: cancelled,
        code: "77".into(),
        info: "documento illeggibile".into(),
    }];
    let simulator = simulator(Config {
        cancellations,
        ..Config::default()
    })
    .await;
    let client = client(&simulator);
    searched(&client, "nothing", TWO_RESULTS, "NESSUNO").await;
    assert_eq!(
        client.status("nothing").await.unwrap().remote.unwrap().progress,
        Progress::NoResults
    );
    submit(&client, "cancelled").await.unwrap();
    client.wait("cancelled", Duration::from_secs(5)).await.unwrap();
    let status = client.status("cancelled").await.unwrap();
    assert_eq!(status.stage, Stage::Cancelled);
    assert_eq!(status.remote.unwrap().note.unwrap().info, "documento illeggibile");
}

#[tokio::test(flavor = "multi_thread")]
async fn resume_and_abandon() {
    // A field that gets lost stops the submission before it is paid, with its draft half filled.
    let lost = Rule::on(Call::Edit, Fault::DropField { key: "$1".into() });
    let simulator = with_faults(vec![lost]).await;
    let client = client(&simulator);
    let error = submit(&client, "half").await.unwrap_err();
    assert_eq!(error.details().charged, Charged::No);
    let resumed = client.resume().await.unwrap();
    assert_eq!(resumed[0].state, ResumedState::NeedsAnswers);
    client.abandon("half").await.unwrap();
    assert!(client.journal_entry("half").await.unwrap().is_none());
    let blank = simulator.with_engine(|engine| {
        engine.submissions().all(|one| {
            one.fields.iter().all(
                |(_, field)| matches!(field, sportello_simulator::FieldSeen::Text(text) if text.is_empty()),
            )
        })
    });
    assert!(blank, "a field was left on the server");
    submit(&client, "whole").await.unwrap();
    check(
        &client.abandon("whole").await.unwrap_err(),
        "submit.reference_conflict",
        Charged::Unknown,
    );
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_error_and_no_debug_shows_a_person_or_a_token() {
    let simulator = simulator(Config {
        wallet_cents: 0,
        ..Config::default()
    })
    .await;
    let client = client(&simulator);
    let error = submit(&client, "private").await.unwrap_err();
    let shown = format!(
        "{client:?} {error} {error:?} {:?} {:?}",
        client.journal_entries().await.unwrap(),
        application()
    );
    for secret in [
        "Rosella",
        "Prova",
        "PRVRSL",
        "rosella.prova",
        "1234567",
        simulator.token(),
    ] {
        assert!(!shown.contains(secret), "`{secret}` in {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn options_of_single_calls() {
    let slow = Rule::on(
        Call::Services,
        Fault::Latency {
            before_ms: 0,
            after_ms: 2_000,
        },
    )
    .times(0);
    let simulator = with_faults(vec![slow, Rule::on(Call::List, Fault::CutBefore).times(2)]).await;
    let client = client(&simulator);
    let hasty = client.with(CallOptions {
        deadline: Some(Duration::from_millis(100)),
        ..CallOptions::default()
    });
    check(
        &hasty.services(None).await.unwrap_err(),
        "network.timeout",
        Charged::No,
    );
    let once = client.with(CallOptions {
        attempts: Some(1),
        ..CallOptions::default()
    });
    check(
        &once.submissions().await.unwrap_err(),
        "network.interrupted",
        Charged::No,
    );
    assert!(client.submissions().await.unwrap().is_empty());
}
