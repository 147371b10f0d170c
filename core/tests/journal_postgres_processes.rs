//! The journal in a real PostgreSQL between several processes, some of which are killed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]
#![cfg(feature = "postgres")]

mod journal_common;
mod postgres_common;

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use journal_common::{entry, version, write};
use postgres_common::{Schema, Server, server};
use sportello::journal::{Duplicates, Entry, Journal, PostgresJournal, Recorded};

/// The journal of a child, and what else it is told.
const CHILD: &str = "SPORTELLO_TEST_CHILD";
const TOLD: &str = "SPORTELLO_TEST_CHILD_TOLD";

const RIVALS: usize = 4;
const STEPS: u64 = 25;
const ROUNDS: u32 = 20;

fn child(test: &str, schema: &Schema, told: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, schema.url())
        .env(TOLD, told)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What every child printed; each must have ended well.
fn outputs(children: Vec<Child>) -> Vec<String> {
    let outputs = children
        .into_iter()
        .map(|child| child.wait_with_output().unwrap());
    outputs
        .map(|output| {
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{text}");
            text
        })
        .collect()
}

/// A child's journal, or one of its own for a test that nobody called as a child.
fn mine(test: &str) -> Option<(PostgresJournal, Option<(Server, Schema)>)> {
    if let Ok(url) = std::env::var(CHILD) {
        return Some((PostgresJournal::connect(&url).unwrap(), None));
    }
    let server = server(test)?;
    let schema = server.schema();
    Some((
        PostgresJournal::connect(&schema.url()).unwrap(),
        Some((server, schema)),
    ))
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

/// What a child runs: races for versions of one entry with its siblings.
#[test]
fn child_counts() {
    let Some((journal, _server)) = mine("counting") else {
        return;
    };
    let mut known = journal
        .get(&entry("counter").key)
        .unwrap()
        .map_or(0, |entry| entry.seq);
    let mut steps = 0;
    while steps < STEPS {
        let next = version("counter", known + 1);
        known = match journal.record(&next, known, Duplicates::Allow).unwrap() {
            Recorded::Written => {
                steps += 1;
                next.seq
            }
            Recorded::Conflict(standing) => standing.unwrap().seq,
            Recorded::Duplicate { reference } => panic!("a duplicate of {reference}"),
        };
    }
    assert_eq!(journal.writes(), STEPS);
}

#[test]
fn processes_share_one_database() {
    let Some(server) = server("processes that count") else {
        return;
    };
    // Nobody made the tables: they do, all at once.
    let schema = server.schema();
    outputs((0..RIVALS).map(|_| child("child_counts", &schema, "")).collect());
    let journal = PostgresJournal::connect(&schema.url()).unwrap();
    let expected = version("counter", STEPS * RIVALS as u64);
    assert_eq!(journal.get(&expected.key), Ok(Some(expected)));
}

/// What a child runs: in each round, at the same moment as its siblings, begins one reference, and one submission of one mark.
#[test]
fn child_races() {
    let Some((journal, _server)) = mine("racing") else {
        return;
    };
    let told = std::env::var(TOLD).unwrap_or_else(|_| format!("{} only", now() + 50));
    let (start, name) = told.split_once(' ').unwrap();
    let start: u128 = start.parse().unwrap();
    for round in 0..ROUNDS {
        while now() < start + u128::from(round) * 40 {
            std::thread::yield_now();
        }
        let reference = Entry {
            digest: name.to_owned(),
            ..entry(&format!("reference-{round}"))
        };
        let outcome = match journal.record(&reference, 0, Duplicates::Refuse).unwrap() {
            Recorded::Written => name.to_owned(),
            Recorded::Conflict(standing) => standing.unwrap().digest,
            Recorded::Duplicate { reference } => panic!("a duplicate of {reference}"),
        };
        println!("\nreference {round} {outcome}");
        let marked = Entry {
            duplicate_mark: Some(format!("mark-{round}")),
            ..entry(&format!("{round}-{name}"))
        };
        let outcome = match journal.record(&marked, 0, Duplicates::Refuse).unwrap() {
            Recorded::Written => marked.key.reference,
            Recorded::Duplicate { reference } => reference,
            Recorded::Conflict(standing) => panic!("a conflict with {standing:?}"),
        };
        println!("\nmark {round} {outcome}");
    }
    let won = journal.writes();
    println!("\nwon {won}");
}

#[test]
fn one_of_several_processes_wins_a_reference_and_a_mark() {
    let Some(server) = server("processes that race") else {
        return;
    };
    let schema = server.schema();
    drop(PostgresJournal::connect(&schema.url()).unwrap());
    let start = now() + 1_000;
    let children = (0..RIVALS).map(|rival| child("child_races", &schema, &format!("{start} rival-{rival}")));
    let texts = outputs(children.collect());
    for race in ["reference", "mark"] {
        for round in 0..ROUNDS {
            let begin = format!("{race} {round} ");
            let winners: Vec<&str> = texts
                .iter()
                .flat_map(|text| text.lines().filter_map(|line| line.strip_prefix(&begin)))
                .collect();
            assert_eq!(winners.len(), RIVALS, "{begin}");
            assert!(
                winners.iter().all(|winner| *winner == winners[0]),
                "{begin}{winners:?}"
            );
        }
    }
    let won: Vec<u32> = texts
        .iter()
        .map(|text| {
            text.lines()
                .find_map(|line| line.strip_prefix("won "))
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    println!("{won:?} won");
    // One winner of each race, and no other row.
    assert_eq!(won.iter().sum::<u32>(), 2 * ROUNDS);
    assert_eq!(
        schema.sql("SELECT count(*) FROM sportello_entries"),
        [(2 * ROUNDS).to_string()]
    );
}

/// What a child runs: writes and says so after each write, until it is killed.
#[test]
fn child_writes() {
    let Some((journal, server)) = mine("writing") else {
        return;
    };
    let mut seq = journal
        .get(&entry("r-1").key)
        .unwrap()
        .map_or(0, |entry| entry.seq);
    let limit = if server.is_some() { 3 } else { u64::MAX };
    let mut out = std::io::stdout();
    for _ in 0..limit {
        seq += 1;
        write(&journal, &version("r-1", seq));
        writeln!(out, "\nack {seq}").unwrap();
        out.flush().unwrap();
    }
    assert_eq!(seq, limit);
}

/// Writers are killed at moments of no one's choosing; whatever they acknowledged is there, whole, and at most the one write that was
/// under way besides. None of them leaves a lock behind that would hold up the next.
#[cfg(unix)]
#[test]
fn what_a_killed_process_acknowledged_is_there() {
    let Some(server) = server("killed processes") else {
        return;
    };
    let schema = server.schema();
    let journal = PostgresJournal::connect(&schema.url()).unwrap();
    let mut found: BTreeMap<u64, u64> = BTreeMap::new();
    let mut stored = 0;
    for round in 0..10_u64 {
        let mut writer = child("child_writes", &schema, "");
        let mut lines = std::io::BufReader::new(writer.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let acknowledged = |line: String| line.strip_prefix("ack ").map(|seq| seq.parse::<u64>().unwrap());
        let mut last = stored;
        while last < stored + 1 + round % 3 {
            last = last.max(acknowledged(lines.next().unwrap()).unwrap_or(0));
        }
        std::thread::sleep(Duration::from_micros(round * 797 % 5_000));
        writer.kill().unwrap();
        let status = writer.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
        last = lines.filter_map(acknowledged).fold(last, u64::max);
        // What was under way may still be committed: the server does not know yet that nobody waits. Locking the row waits for it.
        schema.sql("BEGIN; LOCK TABLE sportello_entries IN SHARE MODE; COMMIT");
        let standing = journal.get(&entry("r-1").key).unwrap().unwrap();
        stored = standing.seq;
        assert_eq!(standing, version("r-1", stored));
        assert!(
            (last..=last + 1).contains(&stored),
            "round {round}: {last} was acknowledged, {stored} is stored"
        );
        *found.entry(stored - last).or_default() += 1;
    }
    println!("{stored} versions; writes more than were acknowledged: {found:?}");
}
