//! Fetching the documents into a sink, and journalling what came.

use std::sync::Arc;

use super::free::{Free, Turn};
use super::{Event, FlowError, Machine, Policy, Step, about};
use crate::error::{ErrorCode, SportelloError};
use crate::journal::{Duplicates, Entry, FetchedFile, PurchaseKind, Recorded};
use crate::provider::{DocumentInfo, Provider};

/// The machine that fetches a delivery. The driver owns the sink and empties it before each `Send`.
pub struct FetchFlow {
    provider: Arc<dyn Provider>,
    policy: Policy,
    entry: Entry,
    state: State,
}

enum State {
    New,
    Fetching(Free),
    Recording(DocumentInfo),
    Over,
}

impl FetchFlow {
    /// A machine for the delivery of a submission that the journal holds.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>, policy: Policy, entry: Entry) -> FetchFlow {
        FetchFlow {
            provider,
            policy,
            entry,
            state: State::New,
        }
    }

    fn record(&mut self, now: u64, info: DocumentInfo) -> Step<DocumentInfo> {
        let mut entry = self.entry.clone();
        entry.files.retain(|file| file.name != info.name);
        entry.files.push(FetchedFile {
            name: info.name.clone(),
            len: info.len,
            sha256: info.sha256.clone(),
            fetched_at: now,
        });
        let expect_seq = entry.seq;
        (entry.seq, entry.updated_at) = (expect_seq + 1, now);
        self.state = State::Recording(info);
        Step::Record {
            entry: Box::new(entry),
            expect_seq,
            duplicates: Duplicates::Allow,
        }
    }

    fn fail(&self, error: SportelloError) -> Step<DocumentInfo> {
        let charged = super::submit::charged(&self.entry, PurchaseKind::Submit);
        Step::Finished(Err(about(error, &self.entry, charged)))
    }
}

impl Machine for FetchFlow {
    type Output = DocumentInfo;

    fn advance(&mut self, now: u64, event: Event) -> Result<Step<DocumentInfo>, FlowError> {
        if let Event::Cancelled = event {
            return Ok(self.fail(ErrorCode::Cancelled.into()));
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::New => {
                let Event::Started = event else {
                    return Err(FlowError);
                };
                let Some(id) = self.entry.id.as_deref() else {
                    return Ok(self.fail(ErrorCode::NotCommitted.into()));
                };
                let (call, go) = Free::begin(self.provider.get_document(id), &self.policy, 0);
                self.state = State::Fetching(call);
                Ok(go.step())
            }
            State::Fetching(mut call) => {
                let provider = Arc::clone(&self.provider);
                match call.on(now, event, |_, response| provider.read_document(response))? {
                    Turn::Go(go) => {
                        self.state = State::Fetching(call);
                        Ok(go.step())
                    }
                    Turn::Done(info) => Ok(self.record(now, info)),
                    Turn::Gone(failure) => Ok(self.fail(failure.into())),
                }
            }
            State::Recording(info) => match event {
                Event::Recorded(Recorded::Written) => Ok(Step::Finished(Ok(info))),
                // Another process changed the entry meanwhile: what was fetched is added to what it wrote.
                Event::Recorded(Recorded::Conflict(Some(current))) => {
                    self.entry = *current;
                    Ok(self.record(now, info))
                }
                Event::Recorded(_) => Ok(Step::Finished(Ok(info))),
                Event::RecordFailed(error) => Ok(self.fail(error)),
                _ => Err(FlowError),
            },
            State::Over => Err(FlowError),
        }
    }
}
