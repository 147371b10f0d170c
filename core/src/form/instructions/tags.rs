//! HTML cut into pieces: text, and tags by name. One pass, whatever is in it.

use super::entities::decode;

/// A piece of HTML.
pub(super) enum Piece<'a> {
    /// Text with its entities decoded.
    Text(String),
    /// A tag that opens, by its name in small letters.
    Open { name: &'static str, attributes: &'a str },
    /// A tag that closes.
    Close(&'static str),
}

/// Elements that begin and end a line.
pub(super) const BLOCKS: &[&str] = &[
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "table",
    "tr",
    "blockquote",
    "section",
    "article",
    "header",
    "footer",
    "pre",
    "dl",
    "dt",
    "dd",
    "hr",
    "center",
    "form",
    "fieldset",
    "address",
    "figure",
];
/// The other names that anybody asks about; all the rest are read over.
const INLINE: &[&str] = &["a", "br", "li", "td", "th"];

pub(super) struct Pieces<'a> {
    rest: &'a str,
    /// Elements whose content is left out.
    silent: &'static [&'static str],
}

impl<'a> Pieces<'a> {
    pub(super) fn of(html: &'a str, silent: &'static [&'static str]) -> Pieces<'a> {
        Pieces { rest: html, silent }
    }

    /// Goes on after so many bytes, or at the end.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Reads what begins with `<`; `None` for what is read over.
    fn markup(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest;
        if let Some(comment) = rest.strip_prefix("<!--") {
            self.skip(comment.find("-->").map_or(rest.len(), |end| end + 7));
            return None;
        }
        let (closes, inside) = match rest.strip_prefix("</") {
            Some(inside) => (true, inside),
            None => (false, rest.get(1..).unwrap_or_default()),
        };
        let name_end = inside
            .find(|c: char| c.is_whitespace() || c == '/' || c == '>')
            .unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(name_end);
        let end = tag_end(attributes);
        let attributes = attributes.get(..end).unwrap_or_default();
        self.skip(rest.len() - inside.len() + name_end + end + 1);
        if !closes && let Some(silent) = self.silent.iter().find(|own| name.eq_ignore_ascii_case(own)) {
            let content_end = closing(self.rest, silent).unwrap_or(self.rest.len());
            self.skip(content_end);
            return None;
        }
        let name = *INLINE
            .iter()
            .chain(BLOCKS)
            .find(|own| name.eq_ignore_ascii_case(own))?;
        Some(if closes {
            Piece::Close(name)
        } else {
            Piece::Open { name, attributes }
        })
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        while !self.rest.is_empty() {
            if is_markup(self.rest) {
                if let Some(piece) = self.markup() {
                    return Some(piece);
                }
                continue;
            }
            // A `<` that opens nothing is text, as browsers have it.
            let first = self.rest.chars().next().map_or(1, char::len_utf8);
            let mut end = first;
            while let Some(at) = self.rest.get(end..).and_then(|rest| rest.find('<')) {
                end += at;
                if self.rest.get(end..).is_some_and(is_markup) {
                    break;
                }
                end += 1;
            }
            let is_closed = self.rest.get(end..).is_some_and(is_markup);
            let end = if is_closed { end } else { self.rest.len() };
            let text = decode(self.rest.get(..end).unwrap_or_default());
            self.skip(end);
            return Some(Piece::Text(text));
        }
        None
    }
}

fn is_markup(rest: &str) -> bool {
    let mut chars = rest.chars();
    chars.next() == Some('<')
        && chars
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '!' || c == '?')
}

/// Where a tag's attributes end: the first `>` outside of quotes, or everything.
fn tag_end(attributes: &str) -> usize {
    let mut quote = None;
    let mut after_equals = false;
    for (at, c) in attributes.char_indices() {
        match (quote, c) {
            (None, '>') => return at,
            // Only a value begins with a quote.
            (None, '"' | '\'') if after_equals => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        after_equals = c == '=' || (after_equals && c.is_whitespace());
    }
    attributes.len()
}

/// Where the tag that closes an element begins.
fn closing(rest: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + rest.get(from..)?.find("</")?;
        let inside = rest.get(at + 2..)?;
        if inside
            .get(..name.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(name))
        {
            return Some(at);
        }
        from = at + 2;
    }
}

/// The value of an attribute, decoded; empty where there is none. The first one counts, as browsers have it.
pub(super) fn attribute(attributes: &str, wanted: &str) -> String {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return String::new();
        }
        let name_end = rest
            .char_indices()
            .skip(1)
            .find(|(_, c)| c.is_whitespace() || *c == '=' || *c == '/')
            .map_or(rest.len(), |(at, _)| at);
        let (name, after) = rest.split_at(name_end);
        let after_name = after.trim_start();
        let Some(value) = after_name.strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inside = value.get(1..).unwrap_or_default();
                inside.split_once(quote).unwrap_or((inside, ""))
            }
            _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return decode(value);
        }
        rest = after;
    }
}
