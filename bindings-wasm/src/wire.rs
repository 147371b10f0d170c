//! What the core says, as JavaScript reads it; `js/src/wire.ts` is the other side.
//!
//! A finding is four numbers: its code with a mark where the label of its field belongs to its particulars; its field's place and its position, each one more
//! than it is, 0 for none; the length of its text, 0 for most. In a text U+001F stands between parts, U+001D between the items of a list, U+001E between
//! sets, U+001C between groups.

use sportello::check::{Param, Placed};
use sportello::form::Missing;
use sportello::model::{Field, push_digits};
use sportello::{Finding, Money, Service};

use crate::room::{Answer, word};

const FINDING: char = '\u{1e}';
const PART: char = '\u{1f}';
const ITEM: char = '\u{1d}';
const GROUP: char = '\u{1c}';
/// In a finding's first word: the label of its field belongs to its particulars.
const LABEL: u32 = 1 << 8;

/// Findings, fields by their place.
pub(crate) fn findings(findings: &[Placed], answer: &mut Answer) {
    for placed in findings {
        finding(&placed.finding, Some(placed), answer);
    }
}

/// One finding, with its place where it is about a form.
pub(crate) fn finding(finding: &Finding, placed: Option<&Placed>, answer: &mut Answer) {
    // Taken apart, so that a part which the core adds fails this build instead of being left behind.
    let Finding {
        field,
        code,
        severity: _,
        position,
        params,
        correction,
    } = finding;
    let place = placed.and_then(|placed| placed.field);
    let label = if placed.is_some_and(Placed::has_label) {
        LABEL
    } else {
        0
    };
    let from = answer.text.len();
    let out = &mut answer.text;
    if field.is_some() || correction.is_some() || params.iter().next().is_some() {
        for (mark, text) in [('?', field), ('=', correction)] {
            if let Some(text) = text {
                out.push(mark);
                clean(out, text);
            }
            out.push(PART);
        }
        for (name, value) in params.iter() {
            out.push_str(name);
            out.push(PART);
            param(out, value);
            out.push(PART);
        }
    }
    let length = word(out.len() - from);
    let place = place.map_or(0, |place| word(place) + 1);
    let position = position.map_or(0, |position| position + 1);
    answer.counted();
    answer
        .words
        .extend_from_slice(&[*code as u32 | label, place, position, length]);
}

fn param(out: &mut String, value: &Param) {
    match value {
        Param::Number(value) => {
            out.push('n');
            push_digits(out, *value, 1);
        }
        Param::Text(text) => {
            out.push('t');
            clean(out, text);
        }
        Param::List(items) => {
            out.push('l');
            for item in items {
                clean(out, item);
                out.push(ITEM);
            }
        }
    }
}

/// What is missing, behind the findings; nothing when nothing is.
pub(crate) fn missing(missing: &Missing, answer: &mut Answer) {
    let Missing {
        sets: alternatives,
        more,
        groups,
        must_be_empty: _,
    } = missing;
    if alternatives.is_empty() && *more == 0 && groups.is_empty() {
        return;
    }
    let out = &mut answer.text;
    push_digits(out, (*more).into(), 1);
    sets(out, alternatives);
    for group in groups {
        out.push(GROUP);
        sets(out, group);
    }
}

fn sets(out: &mut String, sets: &[Vec<usize>]) {
    for set in sets {
        out.push(FINDING);
        for index in set {
            push_digits(out, *index as u64, 1);
            out.push(PART);
        }
    }
}

/// A service and its fields: U+001E between the service and its fields, U+001F between the parts of each, U+001D between the items of a list; parts in the order
/// in which `js/src/wire.ts` takes them.
pub(crate) fn describe(service: &Service, out: &mut String) {
    let price = |price: Option<Money>| price.map_or_else(String::new, Money::text);
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
        clean(out, part);
        out.push(PART);
    }
    for option in options {
        for part in [&option.name, &option.wire_name, &option.price.text()] {
            clean(out, part);
            out.push(ITEM);
        }
    }
    for field in &form.fields {
        out.push(FINDING);
        describe_field(out, field);
    }
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
    push_digits(out, recognised.map_or(0, |it| it.number.into()), 1);
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

/// Without what separates: such a character can't be seen and has no place in a label or a correction.
fn clean(out: &mut String, text: &str) {
    for c in text.chars() {
        if !matches!(c, '\u{1c}'..='\u{1f}') {
            out.push(c);
        }
    }
}

/// An error to throw, with its code; `js/src/error.ts` makes a `SportelloError` of it.
#[cfg(feature = "full")]
pub(crate) fn failure(code: &str, detail: &str) -> wasm_bindgen::JsValue {
    let error = js_sys::Error::new(detail);
    error.set_name("SportelloError");
    // Fails on a frozen object only, and this one was just made.
    let _ = js_sys::Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}
