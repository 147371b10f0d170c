//! A service's description of any JSON: refused, or a form that can be checked, corrected and described.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello::{Answers, Lang, Service};

fuzz_target!(|text: &str| {
    let Ok(service) = Service::from_json(text) else {
        return;
    };
    let mut answers = Answers::new();
    for (index, field) in service.form.fields.iter().enumerate() {
        let typed = [
            "PRVRSL90E52H501A",
            "a@b.it",
            "01-02-2024",
            " ",
            "Prova",
            "+39 333 1234567",
        ];
        answers.set(field.key.clone(), typed[index % typed.len()]);
    }
    let report = service.form.check(&answers);
    for finding in &report.findings {
        assert!(Lang::ALL.iter().all(|lang| !finding.text(*lang).is_empty()));
    }
    let _ = report.corrected(&service.form, &answers);
    let schema = service.form.to_json_schema(Lang::It);
    assert_eq!(
        schema["properties"].as_object().map(serde_json::Map::len),
        Some(service.form.fields.len())
    );
    let _ = (
        service.instructions().plain_text(),
        service.instructions().delegation_form(),
    );
});
