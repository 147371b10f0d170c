//! The story, and what a caller decides before and after.

use std::time::Duration;

use sportello::client::{CallOptions, Client, Environment, ResumedState, SubmitRequest, Wait};
use sportello::journal::Stage;
use sportello::model::Progress;
use sportello::{Answers, Charged};
use sportello_simulator::{Call, Config, Fault, Rule};

use super::support::*;

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
    assert_eq!(client.delivery("story", folder.path()).await.unwrap(), delivery);
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
    let error = sportello::provider::resolve("isee", &services).unwrap_err();
    let sportello::provider::ResolveError::Ambiguous { candidates } = error else {
        panic!("{error}")
    };
    assert_eq!(candidates.len(), 2);
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
    let answers = application()
        .answers(&service.form)
        .unwrap()
        .with("$0", "Rosolia");
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
        "Rosalia",
        "Prova",
        "PRVRSL",
        "rosalia.prova",
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

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_can_only_be_wrong_are_refused_before_anything_is_sent() {
    let simulator = simulator(Config::default()).await;
    let client = client(&simulator);
    for url in [
        "",
        "caf.example.org/hook",
        "http://caf.example.org/hook",
        "https://user:secret@caf.example.org/hook",
        "ftp://caf.example.org",
        "javascript:alert(1)",
    ] {
        let wrong = request(&client, "addresses").await.callback_url(url);
        check(
            &client.submit(wrong).await.unwrap_err(),
            "callback.url_invalid",
            Charged::No,
        );
    }
    let wrong = request(&client, "addresses").await.notify_email("nobody");
    let error = client.submit(wrong).await.unwrap_err();
    check(&error, "submit.notify_email_refused", Charged::No);
    assert!(client.journal_entry("addresses").await.unwrap().is_none());
    assert!(simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_one_reference_take_turns_and_none_undoes_another() {
    let simulator = simulator(Config::default()).await;
    let client = client(&simulator);
    for round in 0..10 {
        let reference = format!("turns-{round}");
        let mut runs = Vec::new();
        for _ in 0..8 {
            let client = client.clone();
            let request = request(&client, &reference).await.allow_duplicate();
            runs.push(tokio::spawn(async move { client.submit(request).await }));
        }
        // Some callers lose patience; their runs go on.
        for run in runs.iter().step_by(3) {
            run.abort();
        }
        for (number, run) in runs.into_iter().enumerate() {
            match run.await {
                Ok(submission) => assert_eq!(submission.unwrap().charged, Charged::Yes),
                Err(gone) => assert!(gone.is_cancelled() && number % 3 == 0),
            }
        }
        assert_eq!(simulator.ledger().len(), round + 1);
    }
}
