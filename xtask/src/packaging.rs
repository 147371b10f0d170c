//! Small programs, each built and run with the packed package: bundlers, frameworks, servers.

use anyhow::Result;

use crate::Project;
use crate::browser;
use crate::report::Tally;
use crate::shell::Shell;

/// Runs them; the package has been built, and a browser is here.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let folder = project.repo.join("bindings-wasm/js/packaging");
    browser::packages(project, shell, &folder, "npm-packaging")?;
    let mut node = shell.command("node");
    node.current_dir(&folder).arg("run.mjs");
    if let Some(browser) = browser::browser() {
        node.arg(browser);
    }
    let done = shell.run("programs built with the packed package", &mut node)?;
    for line in done.text.lines().filter(|line| line.starts_with("packaging: ")) {
        println!("    {line}");
    }
    tally.gate(Ok(done));
    Ok(())
}
