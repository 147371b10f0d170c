//! What was given, kept until it was paid: an app is killed in the middle of an upload, and the journal holds no answers.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::identity::Identity;
use crate::error::{ErrorCode, SportelloError};
use crate::flow::Policy;
use crate::journal::{Entry, Scope, Stage};
use crate::model::Answers;

/// Keeps what is being handed in, from before its intention is journalled until it was paid. On a device that is
/// `SealedStore` (feature `sealed`). Calls may wait for a disk.
pub trait Keeper: Send + Sync {
    /// Keeps it, durably, over what was kept under this reference before.
    ///
    /// # Errors
    /// `attachment.unreadable`, `attachment.changed`, `sealed.unavailable`. Then nothing is sent.
    fn keep(&self, scope: &Scope, reference: &str, kept: &Kept) -> Result<(), SportelloError>;

    /// What is kept under a reference. Its files are read when they are needed.
    ///
    /// # Errors
    /// `sealed.other_key`, `sealed.damaged`, `sealed.unavailable`. What is there stays there.
    fn kept(&self, scope: &Scope, reference: &str) -> Result<Option<Kept>, SportelloError>;

    /// The references of everything that is kept, also of what can't be opened.
    ///
    /// # Errors
    /// `sealed.unavailable`.
    fn references(&self, scope: &Scope) -> Result<Vec<String>, SportelloError>;

    /// Removes what is kept under a reference; nothing there is no error.
    ///
    /// # Errors
    /// `sealed.unavailable`.
    fn forget(&self, scope: &Scope, reference: &str) -> Result<(), SportelloError>;
}

/// What was given to be handed in. No `Debug`: it is a person's.
#[derive(Clone)]
pub struct Kept {
    /// To which service, and on which conditions.
    pub conditions: Conditions,
    /// The answers, files among them.
    pub answers: Answers,
}

/// To which service something is handed in, and on which conditions.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conditions {
    /// The provider's id of the service.
    pub(crate) service_id: String,
    pub(crate) confirm_price: Option<String>,
    pub(crate) options: Vec<String>,
    pub(crate) accept_warnings: Vec<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) notify_email: Option<String>,
    pub(crate) allow_duplicate: bool,
    pub(crate) duplicates_of: Option<String>,
    /// When somebody last asked for it, Unix milliseconds.
    pub(crate) asked_at: u64,
}

/// The keeper of a client, where it has one; without one nothing is kept and nothing found.
#[derive(Clone, Default)]
pub(crate) struct Keeping(Option<Arc<dyn Keeper>>);

impl Keeping {
    pub(crate) fn by(keeper: Arc<dyn Keeper>) -> Keeping {
        Keeping(Some(keeper))
    }

    pub(crate) fn keeps(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn keep(
        &self,
        identity: &Identity,
        reference: &str,
        kept: &Kept,
    ) -> Result<(), SportelloError> {
        match &self.0 {
            None => Ok(()),
            Some(keeper) => {
                (keeper.keep(&identity.scope, reference, kept)).map_err(|error| error.about(reference, None))
            }
        }
    }

    pub(crate) fn kept(&self, identity: &Identity, reference: &str) -> Result<Option<Kept>, SportelloError> {
        match &self.0 {
            None => Ok(None),
            Some(keeper) => {
                (keeper.kept(&identity.scope, reference)).map_err(|error| error.about(reference, None))
            }
        }
    }

    pub(crate) fn forget(&self, identity: &Identity, reference: &str) -> Result<(), SportelloError> {
        match &self.0 {
            None => Ok(()),
            Some(keeper) => {
                (keeper.forget(&identity.scope, reference)).map_err(|error| error.about(reference, None))
            }
        }
    }

    /// Forgets what was handed in or given up, and gives back the references that the journal does not know: of an app that was killed
    /// before it could write their intention.
    pub(crate) fn tidy(&self, identity: &Identity, entries: &[Entry]) -> Vec<String> {
        let Some(keeper) = &self.0 else {
            return Vec::new();
        };
        // A folder that can't be read is told in the line of each reference.
        let mut unwritten = keeper.references(&identity.scope).unwrap_or_default();
        unwritten.retain(|reference| {
            let entry = entries.iter().find(|entry| entry.key.reference == *reference);
            if entry.is_some_and(|entry| is_over(entry.stage)) {
                // It stays until the next time.
                let _ = keeper.forget(&identity.scope, reference);
            }
            entry.is_none()
        });
        unwritten
    }
}

/// True when the answers are of no more use.
fn is_over(stage: Stage) -> bool {
    match stage {
        Stage::Committed | Stage::Delivered | Stage::Cancelled | Stage::Abandoned => true,
        Stage::Intent | Stage::Draft | Stage::Committing | Stage::Refused | Stage::NeedsPerson => false,
    }
}

/// An error when it was asked for so long ago that it is not paid without somebody being asked again: as long as an open purchase is.
pub(crate) fn still_meant(kept: &Kept, now: u64, policy: &Policy) -> Result<(), SportelloError> {
    let age = now.saturating_sub(kept.conditions.asked_at);
    if age <= policy.intent_lifetime_ms {
        return Ok(());
    }
    Err(SportelloError::new(ErrorCode::NeedsAnswers).detail("it was asked for more than a day ago"))
}

/// True when the paid call was, or may have been, sent: then it is settled, with the answers or without.
pub(crate) fn may_be_paid(before: Option<&Entry>) -> bool {
    before.is_some_and(|entry| matches!(entry.stage, Stage::Committing | Stage::NeedsPerson))
}
