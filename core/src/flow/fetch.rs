//! Fetching the documents into sinks, and journalling what came.
//!
//! A delivery is one file that comes with the call itself, or a list of where its files lie. Where they lie is asked anew when
//! an address has run out, or is refused as if it had.

use std::sync::Arc;

use super::free::{CallFailure, Free, Turn};
use super::{Event, FlowError, Machine, Policy, Step, about};
use crate::error::{ErrorCode, SportelloError};
use crate::http::{HttpRequest, HttpResponse};
use crate::journal::{Duplicates, Entry, FetchedFile, PurchaseKind, Recorded};
use crate::provider::{CallError, DocumentInfo, Documents, Hint, Location, Provider, RemoteFile};

/// How many times the list of files is asked for anew.
const MAX_LISTS: u32 = 3;
/// An address is not used when it runs out within this, milliseconds.
const MARGIN_MS: u64 = 5_000;
/// The longest file that is fetched when its length was not declared: 512 MiB.
const MAX_FILE_BYTES: u64 = 536_870_912;

/// The machine that fetches a delivery. The driver owns the sinks, one for each number of a file, and empties a sink before each `Send`
/// into it.
pub struct FetchFlow {
    provider: Arc<dyn Provider>,
    policy: Policy,
    entry: Entry,
    state: State,
    /// What came so far, in the order of the list.
    fetched: Vec<DocumentInfo>,
    lists: u32,
    salt: u64,
}

enum State {
    New,
    Listing(Free),
    /// The file after those fetched.
    Fetching(Free, Vec<RemoteFile>),
    Recording,
    Over,
}

type Output = Vec<DocumentInfo>;
type Next = Result<Step<Output>, FlowError>;

impl FetchFlow {
    /// A machine for the delivery of a submission that the journal holds.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>, policy: Policy, entry: Entry) -> FetchFlow {
        FetchFlow {
            provider,
            policy,
            entry,
            state: State::New,
            fetched: Vec::new(),
            lists: 0,
            salt: 0,
        }
    }

    fn begin(&mut self, request: HttpRequest, state: impl FnOnce(Free) -> State) -> Next {
        self.salt += 1;
        let (call, go) = Free::begin(request, &self.policy, self.salt);
        self.state = state(call);
        Ok(go.step())
    }

    fn list(&mut self) -> Next {
        let Some(id) = self.entry.id.as_deref() else {
            return self.fail(ErrorCode::NotCommitted.into());
        };
        self.lists += 1;
        let request = self.provider.get_documents(id);
        self.begin(request, State::Listing)
    }

    fn listed(&mut self, now: u64, documents: Documents) -> Next {
        match documents {
            Documents::Fetched(info) => {
                self.fetched = vec![info];
                self.record(now)
            }
            Documents::Listed(files) => {
                // A list of other files than before: what was fetched belongs to none of them.
                let same = |(fetched, file): (&DocumentInfo, &RemoteFile)| fetched.name == file.name;
                if self.fetched.len() > files.len() || !self.fetched.iter().zip(&files).all(same) {
                    self.fetched.clear();
                }
                self.next_file(now, files)
            }
        }
    }

    fn next_file(&mut self, now: u64, files: Vec<RemoteFile>) -> Next {
        let number = self.fetched.len();
        let Some(file) = files.get(number) else {
            return self.record(now);
        };
        let expired = file
            .expires_at
            .is_some_and(|at| at.saturating_mul(1000) <= now.saturating_add(MARGIN_MS));
        if expired && self.lists < MAX_LISTS {
            return self.list();
        }
        let max_bytes = file.len.unwrap_or(MAX_FILE_BYTES);
        let request = match &file.location {
            Location::Signed(url) => {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                HttpRequest::signed_file(url.clone(), number, max_bytes)
            }
            Location::Within(file) => {
                let id = self.entry.id.as_deref().unwrap_or_default();
                self.provider.get_file(id, *file, max_bytes)
            }
        };
        self.begin(request, |call| State::Fetching(call, files))
    }

    fn record(&mut self, now: u64) -> Next {
        let mut entry = self.entry.clone();
        for info in &self.fetched {
            entry.files.retain(|file| file.name != info.name);
            entry.files.push(FetchedFile {
                name: info.name.clone(),
                len: info.len,
                sha256: info.sha256.clone(),
                fetched_at: now,
            });
        }
        let expect_seq = entry.seq;
        (entry.seq, entry.updated_at) = (expect_seq + 1, now);
        self.state = State::Recording;
        Ok(Step::Record {
            entry: Box::new(entry),
            expect_seq,
            duplicates: Duplicates::Allow,
        })
    }

    fn finish(&mut self) -> Next {
        Ok(Step::Finished(Ok(std::mem::take(&mut self.fetched))))
    }

    fn fail(&mut self, error: SportelloError) -> Next {
        self.state = State::Over;
        let charged = super::submit::charged(&self.entry, PurchaseKind::Submit);
        Ok(Step::Finished(Err(about(error, &self.entry, charged))))
    }

    fn file_gone(&mut self, failure: CallFailure) -> Next {
        if failure.hint() == Hint::Missing && self.lists < MAX_LISTS {
            return self.list();
        }
        self.fail(failure.into())
    }
}

/// A file in its sink, when it is the one that was announced.
fn read_file(file: Option<&RemoteFile>, response: &HttpResponse) -> Result<DocumentInfo, CallError> {
    let refuse = |code, hint| CallError {
        code,
        http_status: response.status,
        api_code: None,
        definite: false,
        hint,
        fields: Vec::new(),
    };
    match response.status {
        200 => {}
        // An address that has run out is refused in one of these ways.
        400 | 401 | 403 | 404 | 410 => return Err(refuse(ErrorCode::DeliveryLinkRefused, Hint::Missing)),
        300..=399 => return Err(refuse(ErrorCode::NetworkRedirect, Hint::None)),
        429 => return Err(refuse(ErrorCode::ProviderRateLimited, Hint::Transient)),
        _ => return Err(refuse(ErrorCode::ProviderUnavailable, Hint::Transient)),
    }
    let corrupt = || refuse(ErrorCode::DeliveryCorrupt, Hint::None);
    let (file, sink) = file.zip(response.sink.as_ref()).ok_or_else(corrupt)?;
    let as_declared = file.len.is_none_or(|len| len == sink.len)
        && file.md5.as_ref().is_none_or(|md5| sink.md5.as_ref() == Some(md5))
        && (file.sha256.as_ref()).is_none_or(|sha256| sha256.eq_ignore_ascii_case(&sink.sha256));
    if sink.len == 0 || !as_declared {
        return Err(corrupt());
    }
    Ok(DocumentInfo {
        name: file.name.clone(),
        mime: file.mime.clone(),
        len: sink.len,
        sha256: sink.sha256.clone(),
    })
}

impl Machine for FetchFlow {
    type Output = Output;

    fn advance(&mut self, now: u64, event: Event) -> Next {
        if let Event::Cancelled = event {
            return self.fail(ErrorCode::Cancelled.into());
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::New => match event {
                Event::Started => self.list(),
                _ => Err(FlowError),
            },
            State::Listing(mut call) => {
                let provider = Arc::clone(&self.provider);
                match call.on(now, event, |_, response| provider.read_documents(response))? {
                    Turn::Go(go) => {
                        self.state = State::Listing(call);
                        Ok(go.step())
                    }
                    Turn::Done(documents) => self.listed(now, documents),
                    Turn::Gone(failure) => self.fail(failure.into()),
                }
            }
            State::Fetching(mut call, files) => {
                let file = files.get(self.fetched.len());
                match call.on(now, event, |_, response| read_file(file, response))? {
                    Turn::Go(go) => {
                        self.state = State::Fetching(call, files);
                        Ok(go.step())
                    }
                    Turn::Done(info) => {
                        self.fetched.push(info);
                        self.next_file(now, files)
                    }
                    Turn::Gone(failure) => self.file_gone(failure),
                }
            }
            State::Recording => match event {
                // Another process changed the entry meanwhile: what was fetched is added to what it wrote.
                Event::Recorded(Recorded::Conflict(Some(current))) => {
                    self.entry = *current;
                    self.record(now)
                }
                // Written; or there is nothing any more to add it to, and what was fetched was fetched.
                Event::Recorded(_) => self.finish(),
                Event::RecordFailed(error) => self.fail(error),
                _ => Err(FlowError),
            },
            State::Over => Err(FlowError),
        }
    }
}
