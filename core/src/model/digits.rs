/// Writes a number with at least so many digits. What a page's build writes goes through here: the standard library's formatting would be a third of it.
pub fn push_digits(out: &mut String, mut number: u64, least: usize) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        if number == 0 && 20 - first >= least {
            break;
        }
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        first = at;
    }
    out.extend(digits.iter().skip(first).map(|digit| char::from(*digit)));
}

/// What stands before and after the first of these signs of ASCII. The standard library's ways to cut a text are a good part of a page's build.
pub(crate) fn cut(text: &str, sign: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == sign)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// A text without these signs of ASCII at its beginning.
pub(crate) fn without_leading<'a>(mut text: &'a str, signs: &[u8]) -> &'a str {
    while text.as_bytes().first().is_some_and(|first| signs.contains(first)) {
        text = text.get(1..).unwrap_or_default();
    }
    text
}

/// A text without these signs of ASCII at its end.
pub(crate) fn without_trailing<'a>(mut text: &'a str, signs: &[u8]) -> &'a str {
    while text.as_bytes().last().is_some_and(|last| signs.contains(last)) {
        text = text.get(..text.len() - 1).unwrap_or_default();
    }
    text
}

/// The small letter of one in capitals, of the scripts that services and their labels are written in: Latin, Greek, Cyrillic. The whole table of Unicode
/// would be an eighth of a page's build.
pub(crate) const fn lower(c: char) -> char {
    let code = c as u32;
    let small = match c {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ρ' | 'Σ'..='Ϋ' | 'А'..='Я' => code + 32,
        'Ѐ'..='Џ' => code + 80,
        // Pairs: the capital is even in some rows and odd in others.
        'Ā'..='į' | 'Ĳ'..='ķ' | 'Ŋ'..='ŷ' | 'Ѡ'..='ҁ' | 'Ḁ'..='ẕ' | 'Ạ'..='ỿ' => code | 1,
        'Ĺ'..='ň' | 'Ź'..='ž' => code + (code & 1),
        'Ÿ' => 0xFF,
        // Signs for units that look like letters.
        '\u{212A}' => 'k' as u32,
        '\u{212B}' => 'å' as u32,
        _ => return c,
    };
    match char::from_u32(small) {
        Some(small) => small,
        None => c,
    }
}

#[cfg(test)]
mod tests {
    use super::lower;

    #[test]
    fn as_unicode_has_them_where_one_letter_is_one_letter() {
        let ranges = [
            0..=0x17F_u32,
            0x391..=0x3A9,
            0x400..=0x481,
            0x1E00..=0x1E95,
            0x1EA0..=0x1EFF,
        ];
        for c in ranges.into_iter().flatten().filter_map(char::from_u32) {
            let small: String = c.to_lowercase().collect();
            if small.chars().count() == 1 {
                assert_eq!(lower(c).to_string(), small, "{c}");
            }
        }
        assert_eq!(['ш', '中', 'ß'].map(lower), ['ш', '中', 'ß']);
    }

    #[test]
    fn as_the_standard_library_writes_them() {
        for number in [0, 7, 10, 101, 99_999, u64::MAX] {
            for least in [1, 2, 4] {
                let mut text = String::new();
                super::push_digits(&mut text, number, least);
                assert_eq!(text, format!("{number:0least$}"));
            }
        }
    }
}
