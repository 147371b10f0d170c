//! The purchases after handing in: choosing a search result, and searching again.

mod look;
mod pay;
mod plan;

use std::sync::Arc;

use crate::error::{Charged, ErrorCode, SportelloError};
use crate::flow::free::{Free, Turn};
use crate::flow::submit::{charged, quiet_left};
use crate::flow::{Event, FlowError, Machine, Policy, Receipt, Step, WaitReason, about, failure_code};
use crate::journal::{Duplicates, Entry, Purchase, PurchaseState, Recorded, Stage};
use crate::model::RemoteSubmission;
use crate::provider::Provider;

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
    /// How often the journal's word before the paid call came late.
    late: u32,
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
    /// After a refusal, with its HTTP status and the provider's code, that also answers a call that was delivered twice and paid once: "there is
    /// nothing to choose", and the words of a relay in trouble.
    Refused(ErrorCode, u16, Option<u32>),
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
            late: 0,
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
        let counts = (self.conflicts, self.sends, self.late, self.renewed);
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

    fn recorded(&mut self, now: u64, answer: Recorded, entry: Entry, after: After) -> Next {
        match answer {
            Recorded::Written => {
                self.entry = entry;
                match after {
                    After::Pay => self.pay(now),
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
                Event::Recorded(answer) => self.recorded(now, answer, *entry, after),
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
