//! Schedules and the model: one process each, so that one that fails hides no other.

use anyhow::Result;

use super::{Proof, step};
use crate::Project;
use crate::postgres::Postgres;
use crate::shell::Shell;

const RUN: [&str; 5] = ["run", "--release", "-q", "-p", "sportello-proof"];

/// Each part with its words, the quick ones second.
const PARTS: [(&str, &[&str], &[&str]); 6] = [
    (
        "one fault, then another in its recovery",
        &["enumerate", "--depth", "2"],
        &["enumerate", "--depth", "1"],
    ),
    (
        "three faults",
        &["sample", "--count", "100000"],
        &["sample", "--count", "5000"],
    ),
    ("two processes", &["pairs"], &["pairs"]),
    (
        "SQLite on a file",
        &["files", "--count", "1000"],
        &["files", "--count", "50"],
    ),
    (
        "a relay before the provider",
        &["relay", "--count", "5000"],
        &["relay", "--count", "100", "--only", "friendliest"],
    ),
    ("the model", &["model"], &["model", "--quick"]),
];

pub(super) fn run(project: &Project, shell: &mut Shell, proof: &mut Proof, quick: bool) -> Result<()> {
    // With PostgreSQL from the beginning where it is tried: one build instead of two.
    let features: &[&str] = if quick { &[] } else { &["--features", "postgres"] };
    let build = [&["build", "--release", "-p", "sportello-proof"], features].concat();
    shell.run("building", &mut shell.cargo(&build))?.require()?;
    for (title, whole, part) in PARTS {
        let words = if quick { part } else { whole };
        proof.part(step(shell, title, &[&RUN[..], features, &["--"], words].concat()));
    }
    if quick {
        return Ok(());
    }
    match Postgres::start(project, shell) {
        Ok(server) => {
            let words = [&RUN[..], features, &["--", "postgres"]].concat();
            let mut command = shell.cargo(&words);
            server.announce(&mut command);
            let done = shell.run("the journal in PostgreSQL", &mut command);
            proof.part(done);
        }
        Err(error) => {
            println!("  SKIPPED: the journal in PostgreSQL: {error}");
            proof.skipped += 1;
        }
    }
    Ok(())
}
