//! The PDF around the photos: three objects for each page, and a table of where they are.

use std::fmt::Write as _;
use std::sync::Arc;

use super::layout::{Length, layout};
use super::reader::DocumentReader;
use super::scanner::{Encoding, Photo};
use crate::model::{Source, SourceReader};

/// A stretch of the document.
pub(super) enum Part {
    /// Bytes of ours.
    Text(Vec<u8>),
    /// A photo's picture.
    Photo(Source, Photo),
}

/// A PDF as its parts: small texts in memory, pictures in the photos' files.
pub(super) struct Document {
    pub(super) parts: Vec<Part>,
}

/// Opens the same bytes each time.
pub(super) struct SharedDocument(pub(super) Arc<Document>);

impl SourceReader for SharedDocument {
    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + Send>> {
        Ok(Box::new(DocumentReader::new(Arc::clone(&self.0))))
    }
}

/// Objects 1 and 2 are the catalogue and the list of pages; each page, its drawing and its picture follow.
const FIRST_PAGE: usize = 3;
const OBJECTS_PER_PAGE: usize = 3;

/// No date, no producer, no identifier: the same photos give the same bytes.
pub(super) fn assemble(photos: Vec<(Source, Photo)>) -> Document {
    let mut writer = Writer::default();
    // The second line tells programs that copy files that this one is not text.
    writer.text.extend(b"%PDF-1.5\n%\xE2\xE3\xCF\xD3\n");
    let mut kids = String::new();
    for index in 0..photos.len() {
        let _ = write!(kids, "{} 0 R ", FIRST_PAGE + OBJECTS_PER_PAGE * index);
    }
    writer.object("<< /Type /Catalog /Pages 2 0 R >>");
    writer.object(&format!(
        "<< /Type /Pages /Count {} /Kids [ {kids}] >>",
        photos.len()
    ));
    for (source, photo) in photos {
        writer.page(source, photo);
    }
    writer.finish()
}

#[derive(Default)]
struct Writer {
    parts: Vec<Part>,
    /// The text that has not become a part yet.
    text: Vec<u8>,
    /// How long the parts are together.
    len: u64,
    /// Where each object begins.
    offsets: Vec<u64>,
}

impl Writer {
    /// Begins the next object and gives its number.
    fn begin(&mut self) -> usize {
        self.offsets.push(self.len + self.text.len() as u64);
        let number = self.offsets.len();
        self.text.extend(format!("{number} 0 obj\n").bytes());
        number
    }

    fn object(&mut self, content: &str) {
        self.begin();
        self.text.extend(content.bytes());
        self.text.extend(b"\nendobj\n");
    }

    fn page(&mut self, source: Source, photo: Photo) {
        let layout = layout(&photo);
        let (width, height) = layout.page;
        let content = self.offsets.len() + 2;
        self.object(&format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 {width} {height} ] /Contents {content} 0 R \
             /Resources << /XObject << /Photo {} 0 R >> >> >>",
            content + 1
        ));
        let matrix = layout.matrix.map(|number: Length| number.to_string()).join(" ");
        let drawing = format!("q {matrix} cm /Photo Do Q");
        self.object(&format!(
            "<< /Length {} >>\nstream\n{drawing}\nendstream",
            drawing.len()
        ));
        self.begin();
        let head = format!(
            "<< /Type /XObject /Subtype /Image /Width {} /Height {} {} /Length {} >>\nstream\n",
            photo.width,
            photo.height,
            picture(&photo),
            photo.len()
        );
        self.text.extend(head.bytes());
        let text = std::mem::take(&mut self.text);
        self.len += text.len() as u64 + photo.len();
        self.parts.extend([Part::Text(text), Part::Photo(source, photo)]);
        self.text.extend(b"\nendstream\nendobj\n");
    }

    fn finish(mut self) -> Document {
        let table_at = self.len + self.text.len() as u64;
        let count = self.offsets.len() + 1;
        // Every line of the table has exactly 20 bytes.
        let mut end = format!("xref\n0 {count}\n0000000000 65535 f \n");
        for offset in &self.offsets {
            let _ = writeln!(end, "{offset:010} 00000 n ");
        }
        let _ = write!(
            end,
            "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table_at}\n%%EOF\n"
        );
        self.text.extend(end.bytes());
        self.parts.push(Part::Text(self.text));
        Document { parts: self.parts }
    }
}

/// The entries of a picture's dictionary that say how its bytes become colours.
fn picture(photo: &Photo) -> String {
    match &photo.encoding {
        Encoding::Jpeg {
            components,
            inverted,
            plain_rgb,
        } => {
            let space = match components {
                1 => "/DeviceGray",
                4 => "/DeviceCMYK",
                _ => "/DeviceRGB",
            };
            let decode = if *inverted {
                " /Decode [ 1 0 1 0 1 0 1 0 ]"
            } else {
                ""
            };
            let parameters = if *plain_rgb {
                " /DecodeParms << /ColorTransform 0 >>"
            } else {
                ""
            };
            format!("/ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode{decode}{parameters}")
        }
        Encoding::Png {
            bits,
            channels,
            palette,
        } => {
            let space = match palette {
                Some(palette) => {
                    let last = (palette.len() / 3).saturating_sub(1);
                    let mut colours = String::new();
                    for byte in palette {
                        let _ = write!(colours, "{byte:02x}");
                    }
                    format!("[ /Indexed /DeviceRGB {last} <{colours}> ]")
                }
                None if *channels == 1 => "/DeviceGray".to_owned(),
                None => "/DeviceRGB".to_owned(),
            };
            format!(
                "/ColorSpace {space} /BitsPerComponent {bits} /Filter /FlateDecode \
                 /DecodeParms << /Predictor 15 /Colors {channels} /BitsPerComponent {bits} /Columns {} >>",
                photo.width
            )
        }
    }
}
