//! What must hold when several threads write at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::Checks;
use super::specimen::{next, specimen};
use crate::journal::{Duplicates, Entry, Journal, JournalError, Recorded};

/// How many write at once.
pub(super) const RIVALS: usize = 8;
const ROUNDS: usize = 4;
const STEPS: u64 = 12;

pub(super) fn all(checks: &mut Checks, make: &mut dyn FnMut() -> Box<dyn Journal>) -> Result<(), String> {
    let journal = make();
    let handles: Vec<&dyn Journal> = (0..RIVALS).map(|_| &*journal).collect();
    between(checks, &handles)
}

/// The races between handles of one journal, one thread each.
pub(super) fn between(checks: &mut Checks, handles: &[&dyn Journal]) -> Result<(), String> {
    for round in 0..ROUNDS {
        one_version_wins(checks, handles, round)?;
        one_of_a_mark_wins(checks, handles, round)?;
    }
    no_step_is_lost(checks, handles)
}

/// Runs `rival` once per handle, all let go at the same moment.
fn race<T: Send>(
    handles: &[&dyn Journal],
    rival: impl Fn(usize, &dyn Journal) -> T + Sync,
) -> Result<Vec<T>, String> {
    let go = AtomicBool::new(false);
    thread::scope(|scope| {
        let (go, rival) = (&go, &rival);
        let mut threads = Vec::with_capacity(handles.len());
        for (index, journal) in handles.iter().copied().enumerate() {
            threads.push(thread::Builder::new().spawn_scoped(scope, move || {
                while !go.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                rival(index, journal)
            }));
        }
        // Set before anything can fail: the scope waits for every thread that did start.
        go.store(true, Ordering::Release);
        threads
            .into_iter()
            .map(|thread| {
                let thread = thread.map_err(|error| format!("no thread: {error}"))?;
                thread.join().map_err(|_| "a thread of the race died".to_owned())
            })
            .collect()
    })
}

fn one_version_wins(checks: &mut Checks, handles: &[&dyn Journal], round: usize) -> Result<(), String> {
    let Some(journal) = handles.first() else {
        return Ok(());
    };
    let first = specimen(&format!("race-{round}"));
    checks.same(
        "written",
        journal.record(&first, 0, Duplicates::Allow),
        Ok(Recorded::Written),
    )?;
    let version = |rival: usize| Entry {
        service_name: format!("rival {rival}"),
        ..next(&first)
    };
    let outcomes = race(handles, |rival, journal| {
        journal.record(&version(rival), 1, Duplicates::Allow)
    })?;
    let winners: Vec<usize> = (0..)
        .zip(&outcomes)
        .filter(|(_, outcome)| **outcome == Ok(Recorded::Written))
        .map(|(rival, _)| rival)
        .collect();
    checks.that(
        winners.len() == 1,
        format_args!("not one winner of one version: {outcomes:?}"),
    )?;
    let Some(winner) = winners.first() else {
        return Ok(());
    };
    let standing = version(*winner);
    for (rival, outcome) in outcomes
        .into_iter()
        .enumerate()
        .filter(|(rival, _)| rival != winner)
    {
        let expected = Ok(Recorded::Conflict(Some(Box::new(standing.clone()))));
        checks.same(format_args!("rival {rival} sees the winner"), outcome, expected)?;
    }
    checks.same("the winner stands", journal.get(&first.key), Ok(Some(standing)))
}

fn one_of_a_mark_wins(checks: &mut Checks, handles: &[&dyn Journal], round: usize) -> Result<(), String> {
    let entry = |rival: usize| Entry {
        duplicate_mark: Some(format!("mark-{round}")),
        ..specimen(&format!("mark-{round}-{rival}"))
    };
    let outcomes = race(handles, |rival, journal| {
        journal.record(&entry(rival), 0, Duplicates::Refuse)
    })?;
    let winner = outcomes
        .iter()
        .position(|outcome| *outcome == Ok(Recorded::Written));
    let Some(winner) = winner else {
        return Err(format!("nobody won a mark: {outcomes:?}"));
    };
    for (rival, outcome) in outcomes
        .into_iter()
        .enumerate()
        .filter(|(rival, _)| *rival != winner)
    {
        let expected = Ok(Recorded::Duplicate {
            reference: entry(winner).key.reference,
        });
        checks.same(
            format_args!("rival {rival} is told the winner"),
            outcome,
            expected,
        )?;
    }
    Ok(())
}

/// Everybody moves one entry on, reading again after each conflict: no step may be lost or counted twice.
fn no_step_is_lost(checks: &mut Checks, handles: &[&dyn Journal]) -> Result<(), String> {
    let Some(journal) = handles.first() else {
        return Ok(());
    };
    let first = specimen("counter");
    checks.same(
        "written",
        journal.record(&first, 0, Duplicates::Allow),
        Ok(Recorded::Written),
    )?;
    let walk = |_: usize, journal: &dyn Journal| -> Result<u64, JournalError> {
        let (mut steps, mut known) = (0, first.clone());
        while steps < STEPS {
            let mut moved = next(&known);
            moved.options.push("step".into());
            known = match journal.record(&moved, known.seq, Duplicates::Allow)? {
                Recorded::Written => {
                    steps += 1;
                    moved
                }
                Recorded::Conflict(Some(standing)) => *standing,
                Recorded::Conflict(None) | Recorded::Duplicate { .. } => return Ok(steps),
            };
        }
        Ok(steps)
    };
    let walked = race(handles, walk)?;
    checks.same(
        "everybody made every step",
        walked,
        vec![Ok(STEPS); handles.len()],
    )?;
    let all_steps = STEPS * handles.len() as u64;
    let standing = journal.get(&first.key).map_err(|error| error.to_string())?;
    let counted = standing.map(|entry| (entry.seq, entry.options.len() as u64));
    checks.same("every step was kept", counted, Some((all_steps + 1, all_steps)))
}
