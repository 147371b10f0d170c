//! Files under way: begun, gone on with after a cut, whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};

use fs4::{FileExt, TryLockError};
use sha2::{Digest, Sha256};

use super::draft::{Held, Upload};
use super::private::{flush, new_file, random_name, read_json, remove_file, write_json};
use super::{Ids, Store, subfolders};

/// What a file will be.
pub(crate) struct Begin {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

/// How the end of an upload went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finished {
    /// It is whole, and the one that was announced.
    Whole,
    /// It is not the one that was announced, and was dropped.
    OtherDigest,
    /// Another upload of this field was begun meanwhile.
    Superseded,
}

#[derive(Debug)]
pub(crate) enum UploadError {
    /// The user has too much here already.
    Quota,
    /// Somebody else is writing it.
    Busy,
    /// Nothing was begun.
    Missing,
    Io(io::Error),
}

impl From<io::Error> for UploadError {
    fn from(error: io::Error) -> UploadError {
        UploadError::Io(error)
    }
}

impl Store {
    /// Begins the upload of a file; an unfinished one of the same field is dropped. To be called under the user's lock, so that two at
    /// once don't pass the quota together.
    pub(crate) fn begin_upload(
        &self,
        ids: &Ids,
        begin: Begin,
        quota: u64,
    ) -> Result<(Upload, File), UploadError> {
        let slot = self.slot(ids, "u", &begin.key);
        let before: Option<Upload> = read_json(&slot)?;
        let freed = before.as_ref().map_or(0, |before| before.size);
        let used = self.used(&ids.user)?.saturating_sub(freed);
        if used.saturating_add(begin.size) > quota {
            return Err(UploadError::Quota);
        }
        let upload = Upload {
            key: begin.key,
            name: begin.name,
            mime: begin.mime,
            size: begin.size,
            sha256: begin.sha256,
            data: format!("{}.part", random_name()?),
        };
        let folder = self.draft_folder(ids);
        let file = new_file(&folder.join(&upload.data))?;
        lock(&file)?;
        write_json(&slot, &upload)?;
        if let Some(before) = before {
            remove_file(&folder.join(before.data))?;
        }
        Ok((upload, file))
    }

    /// What a user's texts and files, whole or announced, take.
    pub(super) fn used(&self, user: &str) -> io::Result<u64> {
        let mut used = 0u64;
        for folder in subfolders(&self.user_folder(user))? {
            let Some(inner) = folder.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let ids = Ids {
                user: user.to_owned(),
                inner: inner.to_owned(),
                reference: String::new(),
            };
            if let Ok(texts) = fs::metadata(folder.join("draft/texts.json")) {
                used = used.saturating_add(texts.len());
            }
            for file in self.metas(&ids, "f-")?.into_iter().chain(self.metas(&ids, "u-")?) {
                used = used.saturating_add(file.size);
            }
        }
        Ok(used)
    }

    /// An upload under way and how many bytes of it are here.
    pub(crate) fn upload(&self, ids: &Ids, key: &str) -> io::Result<Option<(Upload, u64)>> {
        let Some(upload) = read_json::<Upload>(&self.slot(ids, "u", key))? else {
            return Ok(None);
        };
        match fs::metadata(self.draft_folder(ids).join(&upload.data)) {
            Ok(metadata) => Ok(Some((upload, metadata.len()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The file that is whole in this field.
    pub(crate) fn held_file(&self, ids: &Ids, key: &str) -> io::Result<Option<Held>> {
        read_json(&self.slot(ids, "f", key))
    }

    /// Opens an upload to go on with; nobody else writes it meanwhile.
    pub(crate) fn reopen_upload(&self, ids: &Ids, key: &str) -> Result<(Upload, File, u64), UploadError> {
        let (upload, _) = self.upload(ids, key)?.ok_or(UploadError::Missing)?;
        let path = self.draft_folder(ids).join(&upload.data);
        let file = match OpenOptions::new().append(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(UploadError::Missing),
            file => file?,
        };
        lock(&file)?;
        let len = file.metadata()?.len();
        Ok((upload, file, len))
    }

    /// Makes a complete upload the file of its field, when its digest is the announced one. To be called under the submission's lock.
    pub(crate) fn finish_upload(&self, ids: &Ids, upload: &Upload) -> io::Result<Finished> {
        let (slot, folder) = (self.slot(ids, "u", &upload.key), self.draft_folder(ids));
        let part = folder.join(&upload.data);
        let current: Option<Upload> = read_json(&slot)?;
        if current.is_none_or(|current| current.data != upload.data) {
            remove_file(&part)?;
            return Ok(Finished::Superseded);
        }
        let file = File::open(&part)?;
        file.sync_all()?;
        if digest(file)? != upload.sha256 {
            remove_file(&slot)?;
            remove_file(&part)?;
            return Ok(Finished::OtherDigest);
        }
        let before = self.held_file(ids, &upload.key)?;
        let held = Held {
            data: upload.data.replace(".part", ".bin"),
            ..upload.clone()
        };
        fs::rename(&part, folder.join(&held.data))?;
        flush(&folder)?;
        write_json(&self.slot(ids, "f", &upload.key), &held)?;
        remove_file(&slot)?;
        if let Some(before) = before {
            remove_file(&folder.join(before.data))?;
        }
        Ok(Finished::Whole)
    }

    /// Where the bytes of an upload go.
    #[cfg(test)]
    pub(crate) fn part(&self, ids: &Ids, upload: &Upload) -> std::path::PathBuf {
        self.draft_folder(ids).join(&upload.data)
    }
}

fn lock(file: &File) -> Result<(), UploadError> {
    match FileExt::try_lock(file) {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(UploadError::Busy),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The SHA-256 in lower-case hexadecimal.
fn digest(mut file: File) -> io::Result<String> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read).filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => hash.update(bytes),
            None => break,
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn begin(key: &str, bytes: &[u8]) -> Begin {
        Begin {
            key: key.to_owned(),
            name: "a.pdf".to_owned(),
            mime: "application/pdf".to_owned(),
            size: bytes.len() as u64,
            sha256: Sha256::digest(bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        }
    }

    #[test]
    fn an_upload_goes_on_after_a_cut_and_the_newest_counts() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let ids = store.ids("u", "r");
        store.open_draft(&ids, None).unwrap();
        let (first, mut file) = store.begin_upload(&ids, begin("$4", b"hello"), 1000).unwrap();
        file.write_all(b"he").unwrap();
        assert!(matches!(store.reopen_upload(&ids, "$4"), Err(UploadError::Busy)));
        drop(file);
        let (again, mut file, len) = store.reopen_upload(&ids, "$4").unwrap();
        assert_eq!((len, again.data == first.data), (2, true));
        file.write_all(b"llo").unwrap();
        drop(file);
        assert_eq!(store.finish_upload(&ids, &again).unwrap(), Finished::Whole);
        assert_eq!(store.held(&ids).unwrap().len(), 1);
        assert!(store.upload(&ids, "$4").unwrap().is_none());

        let (second, _file) = store.begin_upload(&ids, begin("$4", b"other"), 1000).unwrap();
        let (_third, _file) = store.begin_upload(&ids, begin("$4", b"third"), 1000).unwrap();
        assert!(!store.part(&ids, &second).exists());
        assert_eq!(store.finish_upload(&ids, &second).unwrap(), Finished::Superseded);
        assert_eq!(store.held(&ids).unwrap().len(), 1);
    }

    #[test]
    fn what_was_announced_counts_towards_the_quota() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (one, two) = (store.ids("u", "1"), store.ids("u", "2"));
        store.open_draft(&one, None).unwrap();
        store.open_draft(&two, None).unwrap();
        // Texts count too.
        let quota = 1000 + store.used(&one.user).unwrap();
        assert!(quota > 1000);
        assert!(store.begin_upload(&one, begin("$4", &[0; 600]), quota).is_ok());
        let full = store.begin_upload(&two, begin("$4", &[0; 401]), quota);
        assert!(matches!(full, Err(UploadError::Quota)));
        assert!(store.begin_upload(&two, begin("$4", &[0; 400]), quota).is_ok());
        // Begun again, it is not counted twice.
        assert!(store.begin_upload(&one, begin("$4", &[0; 600]), quota).is_ok());
    }
}
