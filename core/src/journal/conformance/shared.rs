//! What must hold between several handles of one journal, and after it was closed and opened again.

use super::specimen::{crowded, next, scope, specimen};
use super::{Checks, race};
use crate::journal::{Duplicates, Entry, Journal, Recorded};

type Open<'a> = dyn FnMut() -> Box<dyn Journal> + 'a;

pub(super) fn all(checks: &mut Checks, open: &mut Open) -> Result<(), String> {
    seen_at_once(checks, open)?;
    kept_when_closed(checks, open)?;
    let handles: Vec<Box<dyn Journal>> = (0..race::RIVALS).map(|_| open()).collect();
    let handles: Vec<&dyn Journal> = handles.iter().map(|handle| &**handle).collect();
    race::between(checks, &handles)
}

fn seen_at_once(checks: &mut Checks, open: &mut Open) -> Result<(), String> {
    let (one, two) = (open(), open());
    checks.same(
        "the journal begins empty",
        one.list(&scope("default")),
        Ok(Vec::new()),
    )?;
    let first = Entry {
        duplicate_mark: Some("m".into()),
        ..crowded("shared")
    };
    checks.same(
        "one writes",
        one.record(&first, 0, Duplicates::Refuse),
        Ok(Recorded::Written),
    )?;
    checks.same("the other reads it", two.get(&first.key), Ok(Some(first.clone())))?;
    let second = next(&first);
    checks.same(
        "the other moves it on",
        two.record(&second, 1, Duplicates::Allow),
        Ok(Recorded::Written),
    )?;
    let standing = Ok(Recorded::Conflict(Some(Box::new(second.clone()))));
    checks.same(
        "the first is too late",
        one.record(&second, 1, Duplicates::Allow),
        standing,
    )?;
    let duplicate = Entry {
        duplicate_mark: Some("m".into()),
        ..specimen("another")
    };
    let refused = Ok(Recorded::Duplicate {
        reference: "shared".into(),
    });
    checks.same(
        "marks are shared",
        one.record(&duplicate, 0, Duplicates::Refuse),
        refused,
    )?;
    checks.same("one removes it", one.remove(&second.key, 2), Ok(true))?;
    checks.same("it is gone for the other", two.get(&second.key), Ok(None))
}

fn kept_when_closed(checks: &mut Checks, open: &mut Open) -> Result<(), String> {
    let first = crowded("kept");
    let mut standing = first.clone();
    checks.same(
        "written",
        open().record(&first, 0, Duplicates::Allow),
        Ok(Recorded::Written),
    )?;
    for _ in 0..5 {
        // A handle for each step: what it was told stays true after it was closed.
        let journal = open();
        checks.same(
            "kept when closed",
            journal.get(&first.key),
            Ok(Some(standing.clone())),
        )?;
        let moved = next(&standing);
        let recorded = journal.record(&moved, standing.seq, Duplicates::Allow);
        checks.same("moved on by a new handle", recorded, Ok(Recorded::Written))?;
        standing = moved;
    }
    checks.same(
        "removed by a new handle",
        open().remove(&first.key, standing.seq),
        Ok(true),
    )?;
    checks.same("gone when closed", open().get(&first.key), Ok(None))
}
