//! Visengine 2: services by `hash_visura`, requests as drafts (`state` 0) that a second call commits (`state` 1).
//!
//! Source: the provider's published OpenAPI description, version 2.0.0.

mod errors;
mod service;
mod submission;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::error::{ErrorCode, SportelloError};
use crate::http::{AnswerMode, Body, Call, HttpRequest, HttpResponse, Method, Segment};
use crate::model::{
    Money, RemoteSubmission, ResultId, Service, ServiceSummary, SubmissionSummary, safe_name,
};
use crate::provider::envelope::{self, Dialect};
use crate::provider::{
    Abilities, CallError, CallbackClaim, CommitSpec, DocumentInfo, Documents, DraftSpec, Hint, PreparedFile,
    Provider, SearchSpec, creating, loose, path_segment as segment,
};

pub use errors::documented_errors;
pub(crate) use service::kind_of;
pub(super) use service::service;

/// The provider's production host.
pub const PRODUCTION: &str = "https://visengine2.altravia.com";
/// The provider's sandbox host.
pub const SANDBOX: &str = "https://test.visengine2.altravia.com";

/// Key of our correlation within `callback_data.data`.
const CORRELATION: &str = "sportello";
/// Key of what proves that a callback comes from whom it was given to, within `callback_data.data`.
const PROOF: &str = "sportello_proof";

const DIALECT: Dialect = Dialect {
    meaning: errors::meaning,
    hint,
    key_prefix: "$",
};

/// The Visengine 2 API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visengine;

impl Provider for Visengine {
    fn name(&self) -> &'static str {
        "visengine"
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            lists_submissions: true,
            searches_again: true,
            opens_by_reference: false,
        }
    }

    fn scope(&self, call: Call) -> Option<(Method, &'static str)> {
        Some(match call {
            Call::ListServices | Call::GetService => (Method::Get, "visure"),
            Call::ListSubmissions | Call::GetSubmission => (Method::Get, "richiesta"),
            Call::DryRun | Call::OpenDraft | Call::AddSearch => (Method::Post, "richiesta"),
            Call::Fill | Call::Commit | Call::Choose => (Method::Put, "richiesta"),
            Call::GetDocument => (Method::Get, "documento"),
            Call::GetFile
            | Call::CreateToken
            | Call::DeleteToken
            | Call::GetCredit
            | Call::ListTransactions => return None,
        })
    }

    fn list_services(&self) -> HttpRequest {
        HttpRequest::new(Call::ListServices, Method::Get, "/visure")
    }

    fn read_services(&self, response: &HttpResponse) -> Result<Vec<ServiceSummary>, CallError> {
        let data = envelope::data(&DIALECT, Call::ListServices, response)?;
        service::summaries(&data).ok_or_else(|| envelope::unreadable(response))
    }

    fn get_service(&self, id: &str) -> HttpRequest {
        HttpRequest::new(Call::GetService, Method::Get, format!("/visure/{}", segment(id)))
    }

    fn read_service(&self, asked: &str, response: &HttpResponse) -> Result<Service, SportelloError> {
        let data = envelope::data(&DIALECT, Call::GetService, response)?;
        let service = service(&data.into())?;
        if service.id != asked {
            let error = SportelloError::new(ErrorCode::AnswerOtherService).answered(response.status, None);
            return Err(error.detail(format!("asked for `{asked}`, got `{}`", service.id)));
        }
        Ok(service)
    }

    fn list_submissions(&self) -> Option<HttpRequest> {
        Some(HttpRequest::new(Call::ListSubmissions, Method::Get, "/richiesta"))
    }

    fn read_submissions(&self, response: &HttpResponse) -> Result<Vec<SubmissionSummary>, CallError> {
        match envelope::data(&DIALECT, Call::ListSubmissions, response) {
            Ok(data) => submission::summaries(&data).ok_or_else(|| envelope::unreadable(response)),
            // "No request related to your account" is an empty list, not a failure.
            Err(error) if error.http_status == 404 && error.api_code == Some(203) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn dry_run(&self, draft: &DraftSpec<'_>) -> Option<HttpRequest> {
        Some(post_richiesta(Call::DryRun, draft))
    }

    fn open_draft(&self, draft: &DraftSpec<'_>) -> HttpRequest {
        post_richiesta(Call::OpenDraft, draft)
    }

    fn fill_texts(&self, id: &str, texts: &BTreeMap<String, String>) -> HttpRequest {
        put(Call::Fill, id).with_body(Body::json(&json!({ "state": 0, "json_visura": texts })))
    }

    fn fill_file(&self, id: &str, file: &PreparedFile) -> HttpRequest {
        let key = Value::String(format!("json_visura.{}", file.key));
        let mut segments = vec![Segment::Text(format!("{{\"state\":0,{key}:"))];
        push_file(&mut segments, file);
        segments.push(Segment::Text("}".to_owned()));
        put(Call::Fill, id).with_body(Body::from_segments(segments))
    }

    fn get_submission(&self, id: &str) -> HttpRequest {
        HttpRequest::new(
            Call::GetSubmission,
            Method::Get,
            format!("/richiesta/{}", segment(id)),
        )
    }

    fn commit(&self, id: &str, commit: &CommitSpec<'_>) -> HttpRequest {
        let mut body = Map::new();
        body.insert("state".to_owned(), json!(1));
        if let Some((key, value)) = commit.with_field {
            body.insert(format!("json_visura.{key}"), json!(value));
        }
        put(Call::Commit, id)
            .with_body(Body::json(&Value::Object(body)))
            .priced(commit.price)
    }

    fn choose(&self, id: &str, result: &ResultId, price: Money) -> HttpRequest {
        // Made by `submission::result_id`; what is none of ours names no result, and the provider says so.
        let (search, index) = result.as_str().rsplit_once('/').unwrap_or((result.as_str(), ""));
        let index: Value = index.parse::<u32>().map_or(Value::Null, Value::from);
        let body = json!({ "id_ricerca": search, "indice": index });
        HttpRequest::new(
            Call::Choose,
            Method::Put,
            format!("/richiesta/{}/ricerche", segment(id)),
        )
        .with_body(Body::json(&body))
        .priced(price)
    }

    fn add_search(&self, id: &str, search: &SearchSpec<'_>) -> Option<HttpRequest> {
        let request = HttpRequest::new(
            Call::AddSearch,
            Method::Post,
            format!("/richiesta/{}", segment(id)),
        );
        let body = json!({ "json_visura": search.texts });
        Some(request.with_body(Body::json(&body)).priced(search.price))
    }

    /// Nothing ever lies there: [`read_documents`](Provider::read_documents) names no such file.
    fn get_file(&self, id: &str, _number: usize, _max_bytes: u64) -> HttpRequest {
        self.get_documents(id)
    }

    fn read_callback(&self, payload: &Value) -> CallbackClaim {
        let data = loose::object(payload.get("callback_data"))
            .and_then(|callback| loose::object(callback.get("data")));
        let text = |key: &str| data.and_then(|data| loose::text(data.get(key)));
        CallbackClaim {
            id: loose::text(payload.get("_id")),
            correlation: text(CORRELATION),
            proof: text(PROOF),
        }
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
        let mut request = HttpRequest::new(
            Call::GetDocument,
            Method::Get,
            format!("/documento/{}", segment(id)),
        );
        request.answer = AnswerMode::JsonFile(&["data", "file"]);
        request
    }

    fn read_documents(&self, response: &HttpResponse) -> Result<Documents, CallError> {
        let data = envelope::data(&DIALECT, Call::GetDocument, response)?;
        let corrupt = || CallError {
            code: ErrorCode::DeliveryCorrupt,
            ..envelope::unreadable(response)
        };
        let sink = response.sink.as_ref().ok_or_else(corrupt)?;
        let declared = loose::number(data.get("dimensione")).ok_or_else(corrupt)?;
        if declared != sink.len || sink.len == 0 {
            return Err(corrupt());
        }
        let name = loose::text(data.get("nome")).unwrap_or_default();
        Ok(Documents::Fetched(DocumentInfo {
            name: safe_name(&name, "delivery.zip"),
            mime: None,
            len: sink.len,
            sha256: sink.sha256.clone(),
        }))
    }
}

/// The one place that writes a creating `POST`. Its `state` is 0 whatever the caller meant: without it the provider takes the
/// request as complete and charges at once.
fn post_richiesta(call: Call, draft: &DraftSpec<'_>) -> HttpRequest {
    let mut body = Map::new();
    body.insert("state".to_owned(), json!(0));
    if call == Call::DryRun {
        body.insert("test".to_owned(), json!(true));
    }
    body.insert("hash_visura".to_owned(), json!(draft.service_id));
    let mut callback = json!({ "method": "JSON", "data": { CORRELATION: draft.correlation } });
    if let Some(wanted) = &draft.callback {
        callback = json!({
            "method": "JSON",
            "url": wanted.url,
            "field": "data",
            "data": { CORRELATION: draft.correlation, PROOF: wanted.proof },
        });
    }
    body.insert("callback_data".to_owned(), callback);
    if let Some(email) = draft.notify_email {
        body.insert("email_target".to_owned(), json!(email));
    }
    if !draft.options.is_empty() {
        let options: Map<_, _> = draft
            .options
            .iter()
            .map(|name| (name.clone(), json!(true)))
            .collect();
        body.insert("opzioni".to_owned(), Value::Object(options));
    }
    let body = creating(body, "json_visura", draft, push_file);
    HttpRequest::new(call, Method::Post, "/richiesta").with_body(body)
}

fn put(call: Call, id: &str) -> HttpRequest {
    HttpRequest::new(call, Method::Put, format!("/richiesta/{}", segment(id)))
}

/// One file value, `"name|data:mime;base64,…"`, as segments.
fn push_file(segments: &mut Vec<Segment>, file: &PreparedFile) {
    let mut head = json!(format!("{}|data:{};base64,", file.name, file.mime)).to_string();
    head.pop();
    segments.push(Segment::Text(head));
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
        (Call::Commit | Call::Fill, 400, Some(239)) => Hint::AlreadyClosed,
        (Call::Commit, 400, Some(300)) => Hint::NeedsField,
        (Call::OpenDraft, 412, Some(250)) | (Call::OpenDraft, 428, Some(224)) => Hint::NeedsData,
        (Call::GetSubmission, 404, Some(202)) | (Call::Fill | Call::Commit, 404, Some(228)) => Hint::Missing,
        (Call::GetDocument, 422, Some(247)) => Hint::NotYet,
        _ => Hint::None,
    }
}
