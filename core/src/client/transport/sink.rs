//! The file that an answer goes into, while somebody waits for it.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::http::Failure;

/// Held by whoever waits for a writer; when it goes, nobody does.
#[derive(Default)]
pub(super) struct Waiting(Arc<AtomicBool>);

impl Waiting {
    /// True once nobody waits any more.
    pub(super) fn given_up(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs on a blocking thread, which nobody can stop: writes into the sink, and takes the file away when it was given up meanwhile.
pub(super) fn with_sink<T>(
    sink: &Path,
    given_up: &AtomicBool,
    write: impl FnOnce(File) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if given_up.load(Ordering::SeqCst) {
        return Err(Failure::Interrupted);
    }
    let opened = open(sink).and_then(|file| Ok((file.try_clone()?, file)));
    let (ours, file) = opened.map_err(|_| Failure::SinkFailed)?;
    let written = write(file);
    if given_up.load(Ordering::SeqCst) && is_at(&ours, sink) {
        // What can't be removed is an unfinished file more; whoever gave up does not hear of it.
        let _ = fs::remove_file(sink);
    }
    written
}

/// An empty file that no other writer holds: one whose time was up may still be at work on the last.
fn open(sink: &Path) -> io::Result<File> {
    let before = fs::symlink_metadata(sink).ok().filter(fs::Metadata::is_file);
    if before.is_some() {
        fs::remove_file(sink)?;
    }
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(sink)?;
    if let Some(before) = before {
        file.set_permissions(before.permissions())?;
    }
    Ok(file)
}

/// True when the path still leads to this file, not to one that somebody has begun anew.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(held), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (held.dev(), held.ino()) == (there.dev(), there.ino())
}

/// Elsewhere a file that is open can't be begun anew under its name.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_up_is_taken_away_and_what_came_after_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let sink = folder.path().join("sink");
        let waiting = Waiting::default();
        let given_up = waiting.given_up();
        with_sink(&sink, &given_up, |_| Ok(())).unwrap();
        assert!(sink.exists(), "somebody waits");
        let mut waiting = Some(waiting);
        let cut = with_sink(&sink, &given_up, |_| {
            waiting.take();
            Err::<(), _>(Failure::Interrupted)
        });
        assert!(cut.is_err() && !sink.exists());
        assert!(
            with_sink(&sink, &given_up, |_| Ok(())).is_err(),
            "it is not even begun"
        );
        assert!(!sink.exists());
        // Another attempt has begun meanwhile.
        let late = Waiting::default().given_up();
        let (again, late_flag) = (sink.clone(), late);
        late_flag.store(false, Ordering::SeqCst);
        let _ = with_sink(&sink, &late_flag, |_| {
            late_flag.store(true, Ordering::SeqCst);
            with_sink(&again, &AtomicBool::new(false), |_| Ok(()))
        });
        assert_eq!(sink.exists(), cfg!(unix));
    }
}
