//! Which names may become files, on every system at once: an archive that is safe here must be safe where it is sent on.

use super::error::NameProblem;

/// Checks a name, a trailing slash (a folder) included.
pub(super) fn check(name: &str, max_bytes: usize) -> Result<(), NameProblem> {
    if name.len() > max_bytes {
        return Err(NameProblem::TooLong);
    }
    if name.starts_with('/') {
        return Err(NameProblem::Absolute);
    }
    if name.chars().any(is_control) {
        return Err(NameProblem::ControlCharacter);
    }
    // A colon is a drive's mark or opens a second stream of a file; a backslash is a separator.
    if name.contains(['\\', ':', '*', '?', '"', '<', '>', '|']) {
        return Err(NameProblem::ForbiddenCharacter);
    }
    name.strip_suffix('/')
        .unwrap_or(name)
        .split('/')
        .try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), NameProblem> {
    match part {
        "" => Err(NameProblem::Empty),
        "." | ".." => Err(NameProblem::Parent),
        _ if part.ends_with(['.', ' ']) => Err(NameProblem::TrailingDotOrBlank),
        _ if is_reserved(part) => Err(NameProblem::ReservedOnWindows),
        _ => Ok(()),
    }
}

/// Windows opens the device whatever the ending, and ignores blanks before it: `nul.pdf`, `NUL .txt`.
fn is_reserved(part: &str) -> bool {
    let stem = part
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end_matches(' ')
        .to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) {
        return true;
    }
    let port = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let mut rest = port.unwrap_or_default().chars();
    // The superscript digits count as digits there.
    matches!(
        (rest.next(), rest.next()),
        (Some('0'..='9' | '¹' | '²' | '³'), None)
    )
}

/// Control characters, and those that turn the writing direction, so that `fdp.exe` reads as `exe.pdf`.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// The name as a file system that ignores case sees it. Composed and decomposed accents stay different: where a file
/// system takes them for the same name, writing the second one fails rather than overwriting the first.
pub(super) fn fold(name: &str) -> String {
    let name = name.strip_suffix('/').unwrap_or(name);
    name.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// A name's bytes as text: UTF-8 where the archive says so or where it is, else code page 437, as the format has it.
pub(super) fn decode(raw: &[u8], says_utf8: bool) -> Result<String, NameProblem> {
    match std::str::from_utf8(raw) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) if says_utf8 => Err(NameProblem::NotUtf8),
        Err(_) => Ok(raw
            .iter()
            .map(|&byte| match byte.checked_sub(128) {
                None => char::from(byte),
                Some(high) => CP437
                    .chars()
                    .nth(usize::from(high))
                    .unwrap_or(char::REPLACEMENT_CHARACTER),
            })
            .collect()),
    }
}

const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌\
                     █▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass() {
        for name in [
            "visura.pdf",
            "allegati/ricevuta 1.pdf",
            "è una prova.xml",
            "cartella/",
            ".hidden",
            "com10.pdf",
            "nullo.pdf",
        ] {
            assert_eq!(check(name, 255), Ok(()), "{name}");
        }
    }

    #[test]
    fn dangerous_names_do_not() {
        use NameProblem::*;
        let cases = [
            ("", Empty),
            ("a//b", Empty),
            ("/etc/passwd", Absolute),
            ("/", Absolute),
            ("../x", Parent),
            ("a/../../x", Parent),
            ("./x", Parent),
            ("a/..", Parent),
            ("..\\x", ForbiddenCharacter),
            ("C:\\x", ForbiddenCharacter),
            ("c:x", ForbiddenCharacter),
            ("a.pdf:stream", ForbiddenCharacter),
            ("a*.pdf", ForbiddenCharacter),
            ("a\0.pdf", ControlCharacter),
            ("a\u{202E}fdp.exe", ControlCharacter),
            ("a\n", ControlCharacter),
            ("a.", TrailingDotOrBlank),
            ("a /b", TrailingDotOrBlank),
            (".../b", TrailingDotOrBlank),
            ("NUL", ReservedOnWindows),
            ("dir/con.pdf", ReservedOnWindows),
            ("aux .txt", ReservedOnWindows),
            ("lpt9.a.b", ReservedOnWindows),
            ("COM¹.txt", ReservedOnWindows),
            ("conout$", ReservedOnWindows),
        ];
        for (name, problem) in cases {
            assert_eq!(check(name, 255), Err(problem), "{name:?}");
        }
        assert_eq!(check(&"a".repeat(256), 255), Err(TooLong));
    }

    #[test]
    fn folding_ignores_case_in_every_alphabet() {
        assert_eq!(fold("Straße/È.PDF"), fold("STRASSE/è.pdf"));
        assert_ne!(fold("a"), fold("b"));
    }

    #[test]
    fn old_names_are_read_by_their_code_page() {
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(decode(b"citt\x85.pdf", false).as_deref(), Ok("città.pdf"));
        assert_eq!(decode("città.pdf".as_bytes(), false).as_deref(), Ok("città.pdf"));
        assert_eq!(decode(b"citt\x85.pdf", true), Err(NameProblem::NotUtf8));
    }
}
