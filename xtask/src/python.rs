//! The wheel, installed into an environment of its own: pytest, mypy, stubtest, ruff.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::Project;
use crate::cache;
use crate::report::{Counts, Tally, number_before};
use crate::setup::{quiet, text};
use crate::shell::Shell;
use crate::vectors;

/// Makes the environment with the tools that `requirements-dev.txt` pins; its `bin` folder.
pub(crate) fn prepare(project: &Project, shell: &mut Shell) -> Result<PathBuf> {
    let pins = project.repo.join("bindings-python/requirements-dev.txt");
    environment(project, shell, "venv", &pins)
}

/// Makes an environment of this name in the cache with what a file pins; its `bin` folder.
pub(crate) fn environment(project: &Project, shell: &mut Shell, name: &str, pins: &Path) -> Result<PathBuf> {
    let venv = project.cache.path(name);
    let bin = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let python = program();
    // Asking for the module finds the case that Debian leaves out of python3 itself.
    let usable = || {
        let question = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
        quiet(Command::new(python).args(["-c", question]))
    };
    project.setup.apt(
        shell,
        "Python 3.10 or newer with venv",
        &["python3", "python3-venv"],
        usable,
    )?;
    let version = Command::new(python).arg("--version").output()?.stdout;
    let key = cache::key(String::from_utf8_lossy(&version).trim(), &[pins.to_owned()])?;
    if !project.cache.is_fresh(name, &key) || !bin.join("python").exists() {
        let mut create = shell.command(python);
        shell
            .run(
                "make the environment",
                create.args(["-m", "venv", "--clear"]).arg(&venv),
            )?
            .require()?;
        let mut install = shell.command(bin.join("python"));
        install.args(["-m", "pip", "install", "--quiet", "-r", text(pins)?]);
        shell.run("install the Python tools", &mut install)?.require()?;
        project.cache.finished(name, &key)?;
    }
    Ok(bin)
}

/// Builds the wheel, installs it, runs the tests against it.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let expected = vectors::count(&project.repo)?;
    let bin = prepare(project, shell)?;
    let home = project.repo.join("bindings-python");
    let wheels = install(project, shell, &bin)?;

    // Simulator, relay and the network that misbehaves, each as a process beside the tests.
    let mut build = shell.command("cargo");
    build.args(["build", "--quiet", "-p", "sportello-cli", "-p", "sportello-relay"]);
    build.args(["-p", "sportello-conformance"]);
    build
        .current_dir(&project.repo)
        .env("CARGO_TARGET_DIR", project.cache.cargo_target());
    shell
        .run("build what stands beside the tests", &mut build)?
        .require()?;
    let programs = project.cache.cargo_target().join("debug");
    let mut pytest = tool(shell, &bin, &home, "python");
    pytest.args(["-m", "pytest", "-rA", "-p", "no:cacheprovider", "tests"]);
    pytest
        .env("SPORTELLO_COMMAND", programs.join("sportello"))
        .env("SPORTELLO_RELAY", programs.join("sportello-relay"))
        .env("SPORTELLO_CONFORMANCE", programs.join("sportello-conformance"))
        .env("SPORTELLO_VECTORS", project.repo.join("core/vectors"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let done = shell.run("pytest", &mut pytest)?;
    tally.counted(&done, counts(&done.text));
    tally.vectors(vectors::ran(&done.text), expected);

    let mypy_cache = project.cache.path("mypy");
    let mut mypy = tool(shell, &bin, &home, "python");
    mypy.args([
        "-m",
        "mypy",
        "--strict",
        "tests",
        "python/sportello",
        "--cache-dir",
    ])
    .arg(&mypy_cache);
    tally.gate(shell.run("mypy --strict", &mut mypy));
    // From a folder without sources, so that the installed package is the one compared.
    let mut stubtest = tool(shell, &bin, &wheels, "python");
    stubtest.args(["-m", "mypy.stubtest", "sportello", "--allowlist"]);
    stubtest.arg(home.join("stubtest-allowlist.txt"));
    stubtest
        .arg("--mypy-config-file")
        .arg(home.join("pyproject.toml"));
    tally.gate(shell.run("stubtest", &mut stubtest));
    // Of PyPI's, with a Node of its own beside it; what it fetches from npm stays in the cache.
    let path = first_on_path(&bin)?;
    for (title, args, folder) in [
        ("pyright, strict", &["--project", text(&home)?][..], &home),
        // What the installed package tells other people's type checkers.
        (
            "pyright --verifytypes",
            &["--verifytypes", "sportello", "--ignoreexternal"][..],
            &wheels,
        ),
    ] {
        let mut pyright = tool(shell, &bin, folder, "pyright");
        pyright
            .args(args)
            .env("PATH", &path)
            .env("PYRIGHT_PYTHON_CACHE_DIR", project.cache.path("pyright"))
            .env("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1");
        tally.gate(shell.run(title, &mut pyright));
    }
    for (title, args) in [
        ("ruff check", ["check", "--no-cache", "."]),
        ("ruff format", ["format", "--check", "."]),
    ] {
        let mut ruff = tool(shell, &bin, &home, "ruff");
        tally.gate(shell.run(title, ruff.args(args)));
    }
    Ok(())
}

/// Builds the wheel and installs it into an environment; the folder that it lies in.
pub(crate) fn install(project: &Project, shell: &mut Shell, bin: &Path) -> Result<PathBuf> {
    let wheels = project.cache.path("wheels");
    // The wheel and not an in-place build: what is tested is what somebody would install, stubs and all.
    wheel(project, shell, bin, &wheels, &["--profile", "dev", "--strip"])?;
    let mut install = tool(shell, bin, &project.repo, "python");
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--force-reinstall",
    ]);
    install.args(["--find-links", text(&wheels)?, "sportello"]);
    shell.run("install the wheel", &mut install)?.require()?;
    Ok(wheels)
}

/// Runs the benchmarks beside the peers, against a release wheel in the environment of the tests.
pub(crate) fn bench(project: &Project, args: &[String]) -> Result<bool> {
    let shell = &mut project.shell("bench-python")?;
    let bin = prepare(project, shell)?;
    let home = project.repo.join("bindings-python");
    let wheels = project.cache.path("wheels-release");
    wheel(project, shell, &bin, &wheels, &shipped())?;
    let mut install = tool(shell, &bin, &home, "python");
    install.args(["-m", "pip", "install", "--quiet", "-r", "requirements-bench.txt"]);
    shell.run("install the peers", &mut install)?.require()?;
    let mut install = tool(shell, &bin, &home, "python");
    install.args(["-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]);
    install.args(["--force-reinstall", "--find-links", text(&wheels)?, "sportello"]);
    shell.run("install the wheel", &mut install)?.require()?;
    let mut pytest = tool(shell, &bin, &home, "python");
    pytest.args([
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "benches/bench_checks.py",
    ]);
    pytest.args([
        "--benchmark-columns",
        "min,median,ops,rounds",
        "--benchmark-sort",
        "min",
    ]);
    Ok(pytest.args(args).status()?.success())
}

/// How the wheel is built that is shipped: small, and for every Linux since 2014, by Zig's compiler, which is in the environment.
pub(crate) fn shipped() -> Vec<&'static str> {
    let mut how = vec!["--profile", "wheel", "--compression-level", "9"];
    if cfg!(target_os = "linux") {
        how.extend(["--zig", "--compatibility", "manylinux2014"]);
    }
    how
}

/// What the bundled SQLite brings along and no journal uses: full-text search, R-trees, statistics.
const SQLITE: &str = "-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5 -USQLITE_ENABLE_RTREE \
    -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_STAT4 -USQLITE_SOUNDEX";

/// Builds one wheel and leaves no other in the folder: pip would take whichever it likes.
pub(crate) fn wheel(
    project: &Project,
    shell: &mut Shell,
    bin: &Path,
    out: &Path,
    profile: &[&str],
) -> Result<()> {
    std::fs::create_dir_all(out)?;
    for entry in std::fs::read_dir(out)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            std::fs::remove_file(path)?;
        }
    }
    let mut command = tool(shell, bin, &project.repo, "maturin");
    command
        .args(["build", "--manifest-path", "bindings-python/Cargo.toml", "--out"])
        .arg(out)
        .args(profile);
    command.arg("--interpreter").arg(bin.join("python"));
    command.env("CARGO_TARGET_DIR", project.cache.cargo_target());
    // maturin takes Zig's compiler from the first Python that it finds, and the one of the environment has it.
    command.env("PATH", first_on_path(bin)?);
    if profile.contains(&"wheel") {
        command.env("LIBSQLITE3_FLAGS", SQLITE);
    }
    shell
        .run("build the wheel", &mut command)?
        .require()
        .map(drop)
        .context("building the wheel")
}

/// The path on which an environment's own programs are found first.
fn first_on_path(bin: &Path) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(bin.to_owned()).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(all)?)
}

/// A program of the environment, in a folder.
pub(crate) fn tool(shell: &Shell, bin: &Path, folder: &Path, name: &str) -> Command {
    let mut command = shell.command(bin.join(name));
    command.current_dir(folder);
    command
}

pub(crate) fn program() -> &'static str {
    if cfg!(windows) { "python" } else { "python3" }
}

/// Reads pytest's closing line: `===== 3 failed, 12 passed, 1 skipped in 0.10s =====`.
pub(crate) fn counts(output: &str) -> Counts {
    let closing = |line: &&str| line.starts_with("==") && line.contains(" in ");
    let Some(line) = output.lines().rfind(closing) else {
        return Counts::default();
    };
    let number = |words: [&str; 2]| {
        words
            .iter()
            .find_map(|word| number_before(line, word))
            .unwrap_or(0)
    };
    Counts {
        passed: number(["passed", "passed"]),
        failed: number(["failed", "failed"]) + number(["error", "errors"]),
        skipped: number(["skipped", "skipped"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_counts() {
        let output =
            "=== short test summary info ===\n==== 3 failed, 12 passed, 1 skipped, 2 errors in 0.10s ====";
        assert_eq!(
            counts(output),
            Counts {
                passed: 12,
                failed: 5,
                skipped: 1
            }
        );
        assert_eq!(counts("==== no tests ran in 0.01s ===="), Counts::default());
    }
}
