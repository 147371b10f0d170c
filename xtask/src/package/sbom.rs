//! What each package is made of, as CycloneDX.
//!
//! cargo-cyclonedx looks at the workspace as one, where a feature that one crate asks for counts for all: the page's package would be said to hold an HTTP client. So
//! its list is cut to what `cargo tree` says of the package alone. The builder's folders are cut out as well: they are nobody's business, and differ.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::Project;
use crate::shell::{Shell, copy_file};
use crate::tools::CARGO_CYCLONEDX;

/// The name under which a package carries its list.
pub(crate) const NAME: &str = "sportello.cdx.json";

/// A crate that is shipped, its folder, and as what it is compiled.
const MADE: [(&str, &str, &[&str]); 7] = [
    ("sportello", "core", &["--all-features", "--target", "all"]),
    (
        "sportello-simulator",
        "examples/simulator",
        &["--all-features", "--target", "all"],
    ),
    (
        "sportello-relay",
        "examples/relay",
        &["--all-features", "--target", "all"],
    ),
    ("sportello-cli", "examples/cli", &["--target", "all"]),
    ("sportello-python", "bindings-python", &["--target", "all"]),
    (
        "sportello-wasm",
        "bindings-wasm",
        &["--features", "full", "--target", "wasm32-unknown-unknown"],
    ),
    ("sportello-mobile", "bindings-mobile", &["--target", "all"]),
];

/// Where another package than the crate carries it.
const AROUND: [(&str, &str); 2] = [
    ("bindings-wasm", "bindings-wasm/js"),
    ("bindings-python", "bindings-python/python/sportello"),
];

/// Writes the list of every package into a copy of the sources.
pub(super) fn write(project: &Project, shell: &mut Shell, stage: &Path) -> Result<()> {
    let program = CARGO_CYCLONEDX.install(project, shell)?;
    let mut command = shell.command(program);
    command
        .current_dir(stage)
        .args([
            "cyclonedx",
            "--format",
            "json",
            "--spec-version",
            "1.5",
            "--all-features",
        ])
        .args(["--target", "all", "--no-build-deps", "--override-filename"])
        .arg(NAME.trim_end_matches(".json"));
    shell.run("list the ingredients", &mut command)?.require()?;
    for (package, folder, compiled) in MADE {
        let mut tree = shell.cargo(&["tree", "--locked", "--package", package, "--edges", "normal"]);
        tree.current_dir(stage).args(["--prefix", "none"]).args(compiled);
        let said = tree.output()?;
        ensure!(
            said.status.success(),
            "cargo tree of {package}: {}",
            String::from_utf8_lossy(&said.stderr)
        );
        let path = stage.join(folder).join(NAME);
        let list = fs::read_to_string(&path).with_context(|| format!("no list for {package}"))?;
        let cut = cut(&list, &String::from_utf8_lossy(&said.stdout), stage)?;
        fs::write(&path, cut)?;
    }
    for (of, to) in AROUND {
        copy_file(&stage.join(of).join(NAME), &stage.join(to).join(NAME))?;
    }
    Ok(())
}

/// A list without what is not in the tree, and without the folder that it was made in.
fn cut(list: &str, tree: &str, stage: &Path) -> Result<String> {
    // `serde v1.0.0 (proc-macro)`, the package itself first.
    let kept: BTreeSet<String> = tree
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(" v")?;
            Some(format!("{name}@{}", rest.split(' ').next()?))
        })
        .collect();
    let is_kept = |reference: &Value| {
        let text = reference.as_str().unwrap_or_default();
        let last = text.rsplit('#').next().unwrap_or(text);
        kept.contains(last.split(' ').next().unwrap_or(last))
    };
    let mut list: Value = serde_json::from_str(list)?;
    let components = list
        .get_mut("components")
        .and_then(Value::as_array_mut)
        .context("no components")?;
    components.retain(|component| component.get("bom-ref").is_some_and(is_kept));
    ensure!(
        components.len() + 1 >= kept.len(),
        "{} of {} ingredients are listed",
        components.len(),
        kept.len() - 1
    );
    if let Some(dependencies) = list.get_mut("dependencies").and_then(Value::as_array_mut) {
        dependencies.retain(|one| one.get("ref").is_some_and(is_kept));
        for on in dependencies
            .iter_mut()
            .filter_map(|one| one.get_mut("dependsOn")?.as_array_mut())
        {
            on.retain(is_kept);
        }
    }
    let folder = format!("file://{}", stage.display());
    Ok(serde_json::to_string_pretty(&list)?.replace(&folder, "file:///sportello"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_tree_is_not_in_the_list() {
        let list = r#"{"metadata": {"component": {"bom-ref": "path+file:///tmp/x/a#a@0.1.0"}},
            "components": [{"bom-ref": "registry+https://i#serde@1.0.0"}, {"bom-ref": "registry+https://i#reqwest@0.13.0"}],
            "dependencies": [
                {"ref": "path+file:///tmp/x/a#a@0.1.0", "dependsOn": ["registry+https://i#reqwest@0.13.0", "registry+https://i#serde@1.0.0"]},
                {"ref": "registry+https://i#reqwest@0.13.0"}]}"#;
        let tree = "a v0.1.0 (/tmp/x/a)\nserde v1.0.0\nserde v1.0.0 (*)\n";
        let cut = cut(list, tree, Path::new("/tmp/x")).unwrap();
        assert!(!cut.contains("reqwest") && !cut.contains("/tmp/x"), "{cut}");
        assert_eq!(cut.matches("serde@1.0.0").count(), 2);
        assert!(super::cut(list, "a v0.1.0\nserde v1.0.0\nring v1.0.0\n", Path::new("/tmp/x")).is_err());
    }
}
