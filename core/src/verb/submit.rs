use std::sync::Arc;

use serde::Serialize;

use super::catalogue::quote;
use super::identity::Identity;
use super::keep::{Conditions, Kept};
use super::prepare::{duplicate_mark, prepare};
use super::reference::check_reference;
use crate::check::{Severity, check_value};
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::flow::{SubmitPlan, expected};
use crate::http::origin;
use crate::journal::{Entry, PurchaseKind, PurchaseState, Stage};
use crate::model::{Answers, Estimate, Money, RemoteSubmission, Service};

/// What to hand in, and on which conditions.
#[derive(Clone)]
pub struct SubmitRequest {
    pub(crate) service: Service,
    pub(crate) answers: Answers,
    pub(crate) reference: String,
    confirm_price: Option<String>,
    options: Vec<String>,
    accept_warnings: Vec<String>,
    callback_url: Option<String>,
    notify_email: Option<String>,
    allow_duplicate: bool,
    duplicates_of: Option<String>,
    pub(crate) on_progress: Option<Arc<dyn Fn(SubmitProgress) + Send + Sync>>,
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
    pub(crate) fn new(entry: Entry, remote: Option<RemoteSubmission>) -> Submission {
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

impl SubmitRequest {
    /// What is kept of it; `now` in Unix milliseconds.
    pub(crate) fn to_keep(&self, now: u64) -> Kept {
        let request = self.clone();
        Kept {
            conditions: Conditions {
                service_id: request.service.id,
                confirm_price: request.confirm_price,
                options: request.options,
                accept_warnings: request.accept_warnings,
                callback_url: request.callback_url,
                notify_email: request.notify_email,
                allow_duplicate: request.allow_duplicate,
                duplicates_of: request.duplicates_of,
                asked_at: now,
            },
            answers: request.answers,
        }
    }

    /// What was kept of it, with the service as it is now.
    pub(crate) fn kept(service: Service, reference: &str, kept: Kept) -> SubmitRequest {
        let Conditions {
            service_id: _,
            confirm_price,
            options,
            accept_warnings,
            callback_url,
            notify_email,
            allow_duplicate,
            duplicates_of,
            asked_at: _,
        } = kept.conditions;
        SubmitRequest {
            service,
            answers: kept.answers,
            reference: reference.to_owned(),
            confirm_price,
            options,
            accept_warnings,
            callback_url,
            notify_email,
            allow_duplicate,
            duplicates_of,
            on_progress: None,
        }
    }
}

/// A request that nothing stands against, as far as can be told without asking anybody.
pub(crate) struct Accepted {
    pub(crate) request: SubmitRequest,
    price: Money,
    /// By wire name.
    options: Vec<String>,
}

impl SubmitRequest {
    /// Refuses what can be refused without asking anybody.
    pub(crate) fn accept(self) -> Result<Accepted, SportelloError> {
        let reference = self.reference.clone();
        self.accepted().map_err(|error| error.about(&reference, None))
    }

    fn accepted(self) -> Result<Accepted, SportelloError> {
        check_reference(&self.reference)?;
        self.refuse_findings()?;
        self.refuse_addresses()?;
        let quote = quote(&self.service, &self.options)?;
        let price = confirmed(self.confirm_price.as_deref(), quote.due_now)?;
        let named = self.options.iter().filter_map(|name| self.service.option(name));
        let mut options: Vec<String> = named.map(|option| option.wire_name.clone()).collect();
        options.sort_unstable();
        options.dedup();
        Ok(Accepted {
            request: self,
            price,
            options,
        })
    }

    fn refuse_findings(&self) -> Result<(), SportelloError> {
        let report = self.service.form.check(&self.answers);
        if !report.is_ok() {
            return Err(SportelloError::new(ErrorCode::CheckErrors).findings(report.findings));
        }
        let accepted = |code: &str| self.accept_warnings.iter().any(|accepted| accepted == code);
        let open: Vec<_> = (report.findings.into_iter())
            .filter(|finding| finding.severity == Severity::Warning && !accepted(finding.code.as_str()))
            .collect();
        if open.is_empty() {
            Ok(())
        } else {
            Err(SportelloError::new(ErrorCode::CheckWarnings).findings(open))
        }
    }

    /// Addresses that can only be wrong, before anything is sent: they can't be changed once a draft is open.
    fn refuse_addresses(&self) -> Result<(), SportelloError> {
        if self
            .callback_url
            .as_deref()
            .is_some_and(|url| !origin::may_call(url))
        {
            return Err(ErrorCode::CallbackUrlInvalid.into());
        }
        let Some(email) = &self.notify_email else {
            return Ok(());
        };
        let found = check_value("email", email).unwrap_or_default();
        match found.iter().any(|finding| finding.severity == Severity::Error) {
            true => Err(SportelloError::new(ErrorCode::EmailRefused).findings(found)),
            false => Ok(()),
        }
    }
}

impl Accepted {
    /// What a machine needs. Reads every file once, for its digest, so it blocks; `now` is in Unix milliseconds.
    pub(crate) fn plan(self, identity: &Identity, now: u64) -> Result<SubmitPlan, SportelloError> {
        let request = self.request;
        let reference = &request.reference;
        let about = |error: SportelloError| error.about(reference, None);
        let (service, answers) = (&request.service, &request.answers);
        let prepared = prepare(service, answers, &self.options, &identity.key).map_err(about)?;
        let user = request.duplicates_of.as_deref();
        let duplicate_mark = duplicate_mark(service, answers, year_of(now), user, &identity.key);
        let correlation = identity.correlation(reference);
        Ok(SubmitPlan {
            key: identity.entry_key(reference),
            has_search: service.has_search,
            is_synchronous: service.is_synchronous,
            service_id: request.service.id,
            service_name: request.service.name,
            key_id: identity.key.id(),
            duplicate_mark,
            allow_duplicate: request.allow_duplicate,
            options: self.options,
            callback_proof: identity.callback_proof(&correlation),
            correlation,
            callback_url: request.callback_url,
            accept_warnings: request.accept_warnings,
            notify_email: request.notify_email,
            confirmed_price: self.price,
            answers: Some(prepared),
        })
    }
}

/// A plan that settles what was begun under a reference, without the answers: it finds out what became of a commit, and sends it again
/// where that is safe.
pub(crate) fn settling_plan(identity: &Identity, entry: &Entry) -> SubmitPlan {
    SubmitPlan {
        key: entry.key.clone(),
        service_id: entry.service_id.clone(),
        service_name: entry.service_name.clone(),
        has_search: false,
        is_synchronous: false,
        key_id: entry.key_id.clone(),
        duplicate_mark: entry.duplicate_mark.clone(),
        allow_duplicate: false,
        options: entry.options.clone(),
        correlation: identity.correlation(&entry.key.reference),
        callback_url: None,
        callback_proof: String::new(),
        accept_warnings: Vec::new(),
        notify_email: None,
        confirmed_price: Money::ZERO,
        answers: None,
    }
}

/// True while handing in is still to be paid.
pub(crate) fn may_pay(known: Option<&Entry>) -> bool {
    known.is_none_or(|entry| {
        matches!(
            entry.stage,
            Stage::Intent | Stage::Draft | Stage::Refused | Stage::Abandoned
        )
    })
}

/// The confirmed price, when it is exactly what is due.
pub(super) fn confirmed(confirm: Option<&str>, due: Money) -> Result<Money, SportelloError> {
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
