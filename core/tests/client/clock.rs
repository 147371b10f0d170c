//! A clock that jumps: the quiet period after a paid call without an answer lasts as long as it says.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sportello::Charged;
use sportello::client::{Client, Environment};
use sportello::journal::Stage;
use sportello_simulator::{Call, Config, Fault, Rule};

use super::support::*;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The commit's time limit and the margin.
const QUIET_MS: u64 = 400 + 400;

/// A wall clock that can be set.
#[derive(Clone, Default)]
pub(crate) struct Wall(Arc<AtomicI64>);

impl Wall {
    fn jump(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }

    fn now(&self) -> u64 {
        let system = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let system = i64::try_from(system).unwrap();
        u64::try_from(system + self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn client(&self, url: &str, journal: &std::path::Path) -> Client {
        let environment = Environment::Simulator {
            base_url: url.to_owned(),
        };
        let wall = self.clone();
        builder(environment, sportello_simulator::DEFAULT_TOKEN)
            .journal_path(journal)
            .quiet_margin(Duration::from_millis(400))
            .clock(move || wall.now())
            .build()
            .unwrap()
    }
}

/// When the commits arrived, by the simulator's own clock.
fn commits(simulator: &sportello_simulator::Simulator) -> Vec<u64> {
    simulator.with_engine(|engine| {
        let commits = engine.log().iter().filter(|call| call.call == Some(Call::Commit));
        commits.map(|call| call.at_ms).collect()
    })
}

#[track_caller]
fn quiet_was_kept(simulator: &sportello_simulator::Simulator, case: &str) {
    let commits = commits(simulator);
    assert_eq!(commits.len(), 2, "{case}: cut before its effect, then sent again");
    // The first arrives after it was journalled, up to the 100 ms that it is slowed down by and its way; the period is counted from there.
    let apart = commits[1] - commits[0];
    assert!(apart + 250 >= QUIET_MS, "{case}: sent again after {apart} ms");
    assert_eq!(simulator.ledger().len(), 1, "{case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_in_the_middle_shortens_no_wait_and_lengthens_none() {
    for at in ["committing", "settling"] {
        for by in [DAY_MS, -DAY_MS] {
            let case = format!("{by} ms while {at}");
            // The answer is cut slowly enough for the clock to jump while the call is under way.
            let simulator = simulator(Config::default()).await;
            let late = Fault::Latency {
                before_ms: 100,
                after_ms: 0,
            };
            simulator.with_engine(|engine| {
                engine.add_fault(Rule::on(Call::Commit, late));
                engine.add_fault(Rule::on(Call::Commit, Fault::CutBefore));
            });
            let folder = tempfile::tempdir().unwrap();
            let wall = Wall::default();
            let client = wall.client(&simulator.base_url(), &folder.path().join("journal.sqlite"));
            let (jumping, jumped) = (wall.clone(), AtomicI64::new(0));
            let request = request(&client, "jump").await.on_progress(move |progress| {
                if progress.doing == at && jumped.swap(1, Ordering::SeqCst) == 0 {
                    jumping.jump(by);
                }
            });
            let submitted = tokio::time::timeout(Duration::from_secs(10), client.submit(request));
            let submission = submitted.await.expect("it waits for a clock").expect(&case);
            assert_eq!(submission.charged, Charged::Yes, "{case}");
            quiet_was_kept(&simulator, &case);
        }
    }
}

/// A process of its own, as far as the client goes: it dies in the middle of settling a commit.
pub(crate) fn die_while_settling(url: &str, journal: &std::path::Path, wall: &Wall, reference: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (said, settling) = std::sync::mpsc::channel();
    runtime.block_on(async {
        let client = wall.client(url, journal);
        let request = request(&client, reference)
            .await
            .allow_duplicate()
            .on_progress(move |progress| {
                if progress.doing == "settling" {
                    let _ = said.send(());
                }
            });
        tokio::spawn(async move { client.submit(request).await });
        tokio::task::spawn_blocking(move || settling.recv_timeout(Duration::from_secs(10)).unwrap())
            .await
            .unwrap();
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_put_back_between_two_runs_makes_the_wait_whole_but_not_endless() {
    let simulator = with_faults(vec![Rule::on(Call::Commit, Fault::CutBefore)]).await;
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.sqlite");
    let (wall, url) = (Wall::default(), simulator.base_url());
    let (first, path) = (wall.clone(), journal.clone());
    tokio::task::spawn_blocking(move || die_while_settling(&url, &path, &first, "back"))
        .await
        .unwrap();
    wall.jump(-DAY_MS);
    let client = wall.client(&simulator.base_url(), &journal);
    let entry = client.journal_entry("back").await.unwrap().unwrap();
    assert_eq!(entry.stage, Stage::Committing);
    let started = Instant::now();
    let submitted = tokio::time::timeout(Duration::from_secs(10), submit(&client, "back"));
    let submission = submitted.await.expect("it waits for a clock").unwrap();
    assert_eq!(submission.charged, Charged::Yes);
    assert!(
        started.elapsed() >= Duration::from_millis(QUIET_MS),
        "the wait is whole"
    );
    quiet_was_kept(&simulator, "put back");
    // And it isn't earlier afterwards than it was before.
    let after = client.journal_entry("back").await.unwrap().unwrap();
    assert!(after.updated_at >= entry.updated_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_put_forward_between_two_runs_still_charges_once() {
    let simulator = with_faults(vec![Rule::on(Call::Commit, Fault::Late { after_ms: 600 })]).await;
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.sqlite");
    let (wall, url) = (Wall::default(), simulator.base_url());
    let (first, path) = (wall.clone(), journal.clone());
    tokio::task::spawn_blocking(move || die_while_settling(&url, &path, &first, "forward"))
        .await
        .unwrap();
    // Nobody can tell this from a day that has passed. The provider's atomic commit is what holds: the intention is too old to be
    // committed again by itself, or the second commit finds the first.
    wall.jump(DAY_MS - 60_000);
    let client = wall.client(&simulator.base_url(), &journal);
    assert_eq!(submit(&client, "forward").await.unwrap().charged, Charged::Yes);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(simulator.ledger().len(), 1);
}
