//! The register of places: names of every time, homonyms with their province, marks or none.
#![cfg(feature = "places")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use sportello::places::{FindPlaceError, Place, Places, is_known, stood_on};
use time::macros::date;

fn found(text: &str) -> String {
    match Places::bundled().find(text, None) {
        Ok(place) => format!("{} {place}", place.code),
        Err(FindPlaceError::NotFound) => "none".to_owned(),
        Err(FindPlaceError::Several(places)) => places
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[test]
fn a_place_is_found_by_code_and_by_name_whatever_the_accents() {
    for (text, place) in [
        ("H501", "H501 Roma (RM)"),
        ("h501", "H501 Roma (RM)"),
        ("roma", "H501 Roma (RM)"),
        ("  ROMA ", "H501 Roma (RM)"),
        ("Forlì", "D704 Forlì (FC)"),
        ("FORLI'", "D704 Forlì (FC)"),
        ("forli", "D704 Forlì (FC)"),
        ("L’Aquila", "A345 L'Aquila (AQ)"),
        ("Bozen", "A952 Bolzano (BZ)"),
        ("Stati Uniti d'America", "Z404 Stati Uniti D'America"),
        ("Livo (TN)", "E624 Livo (TN)"),
        ("Livo, CO", "E623 Livo (CO)"),
        ("livo tn", "E624 Livo (TN)"),
        ("Roma TN", "none"),
        ("Atlantide", "none"),
        ("", "none"),
    ] {
        assert_eq!(found(text), place, "{text}");
    }
}

/// The cases that JavaScript runs as well.
#[test]
fn the_shared_cases() {
    let cases: serde_json::Value = serde_json::from_str(include_str!("../vectors/places.json")).unwrap();
    let text = |case: &serde_json::Value, name: &str| case[name].as_str().map(str::to_owned);
    let on = |case: &serde_json::Value| text(case, "on").and_then(|on| sportello::check::day(&on));
    let places = Places::bundled();
    let mut count = 0;
    for case in cases["find"].as_array().unwrap() {
        let wanted = text(case, "text").unwrap();
        let codes: Vec<&str> = match places.find(&wanted, on(case)) {
            Ok(place) => vec![place.code],
            Err(FindPlaceError::NotFound) => vec![],
            Err(FindPlaceError::Several(places)) => places.iter().map(|place| place.code).collect(),
        };
        assert_eq!(serde_json::json!(codes), case["codes"], "{case}");
        count += 1;
    }
    for case in cases["search"].as_array().unwrap() {
        let limit = usize::try_from(case["limit"].as_u64().unwrap()).unwrap();
        let found = places.search(&text(case, "text").unwrap(), limit);
        let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(serde_json::json!(shown), case["shown"], "{case}");
        count += 1;
    }
    for case in cases["named"].as_array().unwrap() {
        let named = places.named(&text(case, "code").unwrap(), on(case));
        assert_eq!(
            serde_json::json!(named.map(|place| place.name)),
            case["name"],
            "{case}"
        );
        count += 1;
    }
    assert!(count > 25, "{count}");
}

#[test]
fn homonyms_are_named_with_their_province() {
    assert_eq!(found("Livo"), "Livo (CO), Livo (TN)");
    // Paternò and Paterno: without accents nobody can tell.
    let both = found("PATERNO");
    assert!(
        both.contains("Paterno (PZ)") && both.contains("Paternò (CT)"),
        "{both}"
    );
    assert_eq!(found("Paternò"), "G371 Paternò (CT)");
    assert_eq!(found("PATERNO'"), "G371 Paternò (CT)");
}

#[test]
fn the_day_tells_names_apart() {
    let places = Places::bundled();
    let name = |code: &str, day| places.named(code, day).map(|place| place.name.to_owned());
    assert_eq!(
        name("A001", Some(date!(1900 - 01 - 01))).as_deref(),
        Some("Abano")
    );
    assert_eq!(name("A001", None).as_deref(), Some("Abano Terme"));
    assert_eq!(name("A000", None), None);
    assert_eq!(
        places.find("Abano", Some(date!(1900 - 01 - 01))).unwrap().code,
        "A001"
    );
    assert!(is_known("A001") && !is_known("A000") && !is_known("roma"));
    assert!(stood_on("A012", date!(2016 - 12 - 31)) && !stood_on("A012", date!(2017 - 01 - 01)));
}

#[test]
fn typing_shows_what_it_may_become() {
    let names = |text: &str| -> Vec<String> {
        Places::bundled()
            .search(text, 6)
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(names("roma")[0], "Roma (RM)");
    assert!(
        names("mila").contains(&"Milano (MI)".to_owned()),
        "{:?}",
        names("mila")
    );
    assert!(
        names("agata")
            .iter()
            .all(|name| name.to_lowercase().contains("agata"))
    );
    assert_eq!(names("livo (tn)"), ["Livo (TN)"]);
    assert!(names("  ").is_empty() && names("\u{1F600}").is_empty());
    assert_eq!(Places::bundled().search("san", 6).len(), 6);
}

#[test]
fn a_register_may_be_brought_along() {
    let own = Places::from_text("H501\tRoma\tRM\t\t\t\n".to_owned()).unwrap();
    assert_eq!(
        own.find("Roma", None).map(|place: Place<'_>| place.code),
        Ok("H501")
    );
    for wrong in [
        "Roma\n",
        "H501\tRoma\n",
        "H501\tRoma\tRM\t1861\t\t\n",
        "H501\tRoma\tRM\t1861-02-30\t\t\n",
    ] {
        assert!(Places::from_text(wrong).is_err(), "{wrong}");
    }
}
