//! Deliveries that attack whoever opens them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use miniz_oxide::{
    MZFlush,
    deflate::{
        compress_to_vec,
        core::{CompressorOxide, create_comp_flags_from_zip_params},
        stream::deflate,
    },
};

use super::{
    calendar::Moment,
    zip::{Archive, crc32},
};
use crate::faults::Hostility;

const MIB: usize = 1024 * 1024;
/// What the bomb unpacks to.
const BOMB_MIB: usize = 256;
/// CRC-32 of that many zeros, known beforehand because working it out takes seconds.
const BOMB_CRC: u32 = 0x2a0e_7dbb;

/// The length announced and the base64 text.
pub(super) fn make(hostility: Hostility, document: &(String, Vec<u8>), when: Moment) -> (u64, String) {
    let (name, data) = document;
    let mut archive = Archive::new(when);
    archive.add(name, data);
    match hostility {
        Hostility::Bomb => archive.add_raw("zeri.bin", &bomb(), BOMB_CRC, (BOMB_MIB * MIB) as u32),
        Hostility::LyingSizes => {
            let zeros = vec![0; 8 * MIB];
            archive.add_raw("piccolo.txt", &compress_to_vec(&zeros, 6), crc32(&zeros), 100);
        }
        Hostility::Traversal => {
            archive.add("../../etc/sportello-prova", b"fuori dalla cartella\n");
            archive.add("/etc/sportello-prova", b"dalla radice\n");
            archive.add("C:\\sportello-prova.txt", b"da un altro disco\n");
        }
        Hostility::Duplicates => archive.add(name, b"un altro file con lo stesso nome\n"),
        Hostility::WrongLength | Hostility::WrongDigest | Hostility::NotBase64 | Hostility::NotZip => {}
    }
    let bytes = archive.finish();
    let len = bytes.len() as u64;
    match hostility {
        Hostility::WrongLength => (len * 2 + 1, STANDARD.encode(bytes)),
        Hostility::NotBase64 => (len, "*** non è base64 ***".to_owned()),
        Hostility::NotZip => {
            let text = "questo non è un archivio";
            (text.len() as u64, STANDARD.encode(text))
        }
        _ => (len, STANDARD.encode(bytes)),
    }
}

/// Deflated zeros. One MiB, flushed so that nothing refers back to before it, then the same bytes again and
/// again and an empty last block: the compressor never sees the whole.
fn bomb() -> Vec<u8> {
    let mut compressor = CompressorOxide::new(create_comp_flags_from_zip_params(9, -15, 0));
    let mut part = vec![0; 64 * 1024];
    let written = deflate(&mut compressor, &vec![0; MIB], &mut part, MZFlush::Full).bytes_written;
    part.truncate(written);
    let mut whole = part.repeat(BOMB_MIB);
    whole.extend([1, 0, 0, 0xff, 0xff]);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bomb_is_small_and_unpacks() {
        let packed = bomb();
        assert!(packed.len() < MIB, "{}", packed.len());
        let unpacked = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, BOMB_MIB * MIB).unwrap();
        assert_eq!(unpacked.len(), BOMB_MIB * MIB);
    }
}
