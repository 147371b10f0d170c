//! Entries and a whole file as earlier versions wrote them: what was journalled once must stay readable.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]
#![cfg(feature = "sqlite")]

use serde_json::Value;
use sportello::journal::{Entry, EntryKey, Journal, Purchase, PurchaseKind, SqliteJournal, Stage};

fn vectors() -> Vec<Value> {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/journal/entries.json")).unwrap();
    vectors["entries"].as_array().unwrap().clone()
}

fn shown(purchase: &Purchase) -> String {
    let kind = match purchase.kind {
        PurchaseKind::Submit => "submit".to_owned(),
        PurchaseKind::Choice => "choice".to_owned(),
        PurchaseKind::Search(number) => format!("search {number}"),
    };
    let state = serde_json::to_value(purchase.state).unwrap();
    format!("{kind} {} {}", state.as_str().unwrap(), purchase.price)
}

#[test]
fn entries_are_read_as_they_were_meant_and_written_as_they_were_read() {
    let mut exact = 0;
    for vector in vectors() {
        let (why, reads) = (&vector["why"], &vector["reads"]);
        let entry: Entry =
            serde_json::from_value(vector["body"].clone()).unwrap_or_else(|error| panic!("{why}: {error}"));
        assert_eq!(entry.stage.as_str(), reads["stage"], "{why}");
        assert_eq!(entry.stage.is_live(), reads["live"].as_bool().unwrap(), "{why}");
        let purchases: Vec<Value> = entry
            .purchases
            .iter()
            .map(|purchase| shown(purchase).into())
            .collect();
        assert_eq!(&Value::from(purchases), &reads["purchases"], "{why}");
        if vector["exact"].as_bool().unwrap() {
            assert_eq!(serde_json::to_value(&entry).unwrap(), vector["body"], "{why}");
            exact += 1;
        }
    }
    assert_eq!((vectors().len(), exact), (13, 11));
}

#[test]
fn what_an_early_entry_lacks_has_a_meaning() {
    let vectors = vectors();
    let early = vectors
        .iter()
        .find(|vector| vector["body"]["key"]["reference"] == "early-1")
        .unwrap();
    let entry: Entry = serde_json::from_value(early["body"].clone()).unwrap();
    assert_eq!(entry.purchase(PurchaseKind::Submit).unwrap().timeout_ms, 0);
}

#[test]
fn every_stage_is_among_the_vectors_under_its_name() {
    let all = [
        Stage::Intent,
        Stage::Draft,
        Stage::Committing,
        Stage::Refused,
        Stage::Committed,
        Stage::Delivered,
        Stage::Cancelled,
        Stage::NeedsPerson,
        Stage::Abandoned,
    ];
    let vectors = vectors();
    for stage in all {
        assert_eq!(serde_json::to_value(stage).unwrap(), stage.as_str());
        assert!(
            vectors
                .iter()
                .any(|vector| vector["body"]["stage"] == stage.as_str()),
            "{stage:?}"
        );
    }
}

/// A file of format 1 with the exact entries of the vectors, as the first version left it.
#[test]
fn a_file_of_the_first_format_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.sqlite");
    std::fs::write(&file, include_bytes!("../vectors/journal/format-1.sqlite")).unwrap();
    let journal = SqliteJournal::open(&file).unwrap();
    assert!(journal.damaged().is_empty());
    let expected: Vec<Entry> = vectors()
        .into_iter()
        .filter(|vector| vector["exact"].as_bool().unwrap())
        .map(|vector| serde_json::from_value(vector["body"].clone()).unwrap())
        .collect();
    for entry in &expected {
        assert_eq!(journal.get(&entry.key).unwrap().as_ref(), Some(entry));
    }
    let listed = journal.list(&expected[0].key.scope).unwrap();
    let by_age = |entry: &Entry| -> (u64, EntryKey) { (entry.created_at, entry.key.clone()) };
    let mut expected = expected;
    expected.sort_by_key(by_age);
    assert_eq!(listed, expected);
}
