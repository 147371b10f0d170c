//! Drafts: opened, filled, looked at, given up. Nothing of this reaches the provider before the commit.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sportello::journal::{Entry, PurchaseKind, Stage};
use sportello::provider::relay::wire::{AnswersWire, OpenWire, SubmissionWire};
use sportello::{Charged, ErrorCode, SportelloError};

use super::{Target, answer, read};
use crate::app::{App, blocking, detached, is_handed_in, is_unsettled, now, purchase_name};
use crate::lock::Guard;
use crate::refusal::Failure;
use crate::store::{Ids, Record};

/// How long a free call waits for another one of the same reference.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How long a look waits for what is being settled.
const SETTLING: Duration = Duration::from_secs(2);
const LONGEST_CORRELATION: usize = 128;
const LONGEST_ADDRESS: usize = 254;

pub(super) async fn open(
    State(app): State<Arc<App>>,
    target: Target,
    body: Body,
) -> Result<Response, Failure> {
    let mut wire: OpenWire = read(&app, body).await?;
    let service = app.service(&wire.service_id, false).await?;
    let mut options = Vec::with_capacity(wire.options.len());
    for name in &wire.options {
        let option = service.option(name);
        let option = option.ok_or_else(|| SportelloError::from(ErrorCode::OptionUnknown))?;
        options.push(option.wire_name.clone());
    }
    options.sort_unstable();
    options.dedup();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if wire.correlation.len() > LONGEST_CORRELATION || !wire.correlation.chars().all(plain) {
        return Err(Failure::malformed(
            "the correlation is too long or has other signs than letters, digits and `._-`",
        ));
    }
    if wire
        .notify_email
        .as_ref()
        .is_some_and(|address| address.len() > LONGEST_ADDRESS)
    {
        return Err(Failure::malformed("the address for notifications is too long"));
    }
    let ids = target.ids;
    // Under the user's lock too, so that many at once don't pass the limit together.
    let _user = user_lock(&app, &ids).await?;
    let _guard = lock(&app, &ids).await?;
    let entry = app.entry(&ids).await?;
    let (store, of) = (app.store.clone(), ids.clone());
    let record = blocking(move || Ok(store.record(&of)?)).await?;
    if is_handed_in(entry.as_ref()) || is_unsettled(entry.as_ref()) {
        let record = match (record, &entry) {
            (Some(record), _) => record,
            // A folder that was lost: the journal knows what was handed in.
            (None, Some(entry)) if entry.service_id == wire.service_id => {
                let record = Record {
                    service_id: entry.service_id.clone(),
                    options: entry.options.clone(),
                    correlation: wire.correlation,
                    opened_at: entry.created_at,
                    answers: None,
                };
                let (store, of, written) = (app.store.clone(), ids.clone(), record.clone());
                blocking(move || Ok(store.set_record(&of, &written)?)).await?;
                record
            }
            (None, _) => return Err(SportelloError::from(ErrorCode::ReferenceConflict).into()),
        };
        return look(&app, &ids, &record, entry).await;
    }
    let other_service = record
        .as_ref()
        .is_some_and(|record| record.service_id != wire.service_id);
    let bound = entry
        .as_ref()
        .is_some_and(|entry| entry.stage != Stage::Abandoned);
    if other_service && bound {
        return Err(SportelloError::from(ErrorCode::ReferenceConflict).into());
    }
    let (store, of, most) = (app.store.clone(), ids.clone(), app.config.limits.user_drafts);
    let record = Record {
        service_id: wire.service_id,
        options,
        correlation: wire.correlation,
        opened_at: record.as_ref().map_or_else(now, |record| record.opened_at),
        answers: None,
    };
    let (written, notify_email) = (record.clone(), wire.notify_email.take());
    blocking(move || {
        if !store.has_draft(&of) && store.drafts(&of.user)? >= most {
            return Err(Failure::quota(
                "there are too many drafts; hand some in or give some up",
            ));
        }
        if other_service {
            store.remove_draft(&of)?;
        }
        store.set_record(&of, &written)?;
        store.keep(&of)?;
        Ok(store.open_draft(&of, notify_email)?)
    })
    .await?;
    Ok(answer(draft(&app, &ids, &record).await?))
}

pub(super) async fn answers(
    State(app): State<Arc<App>>,
    target: Target,
    body: Body,
) -> Result<Response, Failure> {
    let wire: AnswersWire = read(&app, body).await?;
    let ids = target.ids;
    let _user = user_lock(&app, &ids).await?;
    let _guard = lock(&app, &ids).await?;
    let record = open_record(&app, &ids).await?;
    let (store, of) = (app.store.clone(), ids.clone());
    let quota = app.config.limits.user_bytes;
    blocking(move || Ok(store.set_texts(&of, wire.texts, quota)?)).await?;
    Ok(answer(draft(&app, &ids, &record).await?))
}

pub(super) async fn get(State(app): State<Arc<App>>, target: Target) -> Result<Response, Failure> {
    let (record, entry) = app.known(&target.ids).await?;
    if is_unsettled(entry.as_ref()) {
        // Found out in a task of its own, which nobody has to wait for.
        let (own, of) = (Arc::clone(&app), target.ids.clone());
        let settling = detached(async move { settle(&own, &of).await });
        if let Ok(settled) = tokio::time::timeout(SETTLING, settling).await {
            settled?;
        }
        let entry = app.entry(&target.ids).await?;
        return look(&app, &target.ids, &record, entry).await;
    }
    look(&app, &target.ids, &record, entry).await
}

/// Finds out what became of a commit, unless somebody is at it already.
pub(crate) async fn settle(app: &App, ids: &Ids) -> Result<(), Failure> {
    let Some(_guard) = app.locks.hold(&ids.inner, Duration::ZERO).await? else {
        return Ok(());
    };
    if is_unsettled(app.entry(ids).await?.as_ref()) {
        app.client.resume_one(&ids.inner).await?;
        app.after(ids, PurchaseKind::Submit, Charged::No).await?;
    }
    Ok(())
}

/// A submission as it stands, whichever way it stands.
pub(super) async fn look(
    app: &App,
    ids: &Ids,
    record: &Record,
    entry: Option<Entry>,
) -> Result<Response, Failure> {
    match entry {
        entry if is_handed_in(entry.as_ref()) => {
            let remote = app.state(ids).await?;
            Ok(answer(SubmissionWire::handed_in(
                remote,
                &ids.reference,
                &record.correlation,
            )))
        }
        Some(entry) if entry.stage == Stage::NeedsPerson => {
            let error = SportelloError::from(ErrorCode::NeedsPerson).charged(Charged::Unknown);
            Err(error.into())
        }
        Some(entry) if entry.stage == Stage::Committing => Err(Failure::unsettled()),
        _ => Ok(answer(draft(app, ids, record).await?)),
    }
}

/// A draft, with what is held of it.
pub(super) async fn draft(app: &App, ids: &Ids, record: &Record) -> Result<SubmissionWire, Failure> {
    let service = app.service(&record.service_id, false).await?;
    let (store, of) = (app.store.clone(), ids.clone());
    let (texts, held) = blocking(move || Ok((store.texts(&of)?, store.held(&of)?))).await?;
    let mut wire = SubmissionWire::draft(&ids.reference, &service, &record.options, &record.correlation);
    wire.texts = texts.texts;
    wire.files_held = held.into_iter().map(|held| (held.key, held.sha256)).collect();
    Ok(wire)
}

pub(super) async fn abandon(State(app): State<Arc<App>>, target: Target) -> Result<Response, Failure> {
    let ids = target.ids;
    detached(async move {
        let guard = lock(&app, &ids).await?;
        let (_, entry) = app.known(&ids).await?;
        give_up(&app, &ids, entry).await?;
        app.locks.forget(guard, &ids.inner);
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Gives up what was not handed in: blanked with the provider, gone from journal, ledger and folder. Under the submission's lock.
pub(crate) async fn give_up(app: &App, ids: &Ids, entry: Option<Entry>) -> Result<(), Failure> {
    if entry.is_some() {
        app.client.abandon(&ids.inner).await?;
    }
    let (store, ledger, of) = (app.store.clone(), Arc::clone(&app.ledger), ids.clone());
    blocking(move || {
        ledger.release(&purchase_name(&of, PurchaseKind::Submit))?;
        Ok(store.remove(&of)?)
    })
    .await
}

/// The lock of a submission.
pub(super) async fn lock(app: &App, ids: &Ids) -> Result<Guard, Failure> {
    app.locks
        .hold(&ids.inner, PATIENCE)
        .await?
        .ok_or_else(Failure::busy)
}

/// The lock of a user's space.
pub(super) async fn user_lock(app: &App, ids: &Ids) -> Result<Guard, Failure> {
    let name = format!("user-{}", ids.user);
    app.locks.hold(&name, PATIENCE).await?.ok_or_else(Failure::busy)
}

/// The record of a submission that may still be changed.
pub(super) async fn open_record(app: &App, ids: &Ids) -> Result<Record, Failure> {
    let (record, entry) = app.known(ids).await?;
    if is_handed_in(entry.as_ref()) || is_unsettled(entry.as_ref()) {
        // Of this call nothing was charged; what the submission was charged is told where it is looked at.
        return Err(SportelloError::from(ErrorCode::ReferenceConflict).into());
    }
    Ok(record)
}
