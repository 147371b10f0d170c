//! The one folder outside the checkout, and the stamps that make a second run fast.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Marks a folder as ours, so that `clean-cache` can't be pointed at somebody's home.
const MARK: &str = ".sportello-cache";

/// The cache folder.
pub(crate) struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Opens the folder, making it where needed.
    pub(crate) fn open() -> Result<Cache> {
        let root = match env::var_os("SPORTELLO_CACHE").filter(|value| !value.is_empty()) {
            Some(path) => std::path::absolute(path)?,
            None => platform_folder().context("no cache folder is known here: set SPORTELLO_CACHE")?,
        };
        fs::create_dir_all(root.join("stamps")).with_context(|| format!("creating {}", root.display()))?;
        fs::write(
            root.join(MARK),
            "made by cargo xtask; may be removed at any time\n",
        )?;
        Ok(Cache { root })
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A folder or file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Where cargo builds for this machine: the caller's own choice, else in the cache.
    pub(crate) fn cargo_target(&self) -> PathBuf {
        match env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty()) {
            Some(path) => std::path::absolute(path).unwrap_or_else(|_| self.path("target")),
            None => self.path("target"),
        }
    }

    /// True when the step of this name was finished with exactly this key.
    pub(crate) fn is_fresh(&self, step: &str, key: &str) -> bool {
        fs::read_to_string(self.stamp(step)).is_ok_and(|found| found == key)
    }

    /// Remembers that the step of this name was finished with this key.
    pub(crate) fn finished(&self, step: &str, key: &str) -> Result<()> {
        fs::write(self.stamp(step), key).with_context(|| format!("stamping {step}"))
    }

    /// Removes the folder and everything in it.
    pub(crate) fn remove(&self) -> Result<()> {
        if !self.root.join(MARK).is_file() {
            bail!("{} was not made by this tool", self.root.display());
        }
        println!("removing {}", self.root.display());
        fs::remove_dir_all(&self.root).with_context(|| format!("removing {}", self.root.display()))
    }

    fn stamp(&self, step: &str) -> PathBuf {
        self.root.join("stamps").join(step)
    }
}

/// A key for a stamp: the versions in `label` and the contents of the files that decide.
pub(crate) fn key(label: &str, files: &[PathBuf]) -> Result<String> {
    // Good enough to notice a change; nothing here is a defence against anybody.
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file)
            .with_context(|| format!("reading {}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{label} {:016x}", hasher.finish()))
}

/// The platform's cache folder with our name in it.
fn platform_folder() -> Option<PathBuf> {
    let var = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let base = if cfg!(target_os = "macos") {
        var("HOME").map(|home| home.join("Library/Caches"))
    } else if cfg!(windows) {
        var("LOCALAPPDATA")
    } else {
        var("XDG_CACHE_HOME").or_else(|| var("HOME").map(|home| home.join(".cache")))
    };
    base.map(|folder| folder.join("sportello"))
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    #[test]
    fn a_key_changes_with_a_file_and_with_a_version() {
        let file = env::temp_dir().join(format!("sportello-xtask-key-{}", std::process::id()));
        fs::write(&file, "one").unwrap();
        let one = key("v1", slice::from_ref(&file)).unwrap();
        assert_eq!(one, key("v1", slice::from_ref(&file)).unwrap());
        assert_ne!(one, key("v2", slice::from_ref(&file)).unwrap());
        fs::write(&file, "two").unwrap();
        assert_ne!(one, key("v1", slice::from_ref(&file)).unwrap());
        fs::remove_file(&file).unwrap();
        assert!(key("v1", &[file]).is_err());
    }
}
