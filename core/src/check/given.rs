use std::fmt;

use crate::model::{Answer, Attachment};

/// One answer as a check looks at it, borrowed from wherever it is kept: an [`Answer`], a host's own text, a cell of a table. `Debug` never
/// shows the value.
#[derive(Clone, Copy)]
pub enum Given<'a> {
    /// What was typed.
    Text(&'a str),
    /// A file.
    File(&'a Attachment),
    /// Something that is there and is not looked at: a file that is only named.
    Unseen,
}

impl<'a> Given<'a> {
    /// True when the rule counts this field as not filled: an empty or blank text.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        // Most texts begin with what is no blank: one byte tells.
        matches!(self, Given::Text(text) if !text.as_bytes().first().is_some_and(u8::is_ascii_graphic) && text.trim().is_empty())
    }

    /// The text, when this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&'a str> {
        match self {
            Given::Text(text) => Some(text),
            Given::File(_) | Given::Unseen => None,
        }
    }
}

impl<'a> From<&'a Answer> for Given<'a> {
    fn from(answer: &'a Answer) -> Given<'a> {
        match answer {
            Answer::Text(text) => Given::Text(text),
            Answer::File { file } => Given::File(file),
        }
    }
}

impl fmt::Debug for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Given::Text(_) => "Text(masked)",
            Given::File(_) => "File(masked)",
            Given::Unseen => "Unseen",
        })
    }
}
