//! Takes an answer in, under limits.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use md5::Md5;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, SET_COOKIE};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::classify;
use super::sink::{Waiting, with_sink};
use crate::http::json_file::JsonFileReader;
use crate::http::pieces::hex;
use crate::http::{AnswerMode, Failure, HttpResponse, SinkReceipt};

/// How many pieces may wait for the disk.
const AHEAD: usize = 4;
/// How much is written to the disk at once.
const BUFFER: usize = 256 * 1024;

/// How an answer is taken in.
pub(super) struct Intake<'a> {
    pub(super) mode: AnswerMode,
    pub(super) sink: Option<&'a Path>,
    pub(super) max_inline: usize,
    pub(super) max_file: u64,
    /// How long nothing may come.
    pub(super) silence: Duration,
    /// Counts what came.
    pub(super) received: &'a AtomicU64,
}

impl Intake<'_> {
    /// Reads the answer to its end.
    pub(super) async fn read(&self, mut response: Response) -> Result<HttpResponse, Failure> {
        // Nothing compressed was asked for: whoever sends it anyway could make much out of little.
        if !is_plain(response.headers()) {
            return Err(Failure::Unreadable);
        }
        let status = response.status().as_u16();
        let headers = headers(response.headers());
        let (body, sink) = match (self.mode, self.sink) {
            (AnswerMode::JsonFile(path), Some(sink)) if status == 200 => {
                self.file(&mut response, path, sink.to_owned()).await?
            }
            (AnswerMode::File { max_bytes, .. }, Some(sink)) if status == 200 => {
                let sink = self.whole_file(&mut response, max_bytes, sink.to_owned()).await?;
                (Vec::new(), Some(sink))
            }
            (AnswerMode::Inline | AnswerMode::JsonFile(_) | AnswerMode::File { .. }, _) => {
                match self.inline(&mut response).await? {
                    Some(body) => (body, None),
                    // An error page of any length says enough by its status; a success is read whole or not at all.
                    None if status >= 400 => (Vec::new(), None),
                    None => return Err(Failure::Unreadable),
                }
            }
        };
        Ok(HttpResponse {
            status,
            headers,
            body,
            sink,
        })
    }

    /// `None` when it is too long.
    async fn inline(&self, response: &mut Response) -> Result<Option<Vec<u8>>, Failure> {
        let mut body = Vec::new();
        if announces_more(response, self.max_inline as u64) {
            return Ok(None);
        }
        while let Some(piece) = self.piece(response).await? {
            if piece.len() > self.max_inline.saturating_sub(body.len()) {
                return Ok(None);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Some(body))
    }

    async fn file(
        &self,
        response: &mut Response,
        path: &'static [&'static str],
        sink: PathBuf,
    ) -> Result<(Vec<u8>, Option<SinkReceipt>), Failure> {
        // Base64 takes a third more, and JSON may escape its slashes; the file's own limit is the reader's.
        let wire = self
            .max_file
            .saturating_mul(2)
            .saturating_add(self.max_inline as u64);
        if announces_more(response, wire) {
            return Err(Failure::Unreadable);
        }
        let max_file = self.max_file;
        let (give, pieces) = mpsc::channel(AHEAD);
        // After `give`, so that it goes first: a writer that sees no more pieces then knows why.
        let waiting = Waiting::default();
        let given_up = waiting.given_up();
        // Decoding, hashing and writing have a thread of their own: a slow disk slows this answer down and nothing else.
        let writer = tokio::task::spawn_blocking(move || {
            with_sink(&sink, &given_up, |file| write_out(file, path, max_file, pieces))
        });
        let read = self.pieces(response, wire, &give).await;
        drop(give);
        // Also when the reading failed: who asks again must find nobody at the file.
        let written = writer.await.unwrap_or(Err(Failure::SinkFailed));
        read.and(written)
    }

    /// The body as it is, into the sink.
    async fn whole_file(
        &self,
        response: &mut Response,
        max_bytes: u64,
        sink: PathBuf,
    ) -> Result<SinkReceipt, Failure> {
        let max_bytes = max_bytes.min(self.max_file);
        if announces_more(response, max_bytes) {
            return Err(Failure::Unreadable);
        }
        let (give, pieces) = mpsc::channel(AHEAD);
        let waiting = Waiting::default();
        let given_up = waiting.given_up();
        let writer =
            tokio::task::spawn_blocking(move || with_sink(&sink, &given_up, |file| copy_out(file, pieces)));
        let read = self.pieces(response, max_bytes, &give).await;
        drop(give);
        let written = writer.await.unwrap_or(Err(Failure::SinkFailed));
        read.and(written)
    }

    /// Gives the body to a writer, `None` at its end.
    async fn pieces(
        &self,
        response: &mut Response,
        most: u64,
        give: &mpsc::Sender<Option<Bytes>>,
    ) -> Result<(), Failure> {
        let mut left = most;
        loop {
            let piece = self.piece(response).await?;
            let len = piece.as_ref().map_or(0, Bytes::len) as u64;
            left = left.checked_sub(len).ok_or(Failure::Unreadable)?;
            let last = piece.is_none();
            // A writer that no longer takes anything says itself why.
            if give.send(piece).await.is_err() || last {
                return Ok(());
            }
        }
    }

    async fn piece(&self, response: &mut Response) -> Result<Option<Bytes>, Failure> {
        let piece = timeout(self.silence, response.chunk())
            .await
            .map_err(|_| Failure::Timeout)?;
        let piece = piece.map_err(|error| classify::reading(&error))?;
        let len = piece.as_ref().map_or(0, Bytes::len);
        self.received.fetch_add(len as u64, Ordering::Relaxed);
        Ok(piece)
    }
}

fn announces_more(response: &Response, limit: u64) -> bool {
    response.content_length().is_some_and(|length| length > limit)
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().all(|value| {
        let value = value.as_bytes().trim_ascii();
        value.is_empty() || value.eq_ignore_ascii_case(b"identity")
    })
}

/// The headers as text. Cookies are not kept: this client has none, and they may be somebody's session.
fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter()
        .filter(|(name, _)| *name != SET_COOKIE)
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect()
}

/// Runs on a blocking thread. Ends with `Interrupted` when the pieces end without their end (`None`).
fn write_out(
    file: File,
    path: &'static [&'static str],
    max_file: u64,
    mut pieces: mpsc::Receiver<Option<Bytes>>,
) -> Result<(Vec<u8>, Option<SinkReceipt>), Failure> {
    let mut file = BufWriter::with_capacity(BUFFER, file);
    let mut digest = Sha256::new();
    let mut reader = JsonFileReader::new(path, max_file);
    let mut broken = false;
    loop {
        let piece = match pieces.blocking_recv() {
            Some(Some(piece)) => piece,
            Some(None) => break,
            None => return Err(Failure::Interrupted),
        };
        let pushed = reader.push(&piece, &mut |bytes| {
            digest.update(bytes);
            file.write_all(bytes).inspect_err(|_| broken = true)
        });
        if pushed.is_err() {
            return Err(if broken {
                Failure::SinkFailed
            } else {
                Failure::Unreadable
            });
        }
    }
    let end = reader.finish().map_err(|_| Failure::Unreadable)?;
    file.flush().map_err(|_| Failure::SinkFailed)?;
    let receipt = end.found.then(|| SinkReceipt {
        len: end.len,
        sha256: hex(&digest.finalize()),
        md5: None,
    });
    Ok((end.rest, receipt))
}

/// As `write_out`, for a body that is the file.
fn copy_out(file: File, mut pieces: mpsc::Receiver<Option<Bytes>>) -> Result<SinkReceipt, Failure> {
    let mut file = BufWriter::with_capacity(BUFFER, file);
    let (mut sha256, mut md5, mut len) = (Sha256::new(), Md5::new(), 0);
    loop {
        let piece = match pieces.blocking_recv() {
            Some(Some(piece)) => piece,
            Some(None) => break,
            None => return Err(Failure::Interrupted),
        };
        len += piece.len() as u64;
        sha256.update(&piece);
        md5.update(&piece);
        file.write_all(&piece).map_err(|_| Failure::SinkFailed)?;
    }
    file.flush().map_err(|_| Failure::SinkFailed)?;
    Ok(SinkReceipt {
        len,
        sha256: hex(&sha256.finalize()),
        md5: Some(base64::engine::general_purpose::STANDARD.encode(md5.finalize())),
    })
}
