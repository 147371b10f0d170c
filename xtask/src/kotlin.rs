//! The UniFFI library on the host's JVM: Maven, JUnit 5, JNA.

use std::process::Command;

use anyhow::{Context as _, Result};

use crate::Project;
use crate::cache;
use crate::mobile;
use crate::report::{Counts, Tally};
use crate::setup::{major_version, text, which};
use crate::shell::{Shell, copy_tree};
use crate::vectors;

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
    let programs = ["build", "--quiet", "-p", "sportello-cli", "-p", "sportello-relay"];
    shell
        .run("build the command and the relay", &mut shell.cargo(&programs))?
        .require()?;
    // Beside what Maven builds, and copied only where changed: Maven then compiles nothing twice.
    let home = project.cache.path("kotlin");
    let sources = home.join("generated");
    copy_tree(&generated, &sources)?;

    // The first run fetches the plugins and libraries; later ones ask no registry.
    let pom = project.repo.join("bindings-mobile/kotlin/pom.xml");
    let key = cache::key("maven", std::slice::from_ref(&pom))?;
    let offline = project.cache.is_fresh("maven", &key);
    let mut command: Command = shell.command("mvn");
    command.args([
        "--batch-mode",
        "--no-transfer-progress",
        "test",
        "-f",
        text(&pom)?,
    ]);
    command.args(offline.then_some("--offline"));
    command.arg(format!(
        "-Dmaven.repo.local={}",
        project.cache.path("m2").display()
    ));
    command.arg(format!("-Dsportello.build={}", home.display()));
    command.arg(format!("-Dsportello.generated={}", sources.display()));
    let folder = library.parent().context("the library stands in a folder")?;
    command.arg(format!("-Dsportello.library={}", folder.display()));
    command.arg(format!("-Dsportello.programs={}", folder.display()));
    command.arg(format!(
        "-Dsportello.examples={}",
        project.repo.join("examples/data").display()
    ));
    command.arg(format!(
        "-Dsportello.vectors={}",
        project.repo.join("core/vectors").display()
    ));
    let done = shell.run("mvn test", &mut command)?;
    tally.counted(&done, counts(&done.text));
    tally.vectors(vectors::ran(&done.text), expected);
    if done.ok() {
        project.cache.finished("maven", &key)?;
    }
    Ok(())
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
