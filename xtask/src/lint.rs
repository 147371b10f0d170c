//! Formatting, clippy, documentation, licences.

use std::path::Path;

use anyhow::Result;

use crate::Project;
use crate::report::Tally;
use crate::rust;
use crate::shell::Shell;
use crate::tools::CARGO_DENY;

/// Everything that needs no test to run.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("lint")?;
    let mut tally = Tally::default();
    rust::lints(shell, &mut tally);
    if CARGO_DENY.is_here(project) {
        let program = CARGO_DENY.install(project, shell)?;
        check(shell, &program, &mut tally);
    } else {
        println!("  licences: not checked; `cargo xtask deny` installs cargo-deny once and checks them");
    }
    Ok(tally.is_clean())
}

/// Licences, sources and banned crates.
pub(crate) fn deny(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("deny")?;
    let program = CARGO_DENY.install(project, shell)?;
    let mut tally = Tally::default();
    check(shell, &program, &mut tally);
    Ok(tally.is_clean())
}

fn check(shell: &mut Shell, program: &Path, tally: &mut Tally) {
    // Advisories are a job of their own, `cargo xtask advisories`: their database is not at hand everywhere.
    let mut command = shell.command(program);
    command.args(["--workspace", "check", "licenses", "bans", "sources"]);
    tally.gate(shell.run("cargo deny", &mut command));
}
