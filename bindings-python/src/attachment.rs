use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use sportello::model::{HEAD_BYTES, Source, SourceReader, TAIL_BYTES};

use crate::convert;

/// A file to hand in. Its content is read when it is sent, and never held as a whole.
#[pyclass(frozen, module = "sportello")]
pub(crate) struct Attachment(pub(crate) sportello::Attachment);

#[pymethods]
impl Attachment {
    /// A file on disk.
    #[staticmethod]
    fn from_path(path: PathBuf) -> PyResult<Attachment> {
        Ok(Attachment(sportello::Attachment::from_path(path)?))
    }

    /// A file in memory; its type is told by its name unless it is given.
    #[staticmethod]
    #[pyo3(signature = (name, content, mime=None))]
    fn from_bytes(name: &str, content: &[u8], mime: Option<&str>) -> Attachment {
        let file = sportello::Attachment::from_bytes(name, mime.unwrap_or_default(), content.to_vec());
        Attachment(typed(file, mime))
    }

    /// An open file that can be sought in: read from its beginning each time it is sent.
    #[staticmethod]
    #[pyo3(signature = (name, file, mime=None))]
    fn from_file(name: &str, file: &Bound<'_, PyAny>, mime: Option<&str>) -> PyResult<Attachment> {
        let size: u64 = file.call_method1("seek", (0, 2))?.extract()?;
        let part = |from: u64, most: usize| -> PyResult<Vec<u8>> {
            file.call_method1("seek", (from,))?;
            let read = file.call_method1("read", (most,))?;
            Ok(read.cast::<PyBytes>()?.as_bytes().to_vec())
        };
        let head = part(0, HEAD_BYTES)?;
        let tail = part(size.saturating_sub(TAIL_BYTES as u64), TAIL_BYTES)?;
        let reader: Arc<dyn SourceReader> = Arc::new(PythonFile(file.clone().unbind()));
        let file = sportello::Attachment {
            name: name.to_owned(),
            mime: mime.unwrap_or_default().to_owned(),
            size,
            head,
            tail,
            source: Some(Source::Reader(reader)),
        };
        Ok(Attachment(typed(file, mime)))
    }

    /// The file's name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Its type: `application/pdf`.
    #[getter]
    fn mime(&self) -> &str {
        &self.0.mime
    }

    /// Its size in bytes.
    #[getter]
    fn size(&self) -> u64 {
        self.0.size
    }

    fn __repr__(&self) -> String {
        // A file's name may be a person's.
        format!("Attachment(mime={:?}, size={})", self.0.mime, self.0.size)
    }
}

/// The type that a name tells, where none was given.
fn typed(mut file: sportello::Attachment, mime: Option<&str>) -> sportello::Attachment {
    if mime.is_none() {
        file.mime = sportello::Attachment::mime_of(&file.name).to_owned();
    }
    file
}

/// A seekable file of Python's. Each reading takes the interpreter for as long as Python reads.
struct PythonFile(Py<PyAny>);

impl SourceReader for PythonFile {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let file = Python::attach(|py| {
            self.0.call_method1(py, "seek", (0,))?;
            Ok::<_, PyErr>(self.0.clone_ref(py))
        });
        Ok(Box::new(Reading(file.map_err(io_error)?)))
    }
}

struct Reading(Py<PyAny>);

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Python::attach(|py| {
            let read = self.0.bind(py).call_method1("read", (buffer.len(),))?;
            let bytes = read.cast::<PyBytes>()?.as_bytes();
            let room = buffer.get_mut(..bytes.len()).ok_or_else(|| {
                pyo3::exceptions::PyValueError::new_err("the file gave more than it was asked for")
            })?;
            room.copy_from_slice(bytes);
            Ok::<_, PyErr>(bytes.len())
        })
        .map_err(io_error)
    }
}

/// Without Python's own words, which may quote the content.
fn io_error(_: PyErr) -> io::Error {
    io::Error::other("the Python file can't be read")
}

/// One PDF of two or more photos: front and back of a document.
#[pyfunction]
pub(crate) fn pages(py: Python<'_>, files: Vec<PyRef<'_, Attachment>>) -> PyResult<Attachment> {
    let files: Vec<sportello::Attachment> = files.iter().map(|file| file.0.clone()).collect();
    let made = py.detach(|| sportello::pages(&files));
    made.map(Attachment)
        .map_err(|error| convert::error(py, &error.into()))
}

/// Unpacks a ZIP of a delivery into a folder, under limits.
#[pyfunction]
pub(crate) fn extract(py: Python<'_>, path: PathBuf, folder: PathBuf) -> PyResult<Vec<PathBuf>> {
    let file = sportello::client::DeliveredFile {
        name: String::new(),
        mime: None,
        len: 0,
        sha256: String::new(),
        path,
    };
    py.detach(|| file.extract(&folder))
        .map_err(|error| convert::error(py, &error))
}
