//! What a page shows beside the verdicts: words, the price, what comes next, one PDF of several photos. Answers are JSON: these are asked for once, not at
//! every key.

use js_sys::Uint8Array;
use serde::Deserialize;
use serde::de::value::{Error as Unknown, StrDeserializer};
use serde_json::{Value, json};
use sportello::check::FieldRole;
use sportello::form::Instructions;
use sportello::model::{NextStep, Phase, Progress};
use sportello::{Attachment, Lang, Service};
use wasm_bindgen::prelude::*;

const LANGS: [(&str, Lang); 4] = [
    ("it", Lang::It),
    ("en", Lang::En),
    ("fr", Lang::Fr),
    ("de", Lang::De),
];

fn in_every_language(text: impl Fn(Lang) -> Value) -> String {
    let texts = LANGS.into_iter().map(|(tag, lang)| (tag.to_owned(), text(lang)));
    Value::Object(texts.collect()).to_string()
}

/// The member of an enumeration by its stable name.
fn named<'a, T: Deserialize<'a>>(name: &'a str) -> Option<T> {
    T::deserialize(StrDeserializer::<Unknown>::new(name)).ok()
}

/// Label and help of a role that a field is recognised by, in every language; nothing for a role that there is not.
#[wasm_bindgen(js_name = roleWords)]
#[must_use]
pub fn role_words(role: &str) -> String {
    let role: Option<FieldRole> = named(role);
    in_every_language(|lang| {
        let label = role.map(|role| role.label(lang));
        json!({ "label": label, "help": role.map(|role| role.help(lang)) })
    })
}

/// What a person does next, in every language.
#[wasm_bindgen(js_name = nextStep)]
#[must_use]
pub fn next_step(progress: &str, phase: &str, has_note: bool) -> String {
    let progress = named(progress).unwrap_or(Progress::Unknown);
    let phase = named(phase).unwrap_or(Phase::Unknown);
    let step = NextStep::of(progress, phase, has_note);
    in_every_language(|lang| json!(step.text(lang)))
}

/// The price of a service, described as `Form::from_json` takes it, with these options; `null` when there is none.
#[wasm_bindgen]
#[must_use]
pub fn quote(description: &str, options: Vec<String>) -> String {
    let service = Service::from_json(description).ok();
    json!(service.and_then(|service| service.quote(&options))).to_string()
}

/// The provider's HTML as plain text.
#[wasm_bindgen(js_name = plainText)]
#[must_use]
pub fn plain_text(html: &str) -> String {
    Instructions::new(html).plain_text()
}

/// One PDF of several photos.
#[wasm_bindgen]
#[derive(Default)]
pub struct Pages {
    name: String,
    photos: Vec<Attachment>,
}

#[wasm_bindgen]
impl Pages {
    /// None so far.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Pages {
        Pages::default()
    }

    /// One more photo.
    pub fn add(&mut self, name: &str, mime: &str, bytes: Vec<u8>) {
        self.photos.push(Attachment::from_bytes(name, mime, bytes));
    }

    /// The PDF's name, once it is made.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.name.clone()
    }

    /// The PDF.
    ///
    /// # Errors
    /// `pages.…`: a photo can't be read.
    pub fn make(&mut self) -> Result<Uint8Array, JsValue> {
        let document =
            sportello::pages(&self.photos).map_err(|error| failure(error.code(), &error.to_string()))?;
        let mut bytes = Vec::new();
        if let Some(source) = &document.source {
            let read = source
                .open()
                .and_then(|mut reader| std::io::Read::read_to_end(&mut reader, &mut bytes));
            read.map_err(|error| failure("pages.unreadable", &error.to_string()))?;
        }
        self.name = document.name;
        Ok(Uint8Array::from(bytes.as_slice()))
    }
}

fn failure(code: &str, detail: &str) -> JsValue {
    crate::convert::failure(code, detail)
}
