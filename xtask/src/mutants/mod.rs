//! Mutation testing of what decides about money: every small change to it must be noticed by a test.
//!
//! cargo-mutants says what the changes are. They are built all at once (`many`) and tried one after the other (`trial`), each with the
//! quickest tests first. One that no test notices is explained in `xtask/mutants.json`, with a reason; one that is not, and an
//! explanation that is no longer needed, fail the job.

mod many;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::Project;
use crate::shell::{Shell, copy_file};
use many::Mutant;
use trial::{Test, Trials};

const VERSION: &str = "27.1.0";

/// What is mutated: the end of a pattern of files, the beginning of their path, and the tests that must notice, the quickest first.
const ROOMS: [(&str, &str, &[Test]); 5] = [
    (
        "core/src/flow/purchase/**/*.rs",
        "core/src/flow/purchase/",
        &[
            ("machines", ""),
            ("schedules", "recovery_of_a_purchase"),
            ("schedules", "every_step_may"),
            ("model", ""),
        ],
    ),
    (
        "core/src/flow/submit/**/*.rs",
        "core/src/flow/submit/",
        &[
            ("machines", ""),
            ("vectors_flow", ""),
            ("schedules", "every_step_may"),
            ("model", ""),
        ],
    ),
    (
        "core/src/journal/**/*.rs",
        "core/src/journal/",
        &[
            ("lib", "journal::"),
            ("journal_vectors", ""),
            ("journal_key", ""),
            ("journal_files", ""),
            ("schedules", "a_journal"),
        ],
    ),
    (
        "core/src/form/rule.rs",
        "core/src/form/rule.rs",
        &[("lib", "form::"), ("rule_properties", ""), ("vectors_form", "")],
    ),
    (
        "core/src/flow/*.rs",
        "core/src/flow/",
        &[
            ("lib", "flow::"),
            ("machines", ""),
            ("vectors_flow", ""),
            ("schedules", "every_step_may"),
            ("client", ""),
        ],
    ),
];

/// A server's journal is mutated where there is a server; what only tests use, and how a value is shown, is not worth it.
const LEFT_OUT: [&str; 2] = ["core/src/journal/postgres/**", "core/src/journal/conformance/**"];
const NOT_WORTH_IT: [&str; 2] = ["impl (fmt::)?(Debug|Display)", "::(fork|standing|detached)\\b"];

/// The test programs are built in so many steps: without a network's crates what is quick, with them what is left.
const BUILDS: [&[&str]; 3] = [
    &[
        "-p",
        "sportello",
        "--no-default-features",
        "--features",
        "flow,sqlite,sealed",
        "--lib",
        "--test",
        "machines",
        "--test",
        "vectors_flow",
        "--test",
        "rule_properties",
        "--test",
        "vectors_form",
        "--test",
        "journal_files",
        "--test",
        "journal_key",
        "--test",
        "journal_vectors",
    ],
    &["-p", "sportello-proof", "--test", "schedules", "--test", "model"],
    &["-p", "sportello", "--test", "client"],
];

/// How often the compiler is asked which mutants are no program.
const ROUNDS: u32 = 12;

/// Runs the job on the rooms whose path holds `only`, and on the part `shard` of them (`0/4`). True when every mutant was noticed or is
/// explained.
pub(crate) fn run(project: &Project, only: &str, shard: Option<&str>) -> Result<bool> {
    let shell = &mut project.shell("mutants")?;
    let explained = explained(project)?;
    let rooms: Vec<_> = ROOMS.iter().filter(|(_, path, _)| path.contains(only)).collect();
    let mutants = list(project, shell, &rooms, shard)?;
    let bench = Bench {
        tree: copy(project, shell)?,
        target: project.cache.cargo_target().join("mutants"),
    };
    let broken = bench.mutate(project, shell, &mutants)?;
    let mut alive: Vec<(&Mutant, &[Test])> = Vec::new();
    for (index, (_, _, tests)) in rooms.iter().enumerate() {
        // A file is of the first room that has it.
        let here = |mutant: &&Mutant| {
            rooms
                .iter()
                .position(|(_, path, _)| mutant.file.starts_with(path))
                == Some(index)
        };
        let programs = mutants
            .iter()
            .filter(|mutant| mutant.can_be_chosen() && !broken.contains(&mutant.id));
        alive.extend(programs.filter(here).map(|mutant| (mutant, *tests)));
    }
    let tried = alive.len();
    let (mut kept, mut needed) = (0, BTreeSet::new());
    for words in BUILDS {
        let built =
            |(program, _): &Test| words.contains(program) || words.contains(&&*format!("--{program}"));
        if !alive.iter().any(|(_, tests)| tests.iter().any(built)) {
            continue;
        }
        let mut trials = Trials::default();
        let mut command = bench.cargo(shell, &["test", "--no-run", "--message-format=json"]);
        trials.add(&shell.run("building tests", command.args(words))?.require()?);
        for test in rooms
            .iter()
            .flat_map(|(_, _, tests)| tests.iter())
            .filter(|test| built(test))
        {
            trials.measure(*test)?;
        }
        // What no quick test has noticed is tried with the next, unless it is explained.
        alive = trials.unnoticed(alive)?;
        let mut unexplained = Vec::new();
        for (mutant, tests) in alive {
            let name = without_place(&mutant.name);
            if explained.contains_key(&name) {
                needed.insert(name);
                kept += 1;
            } else {
                println!("  not noticed yet: {}", mutant.name);
                unexplained.push((mutant, tests));
            }
        }
        alive = unexplained;
        println!("  {} of {tried} are left, {kept} explained", alive.len());
    }
    for (mutant, _) in &alive {
        println!("  nobody notices: {}", mutant.name);
    }
    let noticed = tried - alive.len() - kept;
    let outside = mutants.iter().filter(|mutant| !mutant.can_be_chosen()).count();
    println!(
        "\nmutants: {tried} tried, {noticed} noticed, {kept} explained, {} not; {} are no program, {outside} outside of functions",
        alive.len(),
        broken.len(),
    );
    let whole = only.is_empty() && shard.is_none();
    let idle: Vec<&String> = explained
        .keys()
        .filter(|known| whole && !needed.contains(*known))
        .collect();
    for known in &idle {
        println!("  explained, and noticed: {known}");
    }
    // What is outside of functions can't be tried, so there may be none.
    Ok(alive.is_empty() && idle.is_empty() && outside == 0 && noticed > 0)
}

/// Where the mutated crate is built.
struct Bench {
    tree: PathBuf,
    target: PathBuf,
}

impl Bench {
    /// `cargo` in the copy. What the proof spends its time in is optimised a little.
    fn cargo(&self, shell: &Shell, words: &[&str]) -> std::process::Command {
        let mut command = shell.cargo(words);
        command
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "1");
        for package in [
            "sportello",
            "sportello-simulator",
            "sportello-proof",
            "serde_json",
            "serde_core",
        ] {
            let setting = format!("profile.dev.package.{package}.opt-level=1");
            command.args(["--config", &setting]);
        }
        command
    }

    /// Writes the mutants into the copy; gives those that are no program.
    fn mutate(&self, project: &Project, shell: &mut Shell, mutants: &[Mutant]) -> Result<BTreeSet<u32>> {
        let mut broken = BTreeSet::new();
        for round in 1..=ROUNDS {
            let lines = many::write(&project.repo, &self.tree, mutants, &broken)?;
            let words = [
                "check",
                "--message-format=json",
                "-p",
                "sportello",
                "--no-default-features",
                "--features",
                "flow,sqlite,sealed",
            ];
            let done = shell.run(
                &format!("which are programs, round {round}"),
                &mut self.cargo(shell, &words),
            )?;
            if done.ok() {
                return Ok(broken);
            }
            let more = many::broken(&done.text, &lines);
            if more.is_subset(&broken) {
                return Err(done.error());
            }
            broken.extend(more);
        }
        bail!("still no program after {ROUNDS} rounds")
    }
}

fn list(
    project: &Project,
    shell: &mut Shell,
    rooms: &[&(&str, &str, &[Test])],
    shard: Option<&str>,
) -> Result<Vec<Mutant>> {
    let program = install(project, shell)?;
    let mut command = shell.command(&program);
    command.args(["mutants", "--list", "--json"]);
    for (files, ..) in rooms {
        command.args(["--file", files]);
    }
    for path in LEFT_OUT {
        command.args(["--exclude", path]);
    }
    for name in NOT_WORTH_IT {
        command.args(["--exclude-re", name]);
    }
    if let Some(shard) = shard {
        command.args(["--shard", shard]);
    }
    let text = shell.run("what to change", &mut command)?.require()?;
    let json = text.get(text.find('[').context("no list")?..).unwrap_or_default();
    Mutant::list(json)
}

/// A copy of the checkout, for nothing in the caller's own may be changed.
fn copy(project: &Project, shell: &mut Shell) -> Result<PathBuf> {
    let tree = project.cache.path("mutated");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    let mut command = shell.command("git");
    command.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    for file in shell.run("what to copy", &mut command)?.require()?.lines() {
        let (from, to) = (project.repo.join(file), tree.join(file));
        if from.is_file() {
            fs::create_dir_all(to.parent().unwrap_or(Path::new("")))?;
            copy_file(&from, &to)?;
        }
    }
    Ok(tree)
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
            "--debug",
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
