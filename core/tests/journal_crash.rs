//! What the journal promises when its process dies, and between processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]
#![cfg(feature = "sqlite")]

mod journal_common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use journal_common::{entry, version, write};
use sportello::journal::{Duplicates, Journal, JournalError, Recorded, SqliteJournal};

const FILE: &str = "SPORTELLO_TEST_JOURNAL";
const WRITES: &str = "SPORTELLO_TEST_WRITES";
const REFERENCES: [&str; 3] = ["r-1", "r-2", "r-3"];

fn child(name: &str, file: &Path, writes: Option<u64>) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped());
    if let Some(writes) = writes {
        command.env(WRITES, writes.to_string());
    }
    command
}

/// What the children below run: moves three entries on, and says so after each write. Without a limit it goes on until it is killed.
#[test]
fn child_writes() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::env::var_os(FILE).map_or_else(|| folder.path().join("journal.sqlite"), Into::into);
    let limit = match (std::env::var(WRITES), std::env::var_os(FILE)) {
        (Ok(writes), _) => writes.parse().unwrap(),
        (Err(_), Some(_)) => u64::MAX,
        (Err(_), None) => 3,
    };
    let journal = SqliteJournal::open(file).unwrap();
    let mut known: BTreeMap<&str, u64> = REFERENCES
        .into_iter()
        .map(|reference| {
            (
                reference,
                journal
                    .get(&entry(reference).key)
                    .unwrap()
                    .map_or(0, |entry| entry.seq),
            )
        })
        .collect();
    let mut out = std::io::stdout();
    writeln!(out, "\nbegin").unwrap();
    for number in 0..limit {
        let reference = REFERENCES[usize::try_from(number % 3).unwrap()];
        let seq = known[reference] + 1;
        write(&journal, &version(reference, seq));
        known.insert(reference, seq);
        writeln!(out, "ack {reference} {seq}").unwrap();
        out.flush().unwrap();
    }
    assert_eq!(journal.writes(), limit);
}

fn acknowledged(line: &str) -> Option<(String, u64)> {
    let (reference, seq) = line.strip_prefix("ack ")?.split_once(' ')?;
    Some((reference.to_owned(), seq.parse().ok()?))
}

/// Twenty writers are killed at moments of no one's choosing; whatever they acknowledged is there, whole, and at most the one write
/// that was under way besides.
#[cfg(unix)]
#[test]
fn what_a_killed_process_acknowledged_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.sqlite");
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    let (mut total, mut ahead) = (0, 0);
    for round in 0..20_u64 {
        let mut writer: Child = child("child_writes", &file, None).spawn().unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        assert!(lines.any(|line| line == "begin"));
        std::thread::sleep(Duration::from_micros(300 + round * 1_700));
        writer.kill().unwrap();
        let status = writer.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
        for (reference, seq) in lines.filter_map(|line| acknowledged(&line)) {
            last.insert(reference, seq);
            total += 1;
        }
        let journal = SqliteJournal::open(&file).unwrap();
        let mut more = 0;
        for reference in REFERENCES {
            let acknowledged = last.get(reference).copied().unwrap_or(0);
            let stored = journal.get(&entry(reference).key).unwrap();
            let seq = stored.as_ref().map_or(0, |entry| entry.seq);
            assert!(
                seq >= acknowledged,
                "round {round}: {reference} is at {seq}, {acknowledged} was acknowledged"
            );
            more += seq - acknowledged;
            assert_eq!(
                stored,
                (seq > 0).then(|| version(reference, seq)),
                "round {round}"
            );
            last.insert(reference.to_owned(), seq);
        }
        assert!(more <= 1, "round {round}: {more} writes more than were begun");
        ahead += more;
    }
    assert!(total >= 20, "only {total} writes in all ({ahead} unacknowledged)");
}

/// What a child runs: races for versions of one entry with its siblings.
#[test]
fn child_counts() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::env::var_os(FILE).map_or_else(|| folder.path().join("journal.sqlite"), Into::into);
    let journal = SqliteJournal::open(file).unwrap();
    let mut known = journal
        .get(&entry("counter").key)
        .unwrap()
        .map_or(0, |entry| entry.seq);
    let mut steps = 0;
    while steps < 50 {
        let next = version("counter", known + 1);
        known = match journal.record(&next, known, Duplicates::Allow).unwrap() {
            Recorded::Written => {
                steps += 1;
                next.seq
            }
            Recorded::Conflict(standing) => standing.unwrap().seq,
            Recorded::Duplicate { reference } => panic!("a duplicate of {reference}"),
        };
    }
    assert_eq!(journal.writes(), 50);
}

#[test]
fn processes_share_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.sqlite");
    // Nobody made the file: they do, all at once.
    let children: Vec<Child> = (0..4)
        .map(|_| child("child_counts", &file, None).spawn().unwrap())
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    let journal = SqliteJournal::open(&file).unwrap();
    assert_eq!(
        journal.get(&entry("counter").key),
        Ok(Some(version("counter", 200)))
    );
}

/// What a child runs as a user who may not write where the journal should be.
#[test]
fn child_may_not_write() {
    let folder = tempfile::tempdir().unwrap();
    let (file, expected) = match std::env::var_os(FILE) {
        Some(file) => (file.into(), "journal.unavailable"),
        None => (folder.path().join("journal.sqlite"), "opened"),
    };
    let outcome = SqliteJournal::open(&file)
        .map(|_| ())
        .map_err(|error: JournalError| error.code());
    println!("\noutcome {outcome:?}");
    assert_eq!(outcome.err().unwrap_or("opened"), expected);
}

/// Run as root, the child becomes nobody, because root may write anywhere.
#[cfg(unix)]
#[test]
fn folders_and_files_that_may_not_be_written_are_told() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::metadata(folder.path()).unwrap().uid() == 0;
    let chmod =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    // One folder without a journal, one with a journal that may only be read.
    let (empty, full) = (folder.path().join("empty"), folder.path().join("full"));
    std::fs::create_dir(&empty).unwrap();
    std::fs::create_dir(&full).unwrap();
    write(
        &SqliteJournal::open(full.join("journal.sqlite")).unwrap(),
        &entry("r-1"),
    );
    chmod(&full.join("journal.sqlite"), 0o444);
    chmod(folder.path(), 0o555);
    for place in [&empty, &full] {
        chmod(place, 0o555);
        let mut command = child("child_may_not_write", &place.join("journal.sqlite"), None);
        // A copy of this program, for the build folder may be closed to others.
        let program = tempfile::tempdir().unwrap();
        chmod(program.path(), 0o755);
        let copy = program.path().join("program");
        std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
        if root {
            let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
            command = Command::new(copy);
            command
                .args(arguments)
                .env(FILE, place.join("journal.sqlite"))
                .stdout(Stdio::piped())
                .uid(65534)
                .gid(65534);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && text.contains("Err(\"journal.unavailable\")"),
            "{text}"
        );
        chmod(place, 0o755);
    }
    chmod(folder.path(), 0o755);
    // It was only told: the journal is as it was.
    chmod(&full.join("journal.sqlite"), 0o600);
    assert_eq!(
        SqliteJournal::open(full.join("journal.sqlite"))
            .unwrap()
            .get(&entry("r-1").key),
        Ok(Some(entry("r-1")))
    );
}

/// What a child runs: opens the journal in the user's data folder.
#[cfg(target_os = "linux")]
#[test]
fn child_opens_the_default() {
    let path = SqliteJournal::default_path().unwrap();
    println!("\ndefault {}", path.display());
    assert!(path.ends_with("sportello/journal.sqlite"));
    if std::env::var_os(FILE).is_some() {
        write(&SqliteJournal::open_default().unwrap(), &entry("r-1"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_default_is_in_the_user_s_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (Some(folder.path().join("data")), "data/sportello/journal.sqlite"),
        // One that is not absolute is to be ignored.
        (Some("data".into()), "home/.local/share/sportello/journal.sqlite"),
        (None, "home/.local/share/sportello/journal.sqlite"),
    ];
    for (data, expected) in cases {
        let expected = folder.path().join(expected);
        let mut command = child("child_opens_the_default", Path::new("default"), None);
        command
            .env("HOME", folder.path().join("home"))
            .env_remove("XDG_DATA_HOME");
        if let Some(data) = data {
            command.env("XDG_DATA_HOME", data);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && text.contains(&format!("default {}\n", expected.display())),
            "{text}"
        );
        assert_eq!(
            SqliteJournal::open(&expected).unwrap().get(&entry("r-1").key),
            Ok(Some(entry("r-1")))
        );
        std::fs::remove_dir_all(expected.parent().unwrap()).unwrap();
    }
}

/// One flush of the log for each write, counted by the kernel: 90 writes more are 90 flushes more.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs strace"]
fn a_write_is_one_flush() {
    let flushes = |writes: u64| -> u64 {
        let folder = tempfile::tempdir().unwrap();
        let (file, report) = (folder.path().join("journal.sqlite"), folder.path().join("report"));
        // Keeps the journal open, so that the child is not the last to close it.
        let _journal = SqliteJournal::open(&file).unwrap();
        let inner = child("child_writes", &file, Some(writes));
        let mut traced = Command::new("strace");
        traced
            .args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o"])
            .arg(&report)
            .arg(inner.get_program());
        traced
            .args(inner.get_args())
            .env(FILE, &file)
            .env(WRITES, writes.to_string())
            .stdout(Stdio::piped());
        assert!(traced.output().unwrap().status.success());
        let report = std::fs::read_to_string(&report).unwrap();
        report
            .lines()
            .filter(|line| line.contains("sync("))
            .count()
            .try_into()
            .unwrap()
    };
    let (few, many) = (flushes(10), flushes(100));
    println!("{few} flushes for 10 writes, {many} for 100");
    assert_eq!(many - few, 90);
    assert!(few >= 10, "10 writes made {few} flushes");
}
