//! A dict's answers, put to their fields without a copy: what a check of one form costs is mostly what it costs to read the dict.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use sportello::check::Given;
use sportello::{Report, ServiceForm};

use crate::attachment::Attachment;
use crate::convert;

/// Forms with more fields than this take the general way.
const FEW: usize = 32;
const SLOTS: usize = 64;

/// The keys of earlier dicts, by the address of the text: in a loop the same texts come again and again.
pub(crate) struct Keys(Mutex<Slots>);

/// A key and the place of its field.
type Slots = [Option<(Py<PyString>, usize)>; SLOTS];

impl Keys {
    pub(crate) fn new() -> Keys {
        Keys(Mutex::new([const { None }; SLOTS]))
    }
}

/// Checks the answers of a dict; `None` where they need the general way: unknown keys, two answers to one field, values to be converted.
pub(crate) fn check(
    form: &ServiceForm,
    keys: &Keys,
    answers: &Bound<'_, PyDict>,
) -> PyResult<Option<Report>> {
    let mut cells: [Option<Bound<'_, PyAny>>; FEW] = [const { None }; FEW];
    let Some(cells) = cells.get_mut(..form.fields.len()) else {
        return Ok(None);
    };
    {
        let mut known = keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in answers {
            // No code of Python's runs in here: a text of another class is left to the general way.
            let Ok(key) = key.cast_exact::<PyString>() else {
                return Ok(None);
            };
            let Some(index) = place(form, &mut known, key)? else {
                return Ok(None);
            };
            match cells.get_mut(index) {
                Some(cell) if cell.is_none() => *cell = Some(value),
                _ => return Ok(None),
            }
        }
    }
    let mut given: [Option<Given<'_>>; FEW] = [None; FEW];
    for (cell, given) in cells.iter().zip(&mut given) {
        let Some(value) = cell else { continue };
        *given = if let Ok(text) = value.cast::<PyString>() {
            Some(Given::Text(convert::utf8(text)?))
        } else if let Ok(file) = value.cast::<Attachment>() {
            Some(Given::File(&file.get().0))
        } else if value.is_none() {
            None
        } else {
            return Ok(None);
        };
    }
    Ok(Some(
        form.check_in_order(given.get(..cells.len()).unwrap_or(&given)),
    ))
}

fn place(form: &ServiceForm, known: &mut Slots, key: &Bound<'_, PyString>) -> PyResult<Option<usize>> {
    // Texts lie at multiples of 16.
    let slot = known.get_mut((key.as_ptr().addr() >> 4) % SLOTS);
    if let Some(Some((text, index))) = &slot
        && text.as_ptr() == key.as_ptr()
    {
        return Ok(Some(*index));
    }
    let index = form.index_of(convert::utf8(key)?);
    if let (Some(slot), Some(index)) = (slot, index) {
        *slot = Some((key.clone().unbind(), index));
    }
    Ok(index)
}
