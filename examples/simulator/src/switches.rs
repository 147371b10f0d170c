//! What the provider's documents leave open, one switch each.

use serde::{Deserialize, Serialize};

/// What `json_visura` in a `PUT`, or `search` in a `PATCH`, does to the fields already there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonVisura {
    /// Fields that are not named stay as they were.
    #[default]
    Merge,
    /// Fields that are not named are gone.
    Replace,
}

/// What an open draft tells of its fields (`json_ricerca` and `json_mappato`, `search` and
/// `readableSearch`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Echo {
    /// Nothing.
    None,
    /// The text fields.
    #[default]
    Text,
    /// The text fields and the whole value of each file. File contents are then kept in memory.
    All,
}

/// What DocuEngine does with a `callback` that has no `url`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrllessCallback {
    /// It is kept, and echoed.
    #[default]
    Kept,
    /// It reads `null` afterwards.
    Dropped,
    /// The call is refused (428/311).
    Refused,
}

/// What DocuEngine answers to the second commit of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedCommit {
    /// 422/213, the text about results to choose from.
    #[default]
    NoResults,
    /// 406/210.
    NotAcceptable,
    /// 200 and the request as it stands: the second commit does nothing.
    Same,
}

/// How the place where DocuEngine's deliveries lie keeps what the list of documents promised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// It does.
    #[default]
    Honest,
    /// The list's `md5` is that of something else.
    WrongMd5,
    /// The list's `fileSize` is that of something else.
    WrongSize,
    /// The file stops in the middle. Needs a wire: [`Engine::exchange`](crate::Engine::exchange) or a socket.
    Cut,
    /// Every download is sent somewhere else (302).
    Redirect {
        /// Where to.
        to: String,
    },
}

/// What the provider's documents leave open. Where a question is the same in both APIs it is one switch: a
/// `PUT` then stands for a `PATCH` too, `state` 0 and 1 for `NEW` and `SEARCH`. The default is the friendliest reading of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Open: is a draft accepted with no fields in it? When set, a `POST` with `state` 0 and no non-empty
    /// field is refused (412/250; 406/205).
    pub refuse_empty_drafts: bool,
    /// Open: does a `PUT` of `json_visura`, or a `PATCH` of `search`, merge with or replace what was there?
    pub json_visura: JsonVisura,
    /// Open: what does a `GET` of a draft echo?
    pub echo: Echo,
    /// Open: is Visengine's `callback_data` without a `url` kept? When set, it is dropped and reads `false` afterwards.
    pub drop_callback_without_url: bool,
    /// Open: how long does a draft live? After this long it reads `Annullata`, still with `state` 0
    /// (`CANCELLED`, with no other stamp than `NEW`), and can be neither edited nor committed.
    pub draft_lifetime_ms: Option<u64>,
    /// Open: is `{"state":1}` accepted alone? When set, a `PUT` with no field is refused (400/300).
    pub refuse_bare_commit: bool,
    /// Open: are two commits of one id atomic? When set, a commit arriving within `race_window_ms` of the
    /// first finds the request still open and is charged as well.
    pub racy_commit: bool,
    /// How long `racy_commit` leaves the door open.
    pub race_window_ms: u64,
    /// Open: does the choice of a result, made twice, charge twice? When not set, the second is refused
    /// (409/230; 422/213).
    pub repeated_choice_charges: bool,
    /// Open: when is the credit looked at? When set, at the commit (402/211 or 402/610 answers the
    /// `PUT`). When not, at the opening of the draft (it answers the `POST`), and a commit may then overdraw the wallet.
    pub wallet_checked_at_commit: bool,
    /// Open: is `test` free for every account? When not set, `test` is ignored: the call opens a draft or
    /// is paid, as its `state` says.
    pub test_is_free: bool,
    /// Open: is DocuEngine's `callback` without a `url` kept?
    pub callback_without_url: UrllessCallback,
    /// Open: must DocuEngine's `callback` have `headers`? The example of error 428/311 says so, the schema
    /// does not. When set, one without is refused.
    pub callback_needs_headers: bool,
    /// Open: what does DocuEngine answer to a second commit?
    pub repeated_commit: RepeatedCommit,
    /// Open: in which state does a DocuEngine request wait for the choice of a result? When set, `WAIT`.
    /// When not, `SEARCH`, as while the search was under way.
    pub results_in_wait: bool,
    /// Open: is a DocuEngine request whose search finds nothing cancelled? When not set, its `results` are an
    /// empty list and it stays as it is.
    pub empty_search_cancels: bool,
    /// Open: how long does a download address of DocuEngine live? The published example says a day.
    pub url_ttl_ms: u64,
    /// Open: where do download addresses point? The origin they begin with, in place of the storage's own: a
    /// private address such as `http://10.0.0.1`, say.
    pub download_base: Option<String>,
    /// Open: does the storage keep what the list of documents promised?
    pub storage: Storage,
    /// Open: does OAuth put a token it issues into the envelope, as everything else is, or bare, as its
    /// schema has it?
    pub bare_tokens: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            refuse_empty_drafts: false,
            json_visura: JsonVisura::Merge,
            echo: Echo::Text,
            drop_callback_without_url: false,
            draft_lifetime_ms: None,
            refuse_bare_commit: false,
            racy_commit: false,
            race_window_ms: 1_000,
            repeated_choice_charges: false,
            wallet_checked_at_commit: true,
            test_is_free: true,
            callback_without_url: UrllessCallback::Kept,
            callback_needs_headers: false,
            repeated_commit: RepeatedCommit::NoResults,
            results_in_wait: false,
            empty_search_cancels: true,
            url_ttl_ms: 86_400_000,
            download_base: None,
            storage: Storage::Honest,
            bare_tokens: false,
        }
    }
}
