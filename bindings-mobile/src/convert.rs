//! Where a submission stands, from the core's words.

use sportello::flow::Update;
use sportello::model::SubmissionSummary as CoreSummary;
use sportello::verb::{Resumed as CoreResumed, Submission as CoreSubmission};

pub use sportello::verb::ResumedState;

use crate::values::{moment, moment_of_seconds};
use crate::{Submission, SubmissionSummary, SubmissionUpdate};

/// What came of resuming one reference.
#[uniffi::remote(Enum)]
pub enum ResumedState {
    /// It is further than the journal said.
    Advanced,
    /// Nothing to be done here: the office is at work, or it is over.
    Waiting,
    /// It is unpaid and goes on with the answers: submit the same reference again.
    NeedsAnswers,
    /// It can't be settled by program: look the id up with the provider.
    NeedsPerson,
    /// The documents are ready and were never fetched.
    Ready,
    /// The documents were ready and are fetched now.
    Fetched,
}

/// What `resume` found out about one reference.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Resumed {
    /// The submission as it stands now.
    pub submission: Submission,
    /// What came of it.
    pub state: ResumedState,
    /// The code of what stands in the way, where something does.
    pub code: Option<String>,
}

impl From<CoreSubmission> for Submission {
    fn from(submission: CoreSubmission) -> Submission {
        // Named one by one, so that what the core adds fails this build instead of being left behind.
        let CoreSubmission {
            reference,
            id,
            service_id,
            service_name,
            stage,
            charged,
            price,
            created_at,
            updated_at,
            remote,
            expected,
        } = submission;
        Submission {
            reference,
            id,
            service_id,
            service_name,
            stage,
            charged,
            price,
            created_at: moment(created_at),
            updated_at: moment(updated_at),
            remote: remote.map(Into::into),
            expected: expected.map(Into::into),
        }
    }
}

impl From<Update> for SubmissionUpdate {
    fn from(update: Update) -> SubmissionUpdate {
        let Update {
            reference,
            remote,
            seen_at,
            expected,
        } = update;
        SubmissionUpdate {
            reference,
            remote: remote.into(),
            seen_at: moment(seen_at),
            expected: expected.map(Into::into),
        }
    }
}

impl From<CoreSummary> for SubmissionSummary {
    fn from(summary: CoreSummary) -> SubmissionSummary {
        let CoreSummary {
            reference,
            id,
            service_id,
            service_name,
            phase,
            status,
            created_at,
        } = summary;
        SubmissionSummary {
            reference,
            id,
            service_id,
            service_name,
            phase,
            status,
            created_at: created_at.map(moment_of_seconds),
        }
    }
}

impl From<CoreResumed> for Resumed {
    fn from(resumed: CoreResumed) -> Resumed {
        let CoreResumed {
            submission,
            state,
            code,
        } = resumed;
        Resumed {
            submission: submission.into(),
            state,
            code: code.map(str::to_owned),
        }
    }
}
