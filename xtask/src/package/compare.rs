//! Whether two builds came out the same, byte by byte; where not, which file inside differs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::archive;
use crate::Project;
use crate::shell::Shell;

/// Compares two folders of packages.
pub(super) fn folders(shell: &mut Shell, project: &Project, one: &Path, two: &Path) -> Result<()> {
    let mut different = differences(one, two)?;
    let mut inside = Vec::new();
    for name in &different {
        let (first, second) = (one.join(name), two.join(name));
        if first.is_file() && second.is_file() && archive::is_archive(&first) {
            let (left, right) = (
                project.cache.path("package/left"),
                project.cache.path("package/right"),
            );
            archive::unpack(shell, &first, &left)?;
            archive::unpack(shell, &second, &right)?;
            let found = differences(&left, &right)?;
            inside.extend(found.iter().map(|file| format!("{name}: {file}")));
        }
    }
    different.extend(inside);
    if different.is_empty() {
        return Ok(());
    }
    bail!(
        "not the same in both builds:\n    {}",
        different.into_iter().collect::<Vec<_>>().join("\n    ")
    )
}

/// The files that are in one tree only, or not the same in both.
fn differences(one: &Path, two: &Path) -> Result<BTreeSet<String>> {
    let (left, right) = (tree(one, one)?, tree(two, two)?);
    let mut different = BTreeSet::new();
    for name in left.union(&right) {
        let same = left.contains(name)
            && right.contains(name)
            && fs::read(one.join(name))? == fs::read(two.join(name))?;
        if !same {
            different.insert(name.clone());
        }
    }
    Ok(different)
}

fn tree(root: &Path, folder: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        if path.is_dir() {
            found.extend(tree(root, &path)?);
        } else {
            found.insert(path.strip_prefix(root)?.to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_and_a_missing_file_are_differences() {
        let root = std::env::temp_dir().join(format!("sportello-xtask-compare-{}", std::process::id()));
        let (one, two) = (root.join("one"), root.join("two"));
        for folder in [&one, &two] {
            fs::create_dir_all(folder.join("inside")).unwrap();
            fs::write(folder.join("inside/same"), "same").unwrap();
        }
        assert!(differences(&one, &two).unwrap().is_empty());
        fs::write(one.join("inside/same"), "other").unwrap();
        fs::write(two.join("more"), "").unwrap();
        let found: Vec<String> = differences(&one, &two).unwrap().into_iter().collect();
        assert_eq!(found, ["inside/same", "more"]);
        fs::remove_dir_all(&root).unwrap();
    }
}
