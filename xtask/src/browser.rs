//! The example page: built with Vite, driven in a real browser through relay and simulator; or opened for a person.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::Project;
use crate::cache;
use crate::report::Tally;
use crate::setup::{text, which};
use crate::shell::Shell;
use crate::web;

/// What a browser is called here.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Finds a browser and the page's npm packages, or installs them.
fn prepare(project: &Project, shell: &mut Shell) -> Result<PathBuf> {
    let here = || browser().is_some();
    project.setup.apt(shell, "Chromium", &["chromium"], here)?;
    packages(project, shell, &page(project), "npm-page")?;
    match browser() {
        Some(browser) => Ok(browser),
        None => bail!("Chromium was installed and is not to be found"),
    }
}

/// A browser that is here.
pub(crate) fn browser() -> Option<PathBuf> {
    BROWSERS.into_iter().find_map(which)
}

/// The npm packages of a folder, as its lock file says.
pub(crate) fn packages(project: &Project, shell: &mut Shell, folder: &Path, stamp: &str) -> Result<()> {
    let files = [folder.join("package-lock.json"), folder.join("package.json")];
    let key = cache::key(text(folder)?, &files)?;
    if project.cache.is_fresh(stamp, &key) && folder.join("node_modules/.package-lock.json").exists() {
        return Ok(());
    }
    let mut npm = shell.command("npm");
    npm.current_dir(folder)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache"]);
    shell
        .run(&format!("npm ci: {stamp}"), npm.arg(project.cache.path("npm")))?
        .require()?;
    project.cache.finished(stamp, &key)
}

/// The page's tests; the package has been built.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let browser = match prepare(project, shell) {
        Ok(browser) => browser,
        Err(error) => {
            tally.left_out("the page in a browser", &error);
            return Ok(());
        }
    };
    let relay = program(project, shell, "sportello-relay")?;
    let page = page(project);
    let mut tsc = node(shell, &page, "node_modules/typescript/bin/tsc");
    shell
        .run("tsc --strict, the page", tsc.args(["-p", "tsconfig.json"]))?
        .require()?;
    let mut vite = node(shell, &page, "node_modules/vite/bin/vite.js");
    shell
        .run("vite build, the page", vite.args(["build", "--logLevel", "warn"]))?
        .require()?;
    let mut tests = shell.command("node");
    tests.current_dir(&page).args([
        "--test",
        "--test-reporter=tap",
        "test/story.test.mjs",
        "test/resume.test.mjs",
    ]);
    tests
        .env("SPORTELLO_RELAY", relay)
        .env("SPORTELLO_CHROMIUM", browser);
    let done = shell.run("the page in a browser", &mut tests)?;
    tally.counted(&done, web::counts(&done.text));
    Ok(())
}

/// Opens everything for a person: relay, simulator, page. Ends with Ctrl-C.
pub(crate) fn open(project: &Project, shell: &mut Shell) -> Result<bool> {
    web::build(project, shell)?;
    packages(project, shell, &page(project), "npm-page")?;
    let relay = program(project, shell, "sportello-relay")?;
    let mut server = shell.command("node");
    let server = server.current_dir(page(project)).arg("server.mjs");
    let status = server
        .env("SPORTELLO_RELAY", relay)
        .stdin(Stdio::inherit())
        .status()?;
    Ok(status.success())
}

/// One of the project's own programs, built.
pub(crate) fn program(project: &Project, shell: &mut Shell, name: &str) -> Result<PathBuf> {
    let mut build = shell.cargo(&["build", "--quiet", "-p", name]);
    shell.run(&format!("build {name}"), &mut build)?.require()?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(project.cache.cargo_target().join("debug").join(file))
}

fn node(shell: &Shell, page: &Path, program: &str) -> Command {
    let mut command = shell.command("node");
    command.current_dir(page).arg(program);
    command
}

fn page(project: &Project) -> PathBuf {
    project.repo.join("examples/web")
}
