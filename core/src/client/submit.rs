//! Handing in, and the two purchases that may follow.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::OwnedMutexGuard;

use super::clock::now;
use super::driver::blocking;
use super::prepare::{duplicate_mark, prepare};
use super::transport::is_loopback;
use super::{Client, check_reference};
use crate::check::{Severity, check_value};
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::flow::{Prepared, PurchaseFlow, PurchasePlan, Receipt, SubmitFlow, SubmitPlan, Wanted, expected};
use crate::journal::{Entry, PurchaseKind, PurchaseState, Stage};
use crate::model::{Answers, Estimate, Money, RemoteSubmission, ResultId, Service};

/// What to hand in, and on which conditions.
#[derive(Clone)]
pub struct SubmitRequest {
    service: Service,
    answers: Answers,
    reference: String,
    confirm_price: Option<String>,
    options: Vec<String>,
    accept_warnings: Vec<String>,
    callback_url: Option<String>,
    notify_email: Option<String>,
    allow_duplicate: bool,
    duplicates_of: Option<String>,
    on_progress: Option<Arc<dyn Fn(SubmitProgress) + Send + Sync>>,
}

/// Where a submission is while it is handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitProgress {
    /// A stable word: `starting`, `recording`, `opening`, `filling`, `uploading`, `verifying`, `committing`, `settling`, `over`.
    pub doing: &'static str,
    /// Bytes of the current upload sent.
    pub sent: u64,
    /// Bytes of the current upload in all; 0 when nothing is being uploaded.
    pub total: u64,
}

impl SubmitRequest {
    /// These answers to this service, under this reference: the caller's name of this one intention. The same reference again goes on
    /// where it stopped and never pays twice.
    #[must_use]
    pub fn new(service: Service, answers: Answers, reference: impl Into<String>) -> SubmitRequest {
        SubmitRequest {
            service,
            answers,
            reference: reference.into(),
            confirm_price: None,
            options: Vec::new(),
            accept_warnings: Vec::new(),
            callback_url: None,
            notify_email: None,
            allow_duplicate: false,
            duplicates_of: None,
            on_progress: None,
        }
    }

    /// The exact **net** price of handing in, options included: `19.00`. Nothing is paid without it.
    #[must_use]
    pub fn confirm_price(mut self, price: impl Into<String>) -> SubmitRequest {
        self.confirm_price = Some(price.into());
        self
    }

    /// Adds a paid option, by name: `urgenza`.
    #[must_use]
    pub fn option(mut self, name: impl Into<String>) -> SubmitRequest {
        self.options.push(name.into());
        self
    }

    /// Accepts warnings of this code: somebody has looked and it is right.
    #[must_use]
    pub fn accept_warning(mut self, code: impl Into<String>) -> SubmitRequest {
        self.accept_warnings.push(code.into());
        self
    }

    /// Where the provider reports changes of state.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> SubmitRequest {
        self.callback_url = Some(url.into());
        self
    }

    /// Whom the provider mails the documents.
    #[must_use]
    pub fn notify_email(mut self, email: impl Into<String>) -> SubmitRequest {
        self.notify_email = Some(email.into());
        self
    }

    /// Says that a second live submission of the same service for the same applicant is meant.
    #[must_use]
    pub fn allow_duplicate(mut self) -> SubmitRequest {
        self.allow_duplicate = true;
        self
    }

    /// Whose submissions a second one for the same applicant is looked for among; without it, among all of this account's. For a service
    /// of many users, of whom none may learn what another has handed in.
    #[must_use]
    pub fn duplicates_of(mut self, user: impl Into<String>) -> SubmitRequest {
        self.duplicates_of = Some(user.into());
        self
    }

    /// Is called whenever something moves.
    #[must_use]
    pub fn on_progress(mut self, report: impl Fn(SubmitProgress) + Send + Sync + 'static) -> SubmitRequest {
        self.on_progress = Some(Arc::new(report));
        self
    }
}

/// A submission as this side knows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Submission {
    /// The caller's reference.
    pub reference: String,
    /// The provider's id, once a draft was bound.
    pub id: Option<String>,
    /// The provider's id of the service.
    pub service_id: String,
    /// The service's name.
    pub service_name: String,
    /// How far it has come.
    pub stage: Stage,
    /// Whether handing in was charged.
    pub charged: Charged,
    /// The confirmed net price of handing in.
    pub price: Option<Money>,
    /// When the intention was journalled, Unix milliseconds.
    pub created_at: u64,
    /// When the journal last changed, Unix milliseconds.
    pub updated_at: u64,
    /// What the provider last said, where it was asked.
    pub remote: Option<RemoteSubmission>,
    /// When the office is expected to be done, while it is at work: 24 to 48 working hours after it had everything it needs.
    pub expected: Option<Estimate>,
}

impl Submission {
    pub(super) fn new(entry: Entry, remote: Option<RemoteSubmission>) -> Submission {
        let purchase = entry.purchase(PurchaseKind::Submit);
        let progress = remote.as_ref().map(|remote| remote.progress);
        Submission {
            expected: progress.and_then(|progress| expected(&entry, progress)),
            charged: match purchase.map(|purchase| purchase.state) {
                None | Some(PurchaseState::Refused) => Charged::No,
                Some(PurchaseState::Paid) => Charged::Yes,
                Some(PurchaseState::Sending | PurchaseState::Unknown) => Charged::Unknown,
            },
            price: purchase.map(|purchase| purchase.price),
            reference: entry.key.reference,
            id: entry.id,
            service_id: entry.service_id,
            service_name: entry.service_name,
            stage: entry.stage,
            created_at: entry.created_at,
            updated_at: entry.updated_at,
            remote,
        }
    }
}

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
        check_reference(&request.reference)?;
        self.refuse_findings(&request)?;
        refuse_addresses(&request)?;
        let quote = self.quote(&request.service, &request.options)?;
        let price = confirmed(request.confirm_price.as_deref(), quote.due_now)?;
        let mut options: Vec<String> = (request.options.iter())
            .filter_map(|name| request.service.option(name))
            .map(|option| option.wire_name.clone())
            .collect();
        options.sort_unstable();
        options.dedup();

        let inner = Arc::clone(&self.inner);
        let (service, answers, wire_options) =
            (request.service.clone(), request.answers.clone(), options.clone());
        let user = request.duplicates_of;
        let year = year_of(now());
        let (prepared, mark) = blocking(move || {
            let prepared = prepare(&service, &answers, &wire_options, &inner.key)?;
            Ok((
                prepared,
                duplicate_mark(&service, &answers, year, user.as_deref(), &inner.key),
            ))
        })
        .await?;
        let plan = SubmitPlan {
            key: self.entry_key(&request.reference),
            service_id: request.service.id,
            service_name: request.service.name,
            has_search: request.service.has_search,
            is_synchronous: request.service.is_synchronous,
            key_id: self.inner.key.id(),
            duplicate_mark: mark,
            allow_duplicate: request.allow_duplicate,
            options,
            callback_proof: self.callback_proof(&self.correlation(&request.reference)),
            correlation: self.correlation(&request.reference),
            callback_url: request.callback_url,
            accept_warnings: request.accept_warnings,
            notify_email: request.notify_email,
            confirmed_price: price,
            answers: Some(prepared),
        };
        let turn = self.inner.turns.take(&request.reference).await;
        let known = self.journal_entry(&request.reference).await?;
        if may_pay(known.as_ref()) {
            self.refuse_without_credit(price).await?;
        }
        let receipt = self.run_submit(plan, known, request.on_progress, turn).await?;
        Ok(Submission::new(receipt.entry, receipt.remote))
    }

    /// Settles what was begun under a reference, without the answers: finds out what became of a commit, and sends it again where
    /// that is safe.
    pub(super) async fn settle(&self, entry: Entry) -> Result<Receipt, SportelloError> {
        let turn = self.inner.turns.take(&entry.key.reference).await;
        // Whose turn it was may have settled it.
        let entry = self.journal_entry(&entry.key.reference).await?.unwrap_or(entry);
        let plan = SubmitPlan {
            key: entry.key.clone(),
            service_id: entry.service_id.clone(),
            service_name: entry.service_name.clone(),
            has_search: false,
            is_synchronous: false,
            key_id: entry.key_id.clone(),
            duplicate_mark: entry.duplicate_mark.clone(),
            allow_duplicate: false,
            options: entry.options.clone(),
            correlation: self.correlation(&entry.key.reference),
            callback_url: None,
            callback_proof: String::new(),
            accept_warnings: Vec::new(),
            notify_email: None,
            confirmed_price: Money::ZERO,
            answers: None,
        };
        self.run_submit(plan, Some(entry), None, turn).await
    }

    async fn run_submit(
        &self,
        plan: SubmitPlan,
        known: Option<Entry>,
        on_progress: Option<Arc<dyn Fn(SubmitProgress) + Send + Sync>>,
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
        self.purchase(reference, confirm_price, |_| Ok(Wanted::Choice(result)))
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
        let report = service.form.check(&answers);
        if !report.is_ok() {
            return Err(SportelloError::new(ErrorCode::CheckErrors)
                .findings(report.findings)
                .about(reference, None));
        }
        let prepared: Prepared = blocking(move || prepare(&service, &answers, &[], &inner.key)).await?;
        self.purchase(reference, confirm_price, |_| {
            Ok(Wanted::Search {
                number,
                texts: prepared.texts,
                digest: prepared.digest,
            })
        })
        .await
    }

    async fn purchase(
        &self,
        reference: &str,
        confirm_price: &str,
        wanted: impl FnOnce(&Entry) -> Result<Wanted, SportelloError>,
    ) -> Result<Submission, SportelloError> {
        check_reference(reference)?;
        let turn = self.inner.turns.take(reference).await;
        let entry = self.entry(reference).await?;
        let about = |error: SportelloError| error.about(reference, entry.id.as_deref());
        let service = self.service_by_id(&entry.service_id).await.map_err(about)?;
        let options: Vec<String> = entry.options.clone();
        let quote = self.quote(&service, &options).map_err(about)?;
        let wanted = wanted(&entry)?;
        let due = match &wanted {
            Wanted::Choice(_) => quote.due_on_choice,
            Wanted::Search { .. } => service
                .search_price
                .ok_or_else(|| about(ErrorCode::PriceMissing.into()))?,
        };
        let price = confirmed(Some(confirm_price), due).map_err(about)?;
        let plan = PurchasePlan {
            wanted,
            confirmed_price: price,
            is_synchronous: service.is_synchronous,
        };
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

    /// What goes on the wire for a reference: a keyed digest, so that the reference itself stays here.
    pub(super) fn correlation(&self, reference: &str) -> String {
        let scope = &self.inner.scope;
        let parts = [
            scope.provider.as_bytes(),
            scope.origin.as_bytes(),
            scope.account.as_bytes(),
            reference.as_bytes(),
        ];
        self.inner
            .key
            .mac("correlation", &parts)
            .chars()
            .take(32)
            .collect()
    }

    /// What a callback about a submission proves itself with: whoever was not given it can't make it.
    pub(super) fn callback_proof(&self, correlation: &str) -> String {
        self.inner.key.mac("callback", &[correlation.as_bytes()])
    }

    fn refuse_findings(&self, request: &SubmitRequest) -> Result<(), SportelloError> {
        let report = request.service.form.check(&request.answers);
        if !report.is_ok() {
            return Err(SportelloError::new(ErrorCode::CheckErrors).findings(report.findings));
        }
        let accepted = |code: &str| request.accept_warnings.iter().any(|accepted| accepted == code);
        let open: Vec<_> = (report.findings.into_iter())
            .filter(|finding| finding.severity == Severity::Warning && !accepted(finding.code.as_str()))
            .collect();
        if open.is_empty() {
            Ok(())
        } else {
            Err(SportelloError::new(ErrorCode::CheckWarnings).findings(open))
        }
    }
}

/// Addresses that can only be wrong, before anything is sent: they can't be changed once a draft is open.
fn refuse_addresses(request: &SubmitRequest) -> Result<(), SportelloError> {
    if request.callback_url.as_deref().is_some_and(|url| !may_call(url)) {
        return Err(ErrorCode::CallbackUrlInvalid.into());
    }
    let Some(email) = &request.notify_email else {
        return Ok(());
    };
    let found = check_value("email", email).unwrap_or_default();
    match found.iter().any(|finding| finding.severity == Severity::Error) {
        true => Err(SportelloError::new(ErrorCode::EmailRefused).findings(found)),
        false => Ok(()),
    }
}

/// True for an address that a provider may call: what it calls with is personal data.
fn may_call(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    let local = url.host_str().is_some_and(is_loopback);
    let bare = url.username().is_empty() && url.password().is_none() && url.has_host();
    bare && (url.scheme() == "https" || (url.scheme() == "http" && local))
}

/// True while handing in is still to be paid.
fn may_pay(known: Option<&Entry>) -> bool {
    known.is_none_or(|entry| {
        matches!(
            entry.stage,
            Stage::Intent | Stage::Draft | Stage::Refused | Stage::Abandoned
        )
    })
}

/// The confirmed price, when it is exactly what is due.
fn confirmed(confirm: Option<&str>, due: Money) -> Result<Money, SportelloError> {
    let due_is = || format!("{due} EUR is due");
    let Some(confirm) = confirm else {
        return Err(SportelloError::new(ErrorCode::PriceUnconfirmed).detail(due_is()));
    };
    match confirm.trim().parse::<Money>() {
        Ok(price) if price == due => Ok(price),
        Ok(price) if price == due.gross() => Err(SportelloError::new(ErrorCode::PriceIsGross)
            .detail(format!("{due} EUR net, {price} EUR with VAT"))),
        Ok(price) => Err(SportelloError::new(ErrorCode::PriceDiffers)
            .detail(format!("{} but {price} EUR was confirmed", due_is()))),
        Err(_) => Err(SportelloError::new(ErrorCode::PriceUnconfirmed).detail(format!(
            "{}; the price given is not an amount like `19.00`",
            due_is()
        ))),
    }
}

fn year_of(now_ms: u64) -> i32 {
    let seconds = i64::try_from(now_ms / 1000).unwrap_or_default();
    time::OffsetDateTime::from_unix_timestamp(seconds).map_or(0, time::OffsetDateTime::year)
}
