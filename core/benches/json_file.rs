//! How fast a delivery is taken out of its JSON answer: 96 MiB in pieces of 16 KiB, written plainly and with every slash escaped as PHP does.
#![allow(clippy::unwrap_used, reason = "a benchmark fails loudly")]

use base64::Engine as _;
use sportello::http::json_file::JsonFileReader;

fn main() {
    for (name, escape) in [("plain", false), ("slashes escaped", true)] {
        let file: Vec<u8> = (0..96u32 << 20)
            .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect();
        let mut base64 = base64::engine::general_purpose::STANDARD.encode(&file);
        if escape {
            base64 = base64.replace('/', "\\/");
        }
        let answer = format!(r#"{{"data":{{"file":"{base64}"}}}}"#);
        let begun = std::time::Instant::now();
        let mut reader = JsonFileReader::new(&["data", "file"], u64::MAX);
        let mut len = 0;
        for piece in answer.as_bytes().chunks(16 * 1024) {
            reader
                .push(piece, &mut |bytes| {
                    len += bytes.len();
                    Ok(())
                })
                .unwrap();
        }
        assert_eq!(reader.finish().unwrap().len, file.len() as u64);
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "a delivery out of its answer, {name}: {:.0} MB/s of file",
            len as f64 / 1e6 / seconds
        );
    }
}
