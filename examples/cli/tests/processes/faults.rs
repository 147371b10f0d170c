//! A network that misbehaves between the command and the simulator, both processes of their own.

use std::time::Duration;

use serde_json::json;
use sportello_conformance::{Options, SCRIPTS, Server};

use super::support::*;

/// How many stories run side by side; each has a network of its own.
const SIDE_BY_SIDE: usize = 6;

/// One errand through one network; what the network's verdict found wrong.
fn story(counter: &Counter, errand: &mut Errand, script: &str, on: &str, nth: u64) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let upstream = Some(counter.url.strip_prefix("http://").unwrap().parse().unwrap());
    let options = Options {
        upstream,
        ..Options::default()
    };
    let server = runtime.block_on(Server::start(options)).unwrap();
    errand.url = server.origin();
    // The command's own limits: a second for the commit, one more of quiet; less what the journal's disk may take.
    let asked = json!({ "script": script, "on": on, "nth": nth, "timeoutMs": 1000, "quietMs": 1800 });
    http(
        "POST",
        &format!("{}/_conformance/story", server.control_url()),
        &asked.to_string(),
    );
    errand.to_the_end(4);
    let verdicts = runtime.block_on(server.verdicts());
    drop(server);
    runtime.shutdown_timeout(Duration::from_secs(1));
    assert_eq!(verdicts.len(), 1);
    verdicts
        .into_iter()
        .flat_map(|verdict| verdict.problems)
        .collect()
}

/// Runs stories side by side, then looks at the ledger.
fn stories(on: &'static str, nth: impl Fn(usize) -> u64) {
    let folder = tempfile::tempdir().unwrap();
    let counter = Counter::open(20);
    let names: Vec<&str> = (SCRIPTS.iter().map(|script| script.name))
        // What an address does can't be met by one call of a client.
        .filter(|name| !["plain", "refused"].contains(name))
        .collect();
    let mut errands = Vec::new();
    for (chunk_number, chunk) in names.chunks(SIDE_BY_SIDE).enumerate() {
        std::thread::scope(|scope| {
            let mut under_way = Vec::new();
            for (index, name) in chunk.iter().enumerate() {
                let index = chunk_number * SIDE_BY_SIDE + index;
                let mut errand = Errand {
                    url: String::new(),
                    // Each network is another origin, so each story has a journal of its own beside it.
                    journal: folder.path().join(format!("{name}.sqlite")),
                    folder: folder.path().to_owned(),
                    docuengine: index % 2 == 1,
                    reference: format!("{on}-{name}"),
                    apply: false,
                };
                let (counter, nth) = (&counter, nth(index));
                under_way.push(scope.spawn(move || {
                    let problems = story(counter, &mut errand, name, on, nth);
                    assert!(problems.is_empty(), "{name}: {problems:?}");
                    errand
                }));
            }
            errands.extend(under_way.into_iter().map(|one| one.join().unwrap()));
        });
    }
    each_charged_once(&counter, &errands);
    println!(
        "proof: network_stories_{on}={} charges={}",
        errands.len(),
        counter.charged().len()
    );
}

#[test]
fn whatever_happens_to_the_paid_call_it_is_charged_once() {
    stories("paid", |_| 1);
}

#[test]
fn whatever_happens_to_free_calls_it_is_charged_once() {
    stories("free", |index| 2 + index as u64 % 5);
}
