//! Writing an archive's files out: aside first, then each under its name, none over another.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use super::error::ArchiveError;
use super::{Archive, ArchiveEntry, name};

/// How many names for the hidden folder are tried: leftovers of killed runs may hold some.
const STAGING_TRIES: u32 = 1000;

pub(super) fn extract<R: Read + Seek>(
    archive: &mut Archive<R>,
    dir: &Path,
) -> Result<Vec<PathBuf>, ArchiveError> {
    fs::create_dir_all(dir).map_err(|source| ArchiveError::Io { entry: None, source })?;
    let entries = archive.entries().to_vec();
    let staging =
        Staging::create(dir, &entries).map_err(|source| ArchiveError::Io { entry: None, source })?;
    for entry in &entries {
        let mut file = create_private(&staging.file_of(entry))
            .map_err(|source| ArchiveError::writing(entry.number, source))?;
        archive.read_into(entry.number, &mut file)?;
        // A name must never stand for content that a power cut could still take away.
        file.sync_all()
            .map_err(|source| ArchiveError::writing(entry.number, source))?;
    }
    let mut placed = Placed(Vec::new());
    let mut paths = Vec::with_capacity(entries.len());
    for entry in &entries {
        let (path, is_new) = place(&staging.file_of(entry), dir, entry)?;
        if is_new {
            placed.0.push(path.clone());
        }
        paths.push(path);
    }
    placed.0.clear();
    Ok(paths)
}

/// Gives a verified file its name; false when it stood there already: an earlier run was killed before it had placed them all.
fn place(from: &Path, dir: &Path, entry: &ArchiveEntry) -> Result<(PathBuf, bool), ArchiveError> {
    let failed = |source: io::Error| match source.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => ArchiveError::Exists { entry: entry.number },
        _ => ArchiveError::writing(entry.number, source),
    };
    let mut path = dir.to_path_buf();
    let (folders, file_name) = entry.name.rsplit_once('/').unwrap_or(("", &entry.name));
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        path.push(folder);
        match fs::create_dir(&path) {
            // What is there must be a real folder: a link could lead out of `dir`.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if !fs::symlink_metadata(&path).map_err(failed)?.is_dir() {
                    return Err(ArchiveError::Exists { entry: entry.number });
                }
            }
            other => other.map_err(failed)?,
        }
    }
    path.push(file_name);
    // A link fails where the name is taken, and leaves nothing half done to a run that is killed.
    match fs::hard_link(from, &path) {
        Ok(()) => return Ok((path, true)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return match same_file(from, &path) {
                Ok(true) => Ok((path, false)),
                Ok(false) | Err(_) => Err(failed(error)),
            };
        }
        // File systems without hard links (exFAT).
        Err(_) => {}
    }
    // Renaming overwrites on most systems, so the name is taken first, by a file that must be new.
    drop(create_private(&path).map_err(failed)?);
    if let Err(error) = fs::rename(from, &path) {
        let _ = fs::remove_file(&path);
        return Err(failed(error));
    }
    Ok((path, true))
}

/// True when a real file holds the same bytes.
fn same_file(one: &Path, other: &Path) -> io::Result<bool> {
    let there = fs::symlink_metadata(other)?;
    if !there.is_file() || there.len() != fs::metadata(one)?.len() {
        return Ok(false);
    }
    let mut pair = [
        BufReader::new(File::open(one)?),
        BufReader::new(File::open(other)?),
    ];
    loop {
        let [one, other] = &mut pair;
        let (left, right) = (one.fill_buf()?, other.fill_buf()?);
        let len = left.len().min(right.len());
        if len == 0 {
            return Ok(left.len() == right.len());
        }
        if left.get(..len) != right.get(..len) {
            return Ok(false);
        }
        one.consume(len);
        other.consume(len);
    }
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The hidden folder; gone with everything in it at the end, however it ends.
struct Staging(PathBuf);

impl Staging {
    fn create(dir: &Path, entries: &[ArchiveEntry]) -> io::Result<Staging> {
        for attempt in 0..STAGING_TRIES {
            let candidate = format!(".sportello-{}-{attempt}", std::process::id());
            // An archive must not be able to write into its own staging folder.
            if entries
                .iter()
                .any(|entry| name::fold(&entry.name).starts_with(&candidate))
            {
                continue;
            }
            let path = dir.join(candidate);
            match fs::create_dir(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                created => return created.map(|()| Staging(path)),
            }
        }
        Err(io::Error::new(
            ErrorKind::AlreadyExists,
            "too many hidden folders of former runs",
        ))
    }

    /// Numbers, not names: nothing out of the archive names a file before it is verified.
    fn file_of(&self, entry: &ArchiveEntry) -> PathBuf {
        self.0.join(entry.number.to_string())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Files that got their name; taken back unless the last one did too.
struct Placed(Vec<PathBuf>);

impl Drop for Placed {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}
