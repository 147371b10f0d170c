//! What a form says while it is being filled, against the shared vectors: one field and what depends on it, what is required by now, corrected answers, and
//! what an input can be told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sportello::check::{Autocomplete, Capitalize, FindingCode, InputMode, InputType, Subject};
use sportello::{Answers, Finding, Service, ServiceForm};

fn vectors(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(folder)
}

fn files(folder: &str) -> Vec<(String, Value)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(vectors(folder))
        .expect("the folder")
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| (path.display().to_string(), read(&path));
    paths.into_iter().map(read).collect()
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The form of a file: described in it, or that of the file of this name in `form/`.
fn form(file: &Value) -> ServiceForm {
    let described = match &file["form"] {
        Value::String(name) => read(&vectors("form").join(format!("{name}.json")))["service"].clone(),
        described => described.clone(),
    };
    Service::from_json(&described.to_string()).unwrap().form
}

fn answers(case: &Value) -> Answers {
    serde_json::from_value(case["answers"].clone()).unwrap()
}

/// The finding as a vector has it; the position only where the vector gives one.
fn shown(finding: &Finding, expected: Option<&Value>) -> Value {
    let mut shown = json!({ "field": finding.field, "code": finding.code, "severity": finding.severity });
    if expected.is_some_and(|expected| expected.get("position").is_some()) {
        shown["position"] = json!(finding.position);
    }
    shown
}

#[test]
fn typing() {
    let mut counts = [0; 4];
    for (path, file) in files("typing") {
        let form = form(&file);
        let list = |name: &str| file[name].as_array().unwrap().clone();
        for (key, expected) in file["hints"].as_object().unwrap() {
            let field = form.field(key).unwrap();
            assert_eq!(json!(field.input()), *expected, "{path}: {key}");
            counts[0] += 1;
        }
        for case in list("field") {
            let at = format!("{path}: {}", case["name"]);
            let given = answers(&case);
            let report = form.check_field(&given, case["key"].as_str().unwrap());
            assert_eq!(json!(report.fields), case["fields"], "{at}");
            assert_eq!(json!(report.whole_form), case["whole_form"], "{at}");
            let expected = case["findings"].as_array().unwrap();
            let found = report.findings.iter().enumerate();
            let found: Vec<Value> = found
                .map(|(i, finding)| shown(finding, expected.get(i)))
                .collect();
            assert_eq!(&found, expected, "{at}");
            counts[1] += 1;
        }
        for case in list("required") {
            let at = format!("{path}: {}", case["name"]);
            assert_eq!(json!(form.required(&answers(&case))), case["required"], "{at}");
            counts[2] += 1;
        }
        for case in list("corrected") {
            let at = format!("{path}: {}", case["name"]);
            let given = answers(&case);
            let expected: Answers = serde_json::from_value(case["corrected"].clone()).unwrap();
            assert!(form.check(&given).corrected(&form, &given) == expected, "{at}");
            counts[3] += 1;
        }
    }
    println!("hints, fields, required, corrected: {counts:?}");
    assert!(
        counts[0] > 25 && counts[1] > 20 && counts[2] > 8 && counts[3] > 5,
        "{counts:?}"
    );
}

/// What is said of one field is what the whole check says of it and of what depends on it: on every field of every shared case.
#[test]
fn a_field_alone_is_judged_as_within_the_whole() {
    let mut count = 0;
    for (path, file) in files("form") {
        let form = Service::from_json(&file["service"].to_string()).unwrap().form;
        for case in file["cases"].as_array().unwrap() {
            let given = answers(case);
            let whole = form.check(&given);
            for field in &form.fields {
                let report = form.check_field(&given, &field.key);
                let spoken_for = |finding: &&Finding| match finding.field.as_deref() {
                    Some(key) if finding.code == FindingCode::DuplicateAnswer => key == field.key,
                    Some(key) => report.fields.contains(&key),
                    None => report.whole_form,
                };
                let expected: Vec<&Finding> = whole.findings.iter().filter(spoken_for).collect();
                let found: Vec<&Finding> = report.findings.iter().collect();
                assert_eq!(found, expected, "{path}: {} {}", case["name"], field.key);
                count += 1;
            }
        }
    }
    println!("{count} fields");
    assert!(count > 200);
}

/// What is required only grows with what is filled, holds what is required in any case, and is never what the smallest ways to go on leave out.
#[test]
fn what_is_required_is_in_every_way_to_go_on() {
    let mut count = 0;
    for (path, file) in files("form") {
        let form = Service::from_json(&file["service"].to_string()).unwrap().form;
        for case in file["cases"].as_array().unwrap() {
            let given = answers(case);
            let required = form.required(&given);
            let at = format!("{path}: {}", case["name"]);
            let always = form.fields.iter().filter(|field| field.required);
            for field in always {
                assert!(required.contains(&field.key.as_str()), "{at} {}", field.key);
            }
            let filled = |key: &str| {
                let mut answered = given.iter().filter(|(_, answer)| !answer.is_blank());
                answered.any(|(name, _)| form.field(name).is_some_and(|field| field.key == key))
            };
            let missing = form.check(&given).missing;
            for set in &missing.sets {
                for key in required.iter().filter(|key| !filled(key)) {
                    assert!(set.iter().any(|member| member == key), "{at} {key}");
                }
            }
            count += 1;
        }
    }
    assert!(count > 25);
}

#[test]
fn what_a_device_may_fill_in_has_a_name_in_html() {
    for hint in [
        Autocomplete::GivenName,
        Autocomplete::FamilyName,
        Autocomplete::Bday,
        Autocomplete::Sex,
        Autocomplete::Email,
        Autocomplete::Tel,
        Autocomplete::Organization,
        Autocomplete::Off,
    ] {
        assert_eq!(json!(hint), json!(hint.html()));
        let nowhere = hint.android().is_none() && hint.apple().is_none();
        assert_eq!(nowhere, hint == Autocomplete::Off);
    }
}

#[test]
fn names_in_html_and_json_are_the_same() {
    use InputMode as M;
    for mode in [M::Text, M::Email, M::Tel, M::Numeric, M::None] {
        assert_eq!(json!(mode), json!(mode.html()));
    }
    use InputType as T;
    for kind in [T::Text, T::Email, T::Tel, T::File, T::Select] {
        assert_eq!(json!(kind), json!(kind.html()));
    }
    use Capitalize as C;
    for capitalize in [C::None, C::Sentences, C::Words, C::Characters] {
        assert_eq!(json!(capitalize), json!(capitalize.html()));
    }
    use Subject as S;
    for subject in [
        S::Applicant,
        S::Spouse,
        S::Child,
        S::Parent,
        S::Deceased,
        S::Representative,
    ] {
        assert_eq!(json!(subject), json!(subject.as_str()));
    }
}

/// What a page reads of a relay is what the relay read of the provider; a description that lacks something is refused.
#[test]
fn a_relays_description_is_the_providers() {
    use sportello::provider::relay::wire::ServiceWire;
    for (path, file) in files("form") {
        let service = Service::from_json(&file["service"].to_string()).unwrap();
        let wire = json!(ServiceWire::from(&service));
        assert_eq!(Service::from_json(&wire.to_string()).unwrap(), service, "{path}");
        for member in wire.as_object().unwrap().keys() {
            let mut less = wire.clone();
            less.as_object_mut().unwrap().remove(member);
            let may_lack = member.ends_with("Html") || member.to_lowercase().ends_with("price");
            let read = Service::from_json(&less.to_string());
            assert_eq!(read.is_ok(), may_lack, "{path}: without {member}");
        }
    }
}
