//! A JSON answer with a file in it, taken apart while it arrives: against a whole decode by `serde_json` and `base64`.

// Helpers outside `#[test]` functions are test code too.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use sportello::http::json_file::{
    JsonFile, JsonFileError, JsonFileReader, MAX_DEPTH, MAX_KEY_BYTES, MAX_REST_BYTES,
};

const PATH: &[&str] = &["data", "file"];

fn read(answer: &[u8], cuts: &[usize]) -> Result<(JsonFile, Vec<u8>), JsonFileError> {
    let mut reader = JsonFileReader::new(PATH, 1 << 20);
    let mut file = Vec::new();
    let mut start = 0;
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (answer.len() + 1)).collect();
    cuts.sort_unstable();
    for end in cuts.into_iter().chain([answer.len()]) {
        reader.push(&answer[start..end], &mut |bytes| {
            file.extend_from_slice(bytes);
            Ok(())
        })?;
        start = end;
    }
    Ok((reader.finish()?, file))
}

/// Pushes the same bytes over and over, as an endless answer does; gives the error and how many bytes it took.
fn endless(start: &str, again: &str) -> (JsonFileError, u64) {
    let mut reader = JsonFileReader::new(PATH, 1 << 20);
    let mut taken = start.len() as u64;
    if let Err(error) = reader.push(start.as_bytes(), &mut |_| Ok(())) {
        return (error, taken);
    }
    loop {
        taken += again.len() as u64;
        assert!(taken < 16 << 20, "an endless answer was taken in");
        if let Err(error) = reader.push(again.as_bytes(), &mut |_| Ok(())) {
            assert!(matches!(
                reader.push(b" ", &mut |_| Ok(())),
                Err(JsonFileError::Failed)
            ));
            return (error, taken);
        }
    }
}

#[test]
fn the_file_goes_out_and_the_rest_stays() {
    let answer = br#"{"success":true,"message":"","data":{"nome":"x.zip","file":"UEsFBg==","dimensione":4},"error":null}"#;
    let (kept, file) = read(answer, &[]).unwrap();
    assert_eq!(file, b"PK\x05\x06");
    assert_eq!((kept.len, kept.found), (4, true));
    let rest: Value = serde_json::from_slice(&kept.rest).unwrap();
    assert_eq!(
        rest,
        json!({"success":true,"message":"","data":{"nome":"x.zip","file":"","dimensione":4},"error":null})
    );
}

#[test]
fn every_single_cut_gives_the_same() {
    let answer =
        r#" {"dàta":1,"d\u0061ta" : {"fil\u0065":"+\/8\u002B\u002fw==" , "x":[{"file":"no"},-0.5e+10]} } "#
            .as_bytes();
    let whole = read(answer, &[]).unwrap();
    assert_eq!(whole.1, STANDARD.decode("+/8+/w==").unwrap());
    for cut in 0..=answer.len() {
        assert_eq!(read(answer, &[cut]).unwrap(), whole, "cut at {cut}");
    }
    let everywhere: Vec<usize> = (0..answer.len()).collect();
    assert_eq!(read(answer, &everywhere).unwrap(), whole);
}

#[test]
fn only_the_exact_path_is_the_file() {
    for answer in [
        r#"{"file":"UEs="}"#,
        r#"{"data":[{"file":"UEs="}]}"#,
        r#"{"data":{"data":{"file":"UEs="}}}"#,
        r#"{"x":{"file":"UEs="},"data":{"File":"UEs="}}"#,
        r#"[{"data":{"file":"UEs="}}]"#,
        r#"{"data":{"file":null}}"#,
        r#"{"data":{"file":["UEs="]}}"#,
        r#"{"data":"UEs=","file":"UEs="}"#,
        r#""UEs=""#,
        "12",
        "null",
    ] {
        let (kept, file) = read(answer.as_bytes(), &[]).unwrap();
        assert!(!kept.found && file.is_empty() && kept.len == 0, "{answer}");
        assert_eq!(kept.rest, answer.as_bytes());
    }
    let (kept, _) = read(br#"{"data":{"x":{"file":1},"file":""}}"#, &[]).unwrap();
    assert!(kept.found && kept.len == 0);
}

#[test]
fn base64_is_strict() {
    for wrong in [
        "UEs",
        "UEs=UEs=",
        "UE s=",
        "UEs=\\n",
        "UEs_",
        "UEt=",
        "====",
        "=",
        "U===",
        "UEs==",
        "data:;base64,UEs=",
        "UEs=A",
        "UEsF\\u0000",
        "UEsF\\u4141",
        "UEsF\\\\",
        "\\\"UEs",
        "Uà==",
    ] {
        let answer = format!(r#"{{"data":{{"file":"{wrong}"}}}}"#);
        for cuts in [vec![], (0..answer.len()).collect()] {
            let error = read(answer.as_bytes(), &cuts).unwrap_err();
            assert!(matches!(error, JsonFileError::Base64 { .. }), "{wrong}: {error}");
        }
    }
    let line_break = b"{\"data\":{\"file\":\"UEs=\n\"}}";
    assert!(matches!(read(line_break, &[]), Err(JsonFileError::Base64 { .. })));
}

#[test]
fn a_second_file_is_refused() {
    for answer in [
        r#"{"data":{"file":"","file":""}}"#,
        r#"{"data":{"file":""},"data":{"file":""}}"#,
    ] {
        assert!(matches!(
            read(answer.as_bytes(), &[]),
            Err(JsonFileError::Twice { .. })
        ));
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for wrong in [
        "",
        " ",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "[1",
        "\"a",
        "tru",
        "-",
        "1.",
        "1e",
        "{\"data\":{\"file\":\"UEs=",
    ] {
        assert!(
            matches!(read(wrong.as_bytes(), &[]), Err(JsonFileError::Truncated)),
            "{wrong}"
        );
    }
    for wrong in [
        "<html>",
        "{]",
        "[}",
        "{,}",
        "[,]",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "01",
        "+1",
        ".5",
        "1.e1",
        "--1",
        "truE",
        "nul ",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\t\"",
        "{} x",
        "{}{}",
        "[1 2]",
        "\0",
        "\u{FEFF}{}",
        "{\"\\ud800\":1}",
    ] {
        assert!(
            matches!(read(wrong.as_bytes(), &[]), Err(JsonFileError::Syntax { .. })),
            "{wrong}"
        );
    }
    assert!(matches!(read(b"\"\xFF\"", &[]), Err(JsonFileError::NotUtf8)));
}

#[test]
fn endless_answers_end() {
    assert!(matches!(
        endless("", "0000"),
        (JsonFileError::Syntax { at: 1 }, 4)
    ));
    assert!(matches!(
        endless("", "\0\0\0\0"),
        (JsonFileError::Syntax { at: 0 }, 4)
    ));
    assert!(matches!(
        endless("", "<br>"),
        (JsonFileError::Syntax { at: 0 }, 4)
    ));
    assert!(
        matches!(endless("", "["), (JsonFileError::TooDeep { .. }, taken) if taken == MAX_DEPTH as u64 + 1)
    );
    assert!(matches!(endless("", "{\"a\":"), (JsonFileError::TooDeep { .. }, taken) if taken < 400));
    assert!(matches!(endless("", "    "), (JsonFileError::RestTooLarge, taken) if taken < 1 + (1 << 20) + 4));
    assert!(matches!(endless("\"", "aaaa"), (JsonFileError::RestTooLarge, _)));
    assert!(matches!(endless("1.", "11"), (JsonFileError::RestTooLarge, _)));
    assert!(
        matches!(endless("{\"", "aaaa"), (JsonFileError::KeyTooLong { .. }, taken) if taken < MAX_KEY_BYTES as u64 + 8)
    );
    assert!(matches!(
        endless("{\"data\":{\"file\":\"", "AAAA"),
        (JsonFileError::FileTooLarge { .. }, _)
    ));
    assert!(
        matches!(endless("{\"data\":{\"file\":\"", "\0\0\0\0"), (JsonFileError::Base64 { .. }, taken) if taken < 30)
    );
}

#[test]
fn limits_hold_to_the_byte() {
    let reads = |answer: String| read(answer.as_bytes(), &[]).is_ok();
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(reads(nested(MAX_DEPTH)));
    assert!(!reads(nested(MAX_DEPTH + 1)));
    assert!(reads(format!("\"{}\"", "a".repeat(MAX_REST_BYTES - 2))));
    assert!(!reads(format!("\"{}\"", "a".repeat(MAX_REST_BYTES - 1))));
    let with_file = |len: usize| format!(r#"{{"data":{{"file":"{}"}}}}"#, STANDARD.encode(vec![7; len]));
    assert!(reads(with_file(1 << 20)));
    assert!(!reads(with_file((1 << 20) + 1)));
}

#[test]
fn a_sink_that_fails_ends_it() {
    let mut reader = JsonFileReader::new(PATH, 100);
    let full = |_: &[u8]| Err(io::Error::from(io::ErrorKind::StorageFull));
    let error = reader
        .push(br#"{"data":{"file":"UEsF"#, &mut { full })
        .unwrap_err();
    assert!(matches!(error, JsonFileError::Sink(source) if source.kind() == io::ErrorKind::StorageFull));
    assert!(matches!(reader.finish(), Err(JsonFileError::Failed)));
}

#[test]
fn debug_and_errors_hold_nothing_of_the_answer() {
    let (kept, _) = read(br#"{"nome":"Rossella"}"#, &[]).unwrap();
    assert!(!format!("{kept:?}").contains("82")); // No list of bytes either.
    let error = read(br#"{"nome":"Rossella" "x"}"#, &[]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Rossella"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let key = prop_oneof![Just("data".to_owned()), Just("file".to_owned()), any::<String>()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn cut_anywhere_it_is_what_a_whole_decode_gives(
        around in any_json(),
        file in prop::collection::vec(any::<u8>(), 0..5000),
        cuts in prop::collection::vec(any::<usize>(), 0..40),
        php in any::<bool>(),
    ) {
        let mut document = json!({"a": around, "data": {"b": around, "file": STANDARD.encode(&file), "c": around}});
        let mut text = document.to_string();
        if php {
            text = text.replace('/', "\\/").replace('+', "\\u002B");
            // Numbers such as 1e+20 would no longer be numbers.
            prop_assume!(serde_json::from_str::<Value>(&text).is_ok());
        }
        let (kept, read_file) = read(text.as_bytes(), &cuts).unwrap();
        prop_assert_eq!(kept.len, file.len() as u64);
        prop_assert_eq!(read_file, file);
        document["data"]["file"] = json!("");
        let rest: Value = serde_json::from_slice(&kept.rest).unwrap();
        let expected: Value = serde_json::from_str(&document.to_string()).unwrap();
        prop_assert_eq!(rest, expected);
    }

    /// Whatever the bytes are, we accept nothing that `serde_json` refuses, but for lone surrogates and numbers beyond
    /// a double, which are well-formed and which it refuses for what they mean.
    #[test]
    fn mutated_answers_are_judged_as_serde_json_judges(
        around in any_json(),
        at in any::<usize>(),
        byte in prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\",:\\u0-.eE ".to_vec())],
    ) {
        let mut bytes = json!({"a": around, "data": {"file": "UEs="}}).to_string().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let ours = read(&bytes, &[at]);
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(_) => {
                let fine = matches!(ours, Ok(_) | Err(JsonFileError::Base64 { .. } | JsonFileError::Twice { .. }));
                prop_assert!(fine, "{:?}", ours.err());
            }
            Err(error) => {
                let by_meaning = error.to_string().contains("surrogate")
                    || error.to_string().contains("hex escape")
                    || error.to_string().contains("out of range");
                prop_assert!(ours.is_err() || by_meaning, "{}", error);
            }
        }
    }

    #[test]
    fn rubbish_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), cuts in prop::collection::vec(any::<usize>(), 0..5)) {
        let ours = read(&bytes, &cuts).is_ok();
        prop_assert!(!ours || serde_json::from_slice::<Value>(&bytes).is_ok());
    }
}
