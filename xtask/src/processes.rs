//! The proof with real processes: kills, pairs, tokens, networks that misbehave, a thousand submissions at once, and the drivers' conformance.
//!
//! The tests print lines that begin with `proof:` and hold `name=number` pairs; what they say is gathered here. They are release builds, because
//! that is what people run, and because the memory of a debug build says nothing.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::Project;

/// One line of the proof's table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// What was proved.
    pub(crate) what: &'static str,
    /// How often, or how much.
    pub(crate) value: String,
}

/// How much is done.
struct Rounds {
    kills: u32,
    pairs: u32,
    tokens: u32,
}

/// All of it: some six minutes, and the time of a release build.
const WHOLE: Rounds = Rounds {
    kills: 200,
    pairs: 50,
    tokens: 12,
};

/// What a test run does as well.
const QUICK: Rounds = Rounds {
    kills: 20,
    pairs: 8,
    tokens: 4,
};

/// Runs all of it; an error when anything was charged twice, lost, or not proved.
pub(crate) fn run(project: &Project, quick: bool) -> Result<Vec<Row>> {
    let shell = &mut project.shell("prove-processes")?;
    let rounds = if quick { QUICK } else { WHOLE };
    let mut text = String::new();
    for (title, words) in runs(quick) {
        let mut command = shell.cargo(&words);
        command
            .env("SPORTELLO_PROVE_KILLS", rounds.kills.to_string())
            .env("SPORTELLO_PROVE_PAIRS", rounds.pairs.to_string())
            .env("SPORTELLO_PROVE_TOKENS", rounds.tokens.to_string());
        text.push_str(&shell.run(title, &mut command)?.require()?);
    }
    let found = numbers(&text);
    let rows = rows(&found)?;
    for row in &rows {
        println!("  {:<58} {}", row.what, row.value);
    }
    Ok(rows)
}

/// The test programs, each with a title. One test at a time: they measure, and they load the machine by themselves.
fn runs(quick: bool) -> [(&'static str, Vec<&'static str>); 4] {
    let shown = ["--nocapture", "--test-threads=1"];
    let test = |package, name, more: &[&'static str]| {
        let mut words = vec!["test", "--release", "-p", package, "--test", name, "--"];
        words.extend(shown);
        words.extend(more);
        words
    };
    let load: &[&str] = if quick { &["a_hundred"] } else { &["a_thousand"] };
    [
        (
            "kills, pairs, tokens, networks",
            test("sportello-cli", "processes", &[]),
        ),
        ("many submissions at once", test("sportello-cli", "load", load)),
        (
            "cancellation at every poll, clocks",
            test("sportello", "client", &["cancel::", "clock::"]),
        ),
        (
            "drivers under conformance",
            test("sportello-conformance", "drivers", &[]),
        ),
    ]
}

/// The pairs of all `proof:` lines. A name that comes several times is summed, as the runs of it are.
fn numbers(text: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    // A test's own line may begin before it: `test name ... proof: …`.
    let proofs = text
        .lines()
        .filter_map(|line| Some(line.split_once("proof: ")?.1));
    for pair in proofs.flat_map(str::split_whitespace) {
        let number = pair
            .split_once('=')
            .and_then(|(name, value)| Some((name, value.parse::<f64>().ok()?)));
        if let Some((name, value)) = number {
            *found.entry(name.to_owned()).or_default() += value;
        }
    }
    found
}

fn rows(found: &BTreeMap<String, f64>) -> Result<Vec<Row>> {
    let number = |name: &str| match found.get(name) {
        Some(number) => Ok(*number),
        None => bail!("the proof says nothing of `{name}`: a test did not run"),
    };
    let row = |what, value: String| Row { what, value };
    let count = |name: &str| number(name).map(|number| format!("{number:.0}"));
    // Every test fails by itself when a reference is not charged exactly once, so that what is printed here is what held.
    Ok(vec![
        row(
            "rounds of kill -9, processes killed in the middle",
            format!("{}, {}", count("kill_rounds")?, count("kills_in_time")?),
        ),
        row("two processes at one reference, rounds", count("pair_rounds")?),
        row("tokens that ended in the middle", count("tokens_ended")?),
        row(
            "networks that misbehave at a paid call, at a free one",
            format!(
                "{}, {}",
                count("network_stories_paid")?,
                count("network_stories_free")?
            ),
        ),
        row(
            "submissions given up at every poll",
            count("cancelled_submit_polls")?,
        ),
        row(
            "submissions at once, one call in five failing",
            count("load_submissions")?,
        ),
        row(
            "of these delivered, and calls made",
            format!("{}, {}", count("delivered")?, count("calls")?),
        ),
        row(
            "memory beyond the start, sockets at the most",
            format!(
                "{:.1} MiB, {}",
                number("rss_grown_kib")? / 1024.0,
                count("sockets")?
            ),
        ),
        row(
            "references charged, losses",
            format!("{}, {}", count("charges")?, count("losses")?),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "test kills ... proof: kill_rounds=20 kills=37 kills_in_time=36 charges=22 losses=0\n\
        proof: pair_rounds=8 charges=8\nproof: tokens_ended=24 charges=4\n\
        proof: network_stories_paid=24 charges=24\nproof: network_stories_free=24 charges=24\n\
        proof: cancelled_submit_polls=3 charges=3\nproof: cancelled_submit_polls=4 charges=4\n\
        proof: load_submissions=100 delivered=100 charges=100 calls=894 seconds=26.6 rss_grown_kib=12740 sockets=18\n\
        test result: ok. 5 passed\n";

    #[test]
    fn the_lines_of_a_proof_are_read_and_summed() {
        let rows = rows(&numbers(SAID)).unwrap();
        let value = |what: &str| {
            rows.iter()
                .find(|row| row.what.starts_with(what))
                .unwrap()
                .value
                .clone()
        };
        assert_eq!(value("rounds of kill"), "20, 36");
        assert_eq!(value("submissions given up"), "7");
        assert_eq!(value("memory"), "12.4 MiB, 18");
        assert_eq!(value("references charged"), "189, 0");
    }

    #[test]
    fn a_test_that_did_not_run_is_missed() {
        let without = SAID.replace("pair_rounds=8", "");
        assert!(
            rows(&numbers(&without))
                .unwrap_err()
                .to_string()
                .contains("pair_rounds")
        );
    }
}
