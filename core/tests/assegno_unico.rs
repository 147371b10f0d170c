//! The flagship convenience maps itself onto whatever the fetched form looks like, and fails clearly where it can't.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use serde_json::{Value, json};
use sportello::{AssegnoUnico, Attachment, Service};

fn application(mandate: bool) -> AssegnoUnico {
    let pdf = |name: &str| Attachment::from_bytes(name, "application/pdf", b"%PDF-1.7\n%%EOF\n".to_vec());
    AssegnoUnico {
        given_name: "Rosalia".into(),
        family_name: "Prova".into(),
        email: "rosalia.prova@example.org".into(),
        mobile: "333 1234567".into(),
        codice_fiscale: "PRVRSL90E52H501A".into(),
        identity_document: pdf("identity.pdf"),
        codice_fiscale_card: pdf("card.pdf"),
        mandate: mandate.then(|| pdf("mandate.pdf")),
    }
}

fn service(fields: &[(&str, &str, &str)], rule: &str) -> Service {
    let campi: serde_json::Map<String, Value> = fields
        .iter()
        .map(|(key, label, kind)| {
            (
                (*key).to_owned(),
                json!({ "nome": label, "tipo": kind, "null": false }),
            )
        })
        .collect();
    let service = json!({ "hash_visura": "x", "nome_visura": "X", "prezzo_visura": 19, "json_struttura": { "campi": campi, "validazione": rule } });
    Service::from_json(&service.to_string()).expect("a service")
}

const PUBLISHED: &[(&str, &str, &str)] = &[
    ("$0", "Nome", "testo"),
    ("$1", "COGNOME", "testo"),
    ("$2", "Email", "email"),
    ("$3", "CELLULARE", "testo"),
    ("$4", "CODICE FISCALE", "codice_fiscale_persona_fisica"),
    ("$5", "DOCUMENTO DI IDENTITÀ FRONTE E RETRO", "file"),
    ("$6", "TESSERA CODICE FISCALE FRONTE E RETRO", "file"),
    ("$7", "MANDATO DI ASSISTENZA E RAPPRESENTANZA", "file"),
];

fn value<'a>(service: &Service, answers: &'a sportello::Answers, label: &str) -> Option<&'a str> {
    answers
        .get(&service.form.field(label).expect("a field").key)
        .and_then(|answer| answer.as_text())
}

#[test]
fn the_published_form_is_filled_and_checks() {
    let service = service(PUBLISHED, "");
    let answers = application(true).answers(&service.form).unwrap();
    assert_eq!(value(&service, &answers, "nome"), Some("Rosalia"));
    assert_eq!(value(&service, &answers, "cognome"), Some("Prova"));
    let report = service.form.check(&answers);
    assert!(report.findings.is_empty(), "{report:?}");
}

#[test]
fn keys_order_case_and_language_do_not_matter() {
    let english = [
        ("$9", "Power of attorney (delega)", "file"),
        ("$3", "Identity document, front and back", "file"),
        ("$8", "Tax code card", "file"),
        ("$1", "Personal tax code", "personal_tax_code"),
        ("$0", "E-mail", "email"),
        ("$5", "Mobile phone", "text"),
        ("$4", "Name", "text"),
        ("$2", "Surname", "text"),
    ];
    let service = service(&english, "$0 && $1 && $2 && $3 && $4 && $5 && $8");
    let answers = application(false).answers(&service.form).unwrap();
    assert_eq!(value(&service, &answers, "Name"), Some("Rosalia"));
    assert_eq!(value(&service, &answers, "Surname"), Some("Prova"));
    assert_eq!(value(&service, &answers, "Mobile phone"), Some("333 1234567"));
    assert!(answers.get("$9").is_none());
    assert!(service.form.check(&answers).is_ok());
}

#[test]
fn what_can_not_be_mapped_is_said() {
    let without: Vec<_> = PUBLISHED
        .iter()
        .filter(|field| field.0 != "$3")
        .copied()
        .collect();
    let error = application(true)
        .answers(&service(&without, "").form)
        .unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().contains("mobile number")),
        ("form.no_field", true)
    );

    let mut twice = PUBLISHED.to_vec();
    twice.push(("$8", "Secondo cellulare", "testo"));
    let error = application(true).answers(&service(&twice, "").form).unwrap_err();
    assert!(
        error.code() == "form.several_fields" && error.to_string().contains("$3, $8"),
        "{error}"
    );

    let mut more = PUBLISHED.to_vec();
    more.push(("$8", "IBAN", "testo"));
    let error = application(true).answers(&service(&more, "").form).unwrap_err();
    assert!(
        error.code() == "form.also_requires" && error.to_string().contains("$8"),
        "{error}"
    );
}

#[test]
fn a_mandate_that_is_required_and_not_given_is_a_finding() {
    let service = service(PUBLISHED, "$0 && $7");
    let answers = application(false).answers(&service.form).unwrap();
    let report = service.form.check(&answers);
    let codes: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (finding.field.as_deref(), finding.code.as_str()))
        .collect();
    assert_eq!(codes, [(Some("$7"), "required.missing")]);
}

#[test]
fn nothing_of_it_is_printed() {
    let printed = format!(
        "{:?} {:?}",
        application(true),
        application(true).answers(&service(PUBLISHED, "").form)
    );
    for secret in ["Rosalia", "Prova", "333", "PRVRSL", "example.org", "identity.pdf"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
