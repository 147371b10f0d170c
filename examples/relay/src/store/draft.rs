//! What a draft holds: texts, and files that are whole.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sportello::{Answers, Attachment, Service};

use super::files::UploadError;
use super::private::{make_folder, read_json, remove_file, remove_folder, write_json};
use super::{Ids, Store};

/// The texts of a draft, and whom the provider mails. Personal: no `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Texts {
    pub(crate) texts: BTreeMap<String, String>,
    pub(crate) notify_email: Option<String>,
}

/// A file that is whole. Its name may be personal: no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    /// The file's name in the folder.
    pub(crate) data: String,
}

/// A file under way: what it will be when it is whole.
pub(crate) type Upload = Held;

impl Store {
    pub(super) fn slot(&self, ids: &Ids, kind: &str, key: &str) -> PathBuf {
        let digest = self.digest("relay-field", &[key.as_bytes()]);
        self.draft_folder(ids).join(format!("{kind}-{digest}.json"))
    }

    pub(crate) fn texts(&self, ids: &Ids) -> io::Result<Texts> {
        Ok(read_json(&self.draft_folder(ids).join("texts.json"))?.unwrap_or_default())
    }

    /// Begins a draft, or leaves it as it is; `notify_email` is the newest.
    pub(crate) fn open_draft(&self, ids: &Ids, notify_email: Option<String>) -> io::Result<()> {
        make_folder(&self.draft_folder(ids))?;
        let texts = self.texts(ids)?;
        self.write_texts(
            ids,
            &Texts {
                notify_email,
                ..texts
            },
        )
    }

    /// Sets every text, and drops the files of the fields that are named, blank, among them: a file that is not named was sent by itself, and
    /// texts that come late, or from another page at the same reference, must not undo it.
    pub(crate) fn set_texts(
        &self,
        ids: &Ids,
        texts: BTreeMap<String, String>,
        quota: u64,
    ) -> Result<(), UploadError> {
        let long: usize = texts.iter().map(|(key, text)| key.len() + text.len()).sum();
        if self.used(&ids.user)?.saturating_add(long as u64) > quota {
            return Err(UploadError::Quota);
        }
        let folder = self.draft_folder(ids);
        make_folder(&folder)?;
        let known = self.texts(ids)?;
        let named: Vec<String> = texts.keys().cloned().collect();
        self.write_texts(ids, &Texts { texts, ..known })?;
        for (kind, key) in named.iter().flat_map(|key| [("f", key), ("u", key)]) {
            let slot = self.slot(ids, kind, key);
            if let Some(file) = read_json::<Held>(&slot)? {
                remove_file(&slot)?;
                remove_file(&folder.join(file.data))?;
            }
        }
        Ok(())
    }

    fn write_texts(&self, ids: &Ids, texts: &Texts) -> io::Result<()> {
        write_json(&self.draft_folder(ids).join("texts.json"), texts)
    }

    /// Removes answers and files.
    pub(crate) fn remove_draft(&self, ids: &Ids) -> io::Result<()> {
        remove_folder(&self.draft_folder(ids))
    }

    /// True while answers are held.
    pub(crate) fn has_draft(&self, ids: &Ids) -> bool {
        self.draft_folder(ids).join("texts.json").is_file()
    }

    /// The files that are whole.
    pub(crate) fn held(&self, ids: &Ids) -> io::Result<Vec<Held>> {
        self.metas(ids, "f-")
    }

    /// The descriptions whose names begin with `prefix`.
    pub(super) fn metas(&self, ids: &Ids, prefix: &str) -> io::Result<Vec<Held>> {
        let entries = match fs::read_dir(self.draft_folder(ids)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut held = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.starts_with(prefix))
            {
                held.extend(read_json::<Held>(&entry.path())?);
            }
        }
        held.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(held)
    }

    /// The answers as they are held, for this form.
    pub(crate) fn answers(&self, ids: &Ids, service: &Service) -> io::Result<Answers> {
        let mut answers = Answers::new();
        for (key, text) in self.texts(ids)?.texts {
            if !text.trim().is_empty() {
                answers.set(key, text);
            }
        }
        for held in self.held(ids)? {
            // A form that has changed meanwhile: what it no longer asks for is not handed in.
            if service.form.field(&held.key).is_some() {
                let mut file = Attachment::from_path(self.draft_folder(ids).join(&held.data))?;
                (file.name, file.mime) = (held.name, held.mime);
                answers.set(held.key, file);
            }
        }
        Ok(answers)
    }

    /// Keyed digest of everything that is held.
    pub(crate) fn answers_digest(&self, ids: &Ids) -> io::Result<String> {
        let mut parts = Vec::new();
        for (key, text) in self.texts(ids)?.texts {
            parts.extend([key, text]);
        }
        for held in self.held(ids)? {
            parts.extend([held.key, held.sha256]);
        }
        let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        Ok(self.digest("relay-answers", &parts))
    }
}
