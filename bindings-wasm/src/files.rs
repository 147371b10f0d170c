//! The descriptors of files, kept by number: they are 68 kB each, and a page checks at every key.

use std::cell::RefCell;

use sportello::model::Attachment;
use wasm_bindgen::prelude::*;

thread_local! {
    static FILES: RefCell<Vec<Option<Attachment>>> = const { RefCell::new(Vec::new()) };
}

/// Calls with all files; one that is at work on them already gets none.
pub(crate) fn with_files<T>(call: impl FnOnce(&[Option<Attachment>]) -> T) -> T {
    FILES.with(|files| match files.try_borrow() {
        Ok(files) => call(&files),
        Err(_) => call(&[]),
    })
}

/// Keeps a descriptor; its number.
#[wasm_bindgen(js_name = fileNew)]
#[must_use]
pub fn file_new(name: String, mime: String, size: f64, head: Vec<u8>, tail: Vec<u8>) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the size of a file: whole, not negative"
    )]
    let size = size as u64;
    let file = Some(Attachment {
        name,
        mime,
        size,
        head,
        tail,
        source: None,
    });
    FILES.with_borrow_mut(|files| {
        let place = match files.iter_mut().position(|place| place.is_none()) {
            Some(place) => place,
            None => {
                files.push(None);
                files.len() - 1
            }
        };
        if let Some(slot) = files.get_mut(place) {
            *slot = file;
        }
        u32::try_from(place).unwrap_or(u32::MAX)
    })
}

/// Lets a descriptor go.
#[wasm_bindgen(js_name = fileFree)]
pub fn file_free(number: u32) {
    FILES.with_borrow_mut(|files| {
        if let Some(place) = files.get_mut(number as usize) {
            *place = None;
        }
    });
}
