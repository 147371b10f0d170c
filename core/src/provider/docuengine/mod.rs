//! DocuEngine: services by `documentId`, requests as drafts (`state` `NEW`) that a second call commits (`state` `SEARCH`), and
//! deliveries as files on another host.
//!
//! Source: the provider's published OpenAPI description, version 1.0.0.

mod errors;
mod service;
mod submission;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::error::{ErrorCode, SportelloError};
use crate::http::{Body, Call, HttpRequest, HttpResponse, Method, Segment};
use crate::model::{
    Money, RemoteSubmission, ResultId, Service, ServiceSummary, SubmissionSummary, safe_name,
};
use crate::provider::envelope::{self, Dialect};
use crate::provider::{
    Abilities, CallError, CallbackClaim, CommitSpec, Documents, DraftSpec, Hint, Location, PreparedFile,
    Provider, RemoteFile, SearchSpec, creating, loose, path_segment as segment,
};

pub use errors::documented_errors;
pub(super) use service::service;

/// The provider's production host.
pub const PRODUCTION: &str = "https://docuengine.openapi.com";
/// The provider's sandbox host.
pub const SANDBOX: &str = "https://test.docuengine.openapi.com";
/// The header in which a callback proves whose it is.
pub const PROOF_HEADER: &str = "x-sportello-proof";

/// Key of our correlation within `callback.data`.
const CORRELATION: &str = "sportello";

const DIALECT: Dialect = Dialect {
    meaning: errors::meaning,
    hint,
    key_prefix: "field",
};

/// The DocuEngine API.
#[derive(Clone, Copy, Debug, Default)]
pub struct DocuEngine;

impl Provider for DocuEngine {
    fn name(&self) -> &'static str {
        "docuengine"
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            lists_submissions: true,
            searches_again: false,
            opens_by_reference: false,
        }
    }

    fn scope(&self, call: Call) -> Option<(Method, &'static str)> {
        Some(match call {
            Call::ListServices | Call::GetService => (Method::Get, "documents"),
            Call::ListSubmissions | Call::GetSubmission | Call::GetDocument => (Method::Get, "requests"),
            Call::OpenDraft => (Method::Post, "requests"),
            Call::Fill | Call::Commit | Call::Choose => (Method::Patch, "requests"),
            Call::DryRun
            | Call::AddSearch
            | Call::GetFile
            | Call::CreateToken
            | Call::DeleteToken
            | Call::GetCredit
            | Call::ListTransactions => return None,
        })
    }

    fn list_services(&self) -> HttpRequest {
        HttpRequest::new(Call::ListServices, Method::Get, "/documents")
    }

    fn read_services(&self, response: &HttpResponse) -> Result<Vec<ServiceSummary>, CallError> {
        let data = envelope::data(&DIALECT, Call::ListServices, response)?;
        service::summaries(&data).ok_or_else(|| envelope::unreadable(response))
    }

    /// There is no call for one service: the catalogue describes them all.
    fn get_service(&self, _id: &str) -> HttpRequest {
        HttpRequest::new(Call::GetService, Method::Get, "/documents")
    }

    fn read_service(&self, asked: &str, response: &HttpResponse) -> Result<Service, SportelloError> {
        let data = envelope::data(&DIALECT, Call::GetService, response)?;
        let services = data.as_array().ok_or_else(|| envelope::unreadable(response))?;
        let described = services
            .iter()
            .find(|one| loose::text(one.get("id")).as_deref() == Some(asked));
        match described {
            Some(described) => Ok(service(&described.clone().into())?),
            None => Err(SportelloError::new(ErrorCode::ServiceNotFound).answered(response.status, None)),
        }
    }

    fn list_submissions(&self) -> Option<HttpRequest> {
        Some(HttpRequest::new(Call::ListSubmissions, Method::Get, "/requests"))
    }

    fn read_submissions(&self, response: &HttpResponse) -> Result<Vec<SubmissionSummary>, CallError> {
        match envelope::data(&DIALECT, Call::ListSubmissions, response) {
            Ok(data) => submission::summaries(&data).ok_or_else(|| envelope::unreadable(response)),
            // "No requests related to your account" is an empty list, not a failure.
            Err(error) if error.http_status == 404 && error.api_code == Some(221) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The provider has no such call.
    fn dry_run(&self, _draft: &DraftSpec<'_>) -> Option<HttpRequest> {
        None
    }

    /// The one place that writes a creating `POST`. Its `state` is `NEW` whatever the caller meant: without it the provider takes
    /// the request as complete and charges at once.
    fn open_draft(&self, draft: &DraftSpec<'_>) -> HttpRequest {
        let mut body = Map::new();
        body.insert("state".to_owned(), json!("NEW"));
        body.insert("documentId".to_owned(), json!(draft.service_id));
        if !draft.without_callback {
            // The description demands `headers` wherever there is a callback.
            let mut callback =
                json!({ "method": "JSON", "headers": {}, "data": { CORRELATION: draft.correlation } });
            if let Some(wanted) = &draft.callback {
                callback = json!({
                    "method": "JSON",
                    "url": wanted.url,
                    "field": "data",
                    "headers": { PROOF_HEADER: wanted.proof },
                    "data": { CORRELATION: draft.correlation },
                });
            }
            body.insert("callback".to_owned(), callback);
        }
        if let Some(email) = draft.notify_email {
            body.insert("notifyEmail".to_owned(), json!(email));
        }
        if !draft.options.is_empty() {
            body.insert("selectedOptions".to_owned(), json!(draft.options));
        }
        let body = creating(body, "search", draft, push_file);
        HttpRequest::new(Call::OpenDraft, Method::Post, "/requests").with_body(body)
    }

    fn fill_texts(&self, id: &str, texts: &BTreeMap<String, String>) -> HttpRequest {
        patch(Call::Fill, id).with_body(Body::json(&json!({ "search": texts })))
    }

    fn fill_file(&self, id: &str, file: &PreparedFile) -> HttpRequest {
        let key = Value::String(format!("search.{}", file.key));
        let mut segments = vec![Segment::Text(format!("{{{key}:"))];
        push_file(&mut segments, file);
        segments.push(Segment::Text("}".to_owned()));
        patch(Call::Fill, id).with_body(Body::from_segments(segments))
    }

    fn get_submission(&self, id: &str) -> HttpRequest {
        HttpRequest::new(
            Call::GetSubmission,
            Method::Get,
            format!("/requests/{}", segment(id)),
        )
    }

    fn commit(&self, id: &str, commit: &CommitSpec<'_>) -> HttpRequest {
        let mut body = Map::new();
        body.insert("state".to_owned(), json!("SEARCH"));
        if let Some((key, value)) = commit.with_field {
            body.insert(format!("search.{key}"), json!(value));
        }
        patch(Call::Commit, id)
            .with_body(Body::json(&Value::Object(body)))
            .priced(commit.price)
    }

    fn choose(&self, id: &str, result: &ResultId, price: Money) -> HttpRequest {
        patch(Call::Choose, id)
            .with_body(Body::json(&json!({ "resultId": result.as_str() })))
            .priced(price)
    }

    /// The provider has no such call.
    fn add_search(&self, _id: &str, _search: &SearchSpec<'_>) -> Option<HttpRequest> {
        None
    }

    fn read_submission(
        &self,
        request: &HttpRequest,
        asked: Option<&str>,
        response: &HttpResponse,
    ) -> Result<RemoteSubmission, CallError> {
        let data = envelope::data(&DIALECT, request.call, response)?;
        let remote = submission::submission(&data).ok_or_else(|| envelope::unreadable(response))?;
        match asked {
            Some(asked) if asked != remote.id => Err(CallError {
                code: ErrorCode::AnswerOtherId,
                ..envelope::unreadable(response)
            }),
            _ => Ok(remote),
        }
    }

    fn get_documents(&self, id: &str) -> HttpRequest {
        HttpRequest::new(
            Call::GetDocument,
            Method::Get,
            format!("/requests/{}/documents", segment(id)),
        )
    }

    fn read_documents(&self, response: &HttpResponse) -> Result<Documents, CallError> {
        let data = envelope::data(&DIALECT, Call::GetDocument, response)?;
        let list = data.as_array().ok_or_else(|| envelope::unreadable(response))?;
        let files: Option<Vec<RemoteFile>> = list.iter().enumerate().map(remote_file).collect();
        let files = files.ok_or_else(|| envelope::unreadable(response))?;
        if files.is_empty() {
            return Err(CallError {
                code: ErrorCode::DeliveryNotReady,
                hint: Hint::NotYet,
                ..envelope::unreadable(response)
            });
        }
        Ok(Documents::Listed(files))
    }

    /// Nothing ever lies there: [`read_documents`](Provider::read_documents) names no such file.
    fn get_file(&self, id: &str, _number: usize, _max_bytes: u64) -> HttpRequest {
        self.get_documents(id)
    }

    fn read_callback(&self, payload: &Value) -> CallbackClaim {
        let callback = loose::object(payload.get("callback"));
        let within = |room: &str, key: &str| {
            let room = callback.and_then(|callback| loose::object(callback.get(room)));
            room.and_then(|room| loose::text(room.get(key)))
        };
        CallbackClaim {
            id: loose::text(payload.get("id")),
            correlation: within("data", CORRELATION),
            // The real one comes as a header; the provider also echoes it with the request.
            proof: within("headers", PROOF_HEADER),
        }
    }
}

/// One file of a delivery; `None` without a URL.
fn remote_file((index, file): (usize, &Value)) -> Option<RemoteFile> {
    let url = loose::text(file.get("downloadUrl")).filter(|url| !url.is_empty())?;
    let name = loose::text(file.get("fileName")).unwrap_or_default();
    Some(RemoteFile {
        name: safe_name(&name, &format!("document-{}", index + 1)),
        mime: loose::text(file.get("mimeType")).filter(|mime| !mime.is_empty()),
        len: loose::number(file.get("fileSize")),
        md5: loose::text(file.get("md5")).filter(|md5| !md5.is_empty()),
        sha256: None,
        expires_at: loose::number(file.get("urlExpire")),
        location: Location::Signed(url),
    })
}

fn patch(call: Call, id: &str) -> HttpRequest {
    HttpRequest::new(call, Method::Patch, format!("/requests/{}", segment(id)))
}

/// One file value, plain base64, as segments.
fn push_file(segments: &mut Vec<Segment>, file: &PreparedFile) {
    segments.push(Segment::Text("\"".to_owned()));
    segments.push(Segment::Base64 {
        source: file.source.clone(),
        size: file.size,
        sha256: Some(file.sha256.clone()),
    });
    segments.push(Segment::Text("\"".to_owned()));
}

/// A refusal that a machine can act upon.
fn hint(call: Call, http_status: u16, api_code: Option<u32>) -> Hint {
    match (call, http_status, api_code) {
        // "It is processed directly": a request that is no longer `NEW`.
        (Call::Commit | Call::Fill, 422, Some(213)) => Hint::AlreadyClosed,
        (Call::Commit, 400, Some(300)) => Hint::NeedsField,
        (Call::Commit, 406, Some(210)) => Hint::Doubtful,
        (Call::OpenDraft, 406, Some(205)) => Hint::NeedsData,
        (Call::OpenDraft, 428, Some(311)) => Hint::NoCallback,
        (Call::GetSubmission, 404, Some(223)) => Hint::Missing,
        (Call::GetDocument, 422, Some(225)) => Hint::NotYet,
        _ => Hint::None,
    }
}
