//! Forms, kept by number, and what is asked of them.

use std::cell::RefCell;

use sportello::Service;
use sportello::check::{Given, PlacedReport};
use wasm_bindgen::prelude::*;

use crate::described::read;
use crate::room::{Answer, Written, answering, word};
use crate::wire;

thread_local! {
    static FORMS: RefCell<Vec<Option<Service>>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a service; its number.
pub(crate) fn keep(service: Service) -> u32 {
    FORMS.with_borrow_mut(|forms| {
        let free = forms.iter().position(Option::is_none);
        let place = free.unwrap_or(forms.len());
        if free.is_none() {
            forms.push(None);
        }
        if let Some(slot) = forms.get_mut(place) {
            *slot = Some(service);
        }
        word(place)
    })
}

/// Calls with the service of this number; nothing for one that was let go.
pub(crate) fn with<T>(form: u32, call: impl FnOnce(&Service) -> T) -> Option<T> {
    FORMS.with_borrow(|forms| forms.get(form as usize)?.as_ref().map(call))
}

/// What to say of a form that was let go.
pub(crate) const FREED: (&str, &str) = ("form.freed", "this form was given back already");

#[inline(never)]
fn asked(form: u32, call: &dyn Fn(&Service, &mut Written<'_>, &mut Answer)) -> *const u32 {
    answering(&|written, answer| {
        if with(form, |service| call(service, written, answer)).is_none() {
            let (code, detail) = FREED;
            answer.fail(code, detail);
        }
    })
}

/// A form from the description of a service, with or without the envelope around it. Says its number.
#[wasm_bindgen(js_name = formNew)]
#[must_use]
pub fn form_new() -> *const u32 {
    answering(
        &|written, answer| match Service::from_description(&read(written.bytes().unwrap_or_default())) {
            Ok(service) => answer.say(keep(service) + 1),
            Err(error) => answer.fail(error.code(), &error.text()),
        },
    )
}

/// Lets a form go.
#[wasm_bindgen(js_name = formFree)]
pub fn form_free(form: u32) {
    FORMS.with_borrow_mut(|forms| {
        if let Some(place) = forms.get_mut(form as usize) {
            *place = None;
        }
    });
}

/// The service and its fields; see `wire::describe`.
#[wasm_bindgen]
#[must_use]
pub fn describe(form: u32) -> *const u32 {
    asked(form, &|service, _, answer| {
        wire::describe(service, &mut answer.text)
    })
}

/// Says one more than the place of the field that a caller's key means; 0 when there is none.
#[wasm_bindgen(js_name = indexOf)]
#[must_use]
pub fn index_of(form: u32) -> *const u32 {
    asked(form, &|service, written, answer| {
        let index = service.form.index_of(written.text().unwrap_or_default());
        answer.say(index.map_or(0, |index| word(index) + 1));
    })
}

/// Checks answers in the form's order.
#[wasm_bindgen]
#[must_use]
pub fn check(form: u32) -> *const u32 {
    asked(form, &|service, written, answer| {
        let given = written.answers(service.form.fields.len());
        report(&service.form.check_placed(&given), answer);
    })
}

/// Checks so many answers by their keys, each key followed by its value: for those that are no field's, or of which two are one field's.
#[wasm_bindgen(js_name = checkNamed)]
#[must_use]
pub fn check_named(form: u32, count: u32) -> *const u32 {
    asked(form, &|service, written, answer| {
        let mut pairs: Vec<(&str, Given<'_>)> = Vec::new();
        for _ in 0..count {
            if let (Some(key), Some(given)) = (written.text(), written.answer()) {
                let at = pairs.partition_point(|(known, _)| *known < key);
                pairs.insert(at, (key, given));
            }
        }
        report(&service.form.check_named(&mut pairs.into_iter()), answer);
    })
}

/// Checks one field and what depends on it. Says twice the number of the fields that are spoken for, whose places stand behind the findings, and one more
/// when the rule is as well.
#[wasm_bindgen(js_name = checkField)]
#[must_use]
pub fn check_field(form: u32, field: usize) -> *const u32 {
    asked(form, &|service, written, answer| {
        let given = written.answers(service.form.fields.len());
        let report = service.form.check_field_placed(&given, field);
        wire::findings(&report.findings, answer);
        answer.say(2 * word(report.fields.len()) + u32::from(report.whole_form));
        answer
            .words
            .extend(report.fields.iter().map(|field| word(*field)));
    })
}

/// A word for every field: is it required as things stand?
#[wasm_bindgen]
#[must_use]
pub fn required(form: u32) -> *const u32 {
    asked(form, &|service, written, answer| {
        let given = written.answers(service.form.fields.len());
        answer.say(1);
        let required = service.form.required_placed(&given);
        answer.words.extend(required.into_iter().map(u32::from));
    })
}

fn report(report: &PlacedReport, answer: &mut Answer) {
    wire::findings(&report.findings, answer);
    wire::missing(&report.missing, answer);
}

/// Checks one value against a kind of field, without any form: the kind and the value are written before.
#[wasm_bindgen(js_name = checkValue)]
#[must_use]
pub fn check_value() -> *const u32 {
    answering(&|written, answer| {
        let (kind, value) = (
            written.text().unwrap_or_default(),
            written.text().unwrap_or_default(),
        );
        match sportello::check_value(kind, value) {
            Ok(findings) => {
                for finding in findings {
                    wire::finding(&finding, None, answer);
                }
            }
            Err(error) => answer.fail("check.kind_unknown", &error.text()),
        }
    })
}
