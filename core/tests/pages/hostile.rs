use std::fs;
use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use sportello::model::{Attachment, Source, SourceReader};
use sportello::pages::{ALL_CODES, MAX_PAGES, MAX_PHOTO_BYTES, PagesError, pages};

use super::{BACK, RGB, exif, find, photo, read, segment, with_segments};

fn code(bytes: &[u8]) -> &'static str {
    pages(&[photo(bytes)])
        .expect_err("this photo must be refused")
        .code()
}

#[test]
fn what_is_no_photo_is_refused_by_its_place() {
    let pdf = Attachment::from_bytes("carta.pdf", "application/pdf", b"%PDF-1.7\n%%EOF\n".to_vec());
    let error = pages(&[photo(RGB), pdf]).unwrap_err();
    assert!(matches!(error, PagesError::NotAPhoto { page: 2 }));
    for bytes in [
        &b""[..],
        b"x",
        b"hello, world",
        b"PK\x03\x04\x14\0\0\0\x08\0",
        b"GIF89a\x01\0\x01\0",
    ] {
        assert_eq!(code(bytes), "pages.not_a_photo");
    }
    assert_eq!(code(b"\0\0\0\x18ftypheic\0\0\0\0"), "pages.unsupported");
    assert_eq!(code(b"II*\0\x08\0\0\0"), "pages.unsupported");
    assert_eq!(code(include_bytes!("alpha.png")), "pages.unsupported");
    let mut interlaced = include_bytes!("rgb.png").to_vec();
    interlaced[28] = 1;
    assert_eq!(code(&interlaced), "pages.unsupported");
}

#[test]
fn how_many_and_how_large() {
    assert_eq!(pages(&[]).unwrap_err().code(), "pages.empty");
    let many = vec![photo(RGB); MAX_PAGES + 1];
    assert!(pages(&many[1..]).is_ok());
    assert_eq!(pages(&many).unwrap_err().code(), "pages.too_many");
    let mut declared = photo(RGB);
    declared.size = MAX_PHOTO_BYTES + 1;
    assert!(matches!(
        pages(&[declared]).unwrap_err(),
        PagesError::TooLarge { page: 1, .. }
    ));
    let mut only_described = photo(RGB);
    only_described.source = None;
    assert_eq!(pages(&[only_described]).unwrap_err().code(), "pages.no_content");
}

/// A photo that never ends; counts how much of it was read.
struct Endless(Arc<AtomicU64>);

impl SourceReader for Endless {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        struct Reader(Arc<AtomicU64>);
        impl Read for Reader {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                buffer.fill(0);
                self.0.fetch_add(buffer.len() as u64, Ordering::Relaxed);
                Ok(buffer.len())
            }
        }
        let scan = find(RGB, &[0xFF, 0xDA]).unwrap();
        Ok(Box::new(
            io::Cursor::new(&RGB[..scan + 20]).chain(Reader(Arc::clone(&self.0))),
        ))
    }
}

#[test]
fn a_photo_larger_than_it_says_ends_at_the_limit() {
    let read = Arc::new(AtomicU64::new(0));
    let mut endless = photo(RGB);
    endless.source = Some(Source::Reader(Arc::new(Endless(Arc::clone(&read)))));
    assert_eq!(pages(&[endless]).unwrap_err().code(), "pages.too_large");
    assert!(read.load(Ordering::Relaxed) < MAX_PHOTO_BYTES + 100_000);
}

#[test]
fn sides_without_sense_are_refused() {
    let frame = find(RGB, &[0xFF, 0xC0]).unwrap();
    for (height, width) in [
        (0u16, 64u16),
        (40, 0),
        (20_001, 64),
        (40, u16::MAX),
        (20_000, 20_000),
    ] {
        let mut jpeg = RGB.to_vec();
        jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        assert_eq!(code(&jpeg), "pages.dimensions", "{width}x{height}");
    }
    let mut png = include_bytes!("rgb.png").to_vec();
    png[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(code(&png), "pages.dimensions");
}

#[test]
fn rare_jpegs_are_refused() {
    let frame = find(RGB, &[0xFF, 0xC0]).unwrap();
    for (at, value) in [(1, 0xC3), (1, 0xC9), (1, 0xCF), (4, 12), (9, 2)] {
        let mut jpeg = RGB.to_vec();
        jpeg[frame + at] = value;
        assert_eq!(code(&jpeg), "pages.unsupported", "{at} {value:x}");
    }
}

#[test]
fn damage_is_told() {
    let scan = find(RGB, &[0xFF, 0xDA]).unwrap();
    let frame = find(RGB, &[0xFF, 0xC0]).unwrap();
    for broken in [
        [&RGB[..frame], &RGB[scan..]].concat(),
        [&RGB[..scan], &[0xFF, 0xD9]].concat(),
        [&RGB[..scan], &RGB[frame..]].concat(),
        with_segments(RGB, &[vec![0xFF, 0xE1, 0, 1]]),
        with_segments(RGB, &[b"rubbish".to_vec()]),
        with_segments(RGB, &[vec![0xFF, 0xD8]]),
    ] {
        assert_eq!(code(&broken), "pages.damaged");
    }
    let rows_first = [&include_bytes!("palette.png")[..33], b"\0\0\0\x01IDATx\0\0\0\0"].concat();
    assert_eq!(code(&rows_first), "pages.damaged");
}

#[test]
fn a_cut_photo_is_told_wherever_it_is_cut() {
    for whole in [
        RGB,
        include_bytes!("palette.png"),
        include_bytes!("progressive.jpg"),
    ] {
        // A PNG's last four bytes are a checksum that is not looked at.
        for len in 2..whole.len() - 4 {
            assert_eq!(code(&whole[..len]), "pages.damaged", "{len}");
        }
    }
}

#[test]
fn a_photo_that_changes_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fronte.jpg");
    fs::write(&path, with_segments(RGB, &[segment(0xFE, &[b'.'; 300])])).unwrap();
    let document = pages(&[Attachment::from_path(&path).unwrap(), photo(BACK)]).unwrap();
    let whole = read(&document);
    let failure = || {
        let mut read = Vec::new();
        let error = document
            .source
            .as_ref()
            .unwrap()
            .open()
            .unwrap()
            .read_to_end(&mut read)
            .unwrap_err();
        (error.kind(), read.len() < whole.len())
    };
    // As long as before, and every piece where it was, but another picture.
    let mut changed = fs::read(&path).unwrap();
    let last = changed.len() - 3;
    changed[last] ^= 1;
    fs::write(&path, &changed).unwrap();
    assert_eq!(failure(), (ErrorKind::InvalidData, true));
    fs::write(&path, &changed[..500]).unwrap();
    assert_eq!(failure(), (ErrorKind::UnexpectedEof, true));
    fs::remove_file(&path).unwrap();
    assert_eq!(failure(), (ErrorKind::NotFound, true));
    fs::write(&path, with_segments(RGB, &[segment(0xFE, &[b'.'; 300])])).unwrap();
    assert_eq!(read(&document), whole);
}

#[test]
fn large_photos_stay_where_they_are() {
    let scan = find(RGB, &[0xFF, 0xDA]).unwrap() + 14;
    let large = [&RGB[..scan], &vec![0x55; 8 << 20], &RGB[scan..]].concat();
    let document = pages(&[photo(&large), photo(&large)]).unwrap();
    assert!(document.size > 16 << 20);
    assert!(document.head.len() + document.tail.len() < 70_000);
    assert!(matches!(document.source, Some(Source::Reader(_))));
    assert_eq!(
        io::copy(&mut document.source.unwrap().open().unwrap(), &mut io::sink()).unwrap(),
        document.size
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever is changed in a photo: no panic, a code of the table, and a size that is the one said.
    #[test]
    fn changed_photos_never_panic(
        png in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = if png { include_bytes!("palette.png").to_vec() } else { with_segments(RGB, &[exif(6)]) };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        match pages(&[photo(&bytes)]) {
            Ok(document) => prop_assert_eq!(read(&document).len() as u64, document.size),
            Err(error) => prop_assert!(ALL_CODES.contains(&error.code())),
        }
    }
}
