//! Answers on their way down: capped, and a document straight into its file.

use std::path::Path;

use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::config::classify;
use crate::http::json_file::{JsonFileError, JsonFileReader};
use crate::http::{AnswerMode, Failure, HttpResponse, MAX_INLINE_BYTES, SinkReceipt};

pub(super) async fn receive(
    response: reqwest::Response,
    mode: AnswerMode,
    sink: Option<&Path>,
    max_file_bytes: u64,
) -> Result<HttpResponse, Failure> {
    let status = response.status().as_u16();
    let headers = headers(response.headers());
    // Nothing compressed was asked for; unpacking what was not asked for is how a small answer becomes a huge one.
    let encoded = response.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
    match (mode, sink) {
        _ if encoded => Err(Failure::Unreadable),
        (AnswerMode::JsonFile(path), Some(sink)) if status == 200 => {
            let (body, receipt) = into_file(response, JsonFileReader::new(path, max_file_bytes), sink).await?;
            Ok(HttpResponse { status, headers, body, sink: receipt })
        }
        _ => Ok(HttpResponse { status, headers, body: inline(response, status).await?, sink: None }),
    }
}

async fn inline(mut response: reqwest::Response, status: u16) -> Result<Vec<u8>, Failure> {
    let announced = response.content_length().unwrap_or(0);
    let too_long = |length: u64| length > MAX_INLINE_BYTES as u64;
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0).min(64 * 1024));
    if !too_long(announced) {
        while let Some(piece) = response.chunk().await.map_err(|error| broken(&error))? {
            if too_long(body.len() as u64 + piece.len() as u64) {
                body.clear();
                return long(status);
            }
            body.extend_from_slice(&piece);
        }
        return Ok(body);
    }
    long(status)
}

/// An answer that is too long: an error page says enough by its status, a success must be read whole.
fn long(status: u16) -> Result<Vec<u8>, Failure> {
    if status >= 400 { Ok(Vec::new()) } else { Err(Failure::Unreadable) }
}

async fn into_file(
    mut response: reqwest::Response,
    mut reader: JsonFileReader,
    sink: &Path,
) -> Result<(Vec<u8>, Option<SinkReceipt>), Failure> {
    let mut file = tokio::fs::File::create(sink).await.map_err(|_| Failure::SinkFailed)?;
    let mut hash = Sha256::new();
    let mut decoded = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| broken(&error))? {
        decoded.clear();
        reader
            .push(&piece, &mut |bytes| {
                decoded.extend_from_slice(bytes);
                Ok(())
            })
            .map_err(|_: JsonFileError| Failure::Unreadable)?;
        if !decoded.is_empty() {
            hash.update(&decoded);
            file.write_all(&decoded).await.map_err(|_| Failure::SinkFailed)?;
        }
    }
    file.flush().await.map_err(|_| Failure::SinkFailed)?;
    let parsed = reader.finish().map_err(|_| Failure::Unreadable)?;
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((parsed.rest, parsed.found.then_some(SinkReceipt { len: parsed.len, sha256 })))
}

/// An answer that broke off, or whose next piece did not come in time.
fn broken(error: &reqwest::Error) -> Failure {
    match classify(error) {
        Failure::Timeout => Failure::Timeout,
        Failure::Interrupted => Failure::Interrupted,
        _ => Failure::Unreadable,
    }
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}
