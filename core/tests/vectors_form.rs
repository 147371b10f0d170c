//! Forms, values and rules against the shared vectors.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::path::Path;

use serde_json::{Value, json};
use sportello::form::{Requirements, Rule};
use sportello::{Answers, Finding, Service, check_value};

fn files(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.display().to_string(), serde_json::from_str(&text).unwrap())
    };
    files.into_iter().map(read).collect()
}

/// The finding as a vector has it; the position only where the vector gives one.
fn shown(finding: &Finding, expected: Option<&Value>, with_field: bool) -> Value {
    let mut shown = json!({ "code": finding.code, "severity": finding.severity });
    if with_field {
        shown["field"] = json!(finding.field);
    }
    if expected.is_some_and(|expected| expected.get("position").is_some()) {
        shown["position"] = json!(finding.position);
    }
    shown
}

fn compare(findings: &[Finding], expected: &Value, with_field: bool, at: &str) {
    let expected = expected.as_array().expect("a list");
    let got: Vec<Value> = findings
        .iter()
        .enumerate()
        .map(|(i, f)| shown(f, expected.get(i), with_field))
        .collect();
    assert_eq!(&got, expected, "{at}");
}

#[test]
fn forms() {
    let mut count = 0;
    for (path, file) in files("form") {
        let service = Service::from_json(&file["service"].to_string())
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let form = &service.form;
        let keys: Vec<&str> = form.fields.iter().map(|field| field.key.as_str()).collect();
        assert_eq!(json!(keys), file["fields"], "{path}");
        let required: Vec<&str> = form
            .fields
            .iter()
            .filter(|field| field.required)
            .map(|field| field.key.as_str())
            .collect();
        assert_eq!(json!(required), file["required"], "{path}");
        for case in file["cases"].as_array().unwrap() {
            let at = format!("{path}: {}", case["name"]);
            let answers: Answers = serde_json::from_value(case["answers"].clone()).expect(&at);
            let (report, expect) = (form.check(&answers), &case["expect"]);
            compare(&report.findings, &expect["findings"], true, &at);
            assert_eq!(json!(report.is_ok()), expect["ok"], "{at}");
            assert_eq!(json!(report.missing), expect["missing"], "{at}");
            for finding in &report.findings {
                for lang in sportello::Lang::ALL {
                    assert!(!finding.text(lang).contains('{'), "{at}: {}", finding.text(lang));
                }
            }
            count += 1;
        }
    }
    println!("{count} forms' cases");
    assert!(count > 25);
}

#[test]
fn values() {
    let mut count = 0;
    for (path, file) in files("values") {
        let kind = file["kind"].as_str().unwrap();
        for case in file["cases"].as_array().unwrap() {
            let input = case["input"].as_str().unwrap();
            let findings = check_value(kind, input).unwrap();
            compare(&findings, &case["findings"], false, &format!("{path}: `{input}`"));
            count += 1;
        }
    }
    println!("{count} values");
    assert!(count > 200);
}

#[test]
fn rules() {
    let mut count = 0;
    for (path, file) in files("rule") {
        for case in file["cases"].as_array().unwrap() {
            let at = format!("{path}: {}", case["name"]);
            let keys: Vec<&str> = case["keys"]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| key.as_str().unwrap())
                .collect();
            let parsed = Rule::parse(case["rule"].as_str().unwrap(), &keys);
            count += 1;
            if let Some(code) = case["error"].as_str() {
                let error = parsed.expect_err(&at);
                assert_eq!(error.code(), code, "{at}");
                if let Some(position) = case["position"].as_u64() {
                    assert_eq!(error.byte().map(u64::from), Some(position), "{at}");
                }
                continue;
            }
            let rule = parsed.unwrap_or_else(|error| panic!("{at}: {error}"));
            let filled = |key: &str| {
                case["filled"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|filled| filled == key)
            };
            assert_eq!(json!(rule.holds(&filled)), case["value"], "{at}");
            let again = Rule::parse(&rule.to_string(), &keys);
            assert!(
                again.is_ok_and(|again| again.holds(&filled) == rule.holds(&filled)),
                "{at}: its own text"
            );
            let all = |set: Vec<usize>| -> Vec<&str> { set.into_iter().map(|field| keys[field]).collect() };
            let flags: Vec<bool> = keys.iter().map(|key| filled(key)).collect();
            let missing = Requirements::missing(&rule, &flags);
            let sets: Vec<Vec<&str>> = missing.sets.into_iter().map(all).collect();
            assert_eq!(
                json!({ "sets": sets, "more": missing.more }),
                case["missing"],
                "{at}"
            );
            let service = json!({ "hash_visura": "x", "json_struttura": { "validazione": case["rule"], "campi":
                keys.iter().map(|key| ((*key).to_owned(), json!({ "nome": key, "tipo": "testo", "null": true }))).collect::<serde_json::Map<_, _>>() } });
            let service = Service::from_json(&service.to_string()).expect(&at);
            let required: Vec<&str> = service
                .form
                .fields
                .iter()
                .filter(|field| field.required)
                .map(|field| field.key.as_str())
                .collect();
            assert_eq!(json!(required), case["required"], "{at}");
        }
    }
    println!("{count} rules");
    assert!(count > 20);
}
