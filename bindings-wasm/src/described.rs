//! A service's description as JavaScript has it after `JSON.parse`, flat: `js/src/described.ts` is the other side. A value is a letter and what belongs to it;
//! counts and lengths are four bytes, the lowest first.

use sportello::provider::Described;

/// Deeper than any description is; what is nested deeper counts as nothing.
const DEPTH: u32 = 64;

/// The tree that these bytes describe; what is no such thing is nothing.
pub(crate) fn read(bytes: &[u8]) -> Described {
    Reader(bytes).value(DEPTH).unwrap_or(Described::Null)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Option<Described> {
        let (letter, rest) = self.0.split_first()?;
        self.0 = rest;
        let depth = depth.checked_sub(1)?;
        Some(match letter {
            b't' => Described::Bool(true),
            b'f' => Described::Bool(false),
            b'n' => Described::Number(self.text()?),
            b's' => Described::Text(self.text()?),
            b'j' => Described::Json(self.text()?, Box::new(self.value(depth)?)),
            b'l' => {
                let mut items = Vec::new();
                for _ in 0..self.count()? {
                    items.push(self.value(depth)?);
                }
                Described::List(items)
            }
            b'o' => {
                let mut members = Vec::new();
                for _ in 0..self.count()? {
                    members.push((self.text()?, self.value(depth)?));
                }
                Described::object(members)
            }
            _ => Described::Null,
        })
    }

    fn count(&mut self) -> Option<u32> {
        let (count, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*count))
    }

    fn text(&mut self) -> Option<String> {
        let length = self.count()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }
}
