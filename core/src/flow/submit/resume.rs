//! Going on from what the journal holds.

use super::state::{After, DraftFields, Look};
use super::{Next, SubmitFlow};
use crate::error::{Charged, ErrorCode};
use crate::journal::Stage;

impl SubmitFlow {
    /// Goes on from what the journal holds.
    pub(super) fn resume(&mut self, now: u64) -> Next {
        if let Some(refused) = self.amend_or_refuse() {
            return self.fail(refused.into(), self.charged());
        }
        match self.entry.stage {
            _ if self.entry.seq == 0 => {
                if self.plan.answers.is_none() {
                    return self.fail(ErrorCode::ReferenceUnknown.into(), Charged::No);
                }
                self.entry.created_at = now;
                let entry = self.entry.clone();
                self.record(now, entry, After::Open)
            }
            // Perhaps it was seen through, by another process or before a crash: one look tells, and "committed" is always true.
            Stage::Committing => self.look(Look::Early),
            Stage::Committed | Stage::Delivered | Stage::Cancelled => self.finish(),
            Stage::NeedsPerson => self.look(Look::Reconsider),
            Stage::Intent | Stage::Draft | Stage::Refused | Stage::Abandoned
                if self.plan.answers.is_none() =>
            {
                self.fail(ErrorCode::NeedsAnswers.into(), Charged::No)
            }
            Stage::Abandoned => {
                let mut entry = self.entry.clone();
                (entry.stage, entry.id) = (Stage::Intent, None);
                entry.filled.clear();
                self.record(now, entry, After::Open)
            }
            Stage::Intent => self.open(DraftFields::Nothing),
            Stage::Draft | Stage::Refused => self.look(Look::BeforeFill),
        }
    }

    /// Compares the plan with what the reference was first used for. Before anything paid was sent, or after a definite refusal, other
    /// answers amend the submission; later they are a conflict.
    fn amend_or_refuse(&mut self) -> Option<ErrorCode> {
        let answers = self.plan.answers.as_ref().filter(|_| self.entry.seq > 0)?;
        if self.entry.service_id != self.plan.service_id && self.entry.stage != Stage::Abandoned {
            return Some(ErrorCode::ReferenceConflict);
        }
        // Digests of another key can't be compared; then the reference decides.
        let comparable = self.entry.key_id == self.plan.key_id;
        let same = comparable && self.entry.digest == answers.digest;
        match self.entry.stage {
            Stage::Intent | Stage::Draft | Stage::Refused | Stage::Abandoned => {
                if !same {
                    self.entry.digest.clone_from(&answers.digest);
                    self.entry.duplicate_mark.clone_from(&self.plan.duplicate_mark);
                    self.entry.key_id.clone_from(&self.plan.key_id);
                    self.entry.service_id.clone_from(&self.plan.service_id);
                    self.entry.service_name.clone_from(&self.plan.service_name);
                    self.entry.filled.clear();
                }
                None
            }
            _ => (comparable && !same).then_some(ErrorCode::ReferenceConflict),
        }
    }
}
