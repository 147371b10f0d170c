//! The provider's instructions: HTML that somebody else wrote, made safe to show.
//!
//! As plain text in every build, by a reader of our own that never builds a tree: one pass, nothing is kept but text. As sanitised HTML only where the
//! `ammonia` crate is built in (feature `instructions-html`): it carries a whole HTML parser, which the browser's small build has no room for.

mod entities;
mod tags;

use crate::model::Service;
use tags::{BLOCKS, Piece, Pieces};

/// The provider's instructions. Untrusted: show what these functions give, never [`Instructions::untrusted_html`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions<'a>(&'a str);

/// A link in the instructions, to `http` or `https`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads, as it is written there.
    pub url: String,
    /// What a person reads.
    pub text: String,
}

/// Elements whose content is never text for people.
const SILENT: &[&str] = &[
    "script",
    "style",
    "template",
    "iframe",
    "object",
    "embed",
    "noscript",
    "noembed",
    "noframes",
    "svg",
    "math",
    "head",
    "title",
    "textarea",
    "select",
    "xmp",
    "plaintext",
    "canvas",
    "audio",
    "video",
    "applet",
];
/// What a delegation form is called in a link's text or address.
const DELEGATION: &[&str] = &["delega", "mandato", "procura", "delegation", "mandate"];

impl Service {
    /// What the provider says about handing in.
    #[must_use]
    pub fn instructions(&self) -> Instructions<'_> {
        Instructions::new(&self.instructions_html)
    }

    /// What the provider says about choosing among search results.
    #[must_use]
    pub fn search_instructions(&self) -> Instructions<'_> {
        Instructions::new(&self.search_instructions_html)
    }
}

impl<'a> Instructions<'a> {
    /// Instructions in HTML, decoded.
    #[must_use]
    pub fn new(html: &'a str) -> Instructions<'a> {
        Instructions(html)
    }

    /// The HTML as the provider sent it: whatever it does, it does to your page.
    #[must_use]
    pub fn untrusted_html(&self) -> &'a str {
        self.0
    }

    /// The text alone: paragraphs and list items on lines of their own, links with their address behind them, no control or invisible characters.
    #[must_use]
    pub fn plain_text(&self) -> String {
        let mut text = Text::default();
        let mut link: Option<String> = None;
        for piece in Pieces::of(self.0, SILENT) {
            match piece {
                Piece::Text(words) => text.push(&words),
                Piece::Open { name: "br", .. } => text.line(),
                Piece::Open { name: "li", .. } => {
                    text.line();
                    text.push("• ");
                }
                Piece::Open {
                    name: "td" | "th", ..
                } => text.push(" "),
                Piece::Open {
                    name: "a",
                    attributes,
                } => link = web_address(&tags::attribute(attributes, "href")),
                Piece::Close("a") => {
                    if let Some(url) = link.take().filter(|url| !text.ends_with(url)) {
                        text.push(&format!(" ({url})"));
                    }
                }
                Piece::Open { name, .. } | Piece::Close(name) if BLOCKS.contains(&name) => text.line(),
                Piece::Open { .. } | Piece::Close(_) => {}
            }
        }
        text.finish()
    }

    /// Every link to `http` or `https`, in order.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let mut links = Vec::new();
        let mut open: Option<(String, Text)> = None;
        for piece in Pieces::of(self.0, SILENT) {
            match piece {
                Piece::Open {
                    name: "a",
                    attributes,
                } => {
                    links.extend(open.take().map(finish));
                    let url = web_address(&tags::attribute(attributes, "href"));
                    open = url.map(|url| (url, Text::default()));
                }
                Piece::Close("a") => links.extend(open.take().map(finish)),
                Piece::Text(words) => {
                    if let Some((_, text)) = &mut open {
                        text.push(&words);
                    }
                }
                Piece::Open { .. } | Piece::Close(_) => {}
            }
        }
        links.extend(open.map(finish));
        return links;

        fn finish((url, text): (String, Text)) -> Link {
            Link {
                url,
                text: text.finish(),
            }
        }
    }

    /// The form to sign that lets the office act for the person: the first link whose text or address says so.
    #[must_use]
    pub fn delegation_form(&self) -> Option<Link> {
        let says = |link: &Link| {
            let (text, url) = (link.text.to_lowercase(), link.url.to_lowercase());
            DELEGATION
                .iter()
                .any(|word| text.contains(word) || url.contains(word))
        };
        self.links().into_iter().find(says)
    }

    /// The HTML without anything that could run, load, or hide: text, lists, tables, headings and links that open without a referrer.
    #[cfg(feature = "instructions-html")]
    #[must_use]
    pub fn sanitised_html(&self) -> String {
        use std::collections::{HashMap, HashSet};
        let tags = [
            "a",
            "b",
            "strong",
            "i",
            "em",
            "u",
            "p",
            "br",
            "ul",
            "ol",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "blockquote",
            "table",
            "thead",
            "tbody",
            "tr",
            "td",
            "th",
            "dl",
            "dt",
            "dd",
            "hr",
            "sup",
            "sub",
            "small",
            "div",
            "span",
        ];
        ammonia::Builder::empty()
            .tags(HashSet::from(tags))
            .clean_content_tags(HashSet::from([
                "script", "style", "iframe", "object", "svg", "math", "template",
            ]))
            .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
            .url_schemes(HashSet::from(["http", "https", "mailto"]))
            .url_relative(ammonia::UrlRelative::Deny)
            .link_rel(Some("noopener noreferrer nofollow"))
            .strip_comments(true)
            .clean(self.0)
            .to_string()
    }
}

/// An address of the web as it is written, when nothing in it could be read as something else.
fn web_address(href: &str) -> Option<String> {
    let href = href.trim();
    let scheme = href.get(..8).map(str::to_ascii_lowercase);
    let is_web = scheme.is_some_and(|scheme| scheme.starts_with("http://") || scheme == "https://");
    let is_plain = href
        .chars()
        .all(|c| !c.is_control() && !c.is_whitespace() && !is_invisible(c) && !"\"<>\\`".contains(c));
    (is_web && is_plain && href.len() <= 2048).then(|| href.to_owned())
}

/// Characters of no width, and those that turn the direction of writing around.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFD}')
}

/// Text with single blanks, and lines where they were asked for.
#[derive(Default)]
struct Text {
    out: String,
    wants_line: bool,
    wants_blank: bool,
}

impl Text {
    fn push(&mut self, words: &str) {
        for c in words.chars() {
            if c.is_whitespace() {
                self.wants_blank = true;
            } else if !c.is_control() && !is_invisible(c) {
                if self.out.is_empty() {
                    // Nothing stands before the first word.
                } else if self.wants_line {
                    self.out.push('\n');
                } else if self.wants_blank {
                    self.out.push(' ');
                }
                (self.wants_line, self.wants_blank) = (false, false);
                self.out.push(c);
            }
        }
    }

    fn line(&mut self) {
        self.wants_line = true;
    }

    fn ends_with(&self, words: &str) -> bool {
        self.out.ends_with(words)
    }

    fn finish(self) -> String {
        self.out
    }
}
