//! What the book's own pages are held to, in every test run: each program in it is a file that something runs, and each code is one that there is.

use std::collections::BTreeSet;

use serde_json::Value;

/// Where programs that the book shows may come from, and who runs them.
const RUN: [&str; 7] = [
    // `cargo xtask package --try`, and the relay's own test
    "README.md",
    "examples/relay/README.md",
    // the tests of the languages
    "core/tests/",
    "examples/",
    "bindings-wasm/js/test/",
    "bindings-mobile/kotlin/src/test/",
    "bindings-mobile/swift/Tests/",
];

/// Fences of these hold no program.
const PLAIN: [&str; 2] = ["text", "json"];

/// Every code in the table of errors: of verbs, rooms and findings.
pub(super) fn codes(table: &str) -> BTreeSet<String> {
    let table: Value = serde_json::from_str(table).unwrap_or_default();
    let mut codes = BTreeSet::new();
    collect(&table, &mut codes);
    codes
}

fn collect(value: &Value, codes: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_code(text) => {
            codes.insert(text.clone());
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, codes)),
        Value::Object(map) => map.values().for_each(|value| collect(value, codes)),
        _ => {}
    }
}

/// True for `submit.duplicate`, and for neither a sentence nor a file.
fn is_code(text: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    text.split_once('.')
        .is_some_and(|(family, name)| word(family) && word(name) && name != "json")
}

/// The includes of a page: path from the repository, and the name of the part.
fn includes(page: &str) -> Vec<(&str, Option<&str>)> {
    page.split("{{#include ../../")
        .skip(1)
        .filter_map(|rest| rest.split("}}").next())
        .map(|target| match target.split_once(':') {
            Some((path, part)) => (path, Some(part)),
            None => (target, None),
        })
        .collect()
}

/// What stands between fences of a page: the language and the text.
fn fences(page: &str) -> Vec<(&str, &str)> {
    page.split("\n```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.split_once('\n'))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn repository() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    fn pages() -> Vec<(String, String)> {
        let mut pages = Vec::new();
        for entry in fs::read_dir(repository().join("docs/src")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            pages.push((name, fs::read_to_string(&path).unwrap()));
        }
        assert!(pages.len() > 8);
        pages
    }

    #[test]
    fn no_program_stands_in_the_book_alone() {
        let mut shown = 0;
        for (name, page) in pages() {
            for (language, text) in fences(&page) {
                if PLAIN.contains(&language) {
                    continue;
                }
                let alone = text.trim();
                assert!(
                    alone.starts_with("{{#include ") && alone.lines().count() == 1,
                    "{name} has a program of its own: {alone}"
                );
            }
            for (path, part) in includes(&page) {
                let text = fs::read_to_string(repository().join(path))
                    .unwrap_or_else(|_| panic!("{name}: no {path}"));
                if let Some(part) = part {
                    let (from, to) = (format!("ANCHOR: {part}"), format!("ANCHOR_END: {part}"));
                    let is_there = |mark: &str| {
                        text.lines()
                            .any(|line| line.trim_end_matches(" -->").ends_with(mark))
                    };
                    assert!(
                        is_there(&from) && is_there(&to),
                        "{name}: {path} has no part `{part}`"
                    );
                }
                let is_run = RUN
                    .iter()
                    .any(|place| path == *place || place.ends_with('/') && path.starts_with(place));
                assert!(is_run || path.ends_with(".md"), "{name}: nothing runs {path}");
                shown += 1;
            }
        }
        assert!(shown > 8, "{shown}");
    }

    #[test]
    fn the_story_has_five_tabs() {
        let (_, story) = pages().into_iter().find(|(name, _)| name == "story.md").unwrap();
        let languages: Vec<&str> = story
            .split("data-language=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(languages, ["Rust", "Python", "JavaScript", "Kotlin", "Swift"]);
        assert!(fences(&story).len() >= languages.len());
    }

    #[test]
    fn every_code_that_the_book_names_is_there() {
        let table = fs::read_to_string(repository().join("core/vectors/errors.json")).unwrap();
        let codes = codes(&table);
        let families: BTreeSet<&str> = codes.iter().filter_map(|code| code.split('.').next()).collect();
        let mut named = 0;
        for (name, page) in pages() {
            for word in page.split('`').skip(1).step_by(2).filter(|word| is_code(word)) {
                let family = word.split('.').next().unwrap();
                if families.contains(family) {
                    assert!(codes.contains(word), "{name} names `{word}`");
                    named += 1;
                }
            }
        }
        assert!(named > 25, "{named}");
    }

    #[test]
    fn what_the_readme_says_is_printed_is_what_the_core_says() {
        let readme = fs::read_to_string(repository().join("README.md")).unwrap();
        let texts = fs::read_to_string(repository().join("bindings-wasm/js/src/texts/en.ts")).unwrap();
        let printed = readme.split("<!-- ANCHOR: prints -->").nth(1).unwrap();
        let (_, printed) = fences(printed)[0];
        for line in printed.lines() {
            let (code, text) = line.split_once(": ").unwrap();
            assert!(is_code(code) && texts.contains(&format!("\"{text}\"")), "{line}");
        }
        assert_eq!(printed.lines().count(), 2);
    }

    #[test]
    fn a_fence_and_an_include_are_found() {
        let page = "a\n\n```rust\n{{#include ../../core/a.rs:story}}\n```\n\n{{#include ../../README.md}}\n```text\nb\n```\n";
        assert_eq!(
            includes(page),
            [("core/a.rs", Some("story")), ("README.md", None)]
        );
        assert_eq!(
            fences(page),
            [("rust", "{{#include ../../core/a.rs:story}}"), ("text", "b")]
        );
        assert!(is_code("submit.duplicate") && !is_code("a sentence. then") && !is_code("file.txt.gz"));
    }
}
