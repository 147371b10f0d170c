//! All mutants in one build: each function that has some becomes a choice between its bodies, and a variable of the environment says
//! which is at work. What they are is cargo-mutants' word; building each by itself would take hours.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The variable that says which mutant is at work.
pub(super) const ACTIVE: &str = "SPORTELLO_MUTANT";

/// The function by which the mutated crate asks. A mutant that overflows when it is compiled overflows when it runs, too.
const ASKS: &str = r#"
/// Which mutant is at work.
#[doc(hidden)]
#[must_use]
pub fn mutant() -> u32 {
    static ACTIVE: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *ACTIVE.get_or_init(|| std::env::var("SPORTELLO_MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0))
}
"#;
const ALLOWS: &str = "#![allow(arithmetic_overflow, unconditional_panic)]\n";

/// One change, as cargo-mutants lists it.
pub(super) struct Mutant {
    pub(super) id: u32,
    pub(super) file: String,
    pub(super) name: String,
    /// The function it is in and that function's name; a change outside of functions can't be chosen while a program runs.
    function: Option<(Span, String)>,
    span: Span,
    replacement: String,
}

/// From, to: line and column, both counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span([(usize, usize); 2]);

impl Mutant {
    /// Reads cargo-mutants' list.
    pub(super) fn list(json: &str) -> Result<Vec<Mutant>> {
        let list: Vec<Value> = serde_json::from_str(json).context("cargo-mutants' list")?;
        list.iter()
            .zip(1..)
            .map(|(value, id)| Mutant::read(value, id).with_context(|| format!("a mutant: {value}")))
            .collect()
    }

    fn read(value: &Value, id: u32) -> Option<Mutant> {
        let text = |pointer: &str| Some(value.pointer(pointer)?.as_str()?.to_owned());
        let function = match value.get("function")?.is_null() {
            true => None,
            false => Some((
                Span::read(value.pointer("/function/span")?)?,
                text("/function/function_name")?,
            )),
        };
        Some(Mutant {
            id,
            file: text("/file")?,
            name: text("/name")?,
            function,
            span: Span::read(value.get("span")?)?,
            replacement: text("/replacement")?,
        })
    }

    pub(super) fn can_be_chosen(&self) -> bool {
        self.function.is_some()
    }
}

impl Span {
    fn read(value: &Value) -> Option<Span> {
        let place = |end: &str| {
            let number = |what: &str| usize::try_from(value.get(end)?.get(what)?.as_u64()?).ok();
            Some((number("line")?, number("column")?))
        };
        Some(Span([place("start")?, place("end")?]))
    }
}

/// Which mutant stands on a line of a file, in the mutated crate.
pub(super) type Lines = BTreeMap<String, BTreeMap<usize, u32>>;

/// Writes the mutated crate's sources into `tree`, from those in `repo`, without the mutants that do not compile.
pub(super) fn write(repo: &Path, tree: &Path, mutants: &[Mutant], broken: &BTreeSet<u32>) -> Result<Lines> {
    let mut files: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        files.entry(&mutant.file).or_default().push(mutant);
    }
    let mut lines = Lines::new();
    for (file, mutants) in files {
        let text = fs::read_to_string(repo.join(file)).with_context(|| format!("reading {file}"))?;
        let mutated = mutate(&text, &mutants, broken).with_context(|| format!("mutating {file}"))?;
        lines.insert(file.to_owned(), marks(&mutated));
        fs::write(tree.join(file), mutated)?;
    }
    let root = "core/src/lib.rs";
    let text = fs::read_to_string(repo.join(root))?;
    fs::write(tree.join(root), format!("{ALLOWS}{text}{ASKS}"))?;
    Ok(lines)
}

fn mutate(text: &str, mutants: &[&Mutant], broken: &BTreeSet<u32>) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut starts = vec![0];
    starts.extend(
        chars
            .iter()
            .enumerate()
            .filter(|(_, c)| **c == '\n')
            .map(|(at, _)| at + 1),
    );
    let offset = |(line, column): (usize, usize)| Some(starts.get(line.checked_sub(1)?)? + column - 1);
    let part = |from: usize, to: usize| Some(chars.get(from..to)?.iter().collect::<String>());
    let mut functions: BTreeMap<Span, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        if let Some((span, _)) = &mutant.function {
            functions.entry(*span).or_default().push(mutant);
        }
    }
    let (mut out, mut done) = (String::new(), 0);
    for (Span([from, to]), mutants) in functions {
        let (from, to) = (offset(from)?, offset(to)?);
        let name = mutants
            .first()?
            .function
            .as_ref()?
            .1
            .rsplit("::")
            .next()?
            .to_owned();
        let body = from + body_of(chars.get(from..to)?, &name)?;
        out += &part(done, from)?;
        // A constant function can't ask.
        out += &part(from, body)?.replacen("const fn", "fn", 1);
        out += "{ match crate::mutant() {\n";
        for mutant in mutants.iter().filter(|mutant| !broken.contains(&mutant.id)) {
            let Span([begin, end]) = mutant.span;
            let (id, before, after) = (mutant.id, part(body, offset(begin)?)?, part(offset(end)?, to)?);
            out += &format!(
                "/*M{id}*/ {id} => {before}{}{after}\n/*E{id}*/\n",
                mutant.replacement
            );
        }
        out += &format!("_ => {} }} }}", part(body, to)?);
        done = to;
    }
    out += &part(done, chars.len())?;
    Some(out)
}

/// Where a function's body begins: at the first brace outside of parentheses behind its name.
fn body_of(function: &[char], name: &str) -> Option<usize> {
    let needle: Vec<char> = format!("fn {name}").chars().collect();
    let begin = function
        .windows(needle.len())
        .position(|window| window == needle)?;
    let mut depth = 0;
    for (at, c) in function.iter().enumerate().skip(begin + needle.len()) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

fn marks(text: &str) -> BTreeMap<usize, u32> {
    let (mut lines, mut current) = (BTreeMap::new(), None);
    for (line, number) in text.lines().zip(1..) {
        if let Some(mark) = line.strip_prefix("/*M") {
            current = mark.split_once("*/").and_then(|(id, _)| id.parse().ok());
        } else if line.starts_with("/*E") {
            current = None;
        }
        if let Some(id) = current {
            lines.insert(number, id);
        }
    }
    lines
}

/// The mutants that the compiler's errors stand in.
pub(super) fn broken(messages: &str, lines: &Lines) -> BTreeSet<u32> {
    let mut broken = BTreeSet::new();
    for message in json_lines(messages) {
        let is_error = message
            .pointer("/message/level")
            .is_some_and(|level| level == "error");
        let spans = message.pointer("/message/spans").and_then(Value::as_array);
        let stands_in = |span: &Value| {
            let mut span = span;
            // A macro's error stands where the macro is called.
            while let Some(call) = span.pointer("/expansion/span") {
                span = call;
            }
            let line = |name: &str| usize::try_from(span.get(name)?.as_u64()?).ok();
            let file = lines.get(span.get("file_name")?.as_str()?)?;
            (line("line_start")?..=line("line_end")?).find_map(|line| file.get(&line).copied())
        };
        if is_error {
            broken.extend(spans.into_iter().flatten().find_map(stands_in));
        }
    }
    broken
}

/// What cargo says in JSON, among other things.
pub(super) fn json_lines(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.lines()
        .filter(|line| line.starts_with('{'))
        .filter_map(|line| serde_json::from_str(line).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_becomes_a_choice_between_its_bodies() {
        let text = "const fn f(a: [u8; 1]) -> u8 {\n    a[0] + 1\n}\n";
        let list = r#"[{"file": "f.rs", "name": "n", "span": {"start": {"line": 2, "column": 10}, "end": {"line": 2, "column": 11}},
            "function": {"function_name": "T::f", "span": {"start": {"line": 1, "column": 1}, "end": {"line": 3, "column": 2}}},
            "replacement": "-"}]"#;
        let mutants = Mutant::list(list).unwrap();
        let mutated = mutate(text, &mutants.iter().collect::<Vec<_>>(), &BTreeSet::new()).unwrap();
        assert!(mutated.contains("fn f(a: [u8; 1]) -> u8 { match crate::mutant() {"));
        assert!(!mutated.contains("const fn"));
        assert!(mutated.contains("/*M1*/ 1 => {\n    a[0] - 1\n}"));
        assert_eq!(marks(&mutated).get(&3), Some(&1));
    }
}
