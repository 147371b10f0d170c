use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use sportello::model::{
    Estimate, OfficeNote as CoreNote, RemoteSubmission as CoreRemote, SearchResult as CoreResult,
};

use crate::values::{moment, moment_of_seconds};
use crate::{Charged, Lang, Money, NextStep, Phase, Stage, SubmissionProgress};

/// When the office is expected to be done: 24 to 48 working hours after it had everything it needs.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ExpectedDelivery {
    /// 24 working hours after the start.
    pub earliest: SystemTime,
    /// 48 working hours after the start.
    pub latest: SystemTime,
}

impl From<Estimate> for ExpectedDelivery {
    fn from(Estimate { earliest, latest }: Estimate) -> ExpectedDelivery {
        ExpectedDelivery {
            earliest: moment(earliest),
            latest: moment(latest),
        }
    }
}

/// One result of a search. Its text form shows its index only: the values may be a person's.
#[derive(uniffi::Object)]
pub struct SearchResult(pub(crate) CoreResult);

#[uniffi::export]
impl SearchResult {
    /// What it is chosen by: kept and given back, never taken apart.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id.as_str().to_owned()
    }

    /// Its index within its search, from 0.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.0.index
    }

    /// What the provider says of it, nested values joined by a point: `Indirizzo.Comune`. May be personal data.
    #[must_use]
    pub fn values(&self) -> HashMap<String, String> {
        self.0.values.clone().into_iter().collect()
    }
}

impl fmt::Debug for SearchResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One search of a submission.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Search {
    /// The provider's id.
    pub id: String,
    /// The provider's text: `Ricerca evasa`.
    pub status: String,
    /// True when it is over, with or without results.
    pub finished: bool,
    /// What it found.
    pub results: Vec<Arc<SearchResult>>,
}

/// What the office says beyond the state. Its text form shows the code only: the office may repeat what the applicant wrote.
#[derive(uniffi::Object)]
pub struct OfficeNote(CoreNote);

#[uniffi::export]
impl OfficeNote {
    /// The provider's code; `0` when all is well.
    #[must_use]
    pub fn code(&self) -> String {
        self.0.code.clone()
    }

    /// The office's own words. May be personal data.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.info.clone()
    }
}

impl fmt::Debug for OfficeNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A request as the provider describes it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RemoteSubmission {
    /// The provider's id.
    pub id: String,
    /// Where it stands as far as money is concerned.
    pub phase: Phase,
    /// How far the office has come.
    pub progress: SubmissionProgress,
    /// What a person does next.
    pub next_step: NextStep,
    /// The provider's own words: `In erogazione`.
    pub status: String,
    /// The net price of the document.
    pub price: Option<Money>,
    /// The net price of a search.
    pub search_price: Option<Money>,
    /// The searches, in order.
    pub searches: Vec<Search>,
    /// The id of the chosen result.
    pub chosen: Option<String>,
    /// The names of the documents, once there are any.
    pub files: Vec<String>,
    /// What the office says beyond the state, where it says anything but "fine".
    pub note: Option<Arc<OfficeNote>>,
    /// When the provider created it.
    pub created_at: Option<SystemTime>,
    /// When the provider last changed it.
    pub updated_at: Option<SystemTime>,
}

impl From<CoreRemote> for RemoteSubmission {
    fn from(remote: CoreRemote) -> RemoteSubmission {
        let next_step = remote.next_step();
        let searches = remote.searches.into_iter().map(|search| Search {
            id: search.id,
            status: search.status,
            finished: search.finished,
            results: (search.results.into_iter())
                .map(|result| Arc::new(SearchResult(result)))
                .collect(),
        });
        RemoteSubmission {
            id: remote.id,
            phase: remote.phase,
            progress: remote.progress,
            next_step,
            status: remote.status,
            price: remote.price,
            search_price: remote.search_price,
            searches: searches.collect(),
            chosen: remote.chosen.map(|result| result.as_str().to_owned()),
            files: remote.files,
            note: remote.note.map(|note| Arc::new(OfficeNote(note))),
            created_at: remote.created_at.map(moment_of_seconds),
            updated_at: remote.updated_at.map(moment_of_seconds),
        }
    }
}

/// What a look at a submission showed.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SubmissionUpdate {
    /// The caller's reference.
    pub reference: String,
    /// What the provider says.
    pub remote: RemoteSubmission,
    /// When it was seen.
    pub seen_at: SystemTime,
    /// When the office is expected to be done, while it is at work.
    pub expected: Option<ExpectedDelivery>,
}

/// A submission as this device knows it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Submission {
    /// The caller's reference.
    pub reference: String,
    /// The provider's id, once a draft was bound.
    pub id: Option<String>,
    /// The provider's id of the service.
    pub service_id: String,
    /// The service's name.
    pub service_name: String,
    /// How far it has come.
    pub stage: Stage,
    /// Whether handing in was charged.
    pub charged: Charged,
    /// The confirmed net price of handing in.
    pub price: Option<Money>,
    /// When the intention was journalled.
    pub created_at: SystemTime,
    /// When the journal last changed.
    pub updated_at: SystemTime,
    /// What the provider last said, where it was asked.
    pub remote: Option<RemoteSubmission>,
    /// When the office is expected to be done, while it is at work.
    pub expected: Option<ExpectedDelivery>,
}

/// One line of the provider's list of requests.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SubmissionSummary {
    /// The caller's reference, where the journal knows it.
    pub reference: Option<String>,
    /// The provider's id.
    pub id: String,
    /// The provider's id of the service.
    pub service_id: String,
    /// The service's name.
    pub service_name: String,
    /// Where it stands as far as money is concerned.
    pub phase: Phase,
    /// The provider's own words.
    pub status: String,
    /// When the provider created it.
    pub created_at: Option<SystemTime>,
}

/// The next step in a sentence for the person it is up to.
#[uniffi::export]
#[must_use]
pub fn next_step_text(step: NextStep, lang: Lang) -> String {
    step.text(lang).to_owned()
}
