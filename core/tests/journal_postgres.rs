//! The journal in a real PostgreSQL: its rules, its columns, its settings, altered rows, other people's tables.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]
#![cfg(feature = "postgres")]

mod journal_common;
mod postgres_common;

use std::sync::Arc;

use journal_common::{entry, version, write};
use postgres_common::{Schema, server};
use sportello::journal::{
    Duplicates, Entry, Journal, JournalError, PostgresJournal, conformance, conformance_shared,
};

fn open(schema: &Schema) -> PostgresJournal {
    PostgresJournal::connect(&schema.url()).unwrap()
}

fn refused(url: &str) -> JournalError {
    PostgresJournal::connect(url).err().unwrap()
}

#[test]
fn it_conforms() {
    let Some(server) = server("conformance") else {
        return;
    };
    let mut schemas = Vec::new();
    let checks = conformance(&mut || {
        schemas.push(server.schema());
        Box::new(open(schemas.last().unwrap()))
    })
    .unwrap();
    assert!(checks >= 60, "only {checks} checks were made");
    println!("{checks} checks");
}

#[test]
fn it_conforms_with_several_handles() {
    let Some(server) = server("conformance of several handles") else {
        return;
    };
    let schema = server.schema();
    let checks = conformance_shared(&mut || Box::new(open(&schema))).unwrap();
    assert!(checks >= 60, "only {checks} checks were made");
    println!("{checks} checks");
}

/// Where the library's own threads are is no business of the caller's runtime.
#[tokio::test]
async fn it_may_be_called_from_a_runtime() {
    let Some(server) = server("calls from a runtime") else {
        return;
    };
    let schema = server.schema();
    let journal = Arc::new(open(&schema));
    assert!(journal.blocks());
    write(&*journal, &entry("here"));
    let there = Arc::clone(&journal);
    tokio::task::spawn_blocking(move || write(&*there, &entry("there")))
        .await
        .unwrap();
    let listed = journal.list(&entry("here").key.scope).unwrap();
    assert_eq!(listed, [entry("here"), entry("there")]);
    assert_eq!(journal.writes(), 2);
    drop(journal);
}

#[test]
fn what_is_stored_can_be_read_by_a_person() {
    let Some(server) = server("columns") else { return };
    let schema = server.schema();
    let journal = open(&schema);
    let first = Entry {
        duplicate_mark: Some("m".into()),
        ..entry("r-1")
    };
    write(&journal, &first);
    let row = schema.sql(
        "SELECT concat_ws(' ', provider, origin, account, reference, seq, stage, live, duplicate_mark, updated_at, body::json->>'serviceName')
         FROM sportello_entries WHERE checksum = sha256(convert_to(body, 'UTF8'))",
    );
    let expected =
        "visengine https://visengine2.altravia.com default r-1 1 intent t m 1767225600001 Assegno Unico 1";
    assert_eq!(row, [expected]);
    // Whoever comes later finds everything and needs no more than to read and write the rows.
    let user = format!("{}_user", schema.name());
    schema.sql(&format!(
        "CREATE ROLE {user};
         GRANT USAGE ON SCHEMA {0} TO {user};
         GRANT SELECT ON ALL TABLES IN SCHEMA {0} TO {user};
         GRANT INSERT, UPDATE, DELETE ON sportello_entries TO {user};",
        schema.name()
    ));
    let url = schema
        .url_at(&schema.host(), schema.port(), "")
        .replace("options=", &format!("options=-crole%3D{user}%20"));
    let restricted = PostgresJournal::connect(&url).unwrap();
    assert_eq!(restricted.get(&first.key), Ok(Some(first.clone())));
    assert_eq!(restricted.remove(&first.key, 1), Ok(true));
    drop(restricted);
    schema.sql(&format!("DROP OWNED BY {user}; DROP ROLE {user}"));
}

#[test]
fn a_write_waits_for_the_disk_whatever_the_default() {
    let Some(server) = server("synchronous commit") else {
        return;
    };
    let schema = server.schema();
    for (default, expected) in [
        ("off", "on"),
        ("local", "on"),
        ("on", "on"),
        ("remote_apply", "remote_apply"),
    ] {
        let url = schema.url().replace(
            "options=",
            &format!("options=-csynchronous_commit%3D{default}%20"),
        );
        let journal = PostgresJournal::connect(&url).unwrap();
        schema.sql(&format!(
            "CREATE OR REPLACE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 IF current_setting('synchronous_commit') <> '{expected}' OR current_setting('transaction_isolation') <> 'read committed' THEN
                     RAISE EXCEPTION 'a write with synchronous_commit %', current_setting('synchronous_commit');
                 END IF;
                 RETURN coalesce(NEW, OLD);
             END $$;
             CREATE OR REPLACE TRIGGER look BEFORE INSERT OR UPDATE OR DELETE ON sportello_entries FOR EACH ROW EXECUTE FUNCTION look()"
        ));
        write(&journal, &entry("r-1"));
        write(&journal, &version("r-1", 2));
        assert_eq!(journal.remove(&entry("r-1").key, 2), Ok(true));
    }
    // The trigger does see what it should.
    let trigger = schema.session();
    trigger.run("SET synchronous_commit = off");
    let tried = trigger
        .try_run("INSERT INTO sportello_entries VALUES ('', '', '', '', 1, '', true, NULL, 0, '', '')");
    assert!(tried.is_err());
    // A user who only reads by default writes all the same, and one whose transactions are stricter.
    schema.sql("DROP TRIGGER look ON sportello_entries");
    for option in [
        "default_transaction_read_only%3Don",
        "default_transaction_isolation%3Dserializable",
    ] {
        let url = schema
            .url()
            .replace("options=", &format!("options=-c{option}%20"));
        let journal = PostgresJournal::connect(&url).unwrap();
        write(&journal, &entry(&option[..30]));
    }
}

#[test]
fn tables_of_others_and_of_the_future_are_refused() {
    let Some(server) = server("other tables") else {
        return;
    };
    let schema = server.schema();
    let journal = open(&schema);
    write(&journal, &entry("r-1"));
    schema.sql("UPDATE sportello_journal SET format = 99");
    let error = refused(&schema.url());
    assert_eq!(
        (error.code(), error.is_retryable()),
        ("journal.newer_version", false)
    );
    assert!(
        error.to_string().contains("format 99, this one knows 1"),
        "{error}"
    );
    schema.sql("UPDATE sportello_journal SET format = 1");
    drop(journal);
    assert_eq!(open(&schema).get(&entry("r-1").key), Ok(Some(entry("r-1"))));
    let others = [
        ("CREATE TABLE sportello_entries (id int)", "journal.not_a_journal"),
        (
            "CREATE TABLE sportello_journal (id int); CREATE TABLE sportello_entries (id int)",
            "journal.not_a_journal",
        ),
        (
            "CREATE TABLE sportello_journal (format bigint); CREATE TABLE sportello_entries (id int)",
            "journal.not_a_journal",
        ),
        (
            "CREATE TABLE sportello_journal (format text); INSERT INTO sportello_journal VALUES ('1'); CREATE TABLE sportello_entries (id int)",
            "journal.not_a_journal",
        ),
        (
            "CREATE TABLE x (id int); CREATE INDEX sportello_live_marks ON x (id)",
            "journal.not_a_journal",
        ),
        (
            "CREATE TABLE sportello_journal (format bigint)",
            "journal.corrupt",
        ),
    ];
    for (tables, code) in others {
        let schema = server.schema();
        schema.sql(tables);
        let before = schema.sql(&format!(
            "SELECT count(*) FROM pg_class WHERE relnamespace = '{}'::regnamespace",
            schema.name()
        ));
        assert_eq!(refused(&schema.url()).code(), code, "{tables}");
        let after = schema.sql(&format!(
            "SELECT count(*) FROM pg_class WHERE relnamespace = '{}'::regnamespace",
            schema.name()
        ));
        assert_eq!(before, after, "nothing is left behind by {tables}");
    }
}

#[test]
fn tables_are_made_once_by_whoever_is_first() {
    let Some(server) = server("making the tables") else {
        return;
    };
    for _ in 0..10 {
        let schema = server.schema();
        let start = std::sync::Barrier::new(6);
        let connect = || {
            start.wait();
            PostgresJournal::connect(&schema.url()).map(|_| ())
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(connect)).collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), Ok(()));
            }
        });
    }
}

#[test]
fn tables_that_were_removed_are_not_made_again_while_in_use() {
    let Some(server) = server("removed tables") else {
        return;
    };
    let schema = server.schema();
    let journal = open(&schema);
    write(&journal, &entry("r-1"));
    schema.sql("DROP TABLE sportello_entries, sportello_journal");
    // On the connection there was, and on new ones.
    for _ in 0..3 {
        let error = journal.get(&entry("r-1").key).unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), ("journal.moved", false));
        let error = journal.record(&entry("r-1"), 0, Duplicates::Refuse).unwrap_err();
        assert_eq!(error.code(), "journal.moved");
    }
    assert_eq!(
        open(&schema).get(&entry("r-1").key),
        Ok(None),
        "opened anew, it is another journal"
    );
}

#[test]
fn an_altered_row_is_never_a_state() {
    let Some(server) = server("altered rows") else {
        return;
    };
    let schema = server.schema();
    let journal = open(&schema);
    let first = Entry {
        duplicate_mark: Some("m".into()),
        ..entry("r-1")
    };
    let alterations = [
        "seq = 2",
        "stage = 'abandoned'",
        "live = false",
        "duplicate_mark = NULL",
        "duplicate_mark = 'n'",
        "updated_at = 0",
        "body = replace(body, 'intent', 'draft')",
        "body = ''",
        "checksum = ''",
        "body = '{}', checksum = sha256('{}')",
        "body = replace(body, 'default', 'another'), checksum = sha256(convert_to(replace(body, 'default', 'another'), 'UTF8'))",
    ];
    for alteration in alterations {
        write(&journal, &first);
        schema.sql(&format!("UPDATE sportello_entries SET {alteration}"));
        let errors = [
            journal.get(&first.key).err(),
            journal.list(&first.key.scope).err(),
            journal.record(&version("r-1", 2), 1, Duplicates::Allow).err(),
            journal.remove(&first.key, 1).err(),
        ];
        for error in errors {
            let error = error.unwrap_or_else(|| panic!("taken: {alteration}"));
            assert_eq!(
                (error.code(), error.is_retryable()),
                ("journal.corrupt", false),
                "{alteration}"
            );
            assert!(error.to_string().contains("`r-1`"), "{error}");
        }
        schema.sql("DELETE FROM sportello_entries");
    }
}

#[test]
fn names_that_can_t_be_stored_are_misuse() {
    let Some(server) = server("names") else { return };
    let schema = server.schema();
    let journal = open(&schema);
    let mut first = entry("r-1");
    first.key.scope.account = "a\0b".into();
    let errors = [
        journal.record(&first, 0, Duplicates::Allow).err(),
        journal.get(&first.key).err(),
        journal.list(&first.key.scope).err(),
        journal.remove(&first.key, 1).err(),
    ];
    for error in errors {
        assert_eq!(error.unwrap().code(), "journal.misuse");
    }
}
