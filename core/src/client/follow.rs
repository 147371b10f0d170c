//! What was handed in, where it is, and what happened meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Client;
use super::driver::blocking;
use super::submit::Submission;
use crate::error::{ErrorCode, SportelloError};
use crate::flow::{FreeFlow, Update, WatchFlow};
use crate::http::Call;
use crate::journal::{Duplicates, Entry, Stage};
use crate::model::SubmissionSummary;
pub use crate::verb::{Resumed, ResumedState};
use crate::verb::{blanks, gave_way, give_up, is_ready, is_to_be_blanked, unwritten as unwritten_entry};

/// How waiting ended. A deadline is a way to end, not an error.
#[derive(Clone, Debug)]
pub enum Wait {
    /// Something is there to be done, or nothing will come: see `progress`.
    Ended(Box<Update>),
    /// The deadline passed first; the submission goes on.
    Deadline,
}

/// Updates of one submission, until something is there to be done.
pub struct Watch {
    updates: mpsc::Receiver<Result<Update, SportelloError>>,
    task: tokio::task::JoinHandle<()>,
}

impl Watch {
    /// The next change; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Update, SportelloError>> {
        self.updates.recv().await
    }
}

impl Drop for Watch {
    /// Watching is free and changes nothing, so it ends with whoever watches.
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Client {
    /// Everything handed in from this account, newest first; the journal's references beside the provider's ids.
    ///
    /// # Errors
    /// `network.*`, `auth.*`, `provider.*`, `answer.*`, `journal.*`.
    pub async fn submissions(&self) -> Result<Vec<SubmissionSummary>, SportelloError> {
        let inner = &self.inner;
        let request = (inner.provider.list_submissions())
            .ok_or_else(|| SportelloError::new(ErrorCode::SubmissionsNotListed))?;
        let mut flow = FreeFlow::new(
            Arc::clone(&inner.provider),
            self.policy(),
            request,
            |provider, _, response| Ok(provider.read_submissions(response)?),
        );
        let mut summaries = self.run_free(&mut flow).await?;
        let entries = self.journal_entries().await?;
        for summary in &mut summaries {
            let entry = entries
                .iter()
                .find(|entry| entry.id.as_ref() == Some(&summary.id));
            summary.reference = entry.map(|entry| entry.key.reference.clone());
        }
        summaries.sort_by_key(|summary| std::cmp::Reverse(summary.created_at));
        Ok(summaries)
    }

    /// Where a submission is. Settles first what a crash may have left open; never pays.
    ///
    /// # Errors
    /// `reference.unknown`, and as for `submissions`.
    pub async fn status(&self, reference: &str) -> Result<Submission, SportelloError> {
        let entry = self.entry(reference).await?;
        if entry.id.is_none() {
            return Ok(Submission::new(entry, None));
        }
        let inner = &self.inner;
        let mut flow = WatchFlow::once(Arc::clone(&inner.provider), self.policy(), entry);
        let update = self.run_free(&mut flow).await?;
        let entry = self.entry(reference).await?;
        Ok(Submission::new(entry, Some(update.remote)))
    }

    /// Follows a submission: one update per change, quick at first, slower the longer nothing changes.
    ///
    /// # Errors
    /// `reference.unknown`; `submission.not_committed` comes as the first item.
    pub async fn watch(&self, reference: &str) -> Result<Watch, SportelloError> {
        let entry = self.entry(reference).await?;
        let client = self.clone();
        let (send, updates) = mpsc::channel(16);
        let task = tokio::spawn(async move {
            let inner = &client.inner;
            let mut flow = WatchFlow::new(
                Arc::clone(&inner.provider),
                client.policy(),
                inner.rhythm.clone(),
                entry,
            );
            let changes = send.clone();
            let outcome = inner
                .driver
                .run_observed(&mut flow, None, None, &mut |flow: &mut WatchFlow| {
                    if let Some(update) = flow.take_update() {
                        // A reader that lags by 16 changes of state misses one; the last is always delivered below.
                        let _ = changes.try_send(Ok(update));
                    }
                })
                .await;
            if let Err(error) = outcome {
                let _ = send.send(Err(error)).await;
            }
        });
        Ok(Watch { updates, task })
    }

    /// Waits until something is there to be done, nothing will come, or the deadline passes.
    ///
    /// # Errors
    /// As for `watch`.
    pub async fn wait(&self, reference: &str, deadline: Duration) -> Result<Wait, SportelloError> {
        let mut watch = self.watch(reference).await?;
        let last = async {
            let mut last = None;
            while let Some(update) = watch.next().await {
                last = Some(update?);
            }
            last.ok_or_else(|| SportelloError::new(ErrorCode::Internal))
        };
        match tokio::time::timeout(deadline, last).await {
            Ok(update) => Ok(Wait::Ended(Box::new(update?))),
            Err(_) => Ok(Wait::Deadline),
        }
    }

    /// Finds out what happened to everything that was under way, and sees through what was paid or may have been.
    ///
    /// # Errors
    /// `journal.*`. What goes wrong with one reference is told in its line.
    pub async fn resume(&self) -> Result<Vec<Resumed>, SportelloError> {
        self.resume_into(None).await
    }

    /// As [`resume`](Client::resume); what is ready is fetched into a folder of its reference below `folder`, before everything
    /// else: the provider deletes documents after a while.
    ///
    /// # Errors
    /// `journal.*`. What goes wrong with one reference is told in its line.
    pub async fn resume_into(&self, folder: Option<&Path>) -> Result<Vec<Resumed>, SportelloError> {
        let entries = self.journal_entries().await?;
        let unwritten = self.tidy(&entries).await;
        let (ready, others): (Vec<Entry>, Vec<Entry>) = entries
            .into_iter()
            .filter(|entry| entry.stage.is_live() || is_ready(entry))
            .partition(is_ready);
        let mut resumed = Vec::new();
        for entry in ready {
            resumed.push(self.fetch_ready(entry, folder).await);
        }
        for entry in others {
            let one = self.settle_or_look(entry).await;
            resumed.push(match self.journal_entry(&one.submission.reference).await? {
                Some(entry) if is_ready(&entry) => self.fetch_ready(entry, folder).await,
                _ => one,
            });
        }
        for reference in unwritten {
            let before = unwritten_entry(&self.inner.identity, &reference);
            let outcome = self.go_on(&reference, None).await;
            resumed.push(self.resumed(before, outcome).await);
        }
        Ok(resumed)
    }

    /// Finds out what happened to one submission, and sees it through where it was or may have been paid.
    ///
    /// # Errors
    /// `reference.unknown`, `journal.*`.
    pub async fn resume_one(&self, reference: &str) -> Result<Resumed, SportelloError> {
        let entry = self.entry(reference).await?;
        Ok(self.settle_or_look(entry).await)
    }

    /// Fetches documents that are ready, where the caller said whereto.
    async fn fetch_ready(&self, entry: Entry, folder: Option<&Path>) -> Resumed {
        let reference = entry.key.reference.clone();
        let fetched = match folder {
            None => None,
            Some(folder) => Some(
                self.delivery(&reference, &folder.join(&reference))
                    .await
                    .map(|_| ()),
            ),
        };
        Resumed::ready(entry, fetched)
    }

    async fn settle_or_look(&self, before: Entry) -> Resumed {
        let reference = before.key.reference.clone();
        let outcome = match before.stage {
            Stage::Committed => self.status(&reference).await,
            Stage::Delivered | Stage::Cancelled | Stage::Abandoned => Err(ErrorCode::NeedsAnswers.into()),
            _ => self.go_on(&reference, Some(&before)).await,
        };
        self.resumed(before, outcome).await
    }

    async fn resumed(&self, before: Entry, outcome: Result<Submission, SportelloError>) -> Resumed {
        match outcome {
            Ok(submission) => Resumed::settled(before.stage, submission),
            Err(error) => {
                let reference = &before.key.reference;
                let is_kept = matches!(self.kept_answers(reference).await, Ok(Some(_)));
                let now = self.journal_entry(reference).await.ok().flatten();
                let stage = before.stage;
                Resumed::stuck(stage, now.unwrap_or(before), &error, is_kept)
            }
        }
    }

    /// Gives up a submission that was not handed in: its draft's fields are blanked with the provider and its entry is removed from the
    /// journal.
    ///
    /// # Errors
    /// `submit.reference_conflict` once it was, or may have been, paid: there is no call to cancel or refund.
    pub async fn abandon(&self, reference: &str) -> Result<(), SportelloError> {
        let before = match self.entry(reference).await {
            // Kept, and never written.
            Err(error) if error.code() == ErrorCode::ReferenceUnknown.as_str() => {
                let nothing = matches!(self.kept_answers(reference).await, Ok(None));
                self.forget(reference).await;
                return if nothing { Err(error) } else { Ok(()) };
            }
            entry => entry?,
        };
        let entry = give_up(&before)?;
        let (journal, written) = (Arc::clone(&self.inner.journal), entry.clone());
        let recorded = blocking(move || Ok(journal.record(&written, before.seq, Duplicates::Allow)?)).await?;
        gave_way(&recorded, &entry)?;
        self.forget(reference).await;
        if let Some(id) = entry.id.clone() {
            self.blank(&entry, &id).await?;
        }
        let (journal, key, seq) = (Arc::clone(&self.inner.journal), entry.key.clone(), entry.seq);
        blocking(move || Ok(journal.remove(&key, seq)?)).await?;
        Ok(())
    }

    /// Blanks the fields of a draft; one that is gone already needs nothing.
    async fn blank(&self, entry: &Entry, id: &str) -> Result<(), SportelloError> {
        let service = self.service_by_id(&entry.service_id).await?;
        let blanks = blanks(&service);
        let inner = &self.inner;
        let asked = id.to_owned();
        let look = FreeFlow::new(
            Arc::clone(&inner.provider),
            self.policy(),
            inner.provider.get_submission(id),
            move |provider, request, response| {
                Ok(provider.read_submission(request, Some(&asked), response)?)
            },
        );
        let seen = self.run_free(&mut { look }).await;
        if !is_to_be_blanked(seen, entry)? {
            return Ok(());
        }
        let request = inner.provider.fill_texts(id, &blanks);
        debug_assert!(request.call == Call::Fill, "blanking is free");
        let mut fill = FreeFlow::new(
            Arc::clone(&inner.provider),
            self.policy(),
            request,
            |provider, request, response| Ok(provider.read_submission(request, None, response)?),
        );
        self.run_free(&mut fill)
            .await
            .map_err(|error| error.about(&entry.key.reference, Some(id)))?;
        Ok(())
    }
}
