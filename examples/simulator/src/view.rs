//! A request as tests and the page see it.

use crate::{
    docuengine::request::{Request, RequestState},
    value::{FieldValue, FileSeen},
    visengine::submission::{Status, Submission},
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

impl FieldSeen {
    pub(crate) fn of(value: &FieldValue) -> Self {
        match value {
            FieldValue::Text(text) => Self::Text(text.clone()),
            FieldValue::File { seen, .. } => Self::File(seen.as_ref().clone()),
        }
    }
}

impl SubmissionView {
    pub(crate) fn of(submission: &Submission) -> Self {
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
                .map(|(key, value)| (key.clone(), FieldSeen::of(value)))
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

/// A DocuEngine request, as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestView {
    /// Its id.
    pub id: String,
    /// The document's name.
    pub name: String,
    /// The document's id.
    pub document_id: String,
    /// Whether it was committed.
    pub committed: bool,
    /// Its state.
    pub state: RequestState,
    /// When each state was entered, in the order they have in a request's life.
    pub timeline: Vec<(RequestState, u64)>,
    /// When it was created, in Unix milliseconds.
    pub created_ms: u64,
    /// How many results its search has found; `None` while there is none, or it is not back.
    pub results: Option<usize>,
    /// The index of the chosen result.
    pub chosen: Option<usize>,
    /// The document's price with the options chosen, in cents.
    pub price_cents: i64,
    /// `callback` as it was kept.
    pub callback: serde_json::Value,
    /// `notifyEmail`.
    pub email: Option<String>,
    /// `selectedOptions`.
    pub options: Vec<String>,
    /// The fields by key.
    pub fields: Vec<(String, FieldSeen)>,
}

impl RequestView {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            id: request.id.clone(),
            name: request.document.name.clone(),
            document_id: request.document.id.clone(),
            committed: request.is_committed(),
            state: request.state,
            timeline: RequestState::ALL
                .into_iter()
                .filter_map(|state| Some((state, request.stamp(state)?)))
                .collect(),
            created_ms: request.created_ms,
            results: request.results.as_ref().map(|found| found.len()),
            chosen: request.chosen,
            price_cents: request.document_cents(),
            callback: request.callback.clone(),
            email: request.email.clone(),
            options: request.options.clone(),
            fields: request
                .fields
                .iter()
                .map(|(key, value)| (key.clone(), FieldSeen::of(value)))
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
