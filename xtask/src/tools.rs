//! Programs of other people's that are built once, into the cache: cargo-deny, cargo-cyclonedx, mdBook, cargo-semver-checks.

use std::path::PathBuf;

use anyhow::Result;

use crate::Project;
use crate::shell::Shell;

/// A program on crates.io, in the version that its settings here are written for.
pub(crate) struct Tool {
    /// Its crate, and the program's own name.
    pub(crate) name: &'static str,
    version: &'static str,
    options: &'static [&'static str],
}

/// Licences, sources, banned crates, advisories.
pub(crate) const CARGO_DENY: Tool = Tool::new("cargo-deny", "0.20.2", &[]);

/// What a crate is made of, as CycloneDX.
pub(crate) const CARGO_CYCLONEDX: Tool = Tool::new("cargo-cyclonedx", "0.5.9", &[]);

/// The book. Neither its server nor its watcher.
pub(crate) const MDBOOK: Tool = Tool::new(
    "mdbook",
    "0.5.4",
    &["--no-default-features", "--features", "search"],
);

/// Whether a version says what changed in the public interface.
pub(crate) const SEMVER_CHECKS: Tool = Tool::new("cargo-semver-checks", "0.51.0", &[]);

impl Tool {
    const fn new(name: &'static str, version: &'static str, options: &'static [&'static str]) -> Tool {
        Tool {
            name,
            version,
            options,
        }
    }

    /// True when it has been built.
    pub(crate) fn is_here(&self, project: &Project) -> bool {
        project.cache.is_fresh(self.name, self.version) && self.program(project).is_file()
    }

    /// The program, built where it isn't there yet: minutes, and once.
    pub(crate) fn install(&self, project: &Project, shell: &mut Shell) -> Result<PathBuf> {
        if self.is_here(project) {
            return Ok(self.program(project));
        }
        // Unoptimised: built in a third of the time, and none of them runs for long. One folder for all, as they share much.
        let mut install = shell.cargo(&["install", self.name, "--locked", "--debug"]);
        install
            .args(["--version", self.version])
            .args(self.options)
            .arg("--root")
            .arg(project.cache.path(self.name))
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_TARGET_DIR", project.cache.path("target-tools"));
        shell
            .run(&format!("install {} {}", self.name, self.version), &mut install)?
            .require()?;
        project.cache.finished(self.name, self.version)?;
        Ok(self.program(project))
    }

    fn program(&self, project: &Project) -> PathBuf {
        let file = format!("{}{}", self.name, std::env::consts::EXE_SUFFIX);
        project.cache.path(self.name).join("bin").join(file)
    }
}
