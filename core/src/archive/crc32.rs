//! CRC-32 as ZIP uses it (reflected, polynomial 0xEDB88320), one table, computed at compile time.

const TABLE: [u32; 256] = table();

#[allow(clippy::indexing_slicing)] // A constant evaluated at compile time: an index out of range would not build.
const fn table() -> [u32; 256] {
    let mut table = [0u32; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 {
                (value >> 1) ^ 0xEDB8_8320
            } else {
                value >> 1
            };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
}

/// A running checksum.
pub(super) struct Crc32(u32);

impl Crc32 {
    pub(super) const fn new() -> Crc32 {
        Crc32(u32::MAX)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |crc, byte| {
            let index = usize::from(crc.to_le_bytes()[0] ^ byte);
            (crc >> 8) ^ TABLE.get(index).copied().unwrap_or_default()
        });
    }

    pub(super) const fn value(&self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Crc32;

    #[test]
    fn the_check_value_of_the_standard() {
        let mut crc = Crc32::new();
        crc.update(b"1234");
        crc.update(b"56789");
        assert_eq!(crc.value(), 0xCBF4_3926);
    }

    #[test]
    fn nothing_has_checksum_zero() {
        assert_eq!(Crc32::new().value(), 0);
    }
}
