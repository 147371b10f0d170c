//! Single values of every kind: no input hurts, corrections are right, and the codice fiscale agrees with a second
//! implementation of its rules.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on stops; the helpers of tests stand outside of #[test]"
)]

use proptest::prelude::*;
use sportello::{FieldKind, Finding, Severity, check_value};

const KINDS: [&str; 12] = [
    "text",
    "email",
    "denominazione",
    "codice_fiscale_persona",
    "codice_fiscale",
    "partita_iva",
    "municipality",
    "province",
    "rea",
    "cciaa",
    "date",
    "phone",
];

fn errors(findings: &[Finding]) -> Vec<&'static str> {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.code.as_str())
        .collect()
}

fn find(kind: &str, value: &str) -> Vec<&'static str> {
    errors(&check_value(kind, value).unwrap())
}

/// The check letter by the decree's table, written out another way than in the library: as the order in which the letters
/// count 0, 1, 2, … at odd places.
fn check_letter(code: &str) -> char {
    const BY_WEIGHT: &str = "BAKPLCQDREVOSFTGUHMINJWZYX";
    let weight = |index: usize, c: char| {
        let letter = c.to_digit(10).map_or(c, |digit| char::from(b'A' + digit as u8));
        if index.is_multiple_of(2) {
            BY_WEIGHT.find(letter).unwrap()
        } else {
            letter as usize - 'A' as usize
        }
    };
    let sum: usize = code
        .chars()
        .take(15)
        .enumerate()
        .map(|(index, c)| weight(index, c))
        .sum();
    char::from(b'A' + (sum % 26) as u8)
}

fn complete(fifteen: &str) -> String {
    format!("{fifteen}{}", check_letter(fifteen))
}

#[test]
fn every_date_of_a_century_is_judged_by_the_calendar() {
    let mut right = 0;
    for year in 0..100 {
        for (letter, month) in "ABCDEHLMPRST".chars().zip(1_u8..) {
            for written in 0..100_u8 {
                let day = if written > 40 { written - 40 } else { written };
                let month = time::Month::try_from(month).unwrap();
                // Some century has this day: the last two and the one before, for the oldest.
                let exists = [1800, 1900, 2000]
                    .iter()
                    .any(|century| time::Date::from_calendar_date(century + year, month, day).is_ok());
                let code = complete(&format!("RSSMRA{year:02}{letter}{written:02}H501"));
                assert_eq!(find("codice_fiscale_persona", &code).is_empty(), exists, "{code}");
                right += usize::from(exists);
            }
        }
    }
    // 365 days a year and 25 leap years of two sexes.
    assert_eq!(right, 2 * (100 * 365 + 25));
}

#[test]
fn all_spellings_of_omocodia_are_right_and_no_other_letters_are() {
    let base = "RSSMRA80A01H501";
    let places = [6, 7, 9, 10, 12, 13, 14];
    for subset in 0..128_u32 {
        let mut code: Vec<char> = base.chars().collect();
        for (bit, place) in places
            .iter()
            .enumerate()
            .filter(|(bit, _)| subset >> bit & 1 == 1)
        {
            let digit = code[*place].to_digit(10).unwrap_or_else(|| panic!("place {bit}"));
            code[*place] = "LMNPQRSTUV".chars().nth(digit as usize).unwrap();
        }
        let code = complete(&code.into_iter().collect::<String>());
        assert_eq!(find("codice_fiscale_persona", &code), [""; 0], "{code}");
    }
    for place in places {
        for letter in "ABCDEFGHIJKOWXYZ".chars() {
            let mut code: Vec<char> = base.chars().collect();
            code[place] = letter;
            let code = complete(&code.into_iter().collect::<String>());
            assert_eq!(
                find("codice_fiscale_persona", &code),
                ["codice_fiscale.character"],
                "{code}"
            );
        }
    }
}

/// The check letter finds every single mistake: that is what it is for.
#[test]
fn every_single_wrong_character_is_found() {
    for right in ["RSSMRA80A01H501", "XXXXXX00T71Z404", "BNCLGU8RT4MF2LR"].map(complete) {
        assert_eq!(find("codice_fiscale_persona", &right), [""; 0], "{right}");
        for place in 0..16 {
            for c in ('A'..='Z')
                .chain('0'..='9')
                .filter(|c| right.chars().nth(place) != Some(*c))
            {
                let wrong: String = right
                    .chars()
                    .enumerate()
                    .map(|(i, own)| if i == place { c } else { own })
                    .collect();
                assert!(!find("codice_fiscale_persona", &wrong).is_empty(), "{wrong}");
            }
        }
    }
    for right in ["01234560036", "99999999990"] {
        let right = (0..10)
            .map(|check| format!("{}{check}", &right[..10]))
            .find(|n| find("partita_iva", n).is_empty());
        let right = right.unwrap();
        for (place, own) in right.char_indices() {
            for c in ('0'..='9').filter(|c| *c != own) {
                let wrong = format!("{}{c}{}", &right[..place], &right[place + 1..]);
                assert!(!find("partita_iva", &wrong).is_empty(), "{wrong}");
            }
        }
    }
}

#[test]
fn every_kind_has_a_check_or_says_why_not() {
    for kind in FieldKind::ALL {
        match check_value(kind.as_str(), "x") {
            Ok(_) => assert!(KINDS.contains(&kind.as_str()) || kind == FieldKind::Unknown),
            Err(_) => assert_eq!(kind, FieldKind::File),
        }
    }
    let error = check_value("tipo ignoto", "x").unwrap_err().to_string();
    assert!(
        error.contains("`tipo ignoto`") && error.contains("codice_fiscale_persona"),
        "{error}"
    );
}

/// Length alone must not matter: what is found in a long value is found in one pass, and what is shown stays short.
#[test]
fn a_megabyte_of_anything_is_only_wrong() {
    for unit in [
        "A",
        "0",
        " ",
        "@",
        ".",
        "a@a.",
        "\u{200b}",
        "è",
        "\0",
        "1990-",
        "IT0",
        "\u{1F600}",
    ] {
        let value = unit.repeat(1_000_000 / unit.len());
        for kind in KINDS {
            let findings = check_value(kind, &value).unwrap();
            assert!(!findings.is_empty(), "{kind} takes a megabyte of {unit:?}");
            assert!(findings.len() <= 4);
            let text = findings
                .iter()
                .map(|finding| format!("{finding:?}").len())
                .sum::<usize>();
            assert!(text < 2000, "{kind}: {text}");
        }
    }
}

fn odd_text() -> impl Strategy<Value = String> {
    let near_code = r"[ A-Za-z0-9@.\-/+\u{0}\u{200b}\u{410}\u{FF21}]{0,24}";
    prop_oneof![
        any::<String>(),
        near_code,
        "[A-Z]{6}[0-9LMNP]{2}[A-T][0-7][0-9][A-Z][0-9]{3}[A-Z]"
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_is_typed(value in odd_text()) {
        for kind in KINDS {
            let findings = check_value(kind, &value).unwrap();
            prop_assert_eq!(&check_value(kind, &value).unwrap(), &findings, "the same again");
            for finding in &findings {
                // One beyond the end is where something is missing.
                let length = value.chars().count();
                prop_assert!(finding.position.is_none_or(|at| (at as usize) < length), "{kind} {finding:?}");
                if let Some(correction) = &finding.correction {
                    prop_assert_ne!(correction, &value);
                    let again = check_value(kind, correction).unwrap();
                    prop_assert_eq!(errors(&again), Vec::<&str>::new(), "{} {:?}", kind, correction);
                    prop_assert!(again.iter().all(|finding| finding.correction.is_none()));
                }
            }
        }
    }

    /// Case and blanks are the only things forgiven, and never silently.
    #[test]
    fn spelling_is_offered(lower in any::<u16>(), blanks in proptest::collection::vec(0..17_usize, 0..4)) {
        let right = complete("RSSMRA80A01H501");
        let mut typed = String::new();
        for (place, c) in right.chars().enumerate() {
            typed.extend(blanks.iter().filter(|at| **at == place).map(|_| ' '));
            typed.push(if lower >> place & 1 == 1 { c.to_ascii_lowercase() } else { c });
        }
        let findings = check_value("codice_fiscale_persona", &typed).unwrap();
        if typed == right {
            prop_assert!(findings.is_empty());
        } else {
            let code = if typed.contains(' ') { "codice_fiscale.blanks" } else { "codice_fiscale.case" };
            prop_assert_eq!(errors(&findings), [code]);
            prop_assert_eq!(findings[0].correction.as_deref(), Some(right.as_str()));
            let wrong = |c: char| if typed.contains(' ') { c == ' ' } else { c.is_ascii_lowercase() };
            prop_assert_eq!(findings[0].position.map(|at| at as usize), typed.chars().position(wrong));
        }
    }
}
