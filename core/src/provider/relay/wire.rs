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
use crate::model::{Echo, Field, Money, PaidOption, Phase, Progress, RemoteSubmission, ResultId, Service};

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
    /// The text fields by key. A field of a file that is among them, blank, has no file any more; other files stay.
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
    /// A second submission of this service for the same applicant is meant.
    #[serde(default)]
    pub allow_duplicate: bool,
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
    /// What was handed in, as the session may see it: under its reference and with its correlation. The provider's id is nowhere in it;
    /// searches and their results are named by their places, see [`result_named`].
    #[must_use]
    pub fn handed_in(remote: RemoteSubmission, reference: &str, correlation: &str) -> SubmissionWire {
        let chosen = remote.chosen.as_ref().map(|chosen| {
            let mut places = results(&remote);
            let place = places.find_map(|(place, id)| (id == chosen).then_some(place));
            // One that is not among them any more is a choice all the same.
            place.unwrap_or_else(|| ResultId::new("0/0"))
        });
        let mut searches = remote.searches;
        for (search, at) in searches.iter_mut().zip(1..) {
            search.id = format!("{at}");
            for result in &mut search.results {
                result.id = place(at, result.index);
            }
        }
        let files = (remote.files.into_iter())
            .map(|name| name.replace(&remote.id, reference))
            .collect();
        SubmissionWire {
            submission: RemoteSubmission {
                id: reference.to_owned(),
                correlation: Some(correlation.to_owned()),
                echo: Echo::default(),
                searches,
                chosen,
                files,
                ..remote
            },
            texts: BTreeMap::new(),
            files_held: BTreeMap::new(),
        }
    }

    /// A draft that the relay holds and no provider has seen yet. `options` are wire names.
    #[must_use]
    pub fn draft(
        reference: &str,
        service: &Service,
        options: &[String],
        correlation: &str,
    ) -> SubmissionWire {
        let priced = |name: &String| Some((name.clone(), service.option(name)?.price));
        SubmissionWire {
            submission: RemoteSubmission {
                id: reference.to_owned(),
                service_id: service.id.clone(),
                service_name: service.name.clone(),
                phase: Phase::Open,
                progress: Progress::Draft,
                status: String::new(),
                price: service.price,
                search_price: service.search_price,
                has_search: service.has_search,
                options: Some(options.iter().filter_map(priced).collect()),
                options_price: None,
                searches: Vec::new(),
                chosen: None,
                files: Vec::new(),
                timeline: Vec::new(),
                created_at: None,
                updated_at: None,
                correlation: Some(correlation.to_owned()),
                note: None,
                echo: Echo::default(),
            },
            texts: BTreeMap::new(),
            files_held: BTreeMap::new(),
        }
    }

    /// The submission with what it echoes.
    pub(super) fn into_remote(self) -> RemoteSubmission {
        RemoteSubmission {
            echo: Echo(self.texts),
            ..self.submission
        }
    }
}

/// The provider's name of the result that a session names by its place, as [`SubmissionWire::handed_in`] does; `None` when there is none.
#[must_use]
pub fn result_named<'a>(remote: &'a RemoteSubmission, name: &str) -> Option<&'a ResultId> {
    results(remote).find_map(|(place, id)| (place.as_str() == name).then_some(id))
}

/// Every result with its place.
fn results(remote: &RemoteSubmission) -> impl Iterator<Item = (ResultId, &ResultId)> {
    let searches = remote.searches.iter().zip(1u32..);
    searches.flat_map(|(search, at)| {
        (search.results.iter()).map(move |result| (place(at, result.index), &result.id))
    })
}

fn place(search: u32, index: u32) -> ResultId {
    ResultId::new(format!("{search}/{index}"))
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
