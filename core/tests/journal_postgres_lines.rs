//! The way to a real PostgreSQL: lines that break, a server that crashes, locks, TLS, passwords.
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
mod postgres_proxy;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use journal_common::{entry, version, write};
use postgres_common::{Schema, server, server_alone, skipped};
use postgres_proxy::{Cut, Proxy, TlsProxy};
use sportello::journal::{Duplicates, Journal, JournalError, PostgresJournal, Recorded};

fn open(schema: &Schema) -> PostgresJournal {
    PostgresJournal::connect(&schema.url()).unwrap()
}

fn refused(url: &str) -> JournalError {
    PostgresJournal::connect(url).err().unwrap()
}

/// The commit that the server never saw, and the one whose answer was lost: both are errors that may be tried again, and trying again
/// tells which it was.
#[test]
fn a_line_that_breaks_at_the_commit() {
    let Some(server) = server("lines cut at the commit") else {
        return;
    };
    let schema = server.schema();
    let proxy = Proxy::to(&schema.host(), schema.port());
    let journal =
        PostgresJournal::connect(&schema.url_at("127.0.0.1", proxy.port(), "&sslmode=disable")).unwrap();
    let mut seq = 0;
    for round in 0..20 {
        for cut in [Cut::BeforeCommit, Cut::AfterCommit] {
            let next = version("r-1", seq + 1);
            proxy.cut_next(cut);
            let error = journal.record(&next, seq, Duplicates::Refuse).unwrap_err();
            assert!(proxy.was_cut());
            assert_eq!(
                (error.code(), error.is_retryable()),
                ("journal.unavailable", true),
                "{error}"
            );
            let again = journal.record(&next, seq, Duplicates::Refuse);
            let expected = match cut {
                Cut::AfterCommit => Recorded::Conflict(Some(Box::new(next.clone()))),
                _ => Recorded::Written,
            };
            assert_eq!(again, Ok(expected), "round {round}, {cut:?}");
            assert_eq!(journal.get(&next.key), Ok(Some(next)));
            seq += 1;
        }
    }
    assert_eq!(journal.writes(), 20, "those whose outcome was learned");
    proxy.cut_next(Cut::AfterCommit);
    let error = journal.remove(&entry("r-1").key, seq).unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(
        journal.remove(&entry("r-1").key, seq),
        Ok(false),
        "it was removed"
    );
}

/// What lay idle while the line broke is found out before anything depends on it.
#[test]
fn an_idle_line_that_broke_is_replaced_unnoticed() {
    let Some(server) = server("idle lines") else {
        return;
    };
    let schema = server.schema();
    let proxy = Proxy::to(&schema.host(), schema.port());
    let journal =
        PostgresJournal::connect(&schema.url_at("127.0.0.1", proxy.port(), "&sslmode=disable")).unwrap();
    for seq in 1..4 {
        write(&journal, &version("r-1", seq));
        proxy.cut_all();
        std::thread::sleep(Duration::from_millis(1_100));
    }
    // One that only fell silent is asked first, for 3 seconds.
    assert_eq!(journal.get(&entry("r-1").key), Ok(Some(version("r-1", 3))));
    proxy.silence_all();
    std::thread::sleep(Duration::from_millis(1_100));
    let began = Instant::now();
    write(&journal, &version("r-1", 4));
    assert!((Duration::from_secs(2)..Duration::from_secs(20)).contains(&began.elapsed()));
    assert_eq!(journal.get(&entry("r-1").key), Ok(Some(version("r-1", 4))));
}

/// A writer goes on through two crashes of the server. What it was told is written stays written, and every error was one to try again.
#[test]
fn a_server_that_crashes_and_comes_back() {
    let Some((server, restart)) = server_alone("a crash of the server") else {
        return;
    };
    let schema = server.schema();
    let journal = open(&schema);
    let stop = AtomicBool::new(false);
    let (written, errors, ambiguous) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let (mut seq, mut errors, mut ambiguous) = (0, 0, 0);
            while !stop.load(Ordering::SeqCst) {
                let next = version("r-1", seq + 1);
                match journal.record(&next, seq, Duplicates::Allow) {
                    Ok(Recorded::Written) => seq += 1,
                    // Nobody else writes: the write before this one, which ended in an error, was made.
                    Ok(Recorded::Conflict(Some(standing))) if *standing == next && errors > 0 => {
                        ambiguous += 1;
                        seq += 1;
                    }
                    Ok(other) => panic!("{seq} acknowledged, then {other:?}"),
                    Err(error) => {
                        assert_eq!(
                            (error.code(), error.is_retryable()),
                            ("journal.unavailable", true),
                            "{error}"
                        );
                        errors += 1;
                    }
                }
            }
            (seq, errors, ambiguous)
        });
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(500));
            restart();
        }
        std::thread::sleep(Duration::from_millis(500));
        stop.store(true, Ordering::SeqCst);
        writer.join().unwrap()
    });
    println!("{written} versions written, {errors} errors, {ambiguous} of them after the commit");
    assert!(written > 20 && errors >= 2, "{written} written, {errors} errors");
    assert_eq!(journal.get(&entry("r-1").key), Ok(Some(version("r-1", written))));
    // Idle through a crash: the next call finds the server again by itself.
    restart();
    std::thread::sleep(Duration::from_millis(1_100));
    write(&journal, &version("r-1", written + 1));
}

#[test]
fn a_write_that_waits_is_ended_by_the_server_or_by_its_patience() {
    let Some(server) = server("locks") else { return };
    let schema = server.schema();
    let journal = open(&schema);
    write(&journal, &entry("r-1"));
    let other = schema.session();
    other.run("BEGIN; SELECT 1 FROM sportello_entries FOR UPDATE");
    let next = version("r-1", 2);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| journal.record(&next, 1, Duplicates::Allow));
        let ended = loop {
            let ended = schema.sql(&format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = '{}' AND wait_event_type = 'Lock'",
                schema.name()
            ));
            if !ended.is_empty() {
                break ended;
            }
        };
        assert_eq!(ended, ["t"]);
        let error = waiting.join().unwrap().unwrap_err();
        assert_eq!(
            (error.code(), error.is_retryable()),
            ("journal.unavailable", true),
            "{error}"
        );
    });
    let began = Instant::now();
    let error = journal.record(&next, 1, Duplicates::Allow).unwrap_err();
    assert_eq!(
        (error.code(), error.is_retryable()),
        ("journal.locked", true),
        "{error}"
    );
    assert!((Duration::from_secs(4)..Duration::from_secs(20)).contains(&began.elapsed()));
    // Reading waits for nobody, and another reference neither.
    assert_eq!(journal.get(&next.key), Ok(Some(entry("r-1"))));
    write(&journal, &entry("r-2"));
    other.run("ROLLBACK");
    write(&journal, &next);
}

/// Every connection is verified, also where libpq would only encrypt.
#[test]
fn tls_is_verified() {
    let Some(server) = server("TLS") else { return };
    let schema = server.schema();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let roots = format!("&sslrootcert={}", file.to_str().unwrap().replace('/', "%2F"));
    let proxy = TlsProxy::to(&schema.host(), schema.port(), "localhost");
    std::fs::write(&file, &proxy.pem).unwrap();
    for mode in ["prefer", "require", "verify-ca", "verify-full"] {
        let options = format!("&sslmode={mode}{roots}");
        let before = proxy.served();
        let journal = PostgresJournal::connect(&schema.url_at("localhost", proxy.port(), &options)).unwrap();
        write(&journal, &entry(mode));
        assert!(proxy.served() > before, "{mode}");
        // Nobody vouches for it, or it is another host's.
        for (host, options) in [("localhost", format!("&sslmode={mode}")), ("127.0.0.1", options)] {
            let error = refused(&schema.url_at(host, proxy.port(), &options));
            assert_eq!(error.code(), "journal.unavailable", "{error}");
        }
    }
    let error = refused(&schema.url_at("127.0.0.1", proxy.port(), &format!("&sslmode=require{roots}")));
    assert!(error.to_string().contains("certificate"), "{error}");
    // A server without TLS, where TLS is demanded; the tests' own server has none.
    if schema.sql("SHOW ssl") == ["off"] {
        let error = refused(&schema.url_at("localhost", schema.port(), &format!("&sslmode=require{roots}")));
        assert!(
            error.to_string().contains("server does not support TLS"),
            "{error}"
        );
        let url = schema.url_at("localhost", schema.port(), &format!("&sslmode=prefer{roots}"));
        assert!(PostgresJournal::connect(&url).is_ok());
    }
}

#[test]
fn no_password_is_shown() {
    let Some(server) = server("passwords") else { return };
    let schema = server.schema();
    let journal = open(&schema);
    let debug = format!("{journal:?} {}", journal.place());
    assert!(debug.contains(&schema.port().to_string()), "{debug}");
    let url = schema.url_as(b"WRONG", &schema.host(), schema.port(), "");
    match PostgresJournal::connect(&url) {
        Err(error) => {
            let text = format!("{error} {error:?}");
            assert_eq!(error.code(), "journal.unavailable");
            assert!(
                text.contains("refused the user or the password (SQLSTATE 28P01)"),
                "{text}"
            );
            assert!(!text.contains("WRONG") && !text.contains("postgres://"), "{text}");
        }
        Ok(_) => skipped("a wrong password: this server asks for none"),
    }
    let admin: tokio_postgres::Config = schema.url().parse().unwrap();
    if let Some(password) = admin.get_password().filter(|password| !password.is_empty()) {
        assert!(!debug.contains(std::str::from_utf8(password).unwrap()), "{debug}");
    }
    let url = schema.url().replace("?options", "_none?options");
    let error = refused(&url);
    assert!(error.to_string().contains("(SQLSTATE 3D000)"), "{error}");
}
