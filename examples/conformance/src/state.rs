//! What was asked for, what arrived, what was said.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::scripts::{Said, Script, Step, Trouble};
use crate::wire::Message;

/// How long a driver is to wait for an answer in a script.
pub(crate) const TIME_LIMIT: Duration = Duration::from_millis(600);

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// Which call of the script, from 0; `None` for what belongs to none.
    pub(crate) step: Option<usize>,
    pub(crate) paid: bool,
    /// The connection's number, and the request's number on it, from 1.
    pub(crate) connection: u64,
    pub(crate) nth: u32,
    /// It came because a redirect was followed.
    pub(crate) followed: bool,
    /// It brought the token it should, where one was expected.
    pub(crate) token: bool,
    pub(crate) at: Instant,
    /// What it is, so that two of the same can be told.
    pub(crate) what: String,
    /// It was answered whole, by the service itself.
    pub(crate) settled: bool,
}

/// A script that a driver performs.
pub(crate) struct Run {
    pub(crate) script: &'static Script,
    /// The draft of each call.
    pub(crate) ids: Vec<String>,
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) said: BTreeMap<usize, (Said, u16, Instant)>,
    /// What reached the other origin, and whether the token was in it.
    pub(crate) away: Vec<bool>,
}

impl Run {
    /// The call that is due: the first of which nothing was said.
    pub(crate) fn due(&self) -> Option<&'static Step> {
        let next = (0..self.script.steps.len()).find(|step| !self.said.contains_key(step))?;
        self.script.steps.get(next)
    }
}

/// Which calls of a story meet the trouble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// What is paid.
    #[default]
    Paid,
    /// What is free.
    Free,
}

/// A whole client at work, as the control call describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StoryAsked {
    /// The script whose first trouble is met.
    pub(crate) script: String,
    #[serde(default)]
    pub(crate) on: On,
    /// The first matching call that meets it, from 1.
    #[serde(default = "one")]
    pub(crate) nth: u32,
    /// How many calls meet it; 0 is all.
    #[serde(default = "one")]
    pub(crate) times: u32,
    /// The client's time limit of a paid call.
    #[serde(default = "a_second")]
    pub(crate) timeout_ms: u64,
    /// How long the client leaves a paid call alone before it may send it again.
    #[serde(default)]
    pub(crate) quiet_ms: u64,
}

fn one() -> u32 {
    1
}

fn a_second() -> u64 {
    1000
}

/// A whole client at work.
pub(crate) struct Story {
    pub(crate) asked: StoryAsked,
    pub(crate) trouble: Trouble,
    pub(crate) seen: u32,
    pub(crate) met: u32,
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) away: Vec<bool>,
}

impl Story {
    /// The trouble that this call meets.
    fn meet(&mut self, paid: bool) -> Trouble {
        if paid != (self.asked.on == On::Paid) {
            return Trouble::None;
        }
        self.seen += 1;
        let due = self.seen >= self.asked.nth && (self.asked.times == 0 || self.met < self.asked.times);
        if due {
            self.met += 1;
            self.trouble
        } else {
            Trouble::None
        }
    }
}

/// What is going on.
pub(crate) enum Work {
    Nothing,
    Script(Run),
    Story(Story),
}

/// A request's place in the list, by which it is marked settled later.
#[derive(Clone, Copy)]
pub(crate) struct Ticket {
    pub(crate) work: u64,
    pub(crate) index: usize,
}

/// Everything that the connections share.
pub(crate) struct State {
    pub(crate) work: Work,
    /// Counts pieces of work, so that what is late can't be taken for the next.
    pub(crate) number: u64,
    pub(crate) token: String,
    pub(crate) closed: Vec<crate::verdict::Verdict>,
}

impl State {
    /// Notes a request and says what becomes of it.
    pub(crate) fn arrive(
        &mut self,
        connection: u64,
        nth: u32,
        request: &Message,
    ) -> (Ticket, Trouble, Duration) {
        let paid = is_paid(request);
        let bearer = format!("Bearer {}", self.token);
        let mut arrival = Arrival {
            step: None,
            paid,
            connection,
            nth,
            followed: request.query("followed").is_some(),
            token: request.header("authorization") == Some(bearer.as_str()),
            at: Instant::now(),
            what: format!("{} {}", request.method, request.path()),
            settled: false,
        };
        let ticket = |index| Ticket {
            work: self.number,
            index,
        };
        match &mut self.work {
            Work::Nothing => (ticket(usize::MAX), Trouble::None, TIME_LIMIT),
            Work::Script(run) => {
                arrival.step = (request.query("step"))
                    .and_then(|step| step.parse::<usize>().ok())
                    .and_then(|step| step.checked_sub(1));
                let step = arrival.step.and_then(|step| run.script.steps.get(step));
                let trouble = match step {
                    Some(step) if !arrival.followed => step.trouble,
                    _ => Trouble::None,
                };
                run.arrivals.push(arrival);
                (ticket(run.arrivals.len() - 1), trouble, TIME_LIMIT)
            }
            Work::Story(story) => {
                // A client may hold tokens of its own making, so that only their absence is a fault.
                arrival.token = request.header("authorization").is_some();
                let trouble = story.meet(paid);
                story.arrivals.push(arrival);
                let limit = Duration::from_millis(story.asked.timeout_ms);
                (ticket(story.arrivals.len() - 1), trouble, limit)
            }
        }
    }

    /// Notes a connection that sent something which nobody reads.
    pub(crate) fn arrive_unread(&mut self, connection: u64) {
        if let Work::Script(run) = &mut self.work {
            let step = (0..run.script.steps.len()).find(|step| !run.said.contains_key(step));
            let paid = step
                .and_then(|step| run.script.steps.get(step))
                .is_some_and(|step| step.paid);
            run.arrivals.push(Arrival {
                step,
                paid,
                connection,
                nth: 1,
                followed: false,
                // It was not read, so it is not judged.
                token: true,
                at: Instant::now(),
                what: "unread".to_owned(),
                settled: false,
            });
        }
    }

    /// True when the next connection is to be left unread.
    pub(crate) fn is_deaf(&self) -> bool {
        match &self.work {
            Work::Script(run) => run.due().is_some_and(|step| step.trouble == Trouble::Deaf),
            _ => false,
        }
    }

    /// Notes that a request was answered whole, by the service.
    pub(crate) fn settle(&mut self, ticket: Ticket) {
        if ticket.work != self.number {
            return;
        }
        let arrivals = match &mut self.work {
            Work::Nothing => return,
            Work::Script(run) => &mut run.arrivals,
            Work::Story(story) => &mut story.arrivals,
        };
        if let Some(arrival) = arrivals.get_mut(ticket.index) {
            arrival.settled = true;
        }
    }

    /// Notes what reached the other origin.
    pub(crate) fn arrive_away(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        let token = text.contains("authorization:") || text.contains(&self.token.to_ascii_lowercase());
        match &mut self.work {
            Work::Nothing => {}
            Work::Script(run) => run.away.push(token),
            Work::Story(story) => story.away.push(token),
        }
    }
}

/// True for a request that charges the account.
pub(crate) fn is_paid(request: &Message) -> bool {
    let path = request.path();
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let state = body.get("state");
    let is_one = state.is_some_and(|state| state.as_i64() == Some(1) || state.as_str() == Some("1"));
    let is_zero = state.is_some_and(|state| state.as_i64() == Some(0) || state.as_str() == Some("0"));
    let test = body.get("test").and_then(Value::as_bool).unwrap_or(false);
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("PUT", ["richiesta", _, "ricerche"]) | ("POST", ["richiesta", _]) => true,
        ("PUT", ["richiesta", _]) => is_one,
        // What is not said to be a draft is paid at once.
        ("POST", ["richiesta"]) => !is_zero && !test,
        ("PATCH", ["requests", _]) => {
            state.and_then(Value::as_str) == Some("SEARCH") || body.get("resultId").is_some()
        }
        ("POST", ["requests"]) => state.and_then(Value::as_str) != Some("NEW"),
        _ => false,
    }
}
