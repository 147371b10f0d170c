//! A person's codice fiscale, written, read and compared with its person: against the shared vectors, and against itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use sportello::CodiceFiscale;
use sportello::check::{Part, Person, PersonalData, Sex};
use time::{Date, Duration, macros::date, macros::format_description};

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    let cases = file["cases"].as_array().unwrap().clone();
    assert!(cases.len() > 12);
    cases
}

fn day(text: &str) -> Date {
    Date::parse(text, format_description!("[year]-[month]-[day]")).unwrap()
}

#[test]
fn encode() {
    for case in cases(include_str!("../vectors/codice_fiscale/encode.json")) {
        let text = |name: &str| case[name].as_str().unwrap();
        let person = Person {
            surname: text("surname"),
            name: text("name"),
            sex: Sex::parse(text("sex")).unwrap(),
            birth_date: day(text("birth_date")),
            birthplace: text("birthplace"),
        };
        match CodiceFiscale::encode(&person) {
            Ok(code) => assert_eq!(json!(code), case["code"], "{case}"),
            Err(error) => assert_eq!(json!(error.code()), case["error"], "{case}"),
        }
    }
}

#[test]
fn decode() {
    for case in cases(include_str!("../vectors/codice_fiscale/decode.json")) {
        let code = CodiceFiscale::parse(case["code"].as_str().unwrap()).unwrap();
        let dates: Vec<String> = code.birth_dates().iter().map(ToString::to_string).collect();
        let got = json!({
            "code": code,
            "canonical": code.canonical(),
            "omocodia": code.is_omocodia(),
            "sex": code.sex(),
            "birth_dates": dates,
            "birthplace": code.birthplace(),
        });
        assert_eq!(got, case);
    }
}

#[test]
fn coherence() {
    for case in cases(include_str!("../vectors/codice_fiscale/coherence.json")) {
        let person = &case["person"];
        let data = PersonalData {
            surname: person["surname"].as_str(),
            name: person["name"].as_str(),
            sex: person["sex"].as_str().and_then(Sex::parse),
            birth_date: person["birth_date"].as_str().map(day),
            birthplace: person["birthplace"].as_str(),
        };
        let code = CodiceFiscale::parse(case["code"].as_str().unwrap()).unwrap();
        let coherence = code.coherence(&data);
        let got = json!([coherence.disagreeing, coherence.undecided, coherence.is_swapped]);
        assert_eq!(
            got,
            json!([case["disagreeing"], case["undecided"], case["swapped"]]),
            "{case}"
        );
    }
}

const PLACES: [&str; 6] = ["H501", "F205", "Z404", "L219", "A944", "G273"];

prop_compose! {
    fn somebody()(
        surname in "[A-Za-zàèéìòùäöüßç' -]{0,24}",
        name in "[A-Za-zàèéìòùäöüßç' -]{0,24}",
        woman in any::<bool>(),
        days in 0..46_000i64,
        place in 0..PLACES.len(),
    ) -> (String, String, Sex, Date, &'static str) {
        let sex = if woman { Sex::Female } else { Sex::Male };
        (surname, name, sex, date!(1900 - 01 - 01) + Duration::days(days), PLACES[place])
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whoever is written as a code is read back from all of its spellings.
    #[test]
    fn everybody_fits_their_own_code((surname, name, sex, birth_date, birthplace) in somebody(), spelling in 0..128usize) {
        let code = CodiceFiscale::encode(&Person { surname: &surname, name: &name, sex, birth_date, birthplace }).unwrap();
        let code = code.variants().nth(spelling).unwrap();
        prop_assert_eq!(CodiceFiscale::parse(code.as_str()).unwrap(), code);
        prop_assert!(code.birth_dates().contains(&birth_date));
        let data = PersonalData {
            surname: Some(&surname),
            name: Some(&name),
            sex: Some(sex),
            birth_date: Some(birth_date),
            birthplace: Some(birthplace),
        };
        prop_assert!(code.coherence(&data).is_coherent());
        let other = PersonalData { birth_date: Some(birth_date + Duration::days(1)), ..data };
        prop_assert_eq!(code.coherence(&other).disagreeing, [Part::BirthDate]);
    }

    /// Names of any script and length are read to their end or given up, never in pieces.
    #[test]
    fn any_name_has_three_letters_or_no_verdict(surname in any::<String>(), name in any::<String>()) {
        let person = Person { surname: &surname, name: &name, sex: Sex::Male, birth_date: date!(2000 - 01 - 01), birthplace: "H501" };
        if let Ok(code) = CodiceFiscale::encode(&person) {
            prop_assert!(code.as_str()[..6].bytes().all(|byte| byte.is_ascii_uppercase()));
            prop_assert_eq!(CodiceFiscale::parse(code.as_str()), Ok(code));
        }
    }
}

#[test]
fn a_megabyte_of_a_name_is_read_in_one_pass() {
    for unit in ["a", "è", "ø", "'", "\u{301}", "ñ", "A\u{308}"] {
        let surname = unit.repeat(1_000_000 / unit.len());
        let person = Person {
            surname: &surname,
            name: "Mario",
            sex: Sex::Male,
            birth_date: date!(2000 - 01 - 01),
            birthplace: "H501",
        };
        let started = std::time::Instant::now();
        let _ = CodiceFiscale::encode(&person);
        assert!(started.elapsed().as_secs() < 2, "{unit}");
    }
}
