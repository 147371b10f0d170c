use std::io::Cursor;

use proptest::prelude::*;

use super::builder::{Item, SIZES_FOLLOW, zip};
use super::extract::files;
use super::noise;
use sportello::archive::{ALL_CODES, Archive, ArchiveLimits};

fn sound() -> Vec<u8> {
    zip(&[
        Item::deflated("visura.pdf", &noise(400)),
        Item::deflated("sotto/nota.txt", &b"nota ".repeat(50)).with(|item| item.flags |= SIZES_FOLLOW),
        Item::stored("wide.bin", b"wide").with(|item| item.zip64 = true),
        Item::stored("sotto/altro/", b""),
    ])
}

proptest! {
    /// Whatever is changed: no panic, no file outside the folder, none but those reported, and a code of the table.
    #[test]
    fn changed_bytes_never_panic_nor_write_elsewhere(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut bytes = sound();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let result = Archive::open(Cursor::new(bytes), ArchiveLimits::default())
            .and_then(|mut archive| archive.extract(&out));
        let there = files(dir.path());
        match result {
            Ok(mut paths) => {
                paths.sort();
                prop_assert_eq!(&there, &paths);
                prop_assert!(there.iter().all(|path| path.starts_with(&out)));
            }
            Err(error) => {
                prop_assert!(ALL_CODES.contains(&error.code()));
                prop_assert!(there.is_empty());
            }
        }
    }

    /// Content that still unpacks is the content that was packed: nothing but names and attributes can change unseen.
    #[test]
    fn a_flipped_bit_never_changes_content_unseen(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = sound();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let Ok(mut archive) = Archive::open(Cursor::new(bytes), ArchiveLimits::default()) else { return Ok(()) };
        let expected = [noise(400), b"nota ".repeat(50), b"wide".to_vec()];
        for entry in archive.entries().to_vec() {
            let mut content = Vec::new();
            if archive.read_into(entry.number, &mut content).is_ok() {
                prop_assert_eq!(&content, &expected[entry.number as usize - 1]);
            }
        }
    }
}
