//! The rules that hold for one handle and one thread.

use super::Checks;
use super::specimen::{STAGES, crowded, next, scope, specimen};
use crate::journal::{Duplicates, Entry, Journal, JournalError, Recorded, Stage};

type Make<'a> = dyn FnMut() -> Box<dyn Journal> + 'a;

pub(super) fn all(checks: &mut Checks, make: &mut Make) -> Result<(), String> {
    absent(checks, &*make())?;
    versions(checks, &*make())?;
    misuse(checks, &*make())?;
    removal(checks, &*make())?;
    a_second_life(checks, &*make())?;
    order(checks, &*make())?;
    scopes(checks, &*make())?;
    round_trips(checks, &*make())?;
    checks.that(
        make().list(&scope("default")) == Ok(Vec::new()),
        "a new journal is not empty",
    )
}

fn boxed(entry: &Entry) -> Option<Box<Entry>> {
    Some(Box::new(entry.clone()))
}

fn absent(checks: &mut Checks, journal: &dyn Journal) -> Result<(), String> {
    let first = specimen("r-1");
    checks.same("an absent entry is read", journal.get(&first.key), Ok(None))?;
    checks.same(
        "an empty scope is listed",
        journal.list(&first.key.scope),
        Ok(Vec::new()),
    )?;
    checks.same(
        "an absent entry is removed",
        journal.remove(&first.key, 1),
        Ok(false),
    )?;
    checks.same(
        "an absent entry is removed at version 0",
        journal.remove(&first.key, 0),
        Ok(false),
    )?;
    let second = next(&first);
    let over_nothing = journal.record(&second, 1, Duplicates::Allow);
    checks.same(
        "a second version is written over nothing",
        over_nothing,
        Ok(Recorded::Conflict(None)),
    )?;
    let last = Entry {
        seq: u64::MAX,
        ..first.clone()
    };
    let over_nothing = journal.record(&last, u64::MAX - 1, Duplicates::Allow);
    checks.same(
        "the last version is written over nothing",
        over_nothing,
        Ok(Recorded::Conflict(None)),
    )?;
    checks.same("none of these wrote anything", journal.get(&first.key), Ok(None))
}

fn versions(checks: &mut Checks, journal: &dyn Journal) -> Result<(), String> {
    let first = specimen("r-1");
    let mut second = next(&first);
    (second.stage, second.id) = (Stage::Draft, Some("65ef".into()));
    checks.same(
        "a first version",
        journal.record(&first, 0, Duplicates::Refuse),
        Ok(Recorded::Written),
    )?;
    checks.same("is read", journal.get(&first.key), Ok(Some(first.clone())))?;
    let again = journal.record(&first, 0, Duplicates::Refuse);
    checks.same(
        "a first version again",
        again,
        Ok(Recorded::Conflict(boxed(&first))),
    )?;
    checks.same(
        "a second version",
        journal.record(&second, 1, Duplicates::Refuse),
        Ok(Recorded::Written),
    )?;
    checks.same("is read", journal.get(&first.key), Ok(Some(second.clone())))?;
    let mut rival = next(&first);
    rival.stage = Stage::Abandoned;
    let late = journal.record(&rival, 1, Duplicates::Allow);
    checks.same(
        "a rival's second version",
        late,
        Ok(Recorded::Conflict(boxed(&second))),
    )?;
    let mut ahead = next(&next(&second));
    ahead.stage = Stage::Abandoned;
    let early = journal.record(&ahead, 3, Duplicates::Allow);
    checks.same(
        "a version ahead of its time",
        early,
        Ok(Recorded::Conflict(boxed(&second))),
    )?;
    let anew = journal.record(&first, 0, Duplicates::Allow);
    checks.same(
        "a first version over a second",
        anew,
        Ok(Recorded::Conflict(boxed(&second))),
    )?;
    checks.same(
        "the second version stands",
        journal.get(&first.key),
        Ok(Some(second.clone())),
    )?;
    checks.same(
        "one entry is listed",
        journal.list(&first.key.scope),
        Ok(vec![second]),
    )
}

fn misuse(checks: &mut Checks, journal: &dyn Journal) -> Result<(), String> {
    for (seq, expect_seq) in [
        (0, 0),
        (2, 0),
        (1, 1),
        (3, 1),
        (0, u64::MAX),
        (u64::MAX, u64::MAX),
    ] {
        let entry = Entry {
            seq,
            ..specimen("r-1")
        };
        let recorded = journal.record(&entry, expect_seq, Duplicates::Allow);
        let refused = matches!(recorded, Err(JournalError::Misuse { .. }));
        checks.that(
            refused,
            format_args!("version {seq} over {expect_seq} was not misuse: {recorded:?}"),
        )?;
    }
    checks.same(
        "misuse writes nothing",
        journal.list(&scope("default")),
        Ok(Vec::new()),
    )
}

fn removal(checks: &mut Checks, journal: &dyn Journal) -> Result<(), String> {
    let (first, other) = (specimen("r-1"), specimen("r-2"));
    let second = next(&first);
    for (entry, expect_seq) in [(&first, 0), (&other, 0), (&second, 1)] {
        checks.same(
            "written",
            journal.record(entry, expect_seq, Duplicates::Allow),
            Ok(Recorded::Written),
        )?;
    }
    for stale in [0, 1, 3, u64::MAX] {
        checks.same(
            "removed at another version",
            journal.remove(&first.key, stale),
            Ok(false),
        )?;
    }
    checks.same(
        "a stale removal removes nothing",
        journal.get(&first.key),
        Ok(Some(second)),
    )?;
    checks.same("removed", journal.remove(&first.key, 2), Ok(true))?;
    checks.same("a removed entry is gone", journal.get(&first.key), Ok(None))?;
    checks.same("removed twice", journal.remove(&first.key, 2), Ok(false))?;
    checks.same("the other stays", journal.list(&first.key.scope), Ok(vec![other]))
}

/// Versions begin at 1 again after a removal: somebody who still holds the old entry must not write over the new one.
fn a_second_life(checks: &mut Checks, journal: &dyn Journal) -> Result<(), String> {
    let old = specimen("r-1");
    let new = Entry {
        created_at: old.created_at + 1,
        ..old.clone()
    };
    checks.same(
        "written",
        journal.record(&old, 0, Duplicates::Allow),
        Ok(Recorded::Written),
    )?;
    checks.same("removed", journal.remove(&old.key, 1), Ok(true))?;
    checks.same(
        "begun again",
        journal.record(&new, 0, Duplicates::Allow),
        Ok(Recorded::Written),
    )?;
    let stale = journal.record(&next(&old), 1, Duplicates::Allow);
    checks.same(
        "a version of the old life",
        stale,
        Ok(Recorded::Conflict(boxed(&new))),
    )?;
    let going_on = journal.record(&next(&new), 1, Duplicates::Allow);
    checks.same("a version of the new life", going_on, Ok(Recorded::Written))
}

fn order(checks: &mut Checks, journal: &dyn Journal) -> Result<(), String> {
    let at = |reference: &str, created_at| Entry {
        created_at,
        ..specimen(reference)
    };
    let written = [
        at("c", 5),
        at("b", u64::MAX),
        at("a", 7),
        at("Z", 7),
        at("d", 0),
        at("e", 1 << 63),
    ];
    for entry in &written {
        checks.same(
            "written",
            journal.record(entry, 0, Duplicates::Allow),
            Ok(Recorded::Written),
        )?;
    }
    // A later version does not change an entry's place.
    let oldest = next(&at("d", 0));
    checks.same(
        "written",
        journal.record(&oldest, 1, Duplicates::Allow),
        Ok(Recorded::Written),
    )?;
    let listed = journal
        .list(&scope("default"))
        .map_err(|error| error.to_string())?;
    let listed: Vec<&str> = listed.iter().map(|entry| entry.key.reference.as_str()).collect();
    checks.same(
        "oldest first, then by reference",
        listed,
        vec!["d", "c", "Z", "a", "e", "b"],
    )
}

fn scopes(checks: &mut Checks, journal: &dyn Journal) -> Result<(), String> {
    let mut scopes = vec![
        scope("default"),
        scope("Default"),
        scope("default "),
        scope(""),
        scope("città"),
        scope("100%"),
    ];
    let mut elsewhere = scope("default");
    elsewhere.origin = "http://127.0.0.1:8080".into();
    let mut another = scope("default");
    another.provider = "docuengine".into();
    scopes.extend([elsewhere, another]);
    let in_scope = |index: usize| {
        let mut entry = specimen("same");
        entry.key.scope = scopes.get(index).cloned().unwrap_or_else(|| scope("default"));
        entry.duplicate_mark = Some("mark".into());
        entry.service_name = format!("service {index}");
        entry
    };
    for index in 0..scopes.len() {
        let entry = in_scope(index);
        checks.same("absent in its scope", journal.get(&entry.key), Ok(None))?;
        // The same mark in another scope is no duplicate.
        checks.same(
            "written",
            journal.record(&entry, 0, Duplicates::Refuse),
            Ok(Recorded::Written),
        )?;
    }
    for index in 0..scopes.len() {
        let entry = in_scope(index);
        checks.same(
            "read in its scope",
            journal.get(&entry.key),
            Ok(Some(entry.clone())),
        )?;
        checks.same(
            "alone in its scope",
            journal.list(&entry.key.scope),
            Ok(vec![entry.clone()]),
        )?;
    }
    let first = in_scope(0);
    checks.same("removed from one scope", journal.remove(&first.key, 1), Ok(true))?;
    let second = in_scope(1);
    checks.same(
        "it stays in the other",
        journal.get(&second.key),
        Ok(Some(second.clone())),
    )
}

fn round_trips(checks: &mut Checks, journal: &dyn Journal) -> Result<(), String> {
    let mut entries = vec![crowded("a"), crowded(&"x".repeat(64)), crowded("A.b_c-9")];
    for (index, stage) in STAGES.into_iter().enumerate() {
        entries.push(Entry {
            stage,
            duplicate_mark: None,
            ..crowded(&format!("stage-{index}"))
        });
    }
    for entry in &entries {
        let recorded = journal.record(entry, 0, Duplicates::Allow);
        checks.same("a crowded entry is written", recorded, Ok(Recorded::Written))?;
        checks.same(
            "a crowded entry comes back whole",
            journal.get(&entry.key),
            Ok(Some(entry.clone())),
        )?;
    }
    entries.sort_by(|a, b| a.key.reference.cmp(&b.key.reference));
    checks.same(
        "crowded entries are listed whole",
        journal.list(&scope("default")),
        Ok(entries.clone()),
    )?;
    for entry in &entries {
        // From crowded to bare: nothing of the old version may shine through.
        let mut bare = next(&specimen(&entry.key.reference));
        bare.created_at = entry.created_at;
        checks.same(
            "a bare version",
            journal.record(&bare, 1, Duplicates::Allow),
            Ok(Recorded::Written),
        )?;
        checks.same(
            "a bare version comes back bare",
            journal.get(&bare.key),
            Ok(Some(bare.clone())),
        )?;
    }
    Ok(())
}
