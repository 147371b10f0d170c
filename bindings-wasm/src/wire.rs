//! What passes between JavaScript and the core; `js/src/wire.ts` is the other side.
//!
//! Answers come as one text: a value for each field in the form's order, separated by U+0000. A file is U+0002 and its number. The other side sees to it that
//! no answer holds either character: it puts U+0001 in its place, which is refused like any character that can't be seen.
//!
//! Findings go as one text: U+001E between findings, U+001F between the parts of one, U+001D between the items of a list.

use sportello::check::{Given, Param};
use sportello::model::{Attachment, Field};
use sportello::{Finding, MissingSets, Money, Service};
use wasm_bindgen::JsValue;

const FINDING: char = '\u{1e}';
const PART: char = '\u{1f}';
const ITEM: char = '\u{1d}';
/// Stands between a report's findings and what is missing.
const MISSING: char = '\u{1c}';

/// The answers of a text, in the form's order.
pub(crate) fn given<'a>(values: &'a str, files: &'a [Option<Attachment>]) -> Vec<Option<Given<'a>>> {
    let answer = |value: &'a str| match value.strip_prefix('\u{2}') {
        Some(number) => file(number, files).map(Given::File),
        None => Some(Given::Text(value)),
    };
    values.split('\0').map(answer).collect()
}

/// The file of this number.
pub(crate) fn file<'a>(number: &str, files: &'a [Option<Attachment>]) -> Option<&'a Attachment> {
    files.get(number.parse::<usize>().ok()?)?.as_ref()
}

/// Findings as a text; fields by their place in the form.
pub(crate) fn findings(findings: &[Finding], service: Option<&Service>) -> String {
    let mut out = String::new();
    for finding in findings {
        if !out.is_empty() {
            out.push(FINDING);
        }
        write(&mut out, finding, service);
    }
    out
}

/// A report as a text; empty when nothing was found and nothing is missing.
pub(crate) fn report(found: &[Finding], missing: &MissingSets, service: &Service) -> String {
    let mut out = findings(found, Some(service));
    if *missing != MissingSets::default() {
        out.push(MISSING);
        number(&mut out, missing.more.into());
        for set in &missing.sets {
            out.push(FINDING);
            keys(&mut out, set);
        }
        for group in &missing.groups {
            out.push(MISSING);
            for (index, set) in group.iter().enumerate() {
                if index > 0 {
                    out.push(FINDING);
                }
                keys(&mut out, set);
            }
        }
    }
    out
}

/// A service and its fields: U+001E between the service and its fields, U+001F between the parts of each, U+001D between the items of a list; parts in the order
/// in which `js/src/wire.ts` takes them.
pub(crate) fn describe(service: &Service) -> String {
    let mut out = String::new();
    let price = |price: Option<Money>| price.map_or_else(String::new, |price| price.to_string());
    let flag = |flag: bool| if flag { "1" } else { "0" };
    let Service {
        id,
        name,
        category,
        form,
        price: own_price,
        search_price,
        has_search,
        is_synchronous,
        options,
        instructions_html,
        search_instructions_html,
    } = service;
    let (own_price, search_price) = (price(*own_price), price(*search_price));
    let parts: [&str; 9] = [
        id,
        name,
        category,
        &own_price,
        &search_price,
        flag(*has_search),
        flag(*is_synchronous),
        instructions_html,
        search_instructions_html,
    ];
    for part in parts {
        clean(&mut out, part);
        out.push(PART);
    }
    for option in options {
        for part in [&option.name, &option.wire_name, &option.price.to_string()] {
            clean(&mut out, part);
            out.push(ITEM);
        }
    }
    for field in &form.fields {
        out.push(FINDING);
        describe_field(&mut out, field);
    }
    out
}

fn describe_field(out: &mut String, field: &Field) {
    let flag = |flag: bool| if flag { "1" } else { "0" };
    let Field {
        key,
        slug,
        label,
        kind,
        wire_kind,
        help,
        choices,
        declared_nullable,
        required,
        recognised,
    } = field;
    let input = field.input();
    let parts: [&str; 15] = [
        key,
        slug,
        label,
        kind.as_str(),
        wire_kind,
        help,
        declared_nullable.map_or("", flag),
        flag(*required),
        recognised.map_or("", |it| it.role.as_str()),
        recognised.map_or("", |it| it.subject.as_str()),
        input.autocomplete.map_or("", |it| it.html()),
        input.input_mode.html(),
        input.input_type.html(),
        input.capitalize.html(),
        flag(input.spellcheck),
    ];
    for part in parts {
        clean(out, part);
        out.push(PART);
    }
    number(out, recognised.map_or(0, |it| it.number.into()));
    out.push(PART);
    for item in input.accept {
        clean(out, item);
        out.push(ITEM);
    }
    out.push(PART);
    for choice in choices {
        for part in [&choice.code, &choice.description] {
            clean(out, part);
            out.push(ITEM);
        }
    }
}

fn keys(out: &mut String, set: &[String]) {
    for (index, key) in set.iter().enumerate() {
        if index > 0 {
            out.push(PART);
        }
        out.push_str(key);
    }
}

fn write(out: &mut String, finding: &Finding, service: Option<&Service>) {
    // Taken apart, so that a part which the core adds fails this build instead of being left behind.
    let Finding {
        field,
        code,
        severity: _,
        position,
        params,
        correction,
    } = finding;
    number(out, *code as u64);
    out.push(PART);
    let known = (field.as_deref()).and_then(|key| {
        let form = &service?.form;
        let index = form.fields.iter().position(|field| field.key == key)?;
        Some((index, form.fields.get(index)?))
    });
    match (known, field) {
        (Some((index, _)), _) => number(out, index as u64),
        (None, Some(key)) => {
            out.push('?');
            clean(out, key);
        }
        (None, None) => {}
    }
    out.push(PART);
    if let Some(position) = position {
        number(out, (*position).into());
    }
    out.push(PART);
    if let Some(correction) = correction {
        out.push('=');
        clean(out, correction);
    }
    for (name, value) in params.iter() {
        out.push(PART);
        out.push_str(name);
        out.push(PART);
        match value {
            // The other side has the field's label.
            Param::Text(text) if name == "label" && known.is_some_and(|(_, field)| field.label == *text) => {
                out.push('L');
            }
            Param::Number(value) => {
                out.push('n');
                number(out, *value);
            }
            Param::Text(text) => {
                out.push('t');
                clean(out, text);
            }
            Param::List(items) => {
                out.push('l');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(ITEM);
                    }
                    clean(out, item);
                }
            }
        }
    }
}

/// Without what separates: such a character can't be seen and has no place in a label or a correction.
fn clean(out: &mut String, text: &str) {
    out.extend(text.chars().filter(|c| !matches!(c, '\u{1c}'..='\u{1f}')));
}

fn number(out: &mut String, mut number: u64) {
    let mut digits = [0u8; 20];
    let mut used = 0;
    loop {
        if let Some(digit) = digits.get_mut(used) {
            *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        }
        used += 1;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend(digits.iter().take(used).rev().map(|digit| char::from(*digit)));
}

/// An error to throw, with its code; `js/src/error.ts` makes a `SportelloError` of it.
pub(crate) fn failure(code: &str, detail: &str) -> JsValue {
    let error = js_sys::Error::new(detail);
    error.set_name("SportelloError");
    // Fails on a frozen object only, and this one was just made.
    let _ = js_sys::Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}
