//! `vectors/errors.json` lists every code, and the code has every listed one: a program in any language can rely on the list.
#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sportello::client::transport::TransportError;
use sportello::journal::JournalError;
use sportello::model::MappingError;
use sportello::{ErrorCode, FindingCode, SchemaError, SportelloError};

fn listed() -> Value {
    serde_json::from_str(include_str!("../vectors/errors.json")).unwrap()
}

#[test]
fn the_client_s_codes_are_listed_with_their_text_and_whether_to_try_again() {
    let codes: Vec<Value> = (ErrorCode::ALL.iter())
        .map(|code| json!({ "code": code.as_str(), "retryable": code.is_retryable(), "text": code.text() }))
        .collect();
    assert_eq!(json!(codes), listed()["errors"]);
}

#[test]
fn every_room_s_codes_are_listed() {
    let rooms = [
        ("schema", SchemaError::ALL_CODES),
        ("form", MappingError::ALL_CODES),
        ("journal", JournalError::ALL_CODES),
        ("config", TransportError::ALL_CODES),
        ("codice_fiscale", sportello::check::EncodeError::ALL_CODES),
        ("archive", &sportello::archive::ALL_CODES),
        ("pages", &sportello::pages::ALL_CODES),
    ];
    let listed = listed();
    assert_eq!(listed["rooms"].as_object().unwrap().len(), rooms.len());
    for (room, codes) in rooms {
        assert_eq!(json!(codes), listed["rooms"][room], "{room}");
    }
}

#[test]
fn every_finding_is_listed() {
    let findings: Vec<Value> = (FindingCode::ALL.iter())
        .map(|code| json!({ "code": code.as_str(), "severity": code.severity().as_str() }))
        .collect();
    assert_eq!(json!(findings), listed()["findings"]);
}

#[test]
fn no_code_is_used_twice_and_texts_are_written_alike() {
    let listed = listed();
    let rooms = listed["rooms"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|codes| codes.as_array().unwrap());
    let all: Vec<&str> = (listed["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["code"]))
    .chain(rooms)
    .map(|code| code.as_str().unwrap())
    .collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    for code in ErrorCode::ALL {
        let text = code.text();
        assert!(
            !text.ends_with('.') && text.chars().next().is_some_and(|c| !c.is_uppercase()),
            "{text}"
        );
        let error = SportelloError::new(*code);
        assert_eq!(
            (error.code(), error.to_string()),
            (code.as_str(), text.to_owned())
        );
    }
}
