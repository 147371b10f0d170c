//! Entries for the tests of the journal.

#![allow(dead_code, reason = "each test program uses a part")]

use sportello::journal::{
    Duplicates, Entry, EntryKey, Journal, Purchase, PurchaseKind, PurchaseState, Recorded, Scope, Stage,
};
use sportello::model::Money;

/// A first version.
pub(crate) fn entry(reference: &str) -> Entry {
    version(reference, 1)
}

/// The given version: everything in it follows from reference and version, so that a mixture of two is noticed.
pub(crate) fn version(reference: &str, seq: u64) -> Entry {
    let scope = Scope {
        provider: "visengine".into(),
        origin: "https://visengine2.altravia.com".into(),
        account: "default".into(),
    };
    let stages = [Stage::Intent, Stage::Draft, Stage::Committing, Stage::Refused];
    let stage = stages[usize::try_from((seq - 1) % 4).unwrap()];
    let purchase = Purchase {
        kind: PurchaseKind::Submit,
        state: PurchaseState::Sending,
        id: format!("id-{reference}-{seq}"),
        price: Money::from_cents(1900),
        intended_at: seq,
        sent_at: seq,
        timeout_ms: 120_000,
        sends: 1,
        ambiguous: false,
        refused_with: None,
        result: None,
        searches_before: None,
        digest: None,
    };
    Entry {
        key: EntryKey {
            scope,
            reference: reference.into(),
        },
        seq,
        service_id: "6214b3ec9b6b3b5b3b5b3b5b".into(),
        service_name: format!("Assegno Unico {seq}"),
        key_id: "8adc89f9".into(),
        digest: format!("{seq:064x}"),
        duplicate_mark: None,
        stage,
        id: (seq > 1).then(|| format!("id-{reference}-{seq}")),
        // Long enough that an entry takes a page or two.
        filled: (0..seq % 40)
            .map(|field| (format!("${field}"), format!("{:064x}", seq * 100 + field)))
            .collect(),
        purchases: if stage == Stage::Committing {
            vec![purchase]
        } else {
            Vec::new()
        },
        options: Vec::new(),
        files: Vec::new(),
        created_at: 1_767_225_600_000,
        updated_at: 1_767_225_600_000 + seq,
    }
}

/// Writes a version over the one before it.
pub(crate) fn write(journal: &dyn Journal, entry: &Entry) {
    assert_eq!(
        journal.record(entry, entry.seq - 1, Duplicates::Allow),
        Ok(Recorded::Written)
    );
}
