//! The UniFFI library on the host's JVM: Maven, JUnit 5, JNA; and what is shipped of it.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | the tests, with the packaged library in a project of its own at the end |
//! | `package` | the native library for the jar, the AAR, the sizes |
//! | `elf` | what Android asks of a library's file |

mod elf;
mod package;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::Project;
use crate::cache;
use crate::mobile;
use crate::report::{Counts, Tally};
use crate::setup::{major_version, text, which};
use crate::shell::{Done, Shell, copy_tree};
use crate::vectors;

pub(crate) use package::{bench, build};

/// The oldest JDK that the Kotlin is compiled for.
const JDK: u32 = 17;

/// Finds a JDK and Maven, or installs them.
pub(crate) fn prepare(project: &Project, shell: &mut Shell) -> Result<()> {
    // `javac -version` and not `java`: a runtime alone compiles nothing.
    let jdk = || major_version("javac", "-version").is_some_and(|major| major >= JDK);
    project.setup.apt(
        shell,
        "a JDK of version 17 or newer",
        &["default-jdk-headless"],
        jdk,
    )?;
    let strip = || which("strip").is_some();
    project.setup.apt(shell, "strip", &["binutils"], strip)?;
    project
        .setup
        .apt(shell, "Maven", &["maven"], || which("mvn").is_some())
}

/// Builds the library, generates the Kotlin, runs the tests.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let expected = vectors::count(&project.repo)?;
    prepare(project, shell)?;
    let library = mobile::library(project, shell)?;
    let generated = mobile::generate(project, shell, &library, "kotlin")?;
    // The provider and the relay, as processes beside the tests.
    let programs = [
        "build",
        "--quiet",
        "-p",
        "sportello-cli",
        "-p",
        "sportello-relay",
        "-p",
        "sportello-conformance",
    ];
    shell
        .run(
            "build the command, the relay and the conformance server",
            &mut shell.cargo(&programs),
        )?
        .require()?;
    // Beside what Maven builds, and copied only where changed: Maven then compiles nothing twice.
    let home = project.cache.path("kotlin");
    copy_tree(&generated, &home.join("generated"))?;
    package::native(shell, &library, &home.join("natives"))?;

    let debug = library.parent().context("the library stands in a folder")?;
    let mut maven = Maven::new(project, "bindings-mobile/kotlin/pom.xml", &home)?;
    let done = shell.run("mvn install", maven.command(shell, &["install"], debug)?)?;
    tally.counted(&done, counts(&done.text));
    tally.vectors(vectors::ran(&done.text), expected);
    if !done.ok() {
        return Ok(());
    }
    maven.finished()?;

    tally.gate(without_reqwest(shell));

    // What an app gets: by its name out of the repository, in a project that knows nothing of this one.
    let app = project.cache.path("kotlin-example");
    let mut maven = Maven::new(project, "examples/kotlin/pom.xml", &app)?;
    let done = shell.run(
        "an app with the packaged library",
        maven.command(shell, &["test"], debug)?,
    )?;
    tally.counted(&done, counts(&done.text));
    if done.ok() {
        maven.finished()?;
    }
    tally.gate(package::aar(project, shell, &home, &home.join("sportello.aar")));
    Ok(())
}

/// The library for an app's own network: tried by its own tests, and seen to have none of ours.
fn without_reqwest(shell: &mut Shell) -> Result<Done> {
    let build = [
        "-p",
        "sportello-mobile",
        "--no-default-features",
        "--features",
        "journal",
    ];
    let tree = [&["tree", "--edges", "normal", "--prefix", "none"], &build[..]].concat();
    let crates = shell
        .run("crates of the library without a network", &mut shell.cargo(&tree))?
        .require()?;
    let args = [&["test", "--quiet"], &build[..]].concat();
    let mut done = shell.run("the library without a network", &mut shell.cargo(&args))?;
    for foreign in ["reqwest", "hyper", "rustls", "tokio"] {
        if crates.lines().any(|line| line.split(' ').next() == Some(foreign)) {
            done.refuse(&format!("{foreign} is in the library for an app's own network"));
        }
    }
    Ok(done)
}

/// Maven on one of the project's poms. Its first run fetches plugins and libraries; later ones ask no registry.
pub(super) struct Maven<'a> {
    project: &'a Project,
    pom: std::path::PathBuf,
    home: std::path::PathBuf,
    stamp: String,
    key: String,
    command: Command,
}

impl Maven<'_> {
    pub(super) fn new<'a>(project: &'a Project, pom: &str, home: &Path) -> Result<Maven<'a>> {
        let (stamp, pom) = (pom.replace('/', "-"), project.repo.join(pom));
        let key = cache::key("maven", std::slice::from_ref(&pom))?;
        Ok(Maven {
            project,
            pom,
            home: home.to_owned(),
            stamp,
            key,
            command: Command::new("mvn"),
        })
    }

    /// The command for these goals; `programs` is the folder of what cargo has built.
    pub(super) fn command(&mut self, shell: &Shell, goals: &[&str], programs: &Path) -> Result<&mut Command> {
        let (project, repo) = (self.project, &self.project.repo);
        let mut command = shell.command("mvn");
        command
            .args(["--batch-mode", "--no-transfer-progress"])
            .args(goals);
        command.args(["-f", text(&self.pom)?]);
        command.args((project.cache.is_fresh(&self.stamp, &self.key)).then_some("--offline"));
        for (name, path) in [
            ("maven.repo.local", project.cache.path("m2")),
            ("sportello.build", self.home.clone()),
            ("sportello.generated", self.home.join("generated")),
            ("sportello.natives", self.home.join("natives")),
            ("sportello.library", programs.to_owned()),
            ("sportello.programs", programs.to_owned()),
            ("sportello.example", repo.join("examples/kotlin/src/main/kotlin")),
            ("sportello.examples", repo.join("examples/data")),
            ("sportello.papers", repo.join("examples/data")),
            ("sportello.vectors", repo.join("core/vectors")),
        ] {
            command.arg(format!("-D{name}={}", path.display()));
        }
        self.command = command;
        Ok(&mut self.command)
    }

    /// Remembers that everything was fetched.
    pub(super) fn finished(&self) -> Result<()> {
        self.project.cache.finished(&self.stamp, &self.key)
    }
}

/// Reads surefire's closing line, the last that has no class behind it.
fn counts(output: &str) -> Counts {
    let closing = |line: &&str| line.contains("Tests run:") && !line.contains("Time elapsed");
    let Some(line) = output.lines().rfind(closing) else {
        return Counts::default();
    };
    let number = |name: &str| -> u32 {
        let after = line.split(name).nth(1).unwrap_or_default();
        after
            .trim_start()
            .split(|c: char| !c.is_ascii_digit())
            .next()
            .and_then(|n| n.parse().ok())
            .unwrap_or(0)
    };
    let failed = number("Failures:") + number("Errors:");
    let skipped = number("Skipped:");
    Counts {
        passed: number("Tests run:").saturating_sub(failed + skipped),
        failed,
        skipped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_counts() {
        let output = "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s - in A\n\
            [ERROR] Tests run: 9, Failures: 1, Errors: 2, Skipped: 1\n";
        assert_eq!(
            counts(output),
            Counts {
                passed: 5,
                failed: 3,
                skipped: 1
            }
        );
        assert_eq!(counts("[ERROR] COMPILATION ERROR"), Counts::default());
    }
}
