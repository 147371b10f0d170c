use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Money;

/// Whose references these are: a reference is unique within one scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// The provider: `visengine`.
    pub provider: String,
    /// The API's origin: `https://visengine2.altravia.com`.
    pub origin: String,
    /// The account's name as the caller gave it; `default` otherwise.
    pub account: String,
}

/// Names one entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryKey {
    /// Whose reference it is.
    pub scope: Scope,
    /// The caller's name of this intention.
    pub reference: String,
}

/// Everything that is kept of one submission. No personal data: ids, prices, states and keyed digests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Whose entry this is.
    pub key: EntryKey,
    /// The version: 1 when first written, one more with every write.
    pub seq: u64,
    /// The provider's id of the service.
    pub service_id: String,
    /// The service's name, for people.
    pub service_name: String,
    /// Which journal key made the digests.
    pub key_id: String,
    /// Keyed digest of service, options and answers.
    pub digest: String,
    /// Keyed digest of service, applicant and period; `None` where the form names no applicant.
    pub duplicate_mark: Option<String>,
    /// How far the submission has come.
    pub stage: Stage,
    /// The provider's id of the draft this reference is bound to.
    pub id: Option<String>,
    /// Keyed digests of what each field was last filled with.
    pub filled: BTreeMap<String, String>,
    /// Everything that was or may have been paid.
    pub purchases: Vec<Purchase>,
    /// The paid options asked for, by wire name.
    pub options: Vec<String>,
    /// Deliveries already fetched.
    pub files: Vec<FetchedFile>,
    /// Unix milliseconds.
    pub created_at: u64,
    /// Unix milliseconds.
    pub updated_at: u64,
}

/// How far a submission has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Meant, no draft bound.
    Intent,
    /// A draft is bound and may be incomplete. Nothing paid was sent since it was bound.
    Draft,
    /// The paid call was or will be sent: its outcome is unknown until journalled.
    Committing,
    /// The last paid call was definitely refused; the draft is still bound.
    Refused,
    /// Handed in and paid.
    Committed,
    /// The documents were seen ready.
    Delivered,
    /// Handed in, then cancelled by the office.
    Cancelled,
    /// What happened can't be settled without a person.
    NeedsPerson,
    /// Given up before anything was paid.
    Abandoned,
}

impl Stage {
    /// The stable name, as entries are written with.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Stage::Intent => "intent",
            Stage::Draft => "draft",
            Stage::Committing => "committing",
            Stage::Refused => "refused",
            Stage::Committed => "committed",
            Stage::Delivered => "delivered",
            Stage::Cancelled => "cancelled",
            Stage::NeedsPerson => "needs_person",
            Stage::Abandoned => "abandoned",
        }
    }

    /// True while something may still happen by itself or by the caller's next call.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Stage::Delivered | Stage::Cancelled | Stage::Abandoned)
    }
}

/// Which charge of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseKind {
    /// Handing in.
    Submit,
    /// Choosing a search result.
    Choice,
    /// The k-th search; the one that comes with handing in is the first, so these begin at 2.
    Search(u32),
}

/// One charge, as far as this side knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Purchase {
    /// Which charge.
    pub kind: PurchaseKind,
    /// How it stands.
    pub state: PurchaseState,
    /// The provider's id it is bound to.
    pub id: String,
    /// The confirmed net price.
    pub price: Money,
    /// When it was first meant to be sent, Unix milliseconds: a repeated send is refused when this is too old.
    pub intended_at: u64,
    /// When it was last journalled as about to be sent, Unix milliseconds: the quiet period counts from here.
    pub sent_at: u64,
    /// How long the sender waits for the answer, milliseconds: part of the quiet period.
    #[serde(default)]
    pub timeout_ms: u64,
    /// How many times it was journalled as about to be sent.
    pub sends: u32,
    /// True when some send's outcome was never learned for certain.
    pub ambiguous: bool,
    /// The provider's error code of the last definite refusal.
    pub refused_with: Option<u32>,
    /// For a choice: the result, as `search id/index`.
    pub result: Option<String>,
    /// For a search: how many searches there were before.
    pub searches_before: Option<u32>,
    /// For a search: keyed digest of its terms.
    pub digest: Option<String>,
}

/// How a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseState {
    /// About to be sent, or sent without an answer yet.
    Sending,
    /// Definitely refused: nothing was charged.
    Refused,
    /// Charged once.
    Paid,
    /// Can't be settled: a person must look.
    Unknown,
}

/// A delivery that was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchedFile {
    /// The provider's name of the file.
    pub name: String,
    /// Its length in bytes.
    pub len: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// When it was fetched, Unix milliseconds.
    pub fetched_at: u64,
}

impl Entry {
    /// The purchase of this kind.
    #[must_use]
    pub fn purchase(&self, kind: PurchaseKind) -> Option<&Purchase> {
        self.purchases.iter().find(|purchase| purchase.kind == kind)
    }

    /// Adds the purchase, or replaces the one of its kind.
    pub fn set_purchase(&mut self, purchase: Purchase) {
        match self
            .purchases
            .iter_mut()
            .find(|known| known.kind == purchase.kind)
        {
            Some(known) => *known = purchase,
            None => self.purchases.push(purchase),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::specimen;

    #[test]
    fn there_is_one_purchase_of_a_kind() {
        let mut entry = specimen("purchases");
        let purchase = |kind, sends| Purchase {
            kind,
            state: PurchaseState::Sending,
            id: "id".to_owned(),
            price: Money::from_cents(1900),
            intended_at: 0,
            sent_at: 0,
            timeout_ms: 0,
            sends,
            ambiguous: false,
            refused_with: None,
            result: None,
            searches_before: None,
            digest: None,
        };
        entry.set_purchase(purchase(PurchaseKind::Submit, 1));
        entry.set_purchase(purchase(PurchaseKind::Choice, 2));
        entry.set_purchase(purchase(PurchaseKind::Submit, 3));
        let kept: Vec<_> = entry
            .purchases
            .iter()
            .map(|known| (known.kind, known.sends))
            .collect();
        assert_eq!(kept, [(PurchaseKind::Submit, 3), (PurchaseKind::Choice, 2)]);
    }
}
