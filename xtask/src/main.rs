//! Every job of the project, by name: `cargo xtask --help`.
//!
//! | file | what is in it |
//! |---|---|
//! | `cache` | the one folder outside the checkout, and the stamps that make a second run fast |
//! | `shell` | runs a step, keeps its log, says how long it took |
//! | `setup` | finds toolchains, and installs them where that is allowed |
//! | `report` | counts cases per language and closes the run |
//! | `vectors` | counts the shared cases, so that a runner that skips some is caught |
//! | `phones` | core and bindings type-checked for Android and iOS |
//! | `rust`, `web`, `python`, `kotlin`, `swift` | one test job each; `mobile` is what the last two share |
//! | `browser` | the example page in a real browser, after `web` |
//! | `spark` | the recipe for tables in parts, on a Spark of this machine |
//! | `processes` | the proof with real processes: kills, networks that misbehave, a thousand at once |
//! | `postgres` | a PostgreSQL server for as long as tests need it |
//! | `contract` | the provider's published descriptions against the simulator and the core |
//! | `places` | the tables of municipalities and countries, out of recorded sources |
//! | `fuzz` | a short pass of every fuzz target |
//! | `prove` | the proof that a reference is paid once and never lost |
//! | `mutants` | small changes to what decides about money, each of which a test must notice |
//! | `package` | what is shipped, in `dist/`: built, compared, used in an empty folder |
//! | `docs` | the book, in `dist/book`: built, its links compared, looked at |
//! | `version` | one version in every manifest |
//! | `semver` | what changed in the public interface, against an earlier version |
//! | `advisories` | known holes in what the project is made of |
//! | `tools` | programs of other people's that are built once, into the cache |
//! | `lint` | formatting, clippy, documentation, licences |

mod advisories;
mod browser;
mod cache;
mod cli;
mod contract;
mod docs;
mod fuzz;
mod kotlin;
mod lint;
mod mobile;
mod mutants;
mod package;
mod packaging;
mod phones;
mod places;
mod postgres;
mod processes;
mod prove;
mod python;
mod report;
mod rust;
mod semver;
mod setup;
mod shell;
mod spark;
mod swift;
mod tools;
mod vectors;
mod version;
mod web;
mod wheel;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use cache::Cache;
use cli::{Artefact, Cli, Job, Language};
use report::Summary;
use setup::Setup;
use shell::Shell;

/// What every job needs to know.
pub(crate) struct Project {
    /// The checkout.
    pub(crate) repo: PathBuf,
    /// The folder for everything that is fetched or built.
    pub(crate) cache: Cache,
    /// What may be installed.
    pub(crate) setup: Setup,
    /// Print what each step said, not only that it ran.
    pub(crate) verbose: bool,
}

impl Project {
    /// A shell whose log carries this job's name.
    fn shell(&self, job: &str) -> Result<Shell> {
        Shell::new(job, &self.repo, &self.cache, self.verbose)
    }
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<bool> {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let repo = manifest
        .parent()
        .context("xtask stands inside the checkout")?
        .to_owned();
    let cache = Cache::open()?;
    let all = matches!(&cli.job, Job::Test { all: true, .. });
    let asked = matches!(&cli.job, Job::Test { setup: true, .. } | Job::Setup { .. });
    let project = Project {
        repo,
        cache,
        setup: Setup::new(all || asked),
        verbose: cli.verbose,
    };
    match cli.job {
        Job::Test { languages, all, .. } => {
            let languages = if all || languages.is_empty() {
                Language::ALL.to_vec()
            } else {
                languages
            };
            // A machine that is asked to prove everything may not leave a language out quietly.
            Ok(test(&project, &languages, all || setup::in_ci()))
        }
        Job::Contract => Ok(test(&project, &[Language::Contract], setup::in_ci())),
        Job::Lint => lint::run(&project),
        Job::Deny => lint::deny(&project),
        Job::Phones => phones::run(&project),
        Job::Build { artefact } => {
            match artefact {
                Artefact::Wasm => web::build(&project, &mut project.shell("build-wasm")?)?,
                Artefact::Python => wheel::build(&project, &mut project.shell("build-python")?)?,
                Artefact::Kotlin => kotlin::build(&project, &mut project.shell("build-kotlin")?)?,
                Artefact::Mobile => mobile::build(&project, &mut project.shell("build-mobile")?)?,
                Artefact::Swift => swift::build(&project, &mut project.shell("build-swift")?)?,
            }
            Ok(true)
        }
        Job::Package {
            only,
            twice,
            tried,
            built,
        } => package::run(&project, &only, twice, tried || built, !built),
        Job::Version { next } => version::raise(&project, &next),
        Job::Semver { against } => semver::run(&project, against.as_deref()),
        Job::Advisories => advisories::run(&project),
        Job::Docs => docs::run(&project),
        Job::Web => browser::open(&project, &mut project.shell("web")?),
        Job::Setup { languages } => {
            let languages = if languages.is_empty() {
                Language::ALL.to_vec()
            } else {
                languages
            };
            for language in languages {
                prepare(&project, language)?;
            }
            println!("ready; everything is in {}", project.cache.root().display());
            Ok(true)
        }
        Job::Prove { quick } => prove::run(&project, quick),
        Job::Mutants { only, shard } => mutants::run(&project, &only, shard.as_deref()),
        Job::Bench {
            python: true, args, ..
        } => python::bench(&project, &args),
        Job::Bench { kotlin: true, .. } => kotlin::bench(&project),
        Job::Bench { swift: true, .. } => swift::bench(&project),
        Job::Bench { web: true, .. } => web::bench(&project),
        Job::Bench { args, .. } if args == ["web"] => web::bench(&project),
        Job::Bench { checks, args, .. } => rust::bench(&project, checks, &args),
        Job::Fuzz { seconds, keep } => fuzz::run(&project, seconds, keep),
        Job::Places => places::run(&project),
        Job::CleanCache => {
            project.cache.remove()?;
            Ok(true)
        }
    }
}

/// Installs what a language's tests need, without running them.
fn prepare(project: &Project, language: Language) -> Result<()> {
    let shell = &mut project.shell(&format!("setup-{language}"))?;
    match language {
        Language::Rust => postgres::prepare(project, shell).map(drop),
        Language::Contract => contract::prepare(project, shell).map(drop),
        Language::Python => python::prepare(project, shell).map(drop),
        Language::Web => web::prepare(project, shell).map(drop),
        Language::Kotlin => kotlin::prepare(project, shell),
        Language::Swift => swift::prepare(project, shell).map(drop),
        Language::Spark => spark::prepare(project, shell).map(drop),
    }
}

/// Runs the test jobs, each to its end whatever the others did.
fn test(project: &Project, languages: &[Language], strict: bool) -> bool {
    let mut summary = Summary::new(strict);
    for &language in languages {
        println!("\n{language}");
        summary.job(language, |tally| {
            let shell = &mut project.shell(&format!("test-{language}"))?;
            match language {
                Language::Rust => rust::test(project, shell, tally),
                Language::Python => python::test(project, shell, tally),
                Language::Web => web::test(project, shell, tally),
                Language::Kotlin => kotlin::test(project, shell, tally),
                Language::Swift => swift::test(project, shell, tally),
                Language::Contract => contract::test(project, shell, tally),
                Language::Spark => spark::test(project, shell, tally),
            }
        });
    }
    summary.close()
}
