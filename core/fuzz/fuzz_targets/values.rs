//! A value of any text against every kind: a verdict, a position within it, a correction that is right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello::check::Phone;
use sportello::{CodiceFiscale, Lang, Severity, check_value};

const KINDS: [&str; 12] = [
    "text",
    "email",
    "denominazione",
    "codice_fiscale_persona",
    "codice_fiscale",
    "partita_iva",
    "municipality",
    "province",
    "rea",
    "cciaa",
    "date",
    "phone",
];

fuzz_target!(|value: &str| {
    let length = value.chars().count();
    for kind in KINDS {
        let Ok(findings) = check_value(kind, value) else {
            panic!("{kind}")
        };
        for finding in &findings {
            assert!(
                finding.position.is_none_or(|at| (at as usize) < length),
                "{kind} {finding:?}"
            );
            assert!(!finding.text(Lang::De).contains('{'));
            if let Some(correction) = &finding.correction {
                let again = check_value(kind, correction).unwrap_or_default();
                assert!(
                    again.iter().all(|finding| finding.severity != Severity::Error),
                    "{kind}"
                );
            }
        }
    }
    if let Ok(code) = CodiceFiscale::parse(value) {
        assert_eq!(code.as_str(), value);
        assert!(code.variants().any(|spelling| spelling == code));
        assert!(!code.birth_dates().is_empty());
    }
    if let Some(phone) = Phone::parse(value) {
        assert_eq!(Phone::parse(phone.e164()), Some(phone));
    }
});
