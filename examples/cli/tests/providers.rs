//! The same command with the other provider, the account's credentials, and what the journal says afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod support;

use std::path::Path;

use serde_json::Value;
use support::*;

const STATUTO: &str = "examples/data/statuto.json";

#[test]
fn the_readme_command_with_docuengine_ends_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let (code, text, errors) = run(&[
        "--simulator",
        "--provider",
        "docuengine",
        "apply",
        "Statuto",
        "--answers",
        STATUTO,
        "--out",
        out,
    ]);
    assert_eq!(code, 0, "{text}{errors}");
    for words in [
        "RECEIPT  Statuto",
        "4.90 EUR net + 1.08 EUR VAT = 5.98 EUR",
        "charged    yes",
        "What happens next",
        "1 charge, 4.90 EUR",
    ] {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1);
}

#[test]
fn a_service_of_the_other_provider_is_said_to_be_there() {
    let (code, _, errors) = run(&["--simulator", "--provider", "docuengine", "form", "assegno-unico"]);
    assert_eq!(code, 3);
    assert!(
        errors.contains("`visengine`") && errors.contains("service.elsewhere"),
        "{errors}"
    );
}

/// Arguments for a simulator that runs already and a journal on disk, and then these.
fn with<'a>(simulator: &'a Running, journal: &'a Path, rest: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "--simulator",
        "--base-url",
        &simulator.url,
        "--journal",
        journal.to_str().unwrap(),
        "--provider",
        "docuengine",
    ];
    arguments.extend(rest);
    arguments
}

#[test]
fn the_journal_is_looked_through_and_compared_with_the_charges() {
    let simulator = Running::start();
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.db");
    let submit = ["submit", "Statuto", "--answers", STATUTO, "--reference", "doctor"];
    let (code, _, errors) = run(&with(&simulator, &journal, &submit));
    assert_eq!(code, 0, "{errors}");
    let (code, text, errors) = run(&with(&simulator, &journal, &["watch", "doctor"]));
    assert_eq!(code, 0, "{errors}");
    assert!(
        text.contains("expected by") || text.contains("documents ready"),
        "{text}"
    );

    // Ready and not fetched: said by both, and fetched by `resume --out`.
    let (code, text, _) = run(&with(&simulator, &journal, &["journal", "doctor"]));
    assert!(code == 0 && text.contains("READY and not fetched"), "{text}");
    let out = folder.path().join("documents");
    let resume = ["resume", "--out", out.to_str().unwrap()];
    let (code, text, _) = run(&with(&simulator, &journal, &resume));
    assert!(code == 0 && text.contains("is fetched now"), "{text}");
    assert_eq!(std::fs::read_dir(out.join("doctor")).unwrap().count(), 1);

    let reconcile = ["journal", "doctor", "--reconcile"];
    let (code, text, errors) = run(&with(&simulator, &journal, &reconcile));
    assert_eq!(code, 0, "{errors}");
    assert!(text.contains("1 reference; to be looked at: 0"), "{text}");
    assert!(
        text.contains("1 purchase, 0 not as the charges say; 0 charges unexplained"),
        "{text}"
    );
    let json = ["--json", "journal", "doctor", "--reconcile"];
    let (_, text, _) = run(&with(&simulator, &journal, &json));
    let said: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(said["reconciliation"]["purchases"][0]["finding"], "charged");
    assert_eq!(simulator.charges(), 1);
}

#[test]
fn the_account_is_read_from_a_file_and_shown_nowhere() {
    let simulator = Running::start();
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.db");
    let file = folder.path().join("account");
    std::fs::write(&file, "cassa@caf.example\nwrong-key-canary\n").unwrap();
    let quote = ["--credentials-file", file.to_str().unwrap(), "quote", "Statuto"];
    let (code, text, errors) = run(&with(&simulator, &journal, &quote));
    assert_eq!(code, 4, "{errors}");
    assert!(errors.contains("auth.credentials_rejected"), "{errors}");
    assert!(!format!("{text}{errors}").contains("canary"));
    std::fs::write(&file, "one line only").unwrap();
    let (code, _, errors) = run(&with(&simulator, &journal, &quote));
    assert!(code == 2 && errors.contains("two lines"), "{errors}");
    // With the right one the credit is told, and a token that is given instead can't ask for it.
    let (code, text, _) = run(&with(&simulator, &journal, &["quote", "Statuto"]));
    assert!(code == 0 && text.contains("the account holds"), "{text}");
    let mut bare = sportello(&with(&simulator, &journal, &["quote", "Statuto"]));
    let (code, text, _) = shown(bare.env("SPORTELLO_TOKEN", &simulator.token).output().unwrap());
    assert!(code == 0 && !text.contains("the account holds"), "{text}");
}

#[test]
fn the_same_through_a_relay_ends_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let answers = "examples/data/assegno-unico.json";
    let mut arguments = vec!["--simulator", "--provider", "relay", "apply", "assegno-unico"];
    arguments.extend(["--answers", answers, "--out", out]);
    let (code, text, errors) = run(&arguments);
    assert_eq!(code, 0, "{text}{errors}");
    assert!(
        text.contains("1 charge, 19.00 EUR") && text.contains("charged    yes"),
        "{text}"
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        2,
        "the ZIP and its PDF"
    );
    // Nothing can be listed there.
    let (code, _, errors) = run(&["--simulator", "--provider", "relay", "submissions"]);
    assert!(code != 0 && errors.contains("submissions.not_listed"), "{errors}");
}
