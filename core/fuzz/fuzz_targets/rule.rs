//! A rule of any text: read, written, worked out. Its own text means the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello::form::{Requirements, Rule};

const KEYS: [&str; 6] = ["$0", "$1", "$2", "$3", "field4", "$5"];

fuzz_target!(|input: (u8, &str)| {
    let (filled, text) = input;
    let Ok(rule) = Rule::parse(text, &KEYS) else {
        return;
    };
    let flags: Vec<bool> = (0..KEYS.len()).map(|bit| filled >> bit & 1 == 1).collect();
    let is_filled = |key: &str| {
        KEYS.iter()
            .position(|own| *own == key)
            .is_some_and(|at| flags[at])
    };
    let holds = rule.holds(&is_filled);
    let missing = Requirements::missing(&rule, &flags);
    let nothing = missing == sportello::form::Missing::default();
    assert!(!holds || nothing, "{rule}");
    if !holds && nothing {
        // Nothing can be named only where nothing would help: `$0 && !$0`.
        for all in 0..1u32 << KEYS.len() {
            let is_filled = |key: &str| {
                KEYS.iter()
                    .position(|own| *own == key)
                    .is_some_and(|at| all >> at & 1 == 1)
            };
            assert!(!rule.holds(&is_filled), "{rule}");
        }
    }
    // A rule's own text has every parenthesis written, so a deep one may be too deep to be read again.
    if let Ok(again) = Rule::parse(&rule.to_string(), &KEYS) {
        assert_eq!(again.holds(&is_filled), holds);
    }
    // Filling a named set must make the rule hold.
    for set in &missing.sets {
        if missing.must_be_empty.is_empty() && missing.more == 0 {
            let mut flags = flags.clone();
            set.iter().for_each(|field| flags[*field] = true);
            let is_filled = |key: &str| {
                KEYS.iter()
                    .position(|own| *own == key)
                    .is_some_and(|at| flags[at])
            };
            assert!(rule.holds(&is_filled), "{rule}");
        }
    }
});
