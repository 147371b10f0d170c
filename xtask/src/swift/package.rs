//! Puts the Swift package together, and what is shipped of it.

use std::path::Path;

use anyhow::Result;

use super::tidy::tidy;
use crate::Project;
use crate::mobile;
use crate::report::Tally;
use crate::setup::{text, which};
use crate::shell::{Done, Shell, copy_file, copy_tree};

/// Where the hand-written part stands.
const HAND: &str = "bindings-mobile/swift";

/// The package: what is written by hand, and what UniFFI makes of the library.
pub(crate) fn assemble(project: &Project, shell: &mut Shell, library: &Path, stage: &Path) -> Result<()> {
    let hand = project.repo.join(HAND);
    copy_fresh(&hand.join("Sources"), &stage.join("Sources"))?;
    copy_file(&hand.join("Package.swift"), &stage.join("Package.swift"))?;
    let generated = mobile::generate(project, shell, library, "swift")?;
    let ffi = stage.join("Sources/SportelloFFI");
    copy_file(&generated.join("SportelloFFI.h"), &ffi.join("SportelloFFI.h"))?;
    // SwiftPM takes the map under this name only.
    copy_file(
        &generated.join("SportelloFFI.modulemap"),
        &ffi.join("module.modulemap"),
    )?;
    let written = generated.join("Sportello.swift");
    std::fs::write(&written, tidy(&std::fs::read_to_string(&written)?))?;
    copy_file(&written, &stage.join("Sources/Sportello/Generated.swift"))
}

/// A folder's tree, without what an earlier one left behind: a file that was renamed or removed must not live on.
pub(super) fn copy_fresh(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        remove_stale(from, to)?;
    }
    copy_tree(from, to)
}

/// Builds what is shipped, in `dist/swift/sportello`: the package, with the library for this machine. On a Mac,
/// `make-xcframework.sh` goes on from there.
pub(crate) fn build(project: &Project, shell: &mut Shell) -> Result<()> {
    let package = project.repo.join("dist/swift/sportello");
    let library = mobile::release(project, shell)?;
    assemble(project, shell, &library, &package)?;
    copy_file(
        &library,
        &package.join("lib").join(library.file_name().unwrap_or_default()),
    )?;
    copy_file(
        &project.repo.join(HAND).join("README.md"),
        &package.join("README.md"),
    )?;
    println!(
        "  in {}; for Apple's systems go on with {HAND}/make-xcframework.sh on a Mac",
        package.display()
    );
    Ok(())
}

/// The script that makes the framework on a Mac, as far as it goes elsewhere: read by `bash` and `shellcheck`, and run up to
/// where Apple's tools are needed, with one library in the place of all. The tests look at what came out.
pub(super) fn framework(
    project: &Project,
    shell: &mut Shell,
    tally: &mut Tally,
    library: &Path,
    stage: &Path,
) -> Result<()> {
    let script = project.repo.join(HAND).join("make-xcframework.sh");
    let script = text(&script)?;
    tally.gate(say(shell, "read the script", "bash", &["-n", script]));
    let found = || which("shellcheck").is_some();
    match project.setup.apt(shell, "shellcheck", &["shellcheck"], found) {
        Ok(()) => tally.gate(say(shell, "shellcheck", "shellcheck", &[script])),
        Err(error) => tally.left_out("shellcheck", &error),
    }
    let folder = stage.join("framework");
    let ffi = stage.join("sportello/Sources/SportelloFFI");
    copy_tree(&ffi, &folder.join("package/Sources/SportelloFFI"))?;
    for slice in ["ios-arm64", "ios-arm64_x86_64-simulator", "macos-arm64_x86_64"] {
        // Any file will do: nothing here looks into it.
        let there = folder.join("libraries").join(slice).join("libsportello_mobile.a");
        copy_file(&library.with_extension("d"), &there)?;
    }
    let (libraries, package) = (folder.join("libraries"), folder.join("package"));
    let arguments = [
        script,
        "--libraries",
        text(&libraries)?,
        "--package",
        text(&package)?,
    ];
    tally.gate(say(shell, "make a framework", "bash", &arguments));
    Ok(())
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

fn say(shell: &mut Shell, title: &str, program: &str, arguments: &[&str]) -> Result<Done> {
    let mut command = shell.command(program);
    shell.run(title, command.args(arguments))
}
