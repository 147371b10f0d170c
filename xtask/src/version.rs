//! One version in every manifest: found, compared, raised.
//!
//! What counts is found by what stands around it, never by its value, so that a place that was forgotten is a place that differs.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::Project;

/// The version that the workspace says it has.
pub(crate) fn current(repo: &Path) -> Result<String> {
    let text = fs::read_to_string(repo.join("Cargo.toml"))?;
    let place = places("Cargo.toml", &text).into_iter().next();
    place
        .and_then(|place| text.get(place))
        .map(str::to_owned)
        .context("Cargo.toml has no version")
}

/// Writes a version wherever ours stands, and a heading of its own over what CHANGELOG.md has as unreleased.
pub(crate) fn raise(project: &Project, next: &str) -> Result<bool> {
    let repo = &project.repo;
    let now = current(repo)?;
    ensure!(
        number(next).is_some_and(|next| number(&now).is_none_or(|now| next > now)),
        "`{next}` is no version after {now}: three numbers, such as 0.2.0"
    );
    let mut changed = BTreeSet::new();
    for file in manifests(project)? {
        let path = repo.join(&file);
        let mut text = fs::read_to_string(&path)?;
        let found = places(&file, &text);
        for place in found.into_iter().rev() {
            text.replace_range(place, next);
            changed.insert(file.clone());
        }
        fs::write(&path, text)?;
    }
    let path = repo.join("CHANGELOG.md");
    let text = fs::read_to_string(&path)?;
    ensure!(
        text.contains("\n## Unreleased\n"),
        "CHANGELOG.md has no `## Unreleased`"
    );
    let day = time::OffsetDateTime::now_utc().date();
    let heading = format!("\n## Unreleased\n\n## {next} - {day}\n");
    fs::write(&path, text.replacen("\n## Unreleased\n", &heading, 1))?;
    for file in &changed {
        println!("  {file}");
    }
    println!("  CHANGELOG.md\n{now} is {next} now; nothing was committed");
    Ok(true)
}

/// The tracked files that a version of ours may stand in.
fn manifests(project: &Project) -> Result<Vec<String>> {
    let shell = project.shell("version")?;
    let said = shell.command("git").arg("ls-files").output()?;
    let listed = String::from_utf8_lossy(&said.stdout).into_owned();
    let files: Vec<String> = listed
        .lines()
        .filter(|file| is_manifest(file))
        .map(str::to_owned)
        .collect();
    if files.is_empty() {
        bail!("git lists no manifest here");
    }
    Ok(files)
}

fn is_manifest(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    file == "Cargo.toml"
        || name.ends_with(".md") && name != "CHANGELOG.md"
        || matches!(
            name,
            "Cargo.lock" | "package.json" | "package-lock.json" | "pom.xml" | "pyproject.toml"
        )
}

/// Where in a file a version of ours stands.
fn places(file: &str, text: &str) -> Vec<Range<usize>> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let mut found = Vec::new();
    let (mut before, mut at) = ("", 0);
    for line in text.split_inclusive('\n') {
        let ours = match name {
            "Cargo.toml" => before.trim() == "[workspace.package]" || line.starts_with("sportello"),
            "Cargo.lock" => match before.trim().strip_prefix("name = ") {
                // Workspaces of their own, which nobody else ever sees.
                Some("\"sportello-fuzz\"" | "\"sportello-checks-bench\"") => false,
                Some(name) => name.starts_with("\"sportello") || name == "\"xtask\"",
                None => false,
            },
            "package.json" | "package-lock.json" => before.trim().starts_with("\"name\": \"sportello"),
            "pom.xml" => before.trim().starts_with("<artifactId>sportello"),
            _ => false,
        };
        if ours && line.contains("version") {
            found.extend(shift(first(line), at));
        } else if name.ends_with(".md") {
            found.extend(
                named(line)
                    .into_iter()
                    .map(|place| place.start + at..place.end + at),
            );
        }
        (before, at) = (line, at + line.len());
    }
    found
}

/// Versions that are part of a name of ours in a text: `sportello-0.1.0.tgz`, `sportello==0.1.0`.
fn named(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find("sportello")) {
        let begin = from + at;
        let rest = line.get(begin..).unwrap_or_default();
        let word = rest
            .split(|c: char| c.is_whitespace() || "`\"'<>,()".contains(c))
            .next();
        if let Some(place) = word.and_then(first) {
            found.push(begin + place.start..begin + place.end);
        }
        from = begin + word.map_or(1, |word| word.len().max(1));
    }
    found
}

/// The first three numbers with points between them.
fn first(text: &str) -> Option<Range<usize>> {
    let starts = text.char_indices().filter(|(at, c)| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        c.is_ascii_digit() && !before.is_some_and(|c| c.is_ascii_digit() || c == '.')
    });
    for (start, _) in starts {
        let rest = text.get(start..).unwrap_or_default();
        let length = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let candidate = rest.get(..length).unwrap_or_default().trim_end_matches('.');
        if number(candidate).is_some() {
            return Some(start..start + candidate.len());
        }
    }
    None
}

fn shift(place: Option<Range<usize>>, by: usize) -> Option<Range<usize>> {
    place.map(|place| place.start + by..place.end + by)
}

/// A version as three numbers.
fn number(text: &str) -> Option<[u32; 3]> {
    let numbers: Vec<u32> = text
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    #[test]
    fn every_manifest_has_the_same_version() {
        let version = current(repository()).unwrap();
        let listed = std::process::Command::new("git")
            .arg("ls-files")
            .current_dir(repository())
            .output()
            .unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        let mut seen = 0;
        for file in listed.lines().filter(|file| is_manifest(file)) {
            let Ok(text) = fs::read_to_string(repository().join(file)) else {
                continue;
            };
            for place in places(file, &text) {
                assert_eq!(&text[place], version, "{file}");
                seen += 1;
            }
        }
        // The workspace, its four dependencies, eleven crates in the lock file, two npm packages, a pom.
        assert!(seen > 15, "{seen} places were found");
    }

    #[test]
    fn ours_are_told_from_those_of_others() {
        let read = |file: &str, text: &str| -> Vec<String> {
            let found = places(file, text);
            found.into_iter().map(|place| text[place].to_owned()).collect()
        };
        let manifest = "[workspace.package]\nversion = \"1.2.3\"\n[workspace.dependencies]\n\
            sportello = { path = \"core\", version = \"1.2.4\" }\nserde = { version = \"9.9.9\" }\n";
        assert_eq!(read("Cargo.toml", manifest), ["1.2.3", "1.2.4"]);
        let lock = "name = \"serde\"\nversion = \"9.9.9\"\nname = \"sportello-cli\"\nversion = \"1.2.3\"\n";
        assert_eq!(read("core/fuzz/Cargo.lock", lock), ["1.2.3"]);
        let npm = "{\n \"name\": \"sportello\",\n \"version\": \"1.2.3\",\n \"x\": {\n \"name\": \"y\",\n \"version\": \"9.9.9\"";
        assert_eq!(read("a/package-lock.json", npm), ["1.2.3"]);
        let pom = "<artifactId>sportello-kotlin</artifactId>\n<version>1.2.3</version>\n<artifactId>jna</artifactId>\n<version>5.18.1</version>";
        assert_eq!(read("pom.xml", pom), ["1.2.3"]);
        let text =
            "`npm install ./sportello-1.2.3.tgz` and sportello==1.2.4, not vite 9.9.9 beside sportello";
        assert_eq!(read("README.md", text), ["1.2.3", "1.2.4"]);
    }

    #[test]
    fn a_version_is_three_numbers() {
        assert!(number("1.2.3") < number("1.10.0"));
        for wrong in ["1.2", "1.2.3.4", "1.2.x", "", "-1.2.3"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
        assert_eq!(first("v10.2.30-linux"), Some(1..8));
        assert_eq!(first("1.2.3.4 and 5.6"), None);
    }
}
