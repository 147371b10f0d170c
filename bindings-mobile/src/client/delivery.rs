use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sportello::ErrorCode;
use sportello::client::{DeliveredFile as CoreFile, Delivery as CoreDelivery};

use crate::SportelloError;

/// A delivery on disk: one file, or several. Its text form shows no name.
#[derive(uniffi::Object)]
pub struct Delivery(pub(super) CoreDelivery);

/// One file of a delivery. Its text form shows no name.
#[derive(uniffi::Object)]
pub struct DeliveredFile(CoreFile);

#[uniffi::export(async_runtime = "tokio")]
impl Delivery {
    /// The files, in the provider's order; at least one.
    #[must_use]
    pub fn files(&self) -> Vec<Arc<DeliveredFile>> {
        let wrap = |file: &CoreFile| Arc::new(DeliveredFile(file.clone()));
        self.0.files.iter().map(wrap).collect()
    }

    /// Unpacks every ZIP of the delivery into a folder, under limits; gives back the paths of the files written.
    ///
    /// # Errors
    /// [`SportelloError::Delivery`] for an archive that is none or exceeds a limit, [`SportelloError::File`].
    pub async fn extract(&self, folder: String) -> Result<Vec<String>, SportelloError> {
        let delivery = self.0.clone();
        off_the_loop(move || delivery.extract(Path::new(&folder))).await
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl DeliveredFile {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> String {
        self.0.path.to_string_lossy().into_owned()
    }

    /// The provider's name of it, made safe.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name.clone()
    }

    /// The declared type, where there is one.
    #[must_use]
    pub fn mime(&self) -> Option<String> {
        self.0.mime.clone()
    }

    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.0.len
    }

    /// Its SHA-256, in lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        self.0.sha256.clone()
    }

    /// True for a ZIP: by its name, its declared type or its first bytes.
    #[must_use]
    pub fn is_archive(&self) -> bool {
        self.0.is_archive()
    }

    /// Unpacks it into a folder, under limits; gives back the paths of the files written.
    ///
    /// # Errors
    /// [`SportelloError::Delivery`] for an archive that is none or exceeds a limit, [`SportelloError::File`].
    pub async fn extract(&self, folder: String) -> Result<Vec<String>, SportelloError> {
        let file = self.0.clone();
        off_the_loop(move || file.extract(Path::new(&folder))).await
    }
}

async fn off_the_loop(
    work: impl FnOnce() -> Result<Vec<PathBuf>, sportello::SportelloError> + Send + 'static,
) -> Result<Vec<String>, SportelloError> {
    let written = tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(ErrorCode::Internal.into()))?;
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    Ok(written.into_iter().map(text).collect())
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delivery({} files, masked)", self.0.files.len())
    }
}
