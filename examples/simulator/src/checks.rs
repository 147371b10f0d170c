//! What the office checks in a value before it takes the money: one function per field type.

/// Whether a text value suits a field of this `tipo`. Types nobody told us about are text.
pub(crate) fn suits(kind: &str, value: &str) -> bool {
    match kind {
        "codice_fiscale_persona_fisica" | "personal_tax_code" => person_code(value),
        "codice_fiscale" | "partita_iva" | "tax_code" | "vat_code" => person_code(value) || body_code(value),
        "email" => email(value),
        "cod_comune" => cadastral_code(value),
        "cod_provincia" => value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_alphabetic()),
        "data_iso8601" => date(value),
        _ => true,
    }
}

/// An address with one `@`, a dot in the domain and no blanks.
pub(crate) fn email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else {
        return false;
    };
    let labels_ok = domain.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-')
    });
    !local.is_empty()
        && value.len() <= 254
        && domain.contains('.')
        && labels_ok
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control() || letter == '"')
}

/// A person's codice fiscale: form, month, day and check letter, in any of its 128 spellings.
fn person_code(value: &str) -> bool {
    let Ok(code) = <[u8; 16]>::try_from(value.to_ascii_uppercase().as_bytes()) else {
        return false;
    };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        // The letters that stand for digits when two people would get one code (omocodia).
        _ => b"LMNPQRSTUV"
            .iter()
            .position(|letter| *letter == byte)
            .map(|at| at as u32),
    };
    let [
        s1,
        s2,
        s3,
        n1,
        n2,
        n3,
        y1,
        y2,
        month,
        d1,
        d2,
        place,
        p1,
        p2,
        p3,
        check,
    ] = code;
    let letters = [s1, s2, s3, n1, n2, n3, month, place, check]
        .iter()
        .all(u8::is_ascii_uppercase);
    let digits = [y1, y2, d1, d2, p1, p2, p3]
        .iter()
        .all(|byte| digit(*byte).is_some());
    let day = digit(d1)
        .zip(digit(d2))
        .map_or(0, |(tens, units)| tens * 10 + units);
    let Some(month) = b"ABCDEHLMPRST".iter().position(|letter| *letter == month) else {
        return false;
    };
    // February may have a 29th: the code does not say which century.
    let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        .get(month)
        .copied()
        .unwrap_or(0);
    letters && digits && (1..=longest).contains(&(day % 40)) && day < 72 && check == check_letter(&code)
}

/// The check letter the first fifteen characters ask for.
fn check_letter(code: &[u8; 16]) -> u8 {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
    ];
    let sum: u32 = code
        .iter()
        .take(15)
        .enumerate()
        .map(|(at, byte)| {
            let value = if byte.is_ascii_digit() {
                byte - b'0'
            } else {
                byte.saturating_sub(b'A')
            };
            if at % 2 == 0 {
                ODD.get(usize::from(value)).copied().unwrap_or(0)
            } else {
                u32::from(value)
            }
        })
        .sum();
    b'A' + (sum % 26) as u8
}

/// The eleven digits of a body, with their check digit.
fn body_code(value: &str) -> bool {
    if value.len() != 11 || !value.bytes().all(|byte| byte.is_ascii_digit()) || value == "00000000000" {
        return false;
    }
    let sum: u32 = value
        .bytes()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            let doubled = digit * 2;
            if at % 2 == 0 {
                digit
            } else {
                doubled / 10 + doubled % 10
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A letter and three digits.
fn cadastral_code(value: &str) -> bool {
    value.len() == 4
        && value.bytes().enumerate().all(|(at, byte)| {
            if at == 0 {
                byte.is_ascii_alphabetic()
            } else {
                byte.is_ascii_digit()
            }
        })
}

/// `dd-mm-yyyy`, a day of the calendar, whatever the type's name says.
fn date(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let [day, month, year] = parts.as_slice() else {
        return false;
    };
    let number = |text: &str, len: usize| {
        (text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    let (Some(day), Some(month), Some(year)) = (number(day, 2), number(month, 2), number(year, 4)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let longest = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=longest).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_code_needs_its_check_letter() {
        assert!(person_code("RSSMRA85M01H501Q"));
        assert!(person_code("rssmra85m01h501q"));
        assert!(!person_code("RSSMRA85M01H501A"));
        assert!(!person_code("RSSMRA85M01H501"));
        assert!(!person_code("RSSMRA85M40H501Q"));
        assert!(!suits("codice_fiscale_persona_fisica", "12345678903"));
    }

    #[test]
    fn a_bodys_code_needs_its_check_digit() {
        assert!(suits("codice_fiscale", "12345678903"));
        assert!(suits("partita_iva", "RSSMRA85M01H501Q"));
        assert!(!suits("partita_iva", "12345678901"));
        assert!(!suits("partita_iva", "00000000000"));
    }

    #[test]
    fn dates_places_and_addresses() {
        assert!(suits("data_iso8601", "29-02-2024"));
        assert!(!suits("data_iso8601", "29-02-2023"));
        assert!(!suits("data_iso8601", "2024-02-29"));
        assert!(suits("cod_comune", "H501"));
        assert!(!suits("cod_comune", "5H01"));
        assert!(suits("cod_provincia", "RM"));
        assert!(!suits("cod_provincia", "Roma"));
        assert!(suits("email", "chiara.prova@example.com"));
        for wrong in [
            "",
            "@",
            "a@b",
            "a b@example.com",
            "a@example..com",
            "a@@example.com",
            ".a@example.com",
        ] {
            assert!(!suits("email", wrong), "{wrong}");
        }
        assert!(suits("tipo_mai_visto", "qualunque cosa"));
    }
}
