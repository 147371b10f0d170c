//! Free text and names of bodies: anything that can be seen, at most 1000 characters.

use crate::check::{Finding, FindingCode};

/// Longer texts are a pasted document, not an answer; the provider publishes no limit.
const MAX_CHARS: usize = 1000;

pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    // What most people type needs one look at its bytes.
    if text.len() <= MAX_CHARS && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return;
    }
    for (position, c) in text.chars().enumerate() {
        if position >= MAX_CHARS {
            Finding::say_at(FindingCode::TextTooLong, MAX_CHARS, findings);
            return;
        }
        if is_invisible(c) {
            Finding::say_at(FindingCode::TextControl, position, findings);
            return;
        }
    }
}

/// Control characters, and those of zero width or that turn the direction of writing around. Line breaks and tabs are typed on purpose.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFD}')
}
