//! The command and the relay, compiled for this machine's kind, each in an archive with what belongs to it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::{archive, sbom, stage};
use crate::Project;
use crate::kotlin;
use crate::shell::{Shell, copy_file, copy_tree};
use crate::swift;

/// For which shells completions are shipped, and under which name each looks for them.
const SHELLS: [(&str, &str); 4] = [
    ("bash", "sportello.bash"),
    ("zsh", "_sportello"),
    ("fish", "sportello.fish"),
    ("powershell", "sportello.ps1"),
];

/// Builds both and packs them.
pub(super) fn all(staged: &Project, shell: &mut Shell, version: &str, folder: &Path) -> Result<()> {
    let target = host(shell)?;
    let mut build = shell.cargo(&["build", "--release", "--locked"]);
    build.args(["-p", "sportello-cli", "-p", "sportello-relay"]);
    build.env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
    shell.run("build the programs", &mut build)?.require()?;
    for (program, home, readme) in [
        ("sportello", "examples/cli", "README.md"),
        ("sportello-relay", "examples/relay", "examples/relay/README.md"),
    ] {
        let name = format!("{program}-{version}-{target}");
        let parent = staged.cache.path("package/programs");
        let inside = parent.join(&name);
        if inside.exists() {
            fs::remove_dir_all(&inside)?;
        }
        fs::create_dir_all(&inside)?;
        let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        let built = staged.cache.cargo_target().join("release").join(&file);
        fs::copy(&built, inside.join(&file)).with_context(|| format!("copying {}", built.display()))?;
        for paper in stage::PAPERS.iter().chain([&sbom::NAME]) {
            copy_file(&staged.repo.join(home).join(paper), &inside.join(paper))?;
        }
        copy_file(&staged.repo.join(readme), &inside.join("README.md"))?;
        if program == "sportello" {
            shell_files(shell, &inside)?;
        }
        archive::pack(shell, &parent, &name, &folder.join(format!("{name}.tar.gz")))?;
    }
    Ok(())
}

/// Packs what `cargo xtask build kotlin` makes.
pub(super) fn kotlin(staged: &Project, shell: &mut Shell, version: &str, folder: &Path) -> Result<()> {
    kotlin::build(staged, shell)?;
    phone(staged, shell, "sportello-kotlin", "dist/kotlin", version, folder)
}

/// Packs what `cargo xtask build swift` makes.
pub(super) fn swift(staged: &Project, shell: &mut Shell, version: &str, folder: &Path) -> Result<()> {
    swift::build(staged, shell)?;
    phone(
        staged,
        shell,
        "sportello-swift",
        "dist/swift/sportello",
        version,
        folder,
    )
}

/// A phone's package in one archive, with what belongs to it.
fn phone(
    staged: &Project,
    shell: &mut Shell,
    package: &str,
    made: &str,
    version: &str,
    folder: &Path,
) -> Result<()> {
    let name = format!("{package}-{version}-{}", host(shell)?);
    let parent = staged.cache.path("package/programs");
    let inside = parent.join(&name);
    if inside.exists() {
        fs::remove_dir_all(&inside)?;
    }
    copy_tree(&staged.repo.join(made), &inside)?;
    for paper in stage::PAPERS.iter().chain([&sbom::NAME]) {
        copy_file(
            &staged.repo.join("bindings-mobile").join(paper),
            &inside.join(paper),
        )?;
    }
    archive::pack(shell, &parent, &name, &folder.join(format!("{name}.tar.gz")))
}

/// What the command writes about itself: completions and man pages.
fn shell_files(shell: &mut Shell, inside: &Path) -> Result<()> {
    let program = inside.join(format!("sportello{}", std::env::consts::EXE_SUFFIX));
    let completions = inside.join("completions");
    fs::create_dir_all(&completions)?;
    for (name, file) in SHELLS {
        let said = shell.command(&program).args(["completions", name]).output()?;
        anyhow::ensure!(
            said.status.success() && !said.stdout.is_empty(),
            "no completions for {name}"
        );
        fs::write(completions.join(file), said.stdout)?;
    }
    let mut man = shell.command(&program);
    man.args(["man", "--out"]).arg(inside.join("man"));
    shell.run("write the man pages", &mut man)?.require().map(drop)
}

/// The kind of machine that this one is, as Rust names it.
fn host(shell: &Shell) -> Result<String> {
    let said = shell.command("rustc").arg("-vV").output()?.stdout;
    let said = String::from_utf8_lossy(&said);
    said.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("rustc tells no host")
}
