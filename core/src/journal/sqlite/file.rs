//! The file: made whole, opened with the settings a payment needs, recognised, brought up to date and looked through.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::row::{self, Damage};
use crate::journal::JournalError;
use crate::journal::place::{self, Draft, Published};

/// `Spor` in ASCII: tells a journal from other SQLite files.
const APPLICATION_ID: i64 = 0x5370_6f72;

/// What makes a file of each format from one of the format before; the format is how many were applied. A step that was ever
/// released is never changed. A field of [`Entry`](crate::journal::Entry) that an older program must not overlook needs a step too,
/// an empty one if the tables stay as they are: older programs then refuse the file.
const FORMATS: &[&str] = &["
    CREATE TABLE entries (
        provider TEXT NOT NULL,
        origin TEXT NOT NULL,
        account TEXT NOT NULL,
        reference TEXT NOT NULL,
        seq INTEGER NOT NULL,
        stage TEXT NOT NULL,
        live INTEGER NOT NULL,
        duplicate_mark TEXT,
        updated_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        checksum BLOB NOT NULL,
        PRIMARY KEY (provider, origin, account, reference)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX live_marks ON entries (provider, origin, account, duplicate_mark)
        WHERE live = 1 AND duplicate_mark IS NOT NULL;
"];

/// How long a call waits for other connections.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the journal at `path` (absolute), making it when there is none.
pub(super) fn open(path: &Path) -> Result<Connection, JournalError> {
    place::prepare_folder(path)?;
    create_if_absent(path)?;
    // Once more for the file itself, which may be a link to elsewhere.
    place::refuse_share(path, path)?;
    refuse_emptied(path)?;
    let mut connection = connect(path)?;
    prepare(&mut connection, path)?;
    Ok(connection)
}

/// Makes the file under another name and links it to its own when it is whole, so that nobody ever sees half a journal, and an empty
/// file can be told for what it is: a journal that was lost.
fn create_if_absent(path: &Path) -> Result<(), JournalError> {
    // Closing a file gives up every lock that this process holds on it, SQLite's included. So a file that may be in use is never
    // opened here, and where one must be made in its place, other threads wait until it is closed.
    static MAKING: Mutex<()> = Mutex::new(());
    let _alone = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let system = |error: std::io::Error| place::unavailable(path, &error);
    if fs::symlink_metadata(path).is_ok() {
        return Ok(());
    }
    let draft = Draft::beside(path).map_err(system)?;
    let mut connection = connect(draft.path())?;
    initialise(&mut connection).map_err(|error| said(path, &error))?;
    connection.close().map_err(|(_, error)| said(path, &error))?;
    match draft.publish().map_err(system)? {
        Published::Made | Published::TheirsStands => Ok(()),
        Published::NoLinks => create_in_place(path),
    }
}

/// Makes the file under its own name, where it is empty for a moment; see [`refuse_emptied`].
fn create_in_place(path: &Path) -> Result<(), JournalError> {
    let system = |error: std::io::Error| place::unavailable(path, &error);
    match place::new_file(path) {
        Ok(file) => drop(file),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(system(error)),
    }
    initialise(&mut connect(path)?).map_err(|error| said(path, &error))?;
    place::flush_folder(place::folder_of(path)).map_err(system)
}

/// SQLite takes an empty file for a new database and drops the log beside it. A journal is never empty once it has its name, except
/// for the moment in which one is made in its place.
fn refuse_emptied(path: &Path) -> Result<(), JournalError> {
    let began = Instant::now();
    loop {
        let metadata = fs::metadata(path).map_err(|error| place::unavailable(path, &error))?;
        if !metadata.is_file() {
            return Err(unavailable(path, "it is not a file"));
        }
        if metadata.len() > 0 {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err(corrupt(
                path,
                "the file is empty; remove it only if it was never used",
            ));
        }
        sleep(Duration::from_millis(20));
    }
}

fn connect(path: &Path) -> Result<Connection, JournalError> {
    // Without CREATE: files are made above. One connection is used by one thread at a time.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let settings = |connection: &Connection| {
        connection.busy_timeout(PATIENCE)?;
        // FULL: the log is flushed before a write is acknowledged; less loses acknowledged writes in a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        // On Apple's systems an ordinary flush leaves the data in the drive's cache. Elsewhere the first two do nothing.
        for name in ["fullfsync", "checkpoint_fullfsync", "cell_size_check"] {
            connection.pragma_update(None, name, true)?;
        }
        connection.pragma_update(None, "trusted_schema", false)
    };
    let connection = Connection::open_with_flags(path, flags).map_err(|error| said(path, &error))?;
    settings(&connection).map_err(|error| said(path, &error))?;
    Ok(connection)
}

/// The tables and the marks of a journal, in one step: the file is empty or a journal, never in between.
fn initialise(connection: &mut Connection) -> rusqlite::Result<()> {
    let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    step.pragma_update(None, "application_id", APPLICATION_ID)?;
    bring_up_to_date(&step)?;
    step.commit()?;
    write_ahead(connection).map(|_| ())
}

/// Asks for the write-ahead log and gives the mode that the file has then. SQLite does not wait by itself when two connections ask
/// at once, because each would wait for the other.
fn write_ahead(connection: &Connection) -> rusqlite::Result<String> {
    let began = Instant::now();
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", (), |row| row.get(0)) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && began.elapsed() < PATIENCE =>
            {
                sleep(Duration::from_millis(5));
            }
            asked => return asked,
        }
    }
}

fn bring_up_to_date(connection: &Connection) -> rusqlite::Result<()> {
    let format = pragma(connection, "user_version")?;
    for (number, step) in (1_i64..).zip(FORMATS).filter(|(number, _)| *number > format) {
        connection.execute_batch(step)?;
        connection.pragma_update(None, "user_version", number)?;
    }
    Ok(())
}

fn prepare(connection: &mut Connection, path: &Path) -> Result<(), JournalError> {
    let said = |error: rusqlite::Error| said(path, &error);
    if connection.is_readonly("main").map_err(said)? {
        return Err(unavailable(path, "it may not be written"));
    }
    if pragma(connection, "application_id").map_err(said)? != APPLICATION_ID {
        return Err(JournalError::NotAJournal {
            place: path.display().to_string(),
        });
    }
    let known = i64::try_from(FORMATS.len()).unwrap_or(i64::MAX);
    let found = pragma(connection, "user_version").map_err(said)?;
    if found > known {
        return Err(JournalError::NewerVersion {
            place: path.display().to_string(),
            found,
            known,
        });
    }
    insist(connection, path)?;
    if found < known {
        // The format is read again inside: another process may have been faster.
        let step = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(said)?;
        bring_up_to_date(&step).map_err(said)?;
        step.commit().map_err(said)?;
    }
    // Every page and every index; one finding is enough.
    let finding: String = connection
        .query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))
        .map_err(said)?;
    if finding == "ok" {
        Ok(())
    } else {
        Err(corrupt(path, &finding))
    }
}

/// The settings that a file system or a build of SQLite might not honour.
fn insist(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let said = |error: rusqlite::Error| said(path, &error);
    let mode = write_ahead(connection).map_err(said)?;
    if mode != "wal" {
        return Err(unavailable(path, "this file system can't hold a write-ahead log"));
    }
    if pragma(connection, "synchronous").map_err(said)? != 2 {
        return Err(unavailable(path, "writes can't be made durable"));
    }
    Ok(())
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// Reads every row and gives the damaged ones.
pub(super) fn damaged(connection: &Connection) -> rusqlite::Result<Vec<Damage>> {
    let mut rows = connection.prepare(&format!("SELECT {} FROM entries", row::COLUMNS))?;
    let read = rows.query_map((), |row| Ok(row::read(row).err()))?;
    read.filter_map(Result::transpose).collect()
}

/// The error for what SQLite said.
pub(super) fn said(path: &Path, error: &rusqlite::Error) -> JournalError {
    let place = path.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            JournalError::Locked { place }
        }
        Some(ErrorCode::DiskFull) => JournalError::Full { place },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => corrupt(path, &error.to_string()),
        Some(_) => unavailable(path, &error.to_string()),
        // Not from SQLite but from reading what it gave: the file holds what was never written.
        None => corrupt(path, &error.to_string()),
    }
}

fn corrupt(path: &Path, detail: &str) -> JournalError {
    JournalError::Corrupt {
        place: path.display().to_string(),
        reference: None,
        detail: detail.to_owned(),
    }
}

fn unavailable(path: &Path, detail: &str) -> JournalError {
    JournalError::Unavailable {
        place: path.display().to_string(),
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On file systems without links the file is made in its place while others already wait for it.
    #[test]
    fn a_file_made_in_its_place_is_whole_for_whoever_waits() {
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal.sqlite");
            let threads: Vec<_> = (0..6)
                .map(|number| {
                    let path = path.clone();
                    std::thread::spawn(move || {
                        if number % 2 == 0 {
                            create_in_place(&path)?;
                        }
                        open(&path).and_then(|connection| {
                            pragma(&connection, "user_version").map_err(|e| said(&path, &e))
                        })
                    })
                })
                .collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), Ok(1));
            }
            let names: Vec<_> = fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            assert_eq!(names, ["journal.sqlite"], "nothing else is left behind");
        }
    }

    #[test]
    fn a_file_made_in_its_place_is_a_journal_and_leaves_another_s_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        create_in_place(&path).unwrap();
        assert!(fs::metadata(&path).unwrap().len() > 0);
        assert_eq!(
            pragma(&connect(&path).unwrap(), "application_id"),
            Ok(APPLICATION_ID)
        );
        let theirs = folder.path().join("theirs");
        fs::write(&theirs, "theirs").unwrap();
        create_in_place(&theirs).unwrap();
        assert_eq!(fs::read(&theirs).unwrap(), b"theirs");
        let error = create_in_place(&folder.path().join("none/journal.sqlite")).unwrap_err();
        assert_eq!(error.code(), "journal.unavailable");
    }

    #[test]
    fn the_log_is_asked_for_until_the_other_program_has_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plain.sqlite");
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("CREATE TABLE t (a); BEGIN EXCLUSIVE;")
            .unwrap();
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || {
                let impatient = Connection::open(&path).unwrap();
                impatient.busy_timeout(Duration::ZERO).unwrap();
                write_ahead(&impatient)
            }
        });
        sleep(Duration::from_millis(200));
        assert!(!waiting.is_finished(), "it was not waited for");
        other.execute_batch("COMMIT").unwrap();
        drop(other);
        assert_eq!(waiting.join().unwrap(), Ok("wal".to_owned()));
        // What no patience helps is told at once.
        let rubbish = folder.path().join("rubbish");
        fs::write(
            &rubbish,
            "no database at all, and long enough to be looked at by whoever reads a header".repeat(9),
        )
        .unwrap();
        let began = Instant::now();
        assert!(write_ahead(&Connection::open(&rubbish).unwrap()).is_err());
        assert!(began.elapsed() < PATIENCE);
    }

    #[test]
    fn what_can_not_be_made_durable_is_refused() {
        let memory = Connection::open_in_memory().unwrap();
        let error = insist(&memory, Path::new("x")).unwrap_err();
        assert!(error.to_string().contains("write-ahead log"), "{error}");
        let file = tempfile::NamedTempFile::new().unwrap();
        let hasty = Connection::open(file.path()).unwrap();
        hasty.pragma_update(None, "synchronous", "OFF").unwrap();
        let error = insist(&hasty, file.path()).unwrap_err();
        assert!(error.to_string().contains("durable"), "{error}");
        hasty.pragma_update(None, "synchronous", "FULL").unwrap();
        assert_eq!(insist(&hasty, file.path()), Ok(()));
    }
}
