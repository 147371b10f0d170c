//! The UniFFI library under XCTest: with the machine's Swift, else with Debian's in a root of its own.
//!
//! Debian packages Swift from release 13 on. Where no `swift` is on the `PATH`, a small Debian 13 is laid out
//! in the cache, and the package is built and run inside it; nothing on the machine itself changes but for
//! the tool that lays it out.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::Project;
use crate::mobile;
use crate::report::{Counts, Tally, number_before};
use crate::setup::{is_root, missing, text, which};
use crate::shell::{Shell, copy_file, copy_tree};
use crate::vectors;

/// What the root of its own is made of; a change makes a new one.
const ROOT: &str = "trixie minbase swiftlang 2";

/// Where the package stands inside that root.
const INSIDE: &str = "/sportello";

/// How Swift is run here.
pub(crate) enum Toolchain {
    /// The machine's own.
    Host,
    /// Inside a root in the cache.
    Root(PathBuf),
}

impl Toolchain {
    /// Where the package is put together, seen from outside.
    fn stage(&self, project: &Project) -> PathBuf {
        match self {
            Toolchain::Host => project.cache.path("swift-package"),
            Toolchain::Root(root) => root.join(INSIDE.trim_start_matches('/')),
        }
    }

    /// `swift` with these arguments, in the package.
    fn swift(&self, shell: &Shell, stage: &Path, args: &str) -> Result<Command> {
        match self {
            Toolchain::Host => {
                let mut command = shell.command("swift");
                command.args(args.split(' ')).current_dir(stage);
                command
                    .env("LD_LIBRARY_PATH", stage.join("lib"))
                    .env("DYLD_LIBRARY_PATH", stage.join("lib"));
                command.env("SPORTELLO_VECTORS", stage.join("vectors"));
                Ok(command)
            }
            Toolchain::Root(root) => {
                let root = text(root)?;
                // The mounts live in a namespace of their own and are gone with the last process, so that a
                // killed run leaves nothing behind. Swift finds its own libraries by /proc/self/exe.
                let script = format!(
                    "mount -t proc proc '{root}/proc' && exec chroot '{root}' /usr/bin/env -i HOME=/root \
                     PATH=/usr/bin:/bin LANG=C.UTF-8 LD_LIBRARY_PATH={INSIDE}/lib \
                     SPORTELLO_VECTORS={INSIDE}/vectors /bin/sh -c 'cd {INSIDE} && exec swift {args}'"
                );
                let mut command = shell.command("unshare");
                command.args(["--mount", "--propagation", "private", "sh", "-c", &script]);
                Ok(command)
            }
        }
    }
}

/// Finds a Swift, or lays one out in the cache.
pub(crate) fn prepare(project: &Project, shell: &mut Shell) -> Result<Toolchain> {
    if which("swift").is_some() {
        return Ok(Toolchain::Host);
    }
    let root = project.cache.path("swift-root");
    // The program is a link that leads somewhere inside that root only, so it is not followed.
    let laid_out = root.join("usr/bin/swift").symlink_metadata().is_ok();
    if laid_out && project.cache.is_fresh("swift-root", ROOT) {
        return Ok(Toolchain::Root(root));
    }
    if !cfg!(target_os = "linux") || which("apt-get").is_none() {
        return Err(missing(
            "no `swift` is on the PATH: install it and run this again".to_owned(),
        ));
    }
    if !project.setup.may_install() {
        return Err(missing(format!(
            "no `swift` is on the PATH; `--setup` (as root) would lay out Debian 13 with Swift in {}",
            root.display()
        )));
    }
    if !is_root() {
        return Err(missing(
            "no `swift` is on the PATH, and laying out a Debian with one needs root".to_owned(),
        ));
    }
    let found = || which("debootstrap").is_some();
    project.setup.apt(shell, "debootstrap", &["debootstrap"], found)?;
    // A root that a killed run left half made can't be gone on with.
    if root.exists() {
        std::fs::remove_dir_all(&root)?;
    }
    let mut command = shell.command("debootstrap");
    // swiftc drives clang and links with the system's libstdc++, which minbase leaves out.
    command.args([
        "--variant=minbase",
        "--include=swiftlang,libstdc++-14-dev,ca-certificates",
        "trixie",
    ]);
    shell
        .run("lay out Debian 13 with Swift", command.arg(&root))?
        .require()?;
    project.cache.finished("swift-root", ROOT)?;
    Ok(Toolchain::Root(root))
}

/// Puts the package together and runs its tests.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let expected = vectors::count(&project.repo)?;
    let toolchain = prepare(project, shell)?;
    let library = mobile::library(project, shell)?;
    let stage = toolchain.stage(project);
    assemble(project, shell, &library, &stage)?;
    copy_file(
        &library,
        &stage.join("lib").join(library.file_name().unwrap_or_default()),
    )?;
    copy_tree(&project.repo.join("core/vectors"), &stage.join("vectors"))?;
    let done = shell.run("swift test", &mut toolchain.swift(shell, &stage, "test")?)?;
    tally.counted(&done, counts(&done.text));
    tally.vectors(vectors::ran(&done.text), expected);
    Ok(())
}

/// The package: what is written by hand, and what UniFFI makes of the library.
pub(crate) fn assemble(project: &Project, shell: &mut Shell, library: &Path, stage: &Path) -> Result<()> {
    let hand = project.repo.join("bindings-mobile/swift");
    for part in ["Sources", "Tests"] {
        // A file that was renamed or removed must not live on in the stage.
        let old = stage.join(part);
        if old.exists() {
            remove_stale(&hand.join(part), &old)?;
        }
        copy_tree(&hand.join(part), &old)?;
    }
    copy_file(&hand.join("Package.swift"), &stage.join("Package.swift"))?;
    let generated = mobile::generate(project, shell, library, "swift")?;
    let ffi = stage.join("Sources/SportelloFFI");
    copy_file(&generated.join("SportelloFFI.h"), &ffi.join("SportelloFFI.h"))?;
    // SwiftPM takes the map under this name only.
    copy_file(
        &generated.join("SportelloFFI.modulemap"),
        &ffi.join("module.modulemap"),
    )?;
    copy_file(
        &generated.join("Sportello.swift"),
        &stage.join("Sources/Sportello/Generated.swift"),
    )
}

/// Removes from the stage what the hand-written folder no longer has; generated files are kept.
fn remove_stale(from: &Path, stage: &Path) -> Result<()> {
    for entry in std::fs::read_dir(stage)? {
        let entry = entry?;
        let source = from.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "SportelloFFI" {
                remove_stale(&source, &entry.path())?;
            }
        } else if !source.exists() && entry.file_name() != "Generated.swift" {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
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
