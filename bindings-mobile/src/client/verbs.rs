use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sportello::client::{SubmitProgress as CoreProgress, Wait};
use sportello::model::ResultId;

use super::{Client, Delivery, Watch};
use crate::{
    Answers, Money, ProgressListener, Quote, Resumed, Service, ServiceSummary, SportelloError, Submission,
    SubmissionSummary, SubmissionUpdate, SubmitOptions, SubmitProgress,
};

#[uniffi::export(async_runtime = "tokio")]
impl Client {
    /// What can be asked for; with `search`, the services whose name or category holds all its words.
    ///
    /// # Errors
    /// [`SportelloError::Network`], [`SportelloError::Auth`], [`SportelloError::Provider`].
    #[uniffi::method(default(search = None))]
    pub async fn services(&self, search: Option<String>) -> Result<Vec<ServiceSummary>, SportelloError> {
        self.stop.or(self.core.services(search.as_deref())).await
    }

    /// What a service needs. Named by id, by exact name or by alias (`assegno-unico`), never by a part of its name: it may be paid for.
    ///
    /// # Errors
    /// [`SportelloError::Service`] with the near names or the candidates, [`SportelloError::Schema`], and as for `services`.
    pub async fn service(&self, name: String) -> Result<Arc<Service>, SportelloError> {
        let service = self.stop.or(self.core.service(&name)).await?;
        Ok(Service::wrap(service))
    }

    /// What a service will cost with these options.
    ///
    /// # Errors
    /// [`SportelloError::Service`] for an option that it does not have, [`SportelloError::Price`] when the provider gave none.
    #[uniffi::method(default(options = []))]
    pub async fn quote(&self, service: Arc<Service>, options: Vec<String>) -> Result<Quote, SportelloError> {
        self.stop
            .or(self.core.quote_with_credit(&service.0, &options))
            .await
    }

    /// Hands a request in, paid at most once whatever happens: the same reference may be submitted again after any error.
    ///
    /// The reference is the caller's name of this one intention: 1 to 64 letters, digits, points, hyphens or underscores, that name
    /// nobody. Cancelling stops the waiting, not the submission.
    ///
    /// # Errors
    /// Every error says whether it was charged. Before anything is sent: [`SportelloError::Check`], [`SportelloError::Price`],
    /// [`SportelloError::Reference`], [`SportelloError::File`]. Later: [`SportelloError::Credit`], [`SportelloError::Submit`],
    /// [`SportelloError::NeedsPerson`], [`SportelloError::Network`], [`SportelloError::Auth`], [`SportelloError::Provider`],
    /// [`SportelloError::Journal`].
    #[uniffi::method(default(listener = None))]
    pub async fn submit(
        &self,
        service: Arc<Service>,
        answers: Arc<Answers>,
        reference: String,
        options: SubmitOptions,
        listener: Option<Arc<dyn ProgressListener>>,
    ) -> Result<Submission, SportelloError> {
        let mut request = options.request(&service, &answers, reference);
        if let Some(listener) = listener {
            request = request.on_progress(move |CoreProgress { doing, sent, total }| {
                let doing = doing.to_owned();
                // Whatever it throws, the submission goes on.
                let _ = listener.on_progress(SubmitProgress { doing, sent, total });
            });
        }
        let submission = self.stop.or(self.core.submit(request)).await?;
        Ok(submission.into())
    }

    /// Everything handed in from this account, newest first. Only for a client that goes direct: a relay lists nothing.
    ///
    /// # Errors
    /// [`SportelloError::Submit`] (`submissions.not_listed`) through a relay; as for `services`.
    pub async fn submissions(&self) -> Result<Vec<SubmissionSummary>, SportelloError> {
        let summaries = self.stop.or(self.core.submissions()).await?;
        Ok(summaries.into_iter().map(Into::into).collect())
    }

    /// Where a submission is. Settles first what a crash may have left open; never pays.
    ///
    /// # Errors
    /// [`SportelloError::Reference`] (`reference.unknown`), and as for `services`.
    pub async fn status(&self, reference: String) -> Result<Submission, SportelloError> {
        let submission = self.stop.or(self.core.status(&reference)).await?;
        Ok(submission.into())
    }

    /// Follows a submission: one update per change, quick at first, slower the longer nothing changes.
    ///
    /// # Errors
    /// [`SportelloError::Reference`] (`reference.unknown`).
    pub async fn watch(&self, reference: String) -> Result<Arc<Watch>, SportelloError> {
        let watch = self.stop.or(self.core.watch(&reference)).await?;
        Ok(Watch::wrap(watch, self.stop.clone()))
    }

    /// Waits until something is there to be done or nothing will come; none when the deadline passes first, and the submission goes on.
    ///
    /// # Errors
    /// As for `watch`; [`SportelloError::Submit`] (`submission.not_committed`) for what was not handed in.
    pub async fn wait(
        &self,
        reference: String,
        deadline: Duration,
    ) -> Result<Option<SubmissionUpdate>, SportelloError> {
        Ok(match self.stop.or(self.core.wait(&reference, deadline)).await? {
            Wait::Ended(update) => Some((*update).into()),
            Wait::Deadline => None,
        })
    }

    /// Chooses a result of a search, by its id: paid, and at most once. `confirm_price` is the exact net price, as the quote's
    /// `dueOnChoice` says.
    ///
    /// # Errors
    /// [`SportelloError::Submit`] when there is nothing to choose, no such result, or another was chosen; and as for `submit`.
    pub async fn choose(
        &self,
        reference: String,
        result_id: String,
        confirm_price: Money,
    ) -> Result<Submission, SportelloError> {
        let (result, price) = (ResultId::new(result_id), confirm_price.to_string());
        let submission = self.stop.or(self.core.choose(&reference, result, &price)).await?;
        Ok(submission.into())
    }

    /// Adds a search: paid, and at most once for its number, which is 2 for the first after the one that came with handing in.
    ///
    /// # Errors
    /// [`SportelloError::Submit`] when another search is not allowed or the number does not come next; and as for `submit`.
    pub async fn search_again(
        &self,
        reference: String,
        number: u32,
        service: Arc<Service>,
        answers: Arc<Answers>,
        confirm_price: Money,
    ) -> Result<Submission, SportelloError> {
        let (given, price) = (answers.lock().clone(), confirm_price.to_string());
        let search = self
            .core
            .search_again(&reference, number, &service.0, given, &price);
        Ok(self.stop.or(search).await?.into())
    }

    /// Fetches the documents of a submission into a folder. Nothing is ever held in memory; a file that is there already is kept, and the new
    /// one gets a number, unless the two are the same.
    ///
    /// # Errors
    /// [`SportelloError::Delivery`] when they are not ready or did not arrive whole, [`SportelloError::File`], and as for `status`.
    pub async fn delivery(&self, reference: String, folder: String) -> Result<Arc<Delivery>, SportelloError> {
        let delivery = self
            .stop
            .or(self.core.delivery(&reference, Path::new(&folder)))
            .await?;
        Ok(Arc::new(Delivery(delivery)))
    }

    /// Goes on with everything that was under way, without being given anything: hands in what was kept when the app was killed, and sees through
    /// what was paid or may have been. With a folder, documents
    /// that are ready are fetched into a folder of their reference below it, before everything else: the provider deletes them after a while.
    ///
    /// For a WorkManager or a BGTaskScheduler: it needs nothing but this client.
    ///
    /// # Errors
    /// [`SportelloError::Journal`]. What goes wrong with one reference is told in its line.
    #[uniffi::method(default(folder = None))]
    pub async fn resume(&self, folder: Option<String>) -> Result<Vec<Resumed>, SportelloError> {
        let resumed = self
            .stop
            .or(self.core.resume_into(folder.as_deref().map(Path::new)))
            .await?;
        Ok(resumed.into_iter().map(Into::into).collect())
    }

    /// The answers kept under a reference that was not handed in yet, to be shown to whoever gave them; none where nothing is kept.
    ///
    /// # Errors
    /// [`SportelloError::Journal`] (`sealed.other_key`, `sealed.damaged`, `sealed.unavailable`).
    pub async fn kept_answers(&self, reference: String) -> Result<Option<Arc<Answers>>, SportelloError> {
        let kept = self.stop.or(self.core.kept_answers(&reference)).await?;
        Ok(kept.map(Answers::wrap))
    }

    /// Gives up a submission that was not handed in: its draft's fields are blanked with the provider and its entry is removed from the
    /// journal.
    ///
    /// # Errors
    /// [`SportelloError::Reference`] (`submit.reference_conflict`) once it was, or may have been, paid: there is no call to cancel or refund.
    pub async fn abandon(&self, reference: String) -> Result<(), SportelloError> {
        self.stop.or(self.core.abandon(&reference)).await
    }
}
