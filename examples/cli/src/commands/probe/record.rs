//! How long drafts live: found out by looking again at those of an earlier run.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sportello::model::Phase;

use super::ask::{Draft, Probe, now};
use crate::exit::Stop;

/// What is remembered between two runs.
#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    provider: String,
    origin: String,
    drafts: Vec<Remembered>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Remembered {
    id: String,
    /// Unix milliseconds.
    opened_at: u64,
    /// When it was last seen open, Unix milliseconds.
    open_at: u64,
}

fn local(path: &Path, error: &dyn std::fmt::Display) -> Stop {
    Stop::local(format!("`{}`: {error}", path.display()))
}

/// Looks at what an earlier run left, if there was one; what is still open goes on being watched.
pub(super) async fn look_again(probe: &mut Probe, path: Option<&Path>) -> Result<(), Stop> {
    let question = "How long does a draft live?";
    let Some(path) = path.filter(|path| path.exists()) else {
        let evidence = "one look only: --record FILE, and the same command again later";
        probe.found("draft_lifetime_ms", question, None, evidence);
        return Ok(());
    };
    let text = std::fs::read_to_string(path).map_err(|error| local(path, &error))?;
    let record: Record = serde_json::from_str(&text).map_err(|error| local(path, &error))?;
    if record.provider != probe.provider.name() || record.origin != probe.transport.origin() {
        return Err(Stop::usage(format!(
            "`{}` is the record of another provider or place",
            path.display()
        )));
    }
    let (mut longest_alive, mut shortest_dead) = (0, u64::MAX);
    for draft in record.drafts {
        let seen = probe.look(&draft.id).await?;
        let age = now().saturating_sub(draft.opened_at);
        longest_alive = longest_alive.max(draft.open_at.saturating_sub(draft.opened_at));
        match seen.remote.as_ref().map(|remote| remote.phase) {
            Some(Phase::Open) => {
                longest_alive = longest_alive.max(age);
                probe.drafts.push(Draft {
                    id: draft.id,
                    opened_at: draft.opened_at,
                    open_at: now(),
                });
            }
            Some(Phase::Dead) => shortest_dead = shortest_dead.min(age),
            None if seen.status == 404 => shortest_dead = shortest_dead.min(age),
            // Committed by a paid question, or unknown.
            Some(Phase::Committed | Phase::Unknown) | None => {}
        }
    }
    let (value, evidence) = match shortest_dead {
        u64::MAX => (
            None,
            format!("still open after {longest_alive} ms; look again later"),
        ),
        dead => (
            Some(json!(dead)),
            format!("open after {longest_alive} ms, dead after {dead} ms"),
        ),
    };
    probe.found("draft_lifetime_ms", question, value, evidence);
    Ok(())
}

/// Remembers the drafts for the next look.
pub(super) fn keep(probe: &Probe, path: Option<&Path>) -> Result<(), Stop> {
    let Some(path) = path else {
        return Ok(());
    };
    let remember = |draft: &Draft| Remembered {
        id: draft.id.clone(),
        opened_at: draft.opened_at,
        open_at: draft.open_at,
    };
    let record = Record {
        provider: probe.provider.name().to_owned(),
        origin: probe.transport.origin().to_owned(),
        drafts: probe.drafts.iter().map(remember).collect(),
    };
    let text = serde_json::to_string_pretty(&record).map_err(|error| local(path, &error))?;
    std::fs::write(path, text).map_err(|error| local(path, &error))
}
