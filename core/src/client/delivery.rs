//! Bringing the documents back.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Client;
use super::driver::{blocking, sink_of};
use crate::archive::{Archive, ArchiveEntry, ArchiveLimits};
use crate::error::{ErrorCode, SportelloError};
use crate::flow::FetchFlow;

/// A delivery on disk: one file, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The files, in the provider's order; at least one.
    pub files: Vec<DeliveredFile>,
}

/// One file of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredFile {
    /// Where it is.
    pub path: PathBuf,
    /// The provider's name of it, made safe.
    pub name: String,
    /// The declared type, where there is one.
    pub mime: Option<String>,
    /// Its length in bytes.
    pub len: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

impl Delivery {
    /// Unpacks every ZIP of the delivery into a folder, under limits; gives back the files written.
    ///
    /// # Errors
    /// `archive.*`, `file.write`.
    pub fn extract(&self, folder: &Path) -> Result<Vec<PathBuf>, SportelloError> {
        let mut written = Vec::new();
        for file in self.files.iter().filter(|file| file.is_archive()) {
            written.extend(file.extract(folder)?);
        }
        Ok(written)
    }
}

impl DeliveredFile {
    /// True for a ZIP: by its name, its declared type or its first bytes. One that calls itself so and is none is an error when it is
    /// unpacked, and never passed over.
    #[must_use]
    pub fn is_archive(&self) -> bool {
        let ending = Path::new(&self.name).extension();
        if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
            || self.mime.as_deref() == Some("application/zip")
        {
            return true;
        }
        let mut head = [0; 4];
        let read = File::open(&self.path).and_then(|mut file| file.read_exact(&mut head));
        read.is_ok() && (head == *b"PK\x03\x04" || head == *b"PK\x05\x06")
    }

    /// What is in it, where it is a ZIP.
    ///
    /// # Errors
    /// `archive.*`.
    pub fn entries(&self) -> Result<Vec<ArchiveEntry>, SportelloError> {
        Ok(self.open()?.entries().to_vec())
    }

    /// Unpacks it into a folder, under limits; gives back the files written.
    ///
    /// # Errors
    /// `archive.*`, `file.write`.
    pub fn extract(&self, folder: &Path) -> Result<Vec<PathBuf>, SportelloError> {
        fs::create_dir_all(folder).map_err(|error| write_error(folder, &error))?;
        Ok(self.open()?.extract(folder)?)
    }

    fn open(&self) -> Result<Archive<File>, SportelloError> {
        let file = File::open(&self.path).map_err(|error| write_error(&self.path, &error))?;
        Ok(Archive::open(file, ArchiveLimits::default())?)
    }
}

impl Client {
    /// Fetches the documents of a submission into a folder. Nothing is ever held in memory; a file that is there already is kept, and the new
    /// one gets a number, unless the two are the same.
    ///
    /// # Errors
    /// `delivery.*`, `reference.unknown`, `file.write`, and as for `status`.
    pub async fn delivery(&self, reference: &str, folder: &Path) -> Result<Delivery, SportelloError> {
        let entry = self.entry(reference).await?;
        let id = entry.id.clone();
        let about = |error: SportelloError| error.about(reference, id.as_deref());
        let target = folder.to_owned();
        // Owned from its first moment: a caller that goes while the file is being made leaves none behind.
        let unfinished = blocking(move || {
            fs::create_dir_all(&target).map_err(|error| write_error(&target, &error))?;
            tempfile_in(&target).map(Unfinished)
        })
        .await
        .map_err(about)?;
        let part = unfinished.0.clone();
        let inner = &self.inner;
        let mut flow = FetchFlow::new(Arc::clone(&inner.provider), self.policy(), entry);
        let fetched = inner
            .driver
            .run_observed(&mut flow, Some(&part), None, &mut |_| ())
            .await?;
        let folder = folder.to_owned();
        blocking(move || {
            // Until every file has its name.
            let unfinished = unfinished;
            let mut files = Vec::with_capacity(fetched.len());
            for (number, info) in (0..).zip(fetched) {
                let path = settle(&sink_of(&unfinished.0, number), &folder, &info.name, &info.sha256)?;
                files.push(DeliveredFile {
                    path,
                    name: info.name,
                    mime: info.mime,
                    len: info.len,
                    sha256: info.sha256,
                });
            }
            Ok(Delivery { files })
        })
        .await
        .map_err(about)
    }
}

/// Sinks that still have no name of their own; removed when nobody needs them any more, also when the caller has gone.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Those that have their name already are missing in between; a delivery has a file or two.
        for number in 0..256 {
            let _ = fs::remove_file(sink_of(&self.0, number));
        }
    }
}

/// An empty file that nobody else writes to, beside where the delivery will stand.
fn tempfile_in(folder: &Path) -> Result<PathBuf, SportelloError> {
    // Never the same name twice: whoever was given up may still be at work on the last.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    for _ in 0..10_000 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".delivery-{}-{number}.part", std::process::id()));
        match File::options().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(write_error(folder, &error)),
        }
    }
    Err(SportelloError::new(ErrorCode::FileWrite).detail("too many unfinished deliveries in the folder"))
}

/// Makes the fetched file durable and gives it its name.
fn settle(part: &Path, folder: &Path, name: &str, sha256: &str) -> Result<PathBuf, SportelloError> {
    let fail = |error: std::io::Error| write_error(folder, &error);
    File::open(part).and_then(|file| file.sync_all()).map_err(fail)?;
    let (stem, ending) = name
        .rsplit_once('.')
        .map_or((name, String::new()), |(stem, end)| (stem, format!(".{end}")));
    for number in 0..10_000u32 {
        let path = match number {
            0 => folder.join(name),
            number => folder.join(format!("{stem}-{number}{ending}")),
        };
        // A hard link fails where the name is taken, so two processes can't overwrite each other.
        match fs::hard_link(part, &path) {
            Ok(()) => {
                fs::remove_file(part).map_err(fail)?;
                #[cfg(unix)]
                File::open(folder)
                    .and_then(|folder| folder.sync_all())
                    .map_err(fail)?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                if crate::verb::sha256_of(&path).is_ok_and(|known| known == sha256) {
                    fs::remove_file(part).map_err(fail)?;
                    return Ok(path);
                }
            }
            // File systems without hard links (exFAT): a rename, where the name is free.
            Err(_) if !path.exists() => {
                fs::rename(part, &path).map_err(fail)?;
                return Ok(path);
            }
            Err(_) => {}
        }
    }
    Err(SportelloError::new(ErrorCode::FileWrite)
        .detail("every name for the delivery is taken in the folder"))
}

fn write_error(at: &Path, error: &std::io::Error) -> SportelloError {
    SportelloError::new(ErrorCode::FileWrite).detail(format!("`{}`: {}", at.display(), error.kind()))
}
