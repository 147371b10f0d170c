use std::collections::BTreeMap;
use std::fmt;

use crate::journal::{Entry, EntryKey, Stage};
use crate::model::Money;
use crate::provider::PreparedFile;

/// What is to be handed in. Without `answers` a machine can only settle what was begun.
#[derive(Clone, Debug)]
pub struct SubmitPlan {
    /// Whose intention, under which name.
    pub key: EntryKey,
    /// The provider's id of the service.
    pub service_id: String,
    /// The service's name, for people.
    pub service_name: String,
    /// True when handing in starts a search, so that its price is due.
    pub has_search: bool,
    /// True when the commit's answer already holds the result.
    pub is_synchronous: bool,
    /// Which journal key made the digests.
    pub key_id: String,
    /// Keyed digest of service, applicant and period.
    pub duplicate_mark: Option<String>,
    /// A second live submission of the same mark is meant.
    pub allow_duplicate: bool,
    /// The options, by wire name.
    pub options: Vec<String>,
    /// Given back by the provider; a keyed digest of the reference.
    pub correlation: String,
    /// Where the provider reports changes of state.
    pub callback_url: Option<String>,
    /// What a callback proves itself with; goes out with the URL only.
    pub callback_proof: String,
    /// Codes of warnings that the caller accepted.
    pub accept_warnings: Vec<String>,
    /// Whom the provider mails the documents.
    pub notify_email: Option<String>,
    /// The confirmed net price of handing in, options included.
    pub confirmed_price: Money,
    /// The answers, checked and ready for the wire.
    pub answers: Option<Prepared>,
}

/// Answers ready for the wire: every key of the form is in `texts` (absent ones and files as `""`) and every given file in `files`.
/// `Debug` shows numbers only.
#[derive(Clone, Default)]
pub struct Prepared {
    /// Every key of the form.
    pub texts: BTreeMap<String, String>,
    /// The files.
    pub files: Vec<PreparedFile>,
    /// A keyed digest per field, to know after a crash what was already sent.
    pub digests: BTreeMap<String, String>,
    /// Keyed digest of service, options and answers.
    pub digest: String,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Prepared({} fields, {} files)",
            self.texts.len(),
            self.files.len()
        )
    }
}

impl SubmitPlan {
    /// The entry of an intention that the journal has not seen; version 0, not written yet.
    pub(super) fn first_entry(&self) -> Entry {
        Entry {
            key: self.key.clone(),
            seq: 0,
            service_id: self.service_id.clone(),
            service_name: self.service_name.clone(),
            key_id: self.key_id.clone(),
            digest: self
                .answers
                .as_ref()
                .map(|answers| answers.digest.clone())
                .unwrap_or_default(),
            duplicate_mark: self.duplicate_mark.clone(),
            stage: Stage::Intent,
            id: None,
            filled: BTreeMap::new(),
            purchases: Vec::new(),
            options: self.options.clone(),
            files: Vec::new(),
            created_at: 0,
            updated_at: 0,
        }
    }
}
