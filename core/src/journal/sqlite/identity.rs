//! Whether a handle still leads where its owner believes.

use std::path::Path;

use crate::journal::JournalError;
use crate::journal::place::unavailable;

/// The process that opened a file, and the file it opened.
#[derive(Debug)]
pub(super) struct Identity {
    process: u32,
    file: FileId,
}

impl Identity {
    pub(super) fn of(path: &Path) -> Result<Identity, JournalError> {
        Ok(Identity {
            process: std::process::id(),
            file: file_id(path)?,
        })
    }

    /// Refuses a handle inherited by a `fork`, whose locks are the parent's, and a handle on a file that no longer bears its name:
    /// after a backup was put in its place two programs would keep two journals, and each would pay.
    pub(super) fn check(&self, path: &Path) -> Result<(), JournalError> {
        if self.process != std::process::id() {
            let detail = "it was opened before a fork; open it anew in each process".to_owned();
            return Err(JournalError::Misuse { detail });
        }
        match file_id(path) {
            Ok(file) if file == self.file => Ok(()),
            _ => Err(JournalError::Moved {
                place: path.display().to_string(),
            }),
        }
    }
}

/// Device and number of the file.
#[cfg(unix)]
type FileId = (u64, u64);

#[cfg(unix)]
fn file_id(path: &Path) -> Result<FileId, JournalError> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).map_err(|error| unavailable(path, &error))?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Windows replaces and removes no file that is open.
#[cfg(not(unix))]
type FileId = ();

#[cfg(not(unix))]
fn file_id(path: &Path) -> Result<FileId, JournalError> {
    std::fs::metadata(path)
        .map(|_| ())
        .map_err(|error| unavailable(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_from_before_a_fork_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut identity = Identity::of(file.path()).unwrap();
        assert_eq!(identity.check(file.path()), Ok(()));
        identity.process = identity.process.wrapping_add(1);
        let error = identity.check(file.path()).unwrap_err();
        assert_eq!(error.code(), "journal.misuse");
        assert!(error.to_string().contains("before a fork"), "{error}");
    }
}
