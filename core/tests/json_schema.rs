//! A form as JSON Schema: a validator that knows nothing of us agrees with our verdicts on presence and shape. The Python tests ask a second one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::path::Path;

use jsonschema::{Validator, draft202012};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sportello::{Answers, Lang, Service};

fn caught() -> Vec<String> {
    let file: Value = serde_json::from_str(include_str!("../vectors/schema.json")).unwrap();
    serde_json::from_value(file["caught"].clone()).unwrap()
}

fn validator(service: &Service) -> Validator {
    let schema = service.form.to_json_schema(Lang::En);
    assert!(draft202012::meta::is_valid(&schema), "{schema}");
    draft202012::new(&schema).unwrap()
}

/// Answers by field key, as a schema wants them; `None` when two names mean one field.
fn by_key(service: &Service, answers: &Value) -> Option<Value> {
    let mut keyed = Map::new();
    for (name, answer) in answers.as_object().unwrap() {
        let key = service
            .form
            .field(name)
            .map_or(name.clone(), |field| field.key.clone());
        if keyed.insert(key, answer.clone()).is_some() {
            return None;
        }
    }
    Some(Value::Object(keyed))
}

#[test]
fn another_validator_agrees_on_presence_and_shape() {
    let (caught, mut good, mut bad) = (caught(), 0, 0);
    for entry in Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors/form")
        .read_dir()
        .unwrap()
    {
        let file: Value =
            serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        let service = Service::from_json(&file["service"].to_string()).unwrap();
        let validator = validator(&service);
        for case in file["cases"].as_array().unwrap() {
            let Some(answers) = by_key(&service, &case["answers"]) else {
                continue;
            };
            let codes: Vec<&str> = case["expect"]["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|finding| finding["code"].as_str().unwrap())
                .collect();
            let at = format!("{}: {}", file["name"], case["name"]);
            if codes.iter().any(|code| caught.iter().any(|own| own == code)) {
                assert!(!validator.is_valid(&answers), "{at}");
                bad += 1;
            } else if case["expect"]["ok"] == true {
                let errors: Vec<String> = validator
                    .iter_errors(&answers)
                    .map(|error| error.to_string())
                    .collect();
                assert!(errors.is_empty(), "{at}: {errors:?}");
                good += 1;
            }
        }
    }
    println!("{good} good and {bad} bad answers");
    assert!(good > 15 && bad > 10);
}

fn form(rule: &str, fields: usize) -> Service {
    let field = |index: usize| {
        (
            format!("${index}"),
            json!({ "nome": format!("Campo {index}"), "tipo": "testo" }),
        )
    };
    let fields: Map<String, Value> = (0..fields).map(field).collect();
    let service = json!({ "hash_visura": "x", "json_struttura": { "validazione": rule, "campi": fields } });
    Service::from_json(&service.to_string()).unwrap()
}

proptest! {
    /// Whatever the rule and whatever is filled: the schema holds exactly when nothing is missing and nothing has to be empty.
    #[test]
    fn the_rule_means_the_same(
        rule in proptest::sample::select(vec![
            "", "$0", "$0 && $1", "$0 || $1", "!$0", "($0 && $1) || $2", "$0 && ($1 || $2 || $3)", "!($0 || $1) && $2",
            "($0 && !$1) || ($2 && $3 && !$0)", "!!$3", "($0 && $1 && $2 && $3) || ($0 && $1 && $2)",
        ]),
        filled in proptest::collection::vec(prop_oneof![Just(None), Just(Some("x")), Just(Some("")), Just(Some(" \u{a0}\t")), Just(Some("\u{feff}"))], 4),
    ) {
        let service = form(rule, 4);
        let answers: Map<String, Value> = filled
            .iter()
            .enumerate()
            .filter_map(|(index, value)| value.map(|value| (format!("${index}"), json!(value))))
            .collect();
        let answers = Value::Object(answers);
        let ours: Answers = serde_json::from_value(answers.clone()).unwrap();
        let wanting = service.form.check(&ours).findings.iter().any(|finding| {
            ["required.missing", "required.alternatives", "rule.must_be_empty"].contains(&finding.code.as_str())
        });
        prop_assert_eq!(validator(&service).is_valid(&answers), !wanting, "{} {}", rule, answers);
    }
}

#[test]
fn the_schema_speaks_to_people_in_their_language_beside_the_provider_s_own() {
    let vector: Value = serde_json::from_str(include_str!("../vectors/form/assegno-unico.json")).unwrap();
    let service = Service::from_json(&vector["service"].to_string()).unwrap();
    let schema = service.form.to_json_schema(Lang::De);
    let code = &schema["properties"]["$4"];
    assert_eq!(
        code["x-provider-label"],
        json!({ "text": "CODICE FISCALE", "lang": "it" })
    );
    assert!(code["title"].as_str().unwrap().contains("Steuernummer"), "{code}");
    assert!(
        code["description"].as_str().unwrap().contains("Großbuchstaben"),
        "{code}"
    );
    assert_eq!(
        json!([code["x-order"], code["x-kind"], code["x-role"]]),
        json!([2, "codice_fiscale_persona", "codice_fiscale"])
    );
    assert_eq!(schema["required"].as_array().unwrap().len(), 7);
    assert_eq!(
        schema["allOf"][0]["anyOf"].as_array().unwrap().len(),
        2,
        "the rule as it is written"
    );
}
