//! What is shipped of Python: the wheel and the sources, weighed, and used where nothing else is.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::Project;
use crate::python::{prepare, program, shipped, tool, wheel};
use crate::setup::text;
use crate::shell::Shell;

/// The most that a wheel may weigh: it is loaded into small functions and read over slow lines.
const WHEEL_BUDGET: u64 = 3_500_000;

/// Builds the wheel and the sources in `dist`. Each is installed by itself into an empty environment, and there does what the README says.
pub(crate) fn build(project: &Project, shell: &mut Shell) -> Result<()> {
    let dist = project.repo.join("dist");
    let made = make(project, shell, &dist)?;
    let command = project.cache.cargo_target().join("debug/sportello");
    let mut simulator = shell.command("cargo");
    simulator
        .args(["build", "--quiet", "-p", "sportello-cli"])
        .current_dir(&project.repo)
        .env("CARGO_TARGET_DIR", project.cache.cargo_target());
    shell.run("build the command", &mut simulator)?.require()?;
    for (what, path) in ["wheel", "sdist"].into_iter().zip(&made) {
        used(project, shell, what, path, &command)?;
    }
    println!("  in {}", dist.display());
    Ok(())
}

/// Builds both into a folder, and weighs the wheel; the wheel, then the sources.
pub(crate) fn make(project: &Project, shell: &mut Shell, dist: &Path) -> Result<[PathBuf; 2]> {
    let bin = prepare(project, shell)?;
    let wheel = weighed(project, shell, &bin, dist)?;
    let mut sources = tool(shell, &bin, &project.repo, "maturin");
    sources
        .args(["sdist", "--manifest-path", "bindings-python/Cargo.toml", "--out"])
        .arg(dist);
    shell.run("build the sdist", &mut sources)?.require()?;
    Ok([wheel, found(dist, "gz")?])
}

/// The wheel, if it is light enough.
fn weighed(project: &Project, shell: &mut Shell, bin: &Path, dist: &Path) -> Result<PathBuf> {
    wheel(project, shell, bin, dist, &shipped())?;
    let wheel = found(dist, "whl")?;
    let size = std::fs::metadata(&wheel)?.len();
    if size > WHEEL_BUDGET {
        bail!(
            "the wheel has {size} bytes, {WHEEL_BUDGET} are allowed; `cargo bloat --profile wheel` tells what they are"
        );
    }
    println!(
        "  {}: {size} bytes, {WHEEL_BUDGET} are allowed",
        wheel.file_name().unwrap_or_default().display()
    );
    Ok(wheel)
}

fn found(folder: &Path, extension: &str) -> Result<PathBuf> {
    std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .with_context(|| format!("maturin left no .{extension} in {}", folder.display()))
}

/// Installs one file into an empty environment outside of the checkout, as anybody would, and runs there what the README shows.
fn used(project: &Project, shell: &mut Shell, what: &str, path: &Path, command: &Path) -> Result<()> {
    let empty = project.cache.path(&format!("venv-{what}"));
    let mut create = shell.command(program());
    create.args(["-m", "venv", "--clear"]).arg(&empty);
    shell.run("make an empty environment", &mut create)?.require()?;
    let bin = empty.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let mut install = tool(shell, &bin, &empty, "python");
    install.args(["-m", "pip", "install", "--quiet"]).arg(path);
    if what == "wheel" {
        // It needs nothing else, so nothing else is asked for.
        install.arg("--no-index");
    } else {
        install.env("CARGO_TARGET_DIR", project.cache.cargo_target());
    }
    shell
        .run(&format!("pip install the {what}, alone"), &mut install)?
        .require()?;
    let mut readme = tool(shell, &bin, &empty, "python");
    readme.arg(project.repo.join("bindings-python/tests/readme.py"));
    readme
        .env("SPORTELLO_COMMAND", command)
        .env("SPORTELLO_VECTORS", text(&project.repo.join("core/vectors"))?)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let said = shell
        .run("do there what the README says", &mut readme)?
        .require()?;
    println!("  {what}: {}", said.lines().last().unwrap_or_default());
    Ok(())
}
