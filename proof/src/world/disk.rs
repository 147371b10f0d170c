//! Where the journal is, and what a crash leaves of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sportello::journal::{Duplicates, Entry, EntryKey, Journal, MemoryJournal, Recorded, SqliteJournal};
use tempfile::TempDir;

use super::fault::Torn;

/// The journal of a world.
pub(crate) enum Disk {
    /// In memory, with what it held before each write: a fork is cheap and a backup is at hand.
    Memory {
        now: MemoryJournal,
        past: Vec<Arc<MemoryJournal>>,
    },
    /// SQLite in a real file.
    File(Box<FileDisk>),
    /// A journal that others hold as well, and that no crash of ours hurts.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(dead_code, reason = "only PostgreSQL is one")
    )]
    Server(Arc<dyn Journal>),
}

impl Disk {
    pub(crate) fn memory() -> Disk {
        Disk::Memory {
            now: MemoryJournal::new(),
            past: Vec::new(),
        }
    }

    /// The same disk in another world; only memory can be in two.
    pub(crate) fn fork(&self) -> Disk {
        match self {
            Disk::Memory { now, past } => Disk::Memory {
                now: now.fork(),
                past: past.clone(),
            },
            Disk::File(_) | Disk::Server(_) => panic!("only a journal in memory is forked"),
        }
    }

    fn journal(&self) -> &dyn Journal {
        match self {
            Disk::Memory { now, .. } => now,
            Disk::File(file) => file.journal(),
            Disk::Server(journal) => &**journal,
        }
    }

    pub(crate) fn get(&self, key: &EntryKey) -> Option<Entry> {
        self.journal().get(key).expect("the journal can be read")
    }

    pub(crate) fn record(&mut self, entry: &Entry, expect_seq: u64, duplicates: Duplicates) -> Recorded {
        match self {
            Disk::Memory { now, past } => past.push(Arc::new(now.fork())),
            Disk::File(file) => file.back_up(),
            Disk::Server(_) => {}
        }
        let recorded = self.journal().record(entry, expect_seq, duplicates);
        recorded.expect("the journal can be written")
    }

    /// Puts the journal back to what it was after this many writes.
    pub(crate) fn restore(&mut self, writes: usize) {
        match self {
            Disk::Memory { now, past } => {
                *now = past[writes].fork();
                past.truncate(writes);
            }
            Disk::File(file) => file.restore(writes),
            Disk::Server(_) => panic!("what others hold as well is not put back"),
        }
    }

    /// How many backups there are.
    pub(crate) fn backups(&self) -> usize {
        match self {
            Disk::Memory { past, .. } => past.len(),
            Disk::File(file) => file.backups,
            Disk::Server(_) => 0,
        }
    }

    /// Throws the backups away.
    pub(crate) fn forget_backups(&mut self) {
        match self {
            Disk::Memory { past, .. } => past.clear(),
            Disk::File(file) => file.backups = 0,
            Disk::Server(_) => {}
        }
    }
}

/// SQLite in a real file. A crash is a copy of the files as they are at that moment, with no chance for SQLite to tidy up.
pub(crate) struct FileDisk {
    folder: TempDir,
    lives: u32,
    /// How many copies there are of what the files were before a write.
    backups: usize,
    journal: Option<SqliteJournal>,
}

impl FileDisk {
    pub(crate) fn new() -> FileDisk {
        let folder = tempfile::tempdir().expect("a folder");
        let mut disk = FileDisk {
            folder,
            lives: 0,
            backups: 0,
            journal: None,
        };
        fs::create_dir(disk.path(0)).expect("a folder");
        disk.open();
        disk
    }

    fn path(&self, life: u32) -> PathBuf {
        self.folder.path().join(life.to_string())
    }

    fn open(&mut self) {
        let path = self.path(self.lives).join("journal.sqlite");
        self.journal = Some(SqliteJournal::open(path).expect("the journal opens after whatever happened"));
    }

    fn journal(&self) -> &SqliteJournal {
        self.journal.as_ref().expect("open")
    }

    /// The process dies; `torn` is what the disk has of the write that began when the log had `before` bytes.
    pub(crate) fn crash(&mut self, torn: Option<(Torn, u64)>) {
        let (old, new) = (self.path(self.lives), self.path(self.lives + 1));
        copy(&old, &new);
        if let Some((torn, before)) = torn {
            let log = new.join("journal.sqlite-wal");
            let mut bytes = fs::read(&log).expect("the log");
            tear(&mut bytes, torn, usize::try_from(before).expect("small"));
            fs::write(&log, bytes).expect("the log");
        }
        self.begin_next_life();
    }

    fn begin_next_life(&mut self) {
        // The dead process's connection goes only now, and with it its tidying up of files that nobody reads again.
        self.journal = None;
        fs::remove_dir_all(self.path(self.lives)).expect("a folder");
        self.lives += 1;
        self.open();
    }

    fn backup(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("backup-{number}"))
    }

    /// Keeps a copy of the files as they are before a write.
    fn back_up(&mut self) {
        let backup = self.backup(self.backups);
        if backup.exists() {
            fs::remove_dir_all(&backup).expect("a folder");
        }
        copy(&self.path(self.lives), &backup);
        self.backups += 1;
    }

    /// The process dies, and the files come back as they were before this write.
    fn restore(&mut self, writes: usize) {
        copy(&self.backup(writes), &self.path(self.lives + 1));
        self.backups = writes;
        self.begin_next_life();
    }

    pub(crate) fn log_len(&self) -> u64 {
        let log = self.path(self.lives).join("journal.sqlite-wal");
        fs::metadata(log).map_or(0, |file| file.len())
    }
}

/// A copy of a journal's files. The shared-memory index dies with the last process.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        let name = file.file_name();
        if !name.to_string_lossy().ends_with("-shm") {
            fs::copy(file.path(), to.join(&name)).expect("a copy");
        }
    }
}

fn tear(log: &mut Vec<u8>, torn: Torn, before: usize) {
    let whole = log.len();
    if whole <= before {
        // Refused by compare-and-set, or into a part of the log that is used again: nothing to cut.
        return;
    }
    match torn {
        Torn::Nothing => log.truncate(before),
        Torn::Header => log.truncate((before + 24).min(whole)),
        Torn::Half => log.truncate(before + (whole - before) / 2),
        Torn::LastByte => log.truncate(whole - 1),
        Torn::BitFlip => log[before + (whole - before) / 2] ^= 0x10,
        Torn::Rubbish => log.extend([0xA5; 1_000]),
    }
}
