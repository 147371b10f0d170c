//! Where a photo stands on its page: A4, upright or lying as the photo is, as large as the margins let it.

use std::fmt;

use super::scanner::Photo;

/// A length in hundredths of a point: whole numbers give the same bytes on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length(i64);

const SHORT_SIDE: i64 = 59_528;
const LONG_SIDE: i64 = 84_189;
/// 10 mm.
const MARGIN: i64 = 2_835;

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.abs() / 100, self.0.abs() % 100)
    }
}

/// A page's size and the six numbers that place the unit square of the picture on it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) page: (Length, Length),
    pub(super) matrix: [Length; 6],
}

pub(super) fn layout(photo: &Photo) -> Layout {
    let (stored_width, stored_height) = (i64::from(photo.width.max(1)), i64::from(photo.height.max(1)));
    let on_its_side = photo.orientation >= 5;
    let (width, height) = if on_its_side {
        (stored_height, stored_width)
    } else {
        (stored_width, stored_height)
    };
    let (page_width, page_height) = if width > height {
        (LONG_SIDE, SHORT_SIDE)
    } else {
        (SHORT_SIDE, LONG_SIDE)
    };
    let (most_width, most_height) = (page_width - 2 * MARGIN, page_height - 2 * MARGIN);
    let (w, h) = if width * most_height > height * most_width {
        (most_width, (most_width * height / width).max(1))
    } else {
        ((most_height * width / height).max(1), most_height)
    };
    let (x, y) = ((page_width - w) / 2, (page_height - h) / 2);
    // The orientations of EXIF: which side of the stored picture is to be up, and whether it is mirrored.
    let matrix = match photo.orientation {
        2 => [-w, 0, 0, h, x + w, y],
        3 => [-w, 0, 0, -h, x + w, y + h],
        4 => [w, 0, 0, -h, x, y + h],
        5 => [0, -h, -w, 0, x + w, y + h],
        6 => [0, -h, w, 0, x, y + h],
        7 => [0, h, w, 0, x, y],
        8 => [0, h, -w, 0, x + w, y],
        _ => [w, 0, 0, h, x, y],
    };
    Layout {
        page: (Length(page_width), Length(page_height)),
        matrix: matrix.map(Length),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scanner::{Encoding, Photo};
    use super::*;

    fn of(width: u32, height: u32, orientation: u8) -> Layout {
        let encoding = Encoding::Jpeg {
            components: 3,
            inverted: false,
            plain_rgb: false,
        };
        layout(&Photo {
            page: 1,
            width,
            height,
            orientation,
            encoding,
            pieces: vec![],
            end: 0,
            fingerprint: 0,
        })
    }

    /// Where the corners (0,0), (1,0), (0,1), (1,1) of the stored picture come to stand; (0,1) is its first pixel.
    fn corners(layout: &Layout) -> [(i64, i64); 4] {
        let [a, b, c, d, e, f] = layout.matrix.map(|length| length.0);
        [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(u, v)| (a * u + c * v + e, b * u + d * v + f))
    }

    #[test]
    fn every_orientation_stays_within_the_margins_and_keeps_the_shape() {
        for (width, height) in [(400, 300), (300, 400), (1, 20_000), (20_000, 1), (7, 7)] {
            for orientation in 1..=8 {
                let layout = of(width, height, orientation);
                for (x, y) in corners(&layout) {
                    assert!(
                        (MARGIN..=layout.page.0.0 - MARGIN).contains(&x),
                        "{width}x{height} {orientation}"
                    );
                    assert!(
                        (MARGIN..=layout.page.1.0 - MARGIN).contains(&y),
                        "{width}x{height} {orientation}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_first_pixel_comes_to_stand_where_exif_says() {
        // Top left, top right, bottom right, bottom left; then the same for pictures on their side.
        let expected = [(false, true), (true, true), (true, false), (false, false)];
        let turned = [(false, true), (true, true), (true, false), (false, false)];
        for (orientation, (right, top)) in (1..=8).zip(expected.into_iter().chain(turned)) {
            let layout = of(400, 300, orientation);
            let (x, y) = corners(&layout)[2];
            assert_eq!(x > layout.page.0.0 / 2, right, "{orientation}");
            assert_eq!(y > layout.page.1.0 / 2, top, "{orientation}");
            let lies = layout.page.0.0 > layout.page.1.0;
            assert_eq!(lies, orientation < 5, "{orientation}");
        }
    }

    #[test]
    fn numbers_are_written_with_two_digits() {
        assert_eq!(
            [Length(-5), Length(59_528), Length(0)].map(|length| length.to_string()),
            ["-0.05", "595.28", "0.00"]
        );
    }
}
