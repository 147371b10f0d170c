//! Mutation testing of what decides about money: every small change to it must be noticed by a test.
//!
//! A mutant that no test notices is explained in `xtask/mutants.json`, with a reason; one that is not, and an explanation that is
//! no longer needed, fail the job.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};

use crate::Project;
use crate::shell::Shell;

const VERSION: &str = "27.1.0";

/// What is mutated, and the tests that must notice: the narrowest that know it.
const ROOMS: [(&str, &[&str], &[&str]); 3] = [
    (
        "core/src/form/rule.rs",
        &["sportello"],
        &["--lib", "--test", "vectors_form", "--test", "rule_properties"],
    ),
    (
        "core/src/journal/**/*.rs",
        &["sportello"],
        &[
            "--lib",
            "--test",
            "journal_files",
            "--test",
            "journal_key",
            "--test",
            "journal_vectors",
            "--test",
            "journal_crash",
        ],
    ),
    (
        "core/src/flow/**/*.rs",
        &["sportello", "sportello-proof"],
        &[
            "--lib",
            "--test",
            "vectors_flow",
            "--test",
            "schedules",
            "--test",
            "client",
        ],
    ),
];

/// A server's journal is mutated where there is a server; what only tests use, and how a value is shown, is not worth it.
const LEFT_OUT: [&str; 2] = ["core/src/journal/postgres/**", "core/src/journal/conformance/**"];

/// Runs the job on the rooms whose path holds `only`, and on the part `shard` of them (`1/4`). True when every mutant was noticed or is
/// explained.
pub(crate) fn run(project: &Project, only: &str, shard: Option<&str>) -> Result<bool> {
    let shell = &mut project.shell("mutants")?;
    let program = install(project, shell)?;
    let explained = explained(project)?;
    let (mut noticed, mut unexplained, mut needed) = (0, Vec::new(), Vec::new());
    for (room, packages, tests) in ROOMS.iter().filter(|(room, ..)| room.contains(only)) {
        let out = project.cache.path("mutants");
        let mut command = shell.command(&program);
        command
            .args(["mutants", "--no-shuffle", "--file", room])
            .args([
                "--minimum-test-timeout",
                "120",
                "--exclude-re",
                "impl (fmt::)?(Debug|Display)",
            ])
            .args(["--exclude-re", "::(fork|standing|detached)\\b"])
            .arg("--output")
            .arg(&out)
            .env("CARGO_TARGET_DIR", project.cache.cargo_target().join("mutants"));
        for path in LEFT_OUT {
            command.args(["--exclude", path]);
        }
        for package in *packages {
            command.args(["--test-package", package]);
        }
        if let Some(shard) = shard {
            command.args(["--shard", shard]);
        }
        command.arg("--").args(*tests);
        let done = shell.run(room, &mut command)?;
        let results = out.join("mutants.out");
        let list = |name: &str| fs::read_to_string(results.join(name)).unwrap_or_default();
        let outcomes = results.join("outcomes.json");
        fs::metadata(&outcomes).with_context(|| format!("{room}: no outcome\n{}", done.text))?;
        noticed += list("caught.txt").lines().count() + list("timeout.txt").lines().count();
        for survivor in list("missed.txt").lines() {
            let known = explained.keys().find(|known| without_place(survivor) == **known);
            match known {
                Some(known) => needed.push(known.clone()),
                None => unexplained.push(survivor.to_owned()),
            }
        }
    }
    println!(
        "\nmutants: {noticed} noticed, {} explained, {} not",
        needed.len(),
        unexplained.len()
    );
    for survivor in &unexplained {
        println!("  nobody notices: {survivor}");
    }
    let whole = only.is_empty() && shard.is_none();
    let idle: Vec<&String> = explained
        .keys()
        .filter(|known| whole && !needed.contains(known))
        .collect();
    for known in &idle {
        println!("  explained, and noticed: {known}");
    }
    Ok(unexplained.is_empty() && idle.is_empty() && noticed > 0)
}

/// `file:line:column: what` without the line and column, which change with every edit.
fn without_place(mutant: &str) -> String {
    match mutant.split_once(": ") {
        Some((place, what)) => format!("{}: {what}", place.split(':').next().unwrap_or(place)),
        None => mutant.to_owned(),
    }
}

fn explained(project: &Project) -> Result<BTreeMap<String, String>> {
    let path = project.repo.join("xtask/mutants.json");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))
}

fn install(project: &Project, shell: &mut Shell) -> Result<std::path::PathBuf> {
    let root = project.cache.path("cargo-mutants");
    let program = root.join("bin/cargo-mutants");
    if !(program.is_file() && project.cache.is_fresh("cargo-mutants", VERSION)) {
        let mut command = shell.cargo(&[
            "install",
            "cargo-mutants",
            "--locked",
            "--version",
            VERSION,
            "--root",
        ]);
        command.arg(&root);
        shell.run("installing cargo-mutants", &mut command)?.require()?;
        project.cache.finished("cargo-mutants", VERSION)?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_outlives_an_edit_above_it() {
        let mutant = "core/src/flow/retry.rs:42:9: replace Retry::jitter -> u64 with 0";
        assert_eq!(
            without_place(mutant),
            "core/src/flow/retry.rs: replace Retry::jitter -> u64 with 0"
        );
    }
}
