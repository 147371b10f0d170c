//! Counts cases per language and closes the run.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cli::Language;
use crate::setup::{Missing, NotOurs};
use crate::shell::Done;

/// What one language's job counted.
#[derive(Default)]
pub(crate) struct Tally {
    passed: u32,
    failed: u32,
    skipped: u32,
    vectors: Option<u32>,
    /// Nothing may be left out.
    strict: bool,
}

impl Tally {
    /// Counts a step that could not run: one skip where a toolchain is missing on a person's machine, else one failure.
    pub(crate) fn left_out(&mut self, what: &str, error: &anyhow::Error) {
        match error.downcast_ref::<Missing>() {
            Some(missing) if !self.strict => {
                eprintln!("  SKIPPED: {what}: {missing}");
                self.skipped += 1;
            }
            _ => self.fail(error),
        }
    }

    /// Counts a step that is one case: it passed or it didn't. A failure is shown and the job goes on.
    pub(crate) fn gate(&mut self, done: Result<Done>) {
        match done.and_then(Done::require) {
            Ok(_) => self.passed += 1,
            Err(error) => self.fail(&error),
        }
    }

    /// Counts something that is one case and has no output of its own to show; says how it went.
    pub(crate) fn case(&mut self, what: &str, done: Result<()>) {
        match done {
            Ok(()) => {
                println!("  {what}: ok");
                self.passed += 1;
            }
            Err(error) => {
                eprintln!("  {what}: FAILED");
                self.fail(&error);
            }
        }
    }

    /// Counts what a test runner counted. A runner that failed without naming a case is one failure, and so
    /// is one that ran nothing.
    pub(crate) fn counted(&mut self, done: &Done, counts: Counts) {
        self.passed += counts.passed;
        self.skipped += counts.skipped;
        self.failed += counts.failed;
        if !done.ok() {
            self.failed += u32::from(counts.failed == 0);
            eprintln!("{:#}", done.error());
        } else if counts.passed == 0 {
            self.fail(&anyhow::anyhow!("the runner ended well but ran no case"));
        }
    }

    /// Compares the shared cases that a runner says it ran with those that there are.
    pub(crate) fn vectors(&mut self, ran: u32, expected: u32) {
        self.vectors = Some(ran);
        if ran == expected {
            self.passed += 1;
        } else {
            self.fail(&anyhow::anyhow!(
                "{expected} shared cases are in core/vectors, but the runner ran {ran}"
            ));
        }
    }

    /// True when nothing failed.
    pub(crate) fn is_clean(&self) -> bool {
        self.failed == 0
    }

    /// Counts one failure and shows it.
    pub(crate) fn fail(&mut self, error: &anyhow::Error) {
        self.failed += 1;
        eprintln!("{error:#}");
    }
}

/// What a test runner printed about its cases.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Cases that passed.
    pub(crate) passed: u32,
    /// Cases that failed.
    pub(crate) failed: u32,
    /// Cases the runner left out.
    pub(crate) skipped: u32,
}

/// The numbers of a run, language by language.
pub(crate) struct Summary {
    strict: bool,
    lines: Vec<String>,
    total: Counts,
    started: Instant,
}

impl Summary {
    /// An empty summary; a strict one counts a language that can't run as a failure.
    pub(crate) fn new(strict: bool) -> Summary {
        Summary {
            strict,
            lines: Vec::new(),
            total: Counts::default(),
            started: Instant::now(),
        }
    }

    /// Runs one language's job and keeps what it counted.
    pub(crate) fn job(&mut self, language: Language, job: impl FnOnce(&mut Tally) -> Result<()>) {
        let started = Instant::now();
        let mut tally = Tally {
            strict: self.strict,
            ..Tally::default()
        };
        if let Err(error) = job(&mut tally) {
            let missing = error.downcast_ref::<Missing>().filter(|_| !self.strict);
            let reason = missing
                .map(ToString::to_string)
                .or_else(|| error.downcast_ref::<NotOurs>().map(ToString::to_string));
            if let Some(reason) = reason {
                eprintln!("  SKIPPED: {reason}");
                self.lines.push(format!("{language}: SKIPPED, {reason}"));
                self.total.skipped += 1;
                return;
            }
            tally.fail(&error);
        }
        let vectors = tally
            .vectors
            .map(|count| format!(" ({count} shared cases)"))
            .unwrap_or_default();
        self.lines.push(format!(
            "{language}: {} cases passed, {} failed, {}{vectors}",
            tally.passed,
            tally.failed,
            clock(started.elapsed())
        ));
        self.total.passed += tally.passed;
        self.total.failed += tally.failed;
        self.total.skipped += tally.skipped;
    }

    /// Prints the summary; true when nothing failed and something ran.
    pub(crate) fn close(self) -> bool {
        println!();
        for line in &self.lines {
            println!("{line}");
        }
        println!("all: {}", clock(self.started.elapsed()));
        let Counts {
            passed,
            failed,
            skipped,
        } = self.total;
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        failed == 0 && passed > 0
    }
}

fn clock(time: Duration) -> String {
    format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60)
}

/// The number before the first of the given words in a line: `12` in `ok. 12 passed; 0 failed`.
pub(crate) fn number_before(line: &str, word: &str) -> Option<u32> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words
        .iter()
        .position(|found| found.trim_matches([';', ',', '.', '=']) == word)?;
    words
        .get(at.checked_sub(1)?)?
        .trim_matches(['=', ','])
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_before_its_word() {
        let line = "test result: ok. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(number_before(line, "passed"), Some(12));
        assert_eq!(number_before(line, "failed"), Some(3));
        assert_eq!(number_before(line, "ignored"), Some(1));
        assert_eq!(
            number_before("===== 4 passed, 2 skipped in 0.10s =====", "skipped"),
            Some(2)
        );
        assert_eq!(number_before("passed", "passed"), None);
        assert_eq!(number_before("all passed", "passed"), None);
    }

    #[test]
    fn a_missing_toolchain_is_a_skip_for_a_person_and_a_failure_for_ci() {
        for (strict, good) in [(false, true), (true, false)] {
            let mut summary = Summary::new(strict);
            summary.job(Language::Rust, |tally| {
                tally.passed = 3;
                Ok(())
            });
            summary.job(Language::Swift, |_| Err(Missing("no swift".to_owned()).into()));
            assert_eq!(summary.close(), good);
        }
    }

    #[test]
    fn a_step_left_out_is_counted_and_a_failure_for_ci() {
        for (strict, good) in [(false, true), (true, false)] {
            let mut summary = Summary::new(strict);
            summary.job(Language::Rust, |tally| {
                tally.passed = 3;
                tally.left_out("a server", &Missing("no server".to_owned()).into());
                tally.left_out("another", &Missing("no server".to_owned()).into());
                Ok(())
            });
            let left_out = (summary.total.skipped, summary.total.failed);
            assert_eq!(left_out, if strict { (0, 2) } else { (2, 0) });
            assert_eq!(summary.close(), good);
        }
        // What is there and broken is no skip for anybody.
        let mut summary = Summary::new(false);
        summary.job(Language::Rust, |tally| {
            tally.passed = 3;
            tally.left_out("a server", &anyhow::anyhow!("it does not start"));
            Ok(())
        });
        assert!(!summary.close());
    }

    #[test]
    fn what_nobody_can_install_is_a_skip_everywhere() {
        let mut summary = Summary::new(true);
        summary.job(Language::Rust, |tally| {
            tally.passed = 3;
            Ok(())
        });
        summary.job(Language::Contract, |_| {
            Err(NotOurs("no descriptions".to_owned()).into())
        });
        assert_eq!(summary.total.skipped, 1);
        assert!(summary.close());
    }

    #[test]
    fn a_run_of_nothing_is_not_a_success() {
        assert!(!Summary::new(false).close());
    }
}
