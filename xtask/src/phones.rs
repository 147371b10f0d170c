//! Core and bindings for phones, type-checked for their target by Debian's compiler with the standard library's sources.
//!
//! What needs a C compiler for the target (ring, SQLite) is left out: there is no NDK and no Xcode here. Nothing is linked, nothing is
//! run, and what passes says no more than that the Rust code fits the target.

use std::process::Command;

use anyhow::Result;

use crate::Project;
use crate::setup::quiet;

/// The phones: today's Android, old Android, iOS.
const TARGETS: [&str; 3] = [
    "aarch64-linux-android",
    "armv7-linux-androideabi",
    "aarch64-apple-ios",
];

/// Everything that needs no C: the checks, the machines, the driver for a host's own network, archives, places.
const FEATURES: &str = "sportello/flow,sportello/archive,sportello/places,sportello/sealed";

/// Checks every target, and gives back whether all of them passed.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("phones")?;
    let packages = ["rustc-web", "cargo-web", "rust-web-src"];
    let here = || quiet(Command::new("dpkg-query").arg("--status").args(packages));
    let what = "a Rust compiler with the standard library's sources (Debian's)";
    project.setup.apt(shell, what, &packages, here)?;
    for target in TARGETS {
        let mut cargo = shell.command("/usr/bin/cargo");
        cargo.args([
            "check",
            "--locked",
            "-p",
            "sportello",
            "-p",
            "sportello-mobile",
            "--no-default-features",
        ]);
        cargo.args(["--features", FEATURES, "-Zbuild-std", "--target", target]);
        cargo
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            // Another compiler than the host's: it would build everything anew, and so would the host's after it.
            .env("CARGO_TARGET_DIR", project.cache.path("phones"));
        shell.run(&format!("check for {target}"), &mut cargo)?.require()?;
        println!("{target}: type-checked with `{FEATURES}`; nothing linked, nothing run");
    }
    Ok(true)
}
