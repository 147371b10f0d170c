//! E-mail addresses: the grammar of HTML's `<input type=email>` (WHATWG HTML, "valid e-mail address"), the rules of points and lengths of RFC 5321,
//! a point in the domain. International domains are accepted. Quoted local parts and address literals are not: no form wants them.

use super::char_position;
use crate::check::{Finding, FindingCode};

/// RFC 5321, section 4.5.3.1: 64 octets before the @, 254 in all (erratum 1690).
const MAX_LOCAL: usize = 64;
const MAX_ALL: usize = 254;
/// RFC 1035: one part of a domain.
const MAX_LABEL: usize = 63;

pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
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

fn first_finding(text: &str) -> Option<Finding> {
    if text.len() > MAX_ALL {
        return Some(Finding::new(FindingCode::EmailTooLong));
    }
    let found = |code, byte| Some(Finding::new(code).at(char_position(text, byte)));
    let Some((local, domain)) = text.split_once('@') else {
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
    for label in domain.split('.') {
        if label.chars().count() > MAX_LABEL || label.starts_with('-') || label.ends_with('-') {
            return found(FindingCode::EmailDomain, at);
        }
        at += label.len() + 1;
        labels += 1;
    }
    let last_is_number = domain
        .rsplit('.')
        .next()
        .is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
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
    c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c) || (!c.is_ascii() && c.is_alphanumeric())
}

fn is_domain(c: char) -> bool {
    // An accent may come as a character of its own after its letter.
    let accent = ('\u{300}'..='\u{36F}').contains(&c);
    c.is_ascii_alphanumeric() || c == '-' || c == '.' || (!c.is_ascii() && c.is_alphanumeric()) || accent
}
