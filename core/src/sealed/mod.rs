//! Answers and files sealed on the device, until they are handed in (feature `sealed`).
//!
//! An app is killed in the middle of an upload. The journal holds no personal data, so what was being handed in would have to be typed again;
//! here it is kept beside the journal, encrypted under a key that the platform's key store holds, and removed once it was paid. Drafts of
//! forms are kept in the same way.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | [`SealedStore`]: one file for each reference or draft |
//! | `pieces` | the format: pieces of 64 KiB, each by itself under XChaCha20-Poly1305 |
//! | `content` | what is in the pieces: conditions, texts, files |
//!
//! A file's name and first lines say which reference it belongs to and which key opens it, nothing else: references name nobody. Removing one
//! takes its name from it; what a flash chip still holds of it is as unreadable as before.

mod content;
mod pieces;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use pieces::{Cipher, Opened};

use crate::error::{ErrorCode, SportelloError};
use crate::http::pieces::hex;
use crate::journal::{JournalKey, Scope};
use crate::model::Answers;
use crate::verb::{Conditions, Keeper, Kept, check_reference};

const ENDING: &str = "sealed";
const UNFINISHED: &str = "part";
/// A file that was not finished in this time was left by a process that is gone.
const FINISHED_BY_NOW: Duration = Duration::from_secs(60 * 60);

/// Keeps requests and drafts of forms in a folder, each in a file that only the key opens. Cheap to clone. Calls wait for the disk.
#[derive(Clone)]
pub struct SealedStore(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    cipher: Cipher,
}

/// Whose a file is: its first line, in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Label {
    /// The reference, or the draft's name.
    name: String,
    /// Whose reference it is; `None` for a draft.
    scope: Option<Scope>,
    /// Which key opens it.
    key_id: String,
}

impl SealedStore {
    /// A store in this folder, under a key of its own that is made of the journal's. The folder is made when it is first needed; keep it out
    /// of backups.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, key: &JournalKey) -> SealedStore {
        SealedStore(Arc::new(Inner {
            folder: folder.into(),
            cipher: Cipher::new(key),
        }))
    }

    /// Keeps a draft of a form under a name of the caller's, over an older one: durable when it returns. The name is no secret, and as a
    /// reference it must name nobody.
    ///
    /// # Errors
    /// `reference.*` for the name, `attachment.unreadable`, `attachment.changed`, `sealed.unavailable`.
    pub fn keep_draft(&self, name: &str, answers: &Answers) -> Result<(), SportelloError> {
        check_reference(name)?;
        let kept = Kept {
            conditions: Conditions::default(),
            answers: answers.clone(),
        };
        self.keep_as(&self.label(None, name), &kept)
    }

    /// The draft of this name, if there is one. Its files are read from the store when they are needed, so it stays until
    /// [`SealedStore::forget_draft`].
    ///
    /// # Errors
    /// `sealed.other_key`, `sealed.damaged`, `sealed.unavailable`.
    pub fn draft(&self, name: &str) -> Result<Option<Answers>, SportelloError> {
        let kept = self.find(&self.label(None, name))?;
        Ok(kept.map(|kept| kept.answers))
    }

    /// Removes a draft; one that is not there is no error.
    ///
    /// # Errors
    /// `sealed.unavailable`.
    pub fn forget_draft(&self, name: &str) -> Result<(), SportelloError> {
        self.remove(&self.label(None, name))
    }

    /// The names of the drafts that are kept, also of those that can't be opened, in alphabetical order.
    ///
    /// # Errors
    /// `sealed.unavailable`.
    pub fn drafts(&self) -> Result<Vec<String>, SportelloError> {
        self.names(None)
    }

    fn label(&self, scope: Option<&Scope>, name: &str) -> Label {
        Label {
            name: name.to_owned(),
            scope: scope.cloned(),
            key_id: self.0.cipher.key_id().to_owned(),
        }
    }

    /// Not under a digest that needs the key: what another key sealed is found, and told from nothing.
    fn path(&self, label: &Label) -> PathBuf {
        let of_scope = |scope: &Scope| [&scope.provider, &scope.origin, &scope.account].map(String::clone);
        let mut parts = label
            .scope
            .as_ref()
            .map_or_else(Vec::new, |scope| of_scope(scope).to_vec());
        parts.push(label.name.clone());
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let name: String = hex(&digest.finalize()).chars().take(32).collect();
        self.0.folder.join(format!("{name}.{ENDING}"))
    }

    fn keep_as(&self, label: &Label, kept: &Kept) -> Result<(), SportelloError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let path = self.path(label);
        make_folder(&self.0.folder).map_err(|error| unavailable(&error))?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let unfinished = path.with_extension(format!("{}-{number}.{UNFINISHED}", std::process::id()));
        let unfinished = Unfinished(unfinished);
        let mut file = private_file(&unfinished.0).map_err(|error| unavailable(&error))?;
        content::write(kept, label, &self.0.cipher, &mut file)?;
        let publish = || {
            file.sync_all()?;
            fs::rename(&unfinished.0, &path)?;
            flush_folder(&self.0.folder)
        };
        publish().map_err(|error| unavailable(&error))
    }

    fn find(&self, label: &Label) -> Result<Option<Kept>, SportelloError> {
        let path = self.path(label);
        let (found, opened) = match Opened::new(&path, &self.0.cipher) {
            Ok(opened) => opened,
            Err(pieces::NotOpened::NotThere) => return Ok(None),
            Err(pieces::NotOpened::Failed(error)) => return Err(unavailable(&error)),
            Err(pieces::NotOpened::Damaged) => return Err(ErrorCode::SealedDamaged.into()),
        };
        if found.key_id != label.key_id {
            return Err(ErrorCode::SealedOtherKey.into());
        }
        if found != *label {
            return Err(ErrorCode::SealedDamaged.into());
        }
        content::read(&opened).map(Some)
    }

    fn remove(&self, label: &Label) -> Result<(), SportelloError> {
        match fs::remove_file(self.path(label)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(unavailable(&error)),
            // Else it would be back after a failure of power, with what was handed in and wiped.
            Ok(()) => flush_folder(&self.0.folder).map_err(|error| unavailable(&error)),
        }
    }

    fn names(&self, scope: Option<&Scope>) -> Result<Vec<String>, SportelloError> {
        let entries = match fs::read_dir(&self.0.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| unavailable(&error))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| unavailable(&error))?.path();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some(ENDING) => {}
                Some(UNFINISHED) => {
                    remove_if_old(&path);
                    continue;
                }
                _ => continue,
            }
            // One whose first line can't be read belongs to nobody who could ask for it.
            if let Ok((label, _)) = Opened::new(&path, &self.0.cipher)
                && label.scope.as_ref() == scope
                && self.path(&label) == path
            {
                names.push(label.name);
            }
        }
        names.sort();
        Ok(names)
    }
}

impl Keeper for SealedStore {
    fn keep(&self, scope: &Scope, reference: &str, kept: &Kept) -> Result<(), SportelloError> {
        self.keep_as(&self.label(Some(scope), reference), kept)
    }

    fn kept(&self, scope: &Scope, reference: &str) -> Result<Option<Kept>, SportelloError> {
        self.find(&self.label(Some(scope), reference))
    }

    fn references(&self, scope: &Scope) -> Result<Vec<String>, SportelloError> {
        self.names(Some(scope))
    }

    fn forget(&self, scope: &Scope, reference: &str) -> Result<(), SportelloError> {
        self.remove(&self.label(Some(scope), reference))
    }
}

impl std::fmt::Debug for SealedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedStore").finish_non_exhaustive()
    }
}

/// A file in the making: removed unless it was given its name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn remove_if_old(path: &Path) {
    let modified = fs::metadata(path).and_then(|about| about.modified());
    let age = modified.ok().and_then(|modified| modified.elapsed().ok());
    if age.is_some_and(|age| age > FINISHED_BY_NOW) {
        let _ = fs::remove_file(path);
    }
}

fn unavailable(error: &io::Error) -> SportelloError {
    SportelloError::new(ErrorCode::SealedUnavailable).detail(error.kind().to_string())
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes the names in a folder durable. Windows has no such call and needs none.
fn flush_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()
    } else {
        Ok(())
    }
}
