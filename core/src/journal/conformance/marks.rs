//! When a second live submission for the same service, applicant and period is refused.

use super::Checks;
use super::specimen::{STAGES, next, specimen};
use crate::journal::{Duplicates, Entry, Journal, Recorded, Stage};

type Make<'a> = dyn FnMut() -> Box<dyn Journal> + 'a;

pub(super) fn all(checks: &mut Checks, make: &mut Make) -> Result<(), String> {
    duplicates(checks, &*make())?;
    duplicates_by_stage(checks, make)
}

fn duplicates(checks: &mut Checks, journal: &dyn Journal) -> Result<(), String> {
    let marked = |reference: &str, mark: &str| Entry {
        duplicate_mark: Some(mark.into()),
        ..specimen(reference)
    };
    let written = Ok(Recorded::Written);
    let first = marked("r-1", "m");
    checks.same(
        "the first of a mark",
        journal.record(&first, 0, Duplicates::Refuse),
        written.clone(),
    )?;
    let duplicate = Ok(Recorded::Duplicate {
        reference: "r-1".into(),
    });
    let second = marked("r-2", "m");
    checks.same(
        "a duplicate",
        journal.record(&second, 0, Duplicates::Refuse),
        duplicate.clone(),
    )?;
    checks.same("a duplicate writes nothing", journal.get(&second.key), Ok(None))?;
    let dead = Entry {
        stage: Stage::Abandoned,
        ..second.clone()
    };
    checks.same(
        "a duplicate born dead",
        journal.record(&dead, 0, Duplicates::Refuse),
        duplicate,
    )?;
    let conflict = Ok(Recorded::Conflict(Some(Box::new(first.clone()))));
    checks.same(
        "the same reference",
        journal.record(&first, 0, Duplicates::Refuse),
        conflict,
    )?;
    checks.same(
        "another mark",
        journal.record(&marked("r-3", "M"), 0, Duplicates::Refuse),
        written.clone(),
    )?;
    for reference in ["r-4", "r-5"] {
        let unmarked = journal.record(&specimen(reference), 0, Duplicates::Refuse);
        checks.same("no mark is no duplicate of no mark", unmarked, written.clone())?;
    }
    checks.same(
        "an allowed duplicate",
        journal.record(&second, 0, Duplicates::Allow),
        written.clone(),
    )?;
    let going_on = journal.record(&next(&first), 1, Duplicates::Refuse);
    checks.same(
        "a later version is not held up by a duplicate",
        going_on,
        written.clone(),
    )?;
    checks.same("one of two goes", journal.remove(&first.key, 2), Ok(true))?;
    let third = marked("r-6", "m");
    let refused = Ok(Recorded::Duplicate {
        reference: "r-2".into(),
    });
    checks.same(
        "the other still bars the way",
        journal.record(&third, 0, Duplicates::Refuse),
        refused,
    )?;
    checks.same("both are gone", journal.remove(&second.key, 1), Ok(true))?;
    checks.same(
        "the way is free",
        journal.record(&third, 0, Duplicates::Refuse),
        written.clone(),
    )?;
    // A mark that a later version takes on or gives up counts from then on.
    let unmarked = Entry {
        duplicate_mark: None,
        ..next(&third)
    };
    checks.same(
        "the mark is given up",
        journal.record(&unmarked, 1, Duplicates::Refuse),
        written.clone(),
    )?;
    checks.same(
        "the way is free",
        journal.record(&first, 0, Duplicates::Refuse),
        written,
    )
}

fn duplicates_by_stage(checks: &mut Checks, make: &mut Make) -> Result<(), String> {
    for stage in STAGES {
        let journal = make();
        let first = Entry {
            duplicate_mark: Some("m".into()),
            ..specimen("r-1")
        };
        let moved_on = Entry {
            stage,
            ..next(&first)
        };
        let second = Entry {
            duplicate_mark: Some("m".into()),
            ..specimen("r-2")
        };
        checks.same(
            "written",
            journal.record(&first, 0, Duplicates::Refuse),
            Ok(Recorded::Written),
        )?;
        checks.same(
            "written",
            journal.record(&moved_on, 1, Duplicates::Refuse),
            Ok(Recorded::Written),
        )?;
        let expected = match stage.is_live() {
            true => Recorded::Duplicate {
                reference: "r-1".into(),
            },
            false => Recorded::Written,
        };
        let found = journal.record(&second, 0, Duplicates::Refuse);
        checks.same(
            format_args!("a duplicate of one that is {stage:?}"),
            found,
            Ok(expected),
        )?;
    }
    Ok(())
}
