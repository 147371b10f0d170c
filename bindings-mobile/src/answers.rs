use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sportello::Attachment;

use crate::SportelloError;

/// A person's answers, keyed by field key (`$4`), slug (`codice_fiscale`) or label (`CODICE FISCALE`).
///
/// Its text form shows no answer.
#[derive(uniffi::Object)]
pub struct Answers(Mutex<sportello::Answers>);

#[uniffi::export]
impl Answers {
    /// No answers yet.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Arc<Answers> {
        Arc::new(Answers(Mutex::default()))
    }

    /// Answers from a JSON object: key to text, or to `{"file": {name, mime, size, head, tail}}`, the last two in base64.
    ///
    /// # Errors
    /// [`SportelloError::Answers`] when the text is anything else.
    #[uniffi::constructor]
    pub fn from_json(json: &str) -> Result<Arc<Answers>, SportelloError> {
        let answers = serde_json::from_str(json).map_err(|_| SportelloError::answers())?;
        Ok(Arc::new(Answers(Mutex::new(answers))))
    }

    /// Adds or replaces a text.
    pub fn set_text(&self, key: &str, value: &str) {
        self.lock().set(key, value);
    }

    /// Adds or replaces a file, described by its name, declared type, size, first 4 KiB and last 64 KiB.
    pub fn set_file(&self, key: &str, name: &str, mime: &str, size: u32, head: Vec<u8>, tail: Vec<u8>) {
        let (name, mime) = (name.to_owned(), mime.to_owned());
        self.lock().set(
            key,
            Attachment {
                name,
                mime,
                size: size.into(),
                head,
                tail,
                source: None,
            },
        );
    }
}

impl Answers {
    /// The answers as they are; a thread that died while it held them can't have left half an answer.
    pub(crate) fn lock(&self) -> MutexGuard<'_, sportello::Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answers(masked)")
    }
}
