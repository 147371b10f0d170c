//! Packs which codes there are, and when, so that a page downloads little of it; `core/src/places/unpack.rs` reads it and says how it looks.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};

use super::tables::OPEN;

/// 26 letters of a thousand codes.
const CODES: usize = 26_000;

/// Codes with their periods, first and last day; a code without any was there all the time.
pub(super) fn pack(histories: &BTreeMap<usize, Vec<(u16, u16)>>, earliest: u16) -> Result<Vec<u8>> {
    let kind = |(from, to): (u16, u16)| match (from, to) {
        (0, 0) => 0u8,
        _ if from == earliest => 1,
        _ if to == OPEN => 2,
        _ => 3,
    };
    let mut patterns: Vec<Vec<u8>> = Vec::new();
    let mut halves = vec![0u8; CODES];
    let (mut firsts, mut lasts) = (Vec::new(), Vec::new());
    for (code, periods) in histories {
        let pattern: Vec<u8> = periods.iter().map(|period| kind(*period)).collect();
        if pattern.len() > 3 {
            bail!("code {code} has {} periods: the table holds three", pattern.len());
        }
        let known = patterns.iter().position(|known| *known == pattern);
        let half = match known {
            _ if pattern.is_empty() => 1,
            Some(known) => known + 2,
            None => {
                patterns.push(pattern);
                patterns.len() + 1
            }
        };
        *halves.get_mut(*code).context("a code")? = u8::try_from(half)
            .ok()
            .filter(|half| *half < 16)
            .context("more patterns than half a byte tells apart")?;
        for (from, to) in periods {
            let kind = kind((*from, *to));
            firsts.extend(matches!(kind, 2 | 3).then_some(*from));
            lasts.extend(matches!(kind, 1 | 3).then_some(*to));
        }
    }
    let mut bytes = vec![u8::try_from(patterns.len())?];
    for pattern in patterns {
        bytes.push(u8::try_from(pattern.len())?);
        bytes.extend(pattern);
    }
    let days = [&firsts, &lasts].map(|days| days.iter().copied().collect::<BTreeSet<u16>>());
    for days in &days {
        number(&mut bytes, u16::try_from(days.len())?);
        let mut before = 0;
        for day in days {
            number(&mut bytes, day - before);
            before = *day;
        }
    }
    bytes.extend(halves.chunks(2).map(|both| match both {
        [low, high] => low | high << 4,
        other => other.first().copied().unwrap_or(0),
    }));
    for (given, days) in [firsts, lasts].iter().zip(&days) {
        let places: Vec<u16> = given
            .iter()
            .filter_map(|day| u16::try_from(days.iter().position(|known| known == day)?).ok())
            .collect();
        bytes.extend(places.iter().map(|place| place.to_le_bytes()[0]));
        bytes.extend(places.iter().map(|place| place.to_le_bytes()[1]));
    }
    Ok(bytes)
}

fn number(bytes: &mut Vec<u8>, mut number: u16) {
    while number > 127 {
        bytes.push((number & 127) as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
}
