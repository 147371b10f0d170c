use time::macros::date;

use super::letters::{NoVerdict, Of, three_letters};
use super::*;

fn surname(text: &str) -> String {
    three_letters(text, Of::Surname).map_or("no verdict".to_owned(), |three| {
        String::from_utf8_lossy(&three).into_owned()
    })
}

fn name(text: &str) -> String {
    three_letters(text, Of::Name).map_or("no verdict".to_owned(), |three| {
        String::from_utf8_lossy(&three).into_owned()
    })
}

#[test]
fn surnames_and_names_are_shortened_by_the_decree() {
    for (text, three) in [
        ("Rossi", "RSS"),
        ("Fo", "FOX"),
        ("Aiello", "LLA"),
        ("Re", "REX"),
        ("D'Angelo", "DNG"),
        ("D’Angelo", "DNG"),
        ("De  Luca", "DLC"),
        ("Rossi-Bianchi", "RSS"),
        ("", "XXX"),
        ("Y", "YXX"),
        ("Iou", "IOU"),
    ] {
        assert_eq!(surname(text), three, "{text}");
    }
    for (text, three) in [
        ("Mario", "MRA"),
        ("Gianfranco", "GFR"),
        ("Maria Luisa", "MLS"),
        ("Ugo", "GUO"),
        ("Al", "LAX"),
        ("", "XXX"),
        ("Chiara", "CHR"),
        ("Stefano", "SFN"),
    ] {
        assert_eq!(name(text), three, "{text}");
    }
}

#[test]
fn marks_are_read_by_the_tax_office_s_table() {
    // Every letter of the circular.
    for (text, three) in [
        ("Â", "AXX"),
        ("Ä", "AEX"),
        ("Æ", "AEX"),
        ("Ç", "CXX"),
        ("Č", "CXX"),
        ("Ê", "EXX"),
        ("Ë", "EXX"),
        ("Î", "IXX"),
        ("Ï", "IXX"),
        ("Ô", "OXX"),
        ("Ö", "OEX"),
        ("Œ", "OEX"),
        ("Û", "UXX"),
        ("Ü", "UEX"),
        ("Š", "SXX"),
        ("Ž", "ZXX"),
        ("ß", "SSX"),
        ("à", "AXX"),
        ("é", "EXX"),
        ("ì", "IXX"),
        ("ò", "OXX"),
        ("ú", "UXX"),
    ] {
        assert_eq!(surname(text), three, "{text}");
    }
    for (text, three) in [
        ("Müller", "MLL"),
        ("Nicolò", "NCL"),
        // Three consonants and no vowel are wanted here: what stands for Ü does not matter there.
        ("Ü", "UEX"),
        ("Uö", "UOE"),
        ("Łukasz", "LKS"),
        ("Đorđević", "DRD"),
        ("Weiß", "WSS"),
        ("Nguyễn", "NGY"),
        // The mark as a character of its own, as some phones send it.
        ("Mu\u{308}", "MUE"),
        ("Nicolo\u{300}", "NCL"),
    ] {
        assert_eq!(surname(text), three, "{text}");
    }
}

#[test]
fn no_verdict_where_no_table_has_the_letter_and_the_code_hangs_on_it() {
    for text in [
        "Muñoz",
        "Ibáñez",
        "Mun\u{303}oz",
        "Иванов",
        "李",
        "Ro\u{200b}ssi",
        "Ø",
        "D4vid",
        "\u{308}a",
    ] {
        assert_eq!(surname(text), "no verdict", "{text}");
    }
    assert_eq!(three_letters("Muñoz", Of::Surname), Err(NoVerdict(2)));
    // Certain before the letter is read, or whatever it stands for.
    for (text, three) in [("Castañeda", "CST"), ("Sørensen", "SRN"), ("Rossi Иванов", "RSS")] {
        assert_eq!(surname(text), three, "{text}");
    }
}

fn rossi() -> Person<'static> {
    Person {
        surname: "Prova",
        name: "Rosalia",
        sex: Sex::Female,
        birth_date: date!(1990 - 05 - 12),
        birthplace: "H501",
    }
}

#[test]
fn a_person_is_written_as_a_code_and_read_back() {
    let code = CodiceFiscale::encode(&rossi()).unwrap();
    assert_eq!(code.as_str(), "PRVRSL90E52H501A");
    assert_eq!((code.sex(), code.birthplace().as_str()), (Sex::Female, "H501"));
    assert_eq!(
        code.birth_dates(),
        [date!(1990 - 05 - 12)]
            .into_iter()
            .chain([date!(2090 - 05 - 12)])
            .collect::<Vec<_>>()
    );
    assert_eq!(
        code.birth_date(BirthHint::NotAfter(date!(2026 - 01 - 01))),
        Some(date!(1990 - 05 - 12))
    );
    assert_eq!(
        format!("{code:?} {:?}", rossi()),
        "CodiceFiscale(masked) Person(masked)"
    );
    let leap = CodiceFiscale::encode(&Person {
        birth_date: date!(2000 - 02 - 29),
        ..rossi()
    })
    .unwrap();
    assert_eq!(leap.birth_dates(), [date!(2000 - 02 - 29)]);
}

#[test]
fn the_century_is_never_guessed() {
    let child = CodiceFiscale::encode(&Person {
        birth_date: date!(2020 - 03 - 01),
        ..rossi()
    })
    .unwrap();
    let today = date!(2026 - 11 - 23);
    assert_eq!(child.birth_date(BirthHint::NotAfter(today)), None);
    assert_eq!(
        child.birth_date(BirthHint::Age { years: 6, on: today }),
        Some(date!(2020 - 03 - 01))
    );
    assert_eq!(
        child.birth_date(BirthHint::Age {
            years: 106,
            on: today
        }),
        Some(date!(1920 - 03 - 01))
    );
    assert_eq!(child.birth_date(BirthHint::Age { years: 50, on: today }), None);
}

#[test]
fn what_can_not_be_written_is_said() {
    let wrong = |person: Person<'_>| CodiceFiscale::encode(&person).unwrap_err().code();
    assert_eq!(
        wrong(Person {
            surname: "Muñoz",
            ..rossi()
        }),
        "encode.surname"
    );
    assert_eq!(
        wrong(Person {
            name: "Иван",
            ..rossi()
        }),
        "encode.name"
    );
    for place in ["", "H50", "A000", "h501", "Roma"] {
        assert_eq!(
            wrong(Person {
                birthplace: place,
                ..rossi()
            }),
            "encode.birthplace"
        );
    }
    assert_eq!(
        wrong(Person {
            birth_date: date!(1899 - 12 - 31),
            ..rossi()
        }),
        "encode.birth_date"
    );
}

#[test]
fn there_are_128_spellings_and_all_of_them_are_one_code() {
    let code = CodiceFiscale::encode(&rossi()).unwrap();
    let all: std::collections::BTreeSet<_> = code.variants().collect();
    assert_eq!(all.len(), 128);
    for spelling in &all {
        assert_eq!(CodiceFiscale::parse(spelling.as_str()), Ok(*spelling));
        assert_eq!(spelling.canonical(), code);
        assert_eq!(spelling.is_omocodia(), *spelling != code);
        assert_eq!(spelling.birthplace(), "H501");
        assert!(spelling.variants().eq(code.variants()));
    }
    assert_eq!(code.variants().next(), Some(code));
}

fn person() -> PersonalData<'static> {
    PersonalData {
        surname: Some("Prova"),
        name: Some("Rosalia"),
        sex: Some(Sex::Female),
        birth_date: Some(date!(1990 - 05 - 12)),
        birthplace: Some("H501"),
    }
}

#[test]
fn each_part_that_disagrees_is_named() {
    let code = CodiceFiscale::encode(&rossi()).unwrap();
    for spelling in code.variants() {
        assert!(spelling.coherence(&person()).is_coherent());
    }
    assert!(code.coherence(&PersonalData::default()).is_coherent());
    for (data, part) in [
        (
            PersonalData {
                surname: Some("Bianchi"),
                ..person()
            },
            Part::Surname,
        ),
        (
            PersonalData {
                name: Some("Maria"),
                ..person()
            },
            Part::Name,
        ),
        (
            PersonalData {
                sex: Some(Sex::Male),
                ..person()
            },
            Part::Sex,
        ),
        (
            PersonalData {
                birth_date: Some(date!(1990 - 05 - 13)),
                ..person()
            },
            Part::BirthDate,
        ),
        (
            PersonalData {
                birthplace: Some("F205"),
                ..person()
            },
            Part::Birthplace,
        ),
    ] {
        let coherence = code.coherence(&data);
        assert_eq!(coherence.disagreeing, [part]);
        assert!(!coherence.is_swapped && coherence.findings().len() == 1);
    }
    // The century is not in the code.
    let old = PersonalData {
        birth_date: Some(date!(2090 - 05 - 12)),
        ..person()
    };
    assert!(code.coherence(&old).is_coherent());
    let all = PersonalData {
        surname: Some("Bianchi"),
        name: Some("Luca"),
        sex: Some(Sex::Male),
        birth_date: Some(date!(1980 - 01 - 01)),
        birthplace: Some("F205"),
    };
    assert_eq!(code.coherence(&all).disagreeing.len(), 5);
}

#[test]
fn swapped_names_are_recognised() {
    let code = CodiceFiscale::encode(&rossi()).unwrap();
    let coherence = code.coherence(&PersonalData {
        surname: Some("Rosalia"),
        name: Some("Prova"),
        ..person()
    });
    assert!(coherence.is_swapped);
    assert_eq!(coherence.disagreeing, [Part::Surname, Part::Name]);
    let codes: Vec<_> = coherence.findings().iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [FindingCode::CoherenceSwapped]);
    let strange = code.coherence(&PersonalData {
        surname: Some("Muñoz"),
        ..person()
    });
    assert_eq!(
        (strange.disagreeing.as_slice(), strange.undecided.as_slice()),
        (&[][..], &[Part::Surname][..])
    );
}
