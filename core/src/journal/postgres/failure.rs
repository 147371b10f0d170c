//! What the server or the connection said, as a journal's error.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::journal::JournalError;
use crate::journal::row::Damage;

/// Why a step could not be made; [`at`](Failure::at) adds where.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server refused, or the connection broke.
    Server(Error),
    /// A row is damaged.
    Damaged(Damage),
    /// The database can't be used, in our own words.
    Unfit(String),
    /// The tables are not ours.
    NotAJournal,
    /// A newer version of this library made the tables.
    Newer { found: i64, known: i64 },
    /// The tables are gone.
    Gone,
    /// The tables contradict each other.
    Corrupt(String),
    /// Too many of this program's own threads wait for a connection.
    Crowded,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Server(error)
    }
}

impl From<Damage> for Failure {
    fn from(damage: Damage) -> Failure {
        Failure::Damaged(damage)
    }
}

impl Failure {
    /// The error of a journal at `place`.
    pub(super) fn at(self, place: &str) -> JournalError {
        let place = place.to_owned();
        match self {
            Failure::Server(error) => said(place, &error),
            Failure::Damaged(damage) => damage.error(place),
            Failure::Unfit(detail) => JournalError::Unavailable { place, detail },
            Failure::NotAJournal => JournalError::NotAJournal { place },
            Failure::Newer { found, known } => JournalError::NewerVersion { place, found, known },
            Failure::Gone => JournalError::Moved { place },
            Failure::Corrupt(detail) => JournalError::Corrupt {
                place,
                reference: None,
                detail,
            },
            Failure::Crowded => JournalError::Locked { place },
        }
    }
}

fn said(place: String, error: &Error) -> JournalError {
    let detail = detail(error);
    let Some(state) = error.code() else {
        return JournalError::Unavailable { place, detail };
    };
    if *state == SqlState::LOCK_NOT_AVAILABLE
        || *state == SqlState::T_R_DEADLOCK_DETECTED
        || *state == SqlState::T_R_SERIALIZATION_FAILURE
    {
        JournalError::Locked { place }
    } else if *state == SqlState::DISK_FULL {
        JournalError::Full { place }
    } else if *state == SqlState::DATA_CORRUPTED || *state == SqlState::INDEX_CORRUPTED {
        JournalError::Corrupt {
            place,
            reference: None,
            detail,
        }
    } else if *state == SqlState::UNDEFINED_TABLE {
        JournalError::Moved { place }
    } else if *state == SqlState::UNDEFINED_COLUMN {
        JournalError::NotAJournal { place }
    } else {
        JournalError::Unavailable { place, detail }
    }
}

/// What happened, for a person. A refusal to log in is told in our own words, because the server's repeat the user's name, and with
/// a URL that was put together wrongly that can be a piece of the password.
fn detail(error: &Error) -> String {
    if let Some(said) = error.as_db_error() {
        let state = said.code().code();
        return match state.starts_with("28") {
            true => format!("the server refused the user or the password (SQLSTATE {state})"),
            false => format!("{} (SQLSTATE {state})", one_line(said.message())),
        };
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    one_line(&text)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
