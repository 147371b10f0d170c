//! Two processes with one reference on one journal: one is stopped after any of its steps, the other after any of its own, and
//! each may meet a fault at its last step.

use std::sync::Mutex;

use crate::enumerate::{Tally, parallel};
use crate::world::{Disk, Fault, Process, Setup, World, faults_at, process};

const MAX_STEPS: u32 = 400;

/// One schedule: A makes `a` steps, B makes `b`, then A runs to its end, then B.
struct Plan {
    a: u32,
    b: u32,
}

/// Every place to stop A, every place to stop B, every fault at either place.
pub(crate) fn interleaved(setups: &[Setup], threads: usize) -> Tally {
    let jobs: Vec<(usize, u32)> = setups
        .iter()
        .enumerate()
        .flat_map(|(index, setup)| (0..=alone(setup)).map(move |a| (index, a)))
        .collect();
    let total = Mutex::new(Tally::default());
    parallel(&jobs, threads, |(index, a)| {
        let (setup, mut tally) = (&setups[*index], Tally::default());
        for b in 0.. {
            let plan = Plan { a: *a, b };
            let (ended, faults_a, faults_b) = run(setup, &plan, None, None, &mut tally);
            for fault in faults_a {
                run(setup, &plan, Some(fault), None, &mut tally);
            }
            for fault in faults_b {
                run(setup, &plan, None, Some(fault), &mut tally);
            }
            if ended {
                break;
            }
        }
        total.lock().expect("no thread died").add(tally);
    });
    total.into_inner().expect("no thread died")
}

fn alone(setup: &Setup) -> u32 {
    crate::enumerate::replay(setup, Disk::memory(), &[]).2
}

/// Runs one schedule; says whether B had come to its end in its turn, and the faults that there were at the places where they stopped.
fn run(
    setup: &Setup,
    plan: &Plan,
    fault_a: Option<Fault>,
    fault_b: Option<Fault>,
    tally: &mut Tally,
) -> (bool, Vec<Fault>, Vec<Fault>) {
    let (mut world, mut first) = process::begin(setup, Disk::memory());
    first.trace = Some(Vec::new());
    let faults_a = go(setup, &mut world, &mut first, plan.a, fault_a);
    let mut second = Process::start(setup, &mut world, first.offer());
    second.trace = Some(Vec::new());
    let faults_b = go(setup, &mut world, &mut second, plan.b, fault_b);
    let ended = second.end.is_some();
    go(setup, &mut world, &mut first, MAX_STEPS, None);
    go(setup, &mut world, &mut second, MAX_STEPS, None);
    let story = |first: &Process, second: &Process| {
        let lines = |process: &Process| process.trace.clone().unwrap_or_default().join("\n");
        format!(
            "A stops after {} with {fault_a:?}, B after {} with {fault_b:?}\nA:\n{}\nB:\n{}",
            plan.a,
            plan.b,
            lines(first),
            lines(second)
        )
    };
    world.stopped = true;
    // One schedule, two ends: the ledger is one.
    tally.count(setup, &mut world, &first, || story(&first, &second));
    tally.count_again(setup, &mut world, &second, || story(&first, &second));
    (ended, faults_a, faults_b)
}

/// Makes some steps, the last of them with the fault; says which faults that step could have had.
fn go(
    setup: &Setup,
    world: &mut World,
    process: &mut Process,
    steps: u32,
    fault: Option<Fault>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for step in 1..=steps {
        if process.end.is_some() {
            return Vec::new();
        }
        let last = step == steps && steps < MAX_STEPS;
        if last {
            faults = faults_at(&process.pending, world);
            // A backup is put back when nobody is at work.
            faults.retain(|fault| !matches!(fault, Fault::Restored(_)));
        }
        process.step(setup, world, fault.filter(|_| last));
    }
    faults
}
