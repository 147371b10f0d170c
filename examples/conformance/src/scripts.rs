//! The scripts: which calls a driver performs, and what the network does with each.

use serde::Serialize;

/// What the network does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Nothing: the request arrives, the answer comes back, the connection stays.
    None,
    /// The answer comes back and promises to keep the connection; the next request on it is read, and then reset.
    TrapNext,
    /// The answer comes back and promises to keep the connection, which is then closed at once.
    CloseIdle,
    /// The request is read; the connection is reset; nothing has happened.
    ResetBefore,
    /// The request takes effect; the connection is reset before any answer.
    ResetAfter,
    /// The request is read; the connection is closed politely, with no answer; nothing has happened.
    EmptyBefore,
    /// The request takes effect; the connection is closed politely, with no answer.
    EmptyAfter,
    /// The connection is accepted and never read (half open).
    Deaf,
    /// The request is read and never answered; nothing has happened.
    MuteBefore,
    /// The request takes effect and is never answered.
    MuteAfter,
    /// The whole answer without a length, then silence for a while before the connection is closed.
    SlowClose,
    /// Half of the answer's body, then the connection is closed.
    CutBody,
    /// Half of the answer's head, then the connection is reset.
    CutHead,
    /// The request is delivered twice, as by a proxy that repeats a `PUT`; the first answer comes back.
    Twice,
    /// `100 Continue` twice before the answer.
    Continue,
    /// A `Content-Length` shorter than the body; the rest reads as another answer, with status 299.
    ShortLength,
    /// A `Content-Length` longer than the body, then the connection is closed.
    LongLength,
    /// The request takes effect; the answer comes after the caller's time limit.
    LateAnswer,
    /// The request takes effect only after the caller's time limit; the connection stays silent meanwhile.
    LateEffect,
    /// One byte of the answer at a time, beyond the caller's time limit.
    Trickle,
    /// A redirect to another origin.
    RedirectAway {
        /// 302, 307, 308.
        status: u16,
    },
    /// A redirect to the same origin.
    RedirectHome {
        /// 302, 307, 308.
        status: u16,
    },
    /// A bare status with `Retry-After: 0`; nothing has happened.
    Status {
        /// 401, 408, 429, 503.
        status: u16,
    },
    /// Nobody listens.
    Refused,
}

/// What the driver says of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// A whole answer was read.
    Answered,
    /// Surely nothing was sent.
    NotSent,
    /// Anything else: it may have taken effect.
    Unknown,
}

/// One call of a script.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// True for the commit of a draft, false for a look at it.
    pub(crate) paid: bool,
    pub(crate) trouble: Trouble,
    /// What the driver may say of it.
    pub(crate) may_say: &'static [Said],
    /// The status of the answer, where it says there was one.
    pub(crate) status: u16,
}

/// A script.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// Its stable name.
    pub name: &'static str,
    /// What it tries, for people.
    pub what: &'static str,
    pub(crate) steps: &'static [Step],
}

const A: &[Said] = &[Said::Answered];
const U: &[Said] = &[Said::Unknown];
const N: &[Said] = &[Said::NotSent, Said::Unknown];
/// A free call on a kept connection that died may be sent again by the layers below: a look changes nothing.
const AU: &[Said] = &[Said::Answered, Said::Unknown];

const fn paid(trouble: Trouble, may_say: &'static [Said], status: u16) -> Step {
    Step {
        paid: true,
        trouble,
        may_say,
        status,
    }
}

const fn free(trouble: Trouble, may_say: &'static [Said], status: u16) -> Step {
    Step {
        paid: false,
        trouble,
        may_say,
        status,
    }
}

const LOOK: Step = free(Trouble::None, A, 200);
const LOOK_AGAIN: Step = free(Trouble::None, AU, 200);
const COMMIT: Step = paid(Trouble::None, A, 200);

/// Every script.
pub const SCRIPTS: &[Script] = &[
    Script {
        name: "plain",
        what: "nothing goes wrong; paid calls still go out each on a connection of its own",
        steps: &[LOOK, COMMIT, LOOK, COMMIT],
    },
    Script {
        name: "keep-alive-trap",
        what: "the first connection that is used again is reset when the second request on it has been read",
        steps: &[free(Trouble::TrapNext, A, 200), COMMIT, LOOK_AGAIN],
    },
    Script {
        name: "keep-alive-closed",
        what: "a kept connection is closed while it is idle",
        steps: &[free(Trouble::CloseIdle, A, 200), COMMIT, LOOK_AGAIN],
    },
    Script {
        name: "reset-before",
        what: "the paid call is read and the connection reset; nothing happened",
        steps: &[LOOK, paid(Trouble::ResetBefore, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "reset-after",
        what: "the paid call takes effect and the connection is reset before the answer",
        steps: &[LOOK, paid(Trouble::ResetAfter, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "empty-before",
        what: "the paid call is read and the connection closed politely, with no answer",
        steps: &[LOOK, paid(Trouble::EmptyBefore, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "empty-after",
        what: "the paid call takes effect and the connection is closed politely, with no answer",
        steps: &[LOOK, paid(Trouble::EmptyAfter, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "half-open",
        what: "the connection of the paid call is accepted and never read",
        steps: &[LOOK, paid(Trouble::Deaf, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "mute-before",
        what: "the paid call is read and never answered; nothing happened",
        steps: &[paid(Trouble::MuteBefore, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "mute-after",
        what: "the paid call takes effect and is never answered",
        steps: &[paid(Trouble::MuteAfter, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "slow-close",
        what: "an answer without a length, whose end is the end of the connection, which takes its time",
        steps: &[paid(Trouble::SlowClose, A, 200), free(Trouble::SlowClose, A, 200)],
    },
    Script {
        name: "cut-body",
        what: "the answer's body stops half-way",
        steps: &[
            paid(Trouble::CutBody, U, 0),
            free(Trouble::CutBody, U, 0),
            LOOK_AGAIN,
        ],
    },
    Script {
        name: "cut-head",
        what: "the answer's head stops half-way",
        steps: &[
            paid(Trouble::CutHead, U, 0),
            free(Trouble::CutHead, U, 0),
            LOOK_AGAIN,
        ],
    },
    Script {
        name: "duplicated",
        what: "the network delivers the paid call twice",
        steps: &[LOOK, paid(Trouble::Twice, A, 200), LOOK],
    },
    Script {
        name: "continue",
        what: "`100 Continue` comes before the answer, unasked and twice",
        steps: &[free(Trouble::Continue, A, 200), paid(Trouble::Continue, A, 200)],
    },
    Script {
        name: "length-too-short",
        what: "a `Content-Length` shorter than the body; the rest reads as another answer, which nobody may believe",
        steps: &[
            free(Trouble::ShortLength, AU, 200),
            LOOK_AGAIN,
            paid(Trouble::ShortLength, AU, 200),
            LOOK_AGAIN,
        ],
    },
    Script {
        name: "length-too-long",
        what: "a `Content-Length` longer than the body",
        steps: &[
            paid(Trouble::LongLength, U, 0),
            free(Trouble::LongLength, U, 0),
            LOOK_AGAIN,
        ],
    },
    Script {
        name: "late-answer",
        what: "the paid call takes effect at once and is answered after the time limit",
        steps: &[LOOK, paid(Trouble::LateAnswer, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "late-effect",
        what: "the paid call arrives after the time limit",
        steps: &[LOOK, paid(Trouble::LateEffect, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "trickle",
        what: "the answer comes one byte at a time, beyond the time limit",
        steps: &[paid(Trouble::Trickle, U, 0), LOOK_AGAIN],
    },
    Script {
        name: "redirect-307",
        what: "the paid call, and then a free one, are sent to another origin with 307",
        steps: &[
            paid(Trouble::RedirectAway { status: 307 }, A, 307),
            free(Trouble::RedirectAway { status: 307 }, A, 307),
        ],
    },
    Script {
        name: "redirect-308",
        what: "the paid call, and then a free one, are sent to another origin with 308",
        steps: &[
            paid(Trouble::RedirectAway { status: 308 }, A, 308),
            free(Trouble::RedirectAway { status: 308 }, A, 308),
        ],
    },
    Script {
        name: "redirect-302",
        what: "the paid call, and then a free one, are sent to another origin with 302",
        steps: &[
            paid(Trouble::RedirectAway { status: 302 }, A, 302),
            free(Trouble::RedirectAway { status: 302 }, A, 302),
        ],
    },
    Script {
        name: "redirect-home",
        what: "the paid call, and then a free one, are sent to the same origin with 307",
        steps: &[
            paid(Trouble::RedirectHome { status: 307 }, A, 307),
            free(Trouble::RedirectHome { status: 307 }, A, 307),
        ],
    },
    Script {
        name: "come-again",
        what: "429, 503 with `Retry-After: 0`, 408 and 401 to paid calls: none may be sent again by the layers below",
        steps: &[
            paid(Trouble::Status { status: 503 }, A, 503),
            paid(Trouble::Status { status: 429 }, A, 429),
            paid(Trouble::Status { status: 408 }, A, 408),
            paid(Trouble::Status { status: 401 }, A, 401),
        ],
    },
    Script {
        name: "refused",
        what: "nobody listens at the address of the paid call",
        steps: &[LOOK, paid(Trouble::Refused, N, 0)],
    },
];

/// The script of this name.
#[must_use]
pub fn script(name: &str) -> Option<&'static Script> {
    SCRIPTS.iter().find(|script| script.name == name)
}
