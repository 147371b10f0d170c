//! A request as tests and the page see it.

use crate::visengine::{
    body::{FieldValue, FileSeen},
    submission::{Status, Submission},
};

/// The value a field has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldSeen {
    /// Text, possibly empty.
    Text(String),
    /// A file.
    File(FileSeen),
}

/// A request, as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct SubmissionView {
    /// Its id.
    pub id: String,
    /// The service's name.
    pub service: String,
    /// The service's `hash_visura`.
    pub hash: String,
    /// Whether it was committed, that is whether its `state` is 1.
    pub committed: bool,
    /// Its state.
    pub status: Status,
    /// When each state was entered, in the order they have in a request's life.
    pub timeline: Vec<(Status, u64)>,
    /// When it was created, in Unix milliseconds.
    pub created_ms: u64,
    /// How many searches it has.
    pub searches: usize,
    /// The chosen search and the index in it.
    pub chosen: Option<(usize, usize)>,
    /// The document's price with the options chosen, in cents.
    pub price_cents: i64,
    /// `callback_data` as it was kept.
    pub callback: serde_json::Value,
    /// `email_target`.
    pub email: Option<String>,
    /// The fields by key.
    pub fields: Vec<(String, FieldSeen)>,
}

impl SubmissionView {
    pub(crate) fn of(submission: &Submission) -> Self {
        let seen = |value: &FieldValue| match value {
            FieldValue::Text(text) => FieldSeen::Text(text.clone()),
            FieldValue::File { seen, .. } => FieldSeen::File(seen.as_ref().clone()),
        };
        Self {
            id: submission.id.clone(),
            service: submission.service.name.clone(),
            hash: submission.service.hash.clone(),
            committed: submission.is_committed(),
            status: submission.status,
            timeline: Status::ALL
                .into_iter()
                .filter_map(|status| {
                    Some((status, submission.stamps.get(status as usize).copied().flatten()?))
                })
                .collect(),
            created_ms: submission.created_ms,
            searches: submission.searches.len(),
            chosen: submission.chosen,
            price_cents: submission.document_cents(),
            callback: submission.callback.clone(),
            email: submission.email.clone(),
            fields: submission
                .fields
                .iter()
                .map(|(key, value)| (key.clone(), seen(value)))
                .collect(),
        }
    }

    /// The value of one field.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&FieldSeen> {
        self.fields
            .iter()
            .find(|(found, _)| found == key)
            .map(|(_, value)| value)
    }
}
