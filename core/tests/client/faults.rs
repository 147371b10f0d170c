//! When the network, the server or a delivery goes wrong.

use std::time::Duration;

use sportello::Charged;
use sportello::client::Environment;
use sportello_simulator::{Call, Config, Fault, Hostility, Rule, ScopedToken};

use super::support::*;

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
