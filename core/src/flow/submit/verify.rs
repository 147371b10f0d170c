//! The look before the commit: is this the draft we filled, at the price that was confirmed?

use super::{CallFailure, Next, SubmitFlow};
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::model::{Phase, RemoteSubmission, fold};

impl SubmitFlow {
    pub(super) fn verify(&mut self, now: u64, seen: Result<RemoteSubmission, CallFailure>) -> Next {
        let remote = match seen {
            Ok(remote) => remote,
            Err(failure) => return self.looked_before_fill(now, Err(failure), None),
        };
        if remote.phase != Phase::Open {
            return self.looked_before_fill(now, Ok(remote), None);
        }
        if let Some(error) = self.objection(&remote) {
            return self.fail(error, Charged::No);
        }
        if self.policy.breaker.is_tripped() {
            return self.fail(ErrorCode::CommitsStopped.into(), Charged::No);
        }
        self.intend(now, false)
    }

    /// True when the provider gives back another correlation than ours; many give none.
    pub(super) fn is_marked_otherwise(&self, remote: &RemoteSubmission) -> bool {
        let theirs = remote.correlation.as_ref();
        theirs.is_some_and(|correlation| *correlation != self.plan.correlation)
    }

    /// Why this draft must not be committed. What the provider does not echo can't be compared and is no objection.
    fn objection(&self, remote: &RemoteSubmission) -> Option<SportelloError> {
        if remote.service_id != self.plan.service_id {
            return Some(ErrorCode::AnswerOtherService.into());
        }
        if self.is_marked_otherwise(remote) {
            return Some(ErrorCode::NotOurs.into());
        }
        if let Some(taken) = &remote.options {
            let mut taken: Vec<&str> = taken.iter().map(|(name, _)| name.as_str()).collect();
            let mut asked: Vec<&str> = self.plan.options.iter().map(String::as_str).collect();
            taken.sort_unstable();
            asked.sort_unstable();
            if taken != asked {
                return Some(ErrorCode::OptionsMismatch.into());
            }
        }
        match remote.due_on_commit(self.plan.has_search) {
            None => return Some(ErrorCode::PriceMissing.into()),
            Some(due) if due > self.plan.confirmed_price => {
                let detail = format!("{due} EUR instead of {} EUR", self.plan.confirmed_price);
                return Some(SportelloError::new(ErrorCode::PriceRaised).detail(detail));
            }
            Some(_) => {}
        }
        self.unlike_the_echo(remote)
            .map(|key| SportelloError::new(ErrorCode::EchoMismatch).detail(format!("in the field `{key}`")))
    }

    /// The first text field that the draft holds otherwise than it was sent.
    fn unlike_the_echo(&self, remote: &RemoteSubmission) -> Option<String> {
        let answers = self.plan.answers.as_ref()?;
        let echo = &remote.echo.0;
        if echo.is_empty() {
            return None;
        }
        let is_file = |key: &str| answers.files.iter().any(|file| file.key == key);
        let texts = answers.texts.iter().filter(|(key, _)| !is_file(key));
        // A provider may trim or change the case; it may not change the words.
        texts
            .filter(|(key, sent)| {
                echo.get(*key)
                    .map_or_else(|| !sent.trim().is_empty(), |held| fold(held) != fold(sent))
            })
            .map(|(key, _)| key.clone())
            .next()
    }
}
