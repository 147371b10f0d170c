//! The journal of a host: kept here, or by the host as texts under keys.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::desk::{Ask, Desk, Reply};
use super::run::{HostEvent, HostStep};
use crate::error::{ErrorCode, SportelloError};
use crate::http::AnswerMode;
use crate::journal::{Duplicates, Entry, EntryKey, Journal, JournalError, Recorded, Scope};
use crate::provider::path_segment;

/// Where the journal is kept.
#[derive(Clone)]
pub enum HostJournal {
    /// Here: in memory, or a file on a phone. A run waits for it where it is asked.
    Inside(Arc<dyn Journal>),
    /// By the host, which is asked by [`HostStep::Load`], [`HostStep::List`] and [`HostStep::Store`]. A second live submission for the same
    /// applicant is looked for just before the first is written, not in one step with it.
    Outside,
}

impl fmt::Debug for HostJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HostJournal::Inside(_) => "Inside",
            HostJournal::Outside => "Outside",
        })
    }
}

/// The journal of one run.
#[derive(Clone)]
pub(super) struct Ledger {
    journal: HostJournal,
    desk: Desk,
    /// What stood under a key when it was last seen, word for word.
    seen: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What became of asking; `Cancelled` goes to the machine.
pub(super) enum Asked<T> {
    Said(T),
    Cancelled,
}

impl Ledger {
    pub(super) fn new(journal: HostJournal, desk: Desk) -> Ledger {
        Ledger {
            journal,
            desk,
            seen: Arc::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn get(&self, key: &EntryKey) -> Result<Option<Entry>, SportelloError> {
        if let HostJournal::Inside(journal) = &self.journal {
            return Ok(journal.get(key)?);
        }
        let name = name_of(key);
        let texts = self.load(HostStep::Load { key: name.clone() }).await?;
        self.take(&name, texts.into_iter().next(), key)
    }

    pub(super) async fn list(&self, scope: &Scope) -> Result<Vec<Entry>, SportelloError> {
        if let HostJournal::Inside(journal) = &self.journal {
            return Ok(journal.list(scope)?);
        }
        let prefix = prefix_of(scope);
        let mut entries: Vec<Entry> = Vec::new();
        for text in self.load(HostStep::List { prefix }).await? {
            let entry = read(&text)?;
            if entry.key.scope == *scope {
                self.seen().insert(name_of(&entry.key), text);
                entries.push(entry);
            }
        }
        entries.sort_by(|a, b| {
            let of = |entry: &Entry| (entry.created_at, entry.key.reference.clone());
            of(a).cmp(&of(b))
        });
        Ok(entries)
    }

    pub(super) async fn record(
        &self,
        entry: &Entry,
        expect_seq: u64,
        duplicates: Duplicates,
    ) -> Result<Asked<Recorded>, SportelloError> {
        if let HostJournal::Inside(journal) = &self.journal {
            return Ok(Asked::Said(journal.record(entry, expect_seq, duplicates)?));
        }
        if expect_seq == 0
            && duplicates == Duplicates::Refuse
            && let Some(mark) = &entry.duplicate_mark
        {
            let others = self.list(&entry.key.scope).await?;
            let same = |other: &&Entry| {
                other.key != entry.key && other.stage.is_live() && other.duplicate_mark.as_ref() == Some(mark)
            };
            if let Some(other) = others.iter().find(same) {
                let reference = other.key.reference.clone();
                return Ok(Asked::Said(Recorded::Duplicate { reference }));
            }
        }
        let text = serde_json::to_string(entry).map_err(|_| ErrorCode::Internal)?;
        self.store(&entry.key, expect_seq, Some(text)).await
    }

    /// False when somebody else wrote meanwhile.
    pub(super) async fn remove(&self, key: &EntryKey, expect_seq: u64) -> Result<bool, SportelloError> {
        if let HostJournal::Inside(journal) = &self.journal {
            return Ok(journal.remove(key, expect_seq)?);
        }
        let stored = self.store(key, expect_seq, None).await?;
        Ok(matches!(stored, Asked::Said(Recorded::Written)))
    }

    async fn store(
        &self,
        key: &EntryKey,
        expect_seq: u64,
        text: Option<String>,
    ) -> Result<Asked<Recorded>, SportelloError> {
        let name = name_of(key);
        let mut expect = self.seen().get(&name).cloned();
        let seq_of = |text: &Option<String>| match text {
            None => Ok(0),
            Some(text) => read(text).map(|entry| entry.seq),
        };
        if seq_of(&expect)? != expect_seq {
            // Not what was seen last: see anew.
            let current = self.get(key).await?;
            expect = self.seen().get(&name).cloned();
            if seq_of(&expect)? != expect_seq {
                return Ok(Asked::Said(Recorded::Conflict(current.map(Box::new))));
            }
        }
        let step = HostStep::Store {
            key: name.clone(),
            expect,
            text: text.clone(),
        };
        match self.ask(step, true).await {
            HostEvent::Stored { written: true, .. } => {
                match text {
                    Some(text) => self.seen().insert(name, text),
                    None => self.seen().remove(&name),
                };
                Ok(Asked::Said(Recorded::Written))
            }
            HostEvent::Stored { current, .. } => {
                let current = self.take(&name, current, key)?;
                Ok(Asked::Said(Recorded::Conflict(current.map(Box::new))))
            }
            HostEvent::Cancelled => Ok(Asked::Cancelled),
            _ => Err(unavailable("the host could not write it")),
        }
    }

    fn take(
        &self,
        name: &str,
        text: Option<String>,
        key: &EntryKey,
    ) -> Result<Option<Entry>, SportelloError> {
        let Some(text) = text else {
            self.seen().remove(name);
            return Ok(None);
        };
        let entry = read(&text)?;
        if entry.key != *key {
            return Err(damaged("an entry stands under another's key"));
        }
        self.seen().insert(name.to_owned(), text);
        Ok(Some(entry))
    }

    async fn load(&self, step: HostStep) -> Result<Vec<String>, SportelloError> {
        match self.ask(step, false).await {
            HostEvent::Loaded(texts) => Ok(texts),
            _ => Err(unavailable("the host could not read it")),
        }
    }

    async fn ask(&self, step: HostStep, of_machine: bool) -> HostEvent {
        let ask = Ask {
            step,
            mode: AnswerMode::Inline,
            of_machine,
        };
        match self.desk.ask(ask).await {
            Reply::Event(event) => event,
            Reply::Answer(_) => HostEvent::JournalFailed,
        }
    }
}

/// How the keys of a scope begin.
fn prefix_of(scope: &Scope) -> String {
    let parts = [&scope.provider, &scope.origin, &scope.account].map(|part| path_segment(part));
    format!("sportello/{}/", parts.join("/"))
}

fn name_of(key: &EntryKey) -> String {
    format!("{}{}", prefix_of(&key.scope), path_segment(&key.reference))
}

fn read(text: &str) -> Result<Entry, SportelloError> {
    serde_json::from_str(text).map_err(|_| damaged("an entry is not what was written"))
}

const PLACE: &str = "of the host";

fn damaged(detail: &str) -> SportelloError {
    let (place, detail) = (PLACE.to_owned(), detail.to_owned());
    JournalError::Corrupt {
        place,
        reference: None,
        detail,
    }
    .into()
}

fn unavailable(detail: &str) -> SportelloError {
    let (place, detail) = (PLACE.to_owned(), detail.to_owned());
    JournalError::Unavailable { place, detail }.into()
}
