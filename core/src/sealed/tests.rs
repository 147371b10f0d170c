use std::io::Read as _;
use std::path::Path;

use super::pieces::PIECE;
use super::*;
use crate::model::{Answer, Attachment, Source};

const CANARY: &str = "PRVRLL90E52H501S";

fn key(byte: u8) -> JournalKey {
    JournalKey::from_bytes([byte; 32])
}

fn scope(account: &str) -> Scope {
    Scope {
        provider: "relay".into(),
        origin: "https://counter.example".into(),
        account: account.into(),
    }
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 % 251) as u8).collect()
}

fn answers(sizes: &[usize]) -> Answers {
    let mut answers = Answers::new().with("codice_fiscale", CANARY).with("$1", "è così");
    for (number, size) in sizes.iter().enumerate() {
        let file = Attachment::from_bytes(format!("{CANARY}.pdf"), "application/pdf", content(*size));
        answers.set(format!("file_{number}"), file);
    }
    answers
}

fn kept(answers: Answers) -> Kept {
    Kept {
        conditions: Conditions {
            service_id: "service-1".into(),
            ..Conditions::default()
        },
        answers,
    }
}

fn all(file: &Attachment) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.source.as_ref().unwrap().open()?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn only_file(folder: &Path) -> PathBuf {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

#[test]
fn texts_and_files_of_every_size_come_back_and_nothing_shows() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("made/when/needed");
    let store = SealedStore::new(&inside, &key(1));
    let sizes = [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5];
    let given = answers(&sizes);
    store.keep(&scope("a"), "auu-1", &kept(given.clone())).unwrap();
    let found = store.kept(&scope("a"), "auu-1").unwrap().unwrap();
    assert!(found.answers == given);
    assert_eq!(found.conditions.service_id, "service-1");
    for (number, size) in sizes.iter().enumerate() {
        let file = found
            .answers
            .get(&format!("file_{number}"))
            .and_then(Answer::as_file)
            .unwrap();
        // Again and again.
        for _ in 0..2 {
            assert_eq!(all(file).unwrap(), content(*size), "{size}");
        }
    }
    let bytes = fs::read(only_file(&inside)).unwrap();
    let shown = String::from_utf8_lossy(&bytes);
    assert!(shown.contains("auu-1") && !shown.contains(CANARY) && !shown.contains("codice_fiscale"));
    assert!(!format!("{store:?}").contains("auu"));
    #[cfg(unix)]
    {
        let mode =
            |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions());
        assert_eq!(
            (mode(&only_file(&inside)) & 0o777, mode(&inside) & 0o777),
            (0o600, 0o700)
        );
    }
}

#[test]
fn each_reference_has_its_own_and_the_last_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = SealedStore::new(folder.path(), &key(1));
    store.keep(&scope("a"), "auu-1", &kept(answers(&[]))).unwrap();
    store
        .keep(&scope("a"), "auu-2", &kept(Answers::new().with("k", "old")))
        .unwrap();
    store
        .keep(&scope("a"), "auu-2", &kept(Answers::new().with("k", "new")))
        .unwrap();
    store.keep(&scope("b"), "auu-1", &kept(Answers::new())).unwrap();
    store
        .keep_draft("auu-1", &Answers::new().with("k", "draft"))
        .unwrap();
    assert_eq!(store.references(&scope("a")).unwrap(), ["auu-1", "auu-2"]);
    assert_eq!(store.references(&scope("b")).unwrap(), ["auu-1"]);
    assert_eq!(store.drafts().unwrap(), ["auu-1"]);
    let text = |answers: Answers| answers.get("k").and_then(Answer::as_text).map(str::to_owned);
    assert_eq!(
        text(store.kept(&scope("a"), "auu-2").unwrap().unwrap().answers),
        Some("new".into())
    );
    assert_eq!(text(store.draft("auu-1").unwrap().unwrap()), Some("draft".into()));
    store.forget(&scope("a"), "auu-1").unwrap();
    store.forget(&scope("a"), "auu-1").unwrap();
    store.forget_draft("auu-1").unwrap();
    assert!(store.kept(&scope("a"), "auu-1").unwrap().is_none() && store.draft("auu-1").unwrap().is_none());
    assert!(store.kept(&scope("b"), "auu-1").unwrap().is_some());
    let personal = store.keep_draft(CANARY, &Answers::new()).unwrap_err();
    assert_eq!(personal.code(), "reference.personal_data");
}

#[test]
fn another_key_opens_nothing_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let right = SealedStore::new(folder.path(), &key(1));
    right.keep(&scope("a"), "auu-1", &kept(answers(&[10]))).unwrap();
    right.keep_draft("draft", &answers(&[])).unwrap();
    let wrong = SealedStore::new(folder.path(), &key(2));
    let code = |outcome: Result<bool, SportelloError>| outcome.unwrap_err().code();
    assert_eq!(
        code(wrong.kept(&scope("a"), "auu-1").map(|kept| kept.is_some())),
        "sealed.other_key"
    );
    assert_eq!(
        code(wrong.draft("draft").map(|draft| draft.is_some())),
        "sealed.other_key"
    );
    // It is known to be there.
    assert_eq!(wrong.references(&scope("a")).unwrap(), ["auu-1"]);
    assert!(right.kept(&scope("a"), "auu-1").unwrap().is_some());
    assert!(right.draft("draft").unwrap().is_some());
}

#[test]
fn whatever_is_changed_in_a_file_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let store = SealedStore::new(folder.path(), &key(1));
    store
        .keep(&scope("a"), "auu-1", &kept(answers(&[PIECE + 100])))
        .unwrap();
    let path = only_file(folder.path());
    let whole = fs::read(&path).unwrap();
    let right = content(PIECE + 100);
    // What is read is right, or an error.
    let judge = |case: &str, noticed: &mut usize| {
        let found = match store.kept(&scope("a"), "auu-1") {
            Err(error) => {
                assert!(error.code().starts_with("sealed."), "{case}: {}", error.code());
                *noticed += 1;
                return;
            }
            Ok(found) => found.unwrap(),
        };
        assert_eq!(
            found.answers.get("codice_fiscale").and_then(Answer::as_text),
            Some(CANARY),
            "{case}"
        );
        match all(found.answers.get("file_0").and_then(Answer::as_file).unwrap()) {
            Ok(bytes) => assert!(bytes == right, "{case}"),
            Err(_) => *noticed += 1,
        }
    };
    let (mut noticed, mut tried) = (0, 0);
    for at in (0..400).chain((400..whole.len()).step_by(997)) {
        let mut other = whole.clone();
        other[at] ^= 1;
        fs::write(&path, other).unwrap();
        judge(&format!("byte {at}"), &mut noticed);
        fs::write(&path, &whole[..at]).unwrap();
        judge(&format!("cut at {at}"), &mut noticed);
        tried += 2;
    }
    assert_eq!(noticed, tried, "every change and every cut");
    // The two pieces of the file in the other's place.
    let full = PIECE + 44;
    let second = whole.len() - 144;
    let mut swapped = whole[..second - full].to_vec();
    swapped.extend(&whole[second..]);
    swapped.extend(&whole[second - full..second]);
    fs::write(&path, swapped).unwrap();
    let mut noticed = 0;
    judge("swapped", &mut noticed);
    assert_eq!(noticed, 1);
    // Another reference's under this one's name.
    store.keep(&scope("a"), "auu-2", &kept(answers(&[]))).unwrap();
    let other = store.path(&store.label(Some(&scope("a")), "auu-2"));
    fs::rename(other, &path).unwrap();
    assert_eq!(
        store.kept(&scope("a"), "auu-1").map(|_| ()).unwrap_err().code(),
        "sealed.damaged"
    );
}

#[test]
fn a_file_that_is_not_what_was_checked_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = SealedStore::new(folder.path().join("sealed"), &key(1));
    let path = folder.path().join("photo.jpg");
    fs::write(&path, content(100)).unwrap();
    let file = Attachment::from_path(&path).unwrap();
    let keep = |file: &Attachment| {
        let given = Answers::new().with("photo", file.clone());
        store
            .keep(&scope("a"), "auu-1", &kept(given))
            .map_err(|error| error.code())
    };
    for size in [99, 101] {
        fs::write(&path, content(size)).unwrap();
        assert_eq!(keep(&file), Err("attachment.changed"), "{size}");
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(keep(&file), Err("attachment.unreadable"));
    let described = Attachment {
        source: None,
        ..file.clone()
    };
    assert_eq!(keep(&described), Err("attachment.unreadable"));
    let handle = "blob".to_owned();
    let host = crate::model::HostFile { handle, sha256: None };
    let of_host = Attachment {
        source: Some(Source::Host(host)),
        ..file
    };
    assert_eq!(keep(&of_host), Err("attachment.unreadable"));
    // And leaves nothing.
    assert_eq!(fs::read_dir(folder.path().join("sealed")).unwrap().count(), 0);
}

#[test]
fn what_a_dead_process_left_unfinished_goes() {
    let folder = tempfile::tempdir().unwrap();
    let store = SealedStore::new(folder.path(), &key(1));
    let (old, new) = (folder.path().join("a.1-1.part"), folder.path().join("b.1-2.part"));
    fs::write(&old, b"x").unwrap();
    fs::write(&new, b"x").unwrap();
    let hours_ago = std::time::SystemTime::now() - Duration::from_secs(2 * 60 * 60);
    File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(hours_ago)
        .unwrap();
    assert_eq!(store.references(&scope("a")).unwrap(), Vec::<String>::new());
    assert_eq!((old.exists(), new.exists()), (false, true));
}

#[test]
fn a_folder_that_cannot_be_used_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a-file");
    fs::write(&path, b"x").unwrap();
    let store = SealedStore::new(&path, &key(1));
    let error = store.keep_draft("draft", &Answers::new()).unwrap_err();
    assert_eq!(error.code(), "sealed.unavailable");
    assert!(!error.to_string().contains("a-file"));
}
