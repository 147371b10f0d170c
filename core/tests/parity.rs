//! ARCHITECTURE.md's parity table: every name that it promises stands in the place that language is made from.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Everything under a folder with one of these endings, as one text.
fn sources(folder: &str, endings: &[&str]) -> String {
    let mut text = String::new();
    let mut folders = vec![repository().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)
            .unwrap_or_else(|_| panic!("no {}", folder.display()))
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if endings
                .iter()
                .any(|ending| path.to_string_lossy().ends_with(ending))
            {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    text
}

/// `fromJson` as Rust writes it, for what UniFFI makes out of the binding's own source.
fn snake(name: &str) -> String {
    name.chars()
        .flat_map(|c| {
            if c.is_uppercase() {
                vec!['_', c.to_ascii_lowercase()]
            } else {
                vec![c]
            }
        })
        .collect()
}

#[test]
fn every_name_of_the_parity_table_is_there() {
    let mobile = sources("bindings-mobile/src", &[".rs"]);
    let languages = [
        sources("core/src", &[".rs"]),
        sources("bindings-wasm/js/src", &[".ts"]),
        sources("bindings-python/python", &[".py", ".pyi"]),
        format!("{mobile}{}", sources("bindings-mobile/kotlin/src/main", &[".kt"])),
        format!(
            "{mobile}{}",
            sources("bindings-mobile/swift/Sources", &[".swift"])
        ),
    ];
    let document = std::fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let table = document
        .split("| what | Rust |")
        .nth(1)
        .expect("the parity table");
    let rows: Vec<&str> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let mut names = 0;
    for row in &rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for (language, cell) in languages.iter().zip(&cells[2..7]) {
            let Some(name) = cell.split('`').nth(1) else {
                continue;
            };
            for part in name.split([':', '.', '(', ')']).filter(|part| !part.is_empty()) {
                let word = |name: &str| {
                    language.match_indices(name).any(|(at, _)| {
                        let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
                        outside(language[..at].chars().next_back())
                            && outside(language[at + name.len()..].chars().next())
                    })
                };
                // Kotlin calls what ends in `Error` an exception.
                let known = word(part) || word(&snake(part)) || word(&part.replace("Exception", "Error"));
                assert!(known, "`{name}` of `{}` is not there", cells[1]);
                names += 1;
            }
        }
    }
    println!("{names} names in {} rows", rows.len());
    assert!(
        rows.len() >= 9 && names > 50,
        "{} rows, {names} names",
        rows.len()
    );
}
