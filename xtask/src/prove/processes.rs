//! Real processes: killed in the middle, two at once, behind a network that fails. Each job prints rows of the table, `proof: NAME: …`.

use anyhow::Result;

use super::{Proof, step};
use crate::Project;
use crate::shell::Shell;

/// Each job: its title and the words after `cargo`; the quick ones are those that take seconds.
const JOBS: [(&str, &[&str], Length); 0] = [];

/// How long a job takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    /// Seconds: part of the quick proof as well.
    #[allow(dead_code, reason = "no job is listed yet")]
    Short,
    /// Minutes.
    #[allow(dead_code, reason = "no job is listed yet")]
    Long,
}

pub(super) fn run(_project: &Project, shell: &mut Shell, proof: &mut Proof, quick: bool) -> Result<()> {
    for (title, words, length) in JOBS {
        if !quick || length == Length::Short {
            proof.part(step(shell, title, words));
        }
    }
    Ok(())
}
