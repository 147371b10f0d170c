//! Files: put whole, or gone on with after a cut.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use percent_encoding::percent_decode_str;
use sportello::FieldKind;
use sportello::provider::relay::wire::{DIGEST_HEADER, NAME_HEADER};
use tokio::io::AsyncWriteExt as _;

use super::drafts::{draft, lock, open_record, user_lock};
use super::{Target, UPLOAD_LENGTH, UPLOAD_OFFSET, answer};
use crate::app::{App, blocking};
use crate::refusal::Failure;
use crate::store::{Begin, Finished, Ids, Record, Upload, UploadError};

const LONGEST_NAME: usize = 255;
const LONGEST_TYPE: usize = 100;
/// A slow line gets this long before its rate is looked at.
const GRACE: Duration = Duration::from_secs(60);

impl From<UploadError> for Failure {
    fn from(error: UploadError) -> Failure {
        match error {
            UploadError::Quota => {
                Failure::quota("there is no room for another file; hand in or give up a draft first")
            }
            UploadError::Busy => Failure::busy(),
            UploadError::Missing => {
                let text = "no upload of this file is under way; begin it with PUT";
                Failure::new(StatusCode::NOT_FOUND, "relay.no_upload", false, text)
            }
            UploadError::Io(error) => error.into(),
        }
    }
}

/// Begins an upload, and ends it where all of the file comes with the call. `Upload-Length` says how long the file is where this call brings
/// a piece of it only.
pub(super) async fn put(
    State(app): State<Arc<App>>,
    target: Target,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let (ids, key) = (target.ids.clone(), target.param("key").to_owned());
    let announced = number(&headers, &header::CONTENT_LENGTH)?;
    let size = number(&headers, &UPLOAD_LENGTH)?.or(announced).ok_or_else(|| {
        let text = "say how long the file is: `Content-Length` or `Upload-Length`";
        Failure::new(StatusCode::LENGTH_REQUIRED, "relay.malformed", false, text)
    })?;
    if size > app.config.limits.file_bytes || announced.is_some_and(|announced| announced > size) {
        return Err(Failure::too_large("the file is too long"));
    }
    let begin = Begin {
        name: name_of(&headers)?,
        mime: type_of(&headers)?,
        sha256: digest_of(&headers)?,
        size,
        key,
    };
    let record = {
        let _user = user_lock(&app, &ids).await?;
        let _guard = lock(&app, &ids).await?;
        let record = open_record(&app, &ids).await?;
        check_field(&app, &record, &begin.key).await?;
        let (store, of, quota) = (app.store.clone(), ids.clone(), app.config.limits.user_bytes);
        let begun = blocking(move || Ok(store.begin_upload(&of, begin, quota)?)).await?;
        (record, begun)
    };
    let (record, (upload, file)) = record;
    receive(&app, &ids, &record, upload, file, 0, body).await
}

/// Goes on with an upload where it was cut.
pub(super) async fn append(
    State(app): State<Arc<App>>,
    target: Target,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let (ids, key) = (target.ids.clone(), target.param("key").to_owned());
    let offset = number(&headers, &UPLOAD_OFFSET)?;
    let offset = offset.ok_or_else(|| Failure::malformed("say where this piece belongs: `Upload-Offset`"))?;
    let record = open_record(&app, &ids).await?;
    let (store, of) = (app.store.clone(), ids.clone());
    let (upload, file, len) = blocking(move || Ok(store.reopen_upload(&of, &key)?)).await?;
    if len != offset {
        let text = "the piece does not begin where the file ends; ask with HEAD";
        return Err(Failure::new(StatusCode::CONFLICT, "relay.offset", true, text).offset(len));
    }
    let announced = number(&headers, &header::CONTENT_LENGTH)?.unwrap_or(0);
    if len.saturating_add(announced) > upload.size {
        return Err(Failure::too_large("there is more of the file than was announced").offset(len));
    }
    receive(&app, &ids, &record, upload, file, len, body).await
}

/// How much of a file is here.
pub(super) async fn head(State(app): State<Arc<App>>, target: Target) -> Result<Response, Failure> {
    let (ids, key) = (target.ids.clone(), target.param("key").to_owned());
    open_record(&app, &ids).await?;
    let store = app.store.clone();
    let (here, size) = blocking(move || {
        if let Some((upload, len)) = store.upload(&ids, &key)? {
            return Ok((len, upload.size));
        }
        let held = store.held_file(&ids, &key)?.ok_or(UploadError::Missing)?;
        Ok((held.size, held.size))
    })
    .await?;
    let headers = [
        (UPLOAD_OFFSET, HeaderValue::from(here)),
        (UPLOAD_LENGTH, HeaderValue::from(size)),
    ];
    Ok((StatusCode::OK, headers).into_response())
}

/// Writes what comes, and ends the upload when all has come. What came before a cut stays.
async fn receive(
    app: &Arc<App>,
    ids: &Ids,
    record: &Record,
    upload: Upload,
    file: File,
    from: u64,
    mut body: Body,
) -> Result<Response, Failure> {
    let limits = &app.config.limits;
    let (began, mut len) = (Instant::now(), from);
    let mut file = tokio::fs::File::from_std(file);
    let outcome = loop {
        let frame = match tokio::time::timeout(limits.body_idle, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => break Ok(()),
            Ok(Some(Err(_))) => {
                break Err(Failure::malformed(
                    "the file did not come whole; go on with PATCH",
                ));
            }
            Err(_) => break Err(too_slow()),
        };
        let Ok(bytes) = frame.into_data() else { continue };
        if len.saturating_add(bytes.len() as u64) > upload.size {
            break Err(Failure::too_large("there is more of the file than was announced"));
        }
        if let Err(error) = file.write_all(&bytes).await {
            break Err(error.into());
        }
        len += bytes.len() as u64;
        let expected = began
            .elapsed()
            .saturating_sub(GRACE)
            .as_secs()
            .saturating_mul(limits.min_upload_rate);
        if len - from < expected {
            break Err(too_slow());
        }
    };
    // Written out before the lock on the file is let go.
    file.flush().await?;
    outcome.map_err(|failure| failure.offset(len))?;
    drop(file);
    if len == upload.size {
        let _guard = lock(app, ids).await?;
        // It may have been handed in, or given up, while the file came.
        open_record(app, ids).await?;
        let (store, of) = (app.store.clone(), ids.clone());
        match blocking(move || Ok(store.finish_upload(&of, &upload)?)).await? {
            Finished::Whole => {}
            Finished::OtherDigest => {
                let text = "the file is not the one that was announced: its SHA-256 differs; send it again";
                return Err(Failure::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "relay.digest",
                    true,
                    text,
                ));
            }
            Finished::Superseded => return Err(Failure::busy()),
        }
    }
    let mut response = answer(draft(app, ids, record).await?);
    response
        .headers_mut()
        .insert(UPLOAD_OFFSET, HeaderValue::from(len));
    Ok(response)
}

fn too_slow() -> Failure {
    let text = "the file comes too slowly; go on with PATCH";
    Failure::new(StatusCode::REQUEST_TIMEOUT, "relay.too_slow", true, text)
}

async fn check_field(app: &App, record: &Record, key: &str) -> Result<(), Failure> {
    let service = app.service(&record.service_id, false).await?;
    let field = service.form.fields.iter().find(|field| field.key == key);
    match field.map(|field| field.kind) {
        // A kind that this version does not know may be another sort of file.
        Some(FieldKind::File | FieldKind::Unknown) => Ok(()),
        Some(_) => Err(Failure::malformed("this field is not for a file")),
        None => {
            let text = "the form has no such field";
            Err(Failure::new(
                StatusCode::NOT_FOUND,
                "relay.no_such_field",
                false,
                text,
            ))
        }
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Failure> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let digits = value
        .to_str()
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|text| text.parse().ok());
    number
        .map(Some)
        .ok_or_else(|| Failure::malformed("a length or an offset is not a number"))
}

/// The name only matters to people; the provider's side makes it safe once more.
fn name_of(headers: &HeaderMap) -> Result<String, Failure> {
    let wrong = || Failure::malformed("`x-file-name` is not a percent-encoded name");
    let value = headers
        .get(NAME_HEADER)
        .ok_or_else(wrong)?
        .to_str()
        .map_err(|_| wrong())?;
    let name = percent_decode_str(value).decode_utf8().map_err(|_| wrong())?;
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME;
    fits.then(|| name.into_owned()).ok_or_else(wrong)
}

fn type_of(headers: &HeaderMap) -> Result<String, Failure> {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let plain = |text: &&str| {
        text.len() <= LONGEST_TYPE
            && text.contains('/')
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/.+-".contains(&byte))
    };
    let value = value.filter(plain).map(str::to_owned);
    value.ok_or_else(|| Failure::malformed("`content-type` is not the plain type of a file"))
}

fn digest_of(headers: &HeaderMap) -> Result<String, Failure> {
    let value = headers.get(DIGEST_HEADER).and_then(|value| value.to_str().ok());
    let hex = |text: &&str| {
        text.len() == 64
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let value = value.filter(hex).map(str::to_owned);
    value.ok_or_else(|| Failure::malformed("`x-file-sha256` is not 64 lower-case hexadecimal digits"))
}
