//! Whether the version says what changed: the public interface of the published libraries against an earlier one (cargo-semver-checks).

use anyhow::Result;

use crate::Project;
use crate::tools::SEMVER_CHECKS;

/// The published crates that others compile against.
const LIBRARIES: [&str; 3] = ["sportello", "sportello-relay", "sportello-simulator"];

/// Compares with a revision, else with the last one that is tagged as a version; true when nothing forbids this version.
pub(crate) fn run(project: &Project, against: Option<&str>) -> Result<bool> {
    let shell = &mut project.shell("semver")?;
    let mut describe = shell.command("git");
    describe.args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]);
    let tag = describe.output()?.stdout;
    let tag = String::from_utf8_lossy(&tag).trim().to_owned();
    let baseline = match against {
        Some(revision) => revision,
        None if tag.is_empty() => {
            println!(
                "  SKIPPED: no version is tagged yet, so there is nothing to compare with; `--against REVISION` names something else"
            );
            return Ok(true);
        }
        None => &tag,
    };
    let program = SEMVER_CHECKS.install(project, shell)?;
    let mut command = shell.command(program);
    command.args(["semver-checks", "check-release", "--baseline-rev", baseline]);
    for name in LIBRARIES {
        command.args(["-p", name]);
    }
    command
        .env("CARGO_TARGET_DIR", project.cache.path("target-semver"))
        .env("CARGO_TERM_COLOR", "never");
    let done = shell.run(&format!("semver, against {baseline}"), &mut command)?;
    let kept = |line: &&str| line.contains("Summary") || line.contains("FAIL") || line.contains("failed in");
    for line in done.text.lines().filter(kept) {
        println!("    {}", line.trim());
    }
    Ok(done.ok())
}
