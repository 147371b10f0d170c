//! What is delivered: by Visengine a ZIP with a receipt in PDF, by DocuEngine the PDF itself, or whatever a
//! fault puts in their place.

mod calendar;
mod hostile;
mod pdf;
mod stream;
mod zip;

use base64::{Engine as _, engine::general_purpose::STANDARD};

pub(crate) use calendar::moment;
pub use stream::{Chunks, Stream};

use crate::faults::Hostility;

/// What a delivery holds instead of just the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryFault {
    /// This many pseudo-random bytes beside it.
    Large { bytes: u64 },
    /// An attack.
    Hostile(Hostility),
}

/// What the receipt is about. It names nobody: the office files a request, not a person.
pub(crate) struct Receipt<'a> {
    pub(crate) id: &'a str,
    pub(crate) service: &'a str,
    pub(crate) committed_ms: u64,
    pub(crate) delivered_ms: u64,
}

/// A delivery ready for its envelope.
pub(crate) enum Delivered {
    /// Small: `file` is base64.
    Whole {
        name: String,
        announced: u64,
        file: String,
    },
    /// Large: made while it is sent.
    Streamed {
        name: String,
        announced: u64,
        stream: Stream,
    },
}

/// Makes the delivery of one request. The same request gives the same bytes each time.
pub(crate) fn make(receipt: &Receipt<'_>, fault: Option<&DeliveryFault>) -> Delivered {
    let name = format!("{}.zip", receipt.id);
    let document = (format!("{}.pdf", receipt.id), pdf::receipt(receipt));
    let when = moment(receipt.delivered_ms);
    match fault {
        Some(DeliveryFault::Large { bytes }) => {
            let mut archive = zip::Archive::new(when);
            archive.add(&document.0, &document.1);
            let (announced, stream) = stream::large_zip(archive, *bytes);
            Delivered::Streamed {
                name,
                announced,
                stream,
            }
        }
        Some(DeliveryFault::Hostile(hostility)) => {
            let (announced, file) = hostile::make(*hostility, &document, when);
            Delivered::Whole {
                name,
                announced,
                file,
            }
        }
        None => {
            let mut archive = zip::Archive::new(when);
            archive.add(&document.0, &document.1);
            let bytes = archive.finish();
            Delivered::Whole {
                name,
                announced: bytes.len() as u64,
                file: STANDARD.encode(bytes),
            }
        }
    }
}

/// A document as it is, not in an archive: its bytes, and what follows them where `noise` pseudo-random bytes
/// are wanted after it.
pub(crate) fn document(receipt: &Receipt<'_>, noise: u64) -> (Vec<u8>, Option<Stream>) {
    (pdf::receipt(receipt), (noise > 0).then(|| Stream::noise(noise)))
}

/// What an attack puts in the place of a document.
pub(crate) fn hostile_file(receipt: &Receipt<'_>, hostility: Hostility) -> Vec<u8> {
    let document = (format!("{}.pdf", receipt.id), pdf::receipt(receipt));
    let (_, text) = hostile::make(hostility, &document, moment(receipt.delivered_ms));
    STANDARD.decode(&text).unwrap_or_else(|_| text.into_bytes())
}
