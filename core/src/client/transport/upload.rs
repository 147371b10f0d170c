//! Bodies on their way up: segments read, encoded and handed over in small pieces, never whole.

use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::http::{Body, Failure, Segment};
use crate::model::Source;

/// A piece of a file: a multiple of three, so that its base64 has no padding before the end.
const PIECE: usize = 48 * 1024;

/// An upload under way, seen from the side that waits for the answer.
pub(super) struct Upload {
    shared: Arc<Shared>,
    length: u64,
}

#[derive(Default)]
struct Shared {
    sent: AtomicU64,
    failed: AtomicU8,
}

const CHANGED: u8 = 1;
const UNREADABLE: u8 = 2;

impl Upload {
    /// Starts reading; the stream is the request's body.
    pub(super) fn start(body: Body, length: u64) -> (Stream, Upload) {
        let shared = Arc::new(Shared::default());
        let stream = match plain(&body) {
            Some(text) => Stream { pieces: None, first: Some(text), shared: Arc::clone(&shared) },
            None => {
                // Two pieces wait at the most; a reader whose connection is gone stops at the next.
                let (send, pieces) = mpsc::channel(2);
                let failed = Arc::clone(&shared);
                tokio::task::spawn_blocking(move || read(&body, &send, &failed));
                Stream { pieces: Some(pieces), first: None, shared: Arc::clone(&shared) }
            }
        };
        (stream, Upload { shared, length })
    }

    /// Why the body broke off.
    pub(super) fn failure(&self) -> Option<Failure> {
        match self.shared.failed.load(Ordering::SeqCst) {
            CHANGED => Some(Failure::SourceChanged),
            UNREADABLE => Some(Failure::SourceUnreadable),
            _ => None,
        }
    }

    /// Waits for the answer and reports meanwhile.
    pub(super) async fn watch<T>(&self, sending: impl Future<Output = T>, report: &(dyn Fn(u64, u64) + Send + Sync)) -> T {
        let mut sending = std::pin::pin!(sending);
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        let mut last = None;
        loop {
            tokio::select! {
                answer = &mut sending => return answer,
                _ = tick.tick() => {
                    let sent = self.shared.sent.load(Ordering::Relaxed);
                    if last.replace(sent) != Some(sent) {
                        report(sent, self.length);
                    }
                }
            }
        }
    }
}

/// A body without files, in one piece.
fn plain(body: &Body) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => out.extend_from_slice(bytes),
            Segment::Text(text) => out.extend_from_slice(text.as_bytes()),
            Segment::Base64 { .. } => return None,
        }
    }
    Some(out)
}

/// Hands over the pieces of a body. On a failure it stops short of the announced length, so that no server can take what it has for the whole.
fn read(body: &Body, send: &mpsc::Sender<Vec<u8>>, shared: &Shared) {
    for segment in body.segments() {
        let sent = match segment {
            Segment::Bytes(bytes) => send.blocking_send(bytes.clone()).is_ok(),
            Segment::Text(text) => send.blocking_send(text.clone().into_bytes()).is_ok(),
            Segment::Base64 { source, size, sha256 } => match read_file(source, *size, sha256.as_deref(), send) {
                Ok(sent) => sent,
                Err(failed) => {
                    shared.failed.store(failed, Ordering::SeqCst);
                    false
                }
            },
        };
        if !sent {
            return;
        }
    }
}

/// `Ok(false)` when nobody listens any more.
fn read_file(source: &Source, size: u64, sha256: Option<&str>, send: &mpsc::Sender<Vec<u8>>) -> Result<bool, u8> {
    let mut reader = source.open().map_err(|_| UNREADABLE)?;
    let (mut hash, mut read) = (Sha256::new(), 0u64);
    let mut buffer = vec![0; PIECE];
    // The last piece is held back until the digest is known to be right.
    let mut held: Option<Vec<u8>> = None;
    loop {
        let filled = fill(&mut *reader, &mut buffer).map_err(|_| UNREADABLE)?;
        let Some(bytes) = buffer.get(..filled).filter(|bytes| !bytes.is_empty()) else { break };
        read += filled as u64;
        if read > size {
            return Err(CHANGED);
        }
        hash.update(bytes);
        let piece = base64::engine::general_purpose::STANDARD.encode(bytes).into_bytes();
        if let Some(before) = held.replace(piece)
            && send.blocking_send(before).is_err()
        {
            return Ok(false);
        }
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if read != size || sha256.is_some_and(|expected| !expected.is_empty() && expected != digest) {
        return Err(CHANGED);
    }
    Ok(held.is_none_or(|last| send.blocking_send(last).is_ok()))
}

/// Fills the buffer as far as the source goes: a short read must not put padding into the middle of the base64.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The body as reqwest wants it.
pub(super) struct Stream {
    pieces: Option<mpsc::Receiver<Vec<u8>>>,
    first: Option<Vec<u8>>,
    shared: Arc<Shared>,
}

impl futures_core::Stream for Stream {
    type Item = io::Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Vec<u8>>>> {
        let piece = match (self.first.take(), &mut self.pieces) {
            (Some(first), _) => Some(first),
            (None, Some(pieces)) => std::task::ready!(pieces.poll_recv(context)),
            (None, None) => None,
        };
        if let Some(piece) = &piece {
            self.shared.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        // A body that broke off is an error of its own, so that nothing below takes it for a whole one.
        let broken = piece.is_none() && self.shared.failed.load(Ordering::SeqCst) != 0;
        Poll::Ready(if broken { Some(Err(io::Error::other("the body broke off"))) } else { piece.map(Ok) })
    }
}
