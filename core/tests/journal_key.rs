//! The file of the journal key: made once, whole, for one user.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]
#![cfg(feature = "sqlite")]

use std::path::Path;
use std::process::{Command, Stdio};

use sportello::journal::{JournalError, JournalKey};

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o7777
}

#[cfg(unix)]
fn chmod(path: &Path, mode: u32) {
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(path, permissions).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_key_is_made_once_and_then_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("sub").join("journal.key");
    assert_eq!(
        JournalKey::load(&path).unwrap_err().code(),
        "journal.key_unreadable"
    );
    assert!(!path.exists());
    let made = JournalKey::load_or_create(&path).unwrap();
    let again = JournalKey::load_or_create(&path).unwrap();
    let read = JournalKey::load(&path).unwrap();
    let digest = made.mac("test", &[b"x"]);
    assert_eq!(
        (again.mac("test", &[b"x"]), read.mac("test", &[b"x"])),
        (digest.clone(), digest)
    );
    assert_eq!(made.id(), read.id());
    assert_eq!(
        names(path.parent().unwrap()),
        ["journal.key"],
        "nothing else is left behind"
    );

    // What is in the file is the key, as 64 digits.
    let text = std::fs::read_to_string(&path).unwrap();
    let digits = text.strip_suffix('\n').unwrap();
    let bytes: Vec<u8> = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect();
    assert_eq!(JournalKey::from_bytes(bytes.try_into().unwrap()).id(), made.id());

    #[cfg(unix)]
    {
        assert_eq!(mode(&path), 0o600);
        assert_eq!(
            (mode(path.parent().unwrap()), mode(&folder.path().join("new"))),
            (0o700, 0o700)
        );
    }
    // Two keys differ.
    assert_ne!(
        JournalKey::load_or_create(&folder.path().join("other.key"))
            .unwrap()
            .id(),
        made.id()
    );
    assert_ne!(
        JournalKey::random().unwrap().id(),
        JournalKey::random().unwrap().id()
    );
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.key");
    let id = JournalKey::load_or_create(&path).unwrap().id();
    for loose in [0o640, 0o604, 0o644, 0o620, 0o666, 0o777, 0o601] {
        chmod(&path, loose);
        let error = JournalKey::load_or_create(&path).unwrap_err();
        assert_eq!(
            error,
            JournalError::KeyPermissions {
                place: path.display().to_string(),
                mode: loose
            }
        );
        assert!(
            error
                .to_string()
                .ends_with(&format!("run `chmod 600 {}`", path.display())),
            "{error}"
        );
    }
    for tight in [0o600, 0o400] {
        chmod(&path, tight);
        assert_eq!(JournalKey::load_or_create(&path).unwrap().id(), id);
    }
}

#[test]
fn what_is_not_a_key_is_refused_and_left_alone() {
    let cases: [&[u8]; 6] = [
        b"",
        b"0123",
        &[b'g'; 64],
        &[b'0'; 63],
        &[b'0'; 66],
        b"+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1",
    ];
    for text in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.key");
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        chmod(&path, 0o600);
        let error = JournalKey::load_or_create(&path).unwrap_err();
        assert_eq!(error.code(), "journal.key_unreadable", "{text:?}");
        assert!(error.to_string().contains("64 hexadecimal digits"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), text);
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        JournalKey::load_or_create(folder.path()).unwrap_err().code(),
        "journal.key_unreadable"
    );
}

#[test]
fn threads_that_make_a_key_at_once_get_the_same() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub").join("journal.key");
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || JournalKey::load_or_create(&path).unwrap().mac("test", &[]))
            })
            .collect();
        let digests: std::collections::BTreeSet<String> =
            threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(digests.len(), 1);
        assert_eq!(names(path.parent().unwrap()), ["journal.key"]);
    }
}

const CHILD: &str = "SPORTELLO_TEST_KEY";

/// What the children below run; on its own, it makes a key of its own.
#[test]
fn child_makes_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let given = std::env::var_os(CHILD);
    let path = given.map_or_else(|| folder.path().join("journal.key"), Into::into);
    let digest = JournalKey::load_or_create(&path).unwrap().mac("test", &[]);
    println!("\ndigest {digest}");
    assert_eq!(digest.len(), 64);
}

#[test]
fn processes_that_make_a_key_at_once_get_the_same() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.key");
        let children: Vec<_> = (0..6)
            .map(|_| {
                Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "child_makes_a_key", "--nocapture"])
                    .env(CHILD, &path)
                    .stdout(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let digests: std::collections::BTreeSet<String> = children
            .into_iter()
            .map(|child| {
                let output = child.wait_with_output().unwrap();
                assert!(output.status.success());
                let text = String::from_utf8(output.stdout).unwrap();
                text.lines()
                    .find_map(|line| line.strip_prefix("digest "))
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(digests.len(), 1);
    }
}
