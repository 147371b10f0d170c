//! `sportello probe` against simulators whose switches are known: it finds exactly those.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

#[path = "processes/support.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod support;

use std::path::Path;

use serde_json::{Map, Value, json};
use support::{Counter, sportello};

const PAID: &[&str] = &["refuse_bare_commit", "racy_commit", "repeated_commit"];

fn run(counter: &Counter, provider: &str, more: &[&str]) -> (Option<i32>, Value, String) {
    let mut words = vec![
        "--simulator",
        "--base-url",
        &counter.url,
        "--provider",
        provider,
        "--json",
        "probe",
    ];
    words.extend(more);
    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    let output = sportello(&words).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = serde_json::from_str(text.trim()).unwrap_or_default();
    (
        output.status.code(),
        said,
        format!("{text}{}", String::from_utf8_lossy(&output.stderr)),
    )
}

/// What the switches in force are, of those that a run may tell.
fn in_force(counter: &Counter, provider: &str, paid: bool) -> Map<String, Value> {
    let all = counter.control("GET", "switches", "");
    let of_both = ["refuse_empty_drafts", "json_visura", "echo"];
    let own: &[&str] = match provider {
        "visengine" => &["drop_callback_without_url", "test_is_free"],
        _ => &["callback_without_url", "callback_needs_headers"],
    };
    let paid = PAID
        .iter()
        .filter(|name| paid && (provider == "docuengine" || **name != "repeated_commit"));
    let names = of_both.iter().chain(own).chain(paid);
    names
        .map(|name| ((*name).to_owned(), all[*name].clone()))
        .collect()
}

/// Sets switches, probes, and compares.
fn finds(provider: &str, set: &Value, service: Option<&str>) {
    let counter = Counter::open(20);
    counter.control("POST", "switches", &set.to_string());
    let more: Vec<&str> = service.map(|id| vec!["--service", id]).unwrap_or_default();
    let (code, said, text) = run(&counter, provider, &more);
    assert_eq!(code, Some(0), "{set}: {text}");
    let mut expected = in_force(&counter, provider, false);
    if set["echo"] == "none" {
        // Without an echo it can't be told, and it isn't guessed.
        expected.remove("json_visura");
    }
    assert_eq!(said["switches"], Value::Object(expected), "{set}: {text}");
    assert!(counter.charged().is_empty(), "{set}: free calls only");
    assert_eq!(said["spentAtMost"], "0.00");
}

#[test]
fn the_free_questions_of_visengine() {
    for set in [
        json!({}),
        json!({ "refuse_empty_drafts": true }),
        json!({ "json_visura": "replace" }),
        json!({ "echo": "none" }),
        json!({ "echo": "all", "json_visura": "replace" }),
        json!({ "drop_callback_without_url": true }),
        json!({ "test_is_free": false }),
        json!({ "refuse_empty_drafts": true, "drop_callback_without_url": true, "echo": "all", "test_is_free": false }),
    ] {
        finds("visengine", &set, None);
    }
}

#[test]
fn the_free_questions_of_docuengine() {
    for set in [
        json!({}),
        json!({ "refuse_empty_drafts": true }),
        json!({ "json_visura": "replace" }),
        json!({ "echo": "none" }),
        json!({ "callback_without_url": "dropped" }),
        json!({ "callback_without_url": "refused", "refuse_empty_drafts": true }),
        json!({ "callback_needs_headers": true }),
    ] {
        finds("docuengine", &set, None);
    }
    // One with a file, so that `all` can be told from `text`.
    finds(
        "docuengine",
        &json!({ "echo": "all" }),
        Some("66f0a1100000000000000001"),
    );
}

fn answers(folder: &Path, text: &str) -> String {
    let path = folder.join("answers.json");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_paid_questions_within_a_cap() {
    let folder = tempfile::tempdir().unwrap();
    for (provider, service, given, price_of) in [
        (
            "visengine",
            "7deb1e62338cf1d811b3a74c3c1a1bc2",
            r#"{"$0":"AA000AA"}"#,
            3,
        ),
        (
            "docuengine",
            "663df75d19a52195e23e315c",
            r#"{"field0":"123456","field1":"RM"}"#,
            4,
        ),
    ] {
        let path = answers(folder.path(), given);
        for set in [
            json!({}),
            json!({ "refuse_bare_commit": true }),
            json!({ "racy_commit": true }),
            json!({ "racy_commit": true, "refuse_bare_commit": true }),
            json!({ "repeated_commit": "not_acceptable" }),
        ] {
            let counter = Counter::open(20);
            counter.control("POST", "switches", &set.to_string());
            let paid = [
                "--service",
                service,
                "--answers",
                &path,
                "--paid",
                "--cap",
                "100.00",
            ];
            let (code, said, text) = run(&counter, provider, &paid);
            assert_eq!(code, Some(0), "{provider} {set}: {text}");
            let told = said["switches"].as_object().unwrap();
            let expected = in_force(&counter, provider, true);
            for name in PAID {
                assert_eq!(told.get(*name), expected.get(*name), "{provider} {set}: {text}");
            }
            let charges = counter.charged().len();
            let times = |name: &str| usize::from(set[name] == true);
            // The second draft always; the first where its bare commit is taken; the second twice where two are.
            let due = 2 - times("refuse_bare_commit") + times("racy_commit");
            assert_eq!(charges, due, "{provider} {set}");
            assert!(charges <= price_of);
        }
        // A cap that could be passed in the worst case is one that nothing is paid under.
        let counter = Counter::open(20);
        let paid = [
            "--service",
            service,
            "--answers",
            &path,
            "--paid",
            "--cap",
            "0.20",
        ];
        let (code, _, text) = run(&counter, provider, &paid);
        assert_eq!((code, counter.charged().len()), (Some(3), 0), "{text}");
        let (code, _, text) = run(
            &counter,
            provider,
            &["--service", service, "--answers", &path, "--paid"],
        );
        assert_eq!((code, counter.charged().len()), (Some(2), 0), "{text}");
    }
}

#[test]
fn a_repeated_commit_that_does_nothing_hides_a_race_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = answers(folder.path(), r#"{"field0":"123456","field1":"RM"}"#);
    let counter = Counter::open(20);
    counter.control("POST", "switches", r#"{"repeated_commit":"same"}"#);
    let paid = [
        "--service",
        "663df75d19a52195e23e315c",
        "--answers",
        &path,
        "--paid",
        "--cap",
        "100",
    ];
    let (_, said, text) = run(&counter, "docuengine", &paid);
    assert_eq!(said["switches"]["repeated_commit"], "same", "{text}");
    assert_eq!(said["switches"].get("racy_commit"), None, "{text}");
}

#[test]
fn how_long_drafts_live_is_found_by_two_looks() {
    const HOUR_MS: u64 = 3_600_000;
    for provider in ["visengine", "docuengine"] {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("probe.json");
        let record = ["--record", record.to_str().unwrap()];
        let counter = Counter::open(20);
        counter.control(
            "POST",
            "switches",
            &json!({ "draft_lifetime_ms": HOUR_MS }).to_string(),
        );
        let lifetime = |said: &Value| {
            let findings = said["findings"].as_array().unwrap();
            findings
                .iter()
                .find(|finding| finding["switch"] == "draft_lifetime_ms")
                .unwrap()
                .clone()
        };
        let (code, said, text) = run(&counter, provider, &record);
        assert_eq!(
            (code, &lifetime(&said)["value"]),
            (Some(0), &Value::Null),
            "{text}"
        );
        let (_, said, text) = run(&counter, provider, &record);
        assert!(
            lifetime(&said)["evidence"]
                .as_str()
                .unwrap()
                .starts_with("still open"),
            "{text}"
        );
        // Only the simulator's clock goes forward, so the ages are short; that they are dead is what counts.
        counter.control("POST", "clock", &json!({ "skip_ms": 2 * HOUR_MS }).to_string());
        let (code, said, text) = run(&counter, provider, &record);
        assert_eq!(code, Some(0), "{text}");
        assert!(
            lifetime(&said)["value"].as_u64().is_some_and(|age| age < HOUR_MS),
            "{text}"
        );
        // What was found dead is forgotten, so that the next look is about living ones.
        let (_, said, _) = run(&counter, provider, &record);
        assert_eq!(lifetime(&said)["value"], Value::Null);
    }
}

#[test]
fn production_is_refused_and_nothing_secret_is_printed() {
    let words = ["--environment", "production", "probe"].map(str::to_owned);
    let output = sportello(&words)
        .env("SPORTELLO_TOKEN", "canary-7f")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let counter = Counter::open(20);
    let words = ["--simulator", "--base-url", &counter.url, "probe"].map(str::to_owned);
    let output = sportello(&words)
        .env("SPORTELLO_TOKEN", "canary-7f")
        .output()
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(!text.contains("canary"), "{text}");
}
