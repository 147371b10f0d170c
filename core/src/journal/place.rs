//! Where the journal's files are, and how they are made: private, whole, and there after a power cut.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::JournalError;
use super::network::share_of;

/// `sportello/journal.sqlite` in the user's folder for data that stay on this machine.
pub(super) fn default_path() -> Result<PathBuf, JournalError> {
    let folders = directories::BaseDirs::new().ok_or(JournalError::NoPlace)?;
    Ok(folders.data_local_dir().join("sportello").join("journal.sqlite"))
}

/// The path from the root, whatever the working directory becomes.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, JournalError> {
    std::path::absolute(path).map_err(|error| unavailable(path, &error))
}

/// Makes the folder of `file`, with those above it, for this user alone; one that is there stays as it is. Refuses network shares.
pub(super) fn prepare_folder(file: &Path) -> Result<(), JournalError> {
    let folder = folder_of(file);
    let there = folder
        .ancestors()
        .find(|ancestor| ancestor.exists())
        .unwrap_or(folder);
    refuse_share(there, file)?;
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|ancestor| *ancestor != there)
        .collect();
    let made = missing.into_iter().rev().try_for_each(|folder| {
        match new_folder(folder) {
            // Somebody else made it a moment ago.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // A folder is found after a power cut when the one that names it was flushed.
            made => made.and_then(|()| flush_folder(folder_of(folder))),
        }
    });
    made.map_err(|error| unavailable(file, &error))
}

/// Refuses a file or folder that is, links resolved, on a network share; `shown` is what the error names.
pub(super) fn refuse_share(there: &Path, shown: &Path) -> Result<(), JournalError> {
    let resolved = there.canonicalize().map_err(|error| unavailable(shown, &error))?;
    match share_of(&resolved) {
        Some(file_system) => Err(JournalError::NetworkShare {
            place: shown.display().to_string(),
            file_system,
        }),
        None => Ok(()),
    }
}

/// The folder a file is in.
pub(super) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A file that was not there, readable and writable by this user alone. On Windows it inherits what the user's profile allows.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn new_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(not(unix))]
fn new_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Makes the names in a folder durable. Windows has no such call and needs none.
pub(super) fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// A file being made under another name, in the same folder; removed when dropped.
pub(super) struct Draft {
    path: PathBuf,
    target: PathBuf,
}

/// What became of a finished draft.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Published {
    /// The file has its name now.
    Made,
    /// Somebody else's file had the name already.
    TheirsStands,
    /// This file system can't give a file a second name: the caller makes the file in its place.
    NoLinks,
}

impl Draft {
    /// An empty private file beside `target`, with a name that no other process uses.
    pub(super) fn beside(target: &Path) -> io::Result<Draft> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let file_name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        loop {
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let mut name = std::ffi::OsString::from(".");
            name.push(file_name);
            name.push(format!(".{}-{number}.new", std::process::id()));
            let path = target.with_file_name(name);
            match new_file(&path) {
                Ok(_) => {
                    return Ok(Draft {
                        path,
                        target: target.to_owned(),
                    });
                }
                // Left by a crashed process that had the same number, or in use across containers: not ours to remove.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the finished file its name, unless somebody was faster. A link, not a rename: a rename would put this file in the place
    /// of one that another process already uses.
    pub(super) fn publish(self) -> io::Result<Published> {
        match fs::hard_link(&self.path, &self.target) {
            Ok(()) => {
                flush_folder(folder_of(&self.target))?;
                Ok(Published::Made)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Published::TheirsStands),
            // FAT, and the private folders of Android apps.
            Err(_) => Ok(Published::NoLinks),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Nothing is lost when it stays: no name in use begins with a point and ends in `.new`.
        let _ = fs::remove_file(&self.path);
    }
}

/// The error for what the system said about a file.
pub(super) fn unavailable(path: &Path, error: &io::Error) -> JournalError {
    let place = path.display().to_string();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => JournalError::Full { place },
        _ => JournalError::Unavailable {
            place,
            detail: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_flushed_and_never_where_a_file_is() {
        let folder = tempfile::tempdir().unwrap();
        prepare_folder(&folder.path().join("a/b/journal.sqlite")).unwrap();
        assert!(folder.path().join("a/b").is_dir());
        fs::write(folder.path().join("file"), "").unwrap();
        let error = prepare_folder(&folder.path().join("file/sub/journal.sqlite")).unwrap_err();
        assert_eq!(error.code(), "journal.unavailable");
        assert!(flush_folder(folder.path()).is_ok());
        assert!(flush_folder(&folder.path().join("none")).is_err());
        assert!(refuse_share(folder.path(), folder.path()).is_ok());
        assert!(refuse_share(&folder.path().join("none"), folder.path()).is_err());
        assert_eq!(folder_of(Path::new("journal.sqlite")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/journal.sqlite")), Path::new("a"));
    }

    #[test]
    fn a_draft_takes_no_name_that_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("journal.sqlite");
        for number in 0..2_000 {
            let name = format!(".journal.sqlite.{}-{number}.new", std::process::id());
            fs::write(folder.path().join(name), "theirs").unwrap();
        }
        let draft = Draft::beside(&target).unwrap();
        assert_eq!(fs::read(draft.path()).unwrap(), b"");
        assert!(Draft::beside(&folder.path().join("none/journal.sqlite")).is_err());
        assert_eq!(draft.publish().unwrap(), Published::Made);
        assert_eq!(
            Draft::beside(&target).unwrap().publish().unwrap(),
            Published::TheirsStands
        );
        let lost = Draft::beside(&folder.path().join("other.sqlite")).unwrap();
        fs::remove_file(lost.path()).unwrap();
        assert_eq!(lost.publish().unwrap(), Published::NoLinks);
    }

    #[test]
    fn a_full_disk_is_told_from_other_trouble() {
        let code = |kind: io::ErrorKind| unavailable(Path::new("x"), &kind.into()).code();
        assert_eq!(code(io::ErrorKind::StorageFull), "journal.full");
        assert_eq!(code(io::ErrorKind::QuotaExceeded), "journal.full");
        assert_eq!(code(io::ErrorKind::PermissionDenied), "journal.unavailable");
    }

    #[test]
    fn the_default_place_is_the_user_s() {
        match default_path() {
            Ok(path) => assert!(path.ends_with("sportello/journal.sqlite"), "{}", path.display()),
            Err(error) => assert_eq!(error, JournalError::NoPlace),
        }
    }
}
