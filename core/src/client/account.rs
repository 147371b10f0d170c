//! The account's money: its credit, and what its charges say about the journal.

use serde::Serialize;

use super::Client;
use super::oauth::OAuth;
use crate::error::{ErrorCode, SportelloError};
use crate::journal::{Entry, Purchase, PurchaseKind, PurchaseState};
use crate::model::{Money, Quote, Service};
use crate::provider::oauth::Transaction;

/// A charge may stand in the account's list this long before the journal's time of sending: two clocks never agree.
const BEFORE_MS: u64 = 5 * 60 * 1000;
/// And this long after: the provider charges when it gets to it.
const AFTER_MS: u64 = 30 * 60 * 1000;

/// What the account's charges say about one purchase of the journal. Evidence for a person, never a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The caller's reference.
    pub reference: String,
    /// The provider's id of the submission.
    pub id: String,
    /// Which charge.
    pub purchase: PurchaseKind,
    /// How the journal says it stands.
    pub state: PurchaseState,
    /// Its confirmed net price.
    pub price: Money,
    /// When it was last sent, Unix milliseconds.
    pub sent_at: u64,
    /// What was found.
    pub finding: EvidenceFinding,
    /// The provider's id of the charge that is nearest in time, where there is one.
    pub transaction: Option<String>,
}

/// What the account's charges show of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceFinding {
    /// A charge of this amount, near this time, that no other purchase explains better.
    Charged,
    /// No such charge.
    NotCharged,
}

impl Evidence {
    /// True when the charges say what the journal says: paid and charged, or refused and not charged. What the journal does not know
    /// agrees with nothing.
    #[must_use]
    pub fn agrees(&self) -> bool {
        matches!(
            (self.state, self.finding),
            (PurchaseState::Paid, EvidenceFinding::Charged)
                | (PurchaseState::Refused, EvidenceFinding::NotCharged)
        )
    }
}

/// The journal compared with the account's charges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reconciliation {
    /// One line for each purchase of the journal.
    pub purchases: Vec<Evidence>,
    /// Charges by the same API in the same time that no purchase of the journal explains: another program's, or a lost journal's.
    pub unexplained: Vec<UnexplainedCharge>,
}

/// A charge that no purchase of the journal explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnexplainedCharge {
    /// The provider's id of it.
    pub transaction: String,
    /// How much.
    pub amount: Money,
    /// When, Unix milliseconds.
    pub at: u64,
}

impl Client {
    fn account(&self) -> Result<&OAuth, SportelloError> {
        let account = self.inner.driver.token.account();
        account.ok_or_else(|| ErrorCode::CredentialsMissing.into())
    }

    /// The account's credit.
    ///
    /// # Errors
    /// `config.credentials_missing` for a client that has a token only; `auth.credentials_rejected`, `network.*`.
    pub async fn credit(&self) -> Result<Money, SportelloError> {
        self.account()?.credit().await
    }

    /// What a service will cost with these options, and what the account holds, where the client has its credentials.
    ///
    /// # Errors
    /// As for [`quote`](Client::quote) and [`credit`](Client::credit).
    pub async fn quote_with_credit(
        &self,
        service: &Service,
        options: &[String],
    ) -> Result<Quote, SportelloError> {
        let quote = self.quote(service, options)?;
        let credit = match self.account() {
            Ok(account) => Some(account.credit().await?),
            Err(_) => None,
        };
        Ok(Quote { credit, ..quote })
    }

    /// Refuses a purchase that the account surely can't pay. A credit that can't be learned is no reason: the provider decides.
    pub(super) async fn refuse_without_credit(&self, price: Money) -> Result<(), SportelloError> {
        let Ok(account) = self.account() else {
            return Ok(());
        };
        match account.credit().await {
            // The net price: whether VAT is taken from the wallet the documents don't say.
            Ok(credit) if credit < price => {
                let error = SportelloError::new(ErrorCode::CreditInsufficient);
                Err(error.detail(format!("{price} EUR is due, the account holds {credit} EUR")))
            }
            Err(error) if error.code() == ErrorCode::CredentialsRejected.as_str() => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Gives back every token that this client made. The next call makes new ones.
    ///
    /// # Errors
    /// `config.credentials_missing`, `network.*`.
    pub async fn revoke_tokens(&self) -> Result<u32, SportelloError> {
        self.account()?.revoke_all().await
    }

    /// Compares the purchases of the journal with the account's charges, by amount and time: the provider's list names no submission.
    ///
    /// # Errors
    /// `config.credentials_missing`, `auth.credentials_rejected`, `network.*`, `journal.*`.
    pub async fn reconcile(&self) -> Result<Reconciliation, SportelloError> {
        let account = self.account()?;
        let entries = self.journal_entries().await?;
        let purchases: Vec<(&Entry, &Purchase)> = entries
            .iter()
            .flat_map(|entry| entry.purchases.iter().map(move |purchase| (entry, purchase)))
            .collect();
        let Some(since) = purchases.iter().map(|(_, purchase)| purchase.sent_at).min() else {
            return Ok(Reconciliation {
                purchases: Vec::new(),
                unexplained: Vec::new(),
            });
        };
        let found = account
            .transactions_since(since.saturating_sub(BEFORE_MS))
            .await?;
        let host = account.scope_host();
        let charges: Vec<Transaction> = found
            .into_iter()
            .filter(|charge| charge.amount.is_negative() && names_host(&charge.description, host))
            .collect();
        Ok(compare(&purchases, &charges))
    }
}

/// True when a charge's description names the API, or no host at all.
fn names_host(description: &str, host: &str) -> bool {
    let bare = host.trim_start_matches("test.");
    description.contains(bare) || !description.contains('.')
}

/// Pairs each purchase with the charge nearest to it in time, each charge once; those that were surely sent choose first.
fn compare(purchases: &[(&Entry, &Purchase)], charges: &[Transaction]) -> Reconciliation {
    let mut pairs: Vec<(u8, u64, usize, usize)> = Vec::new();
    for (p, (_, purchase)) in purchases.iter().enumerate() {
        let rank = match purchase.state {
            PurchaseState::Paid => 0,
            PurchaseState::Sending | PurchaseState::Unknown => 1,
            PurchaseState::Refused => 2,
        };
        for (c, charge) in charges.iter().enumerate() {
            let amount = Money::ZERO - charge.amount;
            let fits = amount == purchase.price || amount == purchase.price.gross();
            let from = purchase.sent_at.saturating_sub(BEFORE_MS);
            let to = purchase.sent_at.saturating_add(AFTER_MS);
            if fits && (from..=to).contains(&charge.at) {
                pairs.push((rank, charge.at.abs_diff(purchase.sent_at), p, c));
            }
        }
    }
    pairs.sort_unstable();
    let mut of_purchase: Vec<Option<usize>> = vec![None; purchases.len()];
    let mut taken = vec![false; charges.len()];
    for (_, _, p, c) in pairs {
        if let (Some(mine @ None), Some(taken @ false)) = (of_purchase.get_mut(p), taken.get_mut(c)) {
            (*mine, *taken) = (Some(c), true);
        }
    }
    let evidence = |((entry, purchase), charge): (&(&Entry, &Purchase), &Option<usize>)| Evidence {
        reference: entry.key.reference.clone(),
        id: purchase.id.clone(),
        purchase: purchase.kind,
        state: purchase.state,
        price: purchase.price,
        sent_at: purchase.sent_at,
        finding: match charge {
            Some(_) => EvidenceFinding::Charged,
            None => EvidenceFinding::NotCharged,
        },
        transaction: charge
            .and_then(|index| charges.get(index))
            .map(|charge| charge.id.clone()),
    };
    let unexplained = charges.iter().zip(&taken).filter(|(_, taken)| !**taken);
    Reconciliation {
        purchases: purchases.iter().zip(&of_purchase).map(evidence).collect(),
        unexplained: unexplained
            .map(|(charge, _)| UnexplainedCharge {
                transaction: charge.id.clone(),
                amount: Money::ZERO - charge.amount,
                at: charge.at,
            })
            .collect(),
    }
}
