//! An invented applicant, a simulator in a hurry and a client that does not wait long.

use std::time::Duration;

use sportello::client::{Client, Environment, SubmitRequest};
use sportello::flow::{RetryPolicy, WatchPolicy};
use sportello::{Answers, AssegnoUnico, Attachment, Charged, Service, SportelloError};
use sportello_simulator::{Config, Rule, Simulator, Stages};

pub(crate) fn pdf(name: &str) -> Attachment {
    Attachment::from_bytes(
        name,
        "application/pdf",
        b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".to_vec(),
    )
}

pub(crate) fn application() -> AssegnoUnico {
    AssegnoUnico {
        given_name: "Rosalia".into(),
        family_name: "Prova".into(),
        email: "rosalia.prova@example.org".into(),
        mobile: "333 1234567".into(),
        codice_fiscale: "PRVRSL90E52H501A".into(),
        identity_document: pdf("identity.pdf"),
        codice_fiscale_card: pdf("card.pdf"),
        mandate: None,
    }
}

pub(crate) async fn simulator(config: Config) -> Simulator {
    let stages = Stages {
        searching_ms: 5,
        working_ms: 5,
        ready_ms: 5,
    };
    Simulator::start(Config { stages, ..config })
        .await
        .expect("a simulator")
}

pub(crate) async fn with_faults(faults: Vec<Rule>) -> Simulator {
    simulator(Config {
        faults,
        ..Config::default()
    })
    .await
}

pub(crate) fn builder(environment: Environment, token: &str) -> sportello::client::ClientBuilder {
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
            far_cap_ms: 20,
        })
}

pub(crate) fn client_with(simulator: &Simulator, token: &str) -> Client {
    let environment = Environment::Simulator {
        base_url: simulator.base_url(),
    };
    builder(environment, token).build().expect("a client")
}

pub(crate) fn client(simulator: &Simulator) -> Client {
    client_with(simulator, simulator.token())
}

pub(crate) async fn request(client: &Client, reference: &str) -> SubmitRequest {
    let service = client.service("assegno-unico").await.expect("the service");
    let answers = application().answers(&service.form).expect("the form");
    SubmitRequest::new(service, answers, reference).confirm_price("19.00")
}

pub(crate) async fn submit(
    client: &Client,
    reference: &str,
) -> Result<sportello::client::Submission, SportelloError> {
    client.submit(request(client, reference).await).await
}

#[track_caller]
pub(crate) fn check(error: &SportelloError, code: &str, charged: Charged) {
    assert_eq!(
        (error.code(), error.details().charged),
        (code, charged),
        "{error}"
    );
}

pub(crate) async fn searched(
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
            sportello::FieldKind::Email => "rosalia.prova@example.org",
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

pub(crate) const TWO_RESULTS: &str = "afa0b4cu7yd06226i5d89p00077c3j6t";
