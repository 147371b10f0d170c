//! What the provider's documents leave open, one switch each.

use serde::{Deserialize, Serialize};

/// What `json_visura` in a `PUT` does to the fields already there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonVisura {
    /// Fields that are not named stay as they were.
    #[default]
    Merge,
    /// Fields that are not named are gone.
    Replace,
}

/// What an open draft tells of its fields (`json_ricerca` and `json_mappato`).
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

/// What the provider's documents leave open. The default is the friendliest reading of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Open: is a draft accepted with no fields in it? When set, a `POST` with `state` 0 and no non-empty
    /// field is refused (412/250).
    pub refuse_empty_drafts: bool,
    /// Open: does a `PUT` of `json_visura` merge with or replace what was there?
    pub json_visura: JsonVisura,
    /// Open: what does a `GET` of a draft echo?
    pub echo: Echo,
    /// Open: is `callback_data` without a `url` kept? When set, it is dropped and reads `false` afterwards.
    pub drop_callback_without_url: bool,
    /// Open: how long does a draft live? After this long it reads `Annullata`, still with `state` 0, and can
    /// be neither edited nor committed.
    pub draft_lifetime_ms: Option<u64>,
    /// Open: is `{"state":1}` accepted alone? When set, a `PUT` with no field is refused (400/300).
    pub refuse_bare_commit: bool,
    /// Open: are two commits of one id atomic? When set, a commit arriving within `race_window_ms` of the
    /// first finds the request still open and is charged as well.
    pub racy_commit: bool,
    /// How long `racy_commit` leaves the door open.
    pub race_window_ms: u64,
    /// Open: does the choice of a result, made twice, charge twice? When not set, the second is refused
    /// (409/230).
    pub repeated_choice_charges: bool,
    /// Open: when is the credit looked at? When set, at the commit (402/211 answers the `PUT`). When not, at
    /// the opening of the draft (402/211 answers the `POST`), and a commit may then overdraw the wallet.
    pub wallet_checked_at_commit: bool,
    /// Open: is `test` free for every account? When not set, `test` is ignored: the call opens a draft or
    /// is paid, as its `state` says.
    pub test_is_free: bool,
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
        }
    }
}
