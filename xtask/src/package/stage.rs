//! A copy of what version control holds, with the licences, the changelog and the SBOM put where each package is made.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::sbom;
use crate::Project;
use crate::shell::{Shell, copy_file};

/// The folders that something shipped is made in.
const HOMES: [&str; 8] = [
    "core",
    "examples/simulator",
    "examples/relay",
    "examples/cli",
    "bindings-python",
    // A wheel holds what is in the Python package, so the changelog stands there too.
    "bindings-python/python/sportello",
    "bindings-wasm/js",
    "bindings-mobile",
];

/// What stands in every one of them.
pub(super) const PAPERS: [&str; 3] = ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"];

/// Makes the copy anew, with everything in it that a package carries.
pub(super) fn fresh(project: &Project, shell: &mut Shell, copy: &str) -> Result<PathBuf> {
    let stage = tracked(project, shell, copy)?;
    for home in HOMES {
        for paper in PAPERS {
            copy_file(&project.repo.join(paper), &stage.join(home).join(paper))?;
        }
    }
    sbom::write(project, shell, &stage)?;
    Ok(stage)
}

/// Makes a copy of the tracked files, as they are in the checkout now.
pub(crate) fn tracked(project: &Project, shell: &Shell, copy: &str) -> Result<PathBuf> {
    let stage = project.cache.path("package").join(copy);
    let said = shell.command("git").args(["ls-files", "-z"]).output()?;
    let listed = String::from_utf8(said.stdout).context("file names are plain text")?;
    let files: Vec<&str> = listed.split('\0').filter(|name| !name.is_empty()).collect();
    if files.is_empty() {
        bail!("git lists no files here");
    }
    // What was made in the copy the last time stays where it is not in the way: npm's packages, compiled code.
    prune(&stage, &stage, &files)?;
    for file in &files {
        // A file that is gone from the checkout and not yet from the index.
        if project.repo.join(file).is_file() {
            copy_file(&project.repo.join(file), &stage.join(file))?;
        }
    }
    Ok(stage)
}

/// Removes what an earlier version had and this one has not.
fn prune(stage: &Path, folder: &Path, files: &[&str]) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let inside = path.strip_prefix(stage)?.to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                prune(stage, &path, files)?;
            }
        } else if !files.contains(&inside.as_str()) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
