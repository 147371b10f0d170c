use std::sync::Arc;

use sportello::client::Watch as CoreWatch;
use tokio::sync::Mutex;

use super::cancel::Stop;
use crate::{SportelloError, SubmissionUpdate};

/// Updates of one submission, until something is there to be done or nothing will come.
///
/// Watching is free and changes nothing: it ends with the last who holds this.
#[derive(uniffi::Object)]
pub struct Watch {
    watch: Mutex<CoreWatch>,
    stop: Stop,
}

#[uniffi::export(async_runtime = "tokio")]
impl Watch {
    /// The next change; none after the last. A call that is cancelled loses nothing: the next one gives what it would have given.
    ///
    /// # Errors
    /// [`SportelloError::Submit`] (`submission.not_committed`) for what was not handed in; [`SportelloError::Network`],
    /// [`SportelloError::Auth`], [`SportelloError::Provider`], [`SportelloError::Journal`].
    pub async fn next(&self) -> Result<Option<SubmissionUpdate>, SportelloError> {
        let next = async { self.watch.lock().await.next().await.transpose() };
        Ok(self.stop.or(next).await?.map(Into::into))
    }
}

impl Watch {
    pub(super) fn wrap(watch: CoreWatch, stop: Stop) -> Arc<Watch> {
        let watch = Mutex::new(watch);
        Arc::new(Watch { watch, stop })
    }
}
