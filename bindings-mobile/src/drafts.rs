use std::fmt;
use std::sync::Arc;

use sportello::sealed::SealedStore;

use crate::place::key_of;
use crate::{Answers, JournalKeys, SportelloError};

/// Forms that were begun, sealed on the device until they are finished: texts and files, under the journal's key.
///
/// Calls wait for the disk: not on the thread of the screen.
#[derive(uniffi::Object)]
pub struct FormDrafts(SealedStore);

#[uniffi::export]
impl FormDrafts {
    /// Drafts in this folder, which is the app's own, is not in a backup, and is made when it is first needed.
    ///
    /// # Errors
    /// [`SportelloError::Journal`] when there is no key.
    #[uniffi::constructor]
    pub fn new(folder: &str, keys: Arc<dyn JournalKeys>) -> Result<Arc<FormDrafts>, SportelloError> {
        Ok(Arc::new(FormDrafts(SealedStore::new(folder, &key_of(&*keys)?))))
    }

    /// Keeps answers under a name, over older ones: durable when it returns. The name must be what may be a reference: it names nobody.
    ///
    /// # Errors
    /// [`SportelloError::Reference`], [`SportelloError::File`], [`SportelloError::Journal`].
    pub fn keep(&self, name: &str, answers: &Answers) -> Result<(), SportelloError> {
        let given = answers.lock().clone();
        Ok(self.0.keep_draft(name, &given)?)
    }

    /// The answers under a name; none where nothing is kept. Files are read from the draft when they are needed, so it stays until `forget`.
    ///
    /// # Errors
    /// [`SportelloError::Journal`]: `sealed.other_key` when the key is another one, `sealed.damaged`, `sealed.unavailable`. Nothing is removed.
    pub fn restore(&self, name: &str) -> Result<Option<Arc<Answers>>, SportelloError> {
        Ok(self.0.draft(name)?.map(Answers::wrap))
    }

    /// Removes a draft; one that is not there is no error.
    ///
    /// # Errors
    /// [`SportelloError::Journal`].
    pub fn forget(&self, name: &str) -> Result<(), SportelloError> {
        Ok(self.0.forget_draft(name)?)
    }

    /// The names of all drafts, also of those that can't be opened.
    ///
    /// # Errors
    /// [`SportelloError::Journal`].
    pub fn names(&self) -> Result<Vec<String>, SportelloError> {
        Ok(self.0.drafts()?)
    }
}

impl fmt::Debug for FormDrafts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormDrafts")
    }
}
