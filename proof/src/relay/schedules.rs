//! Schedules with a relay between the caller and the provider. A relay can't be forked, so each schedule is run from its beginning; most of its
//! time is waiting, so many are run at once.

use std::sync::Mutex;

use sportello_simulator::Engine;

use super::hook::{At, Planned};
use super::{Relay, SESSION};
use crate::enumerate::{MAX_STEPS, Tally, parallel};
use crate::random::Random;
use crate::world::{Counter, Disk, Fault, NOW, Process, Setup, World, faults_at, process};

/// How many schedules are run at once by each thread that was asked for.
const AT_ONCE: usize = 12;

/// What goes wrong in one schedule: at the caller's steps, and at the relay's moments.
#[derive(Clone, Debug, Default)]
struct Schedule {
    caller: Vec<(u32, Fault)>,
    relay: Vec<Planned>,
}

/// What a run without a fault shows: where something can go wrong.
struct Clean {
    caller: Vec<(u32, Fault)>,
    relay: Vec<At>,
}

fn begin(setup: &Setup, planned: Vec<Planned>) -> (World, Process) {
    let engine = Engine::new(setup.config.clone());
    let relay = Relay::new(setup.api, engine, &setup.config.token, NOW, planned);
    process::begin_at(setup, Disk::memory(), Counter::Relay(Box::new(relay)), SESSION)
}

fn clean(setup: &Setup) -> Clean {
    let (mut world, mut process) = begin(setup, Vec::new());
    let (mut caller, mut step) = (Vec::new(), 0);
    while process.end.is_none() {
        let faults = faults_at(&process.pending, &world);
        caller.extend(faults.into_iter().map(|fault| (step, fault)));
        process.step(setup, &mut world, None);
        step += 1;
    }
    let relay = world.counter.relay().map(|relay| relay.behind.hook.seen());
    Clean {
        caller,
        relay: relay.unwrap_or_default(),
    }
}

fn run(setup: &Setup, schedule: &Schedule) -> Tally {
    let mut tally = Tally::default();
    let (mut world, mut process) = begin(setup, schedule.relay.clone());
    process.trace = Some(Vec::new());
    let mut steps = 0;
    while process.end.is_none() && steps < MAX_STEPS {
        let planned = schedule.caller.iter().find(|(at, _)| *at == steps);
        let fault = planned.map(|(_, fault)| *fault);
        // A fault that was drawn for this place may be of another kind of step.
        let fault = fault.filter(|fault| faults_at(&process.pending, &world).contains(fault));
        process.step(setup, &mut world, fault);
        steps += 1;
    }
    let is_clear = matches!(process.end, Some(crate::world::End::HandedIn(_)));
    if let Some(relay) = world.counter.relay().filter(|_| !is_clear) {
        relay.rest();
    }
    let met = world.counter.relay().map(|relay| {
        relay.behind.hook.disarm();
        relay.behind.hook.met()
    });
    tally.count(setup, &mut world, &process, || {
        let trace = process.trace.clone().unwrap_or_default();
        format!("{schedule:?}\nat the relay {met:?}\n{}", trace.join("\n"))
    });
    tally
}

/// One fault at every step of the caller's and at every moment of the relay's, in every setup; then `pairs` schedules of two, drawn from
/// `seed`.
pub(crate) fn enumerated(setups: &[Setup], pairs: u64, seed: u64, threads: usize) -> Tally {
    let threads = threads * AT_ONCE;
    let found = Mutex::new(Vec::new());
    let numbers: Vec<usize> = (0..setups.len()).collect();
    parallel(&numbers, threads, |number| {
        let clean = clean(&setups[*number]);
        found.lock().expect("no thread died").push((*number, clean));
    });
    let mut found: Vec<(usize, Clean)> = found.into_inner().expect("no thread died");
    found.sort_by_key(|(number, _)| *number);
    let found: Vec<(&Setup, Clean)> = found
        .into_iter()
        .map(|(number, clean)| (&setups[number], clean))
        .collect();
    let mut jobs: Vec<(&Setup, Schedule)> = Vec::new();
    for (setup, clean) in &found {
        jobs.push((setup, Schedule::default()));
        jobs.extend(clean.caller.iter().map(|place| {
            let caller = vec![*place];
            (
                *setup,
                Schedule {
                    caller,
                    relay: Vec::new(),
                },
            )
        }));
        for (number, at) in clean.relay.iter().enumerate() {
            jobs.extend((0..at.troubles().len()).map(|which| {
                let relay = vec![(number, which)];
                (
                    *setup,
                    Schedule {
                        caller: Vec::new(),
                        relay,
                    },
                )
            }));
        }
    }
    let mut random = Random::new(seed);
    for _ in 0..pairs {
        let (setup, clean) = &found[random.below(found.len() as u64) as usize];
        let mut schedule = Schedule::default();
        for _ in 0..2 {
            // Recoveries are longer than the run without a fault.
            if random.below(2) == 0 {
                let (step, fault) = clean.caller[random.below(clean.caller.len() as u64) as usize];
                schedule.caller.push((step + random.below(2) as u32 * 3, fault));
            } else {
                let number = random.below(clean.relay.len() as u64 * 2) as usize;
                schedule.relay.push((number, random.below(64) as usize));
            }
        }
        jobs.push((setup, schedule));
    }
    let total = Mutex::new(Tally::default());
    parallel(&jobs, threads, |(setup, schedule)| {
        let tally = run(setup, schedule);
        total.lock().expect("no thread died").add(tally);
    });
    total.into_inner().expect("no thread died")
}
