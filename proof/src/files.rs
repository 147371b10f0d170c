//! The journals that survive: SQLite on a real file, whose writes are cut in the middle, and a PostgreSQL server.

use std::sync::Mutex;

use crate::enumerate::{Tally, parallel, replay};
use crate::random::Random;
use crate::world::setups::FRIENDLIEST;
use crate::world::{Disk, Fault, FileDisk, Setup, faults_at, process};

/// Every fault at every step on a real file, and then `pairs` schedules of two faults drawn from `seed`.
pub(crate) fn on_files(setups: &[Setup], pairs: u64, seed: u64, threads: usize) -> Tally {
    let setups: Vec<&Setup> = setups.iter().filter(|setup| setup.name == FRIENDLIEST).collect();
    let total = Mutex::new(Tally::default());
    let file = || Disk::File(Box::new(FileDisk::new()));
    let jobs: Vec<(&Setup, Vec<(u32, Fault)>)> = setups
        .iter()
        .flat_map(|setup| {
            let paths = places(setup, file()).into_iter();
            paths.map(|place| (*setup, vec![place])).collect::<Vec<_>>()
        })
        .collect();
    let mut random = Random::new(seed);
    let second: Vec<(&Setup, Vec<(u32, Fault)>)> = (0..pairs)
        .map(|_| {
            let first = &jobs[random.below(jobs.len() as u64) as usize];
            let other = loop {
                let other = &jobs[random.below(jobs.len() as u64) as usize];
                if std::ptr::eq(other.0, first.0) {
                    break other;
                }
            };
            (
                first.0,
                vec![first.1[0], (first.1[0].0 + 1 + other.1[0].0 % 6, other.1[0].1)],
            )
        })
        .collect();
    for jobs in [jobs, second] {
        parallel(&jobs, threads, |(setup, path)| {
            let tally = schedule(setup, file(), path);
            total.lock().expect("no thread died").add(tally);
        });
    }
    total.into_inner().expect("no thread died")
}

/// Every step with every fault that it can have.
fn places(setup: &Setup, disk: Disk) -> Vec<(u32, Fault)> {
    let (mut world, mut process) = process::begin(setup, disk);
    let (mut places, mut step) = (Vec::new(), 0);
    while process.end.is_none() {
        places.extend(
            faults_at(&process.pending, &world)
                .into_iter()
                .map(|fault| (step, fault)),
        );
        process.step(setup, &mut world, None);
        step += 1;
    }
    places
}

fn schedule(setup: &Setup, disk: Disk, path: &[(u32, Fault)]) -> Tally {
    let mut tally = Tally::default();
    let (mut world, process, _) = replay(setup, disk, path);
    tally.count(setup, &mut world, &process, || {
        let trace = process.trace.clone().unwrap_or_default();
        format!("faults {path:?}\n{}", trace.join("\n"))
    });
    tally
}

/// Every fault at every step with the journal of a PostgreSQL server, and for each setup `count` schedules of two, drawn from `seed` and not all
/// of them: each takes as long as its durable writes. `None` where no server is named.
#[cfg(feature = "postgres")]
pub(crate) fn on_postgres(setups: &[Setup], count: u64, seed: u64) -> Option<Tally> {
    use std::sync::Arc;

    let url = std::env::var("SPORTELLO_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty())?;
    let journal: Arc<dyn sportello::journal::Journal> =
        Arc::new(sportello::journal::PostgresJournal::connect(&url).expect("the server that was named"));
    let mut tally = Tally::default();
    let mut random = Random::new(seed);
    for setup in setups.iter().filter(|setup| setup.name == FRIENDLIEST) {
        let key = crate::world::story::plan(setup, "key", false).key;
        let clear = || {
            while let Some(entry) = journal.get(&key).expect("the server answers") {
                journal.remove(&key, entry.seq).expect("the server answers");
            }
        };
        let disk = || Disk::Server(Arc::clone(&journal));
        clear();
        let places = places(setup, disk());
        for place in &places {
            clear();
            tally.add(schedule(setup, disk(), &[*place]));
        }
        for _ in 0..count {
            clear();
            let mut draw = || places[random.below(places.len() as u64) as usize];
            let (first, other) = (draw(), draw());
            tally.add(schedule(
                setup,
                disk(),
                &[first, (first.0 + 1 + other.0 % 6, other.1)],
            ));
        }
        clear();
    }
    Some(tally)
}

/// Every fault at every step with the journal of a PostgreSQL server; this build has none.
#[cfg(not(feature = "postgres"))]
pub(crate) fn on_postgres(_setups: &[Setup], _count: u64, _seed: u64) -> Option<Tally> {
    None
}
