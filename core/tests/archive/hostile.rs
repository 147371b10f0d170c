use super::builder::{Item, SIZES_FOLLOW, end, finish, finish64, zip};
use super::{code, noise, unpack, unpack_within};
use sportello::archive::{ArchiveError, ArchiveLimits, NameProblem};

#[test]
fn too_many_entries() {
    let items: Vec<Item> = (0..4).map(|n| Item::stored(&format!("{n}"), b"")).collect();
    let limits = |max_entries| ArchiveLimits {
        max_entries,
        ..ArchiveLimits::default()
    };
    assert_eq!(unpack_within(&zip(&items), limits(4)).unwrap().len(), 4);
    let error = unpack_within(&zip(&items), limits(3)).unwrap_err();
    assert!(matches!(
        error,
        ArchiveError::TooManyEntries { found: 4, limit: 3 }
    ));
}

#[test]
fn the_number_of_entries_must_be_the_one_said() {
    let items = [Item::stored("a", b""), Item::stored("b", b"")];
    let (local, central) = (
        [items[0].local(), items[1].local()].concat(),
        [items[0].central(0), items[1].central(31)].concat(),
    );
    assert!(unpack(&finish(local.clone(), &central, 2)).is_ok());
    assert_eq!(code(&finish(local.clone(), &central, 1)), "archive.corrupt");
    assert_eq!(code(&finish(local.clone(), &central, 3)), "archive.corrupt");
    assert_eq!(
        code(&finish64(
            local,
            &central,
            1 << 40,
            (u16::MAX, u32::MAX, u32::MAX)
        )),
        "archive.too_many_entries"
    );
}

#[test]
fn too_large_by_what_it_says() {
    let bytes = zip(&[Item::stored("a", &noise(600)), Item::stored("b", &noise(600))]);
    let limits = |max_entry_bytes, max_total_bytes| ArchiveLimits {
        max_entry_bytes,
        max_total_bytes,
        ..ArchiveLimits::default()
    };
    assert!(unpack_within(&bytes, limits(600, 1200)).is_ok());
    let entry = unpack_within(&bytes, limits(599, 1200)).unwrap_err();
    assert!(matches!(
        entry,
        ArchiveError::TooLarge {
            entry: Some(1),
            limit: 599
        }
    ));
    let total = unpack_within(&bytes, limits(600, 1199)).unwrap_err();
    assert!(matches!(
        total,
        ArchiveError::TooLarge {
            entry: None,
            limit: 1199
        }
    ));
    let huge = Item::deflated("a", b"abc").with(|item| (item.zip64, item.size) = (true, u64::MAX));
    assert_eq!(code(&zip(&[huge])), "archive.too_large");
}

#[test]
fn bombs() {
    let bomb = Item::deflated("zeros", &vec![0; 2 << 20]);
    assert!(bomb.packed.len() < 2_500);
    assert_eq!(code(&zip(std::slice::from_ref(&bomb))), "archive.ratio");
    // The same with a modest size in the directory: one byte more is too much.
    let error = unpack(&zip(&[bomb.with(|item| item.size = 1000)])).unwrap_err();
    assert!(matches!(
        error,
        ArchiveError::Corrupt {
            entry: Some(1),
            detail: "longer than it says"
        }
    ));
    // Many small ones, each below the bytes that are free of the ratio.
    let many: Vec<Item> = (0..40)
        .map(|n| Item::deflated(&format!("{n}"), &vec![0; 64 << 10]))
        .collect();
    let limits = ArchiveLimits {
        max_ratio: 100,
        ratio_free_bytes: 64 << 10,
        ..ArchiveLimits::default()
    };
    let error = unpack_within(&zip(&many), limits).unwrap_err();
    assert!(matches!(
        error,
        ArchiveError::Ratio {
            entry: None,
            limit: 100
        }
    ));
    // Blanks in a small file are no bomb.
    assert!(unpack(&zip(&[Item::deflated("blank", &vec![b' '; 1 << 20])])).is_ok());
}

#[test]
fn a_blank_beginning_is_no_bomb() {
    // Packed 1000 times at first and 20 times on the whole, as a scan with blank pages.
    let mut content = vec![0; 3 << 19];
    content.extend(noise(75_000));
    assert!(unpack(&zip(&[Item::deflated("scan.tif", &content)])).is_ok());
}

#[test]
fn lying_sizes_both_ways() {
    let content = noise(50_000);
    for (size, packed) in [
        (49_999, None),
        (50_001, None),
        (0, None),
        (50_000, Some(-1i64)),
        (50_000, Some(1)),
        (50_000, Some(-49_000)),
    ] {
        let item = Item::deflated("a", &content).with(|item| {
            item.size = size;
            item.packed_len = item.packed_len.saturating_add_signed(packed.unwrap_or(0));
            item.flags |= SIZES_FOLLOW;
        });
        // A second entry, so that there is something to read beyond the first.
        assert_eq!(
            code(&zip(&[item, Item::stored("b", b"b")])),
            "archive.corrupt",
            "{size} {packed:?}"
        );
    }
    let stored = Item::stored("a", &content).with(|item| item.size -= 1);
    assert_eq!(code(&zip(&[stored])), "archive.corrupt");
    let beyond = Item::stored("a", &content).with(|item| (item.size, item.packed_len) = (60_000, 60_000));
    assert_eq!(code(&zip(&[beyond])), "archive.corrupt");
    let trailing = Item::deflated("a", b"abc").with(|item| {
        item.packed.push(0);
        item.packed_len += 1;
    });
    assert_eq!(code(&zip(&[trailing])), "archive.corrupt");
}

#[test]
fn a_wrong_checksum() {
    for item in [Item::stored("a", b"abc"), Item::deflated("a", b"abc")] {
        let error = unpack(&zip(&[item.with(|item| item.crc ^= 1)])).unwrap_err();
        assert!(matches!(
            error,
            ArchiveError::Corrupt {
                entry: Some(1),
                detail: "its checksum differs"
            }
        ));
    }
}

#[test]
fn names_that_lead_elsewhere() {
    for name in [
        "../a",
        "a/../../b",
        "/etc/passwd",
        "C:\\a",
        "c:a",
        "..\\a",
        "\\\\host\\share",
        "a/NUL.pdf",
        "aux",
        "a.",
        "a ",
        "a\0b",
        "a\x1bb",
        "a//b",
        "a:b",
    ] {
        assert_eq!(
            code(&zip(&[Item::stored(name, b"x")])),
            "archive.unsafe_name",
            "{name:?}"
        );
    }
    let not_utf8 = Item::stored("", b"x").with(|item| item.name = b"a\xFF".to_vec());
    assert!(matches!(
        unpack(&zip(&[not_utf8])).unwrap_err(),
        ArchiveError::UnsafeName {
            entry: 1,
            problem: NameProblem::NotUtf8
        }
    ));
    assert_eq!(
        code(&zip(&[Item::stored(&"a".repeat(241), b"x")])),
        "archive.unsafe_name"
    );
    assert!(unpack(&zip(&[Item::stored(&"a".repeat(240), b"x")])).is_ok());
}

#[test]
fn names_that_meet() {
    let pairs = [
        ("a.pdf", "a.pdf"),
        ("a.pdf", "A.PDF"),
        ("È.pdf", "è.pdf"),
        ("a", "a/b"),
        ("A/b/c", "a/B"),
        ("a/", "a"),
    ];
    for (one, other) in pairs {
        for pair in [[one, other], [other, one]] {
            let bytes = zip(&pair.map(|name| Item::stored(name, b"")));
            assert_eq!(code(&bytes), "archive.duplicate_name", "{pair:?}");
        }
    }
    assert!(unpack(&zip(&["a/", "a/b", "A/c"].map(|name| Item::stored(name, b"")))).is_ok());
}

#[test]
fn links_and_devices() {
    for mode in [0o120_777u32, 0o020_666, 0o060_666, 0o010_666, 0o140_666] {
        let link = Item::stored("a", b"/etc/passwd").with(|item| item.attributes = mode << 16);
        assert_eq!(code(&zip(&[link])), "archive.link", "{mode:o}");
    }
    let reparse_point = Item::stored("a", b"x").with(|item| item.attributes = 0x400);
    assert_eq!(code(&zip(&[reparse_point])), "archive.link");
    let folder = Item::stored("a", b"x").with(|item| item.attributes = 0o040_755 << 16);
    assert_eq!(code(&zip(&[folder])), "archive.corrupt");
    let folder_with_content = Item::stored("a/", b"x");
    assert_eq!(code(&zip(&[folder_with_content])), "archive.corrupt");
}

#[test]
fn encrypted_entries() {
    for flag in [1, 1 << 6, 1 << 13] {
        let item = Item::stored("a", b"x").with(|item| item.flags |= flag);
        assert_eq!(code(&zip(&[item])), "archive.encrypted");
    }
    assert_eq!(
        code(&zip(&[Item::stored("a", b"x").with(|item| item.method = 99)])),
        "archive.encrypted"
    );
    // Only the header in front of the content says so.
    let mut bytes = zip(&[Item::stored("a", b"x")]);
    bytes[6] |= 1;
    assert_eq!(code(&bytes), "archive.encrypted");
}

/// Overlapping as in "A better zip bomb": every entry's content begins with the next entry's header, quoted in a stored
/// block, so that all share one kernel.
#[test]
fn overlapping_entries() {
    let kernel = Item::deflated("2", &noise(10_000));
    let inner = kernel.local();
    let quoted = |last: bool| {
        let len = (inner.len() - kernel.packed.len()) as u16;
        let mut block = vec![u8::from(last)];
        block.extend(len.to_le_bytes());
        block.extend((!len).to_le_bytes());
        block
    };
    // Entry 1: a stored block that holds entry 2's header, then entry 2's own compressed content.
    let header = &inner[..inner.len() - kernel.packed.len()];
    let content = [header, &noise(10_000)].concat();
    let outer = Item::stored("1", &content).with(|item| {
        item.method = 8;
        item.packed = [quoted(false), inner.clone()].concat();
        item.packed_len = item.packed.len() as u64;
    });
    let local = outer.local();
    let at = (local.len() - inner.len()) as u32;
    assert_eq!(
        unpack(&zip(std::slice::from_ref(&outer))).unwrap()[0].1,
        content,
        "the outer entry alone is sound"
    );
    let directory = [outer.central(0), kernel.central(at)].concat();
    let error = unpack(&finish(local, &directory, 2)).unwrap_err();
    assert!(
        matches!(error, ArchiveError::Overlap { entry: 2, other: 1 }),
        "{error}"
    );
}

#[test]
fn one_content_for_two_names() {
    let a = Item::stored("a", b"x");
    let b = Item::stored("b", b"x");
    let directory = [a.central(0), b.central(0)].concat();
    assert_eq!(code(&finish(a.local(), &directory, 2)), "archive.corrupt");
    let local_b_says_a = b.with(|item| item.local_name = Some(b"a".to_vec()));
    assert_eq!(code(&zip(&[local_b_says_a])), "archive.corrupt");
}

#[test]
fn content_in_the_directory() {
    let item = Item::stored("a", b"").with(|item| item.flags |= SIZES_FOLLOW);
    let item = item.with(|item| (item.size, item.packed_len) = (40, 40));
    assert_eq!(code(&zip(&[item])), "archive.corrupt");
    let nowhere = Item::stored("a", b"x").with(|item| item.offset = Some(u32::MAX - 1));
    assert_eq!(code(&zip(&[nowhere])), "archive.corrupt");
}

#[test]
fn zip64_lies() {
    let item = Item::stored("a.txt", b"abc");
    let (local, central) = (item.local(), item.central(0));
    let (len, offset) = (central.len() as u32, local.len() as u32);
    for narrow in [(2, len, offset), (1, len + 1, offset), (1, len, offset - 1)] {
        assert_eq!(
            code(&finish64(local.clone(), &central, 1, narrow)),
            "archive.corrupt",
            "{narrow:?}"
        );
    }
    // All ones in the end, and no ZIP64 end at all.
    let missing = [local.clone(), central.clone(), end(u16::MAX, len, offset)].concat();
    assert_eq!(code(&missing), "archive.corrupt");
    // A locator that points beyond.
    let mut beyond = finish64(local.clone(), &central, 1, (1, len, offset));
    let locator = beyond.len() - 22 - 12;
    beyond[locator..locator + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(code(&beyond), "archive.corrupt");
    // Sizes of an entry that are all ones without the field that holds them.
    let mut without = Item::stored("a", b"x");
    without.size = u64::from(u32::MAX);
    without.packed_len = without.size;
    without.flags |= SIZES_FOLLOW;
    assert_eq!(code(&zip(&[without])), "archive.corrupt");
}

#[test]
fn what_surrounds_an_archive_is_refused() {
    let bytes = zip(&[Item::stored("a", b"abc")]);
    assert_eq!(code(&[b"#!", bytes.as_slice()].concat()), "archive.corrupt");
    assert_eq!(code(&[bytes.as_slice(), b"\n"].concat()), "archive.corrupt");
    // A comment that is itself an end: two readers would see two archives.
    let mut twice = bytes.clone();
    let comment_len = twice.len() - 2;
    twice[comment_len] = 22;
    twice.extend(end(0, 0, 0));
    assert_eq!(code(&twice), "archive.corrupt");
    let mut volumes = bytes;
    let disk = volumes.len() - 22 + 4;
    volumes[disk] = 1;
    assert_eq!(code(&volumes), "archive.unsupported");
}

#[test]
fn every_truncation_is_refused() {
    let bytes = zip(&[Item::deflated("a", &noise(300)), Item::stored("b", b"abc")]);
    for len in 0..bytes.len() {
        assert_eq!(code(&bytes[..len]), "archive.corrupt", "{len}");
    }
}
