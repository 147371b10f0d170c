use std::collections::BTreeMap;

use crate::journal::{Entry, EntryKey, FetchedFile, Purchase, PurchaseKind, PurchaseState, Scope, Stage};
use crate::model::Money;

/// Every stage there is.
pub(super) const STAGES: [Stage; 9] = [
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

pub(super) fn scope(account: &str) -> Scope {
    Scope {
        provider: "visengine".into(),
        origin: "https://visengine2.altravia.com".into(),
        account: account.into(),
    }
}

/// A first entry as it is written before anything was sent.
pub(crate) fn specimen(reference: &str) -> Entry {
    Entry {
        key: EntryKey {
            scope: scope("default"),
            reference: reference.into(),
        },
        seq: 1,
        service_id: "6214b3ec9b6b3b5b3b5b3b5b".into(),
        service_name: "Assegno Unico".into(),
        key_id: "8adc89f9".into(),
        digest: "b7".repeat(32),
        duplicate_mark: None,
        stage: Stage::Intent,
        id: None,
        filled: BTreeMap::new(),
        purchases: Vec::new(),
        options: Vec::new(),
        files: Vec::new(),
        created_at: 1_767_225_600_000,
        updated_at: 1_767_225_600_000,
    }
}

/// The next version of an entry.
pub(super) fn next(entry: &Entry) -> Entry {
    let mut next = entry.clone();
    next.seq = entry.seq.saturating_add(1);
    next.updated_at = entry.updated_at.saturating_add(1);
    next
}

/// An entry with something in every field, and in the numbers and texts the worst there is.
pub(super) fn crowded(reference: &str) -> Entry {
    let purchase = |kind, state| Purchase {
        kind,
        state,
        id: "65ef 'é'; DROP TABLE entries;--".into(),
        price: "99999999999.9999".parse().unwrap_or(Money::ZERO),
        intended_at: u64::MAX,
        sent_at: 0,
        timeout_ms: u64::MAX,
        sends: u32::MAX,
        ambiguous: true,
        refused_with: Some(u32::MAX),
        result: Some("65ef/3".into()),
        searches_before: Some(0),
        digest: Some(String::new()),
    };
    let mut plain = purchase(PurchaseKind::Submit, PurchaseState::Paid);
    plain.price = Money::from_cents(1900);
    (plain.ambiguous, plain.refused_with, plain.result) = (false, None, None);
    (plain.searches_before, plain.digest) = (None, None);
    Entry {
        seq: 1,
        service_name: "Città «Però»\u{2028}\"\\ \t\r\n\u{0}\u{1f} 🏛 إيطاليا e\u{301} \u{10ffff}".into(),
        duplicate_mark: Some("0f".repeat(32)),
        stage: Stage::NeedsPerson,
        id: Some(String::new()),
        filled: [("$0", "aa"), ("$10", "bb"), ("", ""), ("ключ", "cc")]
            .map(|(k, v)| (k.into(), v.into()))
            .into(),
        purchases: vec![
            plain,
            purchase(PurchaseKind::Choice, PurchaseState::Refused),
            purchase(PurchaseKind::Search(2), PurchaseState::Sending),
            purchase(PurchaseKind::Search(u32::MAX), PurchaseState::Unknown),
        ],
        options: vec!["raccomandata".into(), String::new(), "raccomandata".into()],
        files: vec![
            FetchedFile {
                name: "ricevuta ✓.zip".into(),
                len: u64::MAX,
                sha256: "00".repeat(32),
                fetched_at: 1,
            },
            FetchedFile {
                name: "../etc".into(),
                len: 0,
                sha256: String::new(),
                fetched_at: u64::MAX,
            },
        ],
        created_at: u64::MAX,
        updated_at: 0,
        ..specimen(reference)
    }
}
