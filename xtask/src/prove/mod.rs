//! The proof that a reference is paid once and never lost, and its table.
//!
//! | file | what is in it |
//! |---|---|
//! | `pure` | schedules and the model: the crate `sportello-proof` |
//!
//! Real processes, killed and set upon each other, are in the room `processes` of xtask.

mod pure;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::Project;
use crate::shell::{Done, Shell};

/// The whole proof fits in this.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// One job of the proof.
struct Proof {
    rows: Vec<String>,
    failed: u32,
    skipped: u32,
}

/// Runs the proof, or a part of it that takes a few minutes, and prints the table. True when it holds.
pub(crate) fn run(project: &Project, quick: bool) -> Result<bool> {
    let started = Instant::now();
    let shell = &mut project.shell("prove")?;
    let mut proof = Proof {
        rows: Vec::new(),
        failed: 0,
        skipped: 0,
    };
    pure::run(project, shell, &mut proof, quick)?;
    match crate::processes::run(project, quick) {
        Ok(rows) => {
            let row = |row: &crate::processes::Row| format!("| {} | {} |", row.what, row.value);
            proof.rows.extend(rows.iter().map(row));
        }
        Err(error) => {
            proof.failed += 1;
            eprintln!("{error:#}");
        }
    }
    println!("\n| proof | found |\n|---|---|");
    for row in &proof.rows {
        println!("{row}");
    }
    let took = started.elapsed();
    println!(
        "\n{} parts, {} failed, {} skipped, {} min {} s",
        proof.rows.len(),
        proof.failed,
        proof.skipped,
        took.as_secs() / 60,
        took.as_secs() % 60
    );
    if took > LIMIT {
        println!("it took longer than its 30 minutes");
    }
    Ok(proof.failed == 0 && !proof.rows.is_empty())
}

impl Proof {
    /// Takes the rows that a part printed: `proof: NAME: what was found`. A part without any has proved nothing.
    fn part(&mut self, shell_said: Result<Done>) {
        let done = match shell_said {
            Ok(done) => done,
            Err(error) => {
                self.failed += 1;
                eprintln!("{error:#}");
                return;
            }
        };
        let rows = rows(&done.text);
        if done.text.lines().any(|line| line.starts_with("SKIPPED")) {
            self.skipped += 1;
        } else if rows.is_empty() || !done.ok() {
            self.failed += 1;
            eprintln!("{:#}", done.error());
        }
        self.rows.extend(rows);
    }
}

/// The rows of the table in what a part printed.
fn rows(output: &str) -> Vec<String> {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("proof: ")?.split_once(": "))
        .map(|(name, found)| format!("| {name} | {found} |"))
        .collect()
}

/// Runs one program of a part.
fn step(shell: &mut Shell, title: &str, words: &[&str]) -> Result<Done> {
    let mut command = shell.cargo(words);
    shell.run(title, &mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_name_and_what_was_found() {
        let output = "noise\nproof: two processes: 12 schedules, worst ledger 1\nproof: broken";
        assert_eq!(rows(output), ["| two processes | 12 schedules, worst ledger 1 |"]);
    }
}
