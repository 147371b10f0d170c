//! What is wanted, and how to tell that it was had.

use std::collections::BTreeMap;
use std::fmt;

use crate::journal::{Purchase, PurchaseKind};
use crate::model::{Money, RemoteSubmission, ResultId, fold};

/// Which purchase, and at what confirmed net price.
#[derive(Clone, Debug)]
pub struct PurchasePlan {
    /// What is wanted.
    pub wanted: Wanted,
    /// The confirmed net price.
    pub confirmed_price: Money,
    /// True when the answer already holds the result.
    pub is_synchronous: bool,
}

/// What is wanted.
#[derive(Clone, PartialEq)]
pub enum Wanted {
    /// This result's document.
    Choice(ResultId),
    /// Another search.
    Search {
        /// Its number: 2 for the first after the one that came with handing in.
        number: u32,
        /// Its terms, every key of the form.
        texts: BTreeMap<String, String>,
        /// Keyed digest of the terms.
        digest: String,
    },
}

impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wanted::Choice(result) => write!(f, "Choice({result})"),
            Wanted::Search { number, .. } => write!(f, "Search({number}, masked)"),
        }
    }
}

impl Wanted {
    pub(crate) const fn kind(&self) -> PurchaseKind {
        match self {
            Wanted::Choice(_) => PurchaseKind::Choice,
            Wanted::Search { number, .. } => PurchaseKind::Search(*number),
        }
    }

    /// True when a purchase of the journal is this one.
    pub(super) fn is(&self, purchase: &Purchase) -> bool {
        match self {
            Wanted::Choice(result) => purchase.result.as_deref() == Some(&result.to_string()),
            Wanted::Search { digest, .. } => purchase.digest.as_ref() == Some(digest),
        }
    }

    /// What the provider shows of this purchase.
    pub(super) fn seen(&self, remote: &RemoteSubmission, searches_before: usize) -> Seen {
        match self {
            Wanted::Choice(result) => match &remote.chosen {
                Some(chosen) if chosen == result => Seen::Done,
                Some(_) => Seen::Other,
                None => Seen::Nothing,
            },
            Wanted::Search { texts, .. } => {
                // Other processes may have searched as well, so ours is looked for among all the new ones.
                let mut new = remote.searches.iter().skip(searches_before);
                let ours = |terms: &BTreeMap<String, String>| {
                    texts
                        .iter()
                        .all(|(key, sent)| terms.get(key).is_none_or(|held| fold(held) == fold(sent)))
                };
                match new.any(|search| ours(&search.terms.0)) {
                    true => Seen::Done,
                    false => Seen::Nothing,
                }
            }
        }
    }
}

/// How a purchase shows with the provider.
pub(super) enum Seen {
    Done,
    Nothing,
    Other,
}
