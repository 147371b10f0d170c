//! The command as a person or a script runs it: a process of its own, its output and its exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod support;

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;
use support::*;

const GOOD: &str = "examples/data/assegno-unico.json";
const MISTAKES: &str = "examples/data/assegno-unico-mistakes.json";

#[test]
fn the_readme_command_ends_with_receipt_documents_and_one_charge() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("assegno-unico");
    let (code, text, _) = run(&[
        "--simulator",
        "apply",
        "assegno-unico",
        "--answers",
        GOOD,
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(code, 0, "{text}");
    for words in [
        "RECEIPT  Domanda Assegno Unico",
        "reference  s-",
        "19.00 EUR net + 4.18 EUR VAT = 23.18 EUR",
        "charged    yes",
        "What happens next",
        "1 charge, 19.00 EUR",
    ] {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
    let endings: Vec<String> = std::fs::read_dir(&out)
        .unwrap()
        .map(|file| {
            file.unwrap()
                .path()
                .extension()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert!(
        endings.contains(&"zip".to_owned()) && endings.contains(&"pdf".to_owned()),
        "{endings:?}"
    );
}

#[test]
fn toml_answers_and_json_output() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--simulator",
        "--json",
        "apply",
        "assegno-unico",
        "--answers",
        "examples/data/assegno-unico.toml",
        "--out",
        folder.path().to_str().unwrap(),
    ];
    let (code, text, errors) = run(&arguments);
    assert_eq!(code, 0, "{errors}");
    let receipt: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(receipt["submission"]["stage"], "delivered");
    assert_eq!(receipt["submission"]["charged"], "yes");
    assert_eq!(receipt["quote"]["gross"], "23.18");
    assert!(receipt["delivery"]["documents"][0]["len"].as_u64().unwrap() > 100);
    assert_eq!(receipt["delivery"]["files"].as_array().unwrap().len(), 1);
}

#[test]
fn the_catalogue_the_form_and_the_quote() {
    let (code, text, _) = run(&["--simulator", "services", "--search", "assegno unico"]);
    assert!(
        code == 0 && text.contains("224fcc49770edad354cdd9c480a7e50e  Domanda Assegno Unico"),
        "{text}"
    );
    let (code, text, _) = run(&["--simulator", "--json", "form", "assegno-unico"]);
    let form: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&str> = form["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["key"].as_str().unwrap())
        .collect();
    assert_eq!(
        (code, keys),
        (0, vec!["$0", "$1", "$4", "$3", "$2", "$5", "$6", "$7"])
    );
    assert_eq!(
        form["fields"][7]["required"], false,
        "the mandate is optional because of the rule"
    );
    let (code, text, _) = run(&["--simulator", "quote", "assegno-unico", "--option", "urgenza"]);
    assert!(
        code == 0 && text.contains("23.00 EUR") && text.contains("28.06 EUR"),
        "{text}"
    );
    let (code, _, errors) = run(&["--simulator", "form", "assegno"]);
    assert!(code == 3 && errors.contains("Domanda Assegno Unico"), "{errors}");
}

#[test]
fn findings_are_told_in_the_language_asked_for() {
    for (lang, words) in [
        ("it", "tessera sanitaria"),
        ("en", "health card"),
        ("fr", "carte sanitaire"),
        ("de", "Gesundheitskarte"),
    ] {
        let (code, text, _) = run(&[
            "--simulator",
            "--lang",
            lang,
            "check",
            "assegno-unico",
            "--answers",
            MISTAKES,
        ]);
        assert!(code == 1 && text.contains(words), "{lang}: {text}");
    }
    let (code, text, _) = run(&[
        "--simulator",
        "--json",
        "check",
        "assegno-unico",
        "--answers",
        MISTAKES,
    ]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (
            code,
            report["ok"].as_bool(),
            report["findings"].as_array().unwrap().len()
        ),
        (1, Some(false), 3)
    );
}

#[test]
fn values_are_checked_as_a_stream() {
    let mut child = sportello(&["check-values", "codice_fiscale_persona"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(b"PRVRSL90E52H501A\nprvrsl90e52h501a\r\n\n\xff\xfe\nPRVRSL90E52H501B")
        .unwrap();
    drop(input);
    let (code, text, _) = shown(child.wait_with_output().unwrap());
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let codes: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["valid"].as_bool().unwrap(),
                line["findings"][0]["code"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        codes,
        [
            (true, None),
            (false, Some("codice_fiscale.case")),
            (false, Some("required.missing")),
            (false, Some("codice_fiscale.character")),
            (false, Some("codice_fiscale.check_letter")),
        ]
    );
    assert_eq!(
        (code, lines[4]["findings"][0]["position"].as_u64()),
        (1, Some(15))
    );
    let keys: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert_eq!(run(&["check-values", "iban"]).0, 2);
}

#[test]
fn nothing_is_paid_without_a_confirmed_price_and_a_token_never_comes_from_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.sqlite");
    let journal = journal.to_str().unwrap();
    // No environment, no token: each is asked for by name.
    assert_eq!(run(&["services"]).0, 2);
    let (code, _, errors) = run(&["--environment", "sandbox", "--journal", journal, "services"]);
    assert!(code == 2 && errors.contains("SPORTELLO_TOKEN"), "{errors}");
    assert_eq!(
        run(&["--token", "x", "--simulator", "services"]).0,
        2,
        "there is no such option"
    );
    let simulator = Running::start();
    let base = [
        "--environment",
        "sandbox",
        "--base-url",
        &simulator.url,
        "--journal",
        journal,
    ];
    let submit = ["submit", "assegno-unico", "--answers", GOOD];
    let arguments: Vec<&str> = base.iter().chain(&submit).copied().collect();
    let with_token = |arguments: &[&str]| {
        shown(
            sportello(arguments)
                .env("SPORTELLO_TOKEN", &simulator.token)
                .output()
                .unwrap(),
        )
    };
    let (code, _, errors) = with_token(&arguments);
    assert!(code == 3 && errors.contains("--confirm-price 19.00"), "{errors}");
    let gross: Vec<&str> = arguments
        .iter()
        .chain(&["--confirm-price", "23.18"])
        .copied()
        .collect();
    let (code, _, errors) = with_token(&gross);
    assert!(
        code == 3 && errors.contains("price.is_gross") && errors.contains("charged: no"),
        "{errors}"
    );
    assert_eq!(simulator.charges(), 0);
    let paid: Vec<&str> = arguments
        .iter()
        .chain(&["--confirm-price", "19.00"])
        .copied()
        .collect();
    let (code, text, errors) = with_token(&paid);
    assert!(code == 0 && text.contains("handed in and paid"), "{text}{errors}");
    assert!(
        errors.contains("go on with:") && errors.contains("--reference s-"),
        "{errors}"
    );
    assert!(!format!("{text}{errors}").contains(&simulator.token));
    assert_eq!((with_token(&paid).0, simulator.charges()), (0, 1));
}

#[test]
fn completions_and_the_man_page_are_there() {
    let (code, text, _) = run(&["completions", "bash"]);
    assert!(code == 0 && text.contains("check-values"));
    let (code, text, _) = run(&["man"]);
    assert!(code == 0 && text.contains(".TH sportello"));
    let folder = tempfile::tempdir().unwrap();
    let (code, ..) = run(&["man", "--out", folder.path().to_str().unwrap()]);
    let page = std::fs::read_to_string(folder.path().join("sportello-journal-doctor.1"));
    assert!(code == 0 && page.unwrap().contains("reconcile"));
}

/// Ten submissions, each killed without warning at another moment and then submitted again: one charge each.
#[cfg(unix)]
#[test]
fn ten_kills_in_the_middle_and_each_is_paid_once() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.sqlite");
    let simulator = Running::start();
    let mut killed = 0;
    for round in 0..10u64 {
        let reference = format!("kill-{round}");
        let arguments = [
            "--simulator",
            "--base-url",
            &simulator.url,
            "--journal",
            journal.to_str().unwrap(),
            "--commit-timeout",
            "1",
            "--quiet-margin",
            "1",
            "submit",
            "assegno-unico",
            "--answers",
            GOOD,
            "--reference",
            &reference,
            "--confirm-price",
            "19.00",
            "--allow-duplicate",
        ];
        let mut child = sportello(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From before the first call to well after the last, in even steps.
        std::thread::sleep(std::time::Duration::from_millis(15 + round * 12));
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        let (code, text, errors) = shown(sportello(&arguments).output().unwrap());
        assert_eq!(code, 0, "{reference}: {text}{errors}");
    }
    assert_eq!(simulator.charges(), 10);
    println!("{killed} of 10 were killed before they had ended");
    assert!(killed >= 3, "the kills came too late to prove anything: {killed}");
}

#[test]
fn a_codice_fiscale_is_written_read_and_compared() {
    let rosalia = [
        "--surname",
        "Prova",
        "--name",
        "Rosalia",
        "--sex",
        "F",
        "--birth-date",
        "12-05-1990",
        "--birthplace",
        "roma",
    ];
    let (code, text, _) = run(&[&["codice-fiscale", "encode"], &rosalia[..]].concat());
    assert_eq!((code, text.trim()), (0, "PRVRSL90E52H501A"));
    let (code, text, _) = run(&["--json", "codice-fiscale", "decode", "PRVRSLVLERNHRLMZ"]);
    let decoded: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (
            code,
            decoded["canonical"].as_str(),
            decoded["birth_date"].as_str(),
            decoded["birthplace"]["name"].as_str()
        ),
        (0, Some("PRVRSL90E52H501A"), Some("1990-05-12"), Some("Roma"))
    );
    let (code, text, _) = run(&["codice-fiscale", "variants", "PRVRSL90E52H501A"]);
    assert_eq!((code, text.lines().count()), (0, 128));
    let (code, text, _) = run(&[
        "--json",
        "codice-fiscale",
        "coherence",
        "PRVRSL90E52H501A",
        "--sex",
        "M",
        "--birthplace",
        "Livo (TN)",
    ]);
    let compared: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, compared["disagreeing"].to_string()),
        (0, r#"["sex","birthplace"]"#.to_owned())
    );
    let (code, _, errors) = run(&[
        "codice-fiscale",
        "encode",
        "--surname",
        "Prova",
        "--sex",
        "F",
        "--birth-date",
        "1990-05-12",
        "--birthplace",
        "Livo",
    ]);
    assert!(
        code == 1 && errors.contains("Livo (CO)") && errors.contains("Livo (TN)"),
        "{errors}"
    );
}

#[test]
fn codici_fiscali_pass_as_a_stream() {
    let mut child = sportello(&["codice-fiscale", "encode"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = [
        r#"{"surname":"Prova","name":"Rosalia","sex":"F","birth_date":"1990-05-12","birthplace":"Roma"}"#,
        r#"{"surname":"Muñoz","name":"Ana","sex":"F","birth_date":"1990-05-12","birthplace":"Z131"}"#,
        "not an object",
        r#"{"surname":7}"#,
    ];
    input.write_all(lines.join("\n").as_bytes()).unwrap();
    drop(input);
    let (code, text, _) = shown(child.wait_with_output().unwrap());
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let shown: Vec<_> = answers
        .iter()
        .map(|answer| {
            answer["codice_fiscale"]
                .as_str()
                .or(answer["error"]["code"].as_str())
                .unwrap()
        })
        .collect();
    assert_eq!(
        (code, shown.as_slice()),
        (
            1,
            &[
                "PRVRSL90E52H501A",
                "encode.surname",
                "encode.birth_date",
                "line.not_readable"
            ][..]
        )
    );
}

#[test]
fn findings_speak_the_reader_s_language_beside_the_provider_s_labels() {
    let (code, text, _) = run(&[
        "--simulator",
        "--lang",
        "fr",
        "check",
        "assegno-unico",
        "--answers",
        MISTAKES,
    ]);
    assert_eq!(code, 1);
    assert!(
        text.contains("(codice fiscale) — CODICE FISCALE ($4)") && text.contains("3 réponses à corriger"),
        "{text}"
    );
    // Without answers: what would have to be answered.
    let (code, text, _) = run(&["--simulator", "--lang", "de", "check", "assegno-unico"]);
    assert!(
        code == 1 && text.contains("Vorname — Nome ($0)") && text.contains("7 Angaben zu berichtigen"),
        "{text}"
    );
}
