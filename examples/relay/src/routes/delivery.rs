//! The documents: fetched here once, then streamed from here.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use sportello::provider::relay::wire::FileWire;
use sportello::{ErrorCode, SportelloError};
use tokio_util::io::ReaderStream;

use super::{Target, answer};
use crate::app::{App, blocking, detached, is_handed_in, is_unsettled};
use crate::refusal::Failure;
use crate::store::{Ids, make_folder, random_name, remove_folder, write_json};

/// How long a fetch waits for another one of the same documents.
const PATIENCE: Duration = Duration::from_secs(120);

/// A fetched file and its name in the folder.
#[derive(Clone, Serialize, Deserialize)]
struct Fetched {
    wire: FileWire,
    path: PathBuf,
}

pub(super) async fn list(State(app): State<Arc<App>>, target: Target) -> Result<Response, Failure> {
    let files = fetched(&app, target.ids).await?;
    Ok(answer(
        files.into_iter().map(|file| file.wire).collect::<Vec<_>>(),
    ))
}

pub(super) async fn file(State(app): State<Arc<App>>, target: Target) -> Result<Response, Failure> {
    let number: usize = target.param("number").parse().map_err(|_| no_such_file())?;
    let files = fetched(&app, target.ids).await?;
    let wanted = files.into_iter().nth(number).ok_or_else(no_such_file)?;
    let file = tokio::fs::File::open(&wanted.path).await?;
    let octets = || HeaderValue::from_static("application/octet-stream");
    let mime = wanted.wire.mime.and_then(|mime| HeaderValue::try_from(mime).ok());
    // ASCII for those that read nothing else, and the name as it is.
    let plain: String = wanted
        .wire
        .name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let encoded = utf8_percent_encode(&wanted.wire.name, NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let headers = [
        (header::CONTENT_TYPE, mime.unwrap_or_else(octets)),
        (header::CONTENT_LENGTH, HeaderValue::from(wanted.wire.len)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).unwrap_or_else(|_| HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}

fn no_such_file() -> Failure {
    let text = "the delivery has no such file";
    Failure::new(
        axum::http::StatusCode::NOT_FOUND,
        "relay.no_such_file",
        false,
        text,
    )
}

/// The documents, fetched where they are not here yet.
async fn fetched(app: &Arc<App>, ids: Ids) -> Result<Vec<Fetched>, Failure> {
    let (_, entry) = app.known(&ids).await?;
    if is_unsettled(entry.as_ref()) {
        return Err(Failure::unsettled());
    }
    if !is_handed_in(entry.as_ref()) {
        return Err(SportelloError::from(ErrorCode::NotCommitted).into());
    }
    if let Some(files) = listed(app, &ids).await? {
        return Ok(files);
    }
    let app = Arc::clone(app);
    detached(async move {
        let name = format!("fetch-{}", ids.inner);
        let guard = app.locks.hold(&name, PATIENCE).await?.ok_or_else(Failure::busy)?;
        let files = match listed(&app, &ids).await? {
            Some(files) => files,
            None => fetch(&app, &ids).await?,
        };
        app.locks.forget(guard, &name);
        Ok(files)
    })
    .await
}

async fn listed(app: &App, ids: &Ids) -> Result<Option<Vec<Fetched>>, Failure> {
    let list = app.store.delivery_folder(ids).join("list.json");
    blocking(move || match std::fs::read(list) {
        Ok(bytes) => {
            let files: Vec<Fetched> = serde_json::from_slice(&bytes).map_err(io::Error::from)?;
            Ok(files.iter().all(|file| file.path.is_file()).then_some(files))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    })
    .await
}

async fn fetch(app: &App, ids: &Ids) -> Result<Vec<Fetched>, Failure> {
    let folder = app.store.delivery_folder(ids);
    // A folder of its own for each try, so that nothing of an earlier one is taken for this one's.
    let place = folder.join(random_name()?);
    let (made, old) = (place.clone(), folder.clone());
    blocking(move || {
        remove_folder(&old)?;
        Ok(make_folder(&made)?)
    })
    .await?;
    let fetched = app.client.delivery(&ids.inner, &place).await;
    let delivery = match fetched {
        Ok(delivery) => delivery,
        Err(error) => {
            blocking(move || Ok(remove_folder(&folder)?)).await?;
            return Err(error.into());
        }
    };
    // The provider's id may be part of a name.
    let id = app
        .entry(ids)
        .await?
        .and_then(|entry| entry.id)
        .unwrap_or_default();
    let named = |name: String| {
        if id.is_empty() {
            name
        } else {
            name.replace(&id, &ids.reference)
        }
    };
    let files: Vec<Fetched> = (delivery.files.into_iter())
        .map(|file| Fetched {
            wire: FileWire {
                name: named(file.name),
                mime: file.mime,
                len: file.len,
                sha256: file.sha256,
            },
            path: file.path,
        })
        .collect();
    let written = files.clone();
    blocking(move || {
        #[cfg(unix)]
        for file in &written {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&file.path, std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(write_json(&folder.join("list.json"), &written)?)
    })
    .await?;
    Ok(files)
}
