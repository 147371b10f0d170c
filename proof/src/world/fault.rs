//! What goes wrong at one step.

use sportello::flow::{Receipt, Step};
use sportello::http::Call;

use super::{Disk, World};

/// What goes wrong at one step. A process that dies *before* a step is the same as one that dies after the step before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No connection: nothing leaves.
    Unreachable,
    /// The request is lost, and so is the wait for its answer.
    RequestLost,
    /// It takes effect; the connection is reset before the answer.
    Reset,
    /// It takes effect; the answer never comes.
    AnswerLost,
    /// The answer is given up; the request arrives late, just before the quiet period is over.
    Late,
    /// The connection breaks, and the request arrives all the same, after this many more steps of whoever is at work.
    Overtaken(u8),
    /// As [`Fault::Late`], and the process dies.
    LateThenCrash,
    /// It takes effect, then the process dies.
    EffectThenCrash,
    /// An intermediary delivers it twice; the first answer comes back.
    Duplicated,
    /// An intermediary delivers it twice; the second answer comes back.
    DuplicatedSecond,
    /// It takes effect; a 502 comes instead of the answer.
    BadGateway,
    /// A 503 comes, and nothing happened.
    Overloaded,
    /// It takes effect; the answer is cut in the middle.
    Garbled,
    /// The token has ended: 401.
    TokenEnded,
    /// The wallet is empty for this call.
    Broke,
    /// The office gives the request up before this call.
    Cancelled,
    /// The disk is full: the record is not written.
    Full,
    /// The record is written and its acknowledgement is lost.
    WrittenUnknown,
    /// It takes effect, the process dies, and the journal comes back as it was after this many writes.
    Restored(usize),
    /// It takes effect, the process dies, and the journal's key is lost.
    KeyLost,
    /// The process dies in the middle of the write; this is what the disk has of it.
    Torn(Torn),
}

/// What a disk has of a write that was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Torn {
    /// Nothing.
    Nothing,
    /// The header of the first page.
    Header,
    /// Half of it.
    Half,
    /// All but the last byte.
    LastByte,
    /// All of it, one bit wrong in the middle.
    BitFlip,
    /// All of it, with the tail of another write behind it.
    Rubbish,
}

const TORN: [Torn; 6] = [
    Torn::Nothing,
    Torn::Header,
    Torn::Half,
    Torn::LastByte,
    Torn::BitFlip,
    Torn::Rubbish,
];

/// Every fault that makes a difference at this step.
pub(crate) fn faults_at(step: &Step<Receipt>, world: &World) -> Vec<Fault> {
    let snapshots = world.disk.backups();
    let mut faults = match step {
        Step::Wait { .. } => vec![Fault::EffectThenCrash],
        Step::Finished(_) => Vec::new(),
        Step::Record { .. } => {
            let mut faults = vec![
                Fault::Full,
                Fault::WrittenUnknown,
                Fault::EffectThenCrash,
                Fault::KeyLost,
            ];
            if let Disk::File(_) = world.disk {
                faults.extend(TORN.map(Fault::Torn));
            }
            faults
        }
        // A call that changes nothing has the same effect however often it comes.
        Step::Send { request, .. } if request.call == Call::GetSubmission => vec![
            Fault::Unreachable,
            Fault::AnswerLost,
            Fault::EffectThenCrash,
            Fault::BadGateway,
            Fault::Garbled,
            Fault::TokenEnded,
            Fault::Cancelled,
        ],
        Step::Send { .. } => vec![
            Fault::Unreachable,
            Fault::RequestLost,
            Fault::Reset,
            Fault::AnswerLost,
            Fault::Late,
            Fault::LateThenCrash,
            Fault::EffectThenCrash,
            Fault::Duplicated,
            Fault::DuplicatedSecond,
            Fault::BadGateway,
            Fault::Overloaded,
            Fault::Garbled,
            Fault::TokenEnded,
            Fault::Cancelled,
        ],
    };
    if let Step::Send { request, .. } = step {
        let is_opening = request.call == Call::OpenDraft
            && !world.counter.is_relay()
            && !world.counter.switches().wallet_checked_at_commit;
        if request.call == Call::Fill {
            // After the next file, and after the last.
            faults.extend([5, 7].map(Fault::Overtaken));
        }
        if request.call.is_paid() || is_opening {
            faults.push(Fault::Broke);
        }
        if request.call.is_paid() {
            faults.push(Fault::KeyLost);
        }
    }
    // A backup makes a difference once there is something to forget: after a write, and after money was spent.
    let forgets = match step {
        Step::Record { .. } => true,
        Step::Send { request, .. } => request.call.is_paid(),
        Step::Wait { .. } | Step::Finished(_) => false,
    };
    if forgets {
        faults.extend((0..snapshots).map(Fault::Restored));
    }
    faults
}
