//! Hostile and honest ZIP deliveries.
#![cfg(feature = "archive")]
// Helpers outside `#[test]` functions are test code too.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

mod builder;
mod extract;
mod hostile;
mod mutation;

use std::io::Cursor;

use builder::{DEFLATED, Item, SIZES_FOLLOW, finish, finish64, zip};
use sportello::archive::{Archive, ArchiveError, ArchiveLimits};

/// Opens and unpacks everything in memory.
fn unpack(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
    unpack_within(bytes, ArchiveLimits::default())
}

fn unpack_within(bytes: &[u8], limits: ArchiveLimits) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
    let mut archive = Archive::open(Cursor::new(bytes), limits)?;
    let entries = archive.entries().to_vec();
    entries
        .iter()
        .map(|entry| {
            let mut content = Vec::new();
            assert_eq!(archive.read_into(entry.number, &mut content)?, entry.size);
            Ok((entry.name.clone(), content))
        })
        .collect()
}

fn code(bytes: &[u8]) -> &'static str {
    unpack(bytes).expect_err("this archive must be refused").code()
}

/// Bytes that do not repeat, so that they pack badly.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
    .take(len)
    .collect()
}

#[test]
fn honest_archives_are_read() {
    let text = b"ricevuta ".repeat(20_000);
    let items = [
        Item::stored("visura.pdf", b"%PDF-1.7"),
        Item::deflated("allegati/", b"").with(|item| item.attributes = 0o040_755 << 16 | 0x10),
        Item::deflated("allegati/ricevuta.xml", &text).with(|item| item.attributes = 0o100_644 << 16),
        Item::deflated("streamed.txt", &text).with(|item| item.flags |= SIZES_FOLLOW),
        Item::deflated("wide.bin", &noise(100_000)).with(|item| item.zip64 = true),
        Item::stored("empty.txt", b""),
    ];
    let read = unpack(&zip(&items)).unwrap();
    let names: Vec<&str> = read.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "visura.pdf",
            "allegati/ricevuta.xml",
            "streamed.txt",
            "wide.bin",
            "empty.txt"
        ]
    );
    assert_eq!(read[0].1, b"%PDF-1.7");
    assert_eq!(read[1].1, text);
    assert_eq!(read[2].1, text);
    assert_eq!(read[3].1, noise(100_000));
    assert!(read[4].1.is_empty());
}

#[test]
fn archives_of_another_writer_are_read() {
    // Python's zipfile: one entry streamed (sizes after the content), one forced to ZIP64, a comment at the end.
    let bytes = include_bytes!("python-zipfile.zip");
    let read = unpack(bytes).unwrap();
    assert_eq!(read[0], ("streamed.txt".to_owned(), b"streamed ".repeat(100)));
    assert_eq!(read[1], ("città/wide.txt".to_owned(), b"wide".to_vec()));
    assert_eq!(read.len(), 2);
}

#[test]
fn a_zip64_end_is_read_where_the_old_one_is_full() {
    let item = Item::stored("a.txt", b"abc");
    let (local, central) = (item.local(), item.central(0));
    let full = (u16::MAX, u32::MAX, u32::MAX);
    assert_eq!(
        unpack(&finish64(local.clone(), &central, 1, full)).unwrap()[0].1,
        b"abc"
    );
    let both = (1, central.len() as u32, local.len() as u32);
    assert_eq!(unpack(&finish64(local, &central, 1, both)).unwrap()[0].1, b"abc");
}

#[test]
fn entries_can_be_read_in_any_order_and_again() {
    let bytes = zip(&[Item::stored("a", b"1"), Item::deflated("b", b"22")]);
    let mut archive = Archive::open(Cursor::new(bytes), ArchiveLimits::default()).unwrap();
    let mut read = |number| {
        let mut content = Vec::new();
        archive.read_into(number, &mut content).map(|_| content)
    };
    assert_eq!(read(2).unwrap(), b"22");
    assert_eq!(read(1).unwrap(), b"1");
    assert_eq!(read(2).unwrap(), b"22");
    assert_eq!(read(3).unwrap_err().code(), "archive.io");
}

#[test]
fn an_archive_within_an_archive_stays_a_file() {
    let inner = zip(&[Item::stored("../x", b"evil")]);
    let read = unpack(&zip(&[Item::stored("inner.zip", &inner), Item::stored("a", b"")])).unwrap();
    assert_eq!(read[0], ("inner.zip".to_owned(), inner.clone()));
    // Also when the inner one's end comes last but for the outer directory.
    assert_eq!(
        unpack(&zip(&[Item::stored("inner.zip", &inner)])).unwrap()[0].1,
        inner
    );
}

#[test]
fn nothing_shows_a_name() {
    let bytes = zip(&[Item::stored("PRVRSL90E52H501T.pdf", b"x")]);
    let archive = Archive::open(Cursor::new(bytes), ArchiveLimits::default()).unwrap();
    assert!(!format!("{archive:?} {:?}", archive.entries()).contains("PRVRSL"));
    let error = unpack(&zip(&[Item::stored("PRVRSL90E52H501T.pdf.", b"x")])).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("PRVRSL"));
}

#[test]
fn memory_is_not_taken_for_what_is_only_said() {
    // 2 MB of content through a sink that keeps nothing.
    let content = noise(64 * 1024).repeat(30);
    let bytes = zip(&[Item::deflated("big.bin", &content)]);
    let mut archive = Archive::open(Cursor::new(bytes), ArchiveLimits::default()).unwrap();
    struct Largest(usize);
    impl std::io::Write for Largest {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.max(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut largest = Largest(0);
    assert_eq!(archive.read_into(1, &mut largest).unwrap(), content.len() as u64);
    assert!(largest.0 <= 64 * 1024, "{}", largest.0);
}

#[test]
fn empty_archives_are_refused() {
    assert_eq!(code(&zip(&[])), "archive.empty");
    assert_eq!(code(&zip(&[Item::stored("folder/", b"")])), "archive.empty");
    assert_eq!(code(b""), "archive.corrupt");
    assert_eq!(code(b"%PDF-1.7 not an archive at all"), "archive.corrupt");
}

#[test]
fn the_method_deflate_is_not_guessed() {
    let item = Item::stored("a", b"abc").with(|item| item.method = DEFLATED);
    assert_eq!(code(&zip(&[item])), "archive.corrupt");
    for method in [1, 6, 9, 12, 14, 93, 95, 98] {
        let item = Item::stored("a", b"abc").with(|item| item.method = method);
        assert_eq!(code(&zip(&[item])), "archive.unsupported", "{method}");
    }
    assert_eq!(code(&finish(Vec::new(), b"", 1)), "archive.corrupt");
}
