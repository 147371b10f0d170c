//! What is shipped, in `dist/`: crates, the command, wheel and sdist, npm tarball; each with its licences, the changelog and an SBOM.
//!
//! Everything is built in a copy of the tracked files outside the checkout (`stage`), so that what is shipped is what is in version control,
//! and the checkout stays as it is. `compare` builds it all once more in another copy; `trial` uses each package as its README says, in an empty folder.

mod archive;
mod compare;
mod programs;
mod sbom;
mod sources;
pub(crate) mod stage;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use crate::Project;
use crate::cache::Cache;
use crate::report::Tally;
use crate::setup::Setup;
use crate::shell::{Shell, copy_file};
use crate::{python, version, web};

/// One kind of package.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The published crates, verified by cargo
    Crates,
    /// The `sportello` command with completions and man pages, and the relay
    Programs,
    /// Wheel and sdist
    Python,
    /// The npm package
    Npm,
    /// The Maven files: jar, AAR, sources, KDoc, pom
    Kotlin,
    /// The Swift package, with the library of this machine's kind
    Swift,
}

impl Part {
    const ALL: [Part; 6] = [
        Part::Crates,
        Part::Programs,
        Part::Python,
        Part::Npm,
        Part::Kotlin,
        Part::Swift,
    ];

    /// Its folder in `dist`.
    fn folder(self) -> &'static str {
        match self {
            Part::Crates => "crates",
            Part::Programs => "programs",
            Part::Python => "python",
            Part::Npm => "npm",
            Part::Kotlin => "kotlin",
            Part::Swift => "swift",
        }
    }
}

/// Builds packages into `dist/`, where they are to be built; true when all that was asked for went well.
pub(crate) fn run(project: &Project, only: &[Part], twice: bool, tried: bool, make: bool) -> Result<bool> {
    let shell = &mut project.shell("package")?;
    let parts = if only.is_empty() { &Part::ALL } else { only };
    let version = version::current(&project.repo)?;
    // A time of its own would make every build another: that of the commit is as true and stays.
    let moment = moment(shell)?;
    shell.always("SOURCE_DATE_EPOCH", &moment);
    let mut tally = Tally::default();
    let dist = project.repo.join("dist");
    if make {
        build(project, shell, "one", parts, &version, &dist, &mut tally)?;
    }
    if twice {
        let again = project.cache.path("package/again");
        build(project, shell, "two", parts, &version, &again, &mut tally)?;
        for part in parts {
            let (one, two) = (dist.join(part.folder()), again.join(part.folder()));
            tally.case(
                &format!("{}: twice the same", part.folder()),
                compare::folders(shell, project, &one, &two),
            );
        }
    }
    if tried {
        for &part in parts {
            tally.case(
                &format!("{}: used as its README says", part.folder()),
                trial::run(project, shell, part, &dist.join(part.folder()), &version),
            );
        }
    }
    sums(&dist)?;
    println!("  in {}", dist.display());
    Ok(tally.is_clean())
}

/// Builds the parts in a fresh copy of the sources, and puts what came of it into a folder.
fn build(
    project: &Project,
    shell: &mut Shell,
    copy: &str,
    parts: &[Part],
    version: &str,
    dist: &Path,
    tally: &mut Tally,
) -> Result<()> {
    let stage = stage::fresh(project, shell, copy)?;
    let staged = Project {
        repo: stage,
        cache: Cache::open()?,
        setup: Setup::new(project.setup.may_install()),
        verbose: project.verbose,
    };
    shell.moved(&staged.repo);
    for part in parts {
        let folder = dist.join(part.folder());
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let done = match part {
            Part::Crates => sources::crates(&staged, shell, version, &folder),
            Part::Programs => programs::all(&staged, shell, version, &folder),
            Part::Python => wheel(&staged, shell, &folder),
            Part::Npm => npm(&staged, shell, &folder),
            Part::Kotlin => programs::kotlin(&staged, shell, version, &folder),
            Part::Swift => programs::swift(&staged, shell, version, &folder),
        };
        tally.case(part.folder(), done.and_then(|()| filled(shell, &folder)));
    }
    shell.moved(&project.repo);
    Ok(())
}

fn wheel(staged: &Project, shell: &mut Shell, folder: &Path) -> Result<()> {
    python::build(staged, shell)?;
    let made = files(&staged.repo.join("dist/python"))?;
    made.iter()
        .try_for_each(|file| copy_file(file, &folder.join(name(file))))
}

fn npm(staged: &Project, shell: &mut Shell, folder: &Path) -> Result<()> {
    web::build(staged, shell)?;
    let mut pack = shell.command("npm");
    pack.current_dir(staged.repo.join("bindings-wasm/js"))
        .args(["pack", "--ignore-scripts", "--pack-destination"])
        .arg(folder);
    shell.run("npm pack", &mut pack)?.require().map(drop)
}

/// The moment that built files carry: that of the commit, in seconds since 1970.
fn moment(shell: &Shell) -> Result<String> {
    let said = shell
        .command("git")
        .args(["log", "-1", "--format=%ct"])
        .output()?;
    let moment = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    if moment.is_empty() {
        bail!("packages are built of what git holds, and this is no checkout");
    }
    Ok(moment)
}

/// Something was made, and everything that was has its licences, the changelog and the SBOM in it.
fn filled(shell: &mut Shell, folder: &Path) -> Result<()> {
    let made = files(folder)?;
    if made.is_empty() {
        bail!("nothing was made in {}", folder.display());
    }
    for file in made {
        archive::holds(shell, &file, &[&stage::PAPERS[..], &[sbom::NAME]].concat())?;
        println!(
            "    {} ({} kB)",
            name(&file),
            fs::metadata(&file)?.len().div_ceil(1000)
        );
    }
    Ok(())
}

/// `SHA256SUMS` of all that is in `dist`, as `sha256sum --check` reads it.
fn sums(dist: &Path) -> Result<()> {
    use sha2::Digest as _;
    let mut lines = String::new();
    for part in Part::ALL {
        let folder = dist.join(part.folder());
        for file in if folder.is_dir() {
            files(&folder)?
        } else {
            Vec::new()
        } {
            let digest = sha2::Sha256::digest(fs::read(&file)?);
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            lines.push_str(&format!("{hex}  {}/{}\n", part.folder(), name(&file)));
        }
    }
    fs::write(dist.join("SHA256SUMS"), lines).context("writing SHA256SUMS")
}

/// The files of a folder, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn name(file: &Path) -> String {
    file.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
