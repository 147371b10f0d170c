//! The private folder: what a relay holds of a submission.
//!
//! ```text
//! relay.key                       the key of every digest here
//! locks/REFERENCE.lock
//! users/USER/REFERENCE/record.json   service, options, correlation: nothing personal; stays
//!                      draft/        answers and files, until the commit has succeeded
//!                      delivery/     documents, for some hours
//! ```
//!
//! Folders have mode 0700, files 0600; names are digests, so that no name a caller chose ever reaches the file system.

mod draft;
mod files;
mod private;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sportello::journal::JournalKey;

pub(crate) use draft::Upload;
pub(crate) use files::{Begin, Finished, UploadError};
pub(crate) use private::{make_folder, random_name, remove_folder, write_json};

/// Names one submission here.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    /// Keyed digest of the user.
    pub(crate) user: String,
    /// The journal's reference: keyed digest of user and reference.
    pub(crate) inner: String,
    /// The session's reference; nothing here is named by it.
    pub(crate) reference: String,
}

/// What stays of a submission. Nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) service_id: String,
    /// By wire name, sorted.
    pub(crate) options: Vec<String>,
    pub(crate) correlation: String,
    /// Unix milliseconds.
    pub(crate) opened_at: u64,
    /// Keyed digest of the answers that were handed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answers: Option<String>,
}

/// The folder.
#[derive(Clone)]
pub(crate) struct Store {
    root: PathBuf,
    key: JournalKey,
}

impl Store {
    /// The folder at `root`, made where there is none.
    pub(crate) fn open(root: &Path) -> Result<Store, sportello::SportelloError> {
        let failed = |error: io::Error| {
            sportello::SportelloError::new(sportello::ErrorCode::FileWrite).detail(format!(
                "`{}`: {}",
                root.display(),
                error.kind()
            ))
        };
        for folder in [root.to_owned(), root.join("users"), root.join("locks")] {
            make_folder(&folder).map_err(failed)?;
        }
        let key = JournalKey::load_or_create(&root.join("relay.key"))?;
        let root = root.to_owned();
        Ok(Store { root, key })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A keyed digest of 48 letters that reads as nothing: not a digit among them, nor a letter that stands for one in a codice fiscale, so
    /// that the journal takes it for a reference whatever it is.
    pub(crate) fn digest(&self, domain: &str, parts: &[&[u8]]) -> String {
        let letter = |digit: char| {
            let at = digit.to_digit(16).unwrap_or_default() as usize;
            char::from(b"abcdefghijkowxyz".get(at).copied().unwrap_or(b'a'))
        };
        self.key.mac(domain, parts).chars().take(48).map(letter).collect()
    }

    pub(crate) fn user(&self, user: &str) -> String {
        self.digest("relay-user", &[user.as_bytes()])
    }

    pub(crate) fn ids(&self, user: &str, reference: &str) -> Ids {
        Ids {
            user: self.user(user),
            inner: self.digest("relay-reference", &[user.as_bytes(), reference.as_bytes()]),
            reference: reference.to_owned(),
        }
    }

    fn user_folder(&self, user: &str) -> PathBuf {
        self.root.join("users").join(user)
    }

    pub(crate) fn folder(&self, ids: &Ids) -> PathBuf {
        self.user_folder(&ids.user).join(&ids.inner)
    }

    fn draft_folder(&self, ids: &Ids) -> PathBuf {
        self.folder(ids).join("draft")
    }

    pub(crate) fn delivery_folder(&self, ids: &Ids) -> PathBuf {
        self.folder(ids).join("delivery")
    }

    pub(crate) fn record(&self, ids: &Ids) -> io::Result<Option<Record>> {
        private::read_json(&self.folder(ids).join("record.json"))
    }

    pub(crate) fn set_record(&self, ids: &Ids, record: &Record) -> io::Result<()> {
        make_folder(&self.user_folder(&ids.user))?;
        make_folder(&self.folder(ids))?;
        write_json(&self.folder(ids).join("record.json"), record)
    }

    /// Takes away everything that is held of a submission.
    pub(crate) fn remove(&self, ids: &Ids) -> io::Result<()> {
        // The record last: without it nobody would look for the rest.
        self.remove_draft(ids)?;
        remove_folder(&self.delivery_folder(ids))?;
        remove_folder(&self.folder(ids))
    }

    /// Notes that a draft is being given up, until that is done: blanking it with the provider may have to wait.
    pub(crate) fn give_up(&self, ids: &Ids) -> io::Result<()> {
        write_json(&self.folder(ids).join("giving-up.json"), &true)
    }

    /// True while a draft is being given up.
    pub(crate) fn is_given_up(&self, ids: &Ids) -> bool {
        self.folder(ids).join("giving-up.json").is_file()
    }

    /// Takes back that a draft is being given up: somebody has begun anew.
    pub(crate) fn keep(&self, ids: &Ids) -> io::Result<()> {
        private::remove_file(&self.folder(ids).join("giving-up.json"))
    }

    /// How many drafts a user has.
    pub(crate) fn drafts(&self, user: &str) -> io::Result<usize> {
        let folders = subfolders(&self.user_folder(user))?;
        Ok(folders
            .iter()
            .filter(|folder| folder.join("draft").is_dir())
            .count())
    }

    /// Every submission that anything is held of.
    pub(crate) fn all(&self) -> io::Result<Vec<Ids>> {
        let mut all = Vec::new();
        for user in subfolders(&self.root.join("users"))? {
            for submission in subfolders(&user)? {
                if let (Some(user), Some(inner)) = (name(&user), name(&submission)) {
                    let reference = String::new();
                    all.push(Ids {
                        user,
                        inner,
                        reference,
                    });
                }
            }
        }
        Ok(all)
    }

    /// How long nothing has changed in the draft; `None` when there is none.
    pub(crate) fn draft_age(&self, ids: &Ids) -> io::Result<Option<Duration>> {
        age(&self.draft_folder(ids))
    }

    /// How long nothing has changed in the fetched documents; `None` when there are none.
    pub(crate) fn delivery_age(&self, ids: &Ids) -> io::Result<Option<Duration>> {
        age(&self.delivery_folder(ids))
    }
}

fn name(path: &Path) -> Option<String> {
    path.file_name()?.to_str().map(str::to_owned)
}

fn subfolders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn age(folder: &Path) -> io::Result<Option<Duration>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let mut newest = fs::metadata(folder)?.modified()?;
    for entry in entries {
        // A file may go while this looks.
        if let Ok(changed) = entry?.metadata().and_then(|metadata| metadata.modified()) {
            newest = newest.max(changed);
        }
    }
    // A clock that was put back makes things young, not old.
    Ok(Some(SystemTime::now().duration_since(newest).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_references_and_differ_by_user() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for number in 0..20_000 {
            let ids = store.ids(&format!("user-{number}"), "same");
            sportello::client::check_reference(&ids.inner).unwrap();
        }
        assert_ne!(store.ids("a", "bc").inner, store.ids("ab", "c").inner);
        assert_ne!(store.ids("a", "r").inner, store.ids("b", "r").inner);
        assert_eq!(
            store.ids("a", "r").inner,
            Store::open(folder.path()).unwrap().ids("a", "r").inner
        );
    }
}
