//! Handing in, and the two purchases that may follow.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::clock::now;
use super::driver::blocking;
use super::{Client, check_reference};
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::flow::{PurchaseFlow, Receipt, SubmitFlow, SubmitPlan, Wanted};
use crate::journal::{Entry, PurchaseState};
use crate::model::{Answers, ResultId, Service};
use crate::verb::{Accepted, Kept, another_search, may_pay, purchase_plan, settling_plan};
pub use crate::verb::{Submission, SubmitProgress, SubmitRequest};

impl Client {
    /// Hands a request in, paid at most once whatever happens: the same reference may be submitted again after any error.
    ///
    /// Dropping the returned future stops the waiting, not the submission.
    ///
    /// # Errors
    /// Every error carries `reference`, `id` and `charged`. Before anything is sent: `reference.*`, `check.*`, `option.*`, `price.*`,
    /// `spend.limit`, `attachment.*`. Later: `submit.*`, `network.*`, `auth.*`, `provider.*`, `answer.*`, `journal.*`.
    pub async fn submit(&self, request: SubmitRequest) -> Result<Submission, SportelloError> {
        let reference = request.reference.clone();
        self.submit_checked(request)
            .await
            .map_err(|error| error.about(&reference, None))
    }

    async fn submit_checked(&self, request: SubmitRequest) -> Result<Submission, SportelloError> {
        let accepted = request.accept()?;
        let keep = (self.inner.keeping.keeps()).then(|| accepted.request.to_keep((self.inner.driver.wall)()));
        self.hand_in(accepted, keep).await
    }

    /// Hands in what nothing stands against; kept first, where it is not yet.
    pub(super) async fn hand_in(
        &self,
        accepted: Accepted,
        keep: Option<Kept>,
    ) -> Result<Submission, SportelloError> {
        let reference = accepted.request.reference.clone();
        let on_progress = accepted.request.on_progress.clone();
        let inner = Arc::clone(&self.inner);
        let plan = blocking(move || accepted.plan(&inner.identity, now())).await?;
        let turn = self.inner.turns.take(&reference).await;
        let known = self.journal_entry(&reference).await?;
        if may_pay(known.as_ref()) {
            self.refuse_without_credit(plan.confirmed_price).await?;
        }
        let receipt = self.run_submit(plan, known, on_progress, keep, turn).await?;
        Ok(Submission::new(receipt.entry, receipt.remote))
    }

    /// Settles what was begun under a reference, without the answers: finds out what became of a commit, and sends it again where
    /// that is safe.
    pub(super) async fn settle(&self, entry: Entry) -> Result<Receipt, SportelloError> {
        let turn = self.inner.turns.take(&entry.key.reference).await;
        // Whose turn it was may have settled it.
        let entry = self.journal_entry(&entry.key.reference).await?.unwrap_or(entry);
        let plan = settling_plan(&self.inner.identity, &entry);
        self.run_submit(plan, Some(entry), None, None, turn).await
    }

    async fn run_submit(
        &self,
        plan: SubmitPlan,
        known: Option<Entry>,
        on_progress: Option<Arc<dyn Fn(SubmitProgress) + Send + Sync>>,
        keep: Option<Kept>,
        turn: OwnedMutexGuard<()>,
    ) -> Result<Receipt, SportelloError> {
        let price = plan.confirmed_price;
        let client = self.clone();
        // A task of the library's: whoever waits may go, the submission goes on.
        let task = tokio::spawn(async move {
            // Until the machine has ended, whoever waits for it.
            let _turn = turn;
            let inner = &client.inner;
            let may_pay = plan.answers.is_some() && may_pay(known.as_ref());
            let reference = plan.key.reference.clone();
            if let Some(keep) = keep.filter(|_| may_pay) {
                client.keep(&reference, keep).await?;
            }
            if may_pay {
                inner.spend.reserve(price)?;
            }
            let driver = inner.driver.after(known.as_ref());
            let mut flow = SubmitFlow::new(Arc::clone(&inner.provider), client.policy(), plan, known);
            let uploading = on_progress.clone();
            let on_upload = move |sent, total| {
                if let Some(report) = &uploading {
                    report(SubmitProgress {
                        doing: "uploading",
                        sent,
                        total,
                    });
                }
            };
            let mut last = "";
            let outcome = driver
                .run_observed(&mut flow, None, Some(&on_upload), &mut |flow: &mut SubmitFlow| {
                    let doing = flow.doing();
                    if let Some(report) = on_progress
                        .as_ref()
                        .filter(|_| doing != std::mem::replace(&mut last, doing))
                    {
                        report(SubmitProgress {
                            doing,
                            sent: 0,
                            total: 0,
                        });
                    }
                })
                .await;
            if may_pay
                && outcome
                    .as_ref()
                    .err()
                    .is_some_and(|error| error.details().charged == Charged::No)
            {
                inner.spend.release(price);
            }
            if outcome.is_ok() {
                client.forget(&reference).await;
            }
            outcome
        });
        task.await.unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
    }

    /// Chooses a search result: paid, and at most once.
    ///
    /// # Errors
    /// `choice.*`, `price.*`, `submission.not_committed`, and as for `submit`.
    pub async fn choose(
        &self,
        reference: &str,
        result: ResultId,
        confirm_price: &str,
    ) -> Result<Submission, SportelloError> {
        self.purchase(reference, confirm_price, Wanted::Choice(result))
            .await
    }

    /// Adds a search: paid, and at most once for its number (2 for the first after the one that came with handing in).
    ///
    /// # Errors
    /// `check.*`, `search.*`, `price.*`, `submission.not_committed`, and as for `submit`.
    pub async fn search_again(
        &self,
        reference: &str,
        number: u32,
        service: &Service,
        answers: Answers,
        confirm_price: &str,
    ) -> Result<Submission, SportelloError> {
        let (service, inner) = (service.clone(), Arc::clone(&self.inner));
        let wanted = blocking(move || another_search(number, &service, &answers, &inner.identity)).await;
        let wanted = wanted.map_err(|error| error.about(reference, None))?;
        self.purchase(reference, confirm_price, wanted).await
    }

    async fn purchase(
        &self,
        reference: &str,
        confirm_price: &str,
        wanted: Wanted,
    ) -> Result<Submission, SportelloError> {
        check_reference(reference)?;
        let turn = self.inner.turns.take(reference).await;
        let entry = self.entry(reference).await?;
        let about = |error: SportelloError| error.about(reference, entry.id.as_deref());
        let service = self.service_by_id(&entry.service_id).await.map_err(about)?;
        let plan = purchase_plan(wanted, confirm_price, &service, &entry).map_err(about)?;
        let price = plan.confirmed_price;
        if entry.purchase(plan.wanted.kind()).is_none() {
            self.refuse_without_credit(price).await.map_err(about)?;
        }
        let (client, reference) = (self.clone(), reference.to_owned());
        let task = tokio::spawn(async move {
            let _turn = turn;
            let inner = &client.inner;
            let id = entry.id.clone();
            // What is settled already is paid no second time.
            let may_pay = (entry.purchase(plan.wanted.kind()))
                .is_none_or(|purchase| purchase.state == PurchaseState::Refused);
            if may_pay {
                (inner.spend.reserve(price)).map_err(|error| error.about(&reference, id.as_deref()))?;
            }
            let driver = inner.driver.after(Some(&entry));
            let mut flow = PurchaseFlow::new(Arc::clone(&inner.provider), client.policy(), plan, entry);
            let outcome = driver.run(&mut flow).await;
            if may_pay && (outcome.as_ref().err()).is_some_and(|error| error.details().charged == Charged::No)
            {
                inner.spend.release(price);
            }
            outcome
        });
        let receipt = task.await.unwrap_or_else(|_| Err(ErrorCode::Internal.into()))?;
        Ok(Submission::new(receipt.entry, receipt.remote))
    }

    /// The journal's entry of a reference.
    pub(super) async fn entry(&self, reference: &str) -> Result<Entry, SportelloError> {
        check_reference(reference)?;
        let entry = self.journal_entry(reference).await?;
        entry.ok_or_else(|| SportelloError::new(ErrorCode::ReferenceUnknown).about(reference, None))
    }

    /// What goes on the wire for a reference.
    pub(super) fn correlation(&self, reference: &str) -> String {
        self.inner.identity.correlation(reference)
    }
}
