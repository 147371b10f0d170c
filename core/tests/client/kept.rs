//! An app that is killed at any step: the next start resumes without being given anything, and it is handed in once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sportello::client::{Client, Environment, ResumedState};
use sportello::journal::{
    Duplicates, Entry, EntryKey, Journal, JournalError, JournalKey, MemoryJournal, Recorded, Scope, Stage,
};
use sportello::{Answer, Charged};
use sportello_simulator::{Call, Config, Fault, Rule};
use tokio::sync::Notify;

use super::support::*;

/// A journal whose process dies at its n-th write: before it, or after it was made and before anybody heard.
struct Dying {
    journal: Arc<MemoryJournal>,
    writes: AtomicUsize,
    at: usize,
    written: bool,
    died: Arc<Notify>,
}

impl Journal for Dying {
    fn get(&self, key: &EntryKey) -> Result<Option<Entry>, JournalError> {
        self.journal.get(key)
    }

    fn record(&self, entry: &Entry, seq: u64, duplicates: Duplicates) -> Result<Recorded, JournalError> {
        let dies = self.writes.fetch_add(1, Ordering::SeqCst) + 1 == self.at;
        if dies && !self.written {
            self.die();
        }
        let recorded = self.journal.record(entry, seq, duplicates);
        if dies {
            self.die();
        }
        recorded
    }

    fn list(&self, scope: &Scope) -> Result<Vec<Entry>, JournalError> {
        self.journal.list(scope)
    }

    fn remove(&self, key: &EntryKey, seq: u64) -> Result<bool, JournalError> {
        self.journal.remove(key, seq)
    }

    /// Called where the driver stands: it dies in a thread of its own runtime, not in one of those that all share.
    fn blocks(&self) -> bool {
        false
    }
}

impl Dying {
    /// Says nothing any more: its process is ended by whoever waits for this.
    fn die(&self) {
        self.died.notify_one();
        loop {
            std::thread::park();
        }
    }
}

struct World {
    simulator: sportello_simulator::Simulator,
    journal: Arc<MemoryJournal>,
    folder: tempfile::TempDir,
}

impl World {
    async fn new() -> World {
        World {
            simulator: simulator(Config::default()).await,
            journal: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn sealed(&self) -> PathBuf {
        self.folder.path().join("sealed")
    }

    fn client(&self, journal: Arc<dyn Journal>, key: u8) -> Client {
        let environment = Environment::Simulator {
            base_url: self.simulator.base_url(),
        };
        builder(environment, self.simulator.token())
            .journal(journal, JournalKey::from_bytes([key; 32]))
            .keep_answers(self.sealed())
            .build()
            .unwrap()
    }

    /// The app's next start: nobody gives it anything.
    fn next_start(&self) -> Client {
        self.client(Arc::clone(&self.journal) as Arc<dyn Journal>, 7)
    }

    fn is_empty(&self) -> bool {
        files(&self.sealed()).is_empty()
    }

    fn charges(&self) -> BTreeMap<String, usize> {
        let mut charges = BTreeMap::new();
        for charge in self.simulator.ledger() {
            *charges.entry(charge.submission).or_default() += 1;
        }
        charges
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Hands in on a runtime of its own, which ends where the journal dies, or when `until` says so; true when it was killed.
fn process(
    world: &World,
    journal: Arc<dyn Journal>,
    died: Arc<Notify>,
    reference: &str,
    at_most: Duration,
) -> bool {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let client = world.client(journal, 7);
    let reference = reference.to_owned();
    let killed = runtime.block_on(async move {
        let request = request(&client, &reference).await;
        let task =
            tokio::spawn(async move { client.submit(request).await.map(|submission| submission.charged) });
        tokio::select! {
            () = died.notified() => true,
            () = tokio::time::sleep(at_most) => true,
            done = task => {
                assert_eq!(done.unwrap().unwrap(), Charged::Yes);
                false
            }
        }
    });
    runtime.shutdown_background();
    killed
}

/// Resumes until it is handed in: an outcome may have to be waited for.
async fn resumed(world: &World, reference: &str, case: &str) {
    let client = world.next_start();
    let mut lines = Vec::new();
    for _ in 0..3 {
        lines = client.resume().await.unwrap();
        let entry = client.journal_entry(reference).await.unwrap();
        if entry.is_some_and(|entry| entry.stage == Stage::Committed) {
            break;
        }
    }
    let status = client
        .status(reference)
        .await
        .unwrap_or_else(|error| panic!("{case}: {error}; {lines:?}"));
    assert_eq!(status.charged, Charged::Yes, "{case}: {lines:?}");
    assert_eq!(
        world.charges().values().copied().collect::<Vec<_>>(),
        [1],
        "{case}"
    );
    // Once more: what was wiped stays wiped, and what was killed before it was wiped goes now.
    client.resume().await.unwrap();
    assert!(world.is_empty(), "{case}: {:?}", files(&world.sealed()));
    assert!(client.kept_answers(reference).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_and_after_every_write_of_the_journal_it_is_resumed_alone() {
    let mut killed = 0;
    for written in [false, true] {
        for at in 1.. {
            assert!(at < 40);
            let world = World::new().await;
            let died = Arc::new(Notify::new());
            let dying = Arc::new(Dying {
                journal: Arc::clone(&world.journal),
                writes: AtomicUsize::new(0),
                at,
                written,
                died: Arc::clone(&died),
            });
            let case = format!("write {at}, {}", if written { "made" } else { "not made" });
            let world = Arc::new(world);
            let there = Arc::clone(&world);
            let dies = tokio::task::spawn_blocking(move || {
                process(&there, dying, died, "killed", Duration::from_secs(20))
            });
            if !dies.await.unwrap() {
                assert!(world.is_empty(), "{case}");
                break;
            }
            assert!(!world.is_empty(), "{case}: nothing was kept");
            resumed(&world, "killed", &case).await;
            killed += 1;
        }
    }
    assert!(killed >= 12, "only {killed} moments");
    println!("proof: resumed_after_kill_at_writes={killed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_and_after_every_request_it_is_resumed_alone() {
    let mut killed = 0;
    let latencies = [(5_000, 0), (0, 5_000)];
    for (call, most) in [
        (Call::Open, 1),
        (Call::Edit, 9),
        (Call::Read, 2),
        (Call::Commit, 1),
    ] {
        for (before_ms, after_ms) in latencies {
            for nth in 1..=most {
                let world = Arc::new(World::new().await);
                let rule = Rule::on(call, Fault::Latency { before_ms, after_ms }).nth(nth);
                world.simulator.with_engine(|engine| engine.add_fault(rule));
                let there = Arc::clone(&world);
                let journal = Arc::clone(&world.journal) as Arc<dyn Journal>;
                let process = tokio::task::spawn_blocking(move || {
                    process(
                        &there,
                        journal,
                        Arc::default(),
                        "killed",
                        Duration::from_millis(350),
                    )
                });
                if !process.await.unwrap() {
                    // There was no n-th one.
                    break;
                }
                // The rule is not for the next start.
                world.simulator.with_engine(|engine| engine.clear_faults());
                resumed(
                    &world,
                    "killed",
                    &format!("{call:?} {nth}, {before_ms} {after_ms}"),
                )
                .await;
                killed += 1;
            }
        }
    }
    assert!(killed >= 10, "only {killed} moments");
    println!("proof: resumed_after_kill_at_requests={killed}");
}

/// Handed in with an empty wallet, which is full again afterwards.
async fn refused_at_the_commit(world: &World, reference: &str) {
    world.simulator.with_engine(|engine| engine.set_wallet(0));
    let client = world.next_start();
    let error = submit(&client, reference).await.unwrap_err();
    check(&error, "submit.credit_insufficient", Charged::No);
    world.simulator.with_engine(|engine| engine.set_wallet(1_000_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_said_and_loses_nothing() {
    let world = World::new().await;
    refused_at_the_commit(&world, "locked").await;
    let before: Vec<Vec<u8>> = files(&world.sealed())
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let other = world.client(Arc::clone(&world.journal) as Arc<dyn Journal>, 8);
    let lines = other.resume().await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (lines[0].state, lines[0].code),
        (ResumedState::NeedsAnswers, Some("sealed.other_key"))
    );
    assert_eq!(
        other.kept_answers("locked").await.unwrap_err().code(),
        "sealed.other_key"
    );
    assert!(world.simulator.ledger().is_empty());
    let after: Vec<Vec<u8>> = files(&world.sealed())
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert!(before == after);
    // The right one goes on.
    let lines = world.next_start().resume().await.unwrap();
    assert_eq!((lines[0].state, lines[0].code), (ResumedState::Advanced, None));
    assert_eq!(world.simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_is_said_and_goes_on_when_it_is_gone() {
    let world = World::new().await;
    refused_at_the_commit(&world, "waits").await;
    let client = world.next_start();
    // The answers can be shown to whoever gave them.
    let kept = client.kept_answers("waits").await.unwrap().unwrap();
    assert!(
        kept.iter()
            .any(|(_, answer)| answer.as_text() == Some("rosalia.prova@example.org"))
    );
    assert_eq!(
        kept.iter()
            .filter_map(|(_, answer)| Answer::as_file(answer))
            .count(),
        2
    );
    // Not to be reached: nothing is needed of anybody.
    let down = Rule::on(
        Call::Service,
        Fault::Status {
            status: 503,
            retry_after_s: None,
            after_effect: false,
        },
    )
    .times(0);
    world.simulator.with_engine(|engine| engine.add_fault(down));
    let lines = world.next_start().resume().await.unwrap();
    assert_eq!(
        (lines[0].state, lines[0].code),
        (ResumedState::Waiting, Some("provider.unavailable"))
    );
    world.simulator.with_engine(|engine| engine.clear_faults());
    let lines = world.next_start().resume().await.unwrap();
    assert_eq!(lines[0].state, ResumedState::Advanced);
    assert_eq!(world.simulator.ledger().len(), 1);
    assert!(world.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_long_ago_is_not_paid_without_asking_anew() {
    let world = World::new().await;
    refused_at_the_commit(&world, "old").await;
    let environment = Environment::Simulator {
        base_url: world.simulator.base_url(),
    };
    let tomorrow = builder(environment, world.simulator.token())
        .journal(
            Arc::clone(&world.journal) as Arc<dyn Journal>,
            JournalKey::from_bytes([7; 32]),
        )
        .keep_answers(world.sealed())
        .clock(|| {
            let now = std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap();
            u64::try_from((now + Duration::from_secs(25 * 60 * 60)).as_millis()).unwrap()
        })
        .build()
        .unwrap();
    let lines = tomorrow.resume().await.unwrap();
    assert_eq!(
        (lines[0].state, lines[0].code),
        (ResumedState::NeedsAnswers, Some("submit.needs_answers"))
    );
    assert!(world.simulator.ledger().is_empty());
    // They are there for the form.
    assert!(tomorrow.kept_answers("old").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn given_up_it_is_wiped() {
    let world = World::new().await;
    refused_at_the_commit(&world, "given-up").await;
    assert!(!world.is_empty());
    world.next_start().abandon("given-up").await.unwrap();
    assert!(world.is_empty());
    assert!(world.next_start().resume().await.unwrap().is_empty());
    let error = world.next_start().abandon("given-up").await.unwrap_err();
    assert_eq!(error.code(), "reference.unknown");
}
