//! What was given is kept until it was paid, and handed in by whoever resumes.

use std::sync::Arc;

use super::Client;
use super::driver::blocking;
use crate::error::{ErrorCode, SportelloError};
use crate::journal::Entry;
use crate::model::Answers;
use crate::verb::{Accepted, Kept, Submission, SubmitRequest, may_be_paid, still_meant};

impl Client {
    /// The answers kept under a reference that was not handed in yet, to be shown to whoever gave them; `None` where nothing is kept. See
    /// [`ClientBuilder::keep_answers`](super::ClientBuilder::keep_answers).
    ///
    /// # Errors
    /// `sealed.other_key`, `sealed.damaged`, `sealed.unavailable`.
    pub async fn kept_answers(&self, reference: &str) -> Result<Option<Answers>, SportelloError> {
        Ok(self.kept(reference).await?.map(|kept| kept.answers))
    }

    pub(super) async fn keep(&self, reference: &str, kept: Kept) -> Result<(), SportelloError> {
        let (inner, reference) = (Arc::clone(&self.inner), reference.to_owned());
        blocking(move || inner.keeping.keep(&inner.identity, &reference, &kept)).await
    }

    async fn kept(&self, reference: &str) -> Result<Option<Kept>, SportelloError> {
        if !self.inner.keeping.keeps() {
            return Ok(None);
        }
        let (inner, reference) = (Arc::clone(&self.inner), reference.to_owned());
        blocking(move || inner.keeping.kept(&inner.identity, &reference)).await
    }

    /// What stays because it can't be removed now is removed by the next `resume`.
    pub(super) async fn forget(&self, reference: &str) {
        if self.inner.keeping.keeps() {
            let (inner, reference) = (Arc::clone(&self.inner), reference.to_owned());
            let _ = blocking(move || inner.keeping.forget(&inner.identity, &reference)).await;
        }
    }

    /// The references of what is kept and was never written to the journal; forgets what is over.
    pub(super) async fn tidy(&self, entries: &[Entry]) -> Vec<String> {
        if !self.inner.keeping.keeps() {
            return Vec::new();
        }
        let (inner, entries) = (Arc::clone(&self.inner), entries.to_vec());
        let tidied = blocking(move || Ok(inner.keeping.tidy(&inner.identity, &entries))).await;
        tidied.unwrap_or_default()
    }

    /// Hands in what is kept under a reference, or settles what may be paid already: with the answers where they are there, else without.
    pub(super) async fn go_on(
        &self,
        reference: &str,
        before: Option<&Entry>,
    ) -> Result<Submission, SportelloError> {
        let settled = match (self.kept_request(reference).await, before) {
            (Ok(Some(accepted)), _) => match (self.hand_in(accepted, None).await, before) {
                // Not what was committed: another process kept other answers meanwhile.
                (Err(error), Some(entry)) if is_conflict(&error) => self.settle(entry.clone()).await?,
                (outcome, _) => return outcome,
            },
            (_, Some(entry)) if may_be_paid(before) => self.settle(entry.clone()).await?,
            (Ok(None), _) => return Err(ErrorCode::NeedsAnswers.into()),
            (Err(error), _) => return Err(error),
        };
        Ok(Submission::new(settled.entry, settled.remote))
    }

    async fn kept_request(&self, reference: &str) -> Result<Option<Accepted>, SportelloError> {
        let Some(kept) = self.kept(reference).await? else {
            return Ok(None);
        };
        let now = (self.inner.driver.wall)();
        still_meant(&kept, now, &self.inner.policy)?;
        let service = self.service_by_id(&kept.conditions.service_id).await?;
        SubmitRequest::kept(service, reference, kept).accept().map(Some)
    }
}

fn is_conflict(error: &SportelloError) -> bool {
    error.code() == ErrorCode::ReferenceConflict.as_str()
}
