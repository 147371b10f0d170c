use std::io;

/// Why an answer with a file can't be taken in. Places are counted in bytes from 0; no text holds any of the answer.
#[derive(Debug, thiserror::Error)]
pub enum JsonFileError {
    /// Not JSON.
    #[error("the answer is not JSON at byte {at}")]
    Syntax {
        /// The first byte that does not belong.
        at: u64,
    },
    /// The answer ends in its middle.
    #[error("the answer is cut short")]
    Truncated,
    /// A text in the answer is not UTF-8.
    #[error("the answer is not UTF-8")]
    NotUtf8,
    /// Nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    #[error("the answer is nested deeper than {} levels at byte {at}", super::MAX_DEPTH)]
    TooDeep {
        /// Where the level too many opens.
        at: u64,
    },
    /// A key longer than [`MAX_KEY_BYTES`](super::MAX_KEY_BYTES).
    #[error(
        "the answer has a key of more than {} bytes at byte {at}",
        super::MAX_KEY_BYTES
    )]
    KeyTooLong {
        /// Where it passes the limit.
        at: u64,
    },
    /// The file is there twice: neither is the right one for sure.
    #[error("the answer holds its file twice, again at byte {at}")]
    Twice {
        /// Where the second one begins.
        at: u64,
    },
    /// Not standard base64 with its padding and nothing else.
    #[error("the file in the answer is not plain base64 near byte {near}")]
    Base64 {
        /// Where the piece that holds the mistake was taken in.
        near: u64,
    },
    /// Longer than [`MAX_REST_BYTES`](super::MAX_REST_BYTES), the file aside.
    #[error("the answer is longer than {} bytes, its file aside", super::MAX_REST_BYTES)]
    RestTooLarge,
    /// The file is longer than allowed.
    #[error("the file in the answer is longer than {limit} bytes")]
    FileTooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file's bytes could not be written.
    #[error("the file of the answer can't be written ({})", .0.kind())]
    Sink(#[source] io::Error),
    /// The reader was used again after an error.
    #[error("the answer was already found to be unreadable")]
    Failed,
}
