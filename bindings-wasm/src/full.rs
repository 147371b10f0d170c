//! What `sportello` has beyond `sportello/check`.

use sportello::check::{Lang, Person};
use sportello::model::Attachment;
use sportello::{Answer, AssegnoUnico, CodiceFiscale, ServiceForm};
use wasm_bindgen::prelude::*;

use crate::codice_fiscale::{UNREADABLE, day, described, sex_of};
use crate::form::with;
use crate::wire::failure;

/// A form as JSON Schema.
#[wasm_bindgen(js_name = jsonSchema)]
#[must_use]
pub fn json_schema(form: u32, lang: &str) -> String {
    let lang = Lang::from_tag(lang).unwrap_or(Lang::It);
    with(form, |service| service.form.to_json_schema(lang).to_string()).unwrap_or_default()
}

/// The code of a person, as `codiceFiscale` describes it.
///
/// # Errors
/// `encode.*`, or `sex` or the day can't be read.
#[wasm_bindgen]
pub fn encode(
    surname: &str,
    name: &str,
    sex: &str,
    birth_date: &str,
    birthplace: &str,
) -> Result<String, JsValue> {
    let person = Person {
        surname,
        name,
        sex: sex_of(sex).ok_or_else(unreadable)?,
        birth_date: day(birth_date).ok_or_else(unreadable)?,
        birthplace,
    };
    let code = CodiceFiscale::encode(&person).map_err(|error| failure(error.code(), &error.to_string()))?;
    let mut out = String::new();
    described(&code, &mut out);
    Ok(out)
}

fn unreadable() -> JsValue {
    let (code, detail) = UNREADABLE;
    failure(code, detail)
}

/// Which field takes which part of an Assegno Unico: places of given name, surname, e-mail, mobile number, codice fiscale, identity document, card and, when
/// there is one, mandate.
///
/// # Errors
/// `form.*`: the form is another one.
#[wasm_bindgen(js_name = assegnoUnico)]
pub fn assegno_unico(form: u32, with_mandate: bool) -> Result<Vec<i32>, JsValue> {
    with(form, |service| places(&service.form, with_mandate)).unwrap_or_else(|| Ok(Vec::new()))
}

fn places(form: &ServiceForm, with_mandate: bool) -> Result<Vec<i32>, JsValue> {
    // The values are the places that they stand for.
    let file = |place: &str| Attachment::from_bytes(place, "", Vec::new());
    let request = AssegnoUnico {
        given_name: "0".to_owned(),
        family_name: "1".to_owned(),
        email: "2".to_owned(),
        mobile: "3".to_owned(),
        codice_fiscale: "4".to_owned(),
        identity_document: file("5"),
        codice_fiscale_card: file("6"),
        mandate: with_mandate.then(|| file("7")),
    };
    let answers = request
        .answers(form)
        .map_err(|error| failure(error.code(), &error.to_string()))?;
    let mut places = vec![-1; 8];
    for (key, answer) in answers.iter() {
        let place = match answer {
            Answer::Text(text) => text.as_str(),
            Answer::File { file } => file.name.as_str(),
        };
        let place = place.parse().ok().and_then(|place: usize| places.get_mut(place));
        let index = form.index_of(key).and_then(|index| i32::try_from(index).ok());
        if let (Some(place), Some(index)) = (place, index) {
            *place = index;
        }
    }
    Ok(places)
}

/// Makes one PDF of several photos.
#[wasm_bindgen]
#[derive(Default)]
pub struct Pages {
    photos: Vec<Attachment>,
    name: String,
}

#[wasm_bindgen]
impl Pages {
    /// No photos yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Pages {
        Pages::default()
    }

    /// Adds a photo.
    pub fn add(&mut self, name: &str, mime: &str, content: Vec<u8>) {
        self.photos.push(Attachment::from_bytes(name, mime, content));
    }

    /// The PDF's content.
    ///
    /// # Errors
    /// `pages.*`, naming the photo.
    pub fn make(&mut self) -> Result<Vec<u8>, JsValue> {
        let made =
            sportello::pages(&self.photos).map_err(|error| failure(error.code(), &error.to_string()))?;
        self.photos.clear();
        self.name.clone_from(&made.name);
        let mut content = Vec::new();
        let read = made.source.as_ref().map(|source| {
            let mut reader = source.open()?;
            std::io::Read::read_to_end(&mut reader, &mut content)
        });
        match read {
            Some(Ok(_)) => Ok(content),
            _ => Err(failure(
                "pages.unreadable",
                "the photos can't be read; choose them again",
            )),
        }
    }

    /// The PDF's name, once it is made.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.name.clone()
    }
}
