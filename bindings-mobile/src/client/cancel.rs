use std::future::Future;
use std::sync::Arc;

use sportello::ErrorCode;
use tokio::sync::watch;

use super::Client;
use crate::SportelloError;

/// Stops the waiting of the calls that were made with it: see [`Client::cancelled_by`].
///
/// Kotlin's coroutines need none, their cancelling arrives by itself; a Swift `Task`'s does not.
#[derive(uniffi::Object)]
pub struct CancelHandle(watch::Sender<bool>);

#[uniffi::export]
impl CancelHandle {
    /// A handle that stops nothing yet.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Arc<CancelHandle> {
        Arc::new(CancelHandle(watch::Sender::new(false)))
    }

    /// Stops the waiting, now and for calls that begin later: they end with [`SportelloError::Cancelled`]. Never a commit: what may pay is
    /// seen through, and found under its reference.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

#[uniffi::export]
impl Client {
    /// The same client, whose calls stop waiting when the handle says so.
    #[must_use]
    pub fn cancelled_by(&self, handle: &CancelHandle) -> Arc<Client> {
        Arc::new(Client {
            core: self.core.clone(),
            stop: Stop(Some(handle.0.subscribe())),
        })
    }
}

/// Whether and when to stop waiting.
#[derive(Clone, Default)]
pub(super) struct Stop(Option<watch::Receiver<bool>>);

impl Stop {
    /// Waits for a call, or until it is not waited for any more.
    pub(super) async fn or<T>(
        &self,
        call: impl Future<Output = Result<T, sportello::SportelloError>>,
    ) -> Result<T, SportelloError> {
        let Some(mut stop) = self.0.clone() else {
            return Ok(call.await?);
        };
        tokio::select! {
            biased;
            stopped = stop.wait_for(|stopped| *stopped) => match stopped {
                Ok(_) => Err(sportello::SportelloError::from(ErrorCode::Cancelled).into()),
                // Nobody is left who could stop it.
                Err(_) => Err(sportello::SportelloError::from(ErrorCode::Internal).into()),
            },
            outcome = call => Ok(outcome?),
        }
    }
}
