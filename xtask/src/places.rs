//! Makes the tables of places out of recorded sources: `core/src/places/{existence.bin,register.tsv,SOURCES.md}`.
//!
//! Three packages, each at one version and with its digest: names and dates come from the first; the second fills what the first lacks and is
//! compared with it; of the third only the bare existence of a code is taken, for places gone before the registers began.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::Project;
use crate::shell::Shell;

const ANPR: &str = "python-codicefiscale==0.12.1";
const ANPR_SHA256: &str = "80ade613229d9e7ca4983c26c81bd680982862b089e205c3ee157a292f675610";
const BELFIORE: &str = "@marketto/belfiore-connector-embedded@1.2.1";
const BELFIORE_SHA512: &str =
    "sha512-I9pkb3qlhBhgFJkiP02iZ3g/M4ZR9yd6Rt/u2fWzS8wxeBIGSvloZpPO32yFs7rWfRnoB/yXZ8rbXVlvqA7Ozg==";
const CATASTO: &str = "codice-fiscale-js@2.4.0";
const CATASTO_SHA512: &str =
    "sha512-xP843AI9e7WiWWfScKjaJLRkLnyD5+FUdYpstPlGY7e/gNbhix4y+AryPTZnvgO0V65KW4mKQHQK7DHzLLIfEg==";

/// 26 letters of a thousand codes.
const CODES: usize = 26_000;
/// No birth of anybody who needs a codice fiscale (given since 1973, to whoever lived then) is told apart before this day.
const EARLIEST: &str = "1900-01-01";
/// The end of a place that is still there, in days.
const OPEN: u16 = u16::MAX;

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
    let anpr = fetch_python(shell, &folder)?;
    let belfiore = fetch_npm(shell, &folder, BELFIORE, BELFIORE_SHA512)?;
    let catasto = fetch_npm(shell, &folder, CATASTO, CATASTO_SHA512)?;

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

fn fetch_python(shell: &mut Shell, folder: &Path) -> Result<PathBuf> {
    let pins = folder.join("requirements.txt");
    fs::write(&pins, format!("{ANPR} --hash=sha256:{ANPR_SHA256}\n"))?;
    let mut pip = shell.command("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
        "--require-hashes",
    ]);
    pip.arg("--dest").arg(folder).arg("-r").arg(&pins);
    shell
        .run("download the ANPR register (PyPI)", &mut pip)?
        .require()?;
    unpack(shell, folder, &folder.join("python_codicefiscale-0.12.1.tar.gz"))?;
    Ok(folder.join("python_codicefiscale-0.12.1"))
}

fn fetch_npm(shell: &mut Shell, folder: &Path, package: &str, integrity: &str) -> Result<PathBuf> {
    let mut npm = shell.command("npm");
    npm.args(["pack", "--json", package]).current_dir(folder);
    let output = shell
        .run(&format!("download {package} (npm)"), &mut npm)?
        .require()?;
    if !output.contains(integrity) {
        bail!("{package} is not the package that was looked at: its digest differs");
    }
    let name = package.trim_start_matches('@').replace(['/', '@'], "-");
    let home = folder.join(&name);
    fs::create_dir_all(&home)?;
    unpack(shell, &home, &folder.join(format!("{name}.tgz")))?;
    Ok(home.join("package"))
}

fn unpack(shell: &mut Shell, into: &Path, archive: &Path) -> Result<()> {
    let mut tar = shell.command("tar");
    tar.arg("-xzf").arg(archive).arg("-C").arg(into);
    shell.run("unpack", &mut tar)?.require().map(drop)
}

/// The register of the municipalities (ANPR) and the list of countries, as the Python package carries them.
fn anpr_places(data: &Path) -> Result<Places> {
    let mut places = Places::new();
    for file in [
        "municipalities.json",
        "countries.json",
        "deleted-countries.json",
        "countries-patch.json",
    ] {
        let json: Value = serde_json::from_str(&fs::read_to_string(data.join(file))?)?;
        for item in json.as_array().context("a list of places")? {
            let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().trim();
            let day = |name: &str| text(name).get(..10).unwrap_or_default().to_owned();
            let code = text("code");
            // The register has 28 entries of municipalities that never had a code: `ND`.
            if index(code).is_none() {
                continue;
            }
            let entries = places.entry(code.to_owned()).or_default();
            // The countries' list says 1900 where it knows no beginning.
            let from = Some(day("date_created"))
                .filter(|from| from != EARLIEST)
                .unwrap_or_default();
            if entries
                .iter()
                .any(|known| known.name == text("name") && known.from == from)
            {
                continue;
            }
            let others = ["name_alt", "name_alt_en"].map(text).map(str::to_owned);
            let others: BTreeSet<String> = others
                .into_iter()
                .filter(|other| !other.is_empty() && other != text("name"))
                .collect();
            entries.push(Entry {
                name: text("name").to_owned(),
                other_names: others.into_iter().collect(),
                province: text("province").to_owned(),
                from,
                to: day("date_deleted"),
            });
        }
    }
    Ok(places)
}

/// The embedded data of the npm package: strings of fixed-width columns, numbers in base 32, days counted from 1 January 1861.
fn belfiore_places(path: &Path) -> Result<Places> {
    let text = fs::read_to_string(path)?;
    let json = text
        .split_once('{')
        .and_then(|(_, rest)| rest.rsplit_once('}'))
        .context("an object in the TypeScript file")?
        .0;
    let json: Value = serde_json::from_str(&format!("{{{json}}}"))?;
    let mut places = Places::new();
    for set in json
        .get("data")
        .and_then(Value::as_array)
        .context("the data sets")?
    {
        let column = |name: &str| set.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = |name: &str, at: usize, width: usize| {
            let part = column(name).get(at * width..(at + 1) * width)?;
            i64::from_str_radix(part, 32).ok()
        };
        for (at, name) in column("name").split('|').enumerate() {
            let code = number("belfioreCode", at, 3).and_then(|code| usize::try_from(code).ok());
            let code = code_of(code.context("a code")?);
            let from = number("creationDate", at, 4).filter(|day| *day > 0).map(date);
            // The package counts the day after the last one.
            let to = number("expirationDate", at, 4).map(|day| date(day - 1));
            let country = code.starts_with('Z');
            let province = column("provinceOrCountry").get(at * 2..at * 2 + 2);
            places.entry(code).or_default().push(Entry {
                name: name.to_owned(),
                other_names: vec![],
                province: if country {
                    "EE"
                } else {
                    province.unwrap_or_default()
                }
                .to_owned(),
                from: from.unwrap_or_default(),
                to: to.unwrap_or_default(),
            });
        }
    }
    Ok(places)
}

/// Every code that stands first in a row of the third package's list.
fn catasto_codes(path: &Path) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(path)?;
    let rows = text.split("['").skip(1);
    let codes: BTreeSet<String> = rows
        .filter_map(|row| row.get(..4))
        .filter(|code| index(code).is_some())
        .map(str::to_owned)
        .collect();
    if codes.len() < 10_000 {
        bail!("only {} codes in {}", codes.len(), path.display());
    }
    Ok(codes)
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
    let third_lacks: Vec<&String> = first.keys().filter(|code| !third.contains(*code)).collect();
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
        format!(
            "In the first and not in the third ({}): {}",
            third_lacks.len(),
            only(third_lacks)
        ),
    ]
}

/// Three bit sets over all codes (known; the low and the high bit of how many periods), then the first and the last days of the periods.
fn existence(known: &BTreeSet<&str>, places: &Places) -> Result<(Vec<u8>, usize)> {
    let mut sets = [vec![0u8; CODES / 8], vec![0u8; CODES / 8], vec![0u8; CODES / 8]];
    let (mut first, mut last, mut dated) = (Vec::new(), Vec::new(), 0);
    for code in known {
        let index = index(code).context("a code")?;
        let mut mark = |set: usize| {
            if let Some(byte) = sets.get_mut(set).and_then(|set| set.get_mut(index / 8)) {
                *byte |= 1 << (index % 8);
            }
        };
        mark(0);
        let Some(entries) = places.get(*code) else {
            continue;
        };
        let periods = periods(entries)?;
        if periods == [(day(EARLIEST)?, OPEN)] {
            continue;
        }
        dated += 1;
        match periods.len() {
            1 => mark(1),
            2 => mark(2),
            3 => {
                mark(1);
                mark(2);
            }
            other => bail!("{code} has {other} periods: the table holds three"),
        }
        for (from, to) in periods {
            first.extend(from.to_le_bytes());
            last.extend(to.to_le_bytes());
        }
    }
    let mut bytes = sets.concat();
    bytes.extend(first);
    bytes.extend(last);
    Ok((bytes, dated))
}

/// When a code was in use since [`EARLIEST`], as days; one period that is over before the first day for those that were gone by then.
fn periods(entries: &[Entry]) -> Result<Vec<(u16, u16)>> {
    let earliest = day(EARLIEST)?;
    let mut all = Vec::new();
    for entry in entries {
        let from = if entry.from.is_empty() {
            earliest
        } else {
            day(&entry.from)?.max(earliest)
        };
        let to = if entry.to.is_empty() {
            OPEN
        } else {
            day(&entry.to)?
        };
        if to >= from {
            all.push((from, to));
        }
    }
    all.sort_unstable();
    let mut merged: Vec<(u16, u16)> = Vec::new();
    for (from, to) in all {
        match merged.last_mut() {
            Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
            _ => merged.push((from, to)),
        }
    }
    if merged.is_empty() {
        merged.push((0, 0));
    }
    Ok(merged)
}

/// One line per name: code, name, provinces (the last first), first day, last day, other names. Names that went on under another province
/// are one line.
fn register(places: &Places) -> String {
    let mut out = String::new();
    for (code, entries) in places {
        let mut entries: Vec<&Entry> = entries.iter().collect();
        entries.sort_by(|a, b| a.from.cmp(&b.from));
        let mut lines: Vec<(String, Vec<String>, String, String, Vec<String>)> = Vec::new();
        for entry in entries {
            let follows = |to: &str| {
                to.is_empty() || entry.from.is_empty() || {
                    let (Ok(to), Ok(from)) = (day(to), day(&entry.from)) else {
                        return false;
                    };
                    from <= to.saturating_add(1)
                }
            };
            match lines.last_mut() {
                Some((name, provinces, _, to, others)) if *name == entry.name && follows(to) => {
                    provinces.retain(|province| *province != entry.province);
                    provinces.insert(0, entry.province.clone());
                    to.clone_from(&entry.to);
                    for other in &entry.other_names {
                        if !others.contains(other) {
                            others.push(other.clone());
                        }
                    }
                }
                _ => lines.push((
                    entry.name.clone(),
                    vec![entry.province.clone()],
                    entry.from.clone(),
                    entry.to.clone(),
                    entry.other_names.clone(),
                )),
            }
        }
        for (name, provinces, from, to, others) in lines {
            let (provinces, others) = (provinces.join(","), others.join("|"));
            // Writing to a text can't fail.
            let _ = writeln!(out, "{code}\t{name}\t{provinces}\t{from}\t{to}\t{others}");
        }
    }
    out
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
        | npm `{CATASTO}` | the bare existence of codes that the Agenzia delle Entrate gave to places gone before the archive begins, and to dependent territories; no name, no date, no text | CC BY-SA; the codes are facts |\n\n\
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

/// The place of a code among all of them.
fn index(code: &str) -> Option<usize> {
    let (letter, digits) = code.split_at_checked(1)?;
    let letter = letter.bytes().next().filter(u8::is_ascii_uppercase)?;
    let digits = (digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)?;
    Some(usize::from(letter - b'A') * 1000 + digits.parse::<usize>().ok()?)
}

fn code_of(index: usize) -> String {
    let letter = u8::try_from(index / 1000)
        .ok()
        .map_or('?', |letter| char::from(b'A' + letter));
    format!("{letter}{:03}", index % 1000)
}

/// Days from 1 January 1861.
fn day(text: &str) -> Result<u16> {
    let mut parts = text.split('-').map(str::parse::<i64>);
    let mut next = || parts.next().context("a date")?.context("a date");
    let (year, month, day) = (next()?, next()?, next()?);
    let days = days_from_civil(year, month, day) - days_from_civil(1861, 1, 1);
    u16::try_from(days).with_context(|| format!("`{text}` is not between 1861 and 2040"))
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let shifted = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * shifted + 2) / 5
        + day
}

/// The date of a day counted from 1 January 1861.
fn date(days: i64) -> String {
    let target = days + days_from_civil(1861, 1, 1);
    let mut year = 1861 + days / 366;
    while days_from_civil(year + 1, 1, 1) <= target {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days_from_civil(year, month + 1, 1) <= target {
        month += 1;
    }
    format!(
        "{year:04}-{month:02}-{:02}",
        target - days_from_civil(year, month, 1) + 1
    )
}

#[cfg(test)]
mod tests {
    use super::{code_of, date, day, index};

    #[test]
    fn days_and_dates_are_each_other_s_inverse() {
        for (text, days) in [
            ("1861-01-01", 0),
            ("1861-03-17", 75),
            ("1900-02-28", 14302),
            ("1900-03-01", 14303),
            ("2000-02-29", 50_828),
        ] {
            assert_eq!(day(text).ok(), Some(days), "{text}");
        }
        for days in 0..=u16::MAX {
            assert_eq!(
                day(&date(i64::from(days))).ok(),
                Some(days),
                "{}",
                date(i64::from(days))
            );
        }
    }

    #[test]
    fn codes_have_a_place_each() {
        assert_eq!((index("A000"), index("Z999")), (Some(0), Some(25_999)));
        assert_eq!(index("H501").map(code_of).as_deref(), Some("H501"));
        for wrong in ["ND", "h501", "H50", "H5011", "È501", ""] {
            assert_eq!(index(wrong), None, "{wrong}");
        }
    }
}
