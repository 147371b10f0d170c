//! Schedules: a fault at every step of a run, then at every step of its recovery.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::random::Random;
use crate::world::judge::{Reason, Verdict, judge};
use crate::world::{Disk, Fault, Process, Setup, World, faults_at, process};

/// No run of a process with all its recoveries is longer.
pub(crate) const MAX_STEPS: u32 = 400;
/// How many broken promises are told.
const TOLD: usize = 5;

/// What many schedules came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many schedules were run.
    pub schedules: u64,
    /// How many ended handed in, or the purchase made.
    pub handed_in: u64,
    /// How many ended with another true word: chosen already, given up by the office.
    pub said_otherwise: u64,
    /// How many ended with "a person must look" and the id.
    pub needs_person: u64,
    /// How many charged more than once for a reason that no client can help, by reason.
    pub hopeless: BTreeMap<&'static str, u64>,
    /// The most charges for one purchase in any other schedule.
    pub worst: usize,
    /// Promises that were broken, each with its story.
    pub broken: Vec<String>,
    /// How many were broken.
    pub losses: u64,
}

impl Tally {
    /// Adds what others came to.
    pub fn add(&mut self, other: Tally) {
        self.schedules += other.schedules;
        self.handed_in += other.handed_in;
        self.said_otherwise += other.said_otherwise;
        self.needs_person += other.needs_person;
        for (reason, count) in other.hopeless {
            *self.hopeless.entry(reason).or_default() += count;
        }
        self.worst = self.worst.max(other.worst);
        self.losses += other.losses;
        self.broken.extend(other.broken);
        self.broken.truncate(TOLD);
    }

    pub(crate) fn count(
        &mut self,
        setup: &Setup,
        world: &mut World,
        process: &Process,
        story: impl FnOnce() -> String,
    ) {
        self.schedules += 1;
        let verdict = judge(setup, world, process);
        let counted_apart = matches!(verdict, Ok(Verdict::Hopeless(_))) && world.charges() > 1;
        if !counted_apart {
            self.worst = self.worst.max(world.charges());
        }
        match verdict {
            Ok(Verdict::HandedIn) => self.handed_in += 1,
            Ok(Verdict::SaidOtherwise) => self.said_otherwise += 1,
            Ok(Verdict::NeedsPerson) => self.needs_person += 1,
            Ok(Verdict::Hopeless(reason)) => *self.hopeless.entry(reason.text()).or_default() += 1,
            Err(what) => {
                self.losses += 1;
                if self.broken.len() < TOLD {
                    self.broken
                        .push(format!("{what}\n{}\n{}", setup.title(), story()));
                }
            }
        }
    }

    /// Another end of a schedule that was counted.
    pub(crate) fn count_again(
        &mut self,
        setup: &Setup,
        world: &mut World,
        process: &Process,
        story: impl FnOnce() -> String,
    ) {
        let before = self.clone();
        self.count(setup, world, process, story);
        self.schedules = before.schedules;
        self.hopeless = before.hopeless;
    }

    /// One line.
    #[must_use]
    pub fn line(&self) -> String {
        let hopeless: u64 = self.hopeless.values().sum();
        format!(
            "{} schedules, {} handed in, {} said otherwise, {} need a person, worst ledger {}, {} broken; beyond any client: {hopeless}",
            self.schedules, self.handed_in, self.said_otherwise, self.needs_person, self.worst, self.losses
        )
    }

    /// What no client can help, line by line.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        Reason::ALL
            .iter()
            .filter_map(|reason| Some((self.hopeless.get(reason.text())?, reason.text())))
            .map(|(count, text)| format!("{count} schedules in which {text}"))
            .collect()
    }
}

/// A fault and the step it comes at.
type Path = Vec<(u32, Fault)>;

/// Runs one schedule to its end and keeps its story.
pub(crate) fn replay(setup: &Setup, disk: Disk, path: &[(u32, Fault)]) -> (World, Process, u32) {
    let (mut world, mut process) = process::begin(setup, disk);
    process.trace = Some(Vec::new());
    let mut steps = 0;
    while process.end.is_none() && steps < MAX_STEPS {
        let fault = path.iter().find(|(at, _)| *at == steps).map(|(_, fault)| *fault);
        // A fault that was drawn for this place may be of another kind of step.
        let fault = fault.filter(|fault| faults_at(&process.pending, &world).contains(fault));
        process.step(setup, &mut world, fault);
        steps += 1;
    }
    (world, process, steps)
}

fn story(setup: &Setup, path: &Path) -> String {
    let (_, process, _) = replay(setup, Disk::memory(), path);
    format!(
        "faults {path:?}\n{}",
        process.trace.unwrap_or_default().join("\n")
    )
}

/// Goes on from here without a fault, and from every step of that with each fault, `depth` faults deep.
fn explore(
    setup: &Setup,
    world: &mut World,
    process: &mut Process,
    steps: u32,
    depth: u32,
    path: &mut Path,
    tally: &mut Tally,
) {
    let mut steps = steps;
    while process.end.is_none() && steps < MAX_STEPS {
        if depth > 0 {
            branch(setup, world, process, steps, depth, path, tally);
        }
        process.step(setup, world, None);
        steps += 1;
    }
    tally.count(setup, world, process, || story(setup, path));
}

/// From this step with each of its faults.
fn branch(
    setup: &Setup,
    world: &World,
    process: &Process,
    steps: u32,
    depth: u32,
    path: &mut Path,
    tally: &mut Tally,
) {
    for fault in faults_at(&process.pending, world) {
        let (mut world, mut process) = (world.fork(), process.fork());
        path.push((steps, fault));
        process.step(setup, &mut world, Some(fault));
        explore(setup, &mut world, &mut process, steps + 1, depth - 1, path, tally);
        path.pop();
    }
}

/// How long the run without a fault is.
fn clean_steps(setup: &Setup) -> u32 {
    replay(setup, Disk::memory(), &[]).2
}

/// Every schedule of every setup with up to `depth` faults, over two threads.
pub(crate) fn in_full(setups: &[Setup], depth: u32, threads: usize) -> Vec<(String, Tally)> {
    // A job is a setup and the step of its first fault: small enough that no thread waits long for another.
    let jobs: Vec<(usize, u32)> = setups
        .iter()
        .enumerate()
        .flat_map(|(index, setup)| (0..=clean_steps(setup)).map(move |first| (index, first)))
        .collect();
    let tallies = Mutex::new(vec![Tally::default(); setups.len()]);
    parallel(&jobs, threads, |(index, first)| {
        let (setup, mut tally) = (&setups[*index], Tally::default());
        let (mut world, mut process) = process::begin(setup, Disk::memory());
        for _ in 0..*first {
            if process.end.is_none() {
                process.step(setup, &mut world, None);
            }
        }
        if process.end.is_none() {
            branch(
                setup,
                &world,
                &process,
                *first,
                depth,
                &mut Vec::new(),
                &mut tally,
            );
        } else {
            tally.count(setup, &mut world, &process, || story(setup, &Vec::new()));
        }
        tallies.lock().expect("no thread died")[*index].add(tally);
    });
    let tallies = tallies.into_inner().expect("no thread died");
    setups.iter().map(Setup::title).zip(tallies).collect()
}

/// `count` schedules of three faults drawn at random, a share of them in every setup.
pub(crate) fn sampled(setups: &[Setup], count: u64, seed: u64, threads: usize) -> Tally {
    let share = count.div_ceil(setups.len() as u64);
    let total = Mutex::new(Tally::default());
    let jobs: Vec<usize> = (0..setups.len()).collect();
    parallel(&jobs, threads, |index| {
        let (setup, mut tally) = (&setups[*index], Tally::default());
        let clean = u64::from(clean_steps(setup));
        for number in 0..share {
            // A schedule's own seed: it can be run again alone.
            let own = seed ^ ((*index as u64) << 40) ^ number;
            let mut random = Random::new(own);
            let (mut world, mut process) = process::begin(setup, Disk::memory());
            let mut wanted: Vec<u32> = (0..3).map(|_| random.below(clean * 2) as u32).collect();
            wanted.sort_unstable();
            let (mut steps, mut path) = (0, Path::new());
            while process.end.is_none() && steps < MAX_STEPS {
                let faults = faults_at(&process.pending, &world);
                let hit = wanted.first().is_some_and(|at| *at <= steps) && !faults.is_empty();
                let fault = hit.then(|| faults[random.below(faults.len() as u64) as usize]);
                if let Some(fault) = fault {
                    wanted.remove(0);
                    path.push((steps, fault));
                }
                process.step(setup, &mut world, fault);
                steps += 1;
            }
            tally.count(setup, &mut world, &process, || {
                format!("seed {own}\n{}", story(setup, &path))
            });
        }
        total.lock().expect("no thread died").add(tally);
    });
    total.into_inner().expect("no thread died")
}

/// Runs every job on one of some threads.
pub(crate) fn parallel<J: Sync>(jobs: &[J], threads: usize, work: impl Fn(&J) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(job);
                }
            });
        }
    });
}
