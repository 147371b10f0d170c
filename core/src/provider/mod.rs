//! The remote APIs: one folder each. A provider builds [`HttpRequest`]s and reads [`HttpResponse`]s; it does no I/O, knows no
//! clock and keeps no state. Wire names and shapes stay private to its folder.

pub mod visengine;

use std::collections::BTreeMap;

use crate::error::{ErrorCode, SportelloError};
use crate::http::{HttpRequest, HttpResponse};
use crate::model::{RemoteSubmission, ResultId, Service, ServiceSummary, Source, SubmissionSummary};

/// One remote API behind the common model.
pub trait Provider: Send + Sync {
    /// The stable name: `visengine`.
    fn name(&self) -> &'static str;

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

    /// Every submission of the account.
    fn list_submissions(&self) -> HttpRequest;
    /// Reads the list; "none at all" is an empty list.
    ///
    /// # Errors
    /// What the provider or the answer's shape refused.
    fn read_submissions(&self, response: &HttpResponse) -> Result<Vec<SubmissionSummary>, CallError>;

    /// Validates and prices without opening or paying anything.
    fn dry_run(&self, draft: &DraftSpec<'_>) -> HttpRequest;
    /// Opens a draft: free, and never anything but a draft.
    fn open_draft(&self, draft: &DraftSpec<'_>) -> HttpRequest;
    /// Sets every text field of a draft at once; files are blanked by it.
    fn fill_texts(&self, id: &str, texts: &BTreeMap<String, String>) -> HttpRequest;
    /// Sets one file field of a draft.
    fn fill_file(&self, id: &str, file: &PreparedFile) -> HttpRequest;
    /// One submission.
    fn get_submission(&self, id: &str) -> HttpRequest;
    /// Hands a draft in: **paid**. With a field when the provider wants one in the same call.
    fn commit(&self, id: &str, with_field: Option<(&str, &str)>) -> HttpRequest;
    /// Chooses a search result: **paid**.
    fn choose(&self, id: &str, result: &ResultId) -> HttpRequest;
    /// Adds a search: **paid**.
    fn add_search(&self, id: &str, texts: &BTreeMap<String, String>) -> HttpRequest;
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

    /// The documents of a submission, into a sink.
    fn get_document(&self, id: &str) -> HttpRequest;
    /// Reads what came beside the file in the sink.
    ///
    /// # Errors
    /// What the provider refused, or a file of another length than declared.
    fn read_document(&self, response: &HttpResponse) -> Result<DocumentInfo, CallError>;
}

/// What a delivery is, beside its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentInfo {
    /// The provider's name of the file, made safe: no path, no control characters.
    pub name: String,
    /// Its length in bytes.
    pub len: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

/// A draft to open: everything that a later call can't set.
#[derive(Clone, Copy)]
pub struct DraftSpec<'a> {
    /// The provider's id of the service.
    pub service_id: &'a str,
    /// The options, by wire name.
    pub options: &'a [String],
    /// Given back by the provider with the submission; a keyed digest of the reference.
    pub correlation: &'a str,
    /// Where the provider reports changes of state.
    pub callback_url: Option<&'a str>,
    /// Whom the provider mails the documents.
    pub notify_email: Option<&'a str>,
    /// The text fields, for a provider that refuses empty drafts.
    pub texts: Option<&'a BTreeMap<String, String>>,
    /// The files, for a provider that refuses drafts without them.
    pub files: &'a [PreparedFile],
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
    /// The submission is not there.
    Missing,
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
