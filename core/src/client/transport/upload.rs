//! A body that is read, encoded and checked while it is sent.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, watch};

use crate::http::pieces::{Pieces, hex};
use crate::http::{Body, Failure, Segment};
use crate::model::Source;

/// How much is sent at once.
const PIECE: usize = 64 * 1024;
/// How many pieces may wait for the connection.
const AHEAD: usize = 4;
/// The longest body that is made in one piece from files in memory; a thread of its own costs more than it saves below this.
const SMALL: u64 = 512 * 1024;

type Waiting = mpsc::Receiver<Result<Bytes, Failure>>;

/// The sending side of one request, kept by the one who waits for the answer. Dropping it stops the upload: a body that
/// still has something to send is then never completed.
pub(super) struct Upload {
    shared: Arc<Shared>,
    sent: watch::Receiver<u64>,
    streamed: bool,
}

struct Shared {
    state: Mutex<State>,
    sent: watch::Sender<u64>,
}

enum State {
    /// Nothing has been read: files are opened when the connection stands.
    Ready(Vec<Segment>),
    Running(Waiting, Option<Waker>),
    Over(Option<Failure>),
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic can't leave the state half changed: every change is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    /// The two sides of sending `body`.
    pub(super) fn new(body: &Body) -> (Upload, reqwest::Body) {
        let (sender, sent) = watch::channel(0);
        let len = body.content_length();
        if let Some(whole) = joined(body) {
            // Small: in one piece, so that head and body leave together.
            let shared = Shared {
                state: Mutex::new(State::Over(None)),
                sent: sender,
            };
            let upload = Upload {
                shared: Arc::new(shared),
                sent,
                streamed: false,
            };
            return (upload, reqwest::Body::from(whole));
        }
        let state = Mutex::new(State::Ready(body.segments().to_vec()));
        let shared = Arc::new(Shared { state, sent: sender });
        let pieces = UploadBody {
            shared: Arc::clone(&shared),
            remaining: len,
        };
        (
            Upload {
                shared,
                sent,
                streamed: true,
            },
            reqwest::Body::wrap(pieces),
        )
    }

    /// Waits until more has been handed to the connection, and gives the new total.
    pub(super) async fn progress(&mut self) -> u64 {
        match self.sent.changed().await {
            Ok(()) => *self.sent.borrow_and_update(),
            Err(_) => std::future::pending().await,
        }
    }

    /// How many of `total` bytes were handed to the connection, seen when the answer has come.
    pub(super) fn sent_of(&self, total: u64) -> u64 {
        if self.streamed { *self.sent.borrow() } else { total }
    }

    /// Why the body was not completed, when the reason is a file.
    pub(super) fn failure(&self) -> Option<Failure> {
        match &*self.shared.state() {
            State::Over(failure) => *failure,
            State::Ready(_) | State::Running(..) => None,
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        // The reading thread ends with its channel; the connection may be waiting for it and has to be told.
        if let State::Running(_, waker) = &mut *state
            && let Some(waker) = waker.take()
        {
            waker.wake();
        }
        if !matches!(*state, State::Over(_)) {
            *state = State::Over(None);
        }
    }
}

/// The body in one piece: where no file has to be read for it, and where its files are in memory anyway and small. A file that is not what was announced is left
/// to the other way of sending, which says so.
fn joined(body: &Body) -> Option<Vec<u8>> {
    let length = body.content_length();
    let mut whole = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => whole.extend_from_slice(bytes),
            Segment::Text(text) => whole.extend_from_slice(text.as_bytes()),
            Segment::Base64 {
                source: Source::Bytes(bytes),
                size,
                sha256,
            } if length <= SMALL => {
                if !is_announced(bytes, *size, sha256.as_deref()) {
                    return None;
                }
                let base64 = STANDARD.encode(bytes);
                whole.extend_from_slice(base64.as_bytes());
            }
            Segment::File {
                source: Source::Bytes(bytes),
                size,
                sha256,
            } if length <= SMALL => {
                if !is_announced(bytes, *size, sha256.as_deref()) {
                    return None;
                }
                whole.extend_from_slice(bytes);
            }
            Segment::Base64 { .. } | Segment::File { .. } => return None,
        }
    }
    Some(whole)
}

fn is_announced(bytes: &[u8], size: u64, sha256: Option<&str>) -> bool {
    let announced = sha256.filter(|sha256| !sha256.is_empty());
    bytes.len() as u64 == size && announced.is_none_or(|sha256| sha256 == sha256_hex(bytes))
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The side that the connection reads.
struct UploadBody {
    shared: Arc<Shared>,
    remaining: u64,
}

/// Ends a request before its end. The reason stays in [`Upload::failure`].
#[derive(Debug, thiserror::Error)]
#[error("the upload was given up")]
struct GivenUp;

impl UploadBody {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, GivenUp>> {
        let mut state = self.shared.state();
        if let State::Ready(segments) = &mut *state {
            let segments = std::mem::take(segments);
            let (out, pieces) = mpsc::channel(AHEAD);
            tokio::task::spawn_blocking(move || produce(&segments, &out));
            *state = State::Running(pieces, None);
        }
        let State::Running(pieces, waker) = &mut *state else {
            return Poll::Ready(Err(GivenUp));
        };
        let failure = match pieces.poll_recv(cx) {
            Poll::Pending => {
                *waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(Some(Ok(piece))) if piece.len() as u64 <= self.remaining => {
                return Poll::Ready(Ok(piece));
            }
            Poll::Ready(Some(Ok(_))) => Failure::SourceChanged,
            Poll::Ready(Some(Err(failure))) => failure,
            // The reader ended without a word: a caller's own source has panicked.
            Poll::Ready(None) => Failure::SourceUnreadable,
        };
        *state = State::Over(Some(failure));
        Poll::Ready(Err(GivenUp))
    }
}

impl http_body::Body for UploadBody {
    type Data = Bytes;
    type Error = GivenUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, GivenUp>>> {
        if self.remaining == 0 {
            return Poll::Ready(None);
        }
        match self.poll_piece(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(given_up)) => Poll::Ready(Some(Err(given_up))),
            Poll::Ready(Ok(piece)) => {
                let len = piece.len() as u64;
                self.remaining = self.remaining.saturating_sub(len);
                self.shared
                    .sent
                    .send_modify(|sent| *sent = sent.saturating_add(len));
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}

type Out = mpsc::Sender<Result<Bytes, Failure>>;

/// Runs on a blocking thread; waits while the connection is slower than the disk, and ends when nobody wants more.
fn produce(segments: &[Segment], out: &Out) {
    for piece in Pieces::new(segments) {
        let given = match piece {
            Ok(piece) => give(Bytes::from(piece), out),
            Err(failure) => out.blocking_send(Err(failure)).is_ok(),
        };
        if !given {
            return;
        }
    }
}

/// Hands a piece on, in parts that are not too long; false when nobody wants it.
fn give(mut piece: Bytes, out: &Out) -> bool {
    while !piece.is_empty() {
        let part = piece.split_to(piece.len().min(PIECE));
        if out.blocking_send(Ok(part)).is_err() {
            return false;
        }
    }
    true
}
