use crate::error::{ErrorCode, SportelloError};

/// Checks a reference: 1 to 64 letters, digits, points, hyphens or underscores that name nobody.
///
/// # Errors
/// `reference.invalid`; `reference.personal_data` when it holds what reads as a codice fiscale or a phone number.
pub fn check_reference(reference: &str) -> Result<(), SportelloError> {
    let shape = (1..=64).contains(&reference.len())
        && reference
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !shape {
        return Err(ErrorCode::ReferenceInvalid.into());
    }
    let plain: Vec<u8> = reference
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|b| b.to_ascii_uppercase())
        .collect();
    let personal = plain.windows(16).any(reads_as_codice_fiscale) || reads_as_phone(reference);
    if personal {
        Err(ErrorCode::ReferencePersonal.into())
    } else {
        Ok(())
    }
}

/// `SSSNNN YYMDD PPPPC`, with the letters that stand for digits in omocodia.
fn reads_as_codice_fiscale(window: &[u8]) -> bool {
    let digit = |byte: &u8| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(byte);
    window.iter().enumerate().all(|(at, byte)| match at {
        0..=5 | 11 | 15 => byte.is_ascii_uppercase(),
        8 => b"ABCDEHLMPRST".contains(byte),
        _ => digit(byte),
    })
}

/// A reference that is nothing but a phone number: an Italian mobile, or any number with the prefix `0039`.
fn reads_as_phone(reference: &str) -> bool {
    let separators = |c: char| ".-_".contains(c);
    if !reference.chars().all(|c| c.is_ascii_digit() || separators(c)) {
        return false;
    }
    let digits: String = reference.chars().filter(char::is_ascii_digit).collect();
    let national = digits
        .strip_prefix("0039")
        .or_else(|| digits.strip_prefix("39").filter(|rest| rest.len() >= 9));
    let national = national.unwrap_or(&digits);
    (national.starts_with('3') && (9..=10).contains(&national.len())) || digits.starts_with("0039")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_that_name_nobody_are_accepted() {
        for good in [
            "a",
            "pratica-2026.11_004",
            "2026-11-23",
            "00000000000000000042",
            "x".repeat(64).as_str(),
        ] {
            assert!(check_reference(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        for bad in [
            "",
            "a b",
            "a/b",
            "mario@example.org",
            "è",
            "x".repeat(65).as_str(),
        ] {
            assert_eq!(
                check_reference(bad).unwrap_err().code(),
                "reference.invalid",
                "{bad}"
            );
        }
    }

    #[test]
    fn references_that_name_somebody_are_refused() {
        for bad in [
            "RSSMRA85M01H501Q",
            "auu-rssmra85m01h501q",
            "RSSMRA-85M01-H501Q",
            "RSSMRAURMLMHRLMX",
            "3331234567",
            "393-331234567",
            "00390612345678",
        ] {
            assert_eq!(
                check_reference(bad).unwrap_err().code(),
                "reference.personal_data",
                "{bad}"
            );
        }
    }
}
