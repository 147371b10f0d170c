//! The names of places for browsers and Node, in a file of their own: most pages need none of it. Converts, calls the core, converts back;
//! `js/src/places.ts` is the other side.
//!
//! A place is a line of code, name, provinces, other names, first and last day, separated by tabs; days are `yyyy-mm-dd`, empty where nothing is recorded.

use std::cell::RefCell;

use sportello::check::day;
use sportello::model::push_digits;
use sportello::places::{FindPlaceError, Place, Places};
use time::Date;
use wasm_bindgen::prelude::*;

/// As in bindings-wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

thread_local! {
    static PLACES: RefCell<Option<Places>> = const { RefCell::new(None) };
}

/// Reads the register; false for a text that is none.
#[wasm_bindgen]
#[must_use]
pub fn load(register: String) -> bool {
    let places = Places::from_text(register).ok();
    let is_there = places.is_some();
    PLACES.set(places);
    is_there
}

fn lines(call: &dyn Fn(&Places, &mut String)) -> String {
    let mut out = String::new();
    PLACES.with_borrow(|places| {
        if let Some(places) = places {
            call(places, &mut out);
        }
    });
    out
}

/// Places whose name begins so, or has a word that does; at most so many.
#[wasm_bindgen]
#[must_use]
pub fn search(text: &str, limit: usize) -> String {
    lines(&|places, out| {
        for place in places.search(text, limit) {
            line(out, &place);
        }
    })
}

/// The one place that a person means by a code or a name; several where that can't be told. `on` is a day, or nothing.
#[wasm_bindgen]
#[must_use]
pub fn find(text: &str, on: &str) -> String {
    lines(&|places, out| match places.find(text, day(on)) {
        Ok(place) => line(out, &place),
        Err(FindPlaceError::NotFound) => {}
        Err(FindPlaceError::Several(places)) => {
            for place in places {
                line(out, &place);
            }
        }
    })
}

/// The name of the place of this code on a day; without a day, or where no record has it, the last one.
#[wasm_bindgen]
#[must_use]
pub fn named(code: &str, on: &str) -> String {
    lines(&|places, out| {
        if let Some(place) = places.named(code, day(on)) {
            line(out, &place);
        }
    })
}

fn line(out: &mut String, place: &Place<'_>) {
    for part in [place.code, place.name, place.provinces, place.other_names] {
        out.push_str(part);
        out.push('\t');
    }
    date(out, place.from);
    out.push('\t');
    date(out, place.to);
    out.push('\n');
}

fn date(out: &mut String, date: Option<Date>) {
    if let Some(date) = date {
        push_digits(out, date.year().unsigned_abs().into(), 4);
        out.push('-');
        push_digits(out, u8::from(date.month()).into(), 2);
        out.push('-');
        push_digits(out, date.day().into(), 2);
    }
}
