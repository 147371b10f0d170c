//! Formatting, clippy, documentation, licences.

use std::path::PathBuf;

use anyhow::Result;

use crate::Project;
use crate::report::Tally;
use crate::rust;
use crate::shell::Shell;

/// The version of cargo-deny whose settings `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// Everything that needs no test to run.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("lint")?;
    let mut tally = Tally::default();
    rust::lints(shell, &mut tally);
    if project.cache.is_fresh("cargo-deny", CARGO_DENY) {
        check(project, shell, &mut tally);
    } else {
        println!("  licences: not checked; `cargo xtask deny` installs cargo-deny once and checks them");
    }
    Ok(tally.is_clean())
}

/// Licences, sources and banned crates.
pub(crate) fn deny(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("deny")?;
    if !project.cache.is_fresh("cargo-deny", CARGO_DENY) {
        let root = project.cache.path("cargo-deny");
        let mut install = shell.cargo(&["install", "cargo-deny", "--locked", "--version", CARGO_DENY]);
        install
            .arg("--root")
            .arg(&root)
            .env("CARGO_TARGET_DIR", project.cache.path("target-deny"));
        shell.run("install cargo-deny", &mut install)?.require()?;
        // Hundreds of megabytes that nothing needs again.
        std::fs::remove_dir_all(project.cache.path("target-deny"))?;
        project.cache.finished("cargo-deny", CARGO_DENY)?;
    }
    let mut tally = Tally::default();
    check(project, shell, &mut tally);
    Ok(tally.is_clean())
}

fn check(project: &Project, shell: &mut Shell, tally: &mut Tally) {
    let program: PathBuf = project.cache.path("cargo-deny").join("bin/cargo-deny");
    // Advisories live in a repository of their own, which a machine behind a registry mirror can't fetch.
    let mut command = shell.command(program);
    command.args(["--workspace", "check", "licenses", "bans", "sources"]);
    tally.gate(shell.run("cargo deny", &mut command));
}
