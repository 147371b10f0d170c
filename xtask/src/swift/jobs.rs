//! The tests and the benchmark of Swift.

use std::path::Path;

use anyhow::Result;

use super::package::{assemble, copy_fresh, framework};
use super::{Stage, prepare};
use crate::Project;
use crate::mobile;
use crate::report::{Counts, Tally, number_before};
use crate::shell::{Done, Shell, copy_file};
use crate::vectors;

/// Puts the packages together and runs their tests: the library's, then the example's with its own network.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let expected = vectors::count(&project.repo)?;
    let toolchain = prepare(project, shell)?;
    let library = mobile::library(project, shell)?;
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
        .run("build the programs that they need", &mut shell.cargo(&programs))?
        .require()?;
    let stage = Stage::new(project, &toolchain, &library)?;
    let package = stage.folder.join("sportello");
    let hand = project.repo.join("bindings-mobile/swift");
    assemble(project, shell, &library, &package)?;
    copy_fresh(&hand.join("Tests"), &package.join("Tests"))?;
    framework(project, shell, tally, &library, &stage.folder)?;
    story(project, &stage.folder)?;
    let done = run_tests(shell, &stage, "sportello")?;
    tally.counted(&done, counts(&done.text));
    tally.vectors(vectors::ran(&done.text), expected);
    let done = run_tests(shell, &stage, "story")?;
    tally.counted(&done, counts(&done.text));
    Ok(())
}

/// Builds and runs one package's tests. A warning is a failure, as everywhere here; only what was compiled anew can give one.
fn run_tests(shell: &mut Shell, stage: &Stage, package: &str) -> Result<Done> {
    let title = format!("swift test of {package}");
    let mut done = shell.run(&title, &mut stage.swift(shell, package, "swift test")?)?;
    if done.text.contains("warning: ") {
        done.refuse("\nthe compiler warns, see the log\n");
    }
    let counted = |line: &&str| {
        ["vectors: ", "shared: ", "conformance: "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    for line in done.text.lines().filter(counted) {
        println!("    {line}");
    }
    Ok(done)
}

/// The example, beside the package that it depends on. Both tests start programs in the same way.
fn story(project: &Project, stage: &Path) -> Result<()> {
    let (example, story) = (project.repo.join("examples/swift"), stage.join("story"));
    copy_fresh(&example.join("Sources"), &story.join("Sources"))?;
    copy_fresh(&example.join("Tests"), &story.join("Tests"))?;
    let support = "Tests/SportelloTests/Support/Running.swift";
    copy_file(
        &project.repo.join("bindings-mobile/swift").join(support),
        &story.join("Tests/OwnNetworkTests/Running.swift"),
    )?;
    copy_file(&example.join("Package.swift"), &story.join("Package.swift"))
}

/// What a call costs, with both sides built for release.
pub(crate) fn bench(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("bench-swift")?;
    let toolchain = prepare(project, shell)?;
    let library = mobile::release(project, shell)?;
    let stage = Stage::new(project, &toolchain, &library)?;
    let package = stage.folder.join("sportello");
    assemble(project, shell, &library, &package)?;
    let benchmarks = project.repo.join("bindings-mobile/swift/Benchmarks");
    copy_fresh(
        &benchmarks.join("Sources"),
        &stage.folder.join("benchmarks/Sources"),
    )?;
    copy_file(
        &benchmarks.join("Package.swift"),
        &stage.folder.join("benchmarks/Package.swift"),
    )?;
    let mut run = stage.swift(shell, "benchmarks", "swift run -c release")?;
    let said = shell.run("bench", &mut run)?.require()?;
    for line in said.lines().filter_map(|line| line.strip_prefix("bench: ")) {
        println!("    {line}");
    }
    Ok(true)
}

/// Reads XCTest's closing lines; the outermost suite is the last of them, and counts all.
fn counts(output: &str) -> Counts {
    let executed = |line: &&str| line.contains("Executed") && line.contains("failure");
    let Some(line) = output.lines().rfind(executed) else {
        return Counts::default();
    };
    let total = number_before(line, "tests")
        .or_else(|| number_before(line, "test"))
        .unwrap_or(0);
    let skipped = if line.contains("skipped") {
        skipped(line)
    } else {
        0
    };
    // The line counts failed assertions, of which one case may have several.
    let ended_badly = |line: &&str| line.starts_with("Test Case '") && line.contains("' failed (");
    let failed = u32::try_from(output.lines().filter(ended_badly).count())
        .unwrap_or(u32::MAX)
        .min(total);
    Counts {
        passed: total - failed - skipped.min(total - failed),
        failed,
        skipped,
    }
}

/// `1` in `with 1 test skipped and 0 failures`.
fn skipped(line: &str) -> u32 {
    (line.split("with ").nth(1))
        .and_then(|rest| rest.split(' ').next())
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outermost_suite_counts() {
        let good = "Test Case 'A.a' passed (0.1 seconds)\n\t Executed 2 tests, with 0 failures (0 unexpected)\n\
            \t Executed 3 tests, with 0 failures (0 unexpected) in 0.1 (0.1) seconds";
        assert_eq!(
            counts(good),
            Counts {
                passed: 3,
                failed: 0,
                skipped: 0
            }
        );
        let bad = "Test Case 'A.a' failed (0.1 seconds)\n\
            \t Executed 3 tests, with 1 test skipped and 4 failures (0 unexpected) in 0.1 (0.1) seconds";
        assert_eq!(
            counts(bad),
            Counts {
                passed: 1,
                failed: 1,
                skipped: 1
            }
        );
        assert_eq!(counts("error: no such module"), Counts::default());
    }
}
