//! The story, told through a relay by the same client that tells it without one.

use std::time::Duration;

use serde_json::json;
use sportello::client::{SubmitRequest, Wait};
use sportello::journal::Stage;
use sportello::model::{Progress, ResultId};
use sportello::{Answers, Charged};

use super::support::*;

const TWO_RESULTS: &str = "afa0b4cu7yd06226i5d89p00077c3j6t";

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_story_through_the_same_client() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| {
        config.services = sportello_relay::Services::Only(vec!["assegno-unico".into()]);
    })
    .await;
    let client = client(&relay, "rosella");
    let services = client.services(None).await.unwrap();
    assert_eq!(services.len(), 1);
    let service = client.service("assegno-unico").await.unwrap();
    assert_eq!(service.id, SERVICE);
    let answers = application().answers(&service.form).unwrap();
    let request = SubmitRequest::new(service.clone(), answers, "story").confirm_price("19.00");
    let submission = client.submit(request.clone()).await.unwrap();
    assert_eq!(
        (submission.stage, submission.charged),
        (Stage::Committed, Charged::Yes)
    );
    // The session's reference, never the provider's id.
    assert_eq!(submission.id.as_deref(), Some("story"));
    let Wait::Ended(update) = client.wait("story", Duration::from_secs(10)).await.unwrap() else {
        panic!("too slow")
    };
    assert_eq!(update.remote.progress, Progress::Delivered);
    let folder = tempfile::tempdir().unwrap();
    let delivery = client.delivery("story", folder.path()).await.unwrap();
    assert_eq!(delivery.files.len(), 1);
    let unpacked = delivery.extract(folder.path()).unwrap();
    assert!(std::fs::read(&unpacked[0]).unwrap().starts_with(b"%PDF-"));
    // The same again is the same.
    assert_eq!(client.submit(request).await.unwrap().id.as_deref(), Some("story"));
    assert_eq!(simulator.ledger().len(), 1);
    assert_eq!(simulator.ledger()[0].amount_cents, 1900);
    assert_eq!(
        client.submissions().await.unwrap_err().code(),
        "submissions.not_listed"
    );
    // Nothing of the applicant is left on the relay's disk, but what the office has made of it.
    let kept = relay.shared.path();
    for canary in [CODICE_FISCALE, EMAIL, "Rosalia", "rosalia"] {
        let places = holding(&kept, canary.as_bytes());
        assert!(
            places
                .iter()
                .all(|path| path.to_string_lossy().contains("/delivery/")),
            "{canary}: {places:?}"
        );
    }
    let drafts: Vec<_> = files(&kept)
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("/draft/"))
        .collect();
    assert!(drafts.is_empty(), "{drafts:?}");
    // The provider saw what was typed, and the whole file.
    let id = simulator.ledger()[0].submission.clone();
    let answer = Caller::new(&relay, "rosella").get("/submissions/story").await;
    assert!(!answer.text.contains(&id), "the provider's id was told");
    let listed = Caller::new(&relay, "rosella")
        .get("/submissions/story/delivery")
        .await;
    assert!(
        !listed.text.contains(&id),
        "the provider's id was told: {}",
        listed.text
    );
    assert_eq!(answer.ok()["phase"], "committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_lost_its_journal_finds_what_it_handed_in() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    for _ in 0..2 {
        // A client with a new journal each time.
        let client = client(&relay, "u");
        let service = client.service(SERVICE).await.unwrap();
        let answers = application().answers(&service.form).unwrap();
        let request = SubmitRequest::new(service, answers, "lost").confirm_price("19.00");
        assert_eq!(client.submit(request).await.unwrap().charged, Charged::Yes);
    }
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_looked_at_filled_anew_and_given_up() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller
        .get("/submissions/draft")
        .await
        .refused(404, "reference.unknown");
    let service = caller.fill("draft").await;
    let held = caller.get("/submissions/draft").await.ok();
    assert_eq!(
        (held["phase"].as_str(), held["progress"].as_str()),
        (Some("open"), Some("draft"))
    );
    assert_eq!(
        (held["id"].as_str(), held["correlation"].as_str()),
        (Some("draft"), Some("c-1"))
    );
    assert_eq!(held["price"], json!("19.00"));
    assert_eq!(held["filesHeld"].as_object().unwrap().len(), 2);
    let field = service.form.field("codice_fiscale").unwrap();
    assert_eq!(held["texts"][&field.key], json!(CODICE_FISCALE));
    // Opened again it is the same draft.
    let again = json!({ "serviceId": SERVICE, "correlation": "c-2" });
    let again = caller.put("/submissions/draft", again).await.ok();
    assert_eq!(
        (
            again["filesHeld"].as_object().unwrap().len(),
            again["correlation"].as_str()
        ),
        (2, Some("c-2"))
    );
    // New texts drop the files that they name, and no others.
    let keys: Vec<&String> = held["filesHeld"].as_object().unwrap().keys().collect();
    for left in [1, 0] {
        let named = json!({ "texts": { keys[left].clone(): "" } });
        let blank = caller.put("/submissions/draft/answers", named).await.ok();
        let files = blank
            .get("filesHeld")
            .map_or(0, |held| held.as_object().unwrap().len());
        assert_eq!(files, left);
        assert!(blank["texts"].get(&field.key).is_none());
    }
    assert_eq!(caller.commit("draft", "19.00").await.code(), "check.errors");
    assert_eq!(caller.delete("/submissions/draft").await.status.as_u16(), 204);
    caller
        .get("/submissions/draft")
        .await
        .refused(404, "reference.unknown");
    assert!(files(&relay.shared.path().join("users")).is_empty());
    assert!(simulator.with_engine(|engine| engine.submissions().next().is_none()));
    // What was handed in can't be given up.
    caller.fill("paid").await;
    caller.commit("paid", "19.00").await.ok();
    caller
        .delete("/submissions/paid")
        .await
        .refused(409, "submit.reference_conflict");
    caller
        .put("/submissions/paid/answers", json!({ "texts": {} }))
        .await
        .refused(409, "submit.reference_conflict");
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_is_followed_as_events() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller
        .get("/submissions/e/events")
        .await
        .refused(404, "reference.unknown");
    caller.fill("e").await;
    caller
        .get("/submissions/e/events")
        .await
        .refused(409, "submission.not_committed");
    caller.commit("e", "19.00").await.ok();
    let said = caller.get("/submissions/e/events").await;
    assert_eq!(said.headers["content-type"], "text/event-stream");
    assert!(said.text.ends_with("event: end\ndata: {}\n\n"), "{}", said.text);
    let updates: Vec<serde_json::Value> = (said.text.split("\n\n"))
        .filter_map(|event| event.strip_prefix("event: update\ndata: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let last = updates.last().unwrap();
    assert_eq!(
        (last["progress"].as_str(), last["id"].as_str()),
        (Some("delivered"), Some("e"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_and_choices_are_paid_once_and_count_towards_the_cap() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let client = client(&relay, "u");
    let service = client.service(TWO_RESULTS).await.unwrap();
    let mut answers = Answers::new();
    for field in &service.form.fields {
        let value = match field.kind {
            sportello::FieldKind::CodiceFiscale | sportello::FieldKind::PartitaIva => "12345670124",
            sportello::FieldKind::CodiceFiscalePersona => CODICE_FISCALE,
            sportello::FieldKind::Province => "RM",
            sportello::FieldKind::Municipality => "H501",
            sportello::FieldKind::Email => EMAIL,
            sportello::FieldKind::Date => "01-02-1990",
            _ => "PROVA",
        };
        answers.set(&field.key, value);
    }
    let quote = client.quote(&service, &[]).unwrap();
    let price = quote.due_now.to_string();
    let mut request = SubmitRequest::new(service.clone(), answers.clone(), "s").confirm_price(price);
    for finding in service.form.check(&answers).findings {
        request = request.accept_warning(finding.code.as_str());
    }
    client.submit(request).await.unwrap();
    client.wait("s", Duration::from_secs(10)).await.unwrap();
    let remote = client.status("s").await.unwrap().remote.unwrap();
    assert_eq!(remote.progress, Progress::ChoiceNeeded);
    assert_eq!(
        (
            remote.searches[0].id.as_str(),
            remote.searches[0].results[1].id.as_str()
        ),
        ("1", "1/1")
    );
    let result = remote.searches[0].results[1].id.clone();
    let price = quote.due_on_choice.to_string();
    let wrong = client
        .choose("s", ResultId::new("1/99"), &price)
        .await
        .unwrap_err();
    assert_eq!(
        (wrong.code(), wrong.details().charged),
        ("choice.unknown_result", Charged::No)
    );
    // A choice that is wrong in its price, by a caller without our checks.
    let caller = Caller::new(&relay, "u");
    let cheap = json!({ "result": result.as_str(), "confirmPrice": "0.01" });
    caller
        .post("/submissions/s/choice", cheap)
        .await
        .refused(422, "price.differs");
    for _ in 0..2 {
        client.choose("s", result.clone(), &price).await.unwrap();
    }
    let other = json!({ "result": remote.searches[0].results[0].id.as_str(), "confirmPrice": price });
    let other = caller.post("/submissions/s/choice", other).await;
    other.refused(409, "choice.already_made");
    assert_eq!(other.body["error"]["charged"], "yes");
    client.wait("s", Duration::from_secs(10)).await.unwrap();
    assert_eq!(client.status("s").await.unwrap().stage, Stage::Delivered);
    assert_eq!(simulator.ledger().len(), 2);
    let paid: i64 = simulator.ledger().iter().map(|charge| charge.amount_cents).sum();
    assert_eq!(spent(&relay), paid);
}
