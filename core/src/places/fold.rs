//! How names are compared: small letters without marks, single blanks, no apostrophes or hyphens.

use crate::check::base_letter;
use crate::model::lower;

/// `Sant'Agata de' Goti` → `sant agata de goti`; `Forlì` and `FORLI'` → `forli`.
pub(super) fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            // A mark that comes as a character of its own.
            '\u{300}'..='\u{36F}' => {}
            'ß' => folded.push_str("ss"),
            c => match base_letter(c) {
                Some(letter) => folded.push(letter),
                None if c.is_alphanumeric() => folded.push(lower(c)),
                None if !folded.ends_with(' ') && !folded.is_empty() => folded.push(' '),
                None => {}
            },
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// True when the writer cared for accents: a mark, or the apostrophe that stands for one at the end.
pub(super) fn is_marked(name: &str) -> bool {
    let name = name.trim_end();
    name.ends_with(['\'', '’', '`']) || name.chars().any(|c| !c.is_ascii() && c.is_alphabetic())
}

/// Small letters, and an apostrophe at the end read as the accent that it stands for: how two marked names are told apart.
pub(super) fn same_marks(typed: &str, name: &str) -> bool {
    let small = |text: &str| text.chars().map(lower).collect::<String>();
    let (typed, name) = (small(typed.trim()), small(name));
    if typed == name {
        return true;
    }
    let bare = typed.trim_end_matches(['\'', '’', '`']);
    let ends_marked = name.chars().last().is_some_and(|c| "àèéìòù".contains(c));
    bare.len() < typed.len() && ends_marked && fold(bare) == fold(&name)
}
