//! A model that a checker explores to its end: the real machines against a small server, over a network that loses, delays,
//! duplicates and reorders, with callers that die and come back, two of them on one journal, and drafts that die.
//!
//! | file | what is in it |
//! |---|---|
//! | `server` | the provider: drafts, charges; commits one id atomically, or checks first and charges later |
//! | `caller` | a process with the real machine, and what it makes of an end |
//! | `state` | everything together, and what can happen next |
//!
//! **Time.** Only the quiet period moves the clock. The network is assumed to deliver nothing that is older, so the clock waits
//! until what is on its way has arrived or is lost. With a server that is not atomic it also waits for a process that is about to
//! record or send a paid call: one that stops there for longer than the quiet period is overtaken, and pays a second time. Waits between two tries of a free call take no time.

mod caller;
mod server;
mod state;

use stateright::{Checker as _, Model as _};

use caller::Goal;
use state::{Bounds, Protocol};

/// The rules that the promise rests on. Each can be taken away, to see that the model notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A creating call never commits.
    OpeningIsFree,
    /// A reference is bound to one id, durably, before anything paid is sent.
    BoundBeforeCommit,
    /// After an ambiguous answer no other draft is opened.
    OneDraft,
    /// After an ambiguous answer nothing is sent until it can't arrive any more.
    QuietPeriod,
    /// A search is never sent again.
    SearchOnce,
}

/// What the checker found.
#[derive(Clone, Debug)]
pub struct Explored {
    /// What was explored.
    pub name: String,
    /// Different states.
    pub states: usize,
    /// The longest way from the beginning.
    pub depth: usize,
    /// Broken invariants, each with the actions that lead there.
    pub broken: Vec<String>,
}

impl Explored {
    /// True when this invariant was broken.
    #[must_use]
    pub fn breaks(&self, invariant: &str) -> bool {
        self.broken.iter().any(|broken| broken.starts_with(invariant))
    }
}

/// At most one charge.
pub const PAID_ONCE: &str = "paid once";
/// Every run ends handed in or with "a person must look" and the id, and what is said is true.
pub const NOTHING_LOST: &str = "nothing lost";

/// What is explored when every rule is kept; `quick` leaves out the largest.
pub fn kept(quick: bool, threads: usize) -> impl Iterator<Item = Explored> {
    let one = Bounds {
        callers: 1,
        crashes: if quick { 1 } else { 2 },
        losses: if quick { 1 } else { 2 },
        duplicates: 1,
        deaths: 1,
    };
    let two = Bounds {
        callers: 2,
        crashes: 1,
        losses: 1,
        duplicates: 1,
        deaths: 1,
    };
    let small = Bounds {
        losses: 0,
        duplicates: 0,
        deaths: 0,
        ..two
    };
    // With a server that is not atomic, an intermediary that duplicates charges twice, and no client can help.
    let single = |bounds: Bounds| Bounds {
        duplicates: 0,
        ..bounds
    };
    let mut runs = vec![
        ("one caller hands in", Goal::Submit, true, one),
        (
            "one caller hands in, server not atomic",
            Goal::Submit,
            false,
            single(one),
        ),
        ("one caller chooses", Goal::Choice, true, one),
        ("one caller searches again", Goal::Search, true, single(one)),
        ("two callers choose", Goal::Choice, true, two),
        ("two callers search again", Goal::Search, true, single(two)),
        ("two callers hand in, one may die", Goal::Submit, true, small),
    ];
    if !quick {
        // All of it at once is some tens of millions of states; one misfortune at a time is few.
        let none = Bounds { crashes: 0, ..small };
        let lossy = Bounds { losses: 1, ..none };
        let doubled = Bounds {
            duplicates: 1,
            ..none
        };
        let mortal = Bounds { deaths: 1, ..none };
        runs.extend([
            (
                "two callers hand in, a message may be lost",
                Goal::Submit,
                true,
                lossy,
            ),
            (
                "two callers hand in, a commit may be doubled",
                Goal::Submit,
                true,
                doubled,
            ),
            ("two callers hand in, a draft may die", Goal::Submit, true, mortal),
            (
                "two callers hand in, one may die, server not atomic",
                Goal::Submit,
                false,
                small,
            ),
            (
                "two callers hand in, a message may be lost, server not atomic",
                Goal::Submit,
                false,
                lossy,
            ),
        ]);
    }
    runs.into_iter().map(move |(name, goal, is_atomic, bounds)| {
        let protocol = Protocol {
            goal,
            is_atomic,
            without: None,
            bounds,
        };
        explore(name.to_owned(), protocol, threads)
    })
}

/// What is explored when a rule is taken away: until the first counter-example.
#[must_use]
pub fn without(rule: Rule, threads: usize) -> Explored {
    let bounds = Bounds {
        callers: 1,
        crashes: 1,
        losses: 1,
        duplicates: 0,
        deaths: 0,
    };
    let protocol = Protocol {
        goal: if rule == Rule::SearchOnce {
            Goal::Search
        } else {
            Goal::Submit
        },
        // An atomic server forgives a client that does not wait.
        is_atomic: rule != Rule::QuietPeriod,
        without: Some(rule),
        bounds,
    };
    explore(format!("without {rule:?}"), protocol, threads)
}

/// A server that is not atomic and an intermediary that duplicates: what no client can help.
#[must_use]
pub fn beyond_any_client(threads: usize) -> Explored {
    let protocol = Protocol {
        goal: Goal::Submit,
        is_atomic: false,
        without: None,
        bounds: Bounds {
            callers: 1,
            crashes: 0,
            losses: 0,
            duplicates: 1,
            deaths: 0,
        },
    };
    explore(
        "a duplicated commit, server not atomic".to_owned(),
        protocol,
        threads,
    )
}

fn explore(name: String, protocol: Protocol, threads: usize) -> Explored {
    let checker = protocol.checker().threads(threads).spawn_bfs().join();
    let mut broken: Vec<String> = checker
        .discoveries()
        .into_iter()
        .map(|(invariant, path)| {
            let actions: Vec<String> = path
                .into_actions()
                .iter()
                .map(|action| format!("{action:?}"))
                .collect();
            format!("{invariant}, {} steps: {}", actions.len(), actions.join(", "))
        })
        .collect();
    broken.sort();
    Explored {
        name,
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        broken,
    }
}
