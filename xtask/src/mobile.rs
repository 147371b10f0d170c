//! What Kotlin and Swift share: the library, and the generator of the same version.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::Project;
use crate::setup::text;
use crate::shell::{Shell, copy_file, copy_tree};
use crate::{swift, vectors};

/// Builds the library with its metadata, for the tests.
pub(crate) fn library(project: &Project, shell: &mut Shell) -> Result<PathBuf> {
    let args = [
        "build",
        "-p",
        "sportello-mobile",
        "-p",
        "sportello-uniffi-bindgen",
    ];
    shell
        .run("build the mobile library", &mut shell.cargo(&args))?
        .require()?;
    found(project, "debug")
}

/// Builds the library as it is shipped, and the generator.
pub(crate) fn release(project: &Project, shell: &mut Shell) -> Result<PathBuf> {
    let generator = ["build", "-p", "sportello-uniffi-bindgen"];
    shell
        .run("build the generator", &mut shell.cargo(&generator))?
        .require()?;
    let library = ["build", "--profile", "release-mobile", "-p", "sportello-mobile"];
    shell
        .run("build the mobile library", &mut shell.cargo(&library))?
        .require()?;
    found(project, "release-mobile")
}

/// Writes one language's side of the library; the folder with it.
pub(crate) fn generate(
    project: &Project,
    shell: &mut Shell,
    library: &Path,
    language: &str,
) -> Result<PathBuf> {
    let folder = project.cache.path("generated").join(language);
    // A type that was removed must not live on in a file of its own.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let generator = project
        .cache
        .cargo_target()
        .join("debug/sportello-uniffi-bindgen");
    let mut command = shell.command(generator.with_extension(std::env::consts::EXE_EXTENSION));
    command.args([
        "generate",
        text(library)?,
        "--language",
        language,
        "--no-format",
        "--out-dir",
    ]);
    shell
        .run(&format!("generate {language}"), command.arg(&folder))?
        .require()?;
    Ok(folder)
}

/// Builds what is shipped: the library, the Kotlin and the Swift, in `dist/mobile`.
pub(crate) fn build(project: &Project, shell: &mut Shell) -> Result<()> {
    let dist = project.repo.join("dist/mobile");
    let library = release(project, shell)?;
    copy_file(
        &library,
        &dist.join("lib").join(library.file_name().unwrap_or_default()),
    )?;
    copy_tree(
        &generate(project, shell, &library, "kotlin")?,
        &dist.join("kotlin"),
    )?;
    copy_tree(
        &project.repo.join("bindings-mobile/kotlin/src/main/kotlin"),
        &dist.join("kotlin"),
    )?;
    swift::assemble(project, shell, &library, &dist.join("swift"))?;
    println!(
        "  in {} ({} shared cases prove it)",
        dist.display(),
        vectors::count(&project.repo)?
    );
    Ok(())
}

pub(crate) fn found(project: &Project, profile: &str) -> Result<PathBuf> {
    let name = format!("{DLL_PREFIX}sportello_mobile{DLL_SUFFIX}");
    let library = project.cache.cargo_target().join(profile).join(name);
    if !library.is_file() {
        bail!("cargo made no {}", library.display());
    }
    Ok(library)
}
