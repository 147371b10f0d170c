//! The remote APIs: one folder each. A provider builds [`HttpRequest`]s and reads [`HttpResponse`]s; it does no I/O, knows no
//! clock and keeps no state. Wire names and shapes stay private to its folder.

mod described;
pub mod docuengine;
mod envelope;
mod form;
mod kind;
mod loose;
pub mod oauth;
pub mod relay;
mod resolve;
pub mod visengine;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::error::{ErrorCode, SportelloError};
use crate::form::SchemaError;
use crate::http::{Body, Call, HttpRequest, HttpResponse, Method, Segment};
use crate::model::{Money, RemoteSubmission, ResultId, Service, ServiceSummary, Source, SubmissionSummary};

pub use described::Described;
pub use kind::ProviderKind;
pub use resolve::{ResolveError, elsewhere, resolve};

/// One remote API behind the common model.
pub trait Provider: Send + Sync {
    /// The stable name: `visengine`.
    fn name(&self) -> &'static str;

    /// What not every provider can do.
    fn abilities(&self) -> Abilities;

    /// Method and first path segment of a call, which together with the host make its OAuth scope; `None` for calls that need none.
    fn scope(&self, call: Call) -> Option<(Method, &'static str)>;

    /// The catalogue.
    fn list_services(&self) -> HttpRequest;
    /// Reads the catalogue.
    ///
    /// # Errors
    /// What the provider or the answer's shape refused.
    fn read_services(&self, response: &HttpResponse) -> Result<Vec<ServiceSummary>, CallError>;

    /// One service.
    fn get_service(&self, id: &str) -> HttpRequest;
    /// Reads one service; an answer about another than `asked` is refused.
    ///
    /// # Errors
    /// What the provider, the answer's shape or the form's rule refused.
    fn read_service(&self, asked: &str, response: &HttpResponse) -> Result<Service, SportelloError>;

    /// Every submission of the account; `None` where the provider shows no list.
    fn list_submissions(&self) -> Option<HttpRequest>;
    /// Reads the list; "none at all" is an empty list.
    ///
    /// # Errors
    /// What the provider or the answer's shape refused.
    fn read_submissions(&self, response: &HttpResponse) -> Result<Vec<SubmissionSummary>, CallError>;

    /// Validates and prices without opening or paying anything; `None` where the provider has no such call.
    fn dry_run(&self, draft: &DraftSpec<'_>) -> Option<HttpRequest>;
    /// Opens a draft: free, and never anything but a draft.
    fn open_draft(&self, draft: &DraftSpec<'_>) -> HttpRequest;
    /// Sets these text fields of a draft at once; a provider that replaces the whole set blanks the others, files among them.
    fn fill_texts(&self, id: &str, texts: &BTreeMap<String, String>) -> HttpRequest;
    /// Sets one file field of a draft.
    fn fill_file(&self, id: &str, file: &PreparedFile) -> HttpRequest;
    /// One submission.
    fn get_submission(&self, id: &str) -> HttpRequest;
    /// Hands a draft in: **paid**.
    fn commit(&self, id: &str, commit: &CommitSpec<'_>) -> HttpRequest;
    /// Chooses a search result: **paid**.
    fn choose(&self, id: &str, result: &ResultId, price: Money) -> HttpRequest;
    /// Adds a search: **paid**; `None` where the provider has no such call.
    fn add_search(&self, id: &str, search: &SearchSpec<'_>) -> Option<HttpRequest>;
    /// Reads the submission that any of the calls above answered with; `asked` is its id where one was named. An answer about
    /// another is refused.
    ///
    /// # Errors
    /// What the provider or the answer's shape refused, classified by the call of `request`.
    fn read_submission(
        &self,
        request: &HttpRequest,
        asked: Option<&str>,
        response: &HttpResponse,
    ) -> Result<RemoteSubmission, CallError>;

    /// The documents of a submission: the file itself into a sink, or the list of where its files are.
    fn get_documents(&self, id: &str) -> HttpRequest;
    /// Reads what came.
    ///
    /// # Errors
    /// What the provider refused, or a file of another length than declared.
    fn read_documents(&self, response: &HttpResponse) -> Result<Documents, CallError>;

    /// One file of a delivery that lies with the same API, into the sink of its number.
    fn get_file(&self, id: &str, number: usize, max_bytes: u64) -> HttpRequest;

    /// Whose a callback says it is, and how it proves that. Nothing in it is believed before that; see `callback`.
    fn read_callback(&self, payload: &Value) -> CallbackClaim;
}

/// What not every provider can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// The account's submissions can be listed.
    pub lists_submissions: bool,
    /// A search can be added to a submission.
    pub searches_again: bool,
    /// Opening goes by the caller's reference: it finds what is there already, and what it finds may be handed in.
    pub opens_by_reference: bool,
}

/// What a delivery is, as far as the answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Documents {
    /// One file, which is in the sink already.
    Fetched(DocumentInfo),
    /// Files that lie elsewhere.
    Listed(Vec<RemoteFile>),
}

/// One file of a delivery that came, beside its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentInfo {
    /// The provider's name of the file, made safe: no path, no control characters.
    pub name: String,
    /// The declared type, where there is one.
    pub mime: Option<String>,
    /// Its length in bytes.
    pub len: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

/// One file of a delivery that is still to be fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// The provider's name of the file, made safe.
    pub name: String,
    /// The declared type, where there is one.
    pub mime: Option<String>,
    /// Its declared length in bytes.
    pub len: Option<u64>,
    /// Its declared MD5, in base64.
    pub md5: Option<String>,
    /// Its declared SHA-256, in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// Until when the location holds, Unix seconds.
    pub expires_at: Option<u64>,
    /// Where it lies.
    pub location: Location,
}

/// `Debug` shows neither the name, which may be a person's, nor the location, which may hold a permission.
impl std::fmt::Debug for RemoteFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RemoteFile({:?} bytes, masked)", self.len)
    }
}

/// Where a file lies.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// With the same API, by its number: see [`Provider::get_file`].
    Within(usize),
    /// A URL of any host that holds its own permission, asked without the token.
    Signed(String),
}

/// A draft to open: everything that a later call can't set.
#[derive(Clone, Copy)]
pub struct DraftSpec<'a> {
    /// The caller's reference, for a provider that goes by it. Others are given `correlation` only.
    pub reference: &'a str,
    /// The provider's id of the service.
    pub service_id: &'a str,
    /// The options, by wire name.
    pub options: &'a [String],
    /// Given back by the provider with the submission; a keyed digest of the reference.
    pub correlation: &'a str,
    /// Where the provider reports changes of state.
    pub callback: Option<CallbackSpec<'a>>,
    /// Whom the provider mails the documents.
    pub notify_email: Option<&'a str>,
    /// The text fields, for a provider that refuses empty drafts.
    pub texts: Option<&'a BTreeMap<String, String>>,
    /// The files, for a provider that refuses drafts without them.
    pub files: &'a [PreparedFile],
    /// Nothing about callbacks at all, for a provider that refuses one without a URL. The correlation is then not given back.
    pub without_callback: bool,
}

/// Where the provider reports changes of state.
#[derive(Clone, Copy)]
pub struct CallbackSpec<'a> {
    /// The URL that the provider calls.
    pub url: &'a str,
    /// Comes back with each call, as proof that it was this submission that it was given to.
    pub proof: &'a str,
}

/// A draft to hand in.
#[derive(Clone, Copy)]
pub struct CommitSpec<'a> {
    /// The confirmed net price.
    pub price: Money,
    /// A field that the draft holds already, when the provider wants one in the same call.
    pub with_field: Option<(&'a str, &'a str)>,
    /// Codes of warnings that the caller accepted, for a provider that checks as we do.
    pub accept_warnings: &'a [String],
    /// A second submission for the same applicant is meant, for a provider that looks for one.
    pub allow_duplicate: bool,
}

/// A search to add.
#[derive(Clone, Copy)]
pub struct SearchSpec<'a> {
    /// Its number: 2 for the first after the one that came with handing in.
    pub number: u32,
    /// Its terms, every key of the form.
    pub texts: &'a BTreeMap<String, String>,
    /// The confirmed net price.
    pub price: Money,
}

/// What a callback claims.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallbackClaim {
    /// The provider's id of the submission.
    pub id: Option<String>,
    /// Our correlation.
    pub correlation: Option<String>,
    /// The proof that was given with the draft.
    pub proof: Option<String>,
}

/// A file ready to be sent: checked, named for the wire, its digest known.
#[derive(Clone)]
pub struct PreparedFile {
    /// The field's key.
    pub key: String,
    /// The name, made safe for the wire.
    pub name: String,
    /// The declared type.
    pub mime: String,
    /// The size in bytes.
    pub size: u64,
    /// Where the content is read from.
    pub source: Source,
    /// The content's SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

/// The body that opens a draft, with the fields where a provider wants them at once. The files stand among the texts, each a segment of its
/// own as the API writes a file, so that none is held in memory.
fn creating(
    body: serde_json::Map<String, Value>,
    fields: &str,
    draft: &DraftSpec<'_>,
    push_file: fn(&mut Vec<Segment>, &PreparedFile),
) -> Body {
    let mut head = Value::Object(body).to_string();
    let Some(texts) = draft.texts else {
        return Body::from_segments(vec![Segment::Text(head)]);
    };
    let mut texts = texts.clone();
    texts.retain(|key, _| !draft.files.iter().any(|file| file.key == *key));
    head.pop();
    head.push_str(&format!(",{}:{}", Value::from(fields), serde_json::json!(texts)));
    head.pop();
    let mut first = texts.is_empty();
    let mut segments = vec![Segment::Text(head)];
    for file in draft.files {
        let comma = if std::mem::take(&mut first) { "" } else { "," };
        segments.push(Segment::Text(format!(
            "{comma}{}:",
            Value::from(file.key.as_str())
        )));
        push_file(&mut segments, file);
    }
    segments.push(Segment::Text("}}".to_owned()));
    Body::from_segments(segments)
}

/// Reads a description of a service, of whichever provider: the bare object, or the envelope around it.
pub(crate) fn service_from_json(text: &str) -> Result<Service, SchemaError> {
    let value: Value = serde_json::from_str(text).map_err(|_| SchemaError::not_json())?;
    service_described(&value.into())
}

/// The same of a description that was parsed already.
pub(crate) fn service_described(description: &Described) -> Result<Service, SchemaError> {
    let data = description.part("data").unwrap_or(description);
    if data.get("requestStructure").is_some() {
        docuengine::service(data)
    } else if data.get("form").is_some() {
        relay::service(data)
    } else {
        visengine::service(data)
    }
}

/// An id as one path segment: whatever a server or a caller calls an id can't leave it.
pub(crate) fn path_segment(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Why an answer is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// What it means.
    pub code: ErrorCode,
    /// The HTTP status.
    pub http_status: u16,
    /// The provider's error code.
    pub api_code: Option<u32>,
    /// True when the provider itself said no, in a way its documents list for this call: nothing happened.
    pub definite: bool,
    /// What a machine does about it.
    pub hint: Hint,
    /// Field keys that the provider's text names.
    pub fields: Vec<String>,
}

/// What a machine does about a refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hint {
    /// Nothing in particular.
    #[default]
    None,
    /// The request was closed before: look.
    AlreadyClosed,
    /// The call wants a field beside the state.
    NeedsField,
    /// An empty draft is not accepted: open it with fields.
    NeedsData,
    /// A callback without a URL is not accepted: open the draft without one.
    NoCallback,
    /// The submission is not there.
    Missing,
    /// Refused, in words that also answer a call that was delivered twice and accepted once: look which it was.
    Doubtful,
    /// Out of order for the moment, or too many calls: a free call may be repeated.
    Transient,
    /// Not ready yet.
    NotYet,
}

impl From<CallError> for SportelloError {
    fn from(error: CallError) -> SportelloError {
        let named =
            (!error.fields.is_empty()).then(|| format!("the provider names {}", error.fields.join(", ")));
        let base = SportelloError::new(error.code).answered(error.http_status, error.api_code);
        match named {
            Some(named) => base.detail(named),
            None => base,
        }
    }
}
