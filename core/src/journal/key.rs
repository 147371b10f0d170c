use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The secret that turns what the journal must not hold into digests that only this key can repeat.
///
/// A bare hash would not do: a codice fiscale is found from its hash by trying all of them. Whoever drops the key makes the
/// digests meaningless. The bytes are wiped when the value is dropped.
#[derive(Clone)]
pub struct JournalKey {
    bytes: Zeroizing<[u8; JournalKey::LEN]>,
}

impl JournalKey {
    /// The length of a key in bytes.
    pub const LEN: usize = 32;

    /// A key from bytes that the caller keeps: in a key store, a vault, the environment. They must be random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; JournalKey::LEN]) -> JournalKey {
        JournalKey {
            bytes: Zeroizing::new(bytes),
        }
    }

    /// The key's name, 8 hexadecimal digits that say nothing about it: entries carry it, so that a digest made with another key
    /// is told from a digest of other data.
    #[must_use]
    pub fn id(&self) -> String {
        let mut mac = self.hmac();
        mac.update(b"id");
        hex(&mac.finalize().into_bytes()).chars().take(8).collect()
    }

    /// The keyed digest of `parts`: HMAC-SHA-256, 64 lower-case hexadecimal digits.
    ///
    /// The domain and every part go in behind their lengths (64 bits, big-endian): `["ab", "c"]` and `["a", "bc"]` differ, and so
    /// do the same parts in two domains.
    #[must_use]
    pub fn mac(&self, domain: &str, parts: &[&[u8]]) -> String {
        let mut mac = self.hmac();
        for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        hex(&mac.finalize().into_bytes())
    }

    /// True when `digest` is [`mac`](JournalKey::mac) of these parts. Compared in a time that does not tell how much of it is right.
    #[must_use]
    pub fn verify(&self, domain: &str, parts: &[&[u8]], digest: &str) -> bool {
        let mut mac = self.hmac();
        for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        unhex(digest).is_some_and(|bytes| mac.verify_slice(&bytes).is_ok())
    }

    /// Another key made of this one, for a purpose of this name alone: HKDF-SHA-256.
    #[cfg(feature = "sealed")]
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; JournalKey::LEN]> {
        let mut derived = Zeroizing::new([0; JournalKey::LEN]);
        let made = hkdf::Hkdf::<Sha256>::new(None, &*self.bytes).expand(purpose.as_bytes(), &mut *derived);
        // HKDF gives up to 255 times its hash's length.
        debug_assert!(made.is_ok(), "32 bytes are not too many");
        derived
    }

    /// HMAC fills a key up with zeros to the block of its hash; done here, because then no length can be wrong.
    fn hmac(&self) -> Hmac<Sha256> {
        let mut block = Zeroizing::new([0; 64]);
        for (filled, byte) in block.iter_mut().zip(self.bytes.iter()) {
            *filled = *byte;
        }
        <Hmac<Sha256> as KeyInit>::new((&*block).into())
    }

    /// The bytes, for the file that keeps them.
    #[cfg(feature = "sqlite")]
    pub(super) fn bytes(&self) -> &[u8; JournalKey::LEN] {
        &self.bytes
    }
}

impl fmt::Debug for JournalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JournalKey({}, masked)", self.id())
    }
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a `String` can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The 32 bytes of 64 lower-case hexadecimal digits.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python's `hmac`, by `core/vectors/journal/key.py`.
    #[test]
    fn digests_are_those_of_an_independent_program() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../vectors/journal/key.json")).unwrap();
        let unhex = |value: &serde_json::Value| -> Vec<u8> {
            let text = value.as_str().unwrap();
            (0..text.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
                .collect()
        };
        let mut cases = 0;
        for of_key in vectors["keys"].as_array().unwrap() {
            let key = JournalKey::from_bytes(unhex(&of_key["key"]).try_into().unwrap());
            assert_eq!(key.id(), of_key["id"].as_str().unwrap());
            for case in of_key["macs"].as_array().unwrap() {
                let parts: Vec<Vec<u8>> = case["parts"].as_array().unwrap().iter().map(unhex).collect();
                let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
                let domain = case["domain"].as_str().unwrap();
                assert_eq!(key.mac(domain, &parts), case["mac"].as_str().unwrap(), "{case}");
                cases += 1;
            }
        }
        assert_eq!(cases, 20);
    }

    #[test]
    fn where_parts_and_domains_end_matters() {
        let key = JournalKey::from_bytes([7; 32]);
        let digests = [
            key.mac("answers", &[b"ab", b"c"]),
            key.mac("answers", &[b"a", b"bc"]),
            key.mac("answers", &[b"abc"]),
            key.mac("answers", &[b"abc", b""]),
            key.mac("answers", &[]),
            key.mac("answersabc", &[]),
            key.mac("", &[b"answers", b"abc"]),
            JournalKey::from_bytes([8; 32]).mac("answers", &[b"abc"]),
        ];
        let distinct: std::collections::BTreeSet<&String> = digests.iter().collect();
        assert_eq!(distinct.len(), digests.len());
    }

    #[test]
    fn only_the_whole_digest_of_these_parts_is_verified() {
        let key = JournalKey::from_bytes([7; 32]);
        let digest = key.mac("callback", &[b"abc"]);
        assert!(key.verify("callback", &[b"abc"], &digest));
        assert!(!key.verify("callback", &[b"abd"], &digest));
        assert!(!key.verify("answers", &[b"abc"], &digest));
        assert!(!JournalKey::from_bytes([8; 32]).verify("callback", &[b"abc"], &digest));
        for wrong in [
            "",
            &digest[..63],
            &format!("{digest}0"),
            &digest.to_uppercase(),
            &digest.replace('0', "é"),
        ] {
            assert!(
                !key.verify("callback", &[b"abc"], wrong) || wrong == digest,
                "{wrong}"
            );
        }
    }

    #[test]
    fn debug_does_not_show_the_key() {
        let key = JournalKey::from_bytes(*b"0123456789abcdef0123456789abcdef");
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("JournalKey({}, masked)", key.id()));
        assert!(!shown.contains("0123") && !shown.contains("48, 49"), "{shown}");
    }

    /// Made with Python's `hmac`, step by step as RFC 5869 has it.
    #[cfg(feature = "sealed")]
    #[test]
    fn a_key_for_a_purpose_is_that_of_an_independent_program() {
        let mut bytes = [0; JournalKey::LEN];
        for (byte, number) in bytes.iter_mut().zip(0..) {
            *byte = number;
        }
        let derived = JournalKey::from_bytes(bytes).derive("a purpose");
        assert_eq!(
            *derived,
            [
                0x14, 0x24, 0xd0, 0xf7, 0x42, 0xe3, 0xa9, 0x9e, 0xe7, 0x76, 0xda, 0x30, 0xcc, 0x08, 0xa7,
                0xb5, 0xfe, 0xfd, 0x4b, 0x43, 0x45, 0x22, 0xdd, 0x9e, 0x77, 0x1c, 0x54, 0x8f, 0x9c, 0x52,
                0x9f, 0x16
            ]
        );
    }
}
