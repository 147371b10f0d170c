//! What is paid: handing in, choosing a result, searching again. Each once, whatever the caller does.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use sportello::client::{Submission, SubmitRequest};
use sportello::journal::{PurchaseKind, PurchaseState};
use sportello::model::ResultId;
use sportello::provider::relay::wire::{ChoiceWire, CommitWire, SearchWire, SubmissionWire, result_named};
use sportello::{Answers, Charged, ErrorCode, Money, Service, SportelloError};

use super::drafts::look;
use super::{Target, answer, read};
use crate::app::{App, blocking, detached, is_handed_in, is_unsettled, now, purchase_name};
use crate::ledger::{Caps, Spending};
use crate::lock::Guard;
use crate::refusal::Failure;
use crate::session::Session;
use crate::store::{Ids, Record};

/// How long a paid call waits for another one of the same reference: longer than a commit takes, its quiet period included.
const PATIENCE: Duration = Duration::from_secs(300);

pub(super) async fn commit(
    State(app): State<Arc<App>>,
    target: Target,
    body: Body,
) -> Result<Response, Failure> {
    let wire: CommitWire = read(&app, body).await?;
    let (ids, session) = (target.ids, target.caller.session);
    // A task of its own: whoever has handed in may hang up.
    detached(async move { hand_in(&app, &ids, &session, wire).await }).await
}

async fn hand_in(app: &App, ids: &Ids, session: &Session, wire: CommitWire) -> Result<Response, Failure> {
    let guard = lock(app, ids).await?;
    let (mut record, entry) = app.known(ids).await?;
    if is_handed_in(entry.as_ref()) {
        // What a crash may have left undone.
        app.after(ids, PurchaseKind::Submit, Charged::Unknown).await?;
        drop(guard);
        return look(app, ids, &record, entry).await;
    }
    if is_unsettled(entry.as_ref()) {
        // First what became of the earlier try; it was reserved then, and needs no answers.
        app.client.resume_one(&ids.inner).await?;
        app.after(ids, PurchaseKind::Submit, Charged::No).await?;
        let entry = app.entry(ids).await?;
        let open = is_unsettled(entry.as_ref());
        if is_handed_in(entry.as_ref()) || (open && !app.store.has_draft(ids)) {
            drop(guard);
            return look(app, ids, &record, entry).await;
        }
    }
    let service = app.service(&record.service_id, true).await?;
    let quote = app.client.quote(&service, &record.options)?;
    let (store, of, form) = (app.store.clone(), ids.clone(), Arc::clone(&service));
    let (answers, texts, digest) = blocking(move || {
        Ok((
            store.answers(&of, &form)?,
            store.texts(&of)?,
            store.answers_digest(&of)?,
        ))
    })
    .await?;
    if record.answers.as_ref() != Some(&digest) {
        record.answers = Some(digest);
        let (store, of, written) = (app.store.clone(), ids.clone(), record.clone());
        blocking(move || Ok(store.set_record(&of, &written)?)).await?;
    }
    let mut request = SubmitRequest::new((*service).clone(), answers, ids.inner.as_str())
        .confirm_price(wire.confirm_price)
        // Of this user only: nobody learns here what somebody else has handed in.
        .duplicates_of(ids.user.as_str());
    for option in &record.options {
        request = request.option(option);
    }
    for code in wire.accept_warnings {
        request = request.accept_warning(code);
    }
    if wire.allow_duplicate {
        request = request.allow_duplicate();
    }
    if let Some(address) = texts.notify_email {
        request = request.notify_email(address);
    }
    let paid = app.client.submit(request);
    let outcome = pay(app, ids, session, PurchaseKind::Submit, quote.due_now, paid).await;
    drop(guard);
    handed_in(app, ids, &record, outcome?).await
}

pub(super) async fn choose(
    State(app): State<Arc<App>>,
    target: Target,
    body: Body,
) -> Result<Response, Failure> {
    let wire: ChoiceWire = read(&app, body).await?;
    let (ids, session) = (target.ids, target.caller.session);
    detached(async move {
        let guard = lock(&app, &ids).await?;
        let (record, service) = handed_in_before(&app, &ids).await?;
        let due = app.client.quote(&service, &record.options)?.due_on_choice;
        let remote = app.state(&ids).await?;
        // What is not among the results goes on as it is, to be refused with what is known of the charge.
        let result = result_named(&remote, &wire.result).cloned();
        let result = result.unwrap_or_else(|| ResultId::new(wire.result));
        let chosen = app.client.choose(&ids.inner, result, &wire.confirm_price);
        let outcome = pay(&app, &ids, &session, PurchaseKind::Choice, due, chosen).await;
        drop(guard);
        handed_in(&app, &ids, &record, outcome?).await
    })
    .await
}

pub(super) async fn search(
    State(app): State<Arc<App>>,
    target: Target,
    body: Body,
) -> Result<Response, Failure> {
    let wire: SearchWire = read(&app, body).await?;
    let (ids, session) = (target.ids, target.caller.session);
    detached(async move {
        let guard = lock(&app, &ids).await?;
        let (record, service) = handed_in_before(&app, &ids).await?;
        let due = service
            .search_price
            .ok_or_else(|| SportelloError::from(ErrorCode::PriceMissing))?;
        let mut answers = Answers::new();
        for (key, text) in wire.texts {
            if !text.trim().is_empty() {
                answers.set(key, text);
            }
        }
        let client = &app.client;
        let searched = client.search_again(&ids.inner, wire.number, &service, answers, &wire.confirm_price);
        let kind = PurchaseKind::Search(wire.number);
        let outcome = pay(&app, &ids, &session, kind, due, searched).await;
        drop(guard);
        handed_in(&app, &ids, &record, outcome?).await
    })
    .await
}

/// Reserves, pays, and brings ledger and folder in step with what came of it. Under the submission's lock.
async fn pay(
    app: &App,
    ids: &Ids,
    session: &Session,
    kind: PurchaseKind,
    price: Money,
    paying: impl Future<Output = Result<Submission, SportelloError>>,
) -> Result<Submission, Failure> {
    let spending = Spending {
        purchase: purchase_name(ids, kind),
        user: ids.user.clone(),
        price,
        at: now(),
    };
    let (ledger, caps) = (Arc::clone(&app.ledger), caps_of(&app.config.caps, session));
    let entry = app.entry(ids).await?;
    let before = entry.as_ref().and_then(|entry| entry.purchase(kind));
    let open =
        before.is_some_and(|before| matches!(before.state, PurchaseState::Sending | PurchaseState::Unknown));
    let reserved = blocking(move || Ok(ledger.reserve(&spending, &caps)?)).await;
    // Where no cap lets it be tried again, what an earlier try did is still not known.
    reserved.map_err(|failure| {
        if open {
            failure.charged(Charged::Unknown)
        } else {
            failure
        }
    })?;
    let outcome = paying.await;
    app.forget_state(ids);
    let charged = match &outcome {
        Ok(_) => Charged::Yes,
        Err(error) => error.details().charged,
    };
    if let Err(failure) = app.after(ids, kind, charged).await {
        // What came of the purchase is the answer; the sweeper comes back to the rest.
        tracing::error!(target: "sportello_relay", code = failure.code(), "a purchase could not be put away");
    }
    Ok(outcome?)
}

/// A session may narrow its user's cap, never widen it.
fn caps_of(caps: &Caps, session: &Session) -> Caps {
    let user = match (caps.user, session.cap) {
        (Some(cap), Some(own)) => Some(cap.min(own)),
        (cap, own) => cap.or(own),
    };
    Caps { user, ..*caps }
}

async fn handed_in_before(app: &App, ids: &Ids) -> Result<(Record, Arc<Service>), Failure> {
    let (record, entry) = app.known(ids).await?;
    if !is_handed_in(entry.as_ref()) {
        return Err(SportelloError::from(ErrorCode::NotCommitted).into());
    }
    let service = app.service(&record.service_id, true).await?;
    Ok((record, service))
}

async fn handed_in(app: &App, ids: &Ids, record: &Record, paid: Submission) -> Result<Response, Failure> {
    let remote = match paid.remote {
        Some(remote) => {
            app.note_state(ids, &remote);
            remote
        }
        None => app
            .state(ids)
            .await
            .map_err(|failure| failure.charged(Charged::Yes))?,
    };
    Ok(answer(SubmissionWire::handed_in(
        remote,
        &ids.reference,
        &record.correlation,
    )))
}

async fn lock(app: &App, ids: &Ids) -> Result<Guard, Failure> {
    app.locks
        .hold(&ids.inner, PATIENCE)
        .await?
        .ok_or_else(Failure::unsettled)
}
