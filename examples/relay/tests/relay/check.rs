//! Answers checked by the relay, for browsers that can't.

use serde_json::{Value, json};

use super::support::*;

const DESCRIPTION: &str = include_str!("../../../../core/vectors/form/assegno-unico.json");

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_checks_as_the_library_does() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    let path = format!("/services/{SERVICE}/check");
    let vectors: Value = serde_json::from_str(DESCRIPTION).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    // The simulator's labels are its own, so only answers by key.
    let by_key = |case: &&Value| {
        let answers = case["answers"].as_object().unwrap();
        answers.keys().all(|key| key.starts_with('$'))
    };
    let cases: Vec<&Value> = cases.iter().filter(by_key).collect();
    assert!(cases.len() > 3);
    for case in cases {
        let report = caller
            .post(&path, json!({ "answers": case["answers"] }))
            .await
            .ok();
        let expected = &case["expect"];
        assert_eq!(report["ok"], expected["ok"], "{}", case["name"]);
        let codes = |findings: &Value| -> Vec<Value> {
            let all = findings.as_array().unwrap().iter();
            all.map(|it| json!([it["field"], it["code"]])).collect()
        };
        assert_eq!(
            codes(&report["findings"]),
            codes(&expected["findings"]),
            "{}",
            case["name"]
        );
    }
    // With the texts that a page shows, in every language.
    let report = caller.post(&path, json!({ "answers": {} })).await.ok();
    let texts = report["findings"][0]["texts"].as_object().unwrap();
    assert_eq!(texts.len(), 4);
    assert_eq!(texts["en"], "This is needed: please add it.");
    // Checking pays nothing and leaves nothing behind.
    assert!(simulator.ledger().is_empty());
    let typed = json!({ "answers": { "$4": CODICE_FISCALE } });
    caller.post(&path, typed).await.ok();
    assert!(holding(&relay.shared.path(), CODICE_FISCALE.as_bytes()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_wants_a_session_a_service_that_is_offered_and_answers() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| {
        config.services = sportello_relay::Services::Only(vec!["assegno-unico".into()]);
        config.limits.json_bytes = 4096;
    })
    .await;
    let path = format!("/services/{SERVICE}/check");
    let empty = json!({ "answers": {} });
    let stranger = Caller::with(&relay, None);
    stranger
        .post(&path, empty.clone())
        .await
        .refused(401, "auth.token_rejected");
    let caller = Caller::new(&relay, "u");
    caller
        .post("/services/afa0b4cu7yd06226i5d89p00077c3j6t/check", empty)
        .await
        .refused(404, "service.not_found");
    for broken in [json!({}), json!({ "answers": { "$0": 1 } }), json!([])] {
        caller.post(&path, broken).await.refused(400, "relay.malformed");
    }
    let long = json!({ "answers": { "$0": "x".repeat(5000) } });
    caller.post(&path, long).await.refused(413, "relay.too_large");
}
