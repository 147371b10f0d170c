//! Everything together, and what can happen next.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use sportello::flow::{Event, Step, WaitReason};
use sportello::http::{Failure, HttpResponse};
use sportello::journal::{Entry, Recorded, Stage};
use stateright::{Model, Property};

use super::caller::{Asked, Caller, End, Goal, digest, handed_in};
use super::server::{Answer, Paid, Phase, Server};
use super::{NOTHING_LOST, PAID_ONCE, Rule};

/// What is explored.
#[derive(Clone, Debug)]
pub(super) struct Protocol {
    pub(super) goal: Goal,
    pub(super) is_atomic: bool,
    pub(super) without: Option<Rule>,
    pub(super) bounds: Bounds,
}

/// How much may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bounds {
    pub(super) callers: usize,
    /// Processes that die, all together.
    pub(super) crashes: u8,
    /// Requests and answers that are lost, or given up.
    pub(super) losses: u8,
    /// Paid calls that an intermediary delivers twice.
    pub(super) duplicates: u8,
    /// Open drafts that die.
    pub(super) deaths: u8,
}

/// A paid call on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    paid: Paid,
    /// Who still waits for its answer.
    from: Option<usize>,
    /// The network delivers nothing after this.
    until: u64,
}

/// Everything.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct World {
    server: Server,
    journal: Option<Arc<Entry>>,
    network: Vec<Flight>,
    /// Who waits for the commits that are being decided, in their order.
    deciding: Vec<(Option<usize>, u64)>,
    callers: Vec<Caller>,
    now: u64,
    left: Bounds,
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (
            &self.server,
            &self.network,
            &self.deciding,
            &self.callers,
            self.now,
            self.left,
        )
            .hash(state);
        self.journal.as_deref().map(digest).hash(state);
    }
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// A free request reaches the server; its answer is on its way.
    Reach(usize),
    /// A paid request leaves.
    Leave(usize),
    /// It arrives.
    Arrive(usize),
    /// It never will.
    Lose(usize),
    /// An intermediary makes two of it.
    Duplicate(usize),
    /// The server closes a draft that it found open.
    Decide(usize),
    /// An answer comes back.
    Answer(usize),
    /// A caller gives up waiting.
    Timeout(usize),
    /// A record is written, or refused by compare-and-set.
    Record(usize),
    /// A wait is over.
    Wait(usize),
    /// A process dies and comes back.
    Crash(usize),
    /// An open draft dies.
    Die(usize),
}

impl World {
    /// True when nobody else's paid call would be overtaken by the clock.
    fn may_wait(&self, protocol: &Protocol, who: usize, until: u64) -> bool {
        let late = self.network.iter().any(|flight| flight.until <= until)
            || self.deciding.iter().any(|(_, deadline)| *deadline <= until);
        // A process that stops for longer than the quiet period between its look and its paid call, its record among them, is outside
        // the assumption for a server that is not atomic.
        let stopped = !protocol.is_atomic
            && self.callers.iter().enumerate().any(|(other, caller)| {
                let sends = match &*caller.pending {
                    Step::Record { entry, .. } => entry.stage == Stage::Committing,
                    _ => !caller.waits && matches!(caller.asks(), Some(Asked::Paid(_))),
                };
                other != who && sends
            });
        !late && !stopped
    }

    fn record(&mut self, protocol: &Protocol, who: usize) {
        let Step::Record {
            entry, expect_seq, ..
        } = &*Arc::clone(&self.callers[who].pending)
        else {
            return;
        };
        let settled = matches!(
            entry.stage,
            Stage::Committed | Stage::NeedsPerson | Stage::Refused
        );
        let lazy = protocol.without == Some(Rule::BoundBeforeCommit) && *expect_seq > 0 && !settled;
        let held = self.journal.clone();
        let seen = self.callers[who].unwritten.clone().or(held);
        let fits = match &seen {
            None => *expect_seq == 0,
            Some(held) => held.seq == *expect_seq && held.created_at == entry.created_at,
        };
        let recorded = if !fits {
            Recorded::Conflict(seen.map(|held| Box::new((*held).clone())))
        } else if lazy {
            // It says that it has written, and means to.
            self.callers[who].unwritten = Some(Arc::new((**entry).clone()));
            Recorded::Written
        } else {
            self.callers[who].unwritten = None;
            self.journal = Some(Arc::new((**entry).clone()));
            Recorded::Written
        };
        self.tell(protocol, who, Event::Recorded(recorded));
    }

    fn tell(&mut self, protocol: &Protocol, who: usize, event: Event) {
        let journal = self.journal.clone();
        self.callers[who].tell(protocol, journal.as_deref(), self.now, event);
        if self.callers[who].end.is_some() || !self.callers[who].waits {
            self.forget(who);
        }
    }

    /// Nobody waits for these answers any more.
    fn forget(&mut self, who: usize) {
        for flight in &mut self.network {
            flight.from = flight.from.filter(|from| *from != who);
        }
        for (from, _) in &mut self.deciding {
            *from = from.filter(|from| *from != who);
        }
    }

    fn answer(&mut self, who: Option<usize>, answer: Answer) {
        if let Some(caller) = who.map(|who| &mut self.callers[who])
            && caller.waits
            && caller.answer.is_none()
        {
            caller.answer = Some(answer);
        }
    }

    fn sort(&mut self) {
        self.network
            .sort_by_key(|flight| (format!("{:?}", flight.paid), flight.from, flight.until));
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let (server, journal) = match self.goal {
            Goal::Submit => (Server::default(), None),
            Goal::Choice | Goal::Search => (Server::searched(), Some(Arc::new(handed_in()))),
        };
        let caller = Caller::start(self, journal.as_deref(), 0);
        vec![World {
            server,
            network: Vec::new(),
            deciding: Vec::new(),
            callers: vec![caller; self.bounds.callers],
            journal,
            now: 0,
            left: self.bounds,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (at, _) in world.network.iter().enumerate() {
            actions.push(Action::Arrive(at));
            if world.left.losses > 0 {
                actions.push(Action::Lose(at));
            }
            if world.left.duplicates > 0 {
                actions.push(Action::Duplicate(at));
            }
        }
        actions.extend((0..world.server.deciding.len()).map(Action::Decide));
        for (who, caller) in world.callers.iter().enumerate() {
            if caller.end.is_some() {
                continue;
            }
            match &*caller.pending {
                Step::Record { .. } => actions.push(Action::Record(who)),
                Step::Wait {
                    reason: WaitReason::QuietPeriod,
                    millis,
                } => {
                    if world.may_wait(self, who, world.now + millis) {
                        actions.push(Action::Wait(who));
                    }
                }
                Step::Wait { .. } => actions.push(Action::Wait(who)),
                Step::Send { .. } if caller.answer.is_some() => {
                    actions.push(Action::Answer(who));
                    if world.left.losses > 0 {
                        actions.push(Action::Timeout(who));
                    }
                }
                Step::Send { .. } if caller.waits => {
                    let travels = world.network.iter().any(|flight| flight.from == Some(who))
                        || world.deciding.iter().any(|(from, _)| *from == Some(who));
                    // When nothing is on its way any more, giving up is all that is left.
                    if world.left.losses > 0 || !travels {
                        actions.push(Action::Timeout(who));
                    }
                }
                Step::Send { .. } if matches!(caller.asks(), Some(Asked::Paid(_))) => {
                    actions.push(Action::Leave(who));
                }
                Step::Send { .. } => {
                    actions.push(Action::Reach(who));
                    if world.left.losses > 0 {
                        actions.push(Action::Timeout(who));
                    }
                }
                Step::Finished(_) => {}
            }
            if world.left.crashes > 0 {
                actions.push(Action::Crash(who));
            }
        }
        if world.left.deaths > 0 {
            for (id, phase) in world.server.drafts.iter().enumerate() {
                if *phase == Phase::Open && !world.server.deciding.contains(&id) {
                    actions.push(Action::Die(id));
                }
            }
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut world = world.clone();
        match action {
            Action::Reach(who) => {
                let commits = self.without == Some(Rule::OpeningIsFree);
                let answer = match world.callers[who].asks()? {
                    Asked::Open => world.server.open(commits),
                    Asked::Fill(id) => world.server.fill(id),
                    Asked::Look(id) => world.server.show(id),
                    Asked::Paid(_) => return None,
                };
                world.callers[who].waits = true;
                world.callers[who].answer = Some(answer);
            }
            Action::Leave(who) => {
                let Asked::Paid(paid) = world.callers[who].asks()? else {
                    return None;
                };
                world.callers[who].waits = true;
                world.network.push(Flight {
                    paid,
                    from: Some(who),
                    // The time limit of the call and the margin; less than the quiet period, which counts from the journal's word.
                    until: world.now + 119_999,
                });
            }
            Action::Arrive(at) => {
                let flight = world.network.remove(at);
                match world.server.pay(flight.paid, self.is_atomic) {
                    Some(answer) => world.answer(flight.from, answer),
                    None => world.deciding.push((flight.from, flight.until)),
                }
            }
            Action::Lose(at) => {
                world.left.losses -= 1;
                world.network.remove(at);
            }
            Action::Duplicate(at) => {
                world.left.duplicates -= 1;
                let copy = world.network[at].clone();
                world.network.push(copy);
            }
            Action::Decide(at) => {
                let (from, _) = world.deciding.remove(at);
                let (_, answer) = world.server.decide(at);
                world.answer(from, answer);
            }
            Action::Answer(who) => {
                let answer = world.callers[who].answer.clone()?;
                let response = HttpResponse {
                    status: answer.status,
                    body: answer.body.clone().into_bytes(),
                    ..HttpResponse::default()
                };
                world.tell(self, who, Event::Responded(response));
            }
            Action::Timeout(who) => {
                let travels = world.callers[who].answer.is_some()
                    || !world.callers[who].waits
                    || world.network.iter().any(|flight| flight.from == Some(who))
                    || world.deciding.iter().any(|(from, _)| *from == Some(who));
                if travels {
                    world.left.losses = world.left.losses.checked_sub(1)?;
                }
                world.tell(self, who, Event::Failed(Failure::Timeout));
            }
            Action::Record(who) => world.record(self, who),
            Action::Wait(who) => {
                let Step::Wait { millis, reason } = &*world.callers[who].pending else {
                    return None;
                };
                if *reason == WaitReason::QuietPeriod {
                    world.now += millis;
                }
                world.tell(self, who, Event::Elapsed);
            }
            Action::Crash(who) => {
                world.left.crashes -= 1;
                world.forget(who);
                let (journal, now) = (world.journal.clone(), world.now);
                world.callers[who].again(self, journal.as_deref(), now);
            }
            Action::Die(id) => {
                world.left.deaths -= 1;
                world.server.drafts[id] = Phase::Dead;
            }
        }
        world.sort();
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Protocol>> {
        vec![
            Property::always(PAID_ONCE, |_, world: &World| world.server.charges <= 1),
            Property::always(NOTHING_LOST, |protocol: &Protocol, world: &World| {
                let fine = world.callers.iter().all(|caller| match &caller.end {
                    None => true,
                    Some(End::HandedIn) => world.server.charges > 0,
                    Some(End::NeedsPerson { has_id }) => *has_id,
                    Some(End::Lost(_)) => false,
                });
                // Nobody stands still before the end.
                let mut next = Vec::new();
                protocol.actions(world, &mut next);
                fine && (!next.is_empty() || world.callers.iter().all(|caller| caller.end.is_some()))
            }),
        ]
    }
}
