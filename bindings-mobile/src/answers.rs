use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sportello::Answer;

use crate::{Attachment, SportelloError};

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
        Answers::wrap(sportello::Answers::new())
    }

    /// Answers from a JSON object: key to text, or to `{"file": {name, mime, size, head, tail}}`, the last two in base64.
    ///
    /// # Errors
    /// [`SportelloError::Answers`] when the text is anything else.
    #[uniffi::constructor]
    pub fn from_json(json: &str) -> Result<Arc<Answers>, SportelloError> {
        let answers = serde_json::from_str(json).map_err(|_| SportelloError::answers())?;
        Ok(Answers::wrap(answers))
    }

    /// Adds or replaces a text.
    pub fn set_text(&self, key: &str, value: &str) {
        self.lock().set(key, value);
    }

    /// Adds or replaces a file.
    pub fn set_file(&self, key: &str, file: &Attachment) {
        self.lock().set(key, file.0.clone());
    }

    /// The text under exactly this key; none for a file and where nothing was answered. Personal data.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        let answers = self.lock();
        answers.get(key).and_then(Answer::as_text).map(str::to_owned)
    }

    /// The file under exactly this key; none for a text and where nothing was answered.
    #[must_use]
    pub fn file(&self, key: &str) -> Option<Arc<Attachment>> {
        let answers = self.lock();
        answers
            .get(key)
            .and_then(Answer::as_file)
            .map(|file| Attachment::wrap(file.clone()))
    }

    /// The keys that were answered.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.lock().iter().map(|(key, _)| key.to_owned()).collect()
    }

    /// A copy that later changes of either leave alone.
    #[must_use]
    pub fn copy(&self) -> Arc<Answers> {
        Answers::wrap(self.lock().clone())
    }
}

impl Answers {
    pub(crate) fn wrap(answers: sportello::Answers) -> Arc<Answers> {
        Arc::new(Answers(Mutex::new(answers)))
    }

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
