use super::catalogue::quote;
use super::identity::Identity;
use super::prepare::prepare;
use super::submit::confirmed;
use crate::error::{ErrorCode, SportelloError};
use crate::flow::{PurchasePlan, Wanted};
use crate::journal::Entry;
use crate::model::{Answers, Service};

/// A purchase at the price that was confirmed, when that is exactly what is due.
pub(crate) fn purchase_plan(
    wanted: Wanted,
    confirm_price: &str,
    service: &Service,
    entry: &Entry,
) -> Result<PurchasePlan, SportelloError> {
    let due = match &wanted {
        Wanted::Choice(_) => quote(service, &entry.options)?.due_on_choice,
        Wanted::Search { .. } => service.search_price.ok_or(ErrorCode::PriceMissing)?,
    };
    Ok(PurchasePlan {
        wanted,
        confirmed_price: confirmed(Some(confirm_price), due)?,
        is_synchronous: service.is_synchronous,
    })
}

/// Another search, when nothing stands against its terms.
pub(crate) fn another_search(
    number: u32,
    service: &Service,
    answers: &Answers,
    identity: &Identity,
) -> Result<Wanted, SportelloError> {
    let report = service.form.check(answers);
    if !report.is_ok() {
        return Err(SportelloError::new(ErrorCode::CheckErrors).findings(report.findings));
    }
    let prepared = prepare(service, answers, &[], &identity.key)?;
    Ok(Wanted::Search {
        number,
        texts: prepared.texts,
        digest: prepared.digest,
    })
}
