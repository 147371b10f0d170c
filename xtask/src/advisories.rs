//! Known holes in what the project is made of: RustSec by cargo-deny, PyPI's by pip-audit, npm's by npm.
//!
//! Each asks a database on the net. Where that can't be reached nothing was learned, which is said and counted, and is no success of anything.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::Project;
use crate::python;
use crate::setup::text;
use crate::shell::{Done, Shell};
use crate::tools::CARGO_DENY;

/// What pip-audit is installed from.
const PINS: &str = "xtask/requirements-audit.txt";

/// What a tool found.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Clean,
    Holes,
    Unreachable,
}

/// What tools say when their database doesn't answer, or not as one does.
const UNREACHABLE: [&str; 16] = [
    "failed to fetch advisory database",
    "unable to access",
    "could not resolve host",
    "connectionerror",
    "connection error",
    "connecttimeout",
    "max retries exceeded",
    "failed to connect",
    "serviceerror",
    "audit endpoint returned an error",
    "enoaudit",
    "econnrefused",
    "enotfound",
    "etimedout",
    "eai_again",
    "npm error code e404",
];

/// Asks all three; false when any of them found something.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("advisories")?;
    let mut counts = [0_u32; 3];
    let mut note = |what: &str, done: Result<Done>| {
        let verdict = match &done {
            Ok(done) => verdict(done.ok(), &done.text),
            Err(_) => Verdict::Unreachable,
        };
        match verdict {
            Verdict::Clean => counts[0] += 1,
            Verdict::Holes => {
                counts[1] += 1;
                if let Ok(done) = done {
                    eprintln!("{:#}", done.error());
                }
            }
            Verdict::Unreachable => {
                counts[2] += 1;
                eprintln!("  SKIPPED: {what}: its database can't be reached from here, so nothing is known");
            }
        }
    };

    match CARGO_DENY.install(project, shell) {
        Ok(program) => {
            let mut deny = shell.command(program);
            deny.args(["--workspace", "check", "advisories"]);
            note("crates", shell.run("cargo deny check advisories", &mut deny));
        }
        Err(error) => note("crates", Err(error)),
    }
    match python::environment(project, shell, "venv-audit", &project.repo.join(PINS)) {
        Ok(bin) => {
            for pins in requirements(&project.repo)? {
                let mut audit = shell.command(bin.join("python"));
                audit.args([
                    "-m",
                    "pip_audit",
                    "--progress-spinner",
                    "off",
                    "--no-deps",
                    "--disable-pip",
                    "-r",
                    &pins,
                ]);
                note(&pins, shell.run(&format!("pip-audit {pins}"), &mut audit));
            }
        }
        Err(error) => note("Python packages", Err(error)),
    }
    for lock in locks(shell)? {
        let folder = lock.trim_end_matches("/package-lock.json");
        let mut audit = shell.command("npm");
        audit
            .current_dir(project.repo.join(folder))
            .args(["audit", "--package-lock-only"]);
        note(folder, shell.run(&format!("npm audit {folder}"), &mut audit));
    }

    let [clean, holes, unreachable] = counts;
    println!("{clean} without a known hole, {holes} with, {unreachable} that nobody could be asked about");
    Ok(holes == 0)
}

/// The lists of Python packages, from the repository's root.
fn requirements(repo: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for folder in ["bindings-python", "xtask"] {
        for entry in std::fs::read_dir(repo.join(folder))? {
            let path = entry?.path();
            let name = text(path.strip_prefix(repo)?)?.to_owned();
            if name.contains("/requirements") {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The lists of npm packages, from the repository's root.
fn locks(shell: &Shell) -> Result<Vec<String>> {
    let listed = shell
        .command("git")
        .args(["ls-files", "*/package-lock.json"])
        .output()?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    ensure!(!listed.is_empty(), "git lists no package-lock.json here");
    Ok(listed.lines().map(str::to_owned).collect())
}

/// Reads how a tool ended. One that failed without reaching its database found nothing; one that failed otherwise did.
fn verdict(ok: bool, said: &str) -> Verdict {
    let said = said.to_lowercase();
    match ok {
        // pip-audit ends well when it could learn nothing of a package.
        true if said.contains("could not be audited") => Verdict::Unreachable,
        true => Verdict::Clean,
        false if UNREACHABLE.iter().any(|sign| said.contains(sign)) => Verdict::Unreachable,
        false => Verdict::Holes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_told_from_a_silent_database() {
        assert_eq!(verdict(true, "advisories ok"), Verdict::Clean);
        let silent = "[ERROR] failed to fetch advisory database https://example.org with cli";
        assert_eq!(verdict(false, silent), Verdict::Unreachable);
        let nothing = "ruff  Dependency not found on PyPI and could not be audited: ruff\nNo known vulnerabilities found";
        assert_eq!(verdict(true, nothing), Verdict::Unreachable);
        assert_eq!(
            verdict(false, "npm error audit endpoint returned an error"),
            Verdict::Unreachable
        );
        assert_eq!(
            verdict(false, "error[vulnerability]: out-of-bounds write in smallvec"),
            Verdict::Holes
        );
        // What nobody foresaw is looked at by a person.
        assert_eq!(verdict(false, "panicked"), Verdict::Holes);
    }

    #[test]
    fn every_list_of_python_packages_is_asked_about() {
        let repo = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let found = requirements(repo).unwrap();
        assert!(found.len() >= 5 && found.contains(&PINS.to_owned()), "{found:?}");
    }
}
