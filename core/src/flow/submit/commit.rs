//! The paid call, and what an answer to it, or none, means.

use super::{After, CallFailure, Look, MAX_LATE, Next, State, Step, SubmitFlow, quiet_left, time_left};
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::http::{Failure, HttpResponse};
use crate::journal::{Entry, Purchase, PurchaseKind, PurchaseState, Stage};
use crate::model::{Phase, RemoteSubmission};
use crate::provider::{CallError, CommitSpec, Hint};

impl SubmitFlow {
    /// A purchase that is about to be sent for the first time.
    pub(super) fn new_purchase(&self, now: u64, id: String) -> Purchase {
        Purchase {
            kind: PurchaseKind::Submit,
            state: PurchaseState::Sending,
            id,
            price: self.plan.confirmed_price,
            intended_at: now,
            sent_at: now,
            timeout_ms: self.policy.paid_timeout_ms(self.plan.is_synchronous),
            sends: 0,
            ambiguous: false,
            refused_with: None,
            result: None,
            searches_before: None,
            digest: None,
        }
    }

    /// Journals that the bound draft is about to be committed. Durable before anything paid is sent.
    pub(super) fn intend(&mut self, now: u64, with_field: bool) -> Next {
        let Some(id) = self.entry.id.clone() else {
            return self.fail(ErrorCode::Internal.into(), self.charged());
        };
        let mut entry = self.entry.clone();
        let before = entry
            .purchase(PurchaseKind::Submit)
            .filter(|purchase| purchase.id == id)
            .cloned();
        let mut purchase = self.new_purchase(now, id);
        if let Some(before) = before {
            purchase.sends = before.sends;
            purchase.ambiguous = before.ambiguous || before.state == PurchaseState::Sending;
            // The caller who is here with answers has just confirmed anew; one who is not has confirmed back then.
            if self.plan.answers.is_none() {
                (purchase.intended_at, purchase.price) = (before.intended_at, before.price);
            }
        }
        purchase.sends += 1;
        entry.set_purchase(purchase);
        entry.stage = Stage::Committing;
        self.record(now, entry, After::Commit { with_field })
    }

    pub(super) fn commit(&mut self, now: u64, with_field: bool) -> Next {
        let (Some(id), Some(purchase)) = (&self.entry.id, self.entry.purchase(PurchaseKind::Submit)) else {
            return self.fail(ErrorCode::Internal.into(), self.charged());
        };
        let Some(left) = time_left(now, purchase) else {
            return self.intend_anew(now, with_field);
        };
        self.sends += 1;
        let field = with_field.then(|| self.sent_field()).flatten();
        let commit = CommitSpec {
            price: purchase.price,
            with_field: field.as_ref().map(|(key, value)| (key.as_str(), value.as_str())),
            accept_warnings: &self.plan.accept_warnings,
            allow_duplicate: self.plan.allow_duplicate,
        };
        let request = Box::new(self.provider.commit(id, &commit));
        let timeout_ms = Some(left);
        self.state = State::Committing;
        Ok(Step::Send {
            request,
            once: true,
            timeout_ms,
        })
    }

    /// The journal's word came late, and nothing was sent on it: the same once more, from now.
    fn intend_anew(&mut self, now: u64, with_field: bool) -> Next {
        self.late += 1;
        if self.late > MAX_LATE {
            return self.fail(ErrorCode::OutcomeUnknown.into(), self.charged());
        }
        let mut entry = self.entry.clone();
        if let Some(purchase) = (entry.purchases.iter_mut()).find(|known| known.kind == PurchaseKind::Submit)
        {
            purchase.sent_at = now;
        }
        self.record(now, entry, After::Commit { with_field })
    }

    /// A field that the draft already holds, for a provider that wants one with the commit.
    fn sent_field(&self) -> Option<(String, String)> {
        let own = self.plan.answers.as_ref().map(|answers| &answers.texts);
        let echoed = self.last_remote.as_ref().map(|remote| &remote.echo.0);
        let fields = own.or(echoed)?;
        fields
            .iter()
            .find(|(_, value)| !value.trim().is_empty())
            .map(|(key, value)| (key.clone(), value.clone()))
    }

    pub(super) fn commit_answered(&mut self, now: u64, response: &HttpResponse) -> Next {
        let Some(id) = self.entry.id.clone() else {
            return self.fail(ErrorCode::Internal.into(), self.charged());
        };
        let commit = CommitSpec {
            price: self.plan.confirmed_price,
            with_field: None,
            accept_warnings: &[],
            allow_duplicate: false,
        };
        let request = self.provider.commit(&id, &commit);
        match self.provider.read_submission(&request, Some(&id), response) {
            Ok(remote) if remote.phase == Phase::Committed => {
                self.last_remote = Some(remote);
                self.committed(now)
            }
            // "Fine", and yet not committed: believed only after a second look.
            Ok(_) => self.look(Look::Early),
            Err(error) if error.hint == Hint::NeedsField => self.commit_with_field(now, &error),
            // A token that ended in the middle: nothing happened, and the next one is fresh.
            Err(error)
                if error.definite
                    && error.code == ErrorCode::AuthRejected
                    && self.policy.renewable_token
                    && !std::mem::replace(&mut self.renewed, true) =>
            {
                self.intend_after_refusal(now, false)
            }
            Err(error) if error.definite && error.hint == Hint::Doubtful => {
                self.refused_fields.clone_from(&error.fields);
                self.look(Look::Doubtful(error.code, error.http_status, error.api_code))
            }
            Err(error) if error.definite => self.refused(now, &error),
            Err(_) => self.look(Look::Early),
        }
    }

    pub(super) fn commit_failed(&mut self, now: u64, failure: Failure) -> Next {
        if !failure.never_arrived() {
            return self.look(Look::Early);
        }
        // Nothing left this machine: the draft stays bound and nothing is owed.
        let mut entry = self.entry.clone();
        self.mark_refused(&mut entry, None);
        let code = crate::flow::failure_code(failure);
        self.record(now, entry, After::Fail(code, Charged::No, None))
    }

    fn commit_with_field(&mut self, now: u64, error: &CallError) -> Next {
        let sendable = self.sent_field().is_some();
        if sendable && self.sends < self.policy.max_sends {
            return self.intend_after_refusal(now, true);
        }
        let mut entry = self.entry.clone();
        self.mark_refused(&mut entry, error.api_code);
        let code = if sendable {
            error.code
        } else {
            ErrorCode::NeedsAnswers
        };
        self.record(
            now,
            entry,
            After::Fail(code, Charged::No, Some((error.http_status, error.api_code))),
        )
    }

    /// The last send was definitely refused, so the next one starts from a clean slate.
    fn intend_after_refusal(&mut self, now: u64, with_field: bool) -> Next {
        // The purchase that was just sent, and so of the bound draft.
        let mut purchases = self.entry.purchases.iter_mut();
        if let Some(purchase) = purchases.find(|purchase| purchase.kind == PurchaseKind::Submit) {
            purchase.state = PurchaseState::Refused;
        }
        self.intend(now, with_field)
    }

    fn refused(&mut self, now: u64, error: &CallError) -> Next {
        let mut entry = self.entry.clone();
        self.mark_refused(&mut entry, error.api_code);
        if is_about_data(error.code) {
            // Perhaps it is not what we sent: another process, or a request that came late, may have written over a field. All is sent again.
            entry.filled.clear();
        }
        let answered = Some((error.http_status, error.api_code));
        let after = match error.hint {
            Hint::Missing => After::LookAgain(ErrorCode::DraftDead),
            _ => {
                self.refused_fields.clone_from(&error.fields);
                After::Fail(error.code, Charged::No, answered)
            }
        };
        self.record(now, entry, after)
    }

    /// A refusal that may be the answer to a second delivery of a commit that was accepted.
    pub(super) fn doubted(
        &mut self,
        now: u64,
        code: ErrorCode,
        answered: (u16, Option<u32>),
        seen: Result<RemoteSubmission, CallFailure>,
    ) -> Next {
        match seen.map(|remote| remote.phase) {
            Ok(Phase::Committed) => self.committed(now),
            Ok(Phase::Open) => {
                let mut entry = self.entry.clone();
                self.mark_refused(&mut entry, answered.1);
                if is_about_data(code) {
                    entry.filled.clear();
                }
                self.record(now, entry, After::Fail(code, Charged::No, Some(answered)))
            }
            _ => self.quiet(now),
        }
    }

    fn mark_refused(&self, entry: &mut Entry, api_code: Option<u32>) {
        entry.stage = Stage::Refused;
        if let Some(purchase) = entry
            .purchases
            .iter_mut()
            .find(|purchase| purchase.kind == PurchaseKind::Submit)
        {
            purchase.state = PurchaseState::Refused;
            purchase.refused_with = api_code;
        }
    }

    /// Looks after an ambiguous commit. The first look is believed only when it says "committed": a commit may still be on its way.
    pub(super) fn settle(
        &mut self,
        now: u64,
        why: Look,
        seen: Result<RemoteSubmission, CallFailure>,
    ) -> Next {
        match (why, seen) {
            (_, Ok(remote)) if remote.phase == Phase::Committed => self.committed(now),
            (Look::Early, _) => self.quiet(now),
            (Look::Reconsider, _) => self.fail(ErrorCode::NeedsPerson.into(), self.charged()),
            (_, Ok(remote)) if remote.phase == Phase::Open => self.commit_again(now, &remote),
            // Dead, gone, or in a state nobody knows, with a commit that may have been paid.
            (_, Ok(_)) => self.needs_person(now),
            (_, Err(failure)) if failure.hint() == Hint::Missing => self.needs_person(now),
            (_, Err(failure)) => {
                let why = SportelloError::from(failure);
                let error = SportelloError::new(ErrorCode::OutcomeUnknown).detail(why.code());
                self.fail(error, Charged::Unknown)
            }
        }
    }

    /// The quiet period is over and the draft is open: the commit had no effect and is sent again, about the same id.
    fn commit_again(&mut self, now: u64, remote: &RemoteSubmission) -> Next {
        let Some(purchase) = self.entry.purchase(PurchaseKind::Submit).cloned() else {
            return self.fail(ErrorCode::Internal.into(), Charged::Unknown);
        };
        // Only before a relay: elsewhere the whole quiet period is over here.
        self.overtaken |= quiet_left(now, purchase.sent_at, purchase.timeout_ms, &self.policy) > 0;
        let confirmed_now = self.plan.answers.is_some();
        let price = if confirmed_now {
            self.plan.confirmed_price
        } else {
            purchase.price
        };
        match remote.due_on_commit(self.plan.has_search || remote.has_search) {
            None => return self.fail(ErrorCode::PriceMissing.into(), Charged::No),
            Some(due) if due > price => {
                let error = SportelloError::new(ErrorCode::PriceRaised);
                return self.fail(
                    error.detail(format!("{due} EUR instead of {price} EUR")),
                    Charged::No,
                );
            }
            Some(_) => {}
        }
        let age = now.saturating_sub(purchase.intended_at);
        if !confirmed_now && age > self.policy.intent_lifetime_ms {
            return self.fail(ErrorCode::NeedsAnswers.into(), Charged::No);
        }
        if self.policy.breaker.is_tripped() {
            return self.fail(ErrorCode::CommitsStopped.into(), Charged::No);
        }
        if self.sends >= self.policy.max_sends {
            return self.fail(ErrorCode::OutcomeUnknown.into(), Charged::Unknown);
        }
        self.intend(now, purchase.refused_with == Some(300))
    }

    pub(super) fn committed(&mut self, now: u64) -> Next {
        let mut entry = self.entry.clone();
        entry.stage = Stage::Committed;
        let id = entry.id.clone().unwrap_or_default();
        let known = entry
            .purchase(PurchaseKind::Submit)
            .filter(|purchase| purchase.id == id)
            .cloned();
        let purchase = known.unwrap_or_else(|| self.new_purchase(now, id));
        entry.set_purchase(Purchase {
            state: PurchaseState::Paid,
            ..purchase
        });
        self.record(now, entry, After::Finish)
    }
}

/// True for a refusal of what was filled in: by the provider, or by a relay, which checks the answers as we do.
fn is_about_data(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::DataRefused | ErrorCode::CheckErrors)
}
