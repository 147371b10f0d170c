//! The crates as crates.io takes them.

use std::path::Path;

use anyhow::Result;

use crate::Project;
use crate::shell::{Shell, copy_file};

/// What is published, in the order in which it would be. The rest of the workspace is for building and testing.
pub(super) const PUBLISHED: [&str; 4] = [
    "sportello",
    "sportello-simulator",
    "sportello-relay",
    "sportello-cli",
];

/// Packs and verifies the crates: cargo unpacks each and builds it out of nothing but what is packed and what is published.
pub(super) fn crates(staged: &Project, shell: &mut Shell, version: &str, folder: &Path) -> Result<()> {
    let mut command = shell.cargo(&["package", "--locked", "--allow-dirty"]);
    for name in PUBLISHED {
        command.args(["-p", name]);
    }
    shell.run("cargo package", &mut command)?.require()?;
    for name in PUBLISHED {
        let file = format!("{name}-{version}.crate");
        let made = staged.cache.cargo_target().join("package").join(&file);
        copy_file(&made, &folder.join(&file))?;
    }
    Ok(())
}
