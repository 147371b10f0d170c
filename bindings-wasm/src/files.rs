//! The descriptors of files, kept by number: they are 68 kB each, and a page checks at every key.

use std::cell::{Cell, RefCell};

use sportello::model::Attachment;
use wasm_bindgen::prelude::*;

use crate::room::{answering, word};

thread_local! {
    static FILES: RefCell<Vec<Option<Attachment>>> = const { RefCell::new(Vec::new()) };
}

/// Calls with all files.
pub(crate) fn with_files<T>(call: &mut dyn FnMut(&[Option<Attachment>]) -> T) -> T {
    FILES.with_borrow(|files| call(files))
}

/// Keeps the descriptor of a file of this size. Written before: name, type, first and last bytes. Says its number.
#[wasm_bindgen(js_name = fileNew)]
#[must_use]
pub fn file_new(size: f64) -> u32 {
    let read = Cell::new(None);
    answering(&|written, _| {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let bytes = |bytes: Option<&[u8]>| bytes.unwrap_or_default().to_vec();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the size of a file: whole, not negative"
        )]
        let size = size as u64;
        read.set(Some(Attachment {
            name: text(written.text()),
            mime: text(written.text()),
            size,
            head: bytes(written.bytes()),
            tail: bytes(written.bytes()),
            source: None,
        }));
    });
    FILES.with_borrow_mut(|files| {
        let free = files.iter().position(Option::is_none);
        let place = free.unwrap_or(files.len());
        if free.is_none() {
            files.push(None);
        }
        if let Some(slot) = files.get_mut(place) {
            *slot = read.take();
        }
        word(place)
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
