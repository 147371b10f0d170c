//! The purchases after handing in: choosing a search result, and searching again.

mod plan;

use std::sync::Arc;

use crate::error::{Charged, ErrorCode, SportelloError};
use crate::flow::free::{CallFailure, Free, Turn};
use crate::flow::submit::{charged, quiet_left};
use crate::flow::{Event, FlowError, Machine, Policy, Receipt, Step, WaitReason, about, failure_code};
use crate::http::{HttpRequest, HttpResponse};
use crate::journal::{Duplicates, Entry, Purchase, PurchaseState, Recorded, Stage};
use crate::model::{Money, Phase, Progress, RemoteSubmission};
use crate::provider::{Provider, SearchSpec};

use plan::Seen;
pub use plan::{PurchasePlan, Wanted};

/// The machine of one purchase after handing in.
#[derive(Clone)]
pub struct PurchaseFlow {
    provider: Arc<dyn Provider>,
    policy: Policy,
    plan: PurchasePlan,
    entry: Entry,
    state: State,
    last_remote: Option<RemoteSubmission>,
    conflicts: u32,
    sends: u32,
    /// The paid call was refused for its token once already.
    renewed: bool,
    salt: u64,
}

#[derive(Clone)]
enum State {
    New,
    Recording(Box<Entry>, After),
    Looking(Free, Look),
    Quiet,
    Paying,
    Over,
}

#[derive(Clone, Copy, Debug)]
enum Look {
    Before,
    Early,
    AfterQuiet,
    /// "There is nothing to choose", HTTP status and the provider's code: also the answer to a choice that was delivered twice.
    Refused(u16, Option<u32>),
    Reconsider,
}

#[derive(Clone, Debug)]
enum After {
    Pay,
    /// Nothing happened; from the beginning, once.
    Again,
    Finish,
    Fail(SportelloError, Charged),
}

type Next = Result<Step<Receipt>, FlowError>;

impl PurchaseFlow {
    /// A machine for this purchase of a submission that the journal holds.
    #[must_use]
    pub fn new(
        provider: Arc<dyn Provider>,
        policy: Policy,
        plan: PurchasePlan,
        entry: Entry,
    ) -> PurchaseFlow {
        let (state, last_remote) = (State::New, None);
        PurchaseFlow {
            provider,
            policy,
            plan,
            entry,
            state,
            last_remote,
            conflicts: 0,
            sends: 0,
            renewed: false,
            salt: 0,
        }
    }

    /// A machine that stands where this one stands and shares nothing with it: a checker goes on from one state in several ways.
    #[doc(hidden)]
    #[must_use]
    pub fn fork(&self) -> PurchaseFlow {
        let mut fork = self.clone();
        fork.policy = self.policy.detached();
        let budget = &fork.policy.budget;
        match &mut fork.state {
            State::Looking(call, _) => call.spend_from(budget),
            State::New | State::Recording(..) | State::Quiet | State::Paying | State::Over => {}
        }
        fork
    }

    /// Everything that decides what it does next, save the jitter, as one text: a checker takes machines of one standing for one.
    #[doc(hidden)]
    #[must_use]
    pub fn standing(&self) -> String {
        let state = match &self.state {
            State::Recording(entry, after) => format!("recording {entry:?} {after:?}"),
            State::Looking(call, why) => format!("looking {:?} {why:?}", call.standing()),
            State::New => "new".to_owned(),
            State::Quiet => "quiet".to_owned(),
            State::Paying => "paying".to_owned(),
            State::Over => "over".to_owned(),
        };
        let counts = (self.conflicts, self.sends, self.renewed);
        let tripped = self.policy.breaker.is_tripped();
        format!(
            "{state} {counts:?} {:?} {:?} {tripped}",
            self.entry, self.last_remote
        )
    }

    /// What the journal holds, as far as this run knows.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    fn purchase(&self) -> Option<&Purchase> {
        self.entry.purchase(self.plan.wanted.kind())
    }

    fn resume(&mut self) -> Next {
        if !matches!(
            self.entry.stage,
            Stage::Committed | Stage::Delivered | Stage::Cancelled
        ) {
            return self.fail(ErrorCode::NotCommitted.into());
        }
        let Some(purchase) = self.purchase() else {
            return self.look(Look::Before);
        };
        let same = self.plan.wanted.is(purchase);
        match (purchase.state, same) {
            (PurchaseState::Paid, true) => self.finish(),
            (PurchaseState::Refused, _) => self.look(Look::Before),
            (PurchaseState::Sending, true) => self.look(Look::Early),
            (PurchaseState::Unknown, true) => self.look(Look::Reconsider),
            (PurchaseState::Paid, false) if matches!(self.plan.wanted, Wanted::Choice(_)) => {
                self.fail(ErrorCode::ChoiceMade.into())
            }
            (_, false) => self.fail(ErrorCode::ReferenceConflict.into()),
        }
    }

    fn look(&mut self, why: Look) -> Next {
        let Some(id) = self.entry.id.as_deref() else {
            return self.fail(ErrorCode::Internal.into());
        };
        let request = self.provider.get_submission(id);
        self.salt += 1;
        let (call, go) = Free::begin(request, &self.policy, self.salt);
        self.state = State::Looking(call, why);
        Ok(go.step())
    }

    fn looked(&mut self, now: u64, why: Look, seen: Result<RemoteSubmission, CallFailure>) -> Next {
        let remote = match (why, seen) {
            (_, Ok(remote)) => remote,
            (Look::Early | Look::Refused(..), Err(_)) => return self.quiet(now),
            (Look::AfterQuiet, Err(failure)) => {
                let why = SportelloError::from(failure);
                return self.fail(SportelloError::new(ErrorCode::OutcomeUnknown).detail(why.code()));
            }
            (_, Err(failure)) => return self.fail(failure.into()),
        };
        self.last_remote = Some(remote.clone());
        if let Look::Before = why {
            // The wanted result stands chosen: this choice was made, and the journal is older than that (a restored backup).
            let wanted =
                matches!(&self.plan.wanted, Wanted::Choice(result) if remote.chosen.as_ref() == Some(result));
            if wanted && remote.phase == Phase::Committed {
                let mut entry = self.entry.clone();
                let purchase = self.new_purchase(now, &remote);
                entry.set_purchase(Purchase {
                    state: PurchaseState::Paid,
                    ..purchase
                });
                return self.record(now, entry, After::Finish);
            }
            let made = match &self.plan.wanted {
                Wanted::Search { number, .. } => *number >= 2 && remote.searches.len() >= *number as usize,
                Wanted::Choice(_) => remote.chosen.is_some(),
            };
            return match self.objection(&remote) {
                // It was made, and the journal did not know when this run read it. Writing over it tells whether it knows now.
                Some(error) if made => {
                    self.record(now, self.entry.clone(), After::Fail(error, Charged::Unknown))
                }
                Some(error) => self.fail(error),
                None => self.intend(now, &remote),
            };
        }
        let before = self
            .purchase()
            .and_then(|purchase| purchase.searches_before)
            .unwrap_or(0);
        match (self.plan.wanted.seen(&remote, before as usize), why) {
            (Seen::Done, _) => self.paid(now),
            (_, Look::Early) => self.quiet(now),
            // The refusal came after whatever an intermediary had delivered before, so what is not there now was refused.
            (_, Look::Refused(status, api_code)) => {
                let error = SportelloError::new(ErrorCode::ChoiceNotNeeded).answered(status, api_code);
                self.refused(now, api_code, After::Fail(error, Charged::No))
            }
            (_, Look::Reconsider) => self.fail(ErrorCode::NeedsPerson.into()),
            (Seen::Nothing, _) if matches!(self.plan.wanted, Wanted::Choice(_)) => {
                self.choose_again(now, &remote)
            }
            // A search that is not there may still have been charged, and it is never sent again by itself.
            (Seen::Nothing | Seen::Other, _) => self.needs_person(now),
        }
    }

    /// Why this purchase can't be made now; all of it free to find out.
    fn objection(&self, remote: &RemoteSubmission) -> Option<SportelloError> {
        if remote.phase != Phase::Committed {
            return Some(ErrorCode::NotCommitted.into());
        }
        if self.policy.breaker.is_tripped() {
            return Some(ErrorCode::CommitsStopped.into());
        }
        if let Some(chosen) = &remote.chosen {
            return Some(SportelloError::new(ErrorCode::ChoiceMade).detail(format!("`{chosen}`")));
        }
        let due = match &self.plan.wanted {
            Wanted::Choice(_) if remote.progress == Progress::Cancelled => {
                return Some(ErrorCode::ChoiceNotNeeded.into());
            }
            Wanted::Choice(wanted) => {
                if remote.searches.iter().all(|search| search.results.is_empty()) {
                    return Some(ErrorCode::ChoiceNotNeeded.into());
                }
                let mut results = remote.searches.iter().flat_map(|search| &search.results);
                let known = results.any(|result| result.id == *wanted);
                if !known {
                    return Some(ErrorCode::ChoiceUnknown.into());
                }
                remote.due_on_choice()
            }
            Wanted::Search { number, .. } => {
                if !remote.has_search || !self.provider.abilities().searches_again {
                    return Some(ErrorCode::SearchNotAllowed.into());
                }
                if remote.searches.len() + 1 != *number as usize || *number < 2 {
                    let next = remote.searches.len() + 1;
                    return Some(
                        SportelloError::new(ErrorCode::SearchNumber)
                            .detail(format!("the next one is {next}")),
                    );
                }
                remote.search_price
            }
        };
        self.price_objection(due, self.plan.confirmed_price)
    }

    fn price_objection(&self, due: Option<Money>, confirmed: Money) -> Option<SportelloError> {
        match due {
            None => Some(ErrorCode::PriceMissing.into()),
            Some(due) if due > confirmed => Some(
                SportelloError::new(ErrorCode::PriceRaised)
                    .detail(format!("{due} EUR instead of {confirmed} EUR")),
            ),
            Some(_) => None,
        }
    }

    /// This purchase as it is about to be sent for the first time.
    fn new_purchase(&self, now: u64, remote: &RemoteSubmission) -> Purchase {
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
    fn intend(&mut self, now: u64, remote: &RemoteSubmission) -> Next {
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

    fn choose_again(&mut self, now: u64, remote: &RemoteSubmission) -> Next {
        // Nothing is on its way any more and the office has given the request up: this choice had no effect, and none can.
        if remote.progress == Progress::Cancelled {
            return self.refused(
                now,
                None,
                After::Fail(ErrorCode::ChoiceNotNeeded.into(), Charged::No),
            );
        }
        if let Some(error) = self.objection(remote) {
            return self.fail(error);
        }
        if self.sends >= self.policy.max_sends {
            return self.fail(ErrorCode::OutcomeUnknown.into());
        }
        self.intend(now, remote)
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

    fn pay(&mut self) -> Next {
        let (Some(request), Some(purchase)) = (self.request(), self.purchase()) else {
            return self.fail(ErrorCode::Internal.into());
        };
        let timeout_ms = Some(purchase.timeout_ms);
        self.sends += 1;
        self.state = State::Paying;
        Ok(Step::Send {
            request: Box::new(request),
            once: true,
            timeout_ms,
        })
    }

    fn answered(&mut self, now: u64, response: &HttpResponse) -> Next {
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
            Err(error)
                if error.code == ErrorCode::ChoiceNotNeeded && error.definite && !purchase.ambiguous =>
            {
                self.look(Look::Refused(error.http_status, error.api_code))
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

    fn refused(&mut self, now: u64, api_code: Option<u32>, after: After) -> Next {
        let mut entry = self.entry.clone();
        if let Some(mut purchase) = self.purchase().cloned() {
            (purchase.state, purchase.refused_with) = (PurchaseState::Refused, api_code);
            entry.set_purchase(purchase);
        }
        self.record(now, entry, after)
    }

    fn paid(&mut self, now: u64) -> Next {
        let mut entry = self.entry.clone();
        if let Some(mut purchase) = self.purchase().cloned() {
            purchase.state = PurchaseState::Paid;
            entry.set_purchase(purchase);
        }
        self.record(now, entry, After::Finish)
    }

    fn needs_person(&mut self, now: u64) -> Next {
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

    fn quiet(&mut self, now: u64) -> Next {
        let left = self.purchase().map_or(0, |purchase| {
            quiet_left(now, purchase.sent_at, purchase.timeout_ms, &self.policy)
        });
        if left == 0 {
            return self.look(Look::AfterQuiet);
        }
        self.state = State::Quiet;
        Ok(Step::Wait {
            millis: left,
            reason: WaitReason::QuietPeriod,
        })
    }

    fn record(&mut self, now: u64, mut entry: Entry, after: After) -> Next {
        let expect_seq = self.entry.seq;
        entry.seq = expect_seq + 1;
        entry.updated_at = now;
        self.state = State::Recording(Box::new(entry.clone()), after);
        Ok(Step::Record {
            entry: Box::new(entry),
            expect_seq,
            duplicates: Duplicates::Allow,
        })
    }

    fn recorded(&mut self, answer: Recorded, entry: Entry, after: After) -> Next {
        match answer {
            Recorded::Written => {
                self.entry = entry;
                match after {
                    After::Pay => self.pay(),
                    After::Again => self.resume(),
                    After::Finish => self.finish(),
                    After::Fail(error, charged) => {
                        self.state = State::Over;
                        Ok(Step::Finished(Err(about(error, &self.entry, charged))))
                    }
                }
            }
            Recorded::Conflict(Some(current)) if self.conflicts < 16 => {
                self.conflicts += 1;
                self.entry = *current;
                self.resume()
            }
            Recorded::Conflict(_) | Recorded::Duplicate { .. } => self.fail(ErrorCode::OutcomeUnknown.into()),
        }
    }

    fn finish(&mut self) -> Next {
        self.state = State::Over;
        Ok(Step::Finished(Ok(Receipt {
            entry: self.entry.clone(),
            remote: self.last_remote.take(),
        })))
    }

    fn fail(&mut self, error: SportelloError) -> Next {
        self.state = State::Over;
        let charged = charged(&self.entry, self.plan.wanted.kind());
        Ok(Step::Finished(Err(about(error, &self.entry, charged))))
    }
}

impl Machine for PurchaseFlow {
    type Output = Receipt;

    fn advance(&mut self, now: u64, event: Event) -> Result<Step<Receipt>, FlowError> {
        if let Event::Cancelled = event {
            return self.fail(ErrorCode::Cancelled.into());
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::New => match event {
                Event::Started => self.resume(),
                _ => Err(FlowError),
            },
            State::Recording(entry, after) => match event {
                Event::Recorded(answer) => self.recorded(answer, *entry, after),
                Event::RecordFailed(error) => {
                    let charged = match after {
                        After::Pay => charged(&self.entry, self.plan.wanted.kind()),
                        _ => charged(&entry, self.plan.wanted.kind()),
                    };
                    Ok(Step::Finished(Err(about(error, &self.entry, charged))))
                }
                _ => Err(FlowError),
            },
            State::Looking(mut call, why) => {
                let (provider, id) = (Arc::clone(&self.provider), self.entry.id.clone());
                let turn = call.on(now, event, |request, response| {
                    provider.read_submission(request, id.as_deref(), response)
                })?;
                match turn {
                    Turn::Go(go) => {
                        self.state = State::Looking(call, why);
                        Ok(go.step())
                    }
                    Turn::Done(remote) => self.looked(now, why, Ok(remote)),
                    Turn::Gone(failure) => self.looked(now, why, Err(failure)),
                }
            }
            State::Quiet => match event {
                Event::Elapsed => self.quiet(now),
                _ => Err(FlowError),
            },
            State::Paying => match event {
                Event::Responded(response) => self.answered(now, &response),
                Event::Failed(failure) if failure.never_arrived() => {
                    let error = failure_code(failure).into();
                    self.refused(now, None, After::Fail(error, Charged::No))
                }
                Event::Failed(_) => self.look(Look::Early),
                _ => Err(FlowError),
            },
            State::Over => Err(FlowError),
        }
    }
}
