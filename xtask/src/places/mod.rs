//! Makes the tables of places out of recorded sources: `core/src/places/{existence.bin,register.tsv,SOURCES.md}`.
//!
//! Three packages, each at one version and with its digest: names and dates come from the first; the second fills what the first lacks and is
//! compared with it; of the third only the bare existence of a code is taken, where the registers have gaps.

mod calendar;
mod pack;
mod sources;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::Result;

use crate::Project;
use sources::{ANPR, ANPR_SHA256, BELFIORE, CATASTO, anpr_places, belfiore_places, catasto_codes, fetch};
use tables::{EARLIEST, existence, register};

/// One name of a place while it had it.
struct Entry {
    name: String,
    other_names: Vec<String>,
    province: String,
    /// `yyyy-mm-dd`, or empty for "since ever" and "still".
    from: String,
    to: String,
}

type Places = BTreeMap<String, Vec<Entry>>;

/// Fetches the sources and writes the tables.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("places")?;
    let folder = project.cache.path("places");
    fs::create_dir_all(&folder)?;
    let [anpr, belfiore, catasto] = fetch(shell, &folder)?;

    let mut places = anpr_places(&anpr.join("src/codicefiscale/data"))?;
    let second = belfiore_places(&belfiore.join("asset/cities-countries.ts"))?;
    let third = catasto_codes(&catasto.join("src/lista-comuni.js"))?;
    let notes = compare(&places, &second, &third);
    for (code, entries) in second {
        places.entry(code).or_insert(entries);
    }
    let out = project.repo.join("core/src/places");
    let known: BTreeSet<&str> = places
        .keys()
        .map(String::as_str)
        .chain(third.iter().map(String::as_str))
        .collect();
    let (bytes, dated) = existence(&known, &places)?;
    let register = register(&places);
    let sources = sources(&notes, known.len(), dated, places.len(), &bytes, &register);
    fs::write(out.join("existence.bin"), &bytes)?;
    fs::write(out.join("register.tsv"), &register)?;
    fs::write(out.join("SOURCES.md"), sources)?;
    println!(
        "  {} codes, {dated} of them with dates; {} bytes and a register of {} bytes",
        known.len(),
        bytes.len(),
        register.len()
    );
    Ok(true)
}

/// What the sources say of each other, as lines for people.
fn compare(first: &Places, second: &Places, third: &BTreeSet<String>) -> Vec<String> {
    let last = |entries: &[Entry]| {
        let ends = entries.iter().map(|entry| entry.to.as_str());
        if entries.iter().any(|entry| entry.to.is_empty()) {
            ""
        } else {
            ends.max().unwrap_or_default()
        }
        .to_owned()
    };
    let municipal = |code: &&String| !code.starts_with('Z');
    let both: Vec<&String> = first
        .keys()
        .filter(municipal)
        .filter(|code| second.contains_key(*code))
        .collect();
    let differ: Vec<&str> = both
        .iter()
        .filter(|code| {
            first.get(**code).map(|entries| last(entries)) != second.get(**code).map(|entries| last(entries))
        })
        .map(|code| code.as_str())
        .collect();
    let only = |codes: Vec<&String>| {
        let shown: Vec<&str> = codes.iter().take(40).map(|code| code.as_str()).collect();
        let more = codes.len().saturating_sub(shown.len());
        format!(
            "{}{}",
            shown.join(" "),
            if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            }
        )
    };
    let lack_second: Vec<&String> = first.keys().filter(|code| !second.contains_key(*code)).collect();
    let lack_first: Vec<&String> = second.keys().filter(|code| !first.contains_key(*code)).collect();
    let third_alone: Vec<&String> = third
        .iter()
        .filter(|code| !first.contains_key(*code) && !second.contains_key(*code))
        .collect();
    vec![
        format!(
            "{} municipal codes are in the first and the second source; of {} the last day is the same, of {} it differs: {}",
            both.len(),
            both.len() - differ.len(),
            differ.len(),
            differ.iter().take(60).copied().collect::<Vec<_>>().join(" ")
        ),
        format!(
            "In the first and not in the second ({}): {}",
            lack_second.len(),
            only(lack_second)
        ),
        format!(
            "In the second and not in the first ({}), taken from it: {}",
            lack_first.len(),
            only(lack_first)
        ),
        format!(
            "Only in the third ({}), known without name or dates: {}",
            third_alone.len(),
            only(third_alone)
        ),
    ]
}

fn sources(
    notes: &[String],
    known: usize,
    dated: usize,
    named: usize,
    bytes: &[u8],
    register: &str,
) -> String {
    format!(
        "# Places: where the tables come from\n\n\
        Written by `cargo xtask places`; not to be edited. A newer version of a source is a changed line in `xtask/src/places.rs`.\n\n\
        | source | what is taken | licence |\n|---|---|---|\n\
        | PyPI `{ANPR}`, sha256 `{ANPR_SHA256}` | municipalities with names, provinces and dates, the historical archive of ANPR (Ministero dell'Interno); countries | package MIT; ANPR open data CC BY 4.0 |\n\
        | npm `{BELFIORE}` | codes that the first lacks; compared with it | package MIT; Agenzia delle Entrate and Ministero dell'Interno CC BY 4.0, ISTAT CC BY 3.0 |\n\
        | npm `{CATASTO}` | the bare existence of codes that the Agenzia delle Entrate gave to dependent territories and former countries, and to places of the provinces that came to Italy after 1918, where the archive has gaps; no name, no date, no text | CC BY-SA; the codes are facts |\n\n\
        Looked at on 2026-11-23. {known} codes are known, {named} of them with a name, {dated} with dates that matter (births since {EARLIEST}). \
        `existence.bin` {} bytes, `register.tsv` {} bytes.\n\n\
        ## What the sources say of each other\n\n{}\n\n\
        A code is known when any source has it. A place that is gone, or not there yet, on the birth date is a warning only: the tax office \
        itself gives such codes.\n",
        bytes.len(),
        register.len(),
        notes
            .iter()
            .map(|note| format!("* {note}."))
            .collect::<Vec<_>>()
            .join("\n")
    )
}
