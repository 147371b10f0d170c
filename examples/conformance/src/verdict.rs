//! Whether the driver under test behaved.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::scripts::{Said, Trouble};
use crate::state::{Arrival, Run, Story, TIME_LIMIT};

/// How much longer than its time limit a driver may take to say that there is no answer.
const GRACE: Duration = Duration::from_secs(2);

/// A quiet period is measured on two clocks, and a connection takes its time.
const SLACK: Duration = Duration::from_millis(50);

/// What was found about one script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The script.
    pub name: String,
    /// True for a whole client's story, false for a list of calls.
    pub story: bool,
    /// True when nothing was found.
    pub good: bool,
    /// What was found, in words that begin with a stable code: `paid_twice`, `not_fresh`, `connection_used_again`, `redirect_followed`,
    /// `token_leaked`, `token_missing`, `said_not_sent`, `said_wrong`, `too_slow`, `not_performed`, `not_said`, `sent_again_too_soon`,
    /// `charged_twice`, `nothing_paid`, `trouble_not_met`.
    pub problems: Vec<String>,
}

/// What the ledger holds, by submission.
pub(crate) type Charges = BTreeMap<String, usize>;

fn verdict(name: &str, story: bool, problems: Vec<String>) -> Verdict {
    Verdict {
        name: name.to_owned(),
        story,
        good: problems.is_empty(),
        problems,
    }
}

/// What holds for every request, whoever sends it.
fn common(arrivals: &[Arrival], away: &[bool], problems: &mut Vec<String>) {
    for paid in arrivals.iter().filter(|arrival| arrival.paid) {
        if paid.nth != 1 {
            let nth = paid.nth;
            problems.push(format!(
                "not_fresh: a paid call was request {nth} on its connection"
            ));
        }
        let after = |other: &&Arrival| other.connection == paid.connection && other.nth > paid.nth;
        if arrivals.iter().any(|other| after(&other)) {
            problems
                .push("connection_used_again: something followed a paid call on its connection".to_owned());
        }
    }
    if arrivals.iter().any(|arrival| arrival.followed) || !away.is_empty() {
        problems.push("redirect_followed: a redirect was followed".to_owned());
    }
    if away.iter().any(|token| *token) {
        problems.push("token_leaked: the token reached another origin".to_owned());
    }
    if arrivals.iter().any(|arrival| !arrival.token) {
        problems.push("token_missing: a call came without the token, or with another".to_owned());
    }
}

pub(crate) fn of_run(run: &Run, charges: &Charges) -> Verdict {
    let mut problems = Vec::new();
    common(&run.arrivals, &run.away, &mut problems);
    for (index, step) in run.script.steps.iter().enumerate() {
        let call = format!("call {}", index + 1);
        let mine: Vec<&Arrival> = (run.arrivals.iter())
            .filter(|arrival| arrival.step == Some(index))
            .collect();
        if step.paid && mine.len() > 1 {
            problems.push(format!("paid_twice: {call} was sent {} times", mine.len()));
        }
        if mine.is_empty() && step.trouble != Trouble::Refused {
            problems.push(format!("not_performed: {call} never came"));
        }
        let Some((said, status, at)) = run.said.get(&index) else {
            problems.push(format!("not_said: nothing was said of {call}"));
            continue;
        };
        if *said == Said::NotSent && !mine.is_empty() {
            problems.push(format!(
                "said_not_sent: {call} was sent, and may have taken effect"
            ));
        }
        let right_status = *said != Said::Answered || *status == step.status;
        if !step.may_say.contains(said) || !right_status {
            problems.push(format!("said_wrong: of {call} it was said `{said:?}` {status}"));
        }
        let late = |first: &&Arrival| at.saturating_duration_since(first.at) > TIME_LIMIT + GRACE;
        if mine.first().is_some_and(late) {
            problems.push(format!("too_slow: {call} was waited for beyond its time limit"));
        }
    }
    for id in &run.ids {
        let times = charges.get(id).copied().unwrap_or_default();
        if times > 1 {
            problems.push(format!("charged_twice: one draft was charged {times} times"));
        }
    }
    verdict(run.script.name, false, problems)
}

pub(crate) fn of_story(story: &Story, charges: &Charges) -> Verdict {
    let mut problems = Vec::new();
    common(&story.arrivals, &story.away, &mut problems);
    let paid: Vec<&Arrival> = story.arrivals.iter().filter(|arrival| arrival.paid).collect();
    if paid.is_empty() {
        problems.push("nothing_paid: no paid call came".to_owned());
    }
    if story.met == 0 {
        problems.push("trouble_not_met: no call met the trouble".to_owned());
    }
    let quiet = Duration::from_millis(story.asked.quiet_ms).saturating_sub(SLACK);
    for (index, later) in paid.iter().enumerate() {
        let earlier = paid
            .iter()
            .take(index)
            .rev()
            .find(|earlier| earlier.what == later.what);
        let Some(earlier) = earlier.filter(|earlier| !earlier.settled) else {
            continue;
        };
        let passed = later.at.saturating_duration_since(earlier.at);
        if passed < quiet {
            let millis = passed.as_millis();
            problems.push(format!(
                "sent_again_too_soon: a paid call came again after {millis} ms"
            ));
        }
    }
    for times in charges.values().filter(|times| **times > 1) {
        problems.push(format!("charged_twice: one draft was charged {times} times"));
    }
    verdict(&story.asked.script, true, problems)
}
