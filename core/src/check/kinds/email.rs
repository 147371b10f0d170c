//! E-mail addresses: the grammar of HTML's `<input type=email>` (WHATWG HTML, "valid e-mail address"), the rules of points and lengths of RFC 5321,
//! a point in the domain. International domains are accepted. Quoted local parts and address literals are not: no form wants them.

use super::char_position;
use crate::check::{Finding, FindingCode};
use crate::model::cut;

/// RFC 5321, section 4.5.3.1: 64 octets before the @, 254 in all (erratum 1690).
const MAX_LOCAL: usize = 64;
const MAX_ALL: usize = 254;
/// RFC 1035: one part of a domain.
const MAX_LABEL: usize = 63;

pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    if is_plainly_right(text) {
        return;
    }
    if let Some(mut finding) = first_finding(text) {
        let trimmed = text.trim();
        if trimmed.len() < text.len()
            && first_finding(trimmed).is_none_or(|other| other.code == FindingCode::EmailInternational)
        {
            finding = finding.offering(trimmed);
        }
        findings.push(finding);
    }
}

/// What most people type is seen to be right in one pass over its bytes. Everything else is looked at again, to say what is wrong and where.
fn is_plainly_right(text: &str) -> bool {
    let allowed = |byte: u8, part: u8| {
        PLAIN
            .get(usize::from(byte))
            .is_some_and(|parts| parts & part != 0)
    };
    let bytes = text.as_bytes();
    let Some(at) = bytes.iter().position(|byte| *byte == b'@') else {
        return false;
    };
    let (local, domain) = bytes.split_at(at);
    // A point may not follow another, nor the beginning.
    let mut last = b'.';
    for byte in local {
        if !allowed(*byte, IN_LOCAL) || (*byte == b'.' && last == b'.') {
            return false;
        }
        last = *byte;
    }
    if last == b'.' || local.len() > MAX_LOCAL || bytes.len() > MAX_ALL {
        return false;
    }
    let (mut last, mut label, mut labels, mut is_number) = (b'.', 0, 0, true);
    for byte in domain.iter().skip(1) {
        let edge =
            matches!(last, b'.' | b'-') && matches!(byte, b'.' | b'-') && (last, *byte) != (b'-', b'-');
        if !allowed(*byte, IN_DOMAIN) || edge {
            return false;
        }
        if *byte == b'.' {
            (label, labels, is_number) = (0, labels + 1, true);
        } else {
            label += 1;
            is_number &= byte.is_ascii_digit();
        }
        if label > MAX_LABEL {
            return false;
        }
        last = *byte;
    }
    labels > 0 && !is_number && !matches!(last, b'.' | b'-')
}

fn first_finding(text: &str) -> Option<Finding> {
    if text.len() > MAX_ALL {
        return Some(Finding::new(FindingCode::EmailTooLong));
    }
    let found = |code, byte| Some(Finding::new(code).at(char_position(text, byte)));
    let Some((local, domain)) = cut(text, b'@') else {
        // A wrong character says more than a missing @.
        return match text.char_indices().find(|(_, c)| !is_local(*c)) {
            Some((at, _)) => found(FindingCode::EmailCharacter, at),
            None => Some(Finding::new(FindingCode::EmailForm)),
        };
    };
    let domain_at = local.len() + 1;
    if local.is_empty() {
        return found(FindingCode::EmailForm, 0);
    }
    if let Some((at, _)) = local.char_indices().find(|(_, c)| !is_local(*c)) {
        return found(FindingCode::EmailCharacter, at);
    }
    if let Some((at, _)) = domain.char_indices().find(|(_, c)| !is_domain(*c)) {
        return found(FindingCode::EmailCharacter, domain_at + at);
    }
    if local.len() > MAX_LOCAL {
        return Some(Finding::new(FindingCode::EmailTooLong));
    }
    if let Some(at) = wrong_dot(local) {
        return found(FindingCode::EmailDots, at);
    }
    if domain.is_empty() {
        return found(
            FindingCode::EmailDomain,
            domain_at.min(text.len().saturating_sub(1)),
        );
    }
    if let Some(at) = wrong_dot(domain) {
        return found(FindingCode::EmailDots, domain_at + at);
    }
    let mut at = domain_at;
    let mut labels = 0;
    let mut rest = Some(domain);
    while let Some(labels_left) = rest {
        let (label, others) = match cut(labels_left, b'.') {
            Some((label, others)) => (label, Some(others)),
            None => (labels_left, None),
        };
        rest = others;
        if label.chars().count() > MAX_LABEL || label.starts_with('-') || label.ends_with('-') {
            return found(FindingCode::EmailDomain, at);
        }
        at += label.len() + 1;
        labels += 1;
    }
    let mut after_last_dot = domain.bytes().rev().take_while(|byte| *byte != b'.');
    let last_is_number = after_last_dot.all(|byte| byte.is_ascii_digit());
    if labels < 2 || last_is_number {
        return found(FindingCode::EmailDomain, domain_at);
    }
    local
        .char_indices()
        .find(|(_, c)| !c.is_ascii())
        .and_then(|(at, _)| found(FindingCode::EmailInternational, at))
}

/// The byte of a point that stands first, last or beside another.
fn wrong_dot(part: &str) -> Option<usize> {
    let bytes = part.as_bytes();
    bytes.iter().enumerate().find_map(|(at, byte)| {
        let wrong = at == 0 || at + 1 == bytes.len() || bytes.get(at - 1) == Some(&b'.');
        (*byte == b'.' && wrong).then_some(at)
    })
}

fn is_local(c: char) -> bool {
    match u8::try_from(c) {
        Ok(byte @ 0..=0x7F) => LOCAL >> byte & 1 == 1,
        _ => is_international(c),
    }
}

fn is_domain(c: char) -> bool {
    match u8::try_from(c) {
        Ok(byte @ 0..=0x7F) => DOMAIN >> byte & 1 == 1,
        _ => is_international(c),
    }
}

/// A bit for every character of ASCII that may stand before the @ (HTML), and after it.
const LOCAL: u128 = bits(b".!#$%&'*+/=?^_`{|}~-", LETTERS_AND_DIGITS);
const DOMAIN: u128 = bits(b".-", LETTERS_AND_DIGITS);
const LETTERS_AND_DIGITS: u128 = bits(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    0,
);

const IN_LOCAL: u8 = 1;
const IN_DOMAIN: u8 = 2;
/// The same by byte, for the quick look.
#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where a wrong index is an error of the build"
)]
static PLAIN: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = ((LOCAL >> byte & 1) as u8 * IN_LOCAL) | ((DOMAIN >> byte & 1) as u8 * IN_DOMAIN);
        byte += 1;
    }
    table
};

#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where a wrong index is an error of the build"
)]
const fn bits(characters: &[u8], mut bits: u128) -> u128 {
    let mut at = 0;
    while at < characters.len() {
        bits |= 1 << characters[at];
        at += 1;
    }
    bits
}

/// Letters and digits of all scripts, and the marks that some scripts can't be written without (IDNA 2008, RFC 5892). Not the wide and narrow
/// forms of East Asian keyboards, which only look like the letters of an address.
fn is_international(c: char) -> bool {
    match c {
        '\0'..='\u{7F}' | '\u{FF00}'..='\u{FFEF}' => false,
        // An accent may come as a character of its own after its letter.
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{487}' => true,
        // The points of Hebrew and Arabic.
        '\u{591}'..='\u{5BD}' | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{6D6}'..='\u{6ED}' => true,
        // The signs below and above the letters of India's scripts: nukta, virama.
        '\u{900}'..='\u{DFF}' if matches!(u32::from(c) & 0x7F, 0x3C | 0x4D) => true,
        // Tones of Thai and Lao, subscripts of Burmese and Khmer, the voicing marks of kana, Catalan's point between two l.
        '\u{DCA}'
        | '\u{E38}'..='\u{E3A}'
        | '\u{E47}'..='\u{E4E}'
        | '\u{EB8}'..='\u{ECE}'
        | '\u{1037}'..='\u{103A}'
        | '\u{17C9}'..='\u{17D3}'
        | '\u{3099}'
        | '\u{309A}'
        | '\u{30FB}'
        | '\u{B7}' => true,
        c => c.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// The quick look says the same as the long one, of everything in ASCII.
        #[test]
        fn plainly_right_is_right(text in r"[a-b0.@\-_!\x00é]{0,14}") {
            let right = first_finding(&text).is_none();
            prop_assert_eq!(is_plainly_right(&text), right && text.is_ascii(), "{:?}", text);
        }
    }
}
