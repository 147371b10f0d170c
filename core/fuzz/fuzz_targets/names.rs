//! Any names: a code that is right and fits them, or none. And any name of a place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello::CodiceFiscale;
use sportello::check::{Person, PersonalData, Sex};
use sportello::places::Places;
use time::{Date, Duration, Month};

fuzz_target!(|input: (&str, &str, bool, u16)| {
    let (surname, name, woman, days) = input;
    let Ok(first) = Date::from_calendar_date(1900, Month::January, 1) else {
        return;
    };
    let birth_date = first + Duration::days(i64::from(days));
    let sex = if woman { Sex::Female } else { Sex::Male };
    if let Ok(code) = CodiceFiscale::encode(&Person {
        surname,
        name,
        sex,
        birth_date,
        birthplace: "H501",
    }) {
        assert_eq!(CodiceFiscale::parse(code.as_str()), Ok(code));
        let data = PersonalData {
            surname: Some(surname),
            name: Some(name),
            sex: Some(sex),
            birth_date: Some(birth_date),
            birthplace: Some("H501"),
        };
        assert!(code.coherence(&data).is_coherent());
    }
    let places = Places::bundled();
    let _ = places.find(surname, Some(birth_date));
    // A search reads the whole register: now and then is enough.
    if days % 64 == 0 {
        let _ = places.search(name, 5);
    }
});
