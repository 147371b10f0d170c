//! One verb under way, step by step.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::desk::{Ask, Desk, Reply};
use super::verbs::Verbs;
use super::wire::{HostFailure, HostRequest};
use super::{HostClient, Inner};
use crate::error::{ErrorCode, SportelloError};
use crate::flow::{Update, WaitReason};
use crate::http::json_file::JsonFileReader;
use crate::http::pieces::hex;
use crate::http::{AnswerMode, Failure, HttpResponse, MAX_INLINE_BYTES, SinkReceipt};
use crate::model::{Service, ServiceSummary};
use crate::provider::DocumentInfo;
use crate::verb::{Resumed, Submission};

/// The longest file of a delivery that comes within another answer: 512 MiB.
pub(super) const MAX_FILE_BYTES: u64 = 512 * 1024 * 1024;

/// What the host's clocks show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostNow {
    /// The time of day, Unix milliseconds: `Date.now()`.
    pub wall_ms: u64,
    /// Milliseconds since any moment, by a clock that nobody sets: `performance.now()`, `System.nanoTime()`. One that stops while the machine
    /// sleeps only makes waits longer.
    pub steady_ms: u64,
}

/// What is to be done next.
#[derive(Clone, Debug)]
pub enum HostStep {
    /// Perform this request: `Answered` or `Failed`.
    Send(HostRequest),
    /// Wait: `Elapsed`.
    Wait {
        /// How long, milliseconds.
        millis: u64,
        /// Why, for people.
        reason: WaitReason,
    },
    /// Read a part of a file that only the host can read: `Bytes`, or `Failed`. Fewer bytes than asked for are the last.
    Read {
        /// The host's name of it.
        file: String,
        /// From which byte on.
        offset: u64,
        /// At most how many.
        length: u32,
    },
    /// Read the journal that the host keeps: `Loaded` with the text under this key, or with none; or `JournalFailed`.
    Load {
        /// The key.
        key: String,
    },
    /// Read the journal that the host keeps: `Loaded` with every text whose key begins so, in any order; or `JournalFailed`.
    List {
        /// How the keys begin.
        prefix: String,
    },
    /// Write to the journal that the host keeps, durably and in one transaction: when exactly `expect` stands under the key (`None`: nothing),
    /// put `text` there (`None`: remove it). `Stored`, or `JournalFailed` when that can't be said.
    Store {
        /// The key.
        key: String,
        /// What must stand there.
        expect: Option<String>,
        /// What is to stand there.
        text: Option<String>,
    },
    /// Something changed that is watched. Show it, and go on with `Continue`.
    Update(HostUpdate),
    /// The end; nothing follows.
    Done(Result<Box<HostOutcome>, SportelloError>),
}

/// A change of a submission that is watched.
pub type HostUpdate = Box<Update>;

/// What came of a step.
#[derive(Clone)]
pub enum HostEvent {
    /// Begin; or go on after an update.
    Continue,
    /// A whole answer, of whatever status.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The headers, names in any case.
        headers: Vec<(String, String)>,
        /// The body; empty where its pieces were given to [`HostRun::receive`].
        body: Vec<u8>,
    },
    /// No answer, or a file that can't be read.
    Failed(HostFailure),
    /// The wait is over.
    Elapsed,
    /// A part of a file.
    Bytes(Vec<u8>),
    /// Texts of the journal.
    Loaded(Vec<String>),
    /// Whether the text was stored, and what stands there now where it was not.
    Stored {
        /// True when it was written, durably.
        written: bool,
        /// What stands there instead, where something does.
        current: Option<String>,
    },
    /// The journal can't be read or written.
    JournalFailed,
    /// Whoever waited has gone. The run ends; what was sent is not taken back, and the same reference goes on from there.
    Cancelled,
}

impl fmt::Debug for HostEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostEvent::Answered { status, body, .. } => write!(f, "Answered({status}, {} bytes)", body.len()),
            HostEvent::Failed(failure) => write!(f, "Failed({failure:?})"),
            HostEvent::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            HostEvent::Loaded(texts) => write!(f, "Loaded({})", texts.len()),
            HostEvent::Stored { written, .. } => write!(f, "Stored({written})"),
            HostEvent::Continue => f.write_str("Continue"),
            HostEvent::Elapsed => f.write_str("Elapsed"),
            HostEvent::JournalFailed => f.write_str("JournalFailed"),
            HostEvent::Cancelled => f.write_str("Cancelled"),
        }
    }
}

/// How a verb ended well.
#[derive(Clone, Debug)]
pub enum HostOutcome {
    /// The catalogue.
    Services(Vec<ServiceSummary>),
    /// A service.
    Service(Service),
    /// A submission as it stands.
    Submission(Submission),
    /// What the journal knows.
    Submissions(Vec<Submission>),
    /// The last update of what was watched.
    Watched(Update),
    /// The files of a delivery, by number; their bytes are where the host wrote them.
    Delivery(Vec<DocumentInfo>),
    /// One line for each reference.
    Resumed(Vec<Resumed>),
    /// Given up.
    Abandoned,
}

type Work = Pin<Box<dyn Future<Output = Result<HostOutcome, SportelloError>> + Send>>;

/// One verb under way. Dropping it is like `Cancelled`: nothing more is sent.
pub struct HostRun {
    desk: Desk,
    work: Option<Work>,
    expects: Expects,
    of_machine: bool,
    intake: Intake,
}

/// Which events may come now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expects {
    Continue,
    Answer,
    Elapsed,
    Bytes,
    Loaded,
    Stored,
}

impl Expects {
    fn fits(self, event: &HostEvent) -> bool {
        match event {
            HostEvent::Cancelled => true,
            HostEvent::Continue => self == Expects::Continue,
            HostEvent::Answered { .. } => self == Expects::Answer,
            HostEvent::Failed(_) => matches!(self, Expects::Answer | Expects::Bytes),
            HostEvent::Elapsed => self == Expects::Elapsed,
            HostEvent::Bytes(_) => self == Expects::Bytes,
            HostEvent::Loaded(_) => self == Expects::Loaded,
            HostEvent::Stored { .. } => self == Expects::Stored,
            HostEvent::JournalFailed => matches!(self, Expects::Loaded | Expects::Stored),
        }
    }
}

impl HostClient {
    pub(super) fn run<F>(&self, verb: impl FnOnce(Verbs) -> F) -> HostRun
    where
        F: Future<Output = Result<HostOutcome, SportelloError>> + Send + 'static,
    {
        let (desk, client): (Desk, Arc<Inner>) = (Desk::default(), Arc::clone(&self.inner));
        HostRun {
            work: Some(Box::pin(verb(Verbs::new(client, desk.clone())))),
            desk,
            expects: Expects::Continue,
            of_machine: false,
            intake: Intake::default(),
        }
    }
}

impl HostRun {
    /// Takes what came of the last step (at the beginning `Continue`) and says what to do next. Where the client was given a journal on disk
    /// it waits for that.
    ///
    /// # Errors
    /// `flow.misuse`: the event is no answer to the last step, or the run is over. The run stands where it stood.
    pub fn next(&mut self, event: HostEvent, now: HostNow) -> Result<HostStep, SportelloError> {
        let Some(work) = self.work.as_mut().filter(|_| self.expects.fits(&event)) else {
            return Err(ErrorCode::FlowMisuse.into());
        };
        let reply = match event {
            HostEvent::Cancelled if !self.of_machine => {
                self.work = None;
                return Ok(HostStep::Done(Err(ErrorCode::Cancelled.into())));
            }
            HostEvent::Answered {
                status,
                headers,
                body,
            } => Reply::Answer(std::mem::take(&mut self.intake).answer(status, headers, body)),
            HostEvent::Failed(failure) if self.expects == Expects::Answer => {
                Reply::Answer(Err(failure.failure()))
            }
            event => Reply::Event(event),
        };
        self.desk.put(reply, now);
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => {
                self.work = None;
                Ok(HostStep::Done(outcome.map(Box::new)))
            }
            Poll::Pending => self.asked(),
        }
    }

    fn asked(&mut self) -> Result<HostStep, SportelloError> {
        let Some(Ask {
            step,
            mode,
            of_machine,
        }) = self.desk.take()
        else {
            // A verb waits for the desk only.
            self.work = None;
            return Ok(HostStep::Done(Err(ErrorCode::Internal.into())));
        };
        self.of_machine = of_machine;
        self.expects = match &step {
            HostStep::Send(_) => Expects::Answer,
            HostStep::Wait { .. } => Expects::Elapsed,
            HostStep::Read { .. } => Expects::Bytes,
            HostStep::Load { .. } | HostStep::List { .. } => Expects::Loaded,
            HostStep::Store { .. } => Expects::Stored,
            HostStep::Update(_) | HostStep::Done(_) => Expects::Continue,
        };
        self.intake = Intake::of(mode);
        Ok(step)
    }

    /// Takes in the next piece of a delivery's file, while the answer to a request with a [`HostRequest::file`] and status 200 comes in, and gives
    /// back what is to be written: begin the file of that number anew with each request. Length and digest are counted here.
    ///
    /// # Errors
    /// `answer.unreadable`: too long, or not what was asked for. Stop reading, and say [`HostFailure::Unreadable`].
    pub fn receive(&mut self, piece: &[u8]) -> Result<Vec<u8>, SportelloError> {
        self.intake
            .receive(piece)
            .ok_or_else(|| ErrorCode::AnswerUnreadable.into())
    }
}

impl fmt::Debug for HostRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostRun")
            .field("over", &self.work.is_none())
            .finish_non_exhaustive()
    }
}

/// How the answer of the last request is taken in.
#[derive(Default)]
enum Intake {
    #[default]
    Inline,
    Json(Box<JsonFileReader>, Counted),
    File(u64, Counted),
    /// Something came that may not.
    Broken,
}

#[derive(Default)]
struct Counted {
    len: u64,
    digest: Sha256,
}

impl Counted {
    fn take(&mut self, bytes: &[u8]) {
        self.len += bytes.len() as u64;
        self.digest.update(bytes);
    }

    fn receipt(self) -> SinkReceipt {
        SinkReceipt {
            len: self.len,
            sha256: hex(&self.digest.finalize()),
            md5: None,
        }
    }
}

impl Intake {
    fn of(mode: AnswerMode) -> Intake {
        match mode {
            AnswerMode::Inline => Intake::Inline,
            AnswerMode::JsonFile(path) => Intake::Json(
                Box::new(JsonFileReader::new(path, MAX_FILE_BYTES)),
                Counted::default(),
            ),
            AnswerMode::File { max_bytes, .. } => {
                Intake::File(max_bytes.min(MAX_FILE_BYTES), Counted::default())
            }
        }
    }

    fn receive(&mut self, piece: &[u8]) -> Option<Vec<u8>> {
        let written = match self {
            Intake::Inline | Intake::Broken => None,
            Intake::Json(reader, counted) => {
                let mut out = Vec::new();
                let mut sink = |bytes: &[u8]| {
                    counted.take(bytes);
                    out.extend_from_slice(bytes);
                    Ok(())
                };
                reader.push(piece, &mut sink).ok().map(|()| out)
            }
            Intake::File(most, counted) => {
                counted.take(piece);
                (counted.len <= *most).then(|| piece.to_vec())
            }
        };
        if written.is_none() {
            *self = Intake::Broken;
        }
        written
    }

    fn answer(
        mut self,
        status: u16,
        headers: Vec<(String, String)>,
        mut body: Vec<u8>,
    ) -> Result<HttpResponse, Failure> {
        let named = headers
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value));
        // Cookies are not kept: they may be somebody's session.
        let headers = named.filter(|(name, _)| name != "set-cookie").collect();
        let mut sink = None;
        if status == 200 && !matches!(self, Intake::Inline) {
            if !body.is_empty() {
                self.receive(&body);
            }
            match self {
                Intake::Json(reader, counted) => {
                    let end = reader.finish().map_err(|_| Failure::Unreadable)?;
                    sink = end.found.then(|| counted.receipt());
                    body = end.rest;
                }
                Intake::File(_, counted) => (sink, body) = (Some(counted.receipt()), Vec::new()),
                Intake::Inline | Intake::Broken => return Err(Failure::Unreadable),
            }
        } else if body.len() > MAX_INLINE_BYTES {
            // An error page of any length says enough by its status; a success is read whole or not at all.
            if status < 400 {
                return Err(Failure::Unreadable);
            }
            body = Vec::new();
        }
        Ok(HttpResponse {
            status,
            headers,
            body,
            sink,
        })
    }
}
