use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::builder::{Item, zip};
use sportello::archive::{Archive, ArchiveError, ArchiveLimits};

fn extract(bytes: Vec<u8>, dir: &Path) -> Result<Vec<PathBuf>, ArchiveError> {
    Archive::open(Cursor::new(bytes), ArchiveLimits::default())?.extract(dir)
}

/// Every file below a folder, the hidden ones included.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found.sort();
    found
}

fn two() -> Vec<u8> {
    zip(&[
        Item::deflated("visura.pdf", b"%PDF"),
        Item::stored("allegati/nota è.txt", b"nota"),
    ])
}

#[test]
fn files_get_their_names_and_nothing_else_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("new/folder");
    let paths = extract(two(), &out).unwrap();
    assert_eq!(paths, [out.join("visura.pdf"), out.join("allegati/nota è.txt")]);
    assert_eq!(fs::read(&paths[0]).unwrap(), b"%PDF");
    assert_eq!(fs::read(&paths[1]).unwrap(), b"nota");
    assert_eq!(
        files(dir.path()),
        [out.join("allegati/nota è.txt"), out.join("visura.pdf")]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&paths[0]).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

#[test]
fn nothing_is_overwritten_and_nothing_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("allegati")).unwrap();
    let mine = dir.path().join("allegati/nota è.txt");
    fs::write(&mine, b"mine").unwrap();
    let error = extract(two(), dir.path()).unwrap_err();
    assert!(matches!(error, ArchiveError::Exists { entry: 2 }), "{error:?}");
    assert_eq!(fs::read(&mine).unwrap(), b"mine");
    assert_eq!(files(dir.path()), [mine]);
}

#[test]
fn a_file_in_the_way_of_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("allegati"), b"mine").unwrap();
    assert_eq!(extract(two(), dir.path()).unwrap_err().code(), "archive.exists");
    assert_eq!(files(dir.path()), [dir.path().join("allegati")]);
}

#[test]
fn a_damaged_entry_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let damaged = Item::stored("b", b"abc").with(|item| item.crc ^= 1);
    let error = extract(zip(&[Item::stored("a", b"a"), damaged]), dir.path()).unwrap_err();
    assert!(matches!(error, ArchiveError::Corrupt { entry: Some(2), .. }));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn links_within_the_folder_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (inside, outside) = (dir.path().join("inside"), dir.path().join("outside"));
    fs::create_dir(&inside).unwrap();
    fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("allegati")).unwrap();
    assert_eq!(extract(two(), &inside).unwrap_err().code(), "archive.exists");
    fs::remove_file(inside.join("allegati")).unwrap();
    std::os::unix::fs::symlink(outside.join("target"), inside.join("visura.pdf")).unwrap();
    assert_eq!(extract(two(), &inside).unwrap_err().code(), "archive.exists");
    assert!(files(&outside).is_empty());
}

#[test]
fn an_archive_can_not_write_into_the_staging_folder() {
    let dir = tempfile::tempdir().unwrap();
    let staging = format!(".sportello-{}-0", std::process::id());
    let paths = extract(zip(&[Item::stored(&format!("{staging}/1"), b"x")]), dir.path()).unwrap();
    assert_eq!(files(dir.path()), paths);
    // Nor does a leftover of a killed run stand in the way.
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(&staging)).unwrap();
    assert_eq!(extract(two(), dir.path()).unwrap().len(), 2);
}

#[test]
fn a_folder_that_can_not_be_made() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    assert_eq!(extract(two(), &file).unwrap_err().code(), "archive.io");
}

/// A run that was killed while it placed its files is simply run again.
#[test]
fn what_an_earlier_run_placed_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let first = extract(two(), dir.path()).unwrap();
    assert_eq!(extract(two(), dir.path()).unwrap(), first);
    fs::remove_file(&first[1]).unwrap();
    assert_eq!(extract(two(), dir.path()).unwrap(), first);
    assert_eq!(files(dir.path()).len(), first.len());
    // Of the same length and other content: somebody's own.
    let before = fs::read(&first[0]).unwrap();
    let other: Vec<u8> = before.iter().map(|byte| byte ^ 1).collect();
    fs::write(&first[0], &other).unwrap();
    fs::remove_file(&first[1]).unwrap();
    assert_eq!(extract(two(), dir.path()).unwrap_err().code(), "archive.exists");
    assert_eq!(fs::read(&first[0]).unwrap(), other);
}
