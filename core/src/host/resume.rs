//! What happened meanwhile, as a host is led through it: going on with what was kept, settling, giving up.

use std::sync::Arc;

use super::journal::Asked;
use super::verbs::Verbs;
use crate::error::{ErrorCode, SportelloError};
use crate::flow::FreeFlow;
use crate::journal::{Duplicates, Entry, Stage};
use crate::verb::{
    Accepted, Resumed, Submission, SubmitRequest, blanks, gave_way, give_up, is_ready, is_to_be_blanked,
    may_be_paid, settling_plan, still_meant, unwritten as unwritten_entry,
};

impl Verbs {
    pub(super) async fn resume(&self) -> Result<Vec<Resumed>, SportelloError> {
        let entries = self.ledger.list(&self.client.identity.scope).await?;
        let unwritten = self.client.keeping.tidy(&self.client.identity, &entries);
        let mut resumed = Vec::new();
        // What is ready comes first: the provider deletes documents after a while.
        let (ready, others): (Vec<Entry>, Vec<Entry>) = (entries.into_iter())
            .filter(|entry| entry.stage.is_live() || is_ready(entry))
            .partition(is_ready);
        resumed.extend(ready.into_iter().map(|entry| Resumed::ready(entry, None)));
        for entry in others {
            resumed.push(self.settle_or_look(entry).await?);
        }
        for reference in unwritten {
            let before = unwritten_entry(&self.client.identity, &reference);
            let outcome = self.go_on(&reference, None).await;
            resumed.push(self.resumed(before, outcome).await?);
        }
        Ok(resumed)
    }

    pub(super) async fn resume_one(&self, reference: &str) -> Result<Resumed, SportelloError> {
        let entry = self.entry(reference).await?;
        self.settle_or_look(entry).await
    }

    async fn settle_or_look(&self, before: Entry) -> Result<Resumed, SportelloError> {
        let reference = before.key.reference.clone();
        let outcome = match before.stage {
            Stage::Committed => self.status(&reference).await,
            Stage::Delivered | Stage::Cancelled | Stage::Abandoned => Err(ErrorCode::NeedsAnswers.into()),
            _ => self.go_on(&reference, Some(&before)).await,
        };
        self.resumed(before, outcome).await
    }

    async fn resumed(
        &self,
        before: Entry,
        outcome: Result<Submission, SportelloError>,
    ) -> Result<Resumed, SportelloError> {
        let (client, key, stage) = (&self.client, before.key.clone(), before.stage);
        let now = self.ledger.get(&key).await?;
        let resumed = match outcome {
            Ok(submission) => Resumed::settled(stage, submission),
            Err(error) => {
                let kept = client.keeping.kept(&client.identity, &key.reference);
                let is_kept = matches!(kept, Ok(Some(_)));
                Resumed::stuck(stage, now.clone().unwrap_or(before), &error, is_kept)
            }
        };
        Ok(match now {
            Some(entry) if is_ready(&entry) => Resumed::ready(entry, None),
            _ => resumed,
        })
    }

    /// Hands in what is kept under a reference, or settles what may be paid already: with the answers where they are there, else without.
    async fn go_on(&self, reference: &str, before: Option<&Entry>) -> Result<Submission, SportelloError> {
        // Finding out is free; where it must be sent again, the host's word about `once` counts.
        self.client.refuse_to_pay_twice()?;
        match (self.kept_request(reference).await, before) {
            (Ok(Some(accepted)), _) => match (self.hand_in(accepted, None).await, before) {
                // Not what was committed: another process kept other answers meanwhile.
                (Err(error), Some(entry)) if error.code() == ErrorCode::ReferenceConflict.as_str() => {
                    self.settle(entry).await
                }
                (outcome, _) => outcome,
            },
            (_, Some(entry)) if may_be_paid(before) => self.settle(entry).await,
            (Ok(None), _) => Err(ErrorCode::NeedsAnswers.into()),
            (Err(error), _) => Err(error),
        }
    }

    async fn kept_request(&self, reference: &str) -> Result<Option<Accepted>, SportelloError> {
        let client = &self.client;
        let Some(kept) = client.keeping.kept(&client.identity, reference)? else {
            return Ok(None);
        };
        still_meant(&kept, self.desk.now().wall_ms, &client.policy)?;
        let service = self.service_by_id(&kept.conditions.service_id).await?;
        SubmitRequest::kept(service, reference, kept).accept().map(Some)
    }

    async fn settle(&self, entry: &Entry) -> Result<Submission, SportelloError> {
        let plan = settling_plan(&self.client.identity, entry);
        let settled = self.run_submit(plan, Some(entry.clone())).await?;
        let client = &self.client;
        let _ = client.keeping.forget(&client.identity, &entry.key.reference);
        Ok(Submission::new(settled.entry, settled.remote))
    }

    pub(super) async fn abandon(&self, reference: &str) -> Result<(), SportelloError> {
        let keeping = &self.client.keeping;
        let before = match self.entry(reference).await {
            // Kept, and never written.
            Err(error) if error.code() == ErrorCode::ReferenceUnknown.as_str() => {
                let nothing = matches!(keeping.kept(&self.client.identity, reference), Ok(None));
                keeping.forget(&self.client.identity, reference)?;
                return if nothing { Err(error) } else { Ok(()) };
            }
            entry => entry?,
        };
        let entry = give_up(&before)?;
        match self.ledger.record(&entry, before.seq, Duplicates::Allow).await? {
            Asked::Said(recorded) => gave_way(&recorded, &entry)?,
            Asked::Cancelled => return Err(ErrorCode::Cancelled.into()),
        }
        keeping.forget(&self.client.identity, reference)?;
        if let Some(id) = &entry.id {
            self.blank(&entry, id).await?;
        }
        self.ledger.remove(&entry.key, entry.seq).await?;
        Ok(())
    }

    async fn blank(&self, entry: &Entry, id: &str) -> Result<(), SportelloError> {
        let service = self.service_by_id(&entry.service_id).await?;
        let client = &self.client;
        let asked = id.to_owned();
        let look = FreeFlow::new(
            Arc::clone(&client.provider),
            client.policy(),
            client.provider.get_submission(id),
            move |provider, request, response| {
                Ok(provider.read_submission(request, Some(&asked), response)?)
            },
        );
        let seen = self.drive(look, None).await;
        if !is_to_be_blanked(seen, entry)? {
            return Ok(());
        }
        let fill = FreeFlow::new(
            Arc::clone(&client.provider),
            client.policy(),
            client.provider.fill_texts(id, &blanks(&service)),
            |provider, request, response| Ok(provider.read_submission(request, None, response)?),
        );
        let blanked = self.drive(fill, None).await;
        blanked
            .map(|_| ())
            .map_err(|error| error.about(&entry.key.reference, Some(id)))
    }
}
