//! SIGKILL at random moments, and several processes at one reference.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::support::*;

/// How many processes are killed side by side: most of a round is waiting.
const WORKERS: u64 = 4;

#[test]
fn killed_at_any_moment_each_is_charged_once_and_delivered() {
    let (rounds, seed) = (rounds("KILLS", 20), seed());
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.sqlite");
    let counter = Counter::open(20);
    let errand = |name: String, docuengine| Errand {
        url: counter.url.clone(),
        journal: journal.clone(),
        folder: folder.path().to_owned(),
        docuengine,
        reference: name,
        apply: true,
    };
    // How long an undisturbed run takes here, so that the kills fall inside it.
    let undisturbed = [false, true].map(|docuengine| {
        let errand = errand(format!("undisturbed-{docuengine}"), docuengine);
        let started = Instant::now();
        errand.to_the_end(1);
        (errand, started.elapsed())
    });
    let micros = |took: &Duration| AtomicU64::new(u64::try_from(took.as_micros()).unwrap());
    let spans: Vec<AtomicU64> = undisturbed.iter().map(|(_, took)| micros(took)).collect();
    let next = AtomicU64::new(0);
    let (kills, hits, again) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let errands = Mutex::new(Vec::from(undisturbed.map(|(errand, _)| errand)));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            let (next, kills, hits, again, errands) = (&next, &kills, &hits, &again, &errands);
            let (errand, spans) = (&errand, &spans);
            scope.spawn(move || {
                loop {
                    let round = next.fetch_add(1, Ordering::SeqCst);
                    if round >= rounds {
                        return;
                    }
                    // By the round, so that a seed means the same moments whichever worker takes it.
                    let mut chance = Chance(seed ^ (round << 32));
                    let docuengine = round % 2 == 1;
                    let errand = errand(format!("kill-{round}"), docuengine);
                    let span = &spans[usize::from(docuengine)];
                    for _ in 0..=chance.below(3) {
                        let mut child = errand.start();
                        let within = span.load(Ordering::SeqCst);
                        std::thread::sleep(Duration::from_micros(chance.below(within)));
                        child.kill().unwrap();
                        kills.fetch_add(1, Ordering::SeqCst);
                        // Without a code it was the signal that ended it.
                        let was_killed = child.wait().unwrap().code().is_none();
                        hits.fetch_add(u64::from(was_killed), Ordering::SeqCst);
                        // How fast a run is changes with what else the machine does: a miss draws the moments in, a hit spreads them.
                        let within = if was_killed {
                            within * 41 / 40
                        } else {
                            within * 3 / 4
                        };
                        span.store(within.max(20_000), Ordering::SeqCst);
                    }
                    again.fetch_add(u64::from(errand.to_the_end(5)), Ordering::SeqCst);
                    errands.lock().unwrap().push(errand);
                }
            });
        }
    });
    let errands = errands.into_inner().unwrap();
    assert_eq!(errands.len() as u64, rounds + 2);
    each_charged_once(&counter, &errands);
    let (kills, hits) = (kills.into_inner(), hits.into_inner());
    println!(
        "proof: kill_rounds={rounds} kills={kills} kills_in_time={hits} runs_to_the_end={} references={} charges={} losses=0",
        again.into_inner(),
        errands.len(),
        counter.charged().len(),
    );
    assert!(
        hits * 2 >= kills,
        "the kills came too late to prove anything: {hits} of {kills}"
    );
}

#[test]
fn two_processes_with_one_reference_pay_once() {
    let rounds = rounds("PAIRS", 8);
    let folder = tempfile::tempdir().unwrap();
    let counter = Counter::open(20);
    let mut errands = Vec::new();
    let mut both_well = 0;
    for round in 0..rounds {
        let errand = Errand {
            url: counter.url.clone(),
            journal: folder.path().join("journal.sqlite"),
            folder: folder.path().to_owned(),
            docuengine: round % 2 == 1,
            reference: format!("pair-{round}"),
            apply: false,
        };
        let mut pair = [errand.start(), errand.start()];
        let ended = pair.each_mut().map(|child| child.wait().unwrap().success());
        both_well += u64::from(ended == [true, true]);
        errand.to_the_end(3);
        errands.push(errand);
    }
    each_charged_once(&counter, &errands);
    println!(
        "proof: pair_rounds={rounds} both_ended_well={both_well} charges={}",
        counter.charged().len()
    );
}
