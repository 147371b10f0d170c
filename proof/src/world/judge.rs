//! What must hold at the end of every schedule, and what no client can help.

use sportello::journal::{PurchaseState, Stage};
use sportello_simulator::JsonVisura;

use super::story::{self, Goal};
use super::{End, Process, Setup, World};
use crate::relay::Relay;

/// What a schedule came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    HandedIn,
    /// It was handed in, or chosen, by a run that the journal has forgotten, and the error says so.
    SaidOtherwise,
    NeedsPerson,
    /// More than one charge, for this reason.
    Hopeless(Reason),
}

/// Why a second charge is no fault of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// An intermediary sent a paid call twice, and the server charges every time it is told.
    DuplicatedAndNotAtomic,
    /// The journal was lost, or put back to before the draft was bound.
    JournalForgot,
    /// The journal was put back to before a commit, and that commit was still on its way to a server that is not atomic.
    RestoredAndNotAtomic,
    /// A process was stopped between its journal's word and its call for longer than the quiet period, and the server is not atomic.
    StoppedAndNotAtomic,
    /// Handed in once, without an optional file: the text fields came late to a server that replaces the whole set with them.
    ReplacedLate,
}

impl Reason {
    pub(crate) const ALL: [Reason; 5] = [
        Reason::DuplicatedAndNotAtomic,
        Reason::JournalForgot,
        Reason::RestoredAndNotAtomic,
        Reason::StoppedAndNotAtomic,
        Reason::ReplacedLate,
    ];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Reason::DuplicatedAndNotAtomic => {
                "an intermediary sends a paid call twice to a server that charges each time"
            }
            Reason::JournalForgot => {
                "the journal is lost, or comes back from before what was paid was bound to the reference"
            }
            Reason::RestoredAndNotAtomic => {
                "the journal comes back from before a commit that is on its way to a server that is not atomic"
            }
            Reason::ReplacedLate => {
                "text fields arrive after the files, at a server that replaces the whole set with them: charged once, an optional file missing"
            }
            Reason::StoppedAndNotAtomic => {
                "a process stops for longer than the quiet period just before a paid call, another goes on, and the server charges each time"
            }
        }
    }
}

/// Judges one end. `Err` says which promise was broken.
pub(crate) fn judge(setup: &Setup, world: &mut World, process: &Process) -> Result<Verdict, String> {
    // What is still on its way arrives, long after everybody has gone home.
    world.pass(3_600_000);
    let charges = world.charges();
    let switches = &setup.config.switches;
    // A search that is sent twice is two searches; a choice is one, unless the provider charges each time.
    let charges_each_time = match setup.goal {
        Goal::Submit => switches.racy_commit,
        Goal::Choice => switches.repeated_choice_charges,
        Goal::Search => true,
    };
    if charges > 1 {
        return match () {
            () if (world.twice || world.counter.relay().is_some_and(|relay| relay.twice()))
                && charges_each_time =>
            {
                Ok(Verdict::Hopeless(Reason::DuplicatedAndNotAtomic))
            }
            () if world.forgot => Ok(Verdict::Hopeless(Reason::JournalForgot)),
            () if world.restored && charges_each_time => Ok(Verdict::Hopeless(Reason::RestoredAndNotAtomic)),
            () if world.stopped && charges_each_time => Ok(Verdict::Hopeless(Reason::StoppedAndNotAtomic)),
            () => Err(format!("charged {charges} times")),
        };
    }
    // What a journal has forgotten it can't tell; the money is still counted above.
    if let Some(code) = process.lies.first().filter(|_| !world.restored) {
        return Err(format!("said `charged: no` with {code}"));
    }
    match process.end.as_ref() {
        Some(End::HandedIn(receipt)) => {
            let purchase = receipt.entry.purchase(setup.goal.kind());
            if purchase.map(|purchase| purchase.state) != Some(PurchaseState::Paid) {
                return Err("handed in, and the journal does not say that it is paid".to_owned());
            }
            if setup.goal == Goal::Submit && receipt.entry.stage != Stage::Committed {
                return Err(format!(
                    "handed in, and the journal says {:?}",
                    receipt.entry.stage
                ));
            }
            if setup.goal == Goal::Submit && !world.forgot {
                let missing = story::files_missing(setup.api, &world.counter);
                if !missing.is_empty() && switches.json_visura == JsonVisura::Replace {
                    return Ok(Verdict::Hopeless(Reason::ReplacedLate));
                }
                if !missing.is_empty() {
                    return Err(format!("handed in without {}", missing.join(", ")));
                }
            }
            if charges != 1 {
                return Err("said to be paid, and never charged".to_owned());
            }
            if let Some(relay) = world.counter.relay() {
                relay_is_in_step(setup, relay)?;
            }
            Ok(Verdict::HandedIn)
        }
        Some(End::NeedsPerson(error)) if error.details().id.is_some() => Ok(Verdict::NeedsPerson),
        Some(End::NeedsPerson(_)) => Err("a person is needed and has no id".to_owned()),
        Some(End::Stuck(code)) => said_otherwise(setup, world, code),
        None => Err("no end".to_owned()),
    }
}

/// What was handed in through a relay is in its ledger once, and its answers are gone from its folder, at the latest when it has swept.
fn relay_is_in_step(setup: &Setup, relay: &mut Relay) -> Result<(), String> {
    let (spent, charged) = (relay.spent(), relay.charged());
    if spent != charged {
        return Err(format!(
            "the relay's ledger says {spent} cents instead of {charged}"
        ));
    }
    if setup.goal == Goal::Submit && relay.holds_after_a_sweep(story::CODICE_FISCALE) {
        return Err("handed in, and the relay still holds the answers".to_owned());
    }
    Ok(())
}

/// Other clear words than "handed in" and "a person is needed" are an end only where they are true.
fn said_otherwise(setup: &Setup, world: &World, code: &str) -> Result<Verdict, String> {
    let is_true = match code {
        // A journal that was put back does not know of the purchase; the provider does.
        "choice.already_made" | "search.number" => world.restored && world.charges() == 1,
        // The office gave the request up, so there is nothing to be bought any more.
        "choice.not_needed" | "search.not_allowed" | "choice.unknown_result" => {
            world.cancelled && setup.goal != Goal::Submit && world.charges() == 0
        }
        _ => false,
    };
    if is_true {
        Ok(Verdict::SaidOtherwise)
    } else {
        Err(format!("lost with {code}"))
    }
}
