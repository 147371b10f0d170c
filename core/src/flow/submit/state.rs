//! Where the machine stands, and what it waits for.

use crate::error::{Charged, ErrorCode};
use crate::flow::free::Free;
use crate::flow::submit::SubmitFlow;
use crate::journal::Entry;

/// What the machine is waiting for.
#[derive(Clone)]
pub(super) enum State {
    New,
    /// The journal's word on `entry`; then go on with `After`.
    Recording(Box<Entry>, After),
    /// A draft being opened, with more fields each time the provider wants them.
    Opening(Free, DraftFields),
    /// The text fields being set.
    FillingTexts(Free),
    /// The file of this index being set.
    FillingFile(Free, usize),
    /// The bound submission being looked at.
    Looking(Free, Look),
    /// Nothing may be sent until a late commit can't arrive any more.
    Quiet,
    /// The paid call.
    Committing,
    Over,
}

/// What comes after a journal write.
#[derive(Clone, Copy, Debug)]
pub(super) enum After {
    Open,
    Fill,
    Commit {
        with_field: bool,
    },
    Finish,
    /// Nothing was charged and the bound id may be gone: look whether another draft may be opened.
    LookAgain(ErrorCode),
    /// The run ends with this error.
    Fail(ErrorCode, Charged, Option<(u16, Option<u32>)>),
}

/// How much a draft is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DraftFields {
    Nothing,
    Texts,
    Everything,
}

/// Why the bound submission is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    /// Before a draft of an earlier run is filled.
    BeforeFill,
    /// Before the commit.
    Verify,
    /// Right after an ambiguous commit: only "it is committed" is believed.
    Early,
    /// After the quiet period: what is seen now is what happened.
    AfterQuiet,
    /// After a commit was refused because the submission is gone.
    AfterRefusal(ErrorCode),
    /// After a refusal, with its HTTP status and the provider's code, whose words also answer a second commit: until it was looked, nothing
    /// is said to be refused.
    Doubtful(ErrorCode, u16, Option<u32>),
    /// The journal says that a person is needed: perhaps it has settled.
    Reconsider,
}

impl SubmitFlow {
    /// Where the run is, for a progress bar: a stable word.
    #[must_use]
    pub fn doing(&self) -> &'static str {
        match &self.state {
            State::New => "starting",
            State::Recording(..) => "recording",
            State::Opening(..) => "opening",
            State::FillingTexts(_) => "filling",
            State::FillingFile(..) => "uploading",
            State::Looking(_, Look::Verify | Look::BeforeFill) => "verifying",
            State::Looking(..) | State::Quiet => "settling",
            State::Committing => "committing",
            State::Over => "over",
        }
    }

    /// A machine that stands where this one stands and shares nothing with it: a checker goes on from one state in several ways.
    #[doc(hidden)]
    #[must_use]
    pub fn fork(&self) -> SubmitFlow {
        let mut fork = self.clone();
        fork.policy = self.policy.detached();
        let budget = &fork.policy.budget;
        match &mut fork.state {
            State::Opening(call, _)
            | State::FillingTexts(call)
            | State::FillingFile(call, _)
            | State::Looking(call, _) => call.spend_from(budget),
            State::New | State::Recording(..) | State::Quiet | State::Committing | State::Over => {}
        }
        fork
    }

    /// Everything that decides what it does next, save the jitter, as one text: a checker takes machines of one standing for one.
    #[doc(hidden)]
    #[must_use]
    pub fn standing(&self) -> String {
        let state = match &self.state {
            State::Recording(entry, after) => format!("{entry:?} {after:?}"),
            State::Opening(call, fields) => format!("{:?} {fields:?}", call.standing()),
            State::FillingTexts(call) => format!("{:?}", call.standing()),
            State::FillingFile(call, index) => format!("{:?} {index}", call.standing()),
            State::Looking(call, why) => format!("{:?} {why:?}", call.standing()),
            State::New | State::Quiet | State::Committing | State::Over => String::new(),
        };
        let counts = (
            self.conflicts,
            self.drafts,
            self.sends,
            self.late,
            self.no_callback,
            self.renewed,
            self.overtaken,
        );
        format!(
            "{} {state} {counts:?} {:?} {:?} {:?} {}",
            self.doing(),
            self.entry,
            self.last_remote,
            self.refused_fields,
            self.policy.breaker.is_tripped()
        )
    }
}
