//! A relay of the integrator's: our own small HTTP face, behind which another provider stands. Browsers and phones talk to it with a
//! session; the token, the journal and the paid calls are its own.
//!
//! Its calls go by the caller's reference, so they may be repeated: `PUT` opens or finds, and the commit of a reference is one
//! commit however often it is sent.

pub mod wire;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::check::recognise;
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::form::SchemaError;
use crate::http::{AnswerMode, Body, Call, HttpRequest, HttpResponse, Method, Segment};
use crate::model::{
    Choice, Field, FieldKind, Money, PaidOption, RemoteSubmission, ResultId, Service, ServiceForm,
    ServiceSummary, SubmissionSummary, safe_name,
};
use crate::provider::{
    Abilities, CallError, CallbackClaim, CommitSpec, Described, Documents, DraftSpec, Hint, Location,
    PreparedFile, Provider, RemoteFile, SearchSpec, envelope, form, path_segment as segment,
};
use wire::{
    Answer, AnswersWire, ChoiceWire, CommitWire, FileWire, OpenWire, Refusal, SearchWire, SubmissionWire,
};

/// A relay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Relay;

impl Provider for Relay {
    fn name(&self) -> &'static str {
        "relay"
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            lists_submissions: false,
            searches_again: true,
            opens_by_reference: true,
        }
    }

    /// A relay takes sessions; it has no scopes.
    fn scope(&self, _call: Call) -> Option<(Method, &'static str)> {
        None
    }

    fn list_services(&self) -> HttpRequest {
        HttpRequest::new(Call::ListServices, Method::Get, "/services")
    }

    fn read_services(&self, response: &HttpResponse) -> Result<Vec<ServiceSummary>, CallError> {
        data(Call::ListServices, response)
    }

    fn get_service(&self, id: &str) -> HttpRequest {
        HttpRequest::new(
            Call::GetService,
            Method::Get,
            format!("/services/{}", segment(id)),
        )
    }

    fn read_service(&self, asked: &str, response: &HttpResponse) -> Result<Service, SportelloError> {
        let value: Value = data(Call::GetService, response)?;
        let service = service(&value.into()).map_err(|error| -> SportelloError {
            // What has not the shape is no description; what has may still hold a rule that can't be read.
            if error == SchemaError::not_a_service() {
                envelope::unreadable(response).into()
            } else {
                error.into()
            }
        })?;
        if service.id != asked {
            let error = SportelloError::new(ErrorCode::AnswerOtherService).answered(response.status, None);
            return Err(error.detail(format!("asked for `{asked}`, got `{}`", service.id)));
        }
        Ok(service)
    }

    /// A relay lists nothing: what was handed in is visible to its own session, by its reference.
    fn list_submissions(&self) -> Option<HttpRequest> {
        None
    }

    fn read_submissions(&self, response: &HttpResponse) -> Result<Vec<SubmissionSummary>, CallError> {
        Err(envelope::unreadable(response))
    }

    fn dry_run(&self, _draft: &DraftSpec<'_>) -> Option<HttpRequest> {
        None
    }

    fn open_draft(&self, draft: &DraftSpec<'_>) -> HttpRequest {
        let open = OpenWire {
            service_id: draft.service_id.to_owned(),
            options: draft.options.to_vec(),
            correlation: draft.correlation.to_owned(),
            notify_email: draft.notify_email.map(str::to_owned),
        };
        HttpRequest::new(Call::OpenDraft, Method::Put, path(draft.reference, "")).with_body(body(&open))
    }

    fn fill_texts(&self, id: &str, texts: &BTreeMap<String, String>) -> HttpRequest {
        let answers = AnswersWire { texts: texts.clone() };
        HttpRequest::new(Call::Fill, Method::Put, path(id, "/answers")).with_body(body(&answers))
    }

    fn fill_file(&self, id: &str, file: &PreparedFile) -> HttpRequest {
        let to = path(id, &format!("/files/{}", segment(&file.key)));
        let mut request = HttpRequest::new(Call::Fill, Method::Put, to);
        request.headers = vec![
            ("content-type", file.mime.clone()),
            (wire::NAME_HEADER, segment(&file.name)),
            (wire::DIGEST_HEADER, file.sha256.clone()),
        ];
        request.with_body(Body::from_segments(vec![Segment::File {
            source: file.source.clone(),
            size: file.size,
            sha256: Some(file.sha256.clone()),
        }]))
    }

    fn get_submission(&self, id: &str) -> HttpRequest {
        HttpRequest::new(Call::GetSubmission, Method::Get, path(id, ""))
    }

    fn commit(&self, id: &str, commit: &CommitSpec<'_>) -> HttpRequest {
        let wire = CommitWire {
            confirm_price: commit.price.to_string(),
            accept_warnings: commit.accept_warnings.to_vec(),
            allow_duplicate: commit.allow_duplicate,
        };
        HttpRequest::new(Call::Commit, Method::Post, path(id, "/commit"))
            .with_body(body(&wire))
            .priced(commit.price)
    }

    fn choose(&self, id: &str, result: &ResultId, price: Money) -> HttpRequest {
        let wire = ChoiceWire {
            result: result.to_string(),
            confirm_price: price.to_string(),
        };
        HttpRequest::new(Call::Choose, Method::Post, path(id, "/choice"))
            .with_body(body(&wire))
            .priced(price)
    }

    fn add_search(&self, id: &str, search: &SearchSpec<'_>) -> Option<HttpRequest> {
        let wire = SearchWire {
            number: search.number,
            texts: search.texts.clone(),
            confirm_price: search.price.to_string(),
        };
        let request = HttpRequest::new(Call::AddSearch, Method::Post, path(id, "/searches"));
        Some(request.with_body(body(&wire)).priced(search.price))
    }

    fn read_submission(
        &self,
        request: &HttpRequest,
        asked: Option<&str>,
        response: &HttpResponse,
    ) -> Result<RemoteSubmission, CallError> {
        let remote = data::<SubmissionWire>(request.call, response)?.into_remote();
        match asked {
            Some(asked) if asked != remote.id => Err(CallError {
                code: ErrorCode::AnswerOtherId,
                ..envelope::unreadable(response)
            }),
            _ => Ok(remote),
        }
    }

    fn get_documents(&self, id: &str) -> HttpRequest {
        HttpRequest::new(Call::GetDocument, Method::Get, path(id, "/delivery"))
    }

    fn read_documents(&self, response: &HttpResponse) -> Result<Documents, CallError> {
        let files: Vec<FileWire> = data(Call::GetDocument, response)?;
        let listed = |(number, file): (usize, FileWire)| RemoteFile {
            name: safe_name(&file.name, &format!("document-{}", number + 1)),
            mime: file.mime,
            len: Some(file.len),
            md5: None,
            sha256: Some(file.sha256),
            expires_at: None,
            location: Location::Within(number),
        };
        Ok(Documents::Listed(
            files.into_iter().enumerate().map(listed).collect(),
        ))
    }

    fn get_file(&self, id: &str, number: usize, max_bytes: u64) -> HttpRequest {
        let mut request = HttpRequest::new(
            Call::GetFile,
            Method::Get,
            path(id, &format!("/delivery/{number}")),
        );
        request.answer = AnswerMode::File {
            number: u32::try_from(number).unwrap_or(u32::MAX),
            max_bytes,
        };
        request
    }

    /// A relay calls nobody back.
    fn read_callback(&self, _payload: &Value) -> CallbackClaim {
        CallbackClaim::default()
    }
}

/// Reads a service's description in the relay's shape. By hand: pages read it, and what derives readers would double their download.
pub(super) fn service(data: &Described) -> Result<Service, SchemaError> {
    let form = data.get("form").ok_or_else(SchemaError::not_a_service)?;
    let rule = text(form, "rule").ok_or_else(SchemaError::not_a_service)?;
    let Some(Described::List(described)) = form.get("fields") else {
        return Err(SchemaError::not_a_service());
    };
    let mut fields = Vec::with_capacity(described.len());
    for value in described {
        // The relay gives the fields in display order; the order is what counts, not the keys.
        let order = fields.len() as u64;
        fields.push((order, field(value).ok_or_else(SchemaError::not_a_service)?));
    }
    let form = form::assemble(fields, Some(rule), |_| false)?;
    details(data, form).ok_or_else(SchemaError::not_a_service)
}

fn details(data: &Described, form: ServiceForm) -> Option<Service> {
    let price = |name: &str| match data.get(name) {
        None | Some(Described::Null) => Some(None),
        Some(Described::Text(price)) => Some(Some(price.parse::<Money>().ok()?)),
        Some(_) => None,
    };
    let mut options = Vec::new();
    for value in list(data, "options")? {
        options.push(PaidOption {
            name: text(value, "name")?,
            wire_name: text(value, "wireName")?,
            price: text(value, "price")?.parse().ok()?,
        });
    }
    Some(Service {
        form,
        options,
        id: text(data, "id")?,
        name: text(data, "name")?,
        category: text(data, "category")?,
        price: price("price")?,
        search_price: price("searchPrice")?,
        has_search: flag(data, "hasSearch")?,
        is_synchronous: flag(data, "isSynchronous")?,
        instructions_html: text(data, "instructionsHtml").unwrap_or_default(),
        search_instructions_html: text(data, "searchInstructionsHtml").unwrap_or_default(),
    })
}

fn field(value: &Described) -> Option<Field> {
    let kind = FieldKind::of(&text(value, "kind")?)?;
    let label = text(value, "label")?;
    let mut choices = Vec::new();
    for value in list(value, "choices")? {
        choices.push(Choice {
            code: text(value, "code")?,
            description: text(value, "description")?,
        });
    }
    Some(Field {
        key: text(value, "key")?,
        slug: text(value, "slug")?,
        kind,
        wire_kind: text(value, "wireKind")?,
        help: text(value, "help")?,
        choices,
        declared_nullable: flag(value, "declaredNullable"),
        required: false,
        // By kind and label, as the relay did.
        recognised: recognise(kind, &label),
        label,
    })
}

fn text(value: &Described, name: &str) -> Option<String> {
    match value.get(name)? {
        Described::Text(text) | Described::Json(text, _) => Some(text.clone()),
        _ => None,
    }
}

fn flag(value: &Described, name: &str) -> Option<bool> {
    match value.get(name)? {
        Described::Bool(flag) => Some(*flag),
        _ => None,
    }
}

fn list<'a>(value: &'a Described, name: &str) -> Option<&'a [Described]> {
    match value.get(name)? {
        Described::List(items) => Some(items),
        _ => None,
    }
}

fn path(reference: &str, rest: &str) -> String {
    format!("/submissions/{}{rest}", segment(reference))
}

fn body(wire: &impl serde::Serialize) -> Body {
    Body::json(&json!(wire))
}

/// What a call answered with; every refusal is an error with the relay's own code.
fn data<T: DeserializeOwned>(call: Call, response: &HttpResponse) -> Result<T, CallError> {
    if (200..=299).contains(&response.status) {
        let answer: Option<Answer<T>> = serde_json::from_slice(&response.body).ok();
        return answer
            .map(|answer| answer.data)
            .ok_or_else(|| envelope::unreadable(response));
    }
    let refusal: Option<Refusal> = serde_json::from_slice(&response.body).ok();
    let Some(Refusal { error }) = refusal else {
        // Not the relay's own word: something in front of it.
        let transient = matches!(response.status, 408 | 425 | 429 | 500 | 502 | 503 | 504);
        return Err(CallError {
            code: envelope::general_meaning(response.status, false),
            hint: if transient { Hint::Transient } else { Hint::None },
            ..envelope::unreadable(response)
        });
    };
    let code = ErrorCode::of(&error.code).unwrap_or(match error.retryable {
        true => ErrorCode::ProviderUnavailable,
        false => ErrorCode::ProviderRefused,
    });
    let hint = match (call, code) {
        (Call::GetDocument, ErrorCode::DeliveryNotReady) => Hint::NotYet,
        (_, ErrorCode::ReferenceUnknown) => Hint::Missing,
        (Call::Fill, ErrorCode::ReferenceConflict) => Hint::AlreadyClosed,
        // A free call may be repeated; a paid one has its own way of finding out.
        _ if !call.is_paid() && (response.status >= 500 || response.status == 429) => Hint::Transient,
        // The relay is in trouble and did nothing on this call. Where an intermediary delivered it twice, the other one may have been paid.
        _ if call.is_paid() && response.status >= 500 => Hint::Doubtful,
        _ => Hint::None,
    };
    Err(CallError {
        code,
        http_status: response.status,
        api_code: None,
        definite: error.charged == Charged::No && code != ErrorCode::OutcomeUnknown,
        hint,
        fields: error.fields,
    })
}
