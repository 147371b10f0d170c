//! The lists of other validators: what they call right and wrong, what ours says, and why where they differ.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use serde_json::{Value, json};
use sportello::check::Phone;
use sportello::{Severity, check_value};

#[test]
fn every_difference_from_the_peers_has_a_reason() {
    let (mut count, mut differences) = (0, 0);
    for text in [
        include_str!("../vectors/peers/codice_fiscale.json"),
        include_str!("../vectors/peers/partita_iva.json"),
        include_str!("../vectors/peers/email.json"),
        include_str!("../vectors/peers/phone.json"),
    ] {
        let file: Value = serde_json::from_str(text).unwrap();
        for case in file["cases"].as_array().unwrap() {
            let input = case["input"].as_str().unwrap();
            let findings = check_value(case["kind"].as_str().unwrap(), input).unwrap();
            let ours = if findings.iter().any(|finding| finding.severity == Severity::Error) {
                "wrong"
            } else if findings.is_empty() {
                "right"
            } else {
                "warning"
            };
            let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
            assert_eq!(
                json!([ours, codes]),
                json!([case["ours"], case["codes"]]),
                "{input:?}"
            );
            // A phone number is never more than a warning, so that is what "wrong" comes to there.
            let differs = (case["theirs"] == "right") != (ours == "right");
            assert_eq!(
                differs,
                case["why"].is_string(),
                "{input:?}: a difference and its reason go together"
            );
            if ours == "right" && case["kind"] == "phone" {
                assert!(
                    Phone::parse(input).is_some_and(|phone| phone.e164().starts_with('+')),
                    "{input}"
                );
            }
            differences += usize::from(differs);
            count += 1;
        }
    }
    println!("{count} cases of peers, {differences} judged otherwise");
    assert!(count > 850);
}

/// libphonenumber writes its example numbers with blanks; what is given back are the same digits.
#[test]
fn numbers_are_given_back_in_e164() {
    let file: Value = serde_json::from_str(include_str!("../vectors/peers/phone.json")).unwrap();
    let examples = file["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["peer"] == "phonenumbers");
    let mut count = 0;
    for case in examples.filter(|case| case["ours"] == "right") {
        let input = case["input"].as_str().unwrap();
        let digits: String = input.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(Phone::parse(input).unwrap().e164(), format!("+{digits}"));
        count += 1;
    }
    assert!(count > 450, "{count}");
}
