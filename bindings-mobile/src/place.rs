//! Where a client keeps what must survive the app.

#[cfg(feature = "journal")]
use std::path::{Path, PathBuf};

use sportello::journal::{JournalError, JournalKey};

use crate::{JournalKeys, SportelloError};

/// Where the journal is kept: what protects from paying twice after the app was killed.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum JournalPlace {
    /// In this file, on storage that is the app's own: `context.noBackupFilesDir` on Android; on iOS a folder of Application Support with
    /// `isExcludedFromBackup`. A journal that comes back from a backup may be older than what was paid. In a folder beside it, of the same name
    /// with the ending `kept`, are answers and files, sealed under the journal's key until they are handed in.
    File {
        /// The path of the file; it and its folder are made when they are not there.
        path: String,
    },
    /// In memory: **lost with the process**, and with it the protection of what was under way; nothing is kept. For tests.
    Memory,
}

/// The folder of what is kept until it was handed in.
#[cfg(feature = "journal")]
pub(crate) fn kept_beside(journal: &str) -> PathBuf {
    Path::new(journal).with_extension("kept")
}

pub(crate) fn key_of(keys: &dyn JournalKeys) -> Result<JournalKey, SportelloError> {
    let unreadable = |detail: &str| {
        let error = JournalError::KeyUnreadable {
            place: "the host's key store".to_owned(),
            detail: detail.to_owned(),
        };
        sportello::SportelloError::from(error)
    };
    let bytes = keys.key().map_err(|_| unreadable("it gave no key"))?;
    let bytes: [u8; JournalKey::LEN] = (bytes.try_into()).map_err(|_| unreadable("a key has 32 bytes"))?;
    Ok(JournalKey::from_bytes(bytes))
}
