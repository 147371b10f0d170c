//! The rule and what it demands, against a brute-force truth table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use proptest::prelude::*;
use sportello::form::{Requirements, Rule};

/// A rule as a tree, evaluated the obvious way.
#[derive(Clone, Debug)]
enum Tree {
    Field(usize),
    Not(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
}

impl Tree {
    fn holds(&self, values: u32) -> bool {
        match self {
            Tree::Field(index) => values >> index & 1 == 1,
            Tree::Not(inner) => !inner.holds(values),
            Tree::And(left, right) => left.holds(values) && right.holds(values),
            Tree::Or(left, right) => left.holds(values) || right.holds(values),
        }
    }

    /// The rule as text, with parentheses only where `tight` wants them or precedence needs them.
    fn text(&self, tight: bool) -> String {
        let wrap = |tree: &Tree, binds: u8| {
            let own = match tree {
                Tree::Or(..) => 1,
                Tree::And(..) => 2,
                _ => 3,
            };
            if tight || own < binds {
                format!("( {} )", tree.text(tight))
            } else {
                tree.text(tight)
            }
        };
        match self {
            Tree::Field(index) => format!("${index}"),
            Tree::Not(inner) => format!("!{}", wrap(inner, 3)),
            Tree::And(left, right) => format!("{}&&  {}", wrap(left, 2), wrap(right, 3)),
            Tree::Or(left, right) => format!("{} || {}", wrap(left, 1), wrap(right, 2)),
        }
    }
}

const FIELDS: usize = 6;

fn trees() -> impl Strategy<Value = Tree> {
    (0..FIELDS)
        .prop_map(Tree::Field)
        .prop_recursive(6, 40, 2, |inner| {
            prop_oneof![
                inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
                (inner.clone(), inner.clone())
                    .prop_map(|(left, right)| Tree::And(Box::new(left), Box::new(right))),
                (inner.clone(), inner).prop_map(|(left, right)| Tree::Or(Box::new(left), Box::new(right))),
            ]
        })
}

fn keys() -> Vec<String> {
    (0..FIELDS).map(|index| format!("${index}")).collect()
}

fn parse(text: &str) -> Rule {
    let keys = keys();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    Rule::parse(text, &keys).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn filled(values: u32) -> Vec<bool> {
    (0..FIELDS).map(|index| values >> index & 1 == 1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_rule_means_what_its_truth_table_says(tree in trees(), tight: bool) {
        let rule = parse(&tree.text(tight));
        for values in 0..1u32 << FIELDS {
            let holds = rule.holds(&|key| values >> key[1..].parse::<usize>().unwrap() & 1 == 1);
            prop_assert_eq!(holds, tree.holds(values), "{} at {:b}", tree.text(tight), values);
        }
    }

    #[test]
    fn the_sets_named_are_the_smallest_that_complete_the_answers(tree in trees(), have in 0..1u32 << FIELDS) {
        let rule = parse(&tree.text(false));
        let missing = Requirements::missing(&rule, &filled(have));
        let completes = |add: u32| tree.holds(have | add);
        let mask = |set: &Vec<usize>| set.iter().fold(0u32, |mask, field| mask | 1 << field);
        // Every set that adds only empty fields, completes, and has no smaller one within it.
        let minimal: Vec<u32> = (0..1u32 << FIELDS)
            .filter(|add| add & have == 0 && completes(*add))
            .filter(|add| !(0..*add).any(|less| less & add == less && less != *add && completes(less)))
            .collect();
        if completes(0) {
            prop_assert_eq!(missing, sportello::form::Missing::default());
        } else if missing.groups.is_empty() && missing.must_be_empty.is_empty() {
            let named: Vec<u32> = missing.sets.iter().map(mask).collect();
            for set in &named {
                prop_assert!(completes(*set), "{}: {:b} does not complete {:b}", tree.text(false), set, have);
                prop_assert!(minimal.contains(set), "{}: {:b} is not minimal over {:b}", tree.text(false), set, have);
            }
            prop_assert_eq!(named.len() + missing.more as usize, minimal.len(), "{}", tree.text(false));
            prop_assert!(named.windows(2).all(|pair| pair[0].count_ones() <= pair[1].count_ones()));
        } else if !missing.must_be_empty.is_empty() {
            prop_assert!(minimal.is_empty(), "{}: nothing has to be emptied", tree.text(false));
        }
    }

    #[test]
    fn a_required_field_is_one_that_no_answers_do_without(tree in trees()) {
        let text = tree.text(true);
        let fields: serde_json::Map<String, serde_json::Value> = keys().into_iter()
            .map(|key| (key.clone(), serde_json::json!({ "nome": key, "tipo": "testo" }))).collect();
        let service = serde_json::json!({ "hash_visura": "x", "json_struttura": { "campi": fields, "validazione": text } });
        let service = sportello::Service::from_json(&service.to_string()).unwrap();
        for field in &service.form.fields {
            let index: usize = field.key[1..].parse().unwrap();
            let possible = (0..1u32 << FIELDS).any(|values| values >> index & 1 == 0 && tree.holds(values));
            // Fields that contradict themselves may be called optional where they are not; never the other way round.
            prop_assert!(!(field.required && possible), "{text}: {} is not required", field.key);
        }
    }

    #[test]
    fn no_text_crashes_the_parser(text in "[$0-9()!&| a-z]{0,200}") {
        let _ = Rule::parse(&text, &["$0", "$1"]);
    }

    #[test]
    fn no_bytes_crash_the_parser(text in "\\PC{0,200}") {
        let _ = Rule::parse(&text, &["$0", "$1"]);
    }
}

/// 4096 bytes made to hurt: each is read, evaluated and asked what it misses. Work is bounded by design; a blow-up would not end at all.
#[test]
fn hostile_rules_end() {
    let keys: Vec<String> = (0..128).map(|index| format!("${index}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let pairs = |count: usize, inner: &str, outer: &str| {
        (0..count)
            .map(|i| format!("(${}{inner}${})", 2 * i, 2 * i + 1))
            .collect::<Vec<_>>()
            .join(outer)
    };
    let mut rules = vec![
        pairs(20, "||", "&&"),
        pairs(60, "||", "&&"),
        pairs(60, "&&", "||"),
        format!("!({})", pairs(60, "&&", "||")),
        "!".repeat(64) + "$0",
        "(".repeat(64) + "$0" + &")".repeat(64),
        "$0||".repeat(1000) + "$1",
        "$0&&".repeat(1000) + "$1",
    ];
    let alternating: String = (0..600)
        .map(|i| format!("${}{}", i % 128, if i % 2 == 0 { "||" } else { "&&" }))
        .collect();
    rules.push(alternating + "$0");
    for text in &rules {
        let rule = Rule::parse(text, &keys).unwrap_or_else(|error| panic!("{error}"));
        for filled in [vec![false; 128], vec![true; 128]] {
            let missing = Requirements::missing(&rule, &filled);
            assert!(missing.sets.len() <= 8 && missing.groups.len() <= 200);
        }
    }
    // Twenty pairs of alternatives have a million sets: the groups are named instead.
    let rule = Rule::parse(&rules[0], &keys).unwrap();
    let missing = Requirements::missing(&rule, &[false; 128]);
    let named: usize = missing.groups.len();
    assert!(
        missing.sets.is_empty() && named > 0 && missing.more >= 1,
        "{missing:?}"
    );
    assert!(missing.groups.iter().flatten().all(|set| !set.is_empty()));
}

#[test]
fn a_rule_may_be_as_long_as_the_limit_and_not_a_byte_longer() {
    let limit = sportello::form::MAX_RULE_BYTES;
    let whole = format!("$0{}", " ".repeat(limit - 2));
    assert!(sportello::form::Rule::parse(&whole, &["$0"]).is_ok());
    let error = sportello::form::Rule::parse(&format!("{whole} "), &["$0"]).unwrap_err();
    assert_eq!(error.code(), "schema.rule_too_long");
}
