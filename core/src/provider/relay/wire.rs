//! What goes over the wire between a relay and its clients, both ways: our own shapes, in camelCase.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `GET /services` | | [`Answer`] of [`ServiceSummary`](crate::model::ServiceSummary) list |
//! | `GET /services/{id}` | | [`Answer`] of [`ServiceWire`] |
//! | `PUT /submissions/{reference}` | [`OpenWire`] | [`Answer`] of [`SubmissionWire`] |
//! | `PUT /submissions/{reference}/answers` | [`AnswersWire`] | [`Answer`] of [`SubmissionWire`] |
//! | `PUT /submissions/{reference}/files/{key}` | the file; `content-type`, [`NAME_HEADER`], [`DIGEST_HEADER`] | [`Answer`] of [`SubmissionWire`] |
//! | `GET /submissions/{reference}` | | [`Answer`] of [`SubmissionWire`] |
//! | `POST /submissions/{reference}/commit` | [`CommitWire`] | [`Answer`] of [`SubmissionWire`] |
//! | `POST /submissions/{reference}/choice` | [`ChoiceWire`] | [`Answer`] of [`SubmissionWire`] |
//! | `POST /submissions/{reference}/searches` | [`SearchWire`] | [`Answer`] of [`SubmissionWire`] |
//! | `GET /submissions/{reference}/delivery` | | [`Answer`] of [`FileWire`] list |
//! | `GET /submissions/{reference}/delivery/{number}` | | the file |
//!
//! Every refusal is a [`Refusal`] with an HTTP status. All calls carry the session as a bearer token, never a provider's token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Charged, Details};
use crate::model::{Echo, Field, Money, PaidOption, RemoteSubmission, Service};

/// Header with the file's name, percent-encoded UTF-8.
pub const NAME_HEADER: &str = "x-file-name";
/// Header with the file's SHA-256, lower-case hexadecimal; the relay refuses what does not match.
pub const DIGEST_HEADER: &str = "x-file-sha256";

/// What a call answers with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer<T> {
    /// The answer itself.
    pub data: T,
}

/// Why a call was refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// The reason.
    pub error: RefusalDetails,
}

/// The parts of a refusal: those of a `SportelloError`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusalDetails {
    /// The stable dotted code.
    pub code: String,
    /// What is wrong and what to do.
    pub text: String,
    /// Particulars without personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// True when the same call again is safe and may succeed.
    pub retryable: bool,
    /// Whether the account was charged.
    pub charged: Charged,
    /// Keys of the fields that stand in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The findings, where the refusal is about the answers: as in a report, without values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<serde_json::Value>,
}

impl Refusal {
    /// The refusal that tells a client of an error. Corrections stay behind: they are personal data.
    #[must_use]
    pub fn of(details: &Details) -> Refusal {
        let finding = |finding: &crate::check::Finding| {
            let mut value = serde_json::to_value(finding).unwrap_or_default();
            if let Some(members) = value.as_object_mut() {
                members.remove("correction");
            }
            value
        };
        Refusal {
            error: RefusalDetails {
                code: details.code.to_owned(),
                text: details.text.clone(),
                detail: details.detail.clone(),
                retryable: details.retryable,
                charged: details.charged,
                fields: (details.findings.iter())
                    .filter_map(|finding| finding.field.clone())
                    .collect(),
                findings: details.findings.iter().map(finding).collect(),
            },
        }
    }
}

/// A service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceWire {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The category.
    pub category: String,
    /// What it asks for.
    pub form: FormWire,
    /// The net price of the document.
    pub price: Option<Money>,
    /// The net price of one search.
    pub search_price: Option<Money>,
    /// True when handing in starts a search.
    pub has_search: bool,
    /// True when the commit's answer holds the result.
    pub is_synchronous: bool,
    /// Paid extras.
    pub options: Vec<PaidOption>,
    /// Untrusted HTML.
    #[serde(default)]
    pub instructions_html: String,
    /// Untrusted HTML.
    #[serde(default)]
    pub search_instructions_html: String,
}

/// A form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FormWire {
    /// The fields, in display order.
    pub fields: Vec<Field>,
    /// The rule over their keys.
    pub rule: String,
}

impl From<&Service> for ServiceWire {
    fn from(service: &Service) -> ServiceWire {
        ServiceWire {
            id: service.id.clone(),
            name: service.name.clone(),
            category: service.category.clone(),
            form: FormWire {
                fields: service.form.fields.clone(),
                rule: service.form.rule.to_string(),
            },
            price: service.price,
            search_price: service.search_price,
            has_search: service.has_search,
            is_synchronous: service.is_synchronous,
            options: service.options.clone(),
            instructions_html: service.instructions_html.clone(),
            search_instructions_html: service.search_instructions_html.clone(),
        }
    }
}

/// Opens a submission.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenWire {
    /// The id of the service.
    pub service_id: String,
    /// The paid options, by wire name.
    #[serde(default)]
    pub options: Vec<String>,
    /// Given back with the submission.
    #[serde(default)]
    pub correlation: String,
    /// Whom the provider mails the documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_email: Option<String>,
}

/// Sets every text field.
#[derive(Clone, Serialize, Deserialize)]
pub struct AnswersWire {
    /// The text fields by key; files are blanked by it.
    pub texts: BTreeMap<String, String>,
}

/// Hands in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitWire {
    /// The exact net price.
    pub confirm_price: String,
    /// Codes of warnings that somebody has looked at.
    #[serde(default)]
    pub accept_warnings: Vec<String>,
}

/// Chooses a search result.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChoiceWire {
    /// The result.
    pub result: String,
    /// The exact net price.
    pub confirm_price: String,
}

/// Adds a search.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchWire {
    /// Its number, from 2.
    pub number: u32,
    /// Its terms by key.
    pub texts: BTreeMap<String, String>,
    /// The exact net price.
    pub confirm_price: String,
}

/// A submission. Its `id` is the session's reference, never the provider's id.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionWire {
    /// The submission.
    #[serde(flatten)]
    pub submission: RemoteSubmission,
    /// The text fields that the relay holds, while it is a draft.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, String>,
    /// The SHA-256 of the files that the relay holds whole, by field key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files_held: BTreeMap<String, String>,
}

impl SubmissionWire {
    /// The submission with what it echoes.
    pub(super) fn into_remote(self) -> RemoteSubmission {
        RemoteSubmission {
            echo: Echo(self.texts),
            ..self.submission
        }
    }
}

/// One file of a delivery.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileWire {
    /// Its name, made safe.
    pub name: String,
    /// Its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Its length in bytes.
    pub len: u64,
    /// Its SHA-256, lower-case hexadecimal.
    pub sha256: String,
}
