//! The core, the command, the simulator: formatting, clippy in every shape the core ships in, tests, docs.

use anyhow::Result;

use crate::Project;
use crate::postgres::Postgres;
use crate::report::{Counts, Tally, number_before};
use crate::setup::which;
use crate::shell::Shell;

/// Runs all of it. Needs nothing but rustup's toolchain, strace for the one test that counts a journal's flushes, and PostgreSQL
/// for the tests of the journal in it.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    lints(shell, tally);
    let strace = project
        .setup
        .apt(shell, "strace", &["strace"], || which("strace").is_some());
    let mut words = vec!["test", "--workspace", "--no-fail-fast"];
    match strace {
        Ok(()) => words.extend(["--", "--include-ignored"]),
        Err(error) => println!("  SKIPPED: the count of a journal's flushes: {error}"),
    }
    // Without --quiet, so that the lines a shared-case runner prints on success can be shown by --verbose.
    let done = shell.run("cargo test", &mut shell.cargo(&words))?;
    tally.counted(&done, counts(&done.text));
    match Postgres::start(project, shell) {
        Ok(server) => postgres_journal(shell, tally, &server)?,
        Err(error) => tally.left_out("the journal in PostgreSQL", &error),
    }
    Ok(())
}

/// The journal in a real PostgreSQL, whose server is there until the end.
fn postgres_journal(shell: &mut Shell, tally: &mut Tally, server: &Postgres) -> Result<()> {
    let mut command = shell.cargo(&[
        "test",
        "-p",
        "sportello",
        "--features",
        "postgres",
        "--no-fail-fast",
    ]);
    command.args(["--test", "journal_postgres*"]);
    server.announce(&mut command);
    let mut done = shell.run("cargo test, the journal in PostgreSQL", &mut command)?;
    // A test that finds no server passes; here there is one.
    if done.ok() && done.text.contains("SKIPPED postgres") {
        done.refuse("a test was left out although there is a server");
    }
    tally.counted(&done, counts(&done.text));
    let mut command = shell.cargo(&["test", "-p", "sportello-relay", "--features", "postgres"]);
    command.args([
        "--lib",
        "--test",
        "relay",
        "--no-fail-fast",
        "--",
        "ledger",
        "one_database",
    ]);
    server.announce(&mut command);
    let mut done = shell.run("cargo test, the relay's ledger in PostgreSQL", &mut command)?;
    if done.ok() && done.text.contains("SKIPPED postgres") {
        done.refuse("a test was left out although there is a server");
    }
    tally.counted(&done, counts(&done.text));
    Ok(())
}

/// Formatting, clippy, documentation: each is one case.
pub(crate) fn lints(shell: &mut Shell, tally: &mut Tally) {
    let strict = ["--", "-D", "warnings"];
    let clippy = |shell: &Shell, args: &[&str]| shell.cargo(&[&["clippy"], args, &strict].concat());
    let mut command = shell.cargo(&["fmt", "--all", "--check", "--", "--color", "never"]);
    tally.gate(shell.run("cargo fmt", &mut command));
    let mut command = clippy(shell, &["--workspace", "--all-targets"]);
    tally.gate(shell.run("clippy, the workspace", &mut command));
    // What the browser gets, and what a host with its own network gets: features hide from the run above.
    let mut command = clippy(shell, &["-p", "sportello", "--no-default-features"]);
    tally.gate(shell.run("clippy, the core without features", &mut command));
    let mut command = clippy(
        shell,
        &["-p", "sportello", "--no-default-features", "--features", "flow"],
    );
    tally.gate(shell.run("clippy, the core with `flow`", &mut command));
    let mut command = clippy(
        shell,
        &[
            "-p",
            "sportello",
            "--no-default-features",
            "--features",
            "postgres",
        ],
    );
    tally.gate(shell.run("clippy, the core with `postgres` alone", &mut command));
    let mut command = clippy(
        shell,
        &[
            "-p",
            "sportello",
            "--all-targets",
            "--features",
            "postgres,places,instructions-html",
        ],
    );
    tally.gate(shell.run("clippy, the core with everything", &mut command));
    let relay = ["-p", "sportello-relay", "--all-targets", "--features", "postgres"];
    let mut command = clippy(shell, &relay);
    tally.gate(shell.run("clippy, the relay with `postgres`", &mut command));
    let mut command = shell.cargo(&[
        "doc",
        "--workspace",
        "--no-deps",
        "--features",
        "sportello/postgres",
    ]);
    tally.gate(shell.run("cargo doc", command.env("RUSTDOCFLAGS", "-D warnings")));
}

/// Runs the benchmarks, on the terminal: their numbers are the point.
pub(crate) fn bench(project: &Project, checks: bool, args: &[String]) -> Result<bool> {
    let shell = project.shell("bench")?;
    // The checks are measured in a workspace of their own, where the peers are.
    let of_checks = [
        "bench",
        "--manifest-path",
        "core/benches/checks/Cargo.toml",
        "--bench",
        "checks",
    ];
    let mut command = shell.cargo(if checks {
        &of_checks
    } else {
        &["bench", "-p", "sportello"]
    });
    Ok(command.args(args).status()?.success())
}

/// Sums the `test result:` lines.
fn counts(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines().filter(|line| line.starts_with("test result:")) {
        counts.passed += number_before(line, "passed").unwrap_or(0);
        counts.failed += number_before(line, "failed").unwrap_or(0);
        counts.skipped += number_before(line, "ignored").unwrap_or(0);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_all_test_programs_are_summed() {
        let output = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 5 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(
            counts(output),
            Counts {
                passed: 7,
                failed: 1,
                skipped: 1
            }
        );
        assert_eq!(counts("error: could not compile"), Counts::default());
    }
}
