//! What is thrown away when it is old, and what is gone on with after a restart.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sportello::Charged;
use sportello::journal::{PurchaseKind, Stage};
use tracing::{info, warn};

use crate::app::{App, blocking, is_handed_in, is_unsettled};
use crate::refusal::Failure;
use crate::routes::{give_up, settle};
use crate::store::{Ids, remove_folder};

/// Begins with what was under way when an earlier process ended; ends with the router.
pub(crate) fn start(app: &Arc<App>) {
    let (app, every) = (Arc::downgrade(app), app.config.limits.sweep_every);
    tokio::spawn(async move {
        while let Some(app) = Weak::upgrade(&app) {
            if let Err(failure) = recover(&app).await {
                warn!(target: "sportello_relay", code = failure.code(), "what was under way can't be gone on with");
            }
            if let Err(failure) = sweep(&app).await {
                warn!(target: "sportello_relay", code = failure.code(), "old things can't be swept");
            }
            app.tidy();
            drop(app);
            tokio::time::sleep(every).await;
        }
    });
}

/// Settles every commit whose outcome is open. One after the other: each may wait for its quiet period, but none is urgent.
async fn recover(app: &Arc<App>) -> Result<(), Failure> {
    let all = list(app).await?;
    for entry in app.client.journal_entries().await? {
        if entry.stage != Stage::Committing {
            continue;
        }
        let Some(ids) = all.iter().find(|ids| ids.inner == entry.key.reference) else {
            continue;
        };
        let (own, of) = (Arc::clone(app), ids.clone());
        // In a task of its own: one that waits doesn't hold the others up.
        tokio::spawn(async move {
            match settle(&own, &of).await {
                Ok(()) => {
                    info!(target: "sportello_relay", "a commit of before was settled, or is still looked into")
                }
                Err(failure) => {
                    warn!(target: "sportello_relay", code = failure.code(), "a commit of before is not settled");
                }
            }
        });
    }
    Ok(())
}

async fn list(app: &App) -> Result<Vec<Ids>, Failure> {
    let store = app.store.clone();
    blocking(move || Ok(store.all()?)).await
}

/// Takes away drafts and documents that are old. First all that lies here: that the provider can't be reached must not keep anybody's
/// answers on this disk.
async fn sweep(app: &App) -> Result<(), Failure> {
    let limits = &app.config.limits;
    let (mut swept, mut given_up) = (0u32, Vec::new());
    for ids in list(app).await? {
        let (store, of) = (app.store.clone(), ids.clone());
        let looked = blocking(move || {
            let ages = (store.draft_age(&of)?, store.delivery_age(&of)?);
            Ok((ages, store.is_given_up(&of)))
        });
        let ((draft, delivery), mut over) = looked.await?;
        let old = |age: Option<Duration>, most: Duration| age.is_some_and(|age| age > most);
        // What was handed in has no draft any more, unless the relay ended in between.
        let left_over = draft.is_some() && is_handed_in(app.entry(&ids).await.ok().flatten().as_ref());
        if left_over || old(draft, limits.draft_age) {
            match drop_draft(app, &ids).await {
                Ok(dropped) => over |= dropped,
                // One that can't be dropped now is looked at again.
                Err(failure) => {
                    warn!(target: "sportello_relay", code = failure.code(), "a draft can't be dropped")
                }
            }
        }
        if over {
            given_up.push(ids.clone());
        }
        if old(delivery, limits.delivery_age) {
            let folder = app.store.delivery_folder(&ids);
            blocking(move || Ok(remove_folder(&folder)?)).await?;
            swept += 1;
        }
    }
    for ids in given_up {
        match end_draft(app, &ids).await {
            Ok(()) => swept += 1,
            Err(failure) => {
                warn!(target: "sportello_relay", code = failure.code(), "a draft can't be given up yet")
            }
        }
    }
    if swept > 0 {
        info!(target: "sportello_relay", swept, "old things were swept");
    }
    Ok(())
}

/// Drops the answers of a draft that is old, or was handed in; true when the draft itself is to be given up.
async fn drop_draft(app: &App, ids: &Ids) -> Result<bool, Failure> {
    // Somebody is at work on it: then it is not old.
    let Some(_guard) = app.locks.hold(&ids.inner, Duration::ZERO).await? else {
        return Ok(false);
    };
    let (store, of) = (app.store.clone(), ids.clone());
    let age = blocking(move || Ok(store.draft_age(&of)?)).await?;
    let entry = app.entry(ids).await?;
    let is_new = |age: Duration| age <= app.config.limits.draft_age && !is_handed_in(entry.as_ref());
    if age.is_none_or(is_new) {
        return Ok(false);
    }
    // That it was, or may have been, handed in stays known.
    let stays = is_handed_in(entry.as_ref()) || is_unsettled(entry.as_ref());
    if stays {
        app.after(ids, PurchaseKind::Submit, Charged::Unknown).await?;
    }
    let (store, of) = (app.store.clone(), ids.clone());
    blocking(move || {
        if !stays {
            store.give_up(&of)?;
        }
        Ok(store.remove_draft(&of)?)
    })
    .await?;
    Ok(!stays)
}

/// Gives up a draft whose answers are gone.
async fn end_draft(app: &App, ids: &Ids) -> Result<(), Failure> {
    let Some(guard) = app.locks.hold(&ids.inner, Duration::ZERO).await? else {
        return Ok(());
    };
    // Somebody may have begun it anew meanwhile.
    if !app.store.is_given_up(ids) {
        return Ok(());
    }
    let entry = app.entry(ids).await?;
    if is_handed_in(entry.as_ref()) || is_unsettled(entry.as_ref()) {
        return Ok(app.store.keep(ids)?);
    }
    give_up(app, ids, entry).await?;
    app.locks.forget(guard, &ids.inner);
    Ok(())
}
