//! Columns of whoever has them, by the Arrow PyCapsule interface: the one place with `unsafe` written by hand.
//!
//! Why it is sound: a capsule's name says what it points to, and is compared before the pointer is used. Taking an array or a stream out of
//! its capsule moves it and clears the `release` that it leaves behind, so it is released once, by us; a schema is only looked at while its
//! capsule is alive. That the pointers inside are good is the producer's promise, as in every use of this interface; all that can be looked
//! at (lengths, offsets, UTF-8) is looked at before it is used.

use std::ffi::CStr;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{Array as _, ArrayRef, RecordBatch, RecordBatchIterator, make_array};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::table_error;

/// What came out of a capsule: one array, or one after the other.
pub(super) enum Arrays {
    One(Option<ArrayRef>),
    Stream(ArrayStreamReader),
}

impl Arrays {
    /// Of anything with `__arrow_c_stream__` or `__arrow_c_array__`.
    pub(super) fn of(object: &Bound<'_, PyAny>) -> PyResult<Arrays> {
        let broken =
            |error: ArrowError| table_error("table.damaged", &format!("this table can't be read: {error}"));
        if object.hasattr("__arrow_c_stream__")? {
            let capsule = object.call_method0("__arrow_c_stream__")?;
            let stream = pointer::<FFI_ArrowArrayStream>(&capsule, c"arrow_array_stream")?;
            // SAFETY: the capsule's name was compared; see above.
            let reader = unsafe { ArrayStreamReader::from_raw(stream) };
            return reader.map(Arrays::Stream).map_err(broken);
        }
        if object.hasattr("__arrow_c_array__")? {
            let (schema, array) = object
                .call_method0("__arrow_c_array__")?
                .extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            let (c_schema, c_array) = (
                pointer::<FFI_ArrowSchema>(&schema, c"arrow_schema")?,
                pointer::<FFI_ArrowArray>(&array, c"arrow_array")?,
            );
            // SAFETY: both names were compared, and `schema` is alive; see above.
            let data = unsafe { from_ffi(FFI_ArrowArray::from_raw(c_array), &*c_schema) };
            return data
                .map(|data| Arrays::One(Some(make_array(data))))
                .map_err(broken);
        }
        Err(table_error(
            "table.not_arrow",
            "a table has `__arrow_c_stream__` or `__arrow_c_array__`: one of polars, pyarrow, pandas, DuckDB",
        ))
    }

    /// The next array, looked through.
    pub(super) fn next(&mut self) -> Result<Option<ArrayRef>, ArrowError> {
        let array = match self {
            Arrays::One(array) => array.take(),
            Arrays::Stream(stream) => stream.next().transpose()?,
        };
        if let Some(array) = &array {
            array.to_data().validate_full()?;
        }
        Ok(array)
    }
}

fn pointer<T>(capsule: &Bound<'_, PyAny>, name: &CStr) -> PyResult<*mut T> {
    let capsule = capsule
        .cast::<PyCapsule>()
        .map_err(|_| table_error("table.not_arrow", "the table's Arrow interface gave no capsule"))?;
    Ok(capsule.pointer_checked(Some(name))?.cast().as_ptr())
}

/// Batches as a capsule that any reader of Arrow takes.
pub(super) fn export<'py>(
    py: Python<'py>,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    let stream = FFI_ArrowArrayStream::new(Box::new(reader));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}
