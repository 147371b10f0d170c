//! What is written: which codes there are, with their periods, and the register of names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use super::calendar::{day, index};
use super::pack::pack;
use super::{Entry, Places};

/// No birth of anybody who needs a codice fiscale (given since 1973, to whoever lived then) is told apart before this day.
pub(super) const EARLIEST: &str = "1900-01-01";
/// The end of a place that is still there, in days.
pub(super) const OPEN: u16 = u16::MAX;

/// Every known code with its periods, none where it was there all the time; packed. And how many have periods.
pub(super) fn existence(known: &BTreeSet<&str>, places: &Places) -> Result<(Vec<u8>, usize)> {
    let mut histories = BTreeMap::new();
    for code in known {
        let entries = places.get(*code);
        let own = entries.map_or_else(|| Ok(Vec::new()), |entries| periods(entries))?;
        let always = own == [(day(EARLIEST)?, OPEN)];
        histories.insert(
            index(code).context("a code")?,
            if always { Vec::new() } else { own },
        );
    }
    let dated = histories.values().filter(|own| !own.is_empty()).count();
    Ok((pack(&histories, day(EARLIEST)?)?, dated))
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
pub(super) fn register(places: &Places) -> String {
    let mut out = String::new();
    for (code, entries) in places {
        let mut entries: Vec<&Entry> = entries.iter().collect();
        entries.sort_by(|a, b| a.from.cmp(&b.from));
        let mut lines: Vec<Line<'_>> = Vec::new();
        for entry in entries {
            match lines.last_mut() {
                Some(line) if line.goes_on_as(entry) => line.add(entry),
                _ => {
                    let mut line = Line {
                        first: entry,
                        provinces: Vec::new(),
                        to: &entry.to,
                        others: Vec::new(),
                    };
                    line.add(entry);
                    lines.push(line);
                }
            }
        }
        for Line {
            first,
            provinces,
            to,
            others,
        } in lines
        {
            let (provinces, others) = (provinces.join(","), others.join("|"));
            // Writing to a text can't fail.
            let _ = writeln!(
                out,
                "{code}\t{}\t{provinces}\t{}\t{to}\t{others}",
                first.name, first.from
            );
        }
    }
    out
}

/// One name of a place, while it had it.
struct Line<'a> {
    first: &'a Entry,
    provinces: Vec<&'a str>,
    to: &'a str,
    others: Vec<&'a str>,
}

impl<'a> Line<'a> {
    /// The same name, from the day after or earlier.
    fn goes_on_as(&self, entry: &Entry) -> bool {
        let follows = || match (day(self.to), day(&entry.from)) {
            (Ok(to), Ok(from)) => from <= to.saturating_add(1),
            _ => self.to.is_empty() || entry.from.is_empty(),
        };
        self.first.name == entry.name && follows()
    }

    fn add(&mut self, entry: &'a Entry) {
        self.provinces.retain(|province| *province != entry.province);
        self.provinces.insert(0, &entry.province);
        self.to = &entry.to;
        for other in &entry.other_names {
            if !self.others.contains(&other.as_str()) {
                self.others.push(other);
            }
        }
    }
}
