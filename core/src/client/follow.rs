//! What was handed in, where it is, and what happened meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc;

use super::Client;
use super::driver::blocking;
use super::submit::Submission;
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::flow::{FreeFlow, Update, WatchFlow};
use crate::http::Call;
use crate::journal::{Duplicates, Entry, Recorded, Stage};
use crate::model::{Phase, Progress, SubmissionSummary};

/// How waiting ended. A deadline is a way to end, not an error.
#[derive(Clone, Debug)]
pub enum Wait {
    /// Something is there to be done, or nothing will come: see `progress`.
    Ended(Box<Update>),
    /// The deadline passed first; the submission goes on.
    Deadline,
}

/// What `resume` found out about one reference.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resumed {
    /// The submission as it stands now.
    pub submission: Submission,
    /// What came of it.
    pub state: ResumedState,
    /// The code of what stands in the way, where something does.
    pub code: Option<&'static str>,
}

/// What came of resuming one reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumedState {
    /// It is further than the journal said.
    Advanced,
    /// Nothing to be done here: the office is at work, or it is over.
    Waiting,
    /// It is unpaid and goes on with the answers: submit the same reference again.
    NeedsAnswers,
    /// It can't be settled by program: look the id up with the provider.
    NeedsPerson,
    /// The documents are ready and were never fetched. The provider deletes them after a while, so they come first.
    Ready,
    /// The documents were ready and are fetched now.
    Fetched,
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

/// True when the documents were seen ready and none was fetched.
fn is_ready(entry: &Entry) -> bool {
    entry.stage == Stage::Delivered && entry.files.is_empty()
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
        let (ready, others): (Vec<Entry>, Vec<Entry>) = self
            .journal_entries()
            .await?
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
        let (state, code) = match folder {
            None => (ResumedState::Ready, None),
            Some(folder) => match self.delivery(&reference, &folder.join(&reference)).await {
                Ok(_) => (ResumedState::Fetched, None),
                Err(error) => (ResumedState::Ready, Some(error.code())),
            },
        };
        Resumed {
            submission: Submission::new(entry, None),
            state,
            code,
        }
    }

    async fn settle_or_look(&self, before: Entry) -> Resumed {
        let reference = before.key.reference.clone();
        let outcome = match before.stage {
            Stage::Committing | Stage::NeedsPerson => self
                .settle(before.clone())
                .await
                .map(|receipt| Submission::new(receipt.entry, receipt.remote)),
            Stage::Committed => self.status(&reference).await,
            _ => Err(ErrorCode::NeedsAnswers.into()),
        };
        match outcome {
            Ok(submission) => {
                let same = submission.stage == before.stage;
                let state = if same {
                    ResumedState::Waiting
                } else {
                    ResumedState::Advanced
                };
                Resumed {
                    submission,
                    state,
                    code: None,
                }
            }
            Err(error) => {
                let code = error.code();
                let state = match error.details().charged {
                    _ if code == ErrorCode::NeedsAnswers.as_str() => ResumedState::NeedsAnswers,
                    _ if code == ErrorCode::NeedsPerson.as_str() => ResumedState::NeedsPerson,
                    Charged::No if before.stage == Stage::Committing => ResumedState::NeedsAnswers,
                    _ => ResumedState::Waiting,
                };
                let entry = self
                    .journal_entry(&reference)
                    .await
                    .ok()
                    .flatten()
                    .unwrap_or(before);
                Resumed {
                    submission: Submission::new(entry, None),
                    state,
                    code: Some(code),
                }
            }
        }
    }

    /// Gives up a submission that was not handed in: its draft's fields are blanked with the provider and its entry is removed from the
    /// journal.
    ///
    /// # Errors
    /// `submit.reference_conflict` once it was, or may have been, paid: there is no call to cancel or refund.
    pub async fn abandon(&self, reference: &str) -> Result<(), SportelloError> {
        let mut entry = self.entry(reference).await?;
        let paid = !matches!(
            entry.stage,
            Stage::Intent | Stage::Draft | Stage::Refused | Stage::Abandoned
        );
        if paid {
            let error = SportelloError::new(ErrorCode::ReferenceConflict);
            let error =
                error.detail("it was or may have been paid; the provider has no call to cancel or refund");
            return Err(error
                .about(reference, entry.id.as_deref())
                .charged(Charged::Unknown));
        }
        // Journalled first, so that nobody commits the draft while it is being blanked.
        let expect_seq = entry.seq;
        (entry.stage, entry.seq) = (Stage::Abandoned, expect_seq + 1);
        let (journal, written) = (Arc::clone(&self.inner.journal), entry.clone());
        match blocking(move || Ok(journal.record(&written, expect_seq, Duplicates::Allow)?)).await? {
            Recorded::Written => {}
            Recorded::Conflict(_) | Recorded::Duplicate { .. } => {
                let error = SportelloError::new(ErrorCode::ReferenceConflict);
                return Err(error
                    .detail("another process is at work on it")
                    .about(reference, entry.id.as_deref()));
            }
        }
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
        let blanks = service
            .form
            .fields
            .iter()
            .map(|field| (field.key.clone(), String::new()))
            .collect();
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
        let seen = { self.run_free(&mut { look }).await };
        match seen {
            Ok(remote) if remote.phase == Phase::Open && remote.progress == Progress::Draft => {}
            Ok(remote) if remote.phase == Phase::Committed => {
                let error = SportelloError::new(ErrorCode::NeedsPerson).charged(Charged::Unknown);
                return Err(error.about(&entry.key.reference, Some(id)));
            }
            Ok(_) => return Ok(()),
            Err(error) if error.code() == ErrorCode::ProviderNotFound.as_str() => return Ok(()),
            Err(error) => return Err(error.about(&entry.key.reference, Some(id))),
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
