//! `&egrave;`, `&#232;`, `&#xE8;`: the names that Italian pages use, and every number.

/// Source: HTML, section "named character references"; those of the letters and signs that a page in one of our languages may hold.
const NAMED: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("agrave", "à"),
    ("aacute", "á"),
    ("acirc", "â"),
    ("auml", "ä"),
    ("egrave", "è"),
    ("eacute", "é"),
    ("ecirc", "ê"),
    ("euml", "ë"),
    ("igrave", "ì"),
    ("iacute", "í"),
    ("icirc", "î"),
    ("iuml", "ï"),
    ("ograve", "ò"),
    ("oacute", "ó"),
    ("ocirc", "ô"),
    ("ouml", "ö"),
    ("ugrave", "ù"),
    ("uacute", "ú"),
    ("ucirc", "û"),
    ("uuml", "ü"),
    ("ccedil", "ç"),
    ("ntilde", "ñ"),
    ("szlig", "ß"),
    ("Agrave", "À"),
    ("Egrave", "È"),
    ("Eacute", "É"),
    ("Igrave", "Ì"),
    ("Ograve", "Ò"),
    ("Ugrave", "Ù"),
    ("Auml", "Ä"),
    ("Ouml", "Ö"),
    ("Uuml", "Ü"),
    ("euro", "€"),
    ("hellip", "…"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("bull", "•"),
    ("middot", "·"),
    ("deg", "°"),
    ("ordf", "ª"),
    ("ordm", "º"),
    ("sect", "§"),
    ("times", "×"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("rarr", "→"),
    ("shy", ""),
];
/// The longest reference that is one: `&#x10FFFF;`.
const LONGEST: usize = 10;

pub(super) fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        decoded.push_str(before);
        let end = reference.bytes().take(LONGEST).position(|byte| byte == b';');
        match end.and_then(|end| reference.get(..end)).and_then(character) {
            Some((known, length)) => {
                decoded.push_str(&known);
                rest = reference.get(length + 1..).unwrap_or_default();
            }
            None => {
                decoded.push('&');
                rest = reference;
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// What a reference stands for, and its length without the marks around it.
fn character(reference: &str) -> Option<(String, usize)> {
    let known = match reference.strip_prefix('#') {
        Some(number) => {
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?.to_string()
        }
        None => NAMED
            .iter()
            .find(|(name, _)| *name == reference)
            .map(|(_, known)| (*known).to_owned())?,
    };
    Some((known, reference.len()))
}
