use crate::error::SportelloError;

/// Why the journal could not do what was asked.
///
/// The text may show the path of a file and a reference; never personal data, because the journal holds none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The journal can't be read or written.
    #[error(
        "the journal `{place}` can't be read or written: {detail}; check that its folder exists or its server runs, \
         and that it may be written"
    )]
    Unavailable {
        /// Where the journal is.
        place: String,
        /// What the system said.
        detail: String,
    },
    /// Another program held the journal for too long.
    #[error("the journal `{place}` is held by another program; try again when that has finished")]
    Locked {
        /// Where the journal is.
        place: String,
    },
    /// There is no room left for the journal.
    #[error("there is no room for the journal `{place}`; free some space and try again")]
    Full {
        /// Where the journal is.
        place: String,
    },
    /// What is stored is not what was written.
    #[error("{}", corrupt(.place, .reference.as_deref(), .detail))]
    Corrupt {
        /// Where the journal is.
        place: String,
        /// The damaged entry's reference, where one entry is damaged and it can be told which.
        reference: Option<String>,
        /// What is wrong.
        detail: String,
    },
    /// The file or the table was replaced or removed while it was in use.
    #[error(
        "the journal `{place}` was replaced or removed while it was in use; stop every program that uses it and start again"
    )]
    Moved {
        /// Where the journal was.
        place: String,
    },
    /// The file is on a network share, where locks and durable writes can't be relied on.
    #[error(
        "the journal `{place}` is on a network share ({file_system}); choose a folder on a disk of this machine"
    )]
    NetworkShare {
        /// Where the journal would be.
        place: String,
        /// The kind of file system.
        file_system: String,
    },
    /// The file, or the table of this name, belongs to another program.
    #[error("`{place}` is not a journal; choose another place")]
    NotAJournal {
        /// The file, or the database.
        place: String,
    },
    /// A newer version of this library wrote the journal.
    #[error(
        "the journal `{place}` was written by a newer version of this program (format {found}, this one knows {known}); \
         update this program"
    )]
    NewerVersion {
        /// Where the journal is.
        place: String,
        /// The format found.
        found: i64,
        /// The newest format this library knows.
        known: i64,
    },
    /// The system names no folder for the user's data.
    #[error("this system names no folder for the user's data; say where the journal is to be kept")]
    NoPlace,
    /// The URL of a database can't be used. Nothing of the URL is shown: it may hold a password.
    #[error("the journal's URL can't be used: {detail}")]
    BadUrl {
        /// What is wrong with it, and how it is written.
        detail: String,
    },
    /// The journal key can't be read or made.
    #[error(
        "the journal key `{place}` can't be read: {detail}; restore it from a backup, or give the key to the program"
    )]
    KeyUnreadable {
        /// Where the key is.
        place: String,
        /// What is wrong.
        detail: String,
    },
    /// Others than its owner may read the journal key.
    #[error("others may read the journal key `{place}` (mode {mode:04o}); run `chmod 600 {place}`")]
    KeyPermissions {
        /// Where the key is.
        place: String,
        /// The permissions found.
        mode: u32,
    },
    /// The system gave no random bytes for a new journal key.
    #[error("the system gave no random bytes for a new journal key: {detail}")]
    NoRandomness {
        /// What the system said.
        detail: String,
    },
    /// A call that contradicts itself: a mistake in the program that drives the journal.
    #[error("the journal was used wrongly: {detail}; this is a mistake in the program, not in the data")]
    Misuse {
        /// What is wrong with the call.
        detail: String,
    },
}

impl JournalError {
    /// Every code, in the order of the variants.
    pub const ALL_CODES: &'static [&'static str] = &[
        "journal.unavailable",
        "journal.locked",
        "journal.full",
        "journal.corrupt",
        "journal.moved",
        "journal.network_share",
        "journal.not_a_journal",
        "journal.newer_version",
        "journal.no_place",
        "journal.bad_url",
        "journal.key_unreadable",
        "journal.key_permissions",
        "journal.no_randomness",
        "journal.misuse",
    ];

    /// The stable dotted name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            JournalError::Unavailable { .. } => "journal.unavailable",
            JournalError::Locked { .. } => "journal.locked",
            JournalError::Full { .. } => "journal.full",
            JournalError::Corrupt { .. } => "journal.corrupt",
            JournalError::Moved { .. } => "journal.moved",
            JournalError::NetworkShare { .. } => "journal.network_share",
            JournalError::NotAJournal { .. } => "journal.not_a_journal",
            JournalError::NewerVersion { .. } => "journal.newer_version",
            JournalError::NoPlace => "journal.no_place",
            JournalError::BadUrl { .. } => "journal.bad_url",
            JournalError::KeyUnreadable { .. } => "journal.key_unreadable",
            JournalError::KeyPermissions { .. } => "journal.key_permissions",
            JournalError::NoRandomness { .. } => "journal.no_randomness",
            JournalError::Misuse { .. } => "journal.misuse",
        }
    }

    /// True when the same call may succeed later without a change in the program or its settings.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            JournalError::Unavailable { .. } | JournalError::Locked { .. } | JournalError::Full { .. }
        )
    }
}

impl From<JournalError> for SportelloError {
    fn from(error: JournalError) -> SportelloError {
        SportelloError::foreign(error.code(), error.is_retryable(), error.to_string())
    }
}

fn corrupt(place: &str, reference: Option<&str>, detail: &str) -> String {
    let advice = "restore it from a backup, or look its references up with the provider before paying again";
    match reference {
        Some(reference) => {
            format!("the entry `{reference}` of the journal `{place}` is damaged: {detail}; {advice}")
        }
        None => format!("the journal `{place}` is damaged: {detail}; {advice}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Vec<JournalError> {
        let place = || "/home/anna/journal.sqlite".to_owned();
        let detail = || "the disk said no".to_owned();
        vec![
            JournalError::Unavailable {
                place: place(),
                detail: detail(),
            },
            JournalError::Locked { place: place() },
            JournalError::Full { place: place() },
            JournalError::Corrupt {
                place: place(),
                reference: Some("r-1".into()),
                detail: detail(),
            },
            JournalError::Moved { place: place() },
            JournalError::NetworkShare {
                place: place(),
                file_system: "nfs4".into(),
            },
            JournalError::NotAJournal { place: place() },
            JournalError::NewerVersion {
                place: place(),
                found: 9,
                known: 1,
            },
            JournalError::NoPlace,
            JournalError::BadUrl { detail: detail() },
            JournalError::KeyUnreadable {
                place: place(),
                detail: detail(),
            },
            JournalError::KeyPermissions {
                place: place(),
                mode: 0o644,
            },
            JournalError::NoRandomness { detail: detail() },
            JournalError::Misuse { detail: detail() },
        ]
    }

    #[test]
    fn every_variant_has_its_code_in_the_table_and_the_table_nothing_else() {
        let codes: Vec<&str> = one_of_each().iter().map(JournalError::code).collect();
        assert_eq!(codes, JournalError::ALL_CODES);
    }

    #[test]
    fn texts_are_lower_case_without_a_full_stop_and_say_what_to_do() {
        for error in one_of_each() {
            let text = error.to_string();
            assert!(
                text.starts_with(|c: char| c.is_ascii_lowercase() || c == '`'),
                "{text}"
            );
            assert!(
                !text.ends_with('.') && !text.contains('\n') && !text.contains("  "),
                "{text}"
            );
            let sportello = SportelloError::from(error.clone());
            assert_eq!((sportello.code(), sportello.to_string()), (error.code(), text));
        }
        let mode = JournalError::KeyPermissions {
            place: "k".into(),
            mode: 0o644,
        }
        .to_string();
        assert_eq!(
            mode,
            "others may read the journal key `k` (mode 0644); run `chmod 600 k`"
        );
    }

    #[test]
    fn only_what_may_pass_by_itself_is_tried_again() {
        let text = || "x".to_owned();
        for error in [
            JournalError::Unavailable {
                place: text(),
                detail: text(),
            },
            JournalError::Locked { place: text() },
            JournalError::Full { place: text() },
        ] {
            assert!(error.is_retryable(), "{error}");
        }
        for error in [
            JournalError::Moved { place: text() },
            JournalError::NoPlace,
            JournalError::Misuse { detail: text() },
        ] {
            assert!(!error.is_retryable(), "{error}");
        }
    }
}
