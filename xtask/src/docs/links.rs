//! Whether the links of the built book lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};

/// What was compared.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Pages read.
    pub(super) pages: usize,
    /// Links to pages, places and files of the book.
    pub(super) inside: usize,
    /// Links to anywhere else.
    pub(super) outside: usize,
}

/// Compares every link of every page; an error names those that lead nowhere.
pub(super) fn check(book: &Path) -> Result<Found> {
    let mut pages = BTreeMap::new();
    read(book, &mut pages)?;
    let ids: BTreeMap<&PathBuf, BTreeSet<&str>> = pages
        .iter()
        .map(|(path, text)| (path, attributes(text, "id").collect()))
        .collect();
    let mut found = Found {
        pages: pages.len(),
        ..Found::default()
    };
    let mut broken = Vec::new();
    for (path, text) in &pages {
        for link in attributes(text, "href").chain(attributes(text, "src")) {
            if link.contains("://")
                || link.starts_with("mailto:")
                || link.starts_with("data:")
                || link.starts_with("javascript:")
            {
                found.outside += usize::from(!link.starts_with("data:"));
                continue;
            }
            found.inside += 1;
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                path.clone()
            } else {
                plain(
                    &path
                        .parent()
                        .unwrap_or(book)
                        .join(file.split('?').next().unwrap_or(file)),
                )
            };
            let there = if place.is_empty() || !ids.contains_key(&target) {
                target.exists() && (place.is_empty() || target == *path)
            } else {
                ids.get(&target).is_some_and(|ids| ids.contains(place))
            };
            if !there {
                broken.push(format!("{}: {link}", path.strip_prefix(book)?.display()));
            }
        }
    }
    broken.dedup();
    if broken.is_empty() {
        Ok(found)
    } else {
        bail!("links that lead nowhere:\n    {}", broken.join("\n    "))
    }
}

fn read(folder: &Path, pages: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(&path, pages)?;
        // The page for servers that find nothing: its base is the server's.
        } else if path.extension().is_some_and(|ending| ending == "html") && !path.ends_with("404.html") {
            pages.insert(path.clone(), fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// The values of an attribute, as mdBook writes it: in double quotes.
fn attributes<'a>(text: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let before = format!(" {name}=\"");
    let parts: Vec<&str> = text.split(before.as_str()).skip(1).collect();
    parts.into_iter().filter_map(|part| part.split('"').next())
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_a_place_and_a_file_are_looked_for() {
        let book = std::env::temp_dir().join(format!("sportello-xtask-links-{}", std::process::id()));
        fs::create_dir_all(book.join("deep")).unwrap();
        fs::write(
            book.join("one.html"),
            "<a href=\"deep/two.html#there\"><a href=\"#here\"><b id=\"here\">",
        )
        .unwrap();
        fs::write(
            book.join("deep/two.html"),
            "<i id=\"there\"><a href=\"../one.html\"><a href=\"https://example.org/\">",
        )
        .unwrap();
        let found = check(&book).unwrap();
        assert_eq!((found.pages, found.inside, found.outside), (2, 3, 1));
        for wrong in ["none.html", "one.html#nowhere", "#nowhere", "none.png"] {
            fs::write(book.join("wrong.html"), format!("<a href=\"{wrong}\">")).unwrap();
            assert!(check(&book).unwrap_err().to_string().contains(wrong), "{wrong}");
        }
        fs::remove_dir_all(&book).unwrap();
    }
}
