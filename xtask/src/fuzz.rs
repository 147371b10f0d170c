//! A short pass of every fuzz target, with the toolchain that is there: coverage needs no nightly, and the sanitizers that do would find nothing in a
//! crate without `unsafe`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::Project;
use crate::setup::text;
use crate::shell::Shell;

const TARGETS: [&str; 5] = ["rule", "form_json", "values", "names", "instructions"];

/// What cargo-fuzz passes as well: counters at every edge, and comparisons that are told to libFuzzer.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Runs every target for so many seconds. What was found goes into the cache and is gone on from the next time; with `keep`, what adds anything goes into
/// the checkout's corpus.
pub(crate) fn run(project: &Project, seconds: u32, keep: bool) -> Result<bool> {
    let shell = &mut project.shell("fuzz")?;
    let home = project.repo.join("core/fuzz");
    let target_dir = project.cache.cargo_target().join("fuzz");
    let host = host(shell)?;
    let mut build = shell.cargo(&["build", "--release", "--bins", "--manifest-path"]);
    // With the target named, build scripts and macros are not built for fuzzing.
    build.arg(home.join("Cargo.toml")).args(["--target", &host]);
    build.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &target_dir);
    shell.run("build the fuzz targets", &mut build)?.require()?;
    let mut ok = true;
    for target in TARGETS {
        let program = target_dir.join(&host).join("release").join(target);
        let seeds = home.join("corpus").join(target);
        let found = project.cache.path("fuzz").join(target);
        let crashes = project.cache.path("fuzz-crashes").join(target);
        for folder in [&seeds, &found, &crashes] {
            fs::create_dir_all(folder)?;
        }
        let mut command = shell.command(&program);
        command.arg(format!("-max_total_time={seconds}"));
        command.args([
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-max_len=4096",
            "-print_final_stats=1",
        ]);
        command.arg(format!("-artifact_prefix={}/", text(&crashes)?));
        let done = shell.run(&format!("fuzz {target}"), command.arg(&found).arg(&seeds))?;
        for line in done.text.lines().filter(|line| {
            line.starts_with("stat::number_of_executed_units")
                || line.starts_with("SUMMARY")
                || line.contains("panicked at")
        }) {
            println!("    {line}");
        }
        ok &= done.ok();
        if keep && done.ok() {
            merge(shell, &program, &seeds, &found)?;
        }
    }
    Ok(ok)
}

/// The corpus of the checkout, with what the found one adds to it.
fn merge(shell: &mut Shell, program: &Path, seeds: &Path, found: &Path) -> Result<()> {
    let mut command = shell.command(program);
    command.args(["-merge=1", "-max_len=512"]).arg(seeds).arg(found);
    shell.run("keep what is new", &mut command)?.require().map(drop)
}

fn host(shell: &Shell) -> Result<String> {
    let output = shell.command("rustc").arg("-vV").output()?;
    let version = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not say what it is built for")
}
