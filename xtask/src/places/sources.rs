//! The recorded sources: how they are fetched and read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::calendar::{code_of, date, index};
use super::tables::EARLIEST;
use super::{Entry, Places};
use crate::shell::Shell;

pub(super) const ANPR: &str = "python-codicefiscale==0.12.1";
pub(super) const ANPR_SHA256: &str = "80ade613229d9e7ca4983c26c81bd680982862b089e205c3ee157a292f675610";
pub(super) const BELFIORE: &str = "@marketto/belfiore-connector-embedded@1.2.1";
const BELFIORE_SHA512: &str =
    "sha512-I9pkb3qlhBhgFJkiP02iZ3g/M4ZR9yd6Rt/u2fWzS8wxeBIGSvloZpPO32yFs7rWfRnoB/yXZ8rbXVlvqA7Ozg==";
pub(super) const CATASTO: &str = "codice-fiscale-js@2.4.0";
const CATASTO_SHA512: &str =
    "sha512-xP843AI9e7WiWWfScKjaJLRkLnyD5+FUdYpstPlGY7e/gNbhix4y+AryPTZnvgO0V65KW4mKQHQK7DHzLLIfEg==";

/// Downloads all three, each checked against its digest; their folders.
pub(super) fn fetch(shell: &mut Shell, folder: &Path) -> Result<[PathBuf; 3]> {
    Ok([
        fetch_python(shell, folder)?,
        fetch_npm(shell, folder, BELFIORE, BELFIORE_SHA512)?,
        fetch_npm(shell, folder, CATASTO, CATASTO_SHA512)?,
    ])
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
pub(super) fn anpr_places(data: &Path) -> Result<Places> {
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
pub(super) fn belfiore_places(path: &Path) -> Result<Places> {
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

/// Provinces that came to Italy after 1918, some of them lost in 1947, and abroad: there the archive of the first source has gaps. Elsewhere it begins
/// with the kingdom, and a place that it lacks was gone before anybody was born who is alive.
const GAPS: [&str; 8] = ["GO", "TS", "FU", "PL", "ZA", "TN", "BZ", "EE"];

/// The codes in rows `['M296', 'PL', …]` of the third package's list that may be somebody's birthplace.
pub(super) fn catasto_codes(path: &Path) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(path)?;
    let row = |row: &str| {
        let (code, province) = row.split_once("', '")?;
        let fits = index(code).is_some() && GAPS.contains(&province.get(..2)?);
        fits.then(|| code.to_owned())
    };
    let codes: BTreeSet<String> = text.split("['").skip(1).filter_map(row).collect();
    if codes.len() < 1000 {
        bail!("only {} codes in {}", codes.len(), path.display());
    }
    Ok(codes)
}
