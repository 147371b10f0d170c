//! A caller that goes away at any await: polled k times and dropped, for every k until the verb ends by itself. What was begun is finished by
//! the task that owns it or gone on with under the same reference; one charge, no task and no file left behind.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use sportello::client::{Client, Environment, ResumedState, Wait};
use sportello::journal::{PurchaseKind, PurchaseState, Stage};
use sportello::{Charged, SportelloError};
use sportello_simulator::{Call, Fault, Rule, Simulator, Stages};

use super::clock::{Wall, die_while_settling};
use super::support::*;

/// No verb is polled more often than this; one that never ends would be a mistake of the test's.
const MOST_POLLS: usize = 400;

/// A future that is given up when it has been polled so many times; `None` then.
struct PolledAtMost<F> {
    inner: Pin<Box<F>>,
    left: usize,
}

impl<F: Future> Future for PolledAtMost<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        match self.inner.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // Given up at once, not when something wakes it: that is the moment somebody else would have dropped it.
            Poll::Pending if self.left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

async fn polled<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    PolledAtMost {
        inner: Box::pin(future),
        left: polls,
    }
    .await
}

/// The simulator on a thread of its own, so that this runtime's tasks are the client's alone.
struct Elsewhere {
    simulator: Option<Simulator>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Elsewhere {
    fn start(faults: Vec<Rule>) -> Elsewhere {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let stages = Stages {
            searching_ms: 5,
            working_ms: 5,
            ready_ms: 5,
        };
        let config = sportello_simulator::Config {
            stages,
            faults,
            wallet_cents: 100_000_000,
            ..sportello_simulator::Config::default()
        };
        let handle = runtime.handle().clone();
        let started = std::thread::spawn(move || handle.block_on(Simulator::start(config)).unwrap());
        Elsewhere {
            simulator: Some(started.join().unwrap()),
            runtime: Some(runtime),
        }
    }

    fn client(&self) -> Client {
        client(self)
    }

    /// How often each submission was charged.
    fn charges(&self) -> BTreeMap<String, usize> {
        let mut charges = BTreeMap::new();
        for charge in self.ledger() {
            *charges.entry(charge.submission).or_default() += 1;
        }
        charges
    }
}

impl std::ops::Deref for Elsewhere {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        self.simulator.as_ref().unwrap()
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        drop(self.simulator.take());
        self.runtime.take().unwrap().shutdown_background();
    }
}

/// Waits until no task runs any more; the client, with its connections, must have been dropped.
async fn nothing_runs(case: &str) {
    let metrics = tokio::runtime::Handle::current().metrics();
    for _ in 0..500 {
        if metrics.num_alive_tasks() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{case}: {} tasks still run", metrics.num_alive_tasks());
}

/// On a runtime of its own, so that tasks can be counted.
fn alone(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test);
}

#[test]
fn submit_dropped_at_every_poll() {
    // Undisturbed, with the answer lost, and cut before the effect: the last two settle for a while.
    for fault in [None, Some(Fault::CutAfter), Some(Fault::CutBefore)] {
        let rules = fault
            .clone()
            .map(|fault| Rule::on(Call::Commit, fault).every(2).times(0));
        let elsewhere = Elsewhere::start(rules.into_iter().collect());
        alone(async {
            let client = elsewhere.client();
            let mut polls = 0;
            let last = loop {
                polls += 1;
                assert!(polls < MOST_POLLS);
                let reference = format!("submit-{polls}");
                let wanted = request(&client, &reference).await.allow_duplicate();
                let outcome = polled(polls, client.submit(wanted)).await;
                let done = outcome.is_some();
                if polls % 2 == 0 {
                    // Also when what was left alone has had its time.
                    tokio::time::sleep(Duration::from_millis(30)).await;
                }
                let wanted = request(&client, &reference).await.allow_duplicate();
                let submission = client.submit(wanted).await.unwrap();
                assert_eq!(submission.charged, Charged::Yes, "{fault:?}, {polls} polls");
                if done {
                    break polls;
                }
            };
            let charges = elsewhere.charges();
            assert_eq!(
                charges.len(),
                last,
                "{fault:?}: one submission charged for each reference"
            );
            assert!(
                charges.values().all(|times| *times == 1),
                "{fault:?}: {charges:?}"
            );
            assert!(last >= 2, "only {last} polls: nothing was tried");
            println!("proof: cancelled_submit_polls={last} charges={}", charges.len());
            drop(client);
            nothing_runs("submit").await;
        });
    }
}

#[test]
fn submit_dropped_at_every_millisecond() {
    let elsewhere = Elsewhere::start(Vec::new());
    alone(async {
        let client = elsewhere.client();
        let mut references = 0;
        for half_ms in 0..40 {
            let reference = format!("after-{half_ms}");
            let wanted = request(&client, &reference).await.allow_duplicate();
            let limit = Duration::from_micros(500 * half_ms);
            let _ = tokio::time::timeout(limit, client.submit(wanted)).await;
            // At once, while what was left alone may still be at work: the two meet in the journal.
            let wanted = request(&client, &reference).await.allow_duplicate();
            client.submit(wanted).await.unwrap();
            references += 1;
        }
        // What was left alone ends by itself.
        let client_gone = client;
        drop(client_gone);
        nothing_runs("submit").await;
        let charges = elsewhere.charges();
        assert_eq!(charges.len(), references);
        assert!(charges.values().all(|times| *times == 1), "{charges:?}");
    });
}

#[test]
fn what_nobody_waits_for_is_handed_in_all_the_same() {
    let elsewhere = Elsewhere::start(Vec::new());
    alone(async {
        let client = elsewhere.client();
        let wanted = request(&client, "left").await;
        // Given up as soon as the machine has begun: from there a task of the client's goes on.
        let (began, begun) = tokio::sync::oneshot::channel();
        let began = std::sync::Mutex::new(Some(began));
        let wanted = wanted.on_progress(move |_| {
            if let Some(began) = began.lock().unwrap().take() {
                let _ = began.send(());
            }
        });
        tokio::select! {
            _ = client.submit(wanted) => panic!("it was to be given up"),
            _ = begun => {}
        }
        for _ in 0..200 {
            let entry = client.journal_entry("left").await.unwrap();
            if entry.is_some_and(|entry| entry.stage == Stage::Committed) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(elsewhere.charges().values().copied().collect::<Vec<_>>(), [1]);
        drop(client);
        nothing_runs("submit").await;
    });
}

#[test]
fn choose_and_search_again_dropped_at_every_poll() {
    for fault in [None, Some(Fault::CutAfter)] {
        let rules = [Call::Choose, Call::Search]
            .into_iter()
            .filter_map(|call| Some(Rule::on(call, fault.clone()?).every(2).times(0)));
        let elsewhere = Elsewhere::start(rules.collect());
        alone(async {
            let client = elsewhere.client();
            let mut purchases = 0;
            for choose in [true, false] {
                let mut polls = 0;
                loop {
                    polls += 1;
                    assert!(polls < MOST_POLLS);
                    let reference = format!("{choose}-{polls}");
                    let dropped = buy(&client, &reference, choose, Some(polls)).await;
                    if polls % 2 == 0 {
                        tokio::time::sleep(Duration::from_millis(30)).await;
                    }
                    buy(&client, &reference, choose, None).await.unwrap().unwrap();
                    purchases += 1;
                    let kind = if choose {
                        PurchaseKind::Choice
                    } else {
                        PurchaseKind::Search(2)
                    };
                    let entry = client.journal_entry(&reference).await.unwrap().unwrap();
                    let paid = entry.purchase(kind).map(|purchase| purchase.state);
                    assert_eq!(paid, Some(PurchaseState::Paid), "{choose}, {polls} polls");
                    if dropped.is_some() {
                        break;
                    }
                }
                assert!(polls >= 2, "only {polls} polls: nothing was tried");
            }
            let charges = elsewhere.charges();
            // Handing in, and the purchase after it.
            assert_eq!(charges.len(), purchases);
            assert!(
                charges.values().all(|times| *times == 2),
                "{fault:?}: {charges:?}"
            );
            drop(client);
            nothing_runs("choose").await;
        });
    }
}

/// Chooses, or searches again; given up after so many polls. The submission is made where there is none.
async fn buy(
    client: &Client,
    reference: &str,
    choose: bool,
    polls: Option<usize>,
) -> Option<Result<(), SportelloError>> {
    let service = client.service(TWO_RESULTS).await.unwrap();
    if client.journal_entry(reference).await.unwrap().is_none() {
        searched(client, reference, TWO_RESULTS, &format!("PROVA {reference}")).await;
    }
    let polls = polls.unwrap_or(MOST_POLLS);
    if choose {
        let remote = client.status(reference).await.unwrap().remote.unwrap();
        let result = remote.searches[0].results[1].id.clone();
        let price = client.quote(&service, &[]).unwrap().due_on_choice.to_string();
        let chosen = polled(polls, client.choose(reference, result, &price)).await;
        return chosen.map(|outcome| outcome.map(drop));
    }
    let mut answers = sportello::Answers::new();
    for field in &service.form.fields {
        let value = match field.kind {
            sportello::FieldKind::PartitaIva | sportello::FieldKind::CodiceFiscale => "12345670124",
            sportello::FieldKind::Province => "MI",
            _ => "ALTRA",
        };
        answers.set(&field.key, value);
    }
    let price = service.search_price.unwrap().to_string();
    let searched = polled(
        polls,
        client.search_again(reference, 2, &service, answers, &price),
    )
    .await;
    searched.map(|outcome| outcome.map(drop))
}

#[test]
fn watch_and_wait_dropped_at_every_poll() {
    let elsewhere = Elsewhere::start(Vec::new());
    alone(async {
        let client = elsewhere.client();
        submit(&client, "seen").await.unwrap();
        for polls in 1..MOST_POLLS {
            let watched = polled(polls, async {
                let mut watch = client.watch("seen").await.unwrap();
                while let Some(update) = watch.next().await {
                    update.unwrap();
                }
            });
            let waited = polled(polls, client.wait("seen", Duration::from_secs(5)));
            let ended = (watched.await.is_some(), waited.await);
            match ended {
                (true, Some(end)) => {
                    assert!(matches!(end.unwrap(), Wait::Ended(_)));
                    assert!(polls >= 2, "only {polls} polls: nothing was tried");
                    break;
                }
                _ => assert!(polls + 1 < MOST_POLLS),
            }
        }
        assert_eq!(elsewhere.charges().values().copied().collect::<Vec<_>>(), [1]);
        drop(client);
        nothing_runs("watch").await;
    });
}

fn left_in(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn delivery_dropped_at_every_poll_leaves_no_file_behind() {
    // One large enough that it comes in many pieces.
    let large = Rule::on(Call::Document, Fault::LargeDelivery { bytes: 3_000_000 }).times(0);
    for rules in [Vec::new(), vec![large]] {
        let elsewhere = Elsewhere::start(rules);
        alone(async {
            let client = elsewhere.client();
            submit(&client, "fetched").await.unwrap();
            client.wait("fetched", Duration::from_secs(5)).await.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let mut polls = 0;
            loop {
                polls += 1;
                assert!(polls < MOST_POLLS * 10);
                let out = folder.path().join(polls.to_string());
                let outcome = polled(polls, client.delivery("fetched", &out)).await;
                if let Some(delivery) = outcome {
                    assert_eq!(delivery.unwrap().files.len(), 1);
                    assert_eq!(left_in(&out).len(), 1);
                    break;
                }
            }
            assert!(polls >= 2, "only {polls} polls: nothing was tried");
            // How often it is polled is up to the scheduler; so it is given up by the clock as well.
            for half_ms in 0..40 {
                polls += 1;
                let out = folder.path().join(polls.to_string());
                let limit = Duration::from_micros(500 * half_ms);
                let _ = tokio::time::timeout(limit, client.delivery("fetched", &out)).await;
            }
            drop(client);
            nothing_runs("delivery").await;
            for before in 1..=polls {
                let out = folder.path().join(before.to_string());
                // The whole delivery may have got its name after the caller had gone; a part of one may not stay.
                let parts = || {
                    let left = if out.exists() { left_in(&out) } else { Vec::new() };
                    left.into_iter()
                        .filter(|name| name.ends_with(".part"))
                        .collect::<Vec<_>>()
                };
                // A thread that works on files is no task that could be counted; on a busy machine it may still be at the removing.
                for _ in 0..500 {
                    if parts().is_empty() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                assert!(parts().is_empty(), "{before} of {polls} left {:?}", parts());
            }
            println!("proof: cancelled_deliveries={polls} parts_left=0");
        });
    }
}

#[test]
fn resume_dropped_at_every_poll() {
    let cut = Rule::on(Call::Commit, Fault::CutBefore).every(2).times(0);
    let elsewhere = Elsewhere::start(vec![cut]);
    let folder = tempfile::tempdir().unwrap();
    let mut polls = 0;
    loop {
        polls += 1;
        assert!(polls < MOST_POLLS);
        let (reference, url) = (format!("resume-{polls}"), elsewhere.base_url());
        let journal = folder.path().join(format!("{polls}.sqlite"));
        die_while_settling(&url, &journal, &Wall::default(), &reference);
        let mut done = false;
        alone(async {
            let environment = Environment::Simulator { base_url: url };
            let client = builder(environment, elsewhere.token())
                .journal_path(&journal)
                .build()
                .unwrap();
            done = polled(polls, client.resume()).await.is_some();
            if polls % 2 == 0 {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            client.resume().await.unwrap();
            let resumed = client.resume_one(&reference).await.unwrap();
            assert!(resumed.state != ResumedState::NeedsPerson, "{resumed:?}");
            assert_eq!(resumed.submission.charged, Charged::Yes, "{resumed:?}");
            drop(client);
            nothing_runs("resume").await;
        });
        if done {
            break;
        }
    }
    assert!(polls >= 2, "only {polls} polls: nothing was tried");
    let charges = elsewhere.charges();
    assert_eq!(charges.len(), polls);
    assert!(charges.values().all(|times| *times == 1), "{charges:?}");
}
