//! The journal key in a file of its own: 64 hexadecimal digits and a line end, for this user alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::place::{self, Draft, Published};
use super::{JournalError, JournalKey};

const DIGITS: usize = 64;
/// No more of a file is read, bytes: whatever is longer is no key.
const LONGEST: u64 = 72;

/// How long a file that is cut short may still be in the making.
const PATIENCE: Duration = Duration::from_secs(2);

impl JournalKey {
    /// A new key from the system's random bytes.
    ///
    /// # Errors
    /// The system gives none.
    pub fn random() -> Result<JournalKey, JournalError> {
        let mut bytes = Zeroizing::new([0; JournalKey::LEN]);
        match getrandom::fill(bytes.as_mut_slice()) {
            Ok(()) => Ok(JournalKey::from_bytes(*bytes)),
            Err(error) => Err(JournalError::NoRandomness {
                detail: error.to_string(),
            }),
        }
    }

    /// The key in a file; where there is none, a new one is made, with its folder. Processes that do so at the same moment all get
    /// the same key.
    ///
    /// On Unix the file has mode 0600 and one that others may read is refused; on Windows it has the access rights of the folder,
    /// which in a user's profile are the user's alone. Keep a copy as safe as the journal's: without the key, what is under way can
    /// be watched, but answers can no longer be compared with what was sent.
    ///
    /// # Errors
    /// `journal.key_unreadable`, `journal.key_permissions`, `journal.no_randomness`; `journal.unavailable` or `journal.full` when a
    /// new key can't be written.
    pub fn load_or_create(path: &Path) -> Result<JournalKey, JournalError> {
        let path = &place::absolute(path)?;
        if let Some(key) = load_patiently(path)? {
            return Ok(key);
        }
        place::prepare_folder(path)?;
        create(path).map_err(|error| match error {
            Failed::Journal(error) => error,
            Failed::System(error) => place::unavailable(path, &error),
        })?;
        // Read back, whoever made it: from here on only what is in the file counts.
        load_patiently(path)?.ok_or_else(|| unreadable(path, "it was removed a moment after it was made"))
    }

    /// The key in a file that must be there: for a journal that already has entries, where a new key would be the wrong one.
    ///
    /// # Errors
    /// `journal.key_unreadable`, `journal.key_permissions`.
    pub fn load(path: &Path) -> Result<JournalKey, JournalError> {
        let path = &place::absolute(path)?;
        load_patiently(path)?.ok_or_else(|| unreadable(path, "there is no such file"))
    }
}

enum Failed {
    Journal(JournalError),
    System(io::Error),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        Failed::System(error)
    }
}

fn create(path: &Path) -> Result<(), Failed> {
    let key = JournalKey::random().map_err(Failed::Journal)?;
    let draft = Draft::beside(path)?;
    write(OpenOptions::new().write(true).open(draft.path())?, &key)?;
    match draft.publish()? {
        Published::Made | Published::TheirsStands => Ok(()),
        Published::NoLinks => Ok(create_in_place(path, &key)?),
    }
}

/// Writes the key under its own name, where it is cut short for a moment; see [`load_patiently`].
fn create_in_place(path: &Path, key: &JournalKey) -> io::Result<()> {
    match place::new_file(path) {
        Ok(file) => write(file, key)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    place::flush_folder(place::folder_of(path))
}

fn write(mut file: File, key: &JournalKey) -> io::Result<()> {
    let mut text = Zeroizing::new(Vec::with_capacity(DIGITS + 1));
    for byte in key.bytes() {
        write!(text, "{byte:02x}")?;
    }
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_all()
}

/// Reads the key; `None` when there is no file. On file systems without links a key is made in its place, so one that is cut short
/// gets a moment.
fn load_patiently(path: &Path) -> Result<Option<JournalKey>, JournalError> {
    let began = Instant::now();
    loop {
        let text = match read(path)? {
            None => return Ok(None),
            Some(text) => text,
        };
        let digits = text.trim_ascii_end();
        if digits.len() < DIGITS && began.elapsed() < PATIENCE {
            sleep(Duration::from_millis(20));
            continue;
        }
        return match parse(digits) {
            Some(key) => Ok(Some(key)),
            None => Err(unreadable(
                path,
                &format!("it does not hold {DIGITS} hexadecimal digits"),
            )),
        };
    }
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, JournalError> {
    let said = |error: &io::Error| unreadable(path, &error.to_string());
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| said(&error))?,
    };
    let metadata = file.metadata().map_err(|error| said(&error))?;
    if !metadata.is_file() {
        return Err(unreadable(path, "it is not a file"));
    }
    // Of the open file, not of the path: what was checked is what is read.
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
        if mode & 0o077 != 0 {
            return Err(JournalError::KeyPermissions {
                place: path.display().to_string(),
                mode,
            });
        }
    }
    // Room for all of it at once, so that no copy is left behind in memory by a growing buffer.
    let mut text = Zeroizing::new(Vec::with_capacity(DIGITS * 2));
    file.take(LONGEST)
        .read_to_end(&mut text)
        .map_err(|error| said(&error))?;
    Ok(Some(text))
}

fn parse(digits: &[u8]) -> Option<JournalKey> {
    if digits.len() != DIGITS {
        return None;
    }
    let mut bytes = Zeroizing::new([0; JournalKey::LEN]);
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(*pair.first()?).to_digit(16)?;
        let low = char::from(*pair.last()?).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(JournalKey::from_bytes(*bytes))
}

fn unreadable(path: &Path, detail: &str) -> JournalError {
    JournalError::KeyUnreadable {
        place: path.display().to_string(),
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On file systems without links the key is made in its place while others already wait for it.
    #[test]
    fn a_key_made_in_its_place_is_one_key_for_whoever_waits() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal.key");
            let threads: Vec<_> = (0..6)
                .map(|number| {
                    let path = path.clone();
                    std::thread::spawn(move || {
                        if number % 2 == 0 {
                            create_in_place(&path, &JournalKey::random().unwrap()).unwrap();
                        }
                        JournalKey::load_or_create(&path).unwrap().mac("test", &[])
                    })
                })
                .collect();
            let digests: Vec<String> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
            assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
        }
    }

    #[test]
    fn a_key_cut_short_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.key");
        let key = JournalKey::random().unwrap();
        let file = place::new_file(&path).unwrap();
        let reader = {
            let path = path.clone();
            std::thread::spawn(move || JournalKey::load_or_create(&path).unwrap().id())
        };
        sleep(Duration::from_millis(100));
        write(file, &key).unwrap();
        assert_eq!(reader.join().unwrap(), key.id());
    }

    #[test]
    fn a_key_is_made_in_its_place_where_names_can_not_be_linked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.key");
        let key = JournalKey::from_bytes([9; JournalKey::LEN]);
        create_in_place(&path, &key).unwrap();
        let began = Instant::now();
        assert_eq!(JournalKey::load(&path).unwrap().id(), key.id());
        assert!(began.elapsed() < PATIENCE, "a whole key is not waited for");
        // Somebody else's stands.
        create_in_place(&path, &JournalKey::from_bytes([1; JournalKey::LEN])).unwrap();
        assert_eq!(JournalKey::load(&path).unwrap().id(), key.id());
        assert!(create_in_place(&folder.path().join("none/journal.key"), &key).is_err());
    }

    #[test]
    fn a_place_that_can_not_be_looked_at_is_an_error_and_not_an_empty_one() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = JournalKey::load(&file.path().join("journal.key")).unwrap_err();
        assert_eq!(error.code(), "journal.key_unreadable");
        assert!(!error.to_string().contains("there is no such file"), "{error}");
        assert_eq!(u64::try_from(DIGITS).unwrap() + 8, LONGEST);
    }
}
