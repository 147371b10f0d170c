//! What the host implements. Whatever a host throws arrives as [`HostError`] without its words, which might quote what they are about;
//! nothing that a host does ends a submission under way.

use std::fmt;

/// The host could not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Error)]
pub enum HostError {
    /// It failed. Its own words are not passed on, because they might quote a person's data.
    Failed,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host failed")
    }
}

impl std::error::Error for HostError {}

impl From<uniffi::UnexpectedUniFFICallbackError> for HostError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> HostError {
        HostError::Failed
    }
}

/// Gives the session by which the relay knows its user, or, for a client that goes direct, a short-lived token.
#[uniffi::export(rust, foreign)]
pub trait SessionProvider: Send + Sync {
    /// The session as it is now; none when nobody is signed in.
    ///
    /// It is asked before every call, and once more when the other side refused the last one, on a thread where it may wait for a network.
    /// So an expired session is renewed here.
    ///
    /// # Errors
    /// It counts as no session.
    fn session(&self) -> Result<Option<String>, HostError>;
}

/// Keeps the journal's key where the platform keeps secrets: the Android Keystore, the iOS Keychain.
#[uniffi::export(rust, foreign)]
pub trait JournalKeys: Send + Sync {
    /// The key, 32 random bytes: always the same ones. Made once, and never in a backup.
    ///
    /// # Errors
    /// The client can't be made without it: [`crate::SportelloError::Journal`].
    fn key(&self) -> Result<Vec<u8>, HostError>;
}

/// Where a submission is while it is handed in.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SubmitProgress {
    /// A stable word: `starting`, `recording`, `opening`, `filling`, `uploading`, `verifying`, `committing`, `settling`, `over`.
    pub doing: String,
    /// Bytes of the current upload sent.
    pub sent: u64,
    /// Bytes of the current upload in all; 0 when nothing is being uploaded.
    pub total: u64,
}

/// Is told what happens while a request is handed in.
#[uniffi::export(rust, foreign)]
pub trait ProgressListener: Send + Sync {
    /// Something moved. Called on a thread of the library's: return soon.
    ///
    /// # Errors
    /// They are passed over: the submission goes on.
    fn on_progress(&self, progress: SubmitProgress) -> Result<(), HostError>;
}

/// A file that is read in pieces, as often as needed: a `SeekableByteChannel`, a `FileHandle`.
#[uniffi::export(rust, foreign)]
pub trait SeekableSource: Send + Sync {
    /// How many bytes there are.
    ///
    /// # Errors
    /// [`crate::SportelloError::File`] for whoever wanted to hand it in.
    fn size(&self) -> Result<u64, HostError>;

    /// At most `length` bytes from `offset` on; none at the end.
    ///
    /// # Errors
    /// [`crate::SportelloError::File`] for whoever wanted to hand it in.
    fn read(&self, offset: u64, length: u32) -> Result<Vec<u8>, HostError>;
}
