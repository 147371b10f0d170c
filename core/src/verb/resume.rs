use serde::Serialize;

use std::collections::BTreeMap;

use super::identity::Identity;
use super::submit::Submission;
use crate::error::{Charged, ErrorCode, ErrorFamily, SportelloError};
use crate::journal::{Entry, Stage};

/// What `resume` found out about one reference.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resumed {
    /// The submission as it stands now.
    pub submission: Submission,
    /// What came of it.
    pub state: ResumedState,
    /// The code of what stands in the way, where something does.
    pub code: Option<&'static str>,
}

/// What came of resuming one reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumedState {
    /// It is further than the journal said.
    Advanced,
    /// Nothing to be done here: the office is at work, or it is over.
    Waiting,
    /// It is unpaid and goes on with the answers: submit the same reference again.
    NeedsAnswers,
    /// It can't be settled by program: look the id up with the provider.
    NeedsPerson,
    /// The documents are ready and were never fetched. The provider deletes them after a while, so they come first.
    Ready,
    /// The documents were ready and are fetched now.
    Fetched,
}

/// True when the documents were seen ready and none was fetched.
pub(crate) fn is_ready(entry: &Entry) -> bool {
    entry.stage == Stage::Delivered && entry.files.is_empty()
}

impl Resumed {
    /// What an entry's documents have come to: `fetched` tells why they were not, where they were to be.
    pub(crate) fn ready(entry: Entry, fetched: Option<Result<(), SportelloError>>) -> Resumed {
        let (state, code) = match fetched {
            None => (ResumedState::Ready, None),
            Some(Ok(())) => (ResumedState::Fetched, None),
            Some(Err(error)) => (ResumedState::Ready, Some(error.code())),
        };
        Resumed {
            submission: Submission::new(entry, None),
            state,
            code,
        }
    }

    /// It is this far now.
    pub(crate) fn settled(before: Stage, submission: Submission) -> Resumed {
        let state = if submission.stage == before {
            ResumedState::Waiting
        } else {
            ResumedState::Advanced
        };
        Resumed {
            submission,
            state,
            code: None,
        }
    }

    /// Something stands in the way; `entry` is what the journal holds now. What is kept goes on by itself once that is out of the way, unless it
    /// is the answers.
    pub(crate) fn stuck(before: Stage, entry: Entry, error: &SportelloError, is_kept: bool) -> Resumed {
        let code = error.code();
        let state = match error.details().charged {
            _ if code == ErrorCode::NeedsAnswers.as_str() => ResumedState::NeedsAnswers,
            _ if code == ErrorCode::NeedsPerson.as_str() => ResumedState::NeedsPerson,
            Charged::No if is_about_answers(error) => ResumedState::NeedsAnswers,
            Charged::No if before == Stage::Committing && !is_kept => ResumedState::NeedsAnswers,
            _ => ResumedState::Waiting,
        };
        Resumed {
            submission: Submission::new(entry, None),
            state,
            code: Some(code),
        }
    }
}

/// True when only somebody who gives other answers, or the same ones anew, gets further.
fn is_about_answers(error: &SportelloError) -> bool {
    let family = matches!(
        error.family(),
        ErrorFamily::Answers | ErrorFamily::Check | ErrorFamily::Price | ErrorFamily::Service
    );
    let sealed = [ErrorCode::SealedOtherKey, ErrorCode::SealedDamaged].map(ErrorCode::as_str);
    family || sealed.contains(&error.code())
}

/// The entry of what was kept and never written to the journal.
pub(crate) fn unwritten(identity: &Identity, reference: &str) -> Entry {
    Entry {
        key: identity.entry_key(reference),
        seq: 0,
        service_id: String::new(),
        service_name: String::new(),
        key_id: identity.key.id(),
        digest: String::new(),
        duplicate_mark: None,
        stage: Stage::Intent,
        id: None,
        filled: BTreeMap::new(),
        purchases: Vec::new(),
        options: Vec::new(),
        files: Vec::new(),
        created_at: 0,
        updated_at: 0,
    }
}
