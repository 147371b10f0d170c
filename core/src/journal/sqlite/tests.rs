use super::*;
use crate::journal::conformance::specimen;
use crate::journal::{conformance, conformance_shared};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("journal.sqlite")
    }

    fn open(&self) -> SqliteJournal {
        SqliteJournal::open(self.file()).unwrap()
    }

    /// The file as any SQLite tool sees it.
    fn tool(&self) -> Connection {
        Connection::open(self.file()).unwrap()
    }
}

fn write(journal: &SqliteJournal, entry: &Entry) {
    assert_eq!(
        journal.record(entry, entry.seq - 1, Duplicates::Refuse),
        Ok(Recorded::Written)
    );
}

#[test]
fn it_conforms() {
    let folder = Folder::new();
    let mut number = 0;
    let alone = conformance(&mut || {
        number += 1;
        Box::new(SqliteJournal::open(folder.0.path().join(format!("{number}.sqlite"))).unwrap())
    });
    let shared = conformance_shared(&mut || Box::new(folder.open()));
    let (alone, shared) = (alone.unwrap(), shared.unwrap());
    assert!(
        alone >= 200 && shared >= 40,
        "only {alone} and {shared} checks were made"
    );
}

#[test]
fn the_settings_are_the_ones_a_payment_needs() {
    let folder = Folder::new();
    let journal = folder.open();
    let connection = journal.connection().unwrap();
    let number = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let text = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, String>(0))
            .unwrap()
    };
    assert_eq!(text("journal_mode"), "wal");
    assert_eq!(
        (
            number("synchronous"),
            number("fullfsync"),
            number("checkpoint_fullfsync")
        ),
        (2, 1, 1)
    );
    assert_eq!(
        (
            number("busy_timeout"),
            number("application_id"),
            number("user_version")
        ),
        (5000, 0x5370_6f72, 1)
    );
}

#[test]
fn duplicates_are_looked_up_in_the_index() {
    let folder = Folder::new();
    let journal = folder.open();
    let connection = journal.connection().unwrap();
    let plan: String = connection
        .query_row(
            &format!("EXPLAIN QUERY PLAN {DUPLICATE}"),
            ["", "", "", ""],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("live_marks"), "{plan}");
}

#[test]
fn a_full_disk_is_told_and_changes_nothing() {
    let folder = Folder::new();
    let journal = folder.open();
    let first = specimen("r-1");
    write(&journal, &first);
    let pages = journal
        .connection()
        .unwrap()
        .pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0))
        .unwrap();
    journal
        .connection()
        .unwrap()
        .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        .unwrap();
    let mut second = Entry {
        seq: 2,
        ..first.clone()
    };
    second.options = vec!["x".repeat(1000); 100];
    let full = journal.record(&second, 1, Duplicates::Allow).unwrap_err();
    assert_eq!((full.code(), full.is_retryable()), ("journal.full", true));
    assert_eq!(
        (journal.get(&first.key), journal.writes()),
        (Ok(Some(first.clone())), 1)
    );
    // A little more room and the same call goes through.
    journal
        .connection()
        .unwrap()
        .pragma_update_and_check(None, "max_page_count", pages + 100, |_| Ok(()))
        .unwrap();
    write(&journal, &second);
    assert_eq!(folder.open().get(&first.key), Ok(Some(second)));
}

#[test]
fn another_program_s_lock_is_waited_for_and_then_told() {
    let folder = Folder::new();
    let journal = folder.open();
    journal
        .connection()
        .unwrap()
        .busy_timeout(std::time::Duration::from_millis(50))
        .unwrap();
    let other = folder.tool();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let entry = specimen("r-1");
    let locked = journal.record(&entry, 0, Duplicates::Allow).unwrap_err();
    assert_eq!((locked.code(), locked.is_retryable()), ("journal.locked", true));
    assert_eq!(journal.get(&entry.key), Ok(None), "reading goes on meanwhile");
    other.execute_batch("ROLLBACK").unwrap();
    write(&journal, &entry);
}

#[test]
fn files_of_others_and_of_the_future_are_refused() {
    let folder = Folder::new();
    folder
        .tool()
        .execute_batch("CREATE TABLE theirs (x); PRAGMA user_version = 1")
        .unwrap();
    let error = SqliteJournal::open(folder.file()).unwrap_err();
    assert_eq!(
        error,
        JournalError::NotAJournal {
            place: folder.file().display().to_string()
        }
    );

    let folder = Folder::new();
    drop(folder.open());
    folder.tool().execute_batch("PRAGMA user_version = 2").unwrap();
    let error = SqliteJournal::open(folder.file()).unwrap_err();
    assert_eq!(
        error,
        JournalError::NewerVersion {
            place: folder.file().display().to_string(),
            found: 2,
            known: 1
        }
    );

    let folder = Folder::new();
    std::fs::write(
        folder.file(),
        "a letter to the office, long enough to be taken for a database\n".repeat(99),
    )
    .unwrap();
    assert_eq!(
        SqliteJournal::open(folder.file()).unwrap_err().code(),
        "journal.corrupt"
    );
}

/// A format before the first stands for every older one: the steps that are missing are made, once, by whoever comes first.
#[test]
fn an_older_file_is_brought_up_to_date() {
    let folder = Folder::new();
    folder
        .tool()
        .execute_batch("PRAGMA application_id = 0x53706f72; PRAGMA user_version = 0")
        .unwrap();
    let openers: Vec<_> = (0..4)
        .map(|_| {
            let file = folder.file();
            std::thread::spawn(move || {
                SqliteJournal::open(file)
                    .map(|journal| write(&journal, &specimen(&format!("{:?}", std::thread::current().id()))))
            })
        })
        .collect();
    for opener in openers {
        opener.join().unwrap().unwrap();
    }
    assert_eq!(folder.open().list(&specimen("").key.scope).unwrap().len(), 4);
}

/// Whatever column was altered, the entry is an error that names its reference; and since its own name may be the altered part,
/// whatever is not found is an error too.
#[test]
fn an_altered_row_is_never_a_state() {
    let changes = [
        "body = replace(body, '\"intent\"', '\"draft\"')",
        "body = replace(body, '\"Assegno Unico\"', '\"Assegno unico\"')",
        "body = body || ' '",
        "body = CAST(x'ff' AS TEXT)",
        "checksum = zeroblob(32)",
        "checksum = x''",
        "seq = 7",
        "stage = 'committed'",
        "live = 0",
        "duplicate_mark = 'other'",
        "duplicate_mark = NULL",
        "updated_at = 1",
        "account = 'other'",
        "origin = 'http://other'",
        "provider = 'other'",
    ];
    for change in changes {
        let folder = Folder::new();
        let journal = folder.open();
        let entry = Entry {
            duplicate_mark: Some("m".into()),
            ..specimen("hurt")
        };
        let sound = specimen("sound");
        write(&journal, &entry);
        write(&journal, &sound);
        drop(journal);
        let altered = folder
            .tool()
            .execute(
                &format!("UPDATE entries SET {change} WHERE reference = 'hurt'"),
                (),
            )
            .unwrap();
        assert_eq!(altered, 1);

        let journal = folder.open();
        assert_eq!(journal.damaged(), ["hurt"], "{change}");
        let absent = specimen("absent");
        let next = Entry {
            seq: 2,
            ..entry.clone()
        };
        let errors = [
            journal.get(&entry.key).unwrap_err(),
            journal.get(&absent.key).unwrap_err(),
            journal.record(&next, 1, Duplicates::Allow).unwrap_err(),
            journal.record(&absent, 0, Duplicates::Allow).unwrap_err(),
            journal.remove(&entry.key, 1).unwrap_err(),
            journal.list(&entry.key.scope).unwrap_err(),
        ];
        for error in errors {
            let JournalError::Corrupt { reference, .. } = &error else {
                panic!("{change}: {error}")
            };
            assert_eq!(reference.as_deref(), Some("hurt"), "{change}");
        }
        // The sound entry goes on.
        assert_eq!(journal.get(&sound.key), Ok(Some(sound.clone())), "{change}");
        write(&journal, &Entry { seq: 2, ..sound });
    }
}

/// Altered while it is open, so that the look at opening time did not see it.
#[test]
fn a_row_altered_while_open_is_an_error() {
    let folder = Folder::new();
    let journal = folder.open();
    let entry = specimen("hurt");
    write(&journal, &entry);
    folder
        .tool()
        .execute("UPDATE entries SET body = replace(body, 'intent', 'draft')", ())
        .unwrap();
    let error = journal.get(&entry.key).unwrap_err();
    assert_eq!(error.code(), "journal.corrupt");
    assert!(error.to_string().contains("`hurt`"), "{error}");
}

#[test]
fn an_entry_that_could_not_be_read_back_is_not_written() {
    use crate::journal::{Purchase, PurchaseKind, PurchaseState};
    let folder = Folder::new();
    let journal = folder.open();
    let mut entry = specimen("r-1");
    entry.purchases.push(Purchase {
        kind: PurchaseKind::Submit,
        state: PurchaseState::Sending,
        id: "65ef".into(),
        // An amount below zero is written but not read.
        price: crate::model::Money::from_cents(-1),
        intended_at: 0,
        sent_at: 0,
        timeout_ms: 0,
        sends: 1,
        ambiguous: false,
        refused_with: None,
        result: None,
        searches_before: None,
        digest: None,
    });
    assert_eq!(
        journal.record(&entry, 0, Duplicates::Allow).unwrap_err().code(),
        "journal.misuse"
    );
    assert_eq!(journal.get(&entry.key), Ok(None));
}

#[test]
fn it_waits_for_a_disk_and_lies_with_the_user_s_data() {
    assert!(Folder::new().open().blocks());
    if let Ok(path) = SqliteJournal::default_path() {
        assert!(path.ends_with("sportello/journal.sqlite"), "{}", path.display());
    }
}

#[test]
fn writes_are_counted_and_nothing_else() {
    let folder = Folder::new();
    let journal = folder.open();
    let entry = specimen("r-1");
    write(&journal, &entry);
    assert!(matches!(
        journal.record(&entry, 0, Duplicates::Allow),
        Ok(Recorded::Conflict(_))
    ));
    assert_eq!((journal.remove(&entry.key, 9), journal.writes()), (Ok(false), 1));
    assert_eq!((journal.remove(&entry.key, 1), journal.writes()), (Ok(true), 2));
    let shown = format!("{journal:?}");
    assert!(
        shown.starts_with("SqliteJournal {") && shown.contains("writes: 2"),
        "{shown}"
    );
}
