//! Runs the tests with one mutant at work, the quickest first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::many::{ACTIVE, Mutant, json_lines};

/// A test program, and which of its tests; all when empty.
pub(super) type Test = (&'static str, &'static str);

/// No test is given up sooner: a busy machine is no infinite loop.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many mutants are tried at a time.
const WORKERS: usize = 2;

/// The test programs, by name; the unit tests are `lib`.
#[derive(Default)]
pub(super) struct Trials {
    programs: BTreeMap<String, (PathBuf, PathBuf)>,
    limits: BTreeMap<Test, Duration>,
}

impl Trials {
    /// Takes the programs that a `cargo test --no-run --message-format=json` has built.
    pub(super) fn add(&mut self, built: &str) {
        for message in json_lines(built) {
            let text = |pointer: &str| message.pointer(pointer).and_then(serde_json::Value::as_str);
            let (Some(program), Some(manifest)) = (text("/executable"), text("/manifest_path")) else {
                continue;
            };
            let name = match text("/target/kind/0") {
                Some("lib") => Some("lib"),
                _ => text("/target/name"),
            };
            let folder = PathBuf::from(manifest);
            if let (Some(name), Some(folder)) = (name, folder.parent()) {
                self.programs
                    .insert(name.to_owned(), (program.into(), folder.to_owned()));
            }
        }
    }

    /// Takes the time of a test with no mutant at work: ten times as long it may take with one.
    pub(super) fn measure(&mut self, test: Test) -> Result<()> {
        if self.limits.contains_key(&test) {
            return Ok(());
        }
        let began = Instant::now();
        if !self.passes(test, 0, Duration::from_secs(900))? {
            bail!("{} {} fails with no mutant at work", test.0, test.1);
        }
        self.limits.insert(test, PATIENCE.max(began.elapsed() * 10));
        Ok(())
    }

    /// Those that no test notices, neither by failing nor by never ending; some at a time.
    pub(super) fn unnoticed<'a>(
        &self,
        mutants: Vec<(&'a Mutant, &'a [Test])>,
    ) -> Result<Vec<(&'a Mutant, &'a [Test])>> {
        let (next, left) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || -> Result<()> {
            while let Some((mutant, tests)) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                if !self.noticed(mutant.id, tests)? {
                    left.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((*mutant, *tests));
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|_| bail!("a thread of the trials died"))
            })
        })?;
        let mut left = left.into_inner().unwrap_or_else(PoisonError::into_inner);
        left.sort_by_key(|(mutant, _)| mutant.id);
        Ok(left)
    }

    /// By one of the tests that are built.
    fn noticed(&self, id: u32, tests: &[Test]) -> Result<bool> {
        for test in tests {
            if let Some(limit) = self.limits.get(test)
                && !self.passes(*test, id, *limit)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn passes(&self, (program, filter): Test, id: u32, limit: Duration) -> Result<bool> {
        let (program, folder) = self
            .programs
            .get(program)
            .with_context(|| format!("no test program {program}"))?;
        let mut command = limited(program);
        command
            .arg("--quiet")
            .args(Some(filter).filter(|filter| !filter.is_empty()));
        command
            .env(ACTIVE, id.to_string())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // With whatever processes it starts.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status.success());
            }
            if Instant::now() >= end {
                #[cfg(unix)]
                let _ = Command::new("kill")
                    .args(["-KILL", "--", &format!("-{}", child.id())])
                    .status();
                child.kill()?;
                child.wait()?;
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A program that may not take the machine's memory: a mutant may well ask for all there is.
fn limited(program: &Path) -> Command {
    if cfg!(unix) {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -v 6000000; exec \"$0\" \"$@\""])
            .arg(program);
        command
    } else {
        Command::new(program)
    }
}
