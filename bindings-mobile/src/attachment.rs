use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use sportello::model::{HEAD_BYTES, Source, SourceReader, TAIL_BYTES};

use crate::host::HostError;
use crate::{Answers, SeekableSource, Service, SportelloError};

/// A file to hand in. Its content is read when it is sent, and never held as a whole.
///
/// Its text form shows neither name nor content.
#[derive(uniffi::Object)]
pub struct Attachment(pub(crate) sportello::Attachment);

#[uniffi::export]
impl Attachment {
    /// A file on disk; reads its first and last bytes only. The type comes from the name's ending.
    ///
    /// # Errors
    /// [`SportelloError::File`] when it can't be read.
    #[uniffi::constructor]
    pub fn from_path(path: &str) -> Result<Arc<Attachment>, SportelloError> {
        // The system's own words name the path, which may be a person's.
        let file =
            sportello::Attachment::from_path(path).map_err(|error| unreadable(&error.kind().to_string()))?;
        Ok(Attachment::wrap(file))
    }

    /// A file in memory; its type is told by its name unless it is given.
    #[uniffi::constructor(default(mime = None))]
    #[must_use]
    pub fn from_bytes(name: String, bytes: Vec<u8>, mime: Option<String>) -> Arc<Attachment> {
        let mime = mime.unwrap_or_else(|| sportello::Attachment::mime_of(&name).to_owned());
        Attachment::wrap(sportello::Attachment::from_bytes(name, mime, bytes))
    }

    /// A file that the host reads in pieces, each time anew while it is checked and sent.
    ///
    /// # Errors
    /// [`SportelloError::File`] when it can't be read.
    #[uniffi::constructor(default(mime = None))]
    pub fn from_source(
        name: String,
        source: Arc<dyn SeekableSource>,
        mime: Option<String>,
    ) -> Result<Arc<Attachment>, SportelloError> {
        let size = source.size().map_err(|_| unreadable("its size is not known"))?;
        let part = |from: u64, most: usize| -> Result<Vec<u8>, SportelloError> {
            let mut bytes = Vec::new();
            let reader = Reading {
                source: Arc::clone(&source),
                offset: from,
            };
            let read = reader.take(most as u64).read_to_end(&mut bytes);
            read.map_err(|error| unreadable(&error.kind().to_string()))?;
            Ok(bytes)
        };
        let mime = mime.unwrap_or_else(|| sportello::Attachment::mime_of(&name).to_owned());
        Ok(Attachment::wrap(sportello::Attachment {
            head: part(0, HEAD_BYTES)?,
            tail: part(size.saturating_sub(TAIL_BYTES as u64), TAIL_BYTES)?,
            name,
            mime,
            size,
            source: Some(Source::Reader(Arc::new(HostFile(source)))),
        }))
    }

    /// A description alone, which can be checked but not handed in: name, declared type, size, first 4 KiB and last 64 KiB.
    #[uniffi::constructor]
    #[must_use]
    pub fn described(name: String, mime: String, size: u64, head: Vec<u8>, tail: Vec<u8>) -> Arc<Attachment> {
        Attachment::wrap(sportello::Attachment {
            name,
            mime,
            size,
            head,
            tail,
            source: None,
        })
    }

    /// The file's name. It may be a person's.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name.clone()
    }

    /// The declared type: `application/pdf`.
    #[must_use]
    pub fn mime(&self) -> String {
        self.0.mime.clone()
    }

    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.size
    }
}

impl Attachment {
    pub(crate) fn wrap(file: sportello::Attachment) -> Arc<Attachment> {
        Arc::new(Attachment(file))
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn unreadable(why: &str) -> SportelloError {
    let error = sportello::SportelloError::new(sportello::ErrorCode::AttachmentUnreadable);
    error.detail(why).into()
}

/// A file of the host's, opened anew for each reading.
struct HostFile(Arc<dyn SeekableSource>);

impl SourceReader for HostFile {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Reading {
            source: Arc::clone(&self.0),
            offset: 0,
        }))
    }
}

struct Reading {
    source: Arc<dyn SeekableSource>,
    offset: u64,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        let bytes = self.source.read(self.offset, length).map_err(io_error)?;
        let room = buffer
            .get_mut(..bytes.len())
            .ok_or_else(|| io::Error::other("the source gave more than it was asked for"))?;
        room.copy_from_slice(&bytes);
        self.offset += bytes.len() as u64;
        Ok(bytes.len())
    }
}

fn io_error(error: HostError) -> io::Error {
    io::Error::other(error.to_string())
}

/// One PDF of two or more photos: front and back of a document. JPEG and PNG go in as they are, without their EXIF and GPS data.
///
/// # Errors
/// [`SportelloError::File`] for a photo that is none, is damaged or too large.
#[uniffi::export]
pub fn pages(photos: Vec<Arc<Attachment>>) -> Result<Arc<Attachment>, SportelloError> {
    let photos: Vec<sportello::Attachment> = photos.iter().map(|photo| photo.0.clone()).collect();
    let made = sportello::pages(&photos).map_err(sportello::SportelloError::from)?;
    Ok(Attachment::wrap(made))
}

/// The universal child allowance (*Assegno Unico Universale*, D.Lgs. 230/2021), asked for by one parent.
///
/// It maps itself onto whatever order, keys and labels the fetched form has. Its text form shows nothing of it.
#[derive(uniffi::Object)]
pub struct AssegnoUnico(sportello::AssegnoUnico);

#[uniffi::export]
impl AssegnoUnico {
    /// Everything that the form asks for; files with front and back, of which [`pages`] makes one of two photos.
    #[uniffi::constructor(default(mandate = None))]
    #[must_use]
    #[expect(
        clippy::too_many_arguments,
        reason = "named at every call in Kotlin and Swift"
    )]
    pub fn new(
        given_name: String,
        family_name: String,
        email: String,
        mobile: String,
        codice_fiscale: String,
        identity_document: &Attachment,
        codice_fiscale_card: &Attachment,
        mandate: Option<Arc<Attachment>>,
    ) -> Arc<AssegnoUnico> {
        Arc::new(AssegnoUnico(sportello::AssegnoUnico {
            given_name,
            family_name,
            email,
            mobile,
            codice_fiscale,
            identity_document: identity_document.0.clone(),
            codice_fiscale_card: codice_fiscale_card.0.clone(),
            mandate: mandate.map(|file| file.0.clone()),
        }))
    }

    /// The answers to this service's form, each found by kind and label, never by its key.
    ///
    /// # Errors
    /// [`SportelloError::Answers`] when a field has no candidate or several, or the form requires something more. Nothing is guessed.
    pub fn answers(&self, service: &Service) -> Result<Arc<Answers>, SportelloError> {
        let answers = self
            .0
            .answers(&service.0.form)
            .map_err(sportello::SportelloError::from)?;
        Ok(Answers::wrap(answers))
    }
}
