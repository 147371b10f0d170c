use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Money;

/// Where a request stands with the provider, as far as money is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// An open draft: nothing was charged.
    Open,
    /// Handed in: charged.
    Committed,
    /// A draft that died before it was handed in: nothing was charged, nothing can be.
    Dead,
    /// The provider said something this version does not know.
    Unknown,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Phase; 4] = [Phase::Open, Phase::Committed, Phase::Dead, Phase::Unknown];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Phase::Open => "open",
            Phase::Committed => "committed",
            Phase::Dead => "dead",
            Phase::Unknown => "unknown",
        }
    }
}

/// How far the office has come, as a person would say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Not handed in yet.
    Draft,
    /// A search is under way.
    Searching,
    /// Results are present and nothing was chosen.
    ChoiceNeeded,
    /// The searches found nothing.
    NoResults,
    /// The office is working on it.
    Processing,
    /// The data are there, the documents are being made.
    DataReady,
    /// The documents are ready.
    Delivered,
    /// Cancelled.
    Cancelled,
    /// A state this version does not know; its text is in `status`.
    Unknown,
}

impl Progress {
    /// Every progress, in the order of a submission's life.
    pub const ALL: [Progress; 9] = [
        Progress::Draft,
        Progress::Searching,
        Progress::ChoiceNeeded,
        Progress::NoResults,
        Progress::Processing,
        Progress::DataReady,
        Progress::Delivered,
        Progress::Cancelled,
        Progress::Unknown,
    ];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Progress::Draft => "draft",
            Progress::Searching => "searching",
            Progress::ChoiceNeeded => "choice_needed",
            Progress::NoResults => "no_results",
            Progress::Processing => "processing",
            Progress::DataReady => "data_ready",
            Progress::Delivered => "delivered",
            Progress::Cancelled => "cancelled",
            Progress::Unknown => "unknown",
        }
    }

    /// True where watching ends: something is there to be done, or nothing will come.
    #[must_use]
    pub const fn ends_watching(self) -> bool {
        matches!(
            self,
            Progress::Delivered | Progress::Cancelled | Progress::ChoiceNeeded | Progress::NoResults
        )
    }
}

/// Names one result of a search, as the provider's own words make it: kept, compared and given back, never taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResultId(String);

impl ResultId {
    /// The result of this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> ResultId {
        ResultId(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One result of a search. Its values may be personal data: `Debug` shows its index only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchResult {
    /// What it is chosen by.
    pub id: ResultId,
    /// Its index within its search, from 0.
    pub index: u32,
    /// What the provider says of it, nested values joined by a point: `Indirizzo.Comune`.
    pub values: BTreeMap<String, String>,
}

impl fmt::Debug for SearchResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SearchResult({}, masked)", self.index)
    }
}

/// One search of a submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Search {
    /// The provider's id.
    pub id: String,
    /// The provider's text: `Ricerca evasa`.
    pub status: String,
    /// True when it is over, with or without results.
    pub finished: bool,
    /// What it found.
    pub results: Vec<SearchResult>,
    /// The terms it was made with, where they are echoed. Personal data; never shown by `Debug`.
    #[serde(skip)]
    pub(crate) terms: Echo,
}

/// Field values as the provider echoes them. Personal data: `Debug` shows how many there are.
#[derive(Clone, Default, PartialEq)]
pub struct Echo(pub(crate) BTreeMap<String, String>);

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Echo({} fields)", self.0.len())
    }
}

/// What the provider says of the outcome beyond the state. Its text may repeat what the applicant typed, so `Debug` shows the code only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfficeNote {
    /// The provider's code; `0` when all is well.
    pub code: String,
    /// The provider's text.
    pub info: String,
}

impl fmt::Debug for OfficeNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OfficeNote({}, masked)", self.code)
    }
}

/// A request as the provider describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteSubmission {
    /// The provider's id.
    pub id: String,
    /// The provider's id of the service.
    pub service_id: String,
    /// The service's name.
    pub service_name: String,
    /// Where it stands as far as money is concerned.
    pub phase: Phase,
    /// How far the office has come.
    pub progress: Progress,
    /// The provider's own words: `In erogazione`.
    pub status: String,
    /// The net price of the document.
    pub price: Option<Money>,
    /// The net price of a search.
    pub search_price: Option<Money>,
    /// True when handing in starts a search.
    pub has_search: bool,
    /// The options taken, by wire name, with their price; `None` when the provider does not say which.
    pub options: Option<Vec<(String, Money)>>,
    /// The net price of all options together, from a provider that gives no single prices.
    pub options_price: Option<Money>,
    /// The searches, in order.
    pub searches: Vec<Search>,
    /// The chosen result.
    pub chosen: Option<ResultId>,
    /// The names of the documents, once there are any.
    pub files: Vec<String>,
    /// The states passed through, by the provider's key, with Unix seconds.
    pub timeline: Vec<(String, u64)>,
    /// When the provider created it, Unix seconds.
    pub created_at: Option<u64>,
    /// When the provider last changed it, Unix seconds.
    pub updated_at: Option<u64>,
    /// Our correlation, where the provider gives it back.
    pub correlation: Option<String>,
    /// What the provider says beyond the state, where it says anything but "fine".
    pub note: Option<OfficeNote>,
    /// The fields of a draft, where the provider echoes them.
    #[serde(skip)]
    pub(crate) echo: Echo,
}

impl RemoteSubmission {
    /// What the options cost together, as far as the provider says.
    fn options_price(&self) -> Money {
        let single = || self.options.iter().flatten().map(|(_, price)| *price).sum();
        self.options_price.unwrap_or_else(single)
    }

    /// The net price of handing in; `None` when the provider gave none that can be read.
    #[must_use]
    pub fn due_on_commit(&self, has_search: bool) -> Option<Money> {
        if has_search {
            self.search_price
        } else {
            Some(self.price? + self.options_price())
        }
    }

    /// The net price of choosing a result.
    #[must_use]
    pub fn due_on_choice(&self) -> Option<Money> {
        Some(self.price? + self.options_price())
    }
}

/// One line of the provider's list of requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
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
    /// When the provider created it, Unix seconds.
    pub created_at: Option<u64>,
}
