use std::io;

/// Why no PDF can be made. Photos go by their place, from 1; no text holds a file's name.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// `pages.empty`: no photo was given.
    #[error("there is no photo; give at least one")]
    Empty,
    /// `pages.too_many`: more than [`MAX_PAGES`](super::MAX_PAGES).
    #[error("there are {found} photos, more than {limit}; make several documents")]
    TooMany {
        /// How many were given.
        found: usize,
        /// How many are taken.
        limit: usize,
    },
    /// `pages.too_large`: more than [`MAX_PHOTO_BYTES`](super::MAX_PHOTO_BYTES), or cut into too many parts.
    #[error("photo {page} is larger than {limit} bytes; take it again with a lower resolution")]
    TooLarge {
        /// The photo.
        page: u32,
        /// The limit in bytes.
        limit: u64,
    },
    /// `pages.dimensions`: no pixels, or more than [`MAX_SIDE`](super::MAX_SIDE) and
    /// [`MAX_PIXELS`](super::MAX_PIXELS) allow.
    #[error("photo {page} has no sensible width and height; take it again")]
    Dimensions {
        /// The photo.
        page: u32,
    },
    /// `pages.not_a_photo`: a PDF among several attachments, or no picture at all.
    #[error("attachment {page} is not a photo; give photos in JPEG or PNG, or a single PDF")]
    NotAPhoto {
        /// The attachment.
        page: u32,
    },
    /// `pages.unsupported`: a picture of a kind that can't go into a PDF as it is.
    #[error("photo {page} is of a kind that is not taken ({detail}); save it as JPEG")]
    Unsupported {
        /// The photo.
        page: u32,
        /// Which kind.
        detail: &'static str,
    },
    /// `pages.damaged`: cut short, or its parts make no sense.
    #[error("photo {page} is damaged ({detail}); take or copy it again")]
    Damaged {
        /// The photo.
        page: u32,
        /// What is wrong.
        detail: &'static str,
    },
    /// `pages.no_content`: an attachment that is only a descriptor.
    #[error("photo {page} has no content to read; give the file itself")]
    NoContent {
        /// The photo.
        page: u32,
    },
    /// `pages.unreadable`: the photo can't be read now, or changed while it was read.
    #[error("photo {page} can't be read ({}); check the file and try again", .source.kind())]
    Unreadable {
        /// The photo.
        page: u32,
        /// What the system said.
        source: io::Error,
    },
}

/// Every code of [`PagesError`].
pub const ALL_CODES: [&str; 9] = [
    "pages.empty",
    "pages.too_many",
    "pages.too_large",
    "pages.dimensions",
    "pages.not_a_photo",
    "pages.unsupported",
    "pages.damaged",
    "pages.no_content",
    "pages.unreadable",
];

impl PagesError {
    /// The stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            PagesError::Empty => "pages.empty",
            PagesError::TooMany { .. } => "pages.too_many",
            PagesError::TooLarge { .. } => "pages.too_large",
            PagesError::Dimensions { .. } => "pages.dimensions",
            PagesError::NotAPhoto { .. } => "pages.not_a_photo",
            PagesError::Unsupported { .. } => "pages.unsupported",
            PagesError::Damaged { .. } => "pages.damaged",
            PagesError::NoContent { .. } => "pages.no_content",
            PagesError::Unreadable { .. } => "pages.unreadable",
        }
    }

    /// True when the same call may succeed without anything being changed: only [`PagesError::Unreadable`].
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, PagesError::Unreadable { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_codes_is_the_enum_and_texts_keep_the_form() {
        let (page, limit) = (2, 7);
        let source = io::Error::new(io::ErrorKind::NotFound, "/home/rossella/front.jpg");
        let all = [
            PagesError::Empty,
            PagesError::TooMany { found: 21, limit: 20 },
            PagesError::TooLarge { page, limit },
            PagesError::Dimensions { page },
            PagesError::NotAPhoto { page },
            PagesError::Unsupported { page, detail: "HEIC" },
            PagesError::Damaged {
                page,
                detail: "cut short",
            },
            PagesError::NoContent { page },
            PagesError::Unreadable { page, source },
        ];
        assert_eq!(all.each_ref().map(PagesError::code), ALL_CODES);
        for text in all.iter().map(ToString::to_string) {
            assert!(
                text.starts_with(char::is_lowercase) && !text.ends_with('.') && text.contains("; "),
                "{text}"
            );
            assert!(!text.contains("rossella"), "{text}");
        }
    }
}
