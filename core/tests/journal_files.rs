//! What the journal's files go through: permissions, folders that can't be written, files cut short, replaced and emptied.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]
#![cfg(feature = "sqlite")]

mod journal_common;

use std::fs;
use std::path::{Path, PathBuf};

use journal_common::{entry, version, write};
use sportello::journal::{Duplicates, Entry, EntryKey, Journal, JournalError, SqliteJournal};

fn wal(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", file.display()))
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_for_their_user_alone() {
    let mode = |path: &Path| {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o7777
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a").join("b").join("journal.sqlite");
    let journal = SqliteJournal::open(&file).unwrap();
    write(&journal, &entry("r-1"));
    let names = ["journal.sqlite", "journal.sqlite-shm", "journal.sqlite-wal"];
    for name in names {
        assert_eq!(mode(&file.with_file_name(name)), 0o600, "{name}");
    }
    let mut found: Vec<_> = fs::read_dir(file.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    found.sort();
    assert_eq!(found, names, "nothing else is left behind");
    assert_eq!(
        (mode(&folder.path().join("a")), mode(&folder.path().join("a/b"))),
        (0o700, 0o700)
    );

    // A folder that was there is its owner's business.
    let shared = folder.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, std::os::unix::fs::PermissionsExt::from_mode(0o750)).unwrap();
    drop(SqliteJournal::open(shared.join("journal.sqlite")).unwrap());
    assert_eq!(mode(&shared), 0o750);
}

#[test]
fn the_key_is_beside_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(folder.path().join("my.journal.sqlite")).unwrap();
    assert_eq!(journal.path(), folder.path().join("my.journal.sqlite"));
    assert_eq!(journal.key_path(), folder.path().join("my.journal.key"));
}

#[test]
fn places_where_no_journal_can_be_are_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    let cases = [
        folder.path().to_owned(),
        folder.path().join("file").join("journal.sqlite"),
    ];
    for path in cases {
        let error = SqliteJournal::open(&path).unwrap_err();
        assert_eq!(error.code(), "journal.unavailable", "{error}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    // No file is made where a link leads nowhere.
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &link).unwrap();
        assert_eq!(
            SqliteJournal::open(&link).unwrap_err().code(),
            "journal.unavailable"
        );
        assert!(!folder.path().join("nowhere").exists());
    }
}

/// `:memory:` means something to SQLite; here it is a file's name like any other.
#[test]
fn no_name_means_a_journal_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:x?mode=memory", "a b?c#d%20"] {
        let file = folder.path().join(name);
        write(&SqliteJournal::open(&file).unwrap(), &entry("r-1"));
        assert!(file.is_file(), "{name}");
        assert_eq!(
            SqliteJournal::open(&file).unwrap().get(&entry("r-1").key),
            Ok(Some(entry("r-1")))
        );
    }
}

#[test]
fn a_replaced_or_removed_file_stops_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (file, backup) = (
        folder.path().join("journal.sqlite"),
        folder.path().join("backup.sqlite"),
    );
    write(&SqliteJournal::open(&file).unwrap(), &entry("r-1"));
    fs::copy(&file, &backup).unwrap();
    let journal = SqliteJournal::open(&file).unwrap();
    write(&journal, &version("r-1", 2));
    if cfg!(windows) {
        assert!(fs::rename(&backup, &file).is_err());
        return;
    }
    fs::rename(&backup, &file).unwrap();
    let moved = JournalError::Moved {
        place: file.display().to_string(),
    };
    let next = version("r-1", 3);
    assert_eq!(journal.record(&next, 2, Duplicates::Allow), Err(moved.clone()));
    assert_eq!(journal.get(&next.key), Err(moved.clone()));
    assert_eq!(journal.list(&next.key.scope), Err(moved.clone()));
    assert_eq!(journal.remove(&next.key, 2), Err(moved.clone()));
    fs::remove_file(&file).unwrap();
    assert_eq!(journal.get(&next.key), Err(moved));
}

/// An emptied file would pass for a new journal, and everything in it would be paid again.
#[test]
fn an_emptied_file_is_not_a_new_journal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.sqlite");
    write(&SqliteJournal::open(&file).unwrap(), &entry("r-1"));
    fs::write(&file, "").unwrap();
    assert_eq!(SqliteJournal::open(&file).unwrap_err().code(), "journal.corrupt");
}

/// The history of the files below: which write came when.
fn history() -> Vec<Entry> {
    (1..=12)
        .flat_map(|seq| ["r-1", "r-2", "r-3"].map(|reference| version(reference, seq)))
        .collect()
}

fn keys() -> Vec<EntryKey> {
    ["r-1", "r-2", "r-3"].map(|reference| entry(reference).key).into()
}

/// What each reference held after the first `writes` of the history.
fn states(writes: usize) -> Vec<Option<Entry>> {
    let history = &history()[..writes];
    keys()
        .iter()
        .map(|key| history.iter().rev().find(|entry| entry.key == *key).cloned())
        .collect()
}

fn read_all(journal: &SqliteJournal) -> Result<Vec<Option<Entry>>, JournalError> {
    keys().iter().map(|key| journal.get(key)).collect()
}

/// A small generator of numbers that are the same in every run.
fn numbers(mut state: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    }
}

/// A log that a power cut left short, or with rubbish at its end, gives the state after some write, never a mixture; whole, it
/// gives the last.
#[test]
fn a_torn_log_gives_the_last_whole_state() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.sqlite");
    let journal = SqliteJournal::open(&file).unwrap();
    for entry in history() {
        write(&journal, &entry);
    }
    // As they are on the disk this moment, with nothing moved from the log into the file.
    let (main, log) = (fs::read(&file).unwrap(), fs::read(wal(&file)).unwrap());
    let whole = history().len();
    let mut next = numbers(7);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..60 {
        let torn = folder.path().join(format!("torn-{round}.sqlite"));
        let mut cut = log.clone();
        match round {
            0 => {}
            _ if round % 3 == 0 => {
                // A sector of the log that was never written.
                let at = next(cut.len() - 512);
                cut[at..at + 512].fill(0);
            }
            _ => cut.truncate(next(log.len())),
        }
        fs::write(&torn, &main).unwrap();
        fs::write(wal(&torn), &cut).unwrap();
        let found = read_all(&SqliteJournal::open(&torn).unwrap()).unwrap();
        let writes = (0..=whole).find(|writes| states(*writes) == found);
        let writes = writes.unwrap_or_else(|| panic!("round {round}: a state that never was: {found:?}"));
        assert!(
            round != 0 || writes == whole,
            "an untouched log gave {writes} of {whole} writes"
        );
        seen.insert(writes);
    }
    assert!(seen.len() > 10, "the cuts were all alike: {seen:?}");
}

/// A file that is cut short, or has a block of rubbish in it, is told, or what is read is what was written.
#[test]
fn a_torn_file_is_never_a_wrong_state() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.sqlite");
    let journal = SqliteJournal::open(&file).unwrap();
    for entry in history() {
        write(&journal, &entry);
    }
    drop(journal);
    assert!(
        !wal(&file).exists(),
        "the log is moved into the file when it is closed"
    );
    let main = fs::read(&file).unwrap();
    let mut next = numbers(11);
    let (mut told, mut sound) = (0, 0);
    for round in 0..80 {
        let torn = folder.path().join(format!("torn-{round}.sqlite"));
        let mut hurt = main.clone();
        match round % 4 {
            0 => hurt.truncate(1 + next(main.len() - 1)),
            1 => {
                let at = next(main.len() - 512);
                hurt[at..at + 512].fill(0);
            }
            2 => {
                let at = next(main.len());
                hurt[at] ^= 1 << next(8);
            }
            _ => {
                let at = next(main.len() / 4096) * 4096;
                hurt[at..at + 4096]
                    .iter_mut()
                    .for_each(|byte| *byte = u8::try_from(next(256)).unwrap());
            }
        }
        fs::write(&torn, &hurt).unwrap();
        let found = SqliteJournal::open(&torn).and_then(|journal| read_all(&journal));
        match found {
            Ok(found) => {
                assert_eq!(found, states(history().len()), "round {round}");
                sound += 1;
            }
            Err(error) => {
                let told_as = [
                    "journal.corrupt",
                    "journal.not_a_journal",
                    "journal.newer_version",
                ];
                assert!(told_as.contains(&error.code()), "round {round}: {error}");
                assert!(
                    round % 4 != 0 || error.code() == "journal.corrupt",
                    "round {round}: {error}"
                );
                told += 1;
            }
        }
        assert!(
            round % 4 != 0 || told > round / 4,
            "round {round}: a file cut short passed for whole"
        );
    }
    assert!(told >= 40 && sound >= 5, "{told} told, {sound} sound");
}
