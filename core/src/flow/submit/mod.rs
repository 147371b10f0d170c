//! Handing in: from an intention to a paid request, or to a clear word why not.
//!
//! `INTENT → DRAFT(id) → fill → look → COMMITTING(id, price) → commit → COMMITTED`, each capital word durable before the next step.
//! A machine that is started on a journal entry goes on from where that entry stands.

mod commit;
mod draft;
mod plan;
mod resume;
mod state;
mod verify;

use std::sync::Arc;

use super::free::{CallFailure, Free, Go, Turn};
use super::{Event, FlowError, Machine, Policy, Step, WaitReason, about};
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::journal::{Duplicates, Entry, Purchase, PurchaseKind, PurchaseState, Recorded, Stage};
use crate::model::RemoteSubmission;
use crate::provider::Provider;

pub use plan::{Prepared, SubmitPlan};
use state::{After, DraftFields, Look, State};

/// How many times a run may lose a compare-and-set to another process, and how many drafts it may open one after the other.
const MAX_CONFLICTS: u32 = 16;
const MAX_DRAFTS: u32 = 3;
/// How many times a run journals the same paid call again because the journal's word came late.
pub(in crate::flow) const MAX_LATE: u32 = 3;

/// How long a relay is left alone after a commit that had no clear answer, milliseconds.
const BREATH_MS: u64 = 1_000;

/// A request that was handed in and paid once.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// What the journal holds.
    pub entry: Entry,
    /// What the provider last said, where this run asked.
    pub remote: Option<RemoteSubmission>,
}

/// The machine that hands in.
#[derive(Clone)]
pub struct SubmitFlow {
    provider: Arc<dyn Provider>,
    policy: Policy,
    plan: SubmitPlan,
    /// What the journal holds, as far as this run knows; `seq` 0 when it holds nothing.
    entry: Entry,
    state: State,
    last_remote: Option<RemoteSubmission>,
    conflicts: u32,
    drafts: u32,
    sends: u32,
    /// How often the journal's word before the paid call came late.
    late: u32,
    /// The fields that the provider's refusal named.
    refused_fields: Vec<String>,
    /// Drafts are opened without anything about callbacks.
    no_callback: bool,
    /// The paid call was refused for its token once already.
    renewed: bool,
    /// A commit was sent again while the one before may still arrive: until then nobody knows that nothing was charged.
    overtaken: bool,
    salt: u64,
}

type Next = Result<Step<Receipt>, FlowError>;

impl SubmitFlow {
    /// A machine for this plan; `current` is what the journal holds under its reference.
    #[must_use]
    pub fn new(
        provider: Arc<dyn Provider>,
        policy: Policy,
        plan: SubmitPlan,
        current: Option<Entry>,
    ) -> SubmitFlow {
        let entry = current.unwrap_or_else(|| plan.first_entry());
        SubmitFlow {
            provider,
            policy,
            plan,
            entry,
            state: State::New,
            last_remote: None,
            conflicts: 0,
            drafts: 0,
            sends: 0,
            late: 0,
            refused_fields: Vec::new(),
            no_callback: false,
            renewed: false,
            overtaken: false,
            salt: 0,
        }
    }

    /// What the journal holds, as far as this run knows.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Writes `entry` over what the journal holds; `after` says what follows.
    fn record(&mut self, now: u64, mut entry: Entry, after: After) -> Next {
        let expect_seq = self.entry.seq;
        entry.seq = expect_seq + 1;
        entry.updated_at = now;
        let duplicates = match (expect_seq, self.plan.allow_duplicate) {
            (0, false) => Duplicates::Refuse,
            _ => Duplicates::Allow,
        };
        self.state = State::Recording(Box::new(entry.clone()), after);
        Ok(Step::Record {
            entry: Box::new(entry),
            expect_seq,
            duplicates,
        })
    }

    fn recorded(&mut self, now: u64, answer: Recorded, entry: Entry, after: After) -> Next {
        match answer {
            Recorded::Written => {
                self.entry = entry;
                self.after(now, after)
            }
            Recorded::Duplicate { reference } => {
                let error = SportelloError::new(ErrorCode::DuplicateSubmission);
                self.fail(
                    error.detail(format!("under the reference `{reference}`")),
                    Charged::No,
                )
            }
            // Somebody else is at work on this reference. What they wrote is as true as what we would have written.
            Recorded::Conflict(current) => {
                self.conflicts += 1;
                let Some(current) = current.filter(|_| self.conflicts <= MAX_CONFLICTS) else {
                    return self.fail(ErrorCode::OutcomeUnknown.into(), self.charged());
                };
                self.entry = *current;
                self.resume(now)
            }
        }
    }

    fn after(&mut self, now: u64, after: After) -> Next {
        match after {
            After::Open => self.open(DraftFields::Nothing),
            After::Fill => self.fill(),
            After::Commit { with_field } => self.commit(now, with_field),
            After::Finish => self.finish(),
            After::LookAgain(code) => self.look(Look::AfterRefusal(code)),
            After::Fail(code, charged, answered) => {
                let mut error = SportelloError::new(code);
                if let Some((status, api_code)) = answered {
                    error = error.answered(status, api_code);
                }
                if !self.refused_fields.is_empty() {
                    error = error.detail(format!("the provider names {}", self.refused_fields.join(", ")));
                }
                self.fail(error, charged)
            }
        }
    }

    fn look(&mut self, why: Look) -> Next {
        let Some(id) = self.entry.id.clone() else {
            return self.fail(ErrorCode::Internal.into(), self.charged());
        };
        let request = self.provider.get_submission(&id);
        let salt = self.next_salt();
        let (call, go) = match why {
            // Looking early saves a minute when it succeeds and costs nothing when it does not, so it is not insisted upon.
            Look::Early => {
                let once = super::RetryPolicy {
                    attempts: 2,
                    ..self.policy.retry.clone()
                };
                Free::begin_with(request, once, &self.policy, salt)
            }
            _ => Free::begin(request, &self.policy, salt),
        };
        self.state = State::Looking(call, why);
        Ok(go.step())
    }

    fn looked(&mut self, now: u64, why: Look, seen: Result<RemoteSubmission, CallFailure>) -> Next {
        if let Ok(remote) = &seen {
            self.last_remote = Some(remote.clone());
        }
        match why {
            Look::BeforeFill => self.looked_before_fill(now, seen, None),
            Look::AfterRefusal(code) => self.looked_before_fill(now, seen, Some(code)),
            Look::Verify => self.verify(now, seen),
            Look::Doubtful(code, status, api_code) => self.doubted(now, code, (status, api_code), seen),
            Look::Early | Look::AfterQuiet | Look::Reconsider => self.settle(now, why, seen),
        }
    }

    fn finish(&mut self) -> Next {
        self.state = State::Over;
        Ok(Step::Finished(Ok(Receipt {
            entry: self.entry.clone(),
            remote: self.last_remote.take(),
        })))
    }

    fn fail(&mut self, error: SportelloError, charged: Charged) -> Next {
        let charged = match charged {
            Charged::No if self.overtaken => Charged::Unknown,
            known => known,
        };
        self.state = State::Over;
        Ok(Step::Finished(Err(about(error, &self.entry, charged))))
    }

    /// Whether the journal's entry was charged.
    fn charged(&self) -> Charged {
        charged(&self.entry, PurchaseKind::Submit)
    }

    /// A different seed of jitter for every call of the run.
    fn next_salt(&mut self) -> u64 {
        self.salt += 1;
        self.salt
    }
}

/// Whether a purchase of this entry was charged.
pub(in crate::flow) fn charged(entry: &Entry, kind: PurchaseKind) -> Charged {
    match entry.purchase(kind).map(|purchase| purchase.state) {
        None | Some(PurchaseState::Refused) => Charged::No,
        Some(PurchaseState::Paid) => Charged::Yes,
        Some(PurchaseState::Sending | PurchaseState::Unknown) => Charged::Unknown,
    }
}

impl Machine for SubmitFlow {
    type Output = Receipt;

    fn advance(&mut self, now: u64, event: Event) -> Result<Step<Receipt>, FlowError> {
        if let Event::Cancelled = event {
            let code = match self.entry.stage {
                Stage::Committing => ErrorCode::OutcomeUnknown,
                _ => ErrorCode::Cancelled,
            };
            return self.fail(code.into(), self.charged());
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::New => match event {
                Event::Started => self.resume(now),
                _ => Err(FlowError),
            },
            State::Recording(entry, after) => match event {
                Event::Recorded(answer) => self.recorded(now, answer, *entry, after),
                Event::RecordFailed(error) => {
                    // What was just learned counts, though it could not be written: a paid request is said to be paid.
                    let charged = match (&after, charged(&entry, PurchaseKind::Submit)) {
                        // Before the paid call the write comes first; it failed, so nothing was sent.
                        (After::Commit { .. }, _) => self.charged(),
                        (_, charged) => charged,
                    };
                    self.fail(error, charged)
                }
                _ => Err(FlowError),
            },
            State::Opening(mut call, fields) => {
                let provider = Arc::clone(&self.provider);
                match call.on(now, event, |request, response| {
                    provider.read_submission(request, None, response)
                })? {
                    Turn::Go(go) => self.go(go, State::Opening(call, fields)),
                    Turn::Done(remote) => self.opened(now, remote),
                    Turn::Gone(failure) => self.not_opened(fields, failure),
                }
            }
            State::FillingTexts(mut call) => match self.read_bound(now, &mut call, event)? {
                Turn::Go(go) => self.go(go, State::FillingTexts(call)),
                Turn::Done(_) => self.filled_texts(now),
                Turn::Gone(failure) => self.not_filled(failure),
            },
            State::FillingFile(mut call, index) => match self.read_bound(now, &mut call, event)? {
                Turn::Go(go) => self.go(go, State::FillingFile(call, index)),
                Turn::Done(_) => self.filled_file(now, index),
                Turn::Gone(failure) => self.not_filled(failure),
            },
            State::Looking(mut call, why) => match self.read_bound(now, &mut call, event)? {
                Turn::Go(go) => self.go(go, State::Looking(call, why)),
                Turn::Done(remote) => self.looked(now, why, Ok(remote)),
                Turn::Gone(failure) => self.looked(now, why, Err(failure)),
            },
            State::Quiet => match event {
                // A wait may end early; the journal's clock decides.
                Event::Elapsed => self.quiet(now),
                _ => Err(FlowError),
            },
            State::Committing => match event {
                Event::Responded(response) => self.commit_answered(now, &response),
                Event::Failed(failure) => self.commit_failed(now, failure),
                _ => Err(FlowError),
            },
            State::Over => Err(FlowError),
        }
    }
}

impl SubmitFlow {
    fn go(&mut self, go: Go, state: State) -> Next {
        self.state = state;
        Ok(go.step())
    }

    fn read_bound(
        &self,
        now: u64,
        call: &mut Free,
        event: Event,
    ) -> Result<Turn<RemoteSubmission>, FlowError> {
        let id = self.entry.id.as_deref();
        call.on(now, event, |request, response| {
            self.provider.read_submission(request, id, response)
        })
    }

    /// Waits until a late commit can't arrive any more, counted from the journalled send, then looks. A relay takes the commits of one reference
    /// one after the other and makes them one, so there a late one can't charge twice: whoever reloaded a page is not kept waiting. It can
    /// still be the one that is paid, so a refusal of the next says nothing about charges.
    fn quiet(&mut self, now: u64) -> Next {
        let by_reference = self.provider.abilities().opens_by_reference;
        let left = self.entry.purchase(PurchaseKind::Submit).map_or(0, |purchase| {
            let passed = now.checked_sub(purchase.sent_at);
            match by_reference {
                true => BREATH_MS.saturating_sub(passed.unwrap_or_default()),
                false => quiet_left(now, purchase.sent_at, purchase.timeout_ms, &self.policy),
            }
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
}

/// What is left of a paid call's time limit, which counts from the journalled moment, as the quiet period of whoever waits for it does.
/// `None` when the journal's word came so late that it is better journalled anew, which also tells whether somebody went on meanwhile.
pub(in crate::flow) fn time_left(now: u64, purchase: &Purchase) -> Option<u64> {
    let left = purchase
        .timeout_ms
        .saturating_sub(now.saturating_sub(purchase.sent_at));
    (left >= purchase.timeout_ms / 2).then_some(left)
}

/// What is left of the quiet period. A clock that jumped back makes it whole again.
pub(in crate::flow) fn quiet_left(now: u64, sent_at: u64, timeout_ms: u64, policy: &Policy) -> u64 {
    let whole = timeout_ms
        .max(policy.commit_timeout_ms)
        .saturating_add(policy.quiet_margin_ms);
    match now.checked_sub(sent_at) {
        Some(passed) => whole.saturating_sub(passed),
        None => whole,
    }
}
