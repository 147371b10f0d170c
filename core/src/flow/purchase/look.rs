//! What a look at the submission means for a purchase.

use super::plan::Seen;
use super::{After, Look, Next, PurchaseFlow, Wanted};
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::flow::free::CallFailure;
use crate::journal::{Purchase, PurchaseState};
use crate::model::{Money, Phase, Progress, RemoteSubmission};

impl PurchaseFlow {
    pub(super) fn looked(
        &mut self,
        now: u64,
        why: Look,
        seen: Result<RemoteSubmission, CallFailure>,
    ) -> Next {
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
            (_, Look::Refused(code, status, api_code)) => {
                let error = SportelloError::new(code).answered(status, api_code);
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
}
