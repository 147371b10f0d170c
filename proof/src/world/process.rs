//! A caller's process: it runs, dies, comes back, and tries the same reference again until it is told the end.

use sportello::SportelloError;
use sportello::error::Charged;
use sportello::flow::{
    Event, Machine as _, Policy, PurchaseFlow, PurchasePlan, Receipt, RetryPolicy, Step, SubmitFlow,
};
use sportello::journal::{Duplicates, Recorded};
use sportello_simulator::Engine;

use super::story::{self, Goal, Offer};
use super::{Counter, Disk, Fault, NOW, Setup, World};

/// How often a caller begins the same reference again before it is called lost.
const ATTEMPTS: u32 = 8;

/// How it ended for the caller.
pub(crate) enum End {
    HandedIn(Box<Receipt>),
    NeedsPerson(SportelloError),
    /// An end that is neither, though the caller tried again and again.
    Stuck(&'static str),
}

enum Flow {
    Submit(Box<SubmitFlow>),
    Purchase(Box<PurchaseFlow>),
}

impl Flow {
    fn advance(&mut self, now: u64, event: Event) -> Step<Receipt> {
        let step = match self {
            Flow::Submit(flow) => flow.advance(now, event),
            Flow::Purchase(flow) => flow.advance(now, event),
        };
        step.expect("the world keeps its turn")
    }

    fn fork(&self) -> Flow {
        match self {
            Flow::Submit(flow) => Flow::Submit(Box::new(flow.fork())),
            Flow::Purchase(flow) => Flow::Purchase(Box::new(flow.fork())),
        }
    }

    fn bound(&self) -> Option<&str> {
        match self {
            Flow::Submit(flow) => flow.entry().id.as_deref(),
            Flow::Purchase(flow) => flow.entry().id.as_deref(),
        }
    }
}

/// A caller and the process it runs in.
pub(crate) struct Process {
    flow: Flow,
    pub(crate) pending: Step<Receipt>,
    /// When the machine asked for that step.
    asked_at: u64,
    attempt: u32,
    offer: Option<Offer>,
    pub(crate) end: Option<End>,
    /// The library said "not charged" of what was charged, or was still to be.
    pub(crate) lies: Vec<String>,
    /// One line per step, where somebody wants to read it.
    pub(crate) trace: Option<Vec<String>>,
}

/// A world and a caller at the beginning.
pub(crate) fn begin(setup: &Setup, disk: Disk) -> (World, Process) {
    let engine = Engine::new(setup.config.clone());
    begin_at(
        setup,
        disk,
        Counter::Provider(Box::new(engine)),
        &setup.config.token,
    )
}

/// The same before this counter, which takes this token.
pub(crate) fn begin_at(setup: &Setup, disk: Disk, counter: Counter, token: &str) -> (World, Process) {
    let mut world = World {
        counter,
        disk,
        now: NOW,
        late: Vec::new(),
        overtaken: Vec::new(),
        token: token.to_owned(),
        key: "key",
        base: 0,
        paid_ids: Vec::new(),
        twice: false,
        forgot: false,
        restored: false,
        stopped: false,
        cancelled: false,
    };
    let mut offer = None;
    if setup.goal != Goal::Submit {
        let (entry, found) = story::searched(setup, &mut world.counter, &mut world.now, token);
        let written = world.disk.record(&entry, 0, Duplicates::Allow);
        assert_eq!(written, Recorded::Written);
        // There is no backup without the submission: choosing what was never handed in is refused, and proves nothing.
        world.disk.forget_backups();
        offer = Some(found);
    }
    world.base = world.counter.with_engine(|engine| engine.ledger().len());
    if let Some(relay) = world.counter.relay() {
        relay.behind.hook.arm();
    }
    let process = Process::start(setup, &mut world, offer);
    (world, process)
}

impl Process {
    /// Another caller of the same reference.
    pub(crate) fn start(setup: &Setup, world: &mut World, offer: Option<Offer>) -> Process {
        let mut flow = flow(setup, world, offer.as_ref(), true);
        let pending = flow.advance(world.now, Event::Started);
        let mut process = Process {
            flow,
            pending,
            asked_at: world.now,
            attempt: 0,
            offer,
            end: None,
            lies: Vec::new(),
            trace: None,
        };
        process.look_for_an_end(setup, world);
        process
    }

    pub(crate) fn offer(&self) -> Option<Offer> {
        self.offer.clone()
    }

    pub(crate) fn fork(&self) -> Process {
        Process {
            flow: self.flow.fork(),
            pending: self.pending.clone(),
            asked_at: self.asked_at,
            attempt: self.attempt,
            offer: self.offer.clone(),
            end: None,
            lies: self.lies.clone(),
            trace: None,
        }
    }

    /// Makes one step, or dies over it; a process that died or was told to come back is started again.
    pub(crate) fn step(&mut self, setup: &Setup, world: &mut World, fault: Option<Fault>) {
        if let Some(trace) = &mut self.trace {
            let fault = fault.map_or(String::new(), |fault| format!("   <-- {fault:?}"));
            trace.push(format!("{} {}{fault}", world.now - NOW, self.pending));
        }
        let bound = self.flow.bound().map(str::to_owned);
        let event = world.perform(&self.pending, self.asked_at, fault, bound.as_deref());
        if let Some(Fault::Restored(_)) = fault {
            let held = world.disk.get(&story::plan(setup, world.key, false).key);
            // A relay remembers by the reference, whatever the caller has lost.
            world.forgot |= !setup.through_relay && forgets(setup.goal, world, held);
        }
        let Some(event) = event else {
            return self.again(setup, world);
        };
        (self.pending, self.asked_at) = (self.flow.advance(world.now, event), world.now);
        self.look_for_an_end(setup, world);
    }

    fn look_for_an_end(&mut self, setup: &Setup, world: &mut World) {
        let Step::Finished(outcome) = self.pending.clone() else {
            return;
        };
        if let Some(trace) = &mut self.trace {
            let told = match &outcome {
                Ok(_) => "handed in".to_owned(),
                Err(error) => format!("{error}, charged: {}", error.details().charged.as_str()),
            };
            trace.push(format!("{} finished: {told}", world.now - NOW));
        }
        match outcome {
            Ok(receipt) => self.end = Some(End::HandedIn(Box::new(receipt))),
            Err(error) => self.told(setup, world, error),
        }
    }

    fn told(&mut self, setup: &Setup, world: &mut World, error: SportelloError) {
        if error.details().charged == Charged::No && (world.charges() > 0 || world.owes()) {
            self.lies.push(error.code().to_owned());
        }
        match error.code() {
            "submit.needs_person" => self.end = Some(End::NeedsPerson(error)),
            // Clear words that no other attempt would change; the judge asks whether they are true.
            code @ ("choice.already_made"
            | "choice.not_needed"
            | "choice.unknown_result"
            | "search.number"
            | "search.not_allowed") => self.end = Some(End::Stuck(code)),
            code if self.attempt >= ATTEMPTS => self.end = Some(End::Stuck(code)),
            _ => self.again(setup, world),
        }
    }

    fn again(&mut self, setup: &Setup, world: &mut World) {
        self.attempt += 1;
        if self.attempt > ATTEMPTS {
            self.end = Some(End::Stuck("it died too often"));
            return;
        }
        world.pass(1_000);
        let with_answers = setup.answers_again || self.attempt > 4;
        self.flow = flow(setup, world, self.offer.as_ref(), with_answers);
        (self.pending, self.asked_at) = (self.flow.advance(world.now, Event::Started), world.now);
        self.look_for_an_end(setup, world);
    }
}

/// True when the journal that came back does not know of something that was, or is being, paid.
fn forgets(goal: Goal, world: &World, held: Option<sportello::journal::Entry>) -> bool {
    let Some(held) = held else {
        return !world.paid_ids.is_empty();
    };
    let other = |id: &String| held.id.as_ref() != Some(id);
    world.paid_ids.iter().any(other)
        || (goal != Goal::Submit && !world.paid_ids.is_empty() && held.purchase(goal.kind()).is_none())
}

fn flow(setup: &Setup, world: &World, offer: Option<&Offer>, with_answers: bool) -> Flow {
    let plan = story::plan(setup, world.key, with_answers);
    let current = world.disk.get(&plan.key);
    let provider = setup.provider();
    let policy = Policy {
        retry: RetryPolicy {
            attempts: 3,
            ..RetryPolicy::default()
        },
        renewable_token: setup.renewable,
        ..Policy::default()
    };
    match (offer, current) {
        (Some(offer), Some(entry)) => {
            let plan = PurchasePlan {
                wanted: story::wanted(setup.goal, &offer.result),
                confirmed_price: offer.price,
                is_synchronous: false,
            };
            Flow::Purchase(Box::new(PurchaseFlow::new(provider, policy, plan, entry)))
        }
        (_, current) => Flow::Submit(Box::new(SubmitFlow::new(provider, policy, plan, current))),
    }
}
