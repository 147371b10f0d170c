//! One at a time per reference: among this process's tasks, and among the processes that share the folder.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};
use tokio::sync::OwnedMutexGuard;

/// How long to wait before another process is asked again.
const PAUSE: Duration = Duration::from_millis(40);

/// The locks of a relay.
pub(crate) struct Locks {
    folder: PathBuf,
    held: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// Holds one name; a process that dies lets it go.
pub(crate) struct Guard {
    // In this order: other processes first, then the tasks of this one.
    _file: File,
    _task: OwnedMutexGuard<()>,
}

impl Locks {
    pub(crate) fn new(folder: PathBuf) -> Locks {
        Locks {
            folder,
            held: Mutex::default(),
        }
    }

    /// Holds `name`; `None` when somebody else still does after `patience`.
    pub(crate) async fn hold(&self, name: &str, patience: Duration) -> io::Result<Option<Guard>> {
        let until = Instant::now() + patience;
        let task = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            if held.len() > 1024 {
                held.retain(|_, lock| Arc::strong_count(lock) > 1);
            }
            Arc::clone(held.entry(name.to_owned()).or_default())
        };
        let Ok(task) = tokio::time::timeout_at(until.into(), task.lock_owned()).await else {
            return Ok(None);
        };
        let path = self.folder.join(format!("{name}.lock"));
        loop {
            let at = path.clone();
            let file = tokio::task::spawn_blocking(move || try_lock(&at)).await;
            if let Some(file) = file.map_err(io::Error::other)?? {
                return Ok(Some(Guard {
                    _file: file,
                    _task: task,
                }));
            }
            if Instant::now() + PAUSE > until {
                return Ok(None);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Takes the lock's file away. Whoever waits for the old one notices that it is no longer the one in the folder.
    pub(crate) fn forget(&self, guard: Guard, name: &str) {
        let _ = std::fs::remove_file(self.folder.join(format!("{name}.lock")));
        drop(guard);
    }
}

fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    match FileExt::try_lock(&file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Between the opening and the lock, its holder may have taken the file away.
    Ok(is_still_there(&file, path)?.then_some(file))
}

#[cfg(unix)]
fn is_still_there(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere an open file can't be taken away.
#[cfg(not(unix))]
fn is_still_there(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn one_at_a_time_also_from_another_process() {
        let folder = tempfile::tempdir().unwrap();
        let here = Locks::new(folder.path().to_owned());
        // Locks of its own stand for another process: flock is per open file.
        let there = Locks::new(folder.path().to_owned());
        let short = Duration::from_millis(60);
        let guard = here.hold("a", short).await.unwrap().unwrap();
        assert!(here.hold("a", short).await.unwrap().is_none());
        assert!(there.hold("a", short).await.unwrap().is_none());
        assert!(there.hold("b", short).await.unwrap().is_some());
        here.forget(guard, "a");
        assert!(there.hold("a", short).await.unwrap().is_some());
    }
}
