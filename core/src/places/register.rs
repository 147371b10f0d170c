//! Names, provinces, dates, and the search by name: some 12,000 lines that are read when first asked for.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use time::{Date, Month};

use super::PlaceIndex;
use super::fold::{fold, is_marked, same_marks};

/// The register of municipalities and countries.
///
/// A program for browsers fetches `register.tsv` by itself and reads it with [`Places::from_text`]; others have it built in
/// (`Places::bundled`, feature `places`).
pub struct Places {
    text: Cow<'static, str>,
    rows: Vec<Row>,
    /// Every name and other name, folded, with its row; sorted.
    names: Vec<(String, u32)>,
}

/// Where a line's cells are in the text.
struct Row {
    code: Range<usize>,
    name: Range<usize>,
    provinces: Range<usize>,
    other_names: Range<usize>,
    from: Option<Date>,
    to: Option<Date>,
}

/// One name that a place has or had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Place<'a> {
    /// The cadastral code: `H501`.
    pub code: &'a str,
    /// The name: `Roma`.
    pub name: &'a str,
    /// The province's two letters, the last one that the place had; `EE` for a country.
    pub province: &'a str,
    /// All its provinces, the last first, with commas: `LO,MI`.
    pub provinces: &'a str,
    /// Other names, as in a second language, with `|`.
    pub other_names: &'a str,
    /// The first day under this name; `None` when no record says so.
    pub from: Option<Date>,
    /// The last day under this name; `None` when it has it still.
    pub to: Option<Date>,
}

impl Place<'_> {
    /// True when the place has this name today.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.to.is_none()
    }

    /// True when the place had this name on that day.
    #[must_use]
    pub fn stood_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// True for a country.
    #[must_use]
    pub fn is_country(&self) -> bool {
        self.code.starts_with('Z')
    }
}

impl fmt::Display for Place<'_> {
    /// `Livo (CO)`; a country by its name alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_country() {
            f.write_str(self.name)
        } else {
            write!(f, "{} ({})", self.name, self.province)
        }
    }
}

/// No one place is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindPlaceError<'a> {
    /// There is none of this name or code.
    #[error("no municipality or country of this name or code")]
    NotFound,
    /// Several have the name: each with its province.
    #[error("several places have this name: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Several(Vec<Place<'a>>),
}

/// The text is not a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {0} is not one of a register of places")]
pub struct RegisterError(usize);

impl Places {
    /// The register that is built in, read when first asked for.
    #[cfg(feature = "places")]
    #[must_use]
    pub fn bundled() -> &'static Places {
        static PLACES: std::sync::OnceLock<Places> = std::sync::OnceLock::new();
        PLACES.get_or_init(|| {
            // The tests read it; an empty register is no reason to stop a program.
            Places::from_text(include_str!("register.tsv")).unwrap_or_else(|_| Places {
                text: Cow::Borrowed(""),
                rows: Vec::new(),
                names: Vec::new(),
            })
        })
    }

    /// A register from the lines of `register.tsv`: code, name, provinces, first day, last day, other names, separated by tabs.
    ///
    /// # Errors
    /// A line is not of this form.
    pub fn from_text(text: impl Into<Cow<'static, str>>) -> Result<Places, RegisterError> {
        let text = text.into();
        let mut rows = Vec::new();
        let mut at = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let row = read(line.trim_end_matches(['\n', '\r']), at);
            rows.push(row.ok_or(RegisterError(number + 1))?);
            at += line.len();
        }
        let mut names = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let row_index = u32::try_from(index).unwrap_or(u32::MAX);
            let others = text.get(row.other_names.clone()).unwrap_or_default();
            let own = text.get(row.name.clone()).unwrap_or_default();
            for name in std::iter::once(own).chain(others.split('|').filter(|other| !other.is_empty())) {
                names.push((fold(name), row_index));
            }
        }
        names.sort_unstable();
        names.dedup();
        Ok(Places { text, rows, names })
    }

    /// Every name that the place of this code has or had, the first one first.
    pub fn of_code(&self, code: &str) -> impl Iterator<Item = Place<'_>> {
        let cell = |row: &Row| self.text.get(row.code.clone()).unwrap_or_default();
        let start = self.rows.partition_point(|row| cell(row) < code);
        let rows = self.rows.get(start..).unwrap_or_default().iter();
        let code = code.to_owned();
        rows.take_while(move |row| cell(row) == code)
            .map(|row| self.place(row))
    }

    /// The name of a place on a day; without a day, or where no record has that day, its last name.
    #[must_use]
    pub fn named(&self, code: &str, on: Option<Date>) -> Option<Place<'_>> {
        let then = on.and_then(|day| self.of_code(code).find(|place| place.stood_on(day)));
        then.or_else(|| self.of_code(code).last())
    }

    /// Places whose name begins so, or has a word that does; blind to accents, case, apostrophes. The same name first, then those that begin
    /// with it, those that are still there before others. At most `limit`.
    #[must_use]
    pub fn search(&self, text: &str, limit: usize) -> Vec<Place<'_>> {
        let (name, province) = split_province(text);
        let wanted = fold(name);
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut word = " ".to_owned();
        word.push_str(&wanted);
        let mut found: Vec<(bool, bool, bool, &str, u32)> = self
            .names
            .iter()
            .filter(|(name, _)| name.starts_with(&wanted) || holds(name, &word))
            .filter_map(|(name, row)| {
                let place = self.row(*row)?;
                let fits = province.is_none_or(|province| has_province(&place, province));
                fits.then_some((
                    *name != wanted,
                    !place.is_current(),
                    !name.starts_with(&wanted),
                    name.as_str(),
                    *row,
                ))
            })
            .collect();
        found.sort_unstable();
        let mut places: Vec<Place<'_>> = Vec::new();
        for (.., row) in found {
            if let Some(place) = self.row(row)
                && !places
                    .iter()
                    .any(|known| (known.code, known.name) == (place.code, place.name))
            {
                places.push(place);
            }
            if places.len() == limit {
                break;
            }
        }
        places
    }

    /// The one place that a person means by a code or a name: `H501`, `Roma`, `Livo (TN)`, `Livo TN`. A day leaves those out that did not have the
    /// name then, when another did.
    ///
    /// # Errors
    /// None has the name, or several do: `Livo` is in the provinces of Como and Trento, and `Paterno` may be Paternò.
    pub fn find(&self, text: &str, on: Option<Date>) -> Result<Place<'_>, FindPlaceError<'_>> {
        let text = text.trim();
        let code = text.to_ascii_uppercase();
        if PlaceIndex::parse(&code).is_some() {
            return self.named(&code, on).ok_or(FindPlaceError::NotFound);
        }
        let found = self.same_name(text, None);
        let found = if found.is_empty() {
            let (name, province) = split_province(text);
            self.same_name(name, province)
        } else {
            found
        };
        let found: Vec<Place<'_>> = match on {
            Some(day) => narrow(found, |place| place.stood_on(day)),
            None => narrow(found, Place::is_current),
        };
        let typed = split_province(text).0;
        let found = if is_marked(typed) {
            narrow(found, |place| same_marks(typed, place.name))
        } else {
            found
        };
        match found.as_slice() {
            [] => Err(FindPlaceError::NotFound),
            [first, rest @ ..] if rest.iter().all(|other| other.code == first.code) => Ok(*first),
            _ => Err(FindPlaceError::Several(found)),
        }
    }

    /// The codes of all places that have or ever had this name, in any province or the one that is named.
    #[must_use]
    pub fn codes_named(&self, text: &str) -> Vec<&str> {
        let text = text.trim();
        let (name, province) = split_province(text);
        let mut found = self.same_name(text, None);
        if found.is_empty() {
            found = self.same_name(name, province);
        }
        found.iter().map(|place| place.code).collect()
    }

    fn same_name(&self, name: &str, province: Option<&str>) -> Vec<Place<'_>> {
        let wanted = fold(name);
        let start = self.names.partition_point(|(name, _)| *name < wanted);
        let same = self
            .names
            .iter()
            .skip(start)
            .take_while(|(name, _)| *name == wanted);
        same.filter_map(|(_, row)| self.row(*row))
            .filter(|place| province.is_none_or(|province| has_province(place, province)))
            .collect()
    }

    fn row(&self, index: u32) -> Option<Place<'_>> {
        self.rows.get(index as usize).map(|row| self.place(row))
    }

    fn place(&self, row: &Row) -> Place<'_> {
        let cell = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default();
        let provinces = cell(&row.provinces);
        Place {
            code: cell(&row.code),
            name: cell(&row.name),
            province: provinces.split(',').next().unwrap_or_default(),
            provinces,
            other_names: cell(&row.other_names),
            from: row.from,
            to: row.to,
        }
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places({} lines)", self.rows.len())
    }
}

/// True when a word begins so; the standard library's search for a text would double what a page loads for names.
fn holds(name: &str, word: &str) -> bool {
    let starts = name.bytes().enumerate().filter(|(_, byte)| *byte == b' ');
    let mut rests = starts.filter_map(|(at, _)| name.get(at..));
    rests.any(|rest| rest.starts_with(word))
}

/// Those that fit, unless none does.
fn narrow<'a>(found: Vec<Place<'a>>, keep: impl Fn(&Place<'a>) -> bool) -> Vec<Place<'a>> {
    if found.iter().any(&keep) {
        found.into_iter().filter(|place| keep(place)).collect()
    } else {
        found
    }
}

fn has_province(place: &Place<'_>, province: &str) -> bool {
    place
        .provinces
        .split(',')
        .any(|one| one.eq_ignore_ascii_case(province))
}

/// `Livo (TN)`, `Livo, TN`, `Livo TN`: the name and the province.
fn split_province(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let bare = text.strip_suffix(')').unwrap_or(text);
    let Some(at) = bare.rfind([' ', '(', ',']) else {
        return (text, None);
    };
    let (name, province) = bare.split_at(at);
    let province = province.trim_start_matches([' ', '(', ',']);
    let name = name.trim_end_matches([' ', '(', ',']);
    if province.len() == 2 && province.bytes().all(|byte| byte.is_ascii_alphabetic()) && !name.is_empty() {
        (name, Some(province))
    } else {
        (text, None)
    }
}

fn read(line: &str, at: usize) -> Option<Row> {
    let mut cells = line.split('\t');
    let mut start = at;
    let mut next = || {
        let cell = cells.next()?;
        let range = start..start + cell.len();
        start = range.end + 1;
        Some((cell, range))
    };
    let (code, code_range) = next()?;
    PlaceIndex::parse(code)?;
    let (_, name) = next()?;
    let (_, provinces) = next()?;
    let (from, _) = next()?;
    let (to, _) = next()?;
    let (_, other_names) = next()?;
    Some(Row {
        code: code_range,
        name,
        provinces,
        other_names,
        from: date(from)?,
        to: date(to)?,
    })
}

/// A date, or that there is none; the outer `None` for what is no date.
#[allow(clippy::option_option, reason = "an empty cell is not a wrong one")]
fn date(text: &str) -> Option<Option<Date>> {
    if text.is_empty() {
        return Some(None);
    }
    let mut parts = text.split('-');
    let year = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    let month = Month::try_from(month).ok()?;
    Date::from_calendar_date(year, month, day).ok().map(Some)
}
