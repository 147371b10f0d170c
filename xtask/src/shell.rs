//! Runs a step: one line on the terminal, everything it said in a log.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};

use crate::cache::Cache;

/// How much of a failed step's output is shown.
const TAIL_LINES: usize = 80;

/// What is inherited from `cargo run` and would mislead a tool that we start: the library path of rustup's
/// compiler breaks Debian's, and the toolchain's name overrides a caller's choice.
const MISLEADING: [&str; 6] = [
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "RUSTUP_TOOLCHAIN",
    "CARGO_MANIFEST_DIR",
    "CARGO",
    "RUSTC",
];

/// Runs the steps of one job.
pub(crate) struct Shell {
    repo: PathBuf,
    target: PathBuf,
    log: File,
    log_path: PathBuf,
    verbose: bool,
    always: Vec<(String, String)>,
}

/// What a step did.
pub(crate) struct Done {
    title: String,
    ok: bool,
    /// Everything it printed, standard output and error in the order they came.
    pub(crate) text: String,
    log_path: PathBuf,
}

impl Done {
    /// True when it ended with success.
    pub(crate) fn ok(&self) -> bool {
        self.ok
    }

    /// Turns a step that ended well into a failure: what it printed is wrong.
    pub(crate) fn refuse(&mut self, reason: &str) {
        self.ok = false;
        self.text.push_str(reason);
    }

    /// The output, or an error that carries the end of it.
    pub(crate) fn require(self) -> Result<String> {
        if self.ok { Ok(self.text) } else { Err(self.error()) }
    }

    /// The failure as an error.
    pub(crate) fn error(&self) -> anyhow::Error {
        let lines: Vec<&str> = self.text.lines().collect();
        let tail = lines
            .split_at(lines.len().saturating_sub(TAIL_LINES))
            .1
            .join("\n");
        anyhow!(
            "`{}` failed\n{tail}\n(whole log: {})",
            self.title,
            self.log_path.display()
        )
    }
}

impl Shell {
    /// A shell whose log is `logs/<job>.log` in the cache.
    pub(crate) fn new(job: &str, repo: &Path, cache: &Cache, verbose: bool) -> Result<Shell> {
        let folder = cache.path("logs");
        fs::create_dir_all(&folder)?;
        let log_path = folder.join(format!("{job}.log"));
        let log = OpenOptions::new()
            .create(true)
            .write(true)
            .read(true)
            .truncate(true)
            .open(&log_path)?;
        Ok(Shell {
            repo: repo.to_owned(),
            target: cache.cargo_target(),
            log,
            log_path,
            verbose,
            always: Vec::new(),
        })
    }

    /// Sets a variable for every command from here on.
    pub(crate) fn always(&mut self, name: &str, value: &str) {
        self.always.push((name.to_owned(), value.to_owned()));
    }

    /// From here on commands run in another copy of the checkout.
    pub(crate) fn moved(&mut self, repo: &Path) {
        self.repo = repo.to_owned();
    }

    /// A command in the checkout, with an environment that misleads no tool.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.repo).stdin(Stdio::null());
        for name in MISLEADING {
            command.env_remove(name);
        }
        command.envs(self.always.iter().map(|(name, value)| (name, value)));
        command
    }

    /// `cargo` for this machine, building into the cache.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.command("cargo");
        command
            .args(args)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never");
        command
    }

    /// Runs a command to its end and tells what it did; an error only when it could not be started.
    pub(crate) fn run(&mut self, title: &str, command: &mut Command) -> Result<Done> {
        let begin = self.log.seek(SeekFrom::End(0))?;
        writeln!(self.log, "\n$ {command:?}")?;
        print!("  {title} … ");
        std::io::stdout().flush()?;
        let started = Instant::now();
        let status = command
            .stdout(self.log.try_clone()?)
            .stderr(self.log.try_clone()?)
            .status()
            .with_context(|| format!("starting {:?}", command.get_program()));
        let seconds = started.elapsed().as_secs_f32();
        let ok = status.as_ref().is_ok_and(std::process::ExitStatus::success);
        println!("{} ({seconds:.1} s)", if ok { "ok" } else { "FAILED" });
        status?;
        let mut bytes = Vec::new();
        self.log.seek(SeekFrom::Start(begin))?;
        self.log.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if self.verbose {
            println!("{text}");
        }
        Ok(Done {
            title: title.to_owned(),
            ok,
            text,
            log_path: self.log_path.clone(),
        })
    }
}

/// The folder's tree copied over another, file by file; files of equal content keep their time, so that a
/// build tool that goes by times has nothing to do.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            copy_file(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// One file, unless the target holds the same already.
pub(crate) fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let content = fs::read(from).with_context(|| format!("reading {}", from.display()))?;
    if fs::read(to).is_ok_and(|found| found == content) {
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(to, content).with_context(|| format!("writing {}", to.display()))
}
