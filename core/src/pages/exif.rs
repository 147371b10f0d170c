//! The one thing of EXIF that is of use: how the picture is to be turned.

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;

/// The orientation, 1 to 8, out of an EXIF block that begins with its TIFF header; 1 (upright) when it says none or
/// makes no sense: a wrong turn is no reason to refuse a photo.
pub(super) fn orientation(tiff: &[u8]) -> u8 {
    find(tiff)
        .and_then(|value| u8::try_from(value).ok())
        .filter(|value| (1..=8).contains(value))
        .unwrap_or(1)
}

fn find(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk()?;
        Some(if little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let bytes = *tiff.get(4..)?.first_chunk()?;
    let directory = if little {
        u32::from_le_bytes(bytes)
    } else {
        u32::from_be_bytes(bytes)
    };
    let directory = usize::try_from(directory).ok()?;
    let count = usize::from(u16_at(directory)?);
    let entry = (0..count)
        .map_while(|index| directory.checked_add(2 + index * 12))
        .take_while(|&at| at < tiff.len())
        .find(|&at| u16_at(at) == Some(ORIENTATION))?;
    (u16_at(entry + 2)? == SHORT).then(|| u16_at(entry + 8)).flatten()
}

#[cfg(test)]
mod tests {
    use super::orientation;

    #[test]
    fn both_byte_orders_are_read() {
        let little = b"II*\0\x08\0\0\0\x02\0\x0F\x01\x02\0\x04\0\0\0abc\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
        assert_eq!(orientation(little), 6);
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0";
        assert_eq!(orientation(big), 8);
    }

    #[test]
    fn nonsense_is_upright() {
        for wrong in [
            &b""[..],
            b"II*\0",
            b"II*\0\xFF\xFF\xFF\xFF",
            b"II*\0\x08\0\0\0\xFF\xFF",
            b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0",
            b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\x08\0\0",
        ] {
            assert_eq!(orientation(wrong), 1);
        }
    }
}
