//! ZIP deliveries, read under limits.
//!
//! A delivery comes from the network, so nothing it says of itself is believed: its directory is checked against every
//! entry's own header before a byte is unpacked, names are checked for every system, sizes are counted again while
//! unpacking, and one entry that can't be trusted refuses the whole archive. Archives inside archives stay files.
//!
//! ```
//! use sportello::archive::{Archive, ArchiveError, ArchiveLimits};
//!
//! fn save(delivery: &std::path::Path, folder: &std::path::Path) -> Result<Vec<std::path::PathBuf>, ArchiveError> {
//!     let file = std::fs::File::open(delivery).map_err(|source| ArchiveError::Io { entry: None, source })?;
//!     Archive::open(file, ArchiveLimits::default())?.extract(folder)
//! }
//! ```

mod crc32;
mod directory;
mod end;
mod error;
mod extract;
mod name;
mod unpack;

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use directory::Record;
pub use error::{ALL_CODES, ArchiveError, NameProblem};

/// What an archive may be at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Entries, folders included. Default 1000.
    pub max_entries: u32,
    /// Bytes of one unpacked entry. Default 512 MiB.
    pub max_entry_bytes: u64,
    /// Bytes of all unpacked entries together. Default 1 GiB.
    pub max_total_bytes: u64,
    /// How many times its packed size an entry may unpack to, once it passes
    /// [`ratio_free_bytes`](ArchiveLimits::ratio_free_bytes); the same holds for all entries against the archive's
    /// size. Default 200: text packs about 10 times, blank scans up to 100; bombs, 1000.
    pub max_ratio: u32,
    /// Unpacked bytes for which the ratio is not looked at: a small file of blanks is no bomb. Default 1 MiB.
    pub ratio_free_bytes: u64,
    /// Bytes of one entry's name, its folders included. Default 240, so that it fits below a folder on every system.
    pub max_name_bytes: usize,
}

impl Default for ArchiveLimits {
    fn default() -> ArchiveLimits {
        ArchiveLimits {
            max_entries: 1000,
            max_entry_bytes: 512 * 1024 * 1024,
            max_total_bytes: 1024 * 1024 * 1024,
            max_ratio: 200,
            ratio_free_bytes: 1024 * 1024,
            max_name_bytes: 240,
        }
    }
}

impl ArchiveLimits {
    fn is_bomb(&self, packed: u64, size: u64) -> bool {
        size > self.ratio_free_bytes && size > packed.saturating_mul(self.max_ratio.into())
    }
}

/// A file in an archive. `Debug` shows the sizes, never the name.
#[derive(Clone, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// Its name, folders separated by `/`; safe as a relative path on every system.
    pub name: String,
    /// Its size in bytes, unpacked, as the archive says; unpacking fails if it isn't exactly this.
    pub size: u64,
    /// Its size in bytes within the archive.
    pub compressed_size: u64,
    /// Its place in the archive's directory, from 1, as errors name it. Folders count, so numbers may have gaps.
    pub number: u32,
}

impl fmt::Debug for ArchiveEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveEntry")
            .field("number", &self.number)
            .field("size", &self.size)
            .field("compressed_size", &self.compressed_size)
            .finish_non_exhaustive()
    }
}

/// A ZIP archive whose directory has been checked. `Debug` never shows a name.
pub struct Archive<R> {
    reader: R,
    entries: Vec<ArchiveEntry>,
    records: Vec<Record>,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads and checks the directory; nothing is unpacked. Takes memory for the names, and at most 200 KiB besides.
    ///
    /// # Errors
    /// Any [`ArchiveError`] but [`Exists`](ArchiveError::Exists): an archive with one entry that can't be trusted is
    /// refused whole.
    pub fn open(mut reader: R, limits: ArchiveLimits) -> Result<Archive<R>, ArchiveError> {
        let mut records = directory::read(&mut reader, &limits)?;
        records.retain(|record| !record.is_folder);
        if records.is_empty() {
            return Err(ArchiveError::Empty);
        }
        let entries = records
            .iter()
            .map(|record| ArchiveEntry {
                name: record.name.clone(),
                size: record.size,
                compressed_size: record.packed,
                number: record.number,
            })
            .collect();
        Ok(Archive {
            reader,
            entries,
            records,
        })
    }

    /// The files, in the archive's order; folders are left out.
    #[must_use]
    pub fn entries(&self) -> &[ArchiveEntry] {
        &self.entries
    }

    /// Unpacks one file, named by its [`number`](ArchiveEntry::number), and returns how many bytes it wrote.
    ///
    /// What was written before an error is not to be trusted: the checksum comes last.
    ///
    /// # Errors
    /// [`Corrupt`](ArchiveError::Corrupt) when the content is not what the directory says;
    /// [`Io`](ArchiveError::Io), also for a number that no file has.
    pub fn read_into(&mut self, number: u32, out: &mut impl Write) -> Result<u64, ArchiveError> {
        let record = self
            .records
            .iter()
            .find(|record| record.number == number)
            .ok_or_else(|| {
                let source = io::Error::new(io::ErrorKind::NotFound, "no file of this number");
                ArchiveError::Io {
                    entry: Some(number),
                    source,
                }
            })?;
        self.reader
            .seek(SeekFrom::Start(record.data_at))
            .map_err(|error| ArchiveError::reading(Some(number), error))?;
        unpack::copy(&mut self.reader, record, out)
    }

    /// Unpacks every file below `dir`, which is created if need be, and returns their paths in the archive's order.
    ///
    /// All or nothing: every file is unpacked and verified aside, in a hidden folder within `dir`, before the first
    /// one gets its name. Nothing is overwritten, a file that is there with the same content is kept, and no link within
    /// `dir` is followed. On Unix the files are readable
    /// by their owner only. The folder must not be one that somebody hostile can write to at the same time.
    ///
    /// # Errors
    /// Those of [`read_into`](Archive::read_into), and [`Exists`](ArchiveError::Exists). After an error nothing is left
    /// of this archive but, possibly, empty folders.
    pub fn extract(&mut self, dir: impl AsRef<Path>) -> Result<Vec<PathBuf>, ArchiveError> {
        extract::extract(self, dir.as_ref())
    }
}

impl<R> fmt::Debug for Archive<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Archive({} files)", self.entries.len())
    }
}
