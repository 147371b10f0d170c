//! One PDF of several photos: its structure, its bytes again and again, and nothing in it that tells on the person.
// Helpers outside `#[test]` functions are test code too.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod hostile;

use std::io::Read;

use sportello::model::{Attachment, HEAD_BYTES, TAIL_BYTES};
use sportello::pages::pages;

const RGB: &[u8] = include_bytes!("rgb.jpg");
const FRONT: &[u8] = include_bytes!("../../../examples/data/identity-front.jpg");
const BACK: &[u8] = include_bytes!("../../../examples/data/identity-back.jpg");

fn photo(bytes: &[u8]) -> Attachment {
    Attachment::from_bytes("fronte.jpg", "image/jpeg", bytes.to_vec())
}

fn read(file: &Attachment) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.source
        .as_ref()
        .expect("a source")
        .open()
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

fn pdf_of(photos: &[&[u8]]) -> Vec<u8> {
    let photos: Vec<Attachment> = photos.iter().map(|bytes| photo(bytes)).collect();
    read(&pages(&photos).unwrap())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn contains(bytes: &[u8], wanted: &str) -> bool {
    find(bytes, wanted.as_bytes()).is_some()
}

/// The objects by the PDF's own table, each from its number to its `endobj`.
fn objects(pdf: &[u8]) -> Vec<Vec<u8>> {
    let start = pdf
        .windows(9)
        .rposition(|window| window == b"startxref")
        .expect("startxref");
    let text = std::str::from_utf8(&pdf[start..]).unwrap();
    let table: usize = text.lines().nth(1).unwrap().parse().unwrap();
    let table = std::str::from_utf8(&pdf[table..]).expect("a table at its place");
    let mut lines = table.split_inclusive('\n');
    assert_eq!(lines.next(), Some("xref\n"));
    let count: usize = lines
        .next()
        .unwrap()
        .trim()
        .strip_prefix("0 ")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(lines.next(), Some("0000000000 65535 f \n"));
    (1..count)
        .map(|number| {
            let line = lines.next().unwrap();
            assert_eq!(line.len(), 20);
            let object = &pdf[line[..10].parse::<usize>().unwrap()..];
            assert!(
                object.starts_with(format!("{number} 0 obj\n").as_bytes()),
                "object {number}"
            );
            object[..find(object, b"\nendobj\n").unwrap()].to_vec()
        })
        .collect()
}

/// The content of an object's stream, by its own length.
fn stream(object: &[u8]) -> &[u8] {
    let at = find(object, b"/Length ").expect("a length") + 8;
    let digits: Vec<u8> = object[at..]
        .iter()
        .copied()
        .take_while(u8::is_ascii_digit)
        .collect();
    let len: usize = std::str::from_utf8(&digits).unwrap().parse().unwrap();
    let from = find(object, b"stream\n").unwrap() + 7;
    assert_eq!(&object[from + len..], b"\nendstream");
    &object[from..from + len]
}

/// A JPEG segment.
fn segment(code: u8, body: &[u8]) -> Vec<u8> {
    let len = (body.len() as u16 + 2).to_be_bytes();
    [&[0xFF, code], len.as_slice(), body].concat()
}

/// The EXIF block of a phone: how it was held, and where.
fn exif(orientation: u8) -> Vec<u8> {
    let mut body = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    body.extend(b"\x12\x01\x03\0\x01\0\0\0");
    body.extend([orientation, 0, 0, 0]);
    body.extend(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0");
    body.extend(b"GPS 41.9028 N 12.4964 E");
    segment(0xE1, &body)
}

/// A JPEG with these bytes right after its beginning.
fn with_segments(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

#[test]
fn front_and_back_become_two_pages() {
    let document = pages(&[photo(FRONT), photo(BACK)]).unwrap();
    assert_eq!(
        (document.name.as_str(), document.mime.as_str()),
        ("fronte.pdf", "application/pdf")
    );
    let pdf = read(&document);
    assert!(pdf.starts_with(b"%PDF-1.5\n") && pdf.ends_with(b"%%EOF\n"));
    let objects = objects(&pdf);
    assert_eq!(objects.len(), 8);
    assert!(contains(&objects[0], "/Type /Catalog /Pages 2 0 R"));
    assert!(contains(&objects[1], "/Count 2 /Kids [ 3 0 R 6 0 R ]"));
    for (page, (index, original)) in [(2, FRONT), (5, BACK)].into_iter().enumerate() {
        assert!(
            contains(&objects[index], "/MediaBox [ 0 0 841.89 595.28 ]"),
            "page {page} lies as the photo"
        );
        assert!(contains(&objects[index], &format!("/Contents {} 0 R", index + 2)));
        assert!(contains(&objects[index], &format!("/Photo {} 0 R", index + 3)));
        assert!(
            stream(&objects[index + 1]).starts_with(b"q ")
                && contains(&objects[index + 1], " cm /Photo Do Q")
        );
        assert!(contains(
            &objects[index + 2],
            "/Width 1120 /Height 840 /ColorSpace /DeviceRGB"
        ));
        // The compressed picture is the photo's own, byte by byte.
        let tables = find(original, &[0xFF, 0xDB]).unwrap();
        assert!(stream(&objects[index + 2]).ends_with(&original[tables..]));
    }
}

#[test]
fn the_descriptor_is_exact_and_every_reading_gives_the_same_bytes() {
    let document = pages(&[photo(FRONT), photo(BACK)]).unwrap();
    let pdf = read(&document);
    assert_eq!(document.size, pdf.len() as u64);
    assert_eq!(document.head, &pdf[..HEAD_BYTES]);
    assert_eq!(document.tail, &pdf[pdf.len() - TAIL_BYTES..]);
    assert_eq!(read(&document), pdf);
    assert_eq!(pdf_of(&[FRONT, BACK]), pdf);
    // Also in the smallest steps.
    let mut reader = document.source.as_ref().unwrap().open().unwrap();
    let mut slowly: Vec<u8> = Vec::new();
    let mut buffer = [0; 7];
    loop {
        let read = reader.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        slowly.extend(&buffer[..read]);
    }
    assert_eq!(slowly, pdf);
    let small = pages(&[photo(RGB)]).unwrap();
    assert_eq!(small.head, read(&small));
    assert_eq!(small.tail, read(&small));
}

#[test]
fn what_a_photo_tells_about_the_person_stays_out() {
    let thumbnail = [
        b"JFIF\0\x01\x01\0\0\x01\0\x01\x02\x02".as_slice(),
        b"THUMBNAIL!!!",
    ]
    .concat();
    let told = [
        exif(1),
        segment(0xE0, &thumbnail),
        segment(
            0xE1,
            b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Rosalia</x:xmpmeta>",
        ),
        segment(0xE2, b"ICC_PROFILE\0\x01\x01Rosalia's screen"),
        segment(0xE2, b"MPF\0II*\0"),
        segment(0xED, b"Photoshop 3.0\08BIM Rosalia"),
        segment(0xEE, b"Adobe\0d\0\0\0\0\x01Rosalia"),
        segment(0xFE, b"Rosalia's phone"),
    ];
    let mut jpeg = with_segments(RGB, &told);
    // Between the tables, too, and a further picture after the end, with a place of its own.
    let frame = find(&jpeg, &[0xFF, 0xC0]).unwrap();
    jpeg.splice(frame..frame, segment(0xFE, b"Rosalia again"));
    jpeg.extend(with_segments(RGB, &[exif(1)]));
    let pdf = pdf_of(&[&jpeg]);
    for told in [
        "GPS",
        "41.9028",
        "Exif",
        "Rosalia",
        "THUMB",
        "xmpmeta",
        "ICC_PROFILE",
        "MPF",
        "Photoshop",
    ] {
        assert!(contains(&jpeg, told), "{told}");
        assert!(!contains(&pdf, told), "{told}");
    }
    let objects = objects(&pdf);
    let picture = stream(&objects[4]);
    assert_eq!(picture.windows(2).filter(|pair| pair == &[0xFF, 0xD8]).count(), 1);
    // What says how the colours are meant stays.
    assert!(contains(picture, "JFIF\0\u{1}\u{1}\0\0\u{1}\0\u{1}\0\0") && contains(picture, "Adobe\0d"));
}

#[test]
fn a_photo_is_turned_as_it_was_held() {
    let drawing = |orientation| {
        let pdf = pdf_of(&[&with_segments(RGB, &[exif(orientation)])]);
        let objects = objects(&pdf);
        let lies = contains(&objects[2], "[ 0 0 841.89 595.28 ]");
        (lies, String::from_utf8(stream(&objects[3]).to_vec()).unwrap())
    };
    let drawings: Vec<(bool, String)> = (1..=8).map(drawing).collect();
    assert_eq!(
        drawings[0].1,
        "q 785.19 0.00 0.00 490.74 28.35 52.27 cm /Photo Do Q"
    );
    assert_eq!(
        drawings[2].1,
        "q -785.19 0.00 0.00 -490.74 813.54 543.01 cm /Photo Do Q"
    );
    assert_eq!(
        drawings[5].1,
        "q 0.00 -785.19 490.74 0.00 52.27 813.54 cm /Photo Do Q"
    );
    assert_eq!(
        drawings[7].1,
        "q 0.00 785.19 -490.74 0.00 543.01 28.35 cm /Photo Do Q"
    );
    assert_eq!(
        drawings.iter().map(|(lies, _)| *lies).collect::<Vec<_>>(),
        [true, true, true, true, false, false, false, false]
    );
    assert_eq!(drawing(0), drawings[0]);
    assert_eq!(drawing(9), drawings[0]);
}

#[test]
fn every_kind_of_jpeg_is_declared_as_what_it_is() {
    let picture = |bytes: &[u8]| objects(&pdf_of(&[bytes]))[4].clone();
    let gray = picture(include_bytes!("gray.jpg"));
    assert!(contains(
        &gray,
        "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode /Length"
    ));
    let progressive = picture(include_bytes!("progressive.jpg"));
    assert!(contains(&progressive, "/ColorSpace /DeviceRGB"));
    let scans = |bytes: &[u8]| bytes.windows(2).filter(|pair| pair == &[0xFF, 0xDA]).count();
    assert!(scans(&progressive) > 3);
    assert_eq!(scans(&progressive), scans(include_bytes!("progressive.jpg")));
    let cmyk = picture(include_bytes!("cmyk.jpg"));
    assert!(contains(&cmyk, "/ColorSpace /DeviceCMYK") && contains(&cmyk, "/Decode [ 1 0 1 0 1 0 1 0 ]"));
    // Red, green and blue by the components' names alone.
    let plain = include_bytes!("plain-rgb.jpg");
    let adobe = find(plain, &[0xFF, 0xEE]);
    let jfif = find(plain, &[0xFF, 0xE0]);
    assert!(jfif.is_none());
    let without_adobe = match adobe {
        Some(at) => [&plain[..at], &plain[at + 16..]].concat(),
        None => plain.to_vec(),
    };
    assert!(contains(
        &picture(&without_adobe),
        "/DecodeParms << /ColorTransform 0 >>"
    ));
}

#[test]
fn png_rows_go_in_as_they_are() {
    let picture = |bytes: &[u8]| objects(&pdf_of(&[bytes]))[4].clone();
    let parameters = |channels: u8, bits: u8| {
        format!("/DecodeParms << /Predictor 15 /Colors {channels} /BitsPerComponent {bits} /Columns 64 >>")
    };
    let rgb = include_bytes!("rgb.png");
    let object = picture(rgb);
    assert!(
        contains(&object, "/Width 64 /Height 40 /ColorSpace /DeviceRGB")
            && contains(&object, &parameters(3, 8))
    );
    assert!(find(rgb, stream(&object)).is_some());
    let gray = picture(include_bytes!("gray.png"));
    assert!(contains(&gray, "/DeviceGray") && contains(&gray, &parameters(1, 8)));
    assert!(contains(
        &picture(include_bytes!("bilevel.png")),
        &parameters(1, 1)
    ));
    assert!(contains(
        &picture(include_bytes!("palette.png")),
        "/ColorSpace [ /Indexed /DeviceRGB"
    ));
    // A text chunk stays out, EXIF's orientation is heeded, and split rows are joined.
    let chunk = |kind: &[u8], body: &[u8]| [&(body.len() as u32).to_be_bytes(), kind, body, &[0; 4]].concat();
    let rows = stream(&object);
    let mut split = rgb[..33].to_vec();
    split.extend(chunk(b"tEXt", b"Author\0Rosalia"));
    split.extend(chunk(b"eXIf", &exif(6)[10..]));
    split.extend(rows.chunks(50).flat_map(|rows| chunk(b"IDAT", rows)));
    split.extend(chunk(b"IEND", b""));
    let pdf = pdf_of(&[&split]);
    assert!(!contains(&pdf, "Rosalia") && !contains(&pdf, "GPS"));
    let objects = objects(&pdf);
    assert_eq!(stream(&objects[4]), rows);
    assert!(contains(&objects[2], "[ 0 0 595.28 841.89 ]"));
}

#[test]
fn a_single_pdf_comes_back_as_it_is() {
    let pdf = Attachment::from_bytes("carta.pdf", "application/pdf", b"%PDF-1.7\n%%EOF\n".to_vec());
    assert_eq!(pages(std::slice::from_ref(&pdf)).unwrap(), pdf);
    let made = pages(&[photo(FRONT), photo(BACK)]).unwrap();
    assert_eq!(pages(std::slice::from_ref(&made)).unwrap(), made);
}
