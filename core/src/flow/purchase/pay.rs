//! The paid call of a purchase, and what an answer to it means.

use super::plan::Seen;
use super::{After, Look, Next, PurchaseFlow, State, Wanted};
use crate::error::{Charged, ErrorCode};
use crate::flow::Step;
use crate::flow::submit::{MAX_LATE, time_left};
use crate::http::{HttpRequest, HttpResponse};
use crate::journal::{Purchase, PurchaseState};
use crate::model::RemoteSubmission;
use crate::provider::{CallError, Hint, SearchSpec};

impl PurchaseFlow {
    /// This purchase as it is about to be sent for the first time.
    pub(super) fn new_purchase(&self, now: u64, remote: &RemoteSubmission) -> Purchase {
        let (result, digest, searches_before) = match &self.plan.wanted {
            Wanted::Choice(result) => (Some(result.to_string()), None, None),
            Wanted::Search { digest, .. } => (
                None,
                Some(digest.clone()),
                u32::try_from(remote.searches.len()).ok(),
            ),
        };
        Purchase {
            kind: self.plan.wanted.kind(),
            state: PurchaseState::Sending,
            id: self.entry.id.clone().unwrap_or_default(),
            price: self.plan.confirmed_price,
            intended_at: now,
            sent_at: now,
            timeout_ms: self.policy.paid_timeout_ms(self.plan.is_synchronous),
            sends: 0,
            ambiguous: false,
            refused_with: None,
            result,
            searches_before,
            digest,
        }
    }

    /// Journals that the purchase is about to be sent. Durable before it is.
    pub(super) fn intend(&mut self, now: u64, remote: &RemoteSubmission) -> Next {
        let before = self
            .purchase()
            .filter(|purchase| self.plan.wanted.is(purchase))
            .cloned();
        let mut purchase = self.new_purchase(now, remote);
        purchase.sends = before.as_ref().map_or(0, |before| before.sends) + 1;
        purchase.ambiguous =
            before.is_some_and(|before| before.ambiguous || before.state == PurchaseState::Sending);
        let mut entry = self.entry.clone();
        entry.set_purchase(purchase);
        self.record(now, entry, After::Pay)
    }

    /// The journal's word came late, and nothing was sent on it: the same once more, from now.
    fn intend_anew(&mut self, now: u64) -> Next {
        self.late += 1;
        if self.late > MAX_LATE {
            return self.fail(ErrorCode::OutcomeUnknown.into());
        }
        let mut entry = self.entry.clone();
        if let Some(mut purchase) = self.purchase().cloned() {
            purchase.sent_at = now;
            entry.set_purchase(purchase);
        }
        self.record(now, entry, After::Pay)
    }

    fn request(&self) -> Option<HttpRequest> {
        let id = self.entry.id.as_deref()?;
        Some(match &self.plan.wanted {
            Wanted::Choice(result) => self.provider.choose(id, result, self.plan.confirmed_price),
            Wanted::Search { number, texts, .. } => {
                let search = SearchSpec {
                    number: *number,
                    texts,
                    price: self.plan.confirmed_price,
                };
                self.provider.add_search(id, &search)?
            }
        })
    }

    pub(super) fn pay(&mut self, now: u64) -> Next {
        let (Some(request), Some(purchase)) = (self.request(), self.purchase()) else {
            return self.fail(ErrorCode::Internal.into());
        };
        let Some(left) = time_left(now, purchase) else {
            return self.intend_anew(now);
        };
        let timeout_ms = Some(left);
        self.sends += 1;
        self.state = State::Paying;
        Ok(Step::Send {
            request: Box::new(request),
            once: true,
            timeout_ms,
        })
    }

    pub(super) fn answered(&mut self, now: u64, response: &HttpResponse) -> Next {
        let (Some(request), Some(purchase)) = (self.request(), self.purchase().cloned()) else {
            return self.fail(ErrorCode::Internal.into());
        };
        match self
            .provider
            .read_submission(&request, self.entry.id.as_deref(), response)
        {
            Ok(remote) => {
                let before = purchase.searches_before.unwrap_or(0) as usize;
                let seen = self.plan.wanted.seen(&remote, before);
                self.last_remote = Some(remote);
                match seen {
                    Seen::Done => self.paid(now),
                    Seen::Nothing | Seen::Other => self.look(Look::Early),
                }
            }
            Err(error) if is_doubtful(&error) && error.definite && !purchase.ambiguous => {
                self.look(Look::Refused(error.code, error.http_status, error.api_code))
            }
            // After an unsettled send, "there is nothing to choose" may be the word of that send's success.
            Err(error) if error.definite && !purchase.ambiguous => {
                // A token that ended in the middle: nothing happened, and the next one is fresh.
                let renew = error.code == ErrorCode::AuthRejected
                    && self.policy.renewable_token
                    && !std::mem::replace(&mut self.renewed, true);
                let after = match renew {
                    true => After::Again,
                    false => After::Fail(error.clone().into(), Charged::No),
                };
                self.refused(now, error.api_code, after)
            }
            Err(_) => self.look(Look::Early),
        }
    }

    pub(super) fn refused(&mut self, now: u64, api_code: Option<u32>, after: After) -> Next {
        let mut entry = self.entry.clone();
        if let Some(mut purchase) = self.purchase().cloned() {
            (purchase.state, purchase.refused_with) = (PurchaseState::Refused, api_code);
            entry.set_purchase(purchase);
        }
        self.record(now, entry, after)
    }

    pub(super) fn paid(&mut self, now: u64) -> Next {
        let mut entry = self.entry.clone();
        if let Some(mut purchase) = self.purchase().cloned() {
            purchase.state = PurchaseState::Paid;
            entry.set_purchase(purchase);
        }
        self.record(now, entry, After::Finish)
    }

    pub(super) fn needs_person(&mut self, now: u64) -> Next {
        let mut entry = self.entry.clone();
        if let Some(mut purchase) = self.purchase().cloned() {
            purchase.state = PurchaseState::Unknown;
            entry.set_purchase(purchase);
        }
        self.record(
            now,
            entry,
            After::Fail(ErrorCode::NeedsPerson.into(), Charged::Unknown),
        )
    }
}

/// True for a refusal that also answers a call that was delivered twice and paid once.
fn is_doubtful(error: &CallError) -> bool {
    error.code == ErrorCode::ChoiceNotNeeded || error.hint == Hint::Doubtful
}
