//! Tokens made of an account's credentials: few scopes, renewed, given back; the credit; the charges.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sportello::client::{
    Client, Environment, EvidenceFinding, OAuthConfig, ProviderKind, SecretToken, SubmitRequest,
};
use sportello::provider::oauth::Credentials;
use sportello::{Answers, Charged};
use sportello_simulator::{Config, DEFAULT_ACCOUNT_EMAIL, DEFAULT_API_KEY, Simulator};

use super::support::*;

fn with_account(simulator: &Simulator, provider: ProviderKind, config: OAuthConfig) -> Client {
    with_key(simulator, provider, config, DEFAULT_API_KEY)
}

fn with_key(simulator: &Simulator, provider: ProviderKind, config: OAuthConfig, key: &str) -> Client {
    let environment = Environment::Simulator {
        base_url: simulator.base_url(),
    };
    Client::builder(environment)
        .provider(provider)
        .credentials(Credentials::new(DEFAULT_ACCOUNT_EMAIL, key), config)
        .memory_journal()
        .commit_timeout(Duration::from_millis(400))
        .quiet_margin(Duration::from_millis(100))
        .build()
        .expect("a client")
}

/// How many calls with this method and path the simulator saw.
fn seen(simulator: &Simulator, method: &str, path: &str) -> usize {
    simulator.with_engine(|engine| {
        let calls = engine.log().iter();
        calls
            .filter(|call| call.method == method && call.path.starts_with(path))
            .count()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tokens_see_a_submission_through_and_are_given_back() {
    let simulator = simulator(Config::default()).await;
    let client = with_account(&simulator, ProviderKind::Visengine, OAuthConfig::default());
    client.services(None).await.unwrap();
    assert_eq!(
        seen(&simulator, "POST", "/tokens"),
        1,
        "reading needs a reading token only"
    );
    submit(&client, "oauth").await.unwrap();
    client.status("oauth").await.unwrap();
    assert_eq!(
        seen(&simulator, "POST", "/tokens"),
        2,
        "one to read, one to write"
    );
    assert_eq!(simulator.ledger().len(), 1);
    assert_eq!(client.revoke_tokens().await.unwrap(), 2);
    assert_eq!(seen(&simulator, "DELETE", "/tokens"), 2);
    // The next call makes a new one.
    client.status("oauth").await.unwrap();
    assert_eq!(seen(&simulator, "POST", "/tokens"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_at_once_make_one_token() {
    let simulator = simulator(Config::default()).await;
    let client = with_account(&simulator, ProviderKind::DocuEngine, OAuthConfig::default());
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.service("Statuto").await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(seen(&simulator, "POST", "/tokens"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_before_it_ends() {
    let simulator = simulator(Config::default()).await;
    let config = OAuthConfig {
        ttl_seconds: 300,
        ..OAuthConfig::default()
    };
    let client = with_account(&simulator, ProviderKind::Visengine, config);
    client.service("assegno-unico").await.unwrap();
    // The simulator's clock runs ahead of ours: the token has ended there, and a free call is repeated with a fresh one.
    simulator.skip(Duration::from_secs(301));
    client.service("assegno-unico").await.unwrap();
    assert_eq!(seen(&simulator, "POST", "/tokens"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_in_the_middle_costs_nothing_and_loses_nothing() {
    for provider in [ProviderKind::Visengine, ProviderKind::DocuEngine] {
        let simulator = Arc::new(simulator(Config::default()).await);
        let client = with_account(&simulator, provider, OAuthConfig::default());
        let request = match provider {
            ProviderKind::DocuEngine => {
                let service = client.service("Statuto").await.unwrap();
                let mut answers = Answers::new();
                answers.set("taxCode", "12485671007");
                SubmitRequest::new(service, answers, "revoked").confirm_price("4.90")
            }
            _ => request(&client, "revoked").await,
        };
        // Right before the commit leaves, every token ends.
        let office = Arc::clone(&simulator);
        let request = request.on_progress(move |progress| {
            if progress.doing == "committing" {
                office.with_engine(|engine| engine.revoke_tokens());
            }
        });
        let submission = client.submit(request).await.unwrap();
        assert_eq!(submission.charged, Charged::Yes, "{provider:?}");
        assert_eq!(simulator.ledger().len(), 1, "{provider:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ready_made_token_that_ends_before_the_commit_is_refused_clearly_and_goes_on_later() {
    let simulator = Arc::new(simulator(Config::default()).await);
    let issued = simulator.token().to_owned();
    let good = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let (asked, held) = (Arc::new(AtomicU32::new(0)), Arc::clone(&good));
    let counted = Arc::clone(&asked);
    let client = Client::builder(Environment::Simulator {
        base_url: simulator.base_url(),
    })
    .token_provider(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        let token = if held.load(Ordering::SeqCst) {
            issued.as_str()
        } else {
            "expired"
        };
        Some(SecretToken::new(token))
    })
    .memory_journal()
    .commit_timeout(Duration::from_millis(400))
    .quiet_margin(Duration::from_millis(100))
    .build()
    .unwrap();
    let ends = Arc::clone(&good);
    let handed = request(&client, "ended").await.on_progress(move |progress| {
        if progress.doing == "committing" {
            ends.store(false, Ordering::SeqCst);
        }
    });
    let error = client.submit(handed).await.unwrap_err();
    check(&error, "auth.token_rejected", Charged::No);
    assert!(error.details().id.is_some());
    assert!(simulator.ledger().is_empty());
    good.store(true, Ordering::SeqCst);
    let submission = submit(&client, "ended").await.unwrap();
    assert_eq!(submission.id, error.details().id);
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_purchase_can_have_a_token_of_its_own() {
    let simulator = simulator(Config::default()).await;
    let config = OAuthConfig {
        one_token_per_purchase: true,
        ..OAuthConfig::default()
    };
    let client = with_account(&simulator, ProviderKind::Visengine, config);
    submit(&client, "limited").await.unwrap();
    assert_eq!(
        seen(&simulator, "POST", "/tokens"),
        3,
        "to read, to write, to pay once"
    );
    assert_eq!(seen(&simulator, "DELETE", "/tokens"), 1, "given back at once");
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_said_to_be_wrong() {
    let simulator = simulator(Config::default()).await;
    let client = with_key(
        &simulator,
        ProviderKind::Visengine,
        OAuthConfig::default(),
        "wrong-key-canary",
    );
    let error = client.services(None).await.unwrap_err();
    check(&error, "auth.credentials_rejected", Charged::No);
    assert!(!format!("{error} {error:?} {client:?}").contains("wrong-key-canary"));
    assert_eq!(
        client.credit().await.unwrap_err().code(),
        "auth.credentials_rejected"
    );
    let bare = super::support::client(&simulator);
    assert_eq!(
        bare.credit().await.unwrap_err().code(),
        "config.credentials_missing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poor_account_is_told_before_anything_is_sent() {
    let simulator = simulator(Config {
        wallet_cents: 1_899,
        ..Config::default()
    })
    .await;
    let client = with_account(&simulator, ProviderKind::Visengine, OAuthConfig::default());
    let service = client.service("assegno-unico").await.unwrap();
    let quote = client.quote_with_credit(&service, &[]).await.unwrap();
    assert_eq!(quote.credit.unwrap().to_string(), "18.99");
    let error = submit(&client, "poor").await.unwrap_err();
    check(&error, "submit.credit_insufficient", Charged::No);
    assert_eq!(seen(&simulator, "POST", "/richiesta"), 0, "no draft was opened");
    simulator.with_engine(|engine| engine.set_wallet(1_900));
    submit(&client, "poor").await.unwrap();
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_compared_with_the_charges() {
    let simulator = Arc::new(simulator(Config::default()).await);
    let client = with_account(&simulator, ProviderKind::Visengine, OAuthConfig::default());
    assert!(client.reconcile().await.unwrap().purchases.is_empty());
    submit(&client, "one").await.unwrap();
    let again = request(&client, "two").await.allow_duplicate();
    client.submit(again).await.unwrap();
    // The wallet is emptied after our own look at it and before the commit.
    let office = Arc::clone(&simulator);
    let refused = request(&client, "three").await.allow_duplicate();
    let refused = refused.on_progress(move |progress| {
        if progress.doing == "verifying" {
            office.with_engine(|engine| engine.set_wallet(100));
        }
    });
    let error = client.submit(refused).await.unwrap_err();
    check(&error, "submit.credit_insufficient", Charged::No);
    simulator.with_engine(|engine| engine.set_wallet(100_000));
    let found = client.reconcile().await.unwrap();
    assert_eq!(found.purchases.len(), 3);
    for one in &found.purchases {
        let charged = one.reference != "three";
        assert_eq!(one.finding == EvidenceFinding::Charged, charged, "{one:?}");
        assert!(one.agrees(), "{one:?}");
    }
    assert!(found.unexplained.is_empty());
    // What another program pays is no purchase of this journal.
    let other = super::support::client(&simulator);
    let urgent = request(&other, "elsewhere")
        .await
        .option("urgenza")
        .confirm_price("23.00");
    other.submit(urgent).await.unwrap();
    let found = client.reconcile().await.unwrap();
    assert_eq!(found.unexplained.len(), 1);
    assert_eq!(found.unexplained[0].amount.to_string(), "23.00");
}
