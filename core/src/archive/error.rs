use std::io;

/// Why an archive is refused, or can't be read or written out.
///
/// The text never holds a name out of the archive, which may name a person: entries go by their number, counted from
/// 1 in the order of the archive's own directory.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// `archive.empty`: there is no file in it.
    #[error("the archive holds no file; ask the sender for another one")]
    Empty,
    /// `archive.too_many_entries`: more entries than [`ArchiveLimits::max_entries`](super::ArchiveLimits).
    #[error(
        "the archive has {found} entries, more than the {limit} allowed; raise the limit if you trust the sender"
    )]
    TooManyEntries {
        /// How many it says it has.
        found: u64,
        /// How many are allowed.
        limit: u32,
    },
    /// `archive.too_large`: one entry, or all of them together (`entry` is `None`), would exceed a limit.
    #[error("{} would unpack to more than {limit} bytes; raise the limit if you trust the sender", what(*.entry))]
    TooLarge {
        /// The entry, or `None` for the whole.
        entry: Option<u32>,
        /// The limit that was passed, in bytes.
        limit: u64,
    },
    /// `archive.ratio`: it is packed tighter than documents ever are, as decompression bombs are.
    #[error("{} unpacks to more than {limit} times its size, as a bomb does; do not open it", what(*.entry))]
    Ratio {
        /// The entry, or `None` for the whole.
        entry: Option<u32>,
        /// The limit that was passed.
        limit: u32,
    },
    /// `archive.unsafe_name`: a name that must not become a file's name.
    #[error(
        "the name of entry {entry} is not safe for a file ({problem}); ask the sender for another archive"
    )]
    UnsafeName {
        /// The entry.
        entry: u32,
        /// What is wrong with its name.
        problem: NameProblem,
    },
    /// `archive.duplicate_name`: two entries would become the same file, or one the folder of the other.
    #[error(
        "entries {other} and {entry} would be written to the same place; ask the sender for another archive"
    )]
    DuplicateName {
        /// The later entry.
        entry: u32,
        /// The earlier one.
        other: u32,
    },
    /// `archive.link`: a symbolic link, a device or another thing that is not a plain file.
    #[error("entry {entry} is a link or a device, not a file; do not open this archive")]
    Link {
        /// The entry.
        entry: u32,
    },
    /// `archive.encrypted`: an entry needs a password.
    #[error("entry {entry} is encrypted; ask the sender for an archive without a password")]
    Encrypted {
        /// The entry.
        entry: u32,
    },
    /// `archive.overlap`: two entries share the same bytes, as decompression bombs do.
    #[error("entries {other} and {entry} share the same bytes, as a bomb does; do not open this archive")]
    Overlap {
        /// The entry that begins later.
        entry: u32,
        /// The one that begins earlier.
        other: u32,
    },
    /// `archive.corrupt`: it is cut or damaged, or its parts contradict each other.
    #[error("{} is damaged ({detail}); fetch it again", what(*.entry))]
    Corrupt {
        /// The entry, or `None` for the whole.
        entry: Option<u32>,
        /// What does not fit.
        detail: &'static str,
    },
    /// `archive.unsupported`: a way of packing this library does not read.
    #[error("{} is packed in a way that is not read here ({detail}); open it with another program", what(*.entry))]
    Unsupported {
        /// The entry, or `None` for the whole.
        entry: Option<u32>,
        /// What is not read.
        detail: &'static str,
    },
    /// `archive.exists`: a file of that name and of other content is there already, or something else is in the way. Nothing was written.
    #[error("there is already a file where entry {entry} would be written; choose an empty folder")]
    Exists {
        /// The entry.
        entry: u32,
    },
    /// `archive.io`: the archive can't be read now, or the output can't be written.
    #[error("{} can't be read or written ({}); check the disk and try again", what(*.entry), .source.kind())]
    Io {
        /// The entry, or `None` for the whole.
        entry: Option<u32>,
        /// What the system said.
        source: io::Error,
    },
}

/// What is wrong with a name in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameProblem {
    /// Nothing between two slashes, or no name at all.
    Empty,
    /// Longer than [`ArchiveLimits::max_name_bytes`](super::ArchiveLimits).
    TooLong,
    /// It says that it is UTF-8 and is not.
    NotUtf8,
    /// It begins at the root: `/etc/passwd`.
    Absolute,
    /// A part that is `.` or `..`.
    Parent,
    /// A character that is a separator, a drive's mark or a wildcard on some system: `\ : * ? " < > |`.
    ForbiddenCharacter,
    /// A control character, or one that turns the writing direction and makes a name read as another.
    ControlCharacter,
    /// A part that ends with a point or a blank, which Windows drops.
    TrailingDotOrBlank,
    /// A part that is a device on Windows: `NUL`, `con.pdf`, `COM1`.
    ReservedOnWindows,
}

impl std::fmt::Display for NameProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            NameProblem::Empty => "empty",
            NameProblem::TooLong => "too long",
            NameProblem::NotUtf8 => "not UTF-8",
            NameProblem::Absolute => "absolute path",
            NameProblem::Parent => "leads to another folder",
            NameProblem::ForbiddenCharacter => "forbidden character",
            NameProblem::ControlCharacter => "control character",
            NameProblem::TrailingDotOrBlank => "trailing point or blank",
            NameProblem::ReservedOnWindows => "reserved on Windows",
        })
    }
}

fn what(entry: Option<u32>) -> String {
    entry.map_or_else(|| "the archive".to_owned(), |number| format!("entry {number}"))
}

/// Every code of [`ArchiveError`].
pub const ALL_CODES: [&str; 13] = [
    "archive.empty",
    "archive.too_many_entries",
    "archive.too_large",
    "archive.ratio",
    "archive.unsafe_name",
    "archive.duplicate_name",
    "archive.link",
    "archive.encrypted",
    "archive.overlap",
    "archive.corrupt",
    "archive.unsupported",
    "archive.exists",
    "archive.io",
];

impl ArchiveError {
    /// The stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            ArchiveError::Empty => "archive.empty",
            ArchiveError::TooManyEntries { .. } => "archive.too_many_entries",
            ArchiveError::TooLarge { .. } => "archive.too_large",
            ArchiveError::Ratio { .. } => "archive.ratio",
            ArchiveError::UnsafeName { .. } => "archive.unsafe_name",
            ArchiveError::DuplicateName { .. } => "archive.duplicate_name",
            ArchiveError::Link { .. } => "archive.link",
            ArchiveError::Encrypted { .. } => "archive.encrypted",
            ArchiveError::Overlap { .. } => "archive.overlap",
            ArchiveError::Corrupt { .. } => "archive.corrupt",
            ArchiveError::Unsupported { .. } => "archive.unsupported",
            ArchiveError::Exists { .. } => "archive.exists",
            ArchiveError::Io { .. } => "archive.io",
        }
    }

    /// True when the same call may succeed without anything being changed: only [`ArchiveError::Io`].
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, ArchiveError::Io { .. })
    }

    pub(super) const fn corrupt(entry: Option<u32>, detail: &'static str) -> ArchiveError {
        ArchiveError::Corrupt { entry, detail }
    }

    /// A failed read of the archive: an end that comes too early is damage, everything else is the system's.
    pub(super) fn reading(entry: Option<u32>, source: io::Error) -> ArchiveError {
        if source.kind() == io::ErrorKind::UnexpectedEof {
            ArchiveError::corrupt(entry, "cut short")
        } else {
            ArchiveError::Io { entry, source }
        }
    }

    pub(super) const fn writing(entry: u32, source: io::Error) -> ArchiveError {
        ArchiveError::Io {
            entry: Some(entry),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Vec<ArchiveError> {
        let io = || io::Error::new(io::ErrorKind::PermissionDenied, "/home/rossella/secret");
        vec![
            ArchiveError::Empty,
            ArchiveError::TooManyEntries { found: 9, limit: 3 },
            ArchiveError::TooLarge {
                entry: Some(1),
                limit: 7,
            },
            ArchiveError::Ratio {
                entry: None,
                limit: 7,
            },
            ArchiveError::UnsafeName {
                entry: 1,
                problem: NameProblem::Parent,
            },
            ArchiveError::DuplicateName { entry: 2, other: 1 },
            ArchiveError::Link { entry: 1 },
            ArchiveError::Encrypted { entry: 1 },
            ArchiveError::Overlap { entry: 2, other: 1 },
            ArchiveError::Corrupt {
                entry: None,
                detail: "cut short",
            },
            ArchiveError::Unsupported {
                entry: Some(3),
                detail: "the method",
            },
            ArchiveError::Exists { entry: 4 },
            ArchiveError::Io {
                entry: Some(3),
                source: io(),
            },
        ]
    }

    #[test]
    fn the_list_of_codes_is_the_enum() {
        assert_eq!(
            one_of_each().iter().map(ArchiveError::code).collect::<Vec<_>>(),
            ALL_CODES
        );
    }

    #[test]
    fn texts_are_lower_case_without_full_stop_and_say_what_to_do() {
        for error in one_of_each() {
            let text = error.to_string();
            assert!(text.starts_with(|first: char| first.is_lowercase()), "{text}");
            assert!(!text.ends_with('.') && text.contains("; "), "{text}");
            assert!(!text.contains("rossella"), "{text}");
        }
    }
}
