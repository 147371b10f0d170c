//! One story through every provider: `vectors/story`. The same function runs them all; nothing in it knows which provider it is.

use std::time::Duration;

use serde_json::Value;
use sportello::client::{Client, Environment, ProviderKind, SubmitRequest, Wait};
use sportello::model::{Money, Progress};
use sportello::{Answers, FieldKind, Quote, Service};
use sportello_simulator::{Config, Simulator};

use super::support::*;

fn story_client(simulator: &Simulator, provider: ProviderKind) -> Client {
    let environment = Environment::Simulator {
        base_url: simulator.base_url(),
    };
    builder(environment, simulator.token())
        .provider(provider)
        .build()
        .expect("a client")
}

fn answers(case: &Value, service: &Service) -> Answers {
    let mut answers = Answers::new();
    for (key, value) in case["answers"].as_object().into_iter().flatten() {
        match value {
            Value::String(text) => answers.set(key, text.as_str()),
            file => answers.set(key, pdf(file["file"].as_str().unwrap())),
        };
    }
    if case.get("answers").is_none() {
        for field in &service.form.fields {
            let value = match field.kind {
                FieldKind::CodiceFiscale | FieldKind::PartitaIva => "12345670124",
                FieldKind::CodiceFiscalePersona => "PRVRSL90E52H501A",
                FieldKind::Province => "RM",
                FieldKind::Municipality => "H501",
                FieldKind::Email => "rosella.prova@example.org",
                FieldKind::Date => "01-02-1990",
                _ => case["term"].as_str().unwrap(),
            };
            answers.set(&field.key, value);
        }
    }
    answers
}

fn amount(case: &Value, key: &str, of_quote: Money) -> Money {
    let given = case[key].as_str().map(|text| text.parse().unwrap());
    given.unwrap_or(of_quote)
}

async fn tell(client: &Client, case: &Value) -> (Quote, Progress, usize) {
    let name = case["name"].as_str().unwrap();
    let service = client
        .service(case["service"].as_str().unwrap())
        .await
        .expect(name);
    let answers = answers(case, &service);
    let options: Vec<String> = serde_json::from_value(case["options"].clone()).unwrap_or_default();
    let report = client.check(&service, &answers);
    assert!(report.is_ok(), "{name}: {report:?}");
    let quote = client.quote(&service, &options).expect(name);
    assert_eq!(quote.due_now, amount(case, "due_now", quote.due_now), "{name}");
    assert_eq!(
        quote.due_on_choice,
        amount(case, "due_on_choice", quote.due_on_choice),
        "{name}"
    );
    let mut request = SubmitRequest::new(service, answers, "story").confirm_price(quote.due_now.to_string());
    for option in &options {
        request = request.option(option);
    }
    for finding in &report.findings {
        request = request.accept_warning(finding.code.as_str());
    }
    let submission = client.submit(request).await.expect(name);
    assert_eq!(submission.price, Some(quote.due_now), "{name}");
    let mut remote = ended(client).await;
    if let Some(results) = case["results"].as_u64() {
        let found: Vec<_> = remote
            .searches
            .iter()
            .flat_map(|search| search.results.clone())
            .collect();
        assert_eq!(found.len() as u64, results, "{name}");
        if let Some(index) = case["choose"].as_u64() {
            assert_eq!(remote.progress, Progress::ChoiceNeeded, "{name}");
            let wanted = found[usize::try_from(index).unwrap()].id.clone();
            let price = quote.due_on_choice.to_string();
            client.choose("story", wanted.clone(), &price).await.expect(name);
            remote = ended(client).await;
            assert_eq!(remote.chosen, Some(wanted), "{name}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let files = match remote.progress {
        Progress::Delivered => {
            let delivery = client.delivery("story", folder.path()).await.expect(name);
            for file in &delivery.files {
                assert_eq!(std::fs::metadata(&file.path).unwrap().len(), file.len, "{name}");
            }
            let held = client.journal_entry("story").await.unwrap().unwrap();
            assert_eq!(held.files.len(), delivery.files.len(), "{name}");
            delivery.files.len()
        }
        _ => {
            client.delivery("story", folder.path()).await.unwrap_err();
            0
        }
    };
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, files, "{name}: nothing unfinished is left behind");
    (quote, remote.progress, files)
}

async fn ended(client: &Client) -> sportello::model::RemoteSubmission {
    match client
        .wait("story", Duration::from_secs(10))
        .await
        .expect("a state")
    {
        Wait::Ended(update) => update.remote,
        Wait::Deadline => panic!("too slow"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_story_through_every_provider() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/story/stories.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let mut told = std::collections::BTreeSet::new();
    for case in cases {
        let name = format!("{} ({})", case["name"], case["provider"]);
        let provider = ProviderKind::of(case["provider"].as_str().unwrap()).expect(&name);
        let simulator = simulator(Config::default()).await;
        let client = story_client(&simulator, provider);
        let (quote, progress, files) = tell(&client, case).await;
        assert_eq!(progress.as_str(), case["ends"], "{name}");
        assert_eq!(files as u64, case["files"].as_u64().unwrap(), "{name}");
        let charges: Vec<Money> = case["charges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|charge| match charge.as_str().unwrap() {
                "due_now" => quote.due_now,
                "due_on_choice" => quote.due_on_choice,
                amount => amount.parse().unwrap(),
            })
            .collect();
        let ledger: Vec<Money> = (simulator.ledger().iter())
            .map(|charge| Money::from_cents(charge.amount_cents))
            .collect();
        assert_eq!(ledger, charges, "{name}");
        let withered = simulator.storage_log().iter().any(|call| call.authorization);
        assert!(!withered, "{name}: the token went to the storage");
        told.insert(case["provider"].as_str().unwrap().to_owned());
    }
    println!("{} stories through {told:?}", cases.len());
    assert!(cases.len() >= 10 && told.len() == 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_another_provider_has_is_said_to_be_there() {
    let simulator = simulator(Config::default()).await;
    let docuengine = story_client(&simulator, ProviderKind::DocuEngine);
    for query in [
        "assegno-unico",
        "Domanda Assegno Unico",
        " domanda  ASSEGNO unico",
    ] {
        let error = docuengine.service(query).await.unwrap_err();
        assert_eq!(error.code(), "service.elsewhere");
        assert!(error.to_string().contains("`visengine`"), "{error}");
    }
    let error = story_client(&simulator, ProviderKind::Visengine)
        .service("atto OTTICO")
        .await
        .unwrap_err();
    assert_eq!(error.code(), "service.elsewhere");
    assert!(error.to_string().contains("`docuengine`"), "{error}");
    let error = docuengine.service("no such thing").await.unwrap_err();
    assert_eq!(error.code(), "service.not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_offered_at_the_moment_may_be_tried_later() {
    let simulator = simulator(Config::default()).await;
    let client = story_client(&simulator, ProviderKind::DocuEngine);
    let service = client.service("Certificato Fallimentare").await.unwrap();
    let mut answers = Answers::new();
    answers.set("taxCode", "12485671007");
    let request = SubmitRequest::new(service, answers, "later").confirm_price("7.00");
    let error = client.submit(request).await.unwrap_err();
    check(&error, "service.unavailable", sportello::Charged::No);
    assert!(error.is_retryable());
    assert!(simulator.ledger().is_empty());
}
