//! A process with the real machine in it.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use sportello::flow::{
    Event, Machine as _, Policy, Prepared, PurchaseFlow, PurchasePlan, Receipt, RetryPolicy, Step,
    SubmitFlow, SubmitPlan, Wanted,
};
use sportello::http::{Call, HttpRequest};
use sportello::journal::{Entry, EntryKey, PurchaseKind, PurchaseState, Scope, Stage};
use sportello::model::ResultId;
use sportello::provider::visengine::Visengine;

use super::Rule;
use super::server::{Answer, Paid};
use super::state::Protocol;

pub(super) const SERVICE: &str = "service";
pub(super) const CORRELATION: &str = "correlation";
/// How often a caller begins again before it is called lost.
const ATTEMPTS: u8 = 8;

/// What the callers want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Goal {
    Submit,
    Choice,
    Search,
}

/// How it ended for a caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    HandedIn,
    NeedsPerson {
        has_id: bool,
    },
    /// An error that does not go away.
    Lost(&'static str),
}

enum Flow {
    Submit(Box<SubmitFlow>),
    Purchase(Box<PurchaseFlow>),
}

/// A caller. Two are the same when their machines stand the same: what those do next follows from it.
#[derive(Clone)]
pub(super) struct Caller {
    flow: Arc<Flow>,
    pub(super) pending: Arc<Step<Receipt>>,
    standing: u64,
    attempts: u8,
    /// The request is on its way, or its answer is.
    pub(super) waits: bool,
    pub(super) answer: Option<Answer>,
    /// What a driver that does not make its records durable keeps to itself.
    pub(super) unwritten: Option<Arc<Entry>>,
    pub(super) end: Option<End>,
}

impl Hash for Caller {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.standing, self.attempts, self.waits, &self.answer, &self.end).hash(state);
        self.unwritten.is_some().hash(state);
    }
}

impl PartialEq for Caller {
    fn eq(&self, other: &Caller) -> bool {
        (self.standing, self.attempts, self.waits, &self.answer, &self.end)
            == (
                other.standing,
                other.attempts,
                other.waits,
                &other.answer,
                &other.end,
            )
            && self.unwritten == other.unwritten
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({}, {:?})", self.pending, self.end)
    }
}

/// What a request asks of the server.
pub(super) enum Asked {
    Open,
    Fill(usize),
    Look(usize),
    Paid(Paid),
}

impl Caller {
    pub(super) fn start(protocol: &Protocol, journal: Option<&Entry>, now: u64) -> Caller {
        Caller::start_at(protocol, journal, now, 0)
    }

    /// The process died and comes back.
    pub(super) fn again(&mut self, protocol: &Protocol, journal: Option<&Entry>, now: u64) {
        let attempts = self.attempts + 1;
        if attempts > ATTEMPTS {
            self.end = Some(End::Lost("it began too often"));
            return;
        }
        *self = Caller::start_at(protocol, journal, now, attempts);
    }

    fn start_at(protocol: &Protocol, journal: Option<&Entry>, now: u64, attempts: u8) -> Caller {
        let mut flow = flow(protocol, journal);
        let pending = advance(&mut flow, now, Event::Started);
        let mut caller = Caller {
            flow: Arc::new(flow),
            pending: Arc::new(pending),
            standing: 0,
            attempts,
            waits: false,
            answer: None,
            unwritten: None,
            end: None,
        };
        caller.stand();
        caller.look_for_an_end(protocol, journal, now);
        caller
    }

    /// Tells the machine what happened.
    pub(super) fn tell(&mut self, protocol: &Protocol, journal: Option<&Entry>, now: u64, event: Event) {
        let mut flow = self.flow.fork();
        self.pending = Arc::new(advance(&mut flow, now, event));
        self.flow = Arc::new(flow);
        self.stand();
        (self.waits, self.answer) = (false, None);
        self.look_for_an_end(protocol, journal, now);
    }

    fn stand(&mut self) {
        let mut hasher = DefaultHasher::new();
        self.flow.standing().hash(&mut hasher);
        self.standing = hasher.finish();
    }

    fn look_for_an_end(&mut self, protocol: &Protocol, journal: Option<&Entry>, now: u64) {
        let Step::Finished(outcome) = &*self.pending else {
            return;
        };
        match outcome {
            Ok(_) => self.end = Some(End::HandedIn),
            Err(error) if error.code() == "submit.needs_person" => {
                // A caller that thinks a search may be sent again does not ask a person.
                if protocol.without == Some(Rule::SearchOnce) {
                    return self.again(protocol, journal, now);
                }
                let has_id = error.details().id.is_some();
                self.end = Some(End::NeedsPerson { has_id });
            }
            Err(error) if self.attempts >= ATTEMPTS => self.end = Some(End::Lost(error.details().code)),
            Err(_) => self.again(protocol, journal, now),
        }
    }

    /// What the pending request asks for.
    pub(super) fn asks(&self) -> Option<Asked> {
        let Step::Send { request, .. } = &*self.pending else {
            return None;
        };
        Some(match request.call {
            Call::OpenDraft => Asked::Open,
            Call::Fill => Asked::Fill(id_of(request)),
            Call::Commit => Asked::Paid(Paid::Commit(id_of(request))),
            Call::Choose => Asked::Paid(Paid::Choose),
            Call::AddSearch => Asked::Paid(Paid::Search),
            _ => Asked::Look(id_of(request)),
        })
    }
}

impl Flow {
    fn standing(&self) -> String {
        match self {
            Flow::Submit(flow) => flow.standing(),
            Flow::Purchase(flow) => flow.standing(),
        }
    }

    fn fork(&self) -> Flow {
        match self {
            Flow::Submit(flow) => Flow::Submit(Box::new(flow.fork())),
            Flow::Purchase(flow) => Flow::Purchase(Box::new(flow.fork())),
        }
    }
}

fn advance(flow: &mut Flow, now: u64, event: Event) -> Step<Receipt> {
    let step = match flow {
        Flow::Submit(flow) => flow.advance(now, event),
        Flow::Purchase(flow) => flow.advance(now, event),
    };
    step.expect("the model keeps its turn")
}

pub(super) fn digest(entry: &Entry) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(entry).expect("an entry").hash(&mut hasher);
    hasher.finish()
}

/// `/richiesta/d0` is about draft 0.
fn id_of(request: &HttpRequest) -> usize {
    let id = request.path.split('/').nth(2).expect("an id");
    id.trim_start_matches('d').parse().expect("an id of the model")
}

fn flow(protocol: &Protocol, journal: Option<&Entry>) -> Flow {
    let mut policy = Policy {
        // The checker makes every call fail as often as it likes; the machine's own patience would only be more of the same.
        retry: RetryPolicy {
            attempts: 1,
            ..RetryPolicy::default()
        },
        ..Policy::default()
    };
    if protocol.without == Some(Rule::QuietPeriod) {
        (policy.commit_timeout_ms, policy.quiet_margin_ms) = (0, 0);
    }
    let current = journal.cloned().map(|entry| forgetful(protocol, entry));
    let (provider, price) = (Arc::new(Visengine), "19.00".parse().expect("an amount"));
    let wanted = match protocol.goal {
        Goal::Submit => {
            return Flow::Submit(Box::new(SubmitFlow::new(provider, policy, plan(price), current)));
        }
        Goal::Choice => Wanted::Choice(ResultId::new("d0_0/0")),
        Goal::Search => Wanted::Search {
            number: 2,
            texts: BTreeMap::from([("$0".to_owned(), "two".to_owned())]),
            digest: "terms".to_owned(),
        },
    };
    let plan = PurchasePlan {
        wanted,
        confirmed_price: price,
        is_synchronous: false,
    };
    Flow::Purchase(Box::new(PurchaseFlow::new(
        provider,
        policy,
        plan,
        current.expect("handed in before"),
    )))
}

/// What a driver without a rule makes of the journal when it begins again.
fn forgetful(protocol: &Protocol, mut entry: Entry) -> Entry {
    match protocol.without {
        // It takes an unsettled commit for a draft that came to nothing.
        Some(Rule::OneDraft) if entry.stage == Stage::Committing => {
            (entry.stage, entry.id) = (Stage::Intent, None);
            entry.purchases.clear();
        }
        // It takes an unsettled search for one that was never sent.
        Some(Rule::SearchOnce) => {
            entry.purchases.retain(|purchase| {
                purchase.state == PurchaseState::Paid || purchase.kind == PurchaseKind::Submit
            });
        }
        _ => {}
    }
    entry
}

fn key() -> EntryKey {
    EntryKey {
        scope: Scope {
            provider: "visengine".to_owned(),
            origin: "model".to_owned(),
            account: "default".to_owned(),
        },
        reference: "model".to_owned(),
    }
}

/// One text, no file.
fn plan(price: sportello::model::Money) -> SubmitPlan {
    let one = |value: &str| BTreeMap::from([("$0".to_owned(), value.to_owned())]);
    SubmitPlan {
        key: key(),
        service_id: SERVICE.to_owned(),
        service_name: String::new(),
        has_search: false,
        is_synchronous: false,
        key_id: "key".to_owned(),
        duplicate_mark: None,
        allow_duplicate: false,
        options: Vec::new(),
        correlation: CORRELATION.to_owned(),
        callback_url: None,
        callback_proof: String::new(),
        accept_warnings: Vec::new(),
        notify_email: None,
        confirmed_price: price,
        answers: Some(Prepared {
            texts: one("text"),
            files: Vec::new(),
            digests: one("digest"),
            digest: "digest".to_owned(),
        }),
    }
}

/// The entry of a request that was handed in.
pub(super) fn handed_in() -> Entry {
    Entry {
        key: key(),
        seq: 1,
        service_id: SERVICE.to_owned(),
        service_name: String::new(),
        key_id: "key".to_owned(),
        digest: "digest".to_owned(),
        duplicate_mark: None,
        stage: Stage::Committed,
        id: Some("d0".to_owned()),
        filled: BTreeMap::new(),
        purchases: Vec::new(),
        options: Vec::new(),
        files: Vec::new(),
        created_at: 0,
        updated_at: 0,
    }
}
