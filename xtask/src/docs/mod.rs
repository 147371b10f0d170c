//! The book: built with mdBook out of `docs/`, with the reference of errors made from the shared table; links compared, looked at in Chromium.
//!
//! `sources` has what every test run holds it to: no program stands in the book alone, and every code that it names is there.

mod links;
mod reference;
#[cfg(test)]
mod sources;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::Project;
use crate::package::stage;
use crate::setup::{text, which};
use crate::shell::Shell;
use crate::tools::MDBOOK;

/// Builds `dist/book`; true when every link in it leads somewhere.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("docs")?;
    let program = MDBOOK.install(project, shell)?;
    // In a copy: what is generated is no part of the checkout.
    let copy = stage::tracked(project, shell, "docs")?;
    let table = fs::read_to_string(project.repo.join("core/vectors/errors.json"))?;
    let texts = fs::read_to_string(project.repo.join("bindings-wasm/js/src/texts/en.ts"))?;
    fs::write(
        copy.join("docs/src/errors.md"),
        reference::page(&table, &texts).context("the reference of errors")?,
    )?;
    let book = project.repo.join("dist/book");
    let mut build = shell.command(program);
    build
        .current_dir(copy.join("docs"))
        .args(["build", "--dest-dir"])
        .arg(&book);
    let said = shell.run("mdbook build", &mut build)?.require()?;
    // mdBook goes on where an included file is missing.
    if let Some(line) = said
        .lines()
        .find(|line| line.contains("WARN") || line.contains("ERROR"))
    {
        bail!("mdBook says: {line}");
    }
    let found = links::check(&book)?;
    println!(
        "  {} pages, {} links inside the book lead somewhere; {} lead outside and were not asked",
        found.pages, found.inside, found.outside
    );
    look(project, shell, &book)?;
    println!("  {}", book.join("index.html").display());
    Ok(true)
}

/// Opens a page with tabs in Chromium and sees that its script made them.
fn look(project: &Project, shell: &mut Shell, book: &Path) -> Result<()> {
    let Some(chromium) = which("chromium") else {
        println!("  SKIPPED: not looked at, there is no Chromium here");
        return Ok(());
    };
    // Chromium as root has no sandbox, and it keeps its profile out of the home folder.
    let profile = project.cache.path("chromium-docs");
    let mut command = shell.command(chromium);
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", text(&book.join("story.html"))?));
    let page = shell.run("look at it in Chromium", &mut command)?.require()?;
    fs::remove_dir_all(&profile)?;
    for language in ["Rust", "Python", "JavaScript", "Kotlin", "Swift"] {
        ensure!(
            page.contains(&format!("data-language=\"{language}\" id=\"tab-0-")),
            "the story has no tab for {language}"
        );
    }
    Ok(())
}
