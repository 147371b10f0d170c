//! Each package in an empty folder, used by the lines that its README tells its reader to type.
//!
//! What is tried stands behind a comment that no reader sees: `<!-- try python: file check.py -->` before a block says that it is a file of
//! that name, `run` that it is typed into a shell, `prints` that it is what the last one said. `any` stands for every language. Installing
//! takes the package that was just built: until a version is published, nothing of that name can be had elsewhere, and afterwards it would
//! be an older one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::{Part, archive, files, name};
use crate::Project;
use crate::setup::text;
use crate::shell::{Shell, copy_tree};

/// A fenced block behind a mark.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    language: String,
    job: Job,
    text: String,
}

/// What is done with it.
#[derive(Debug, PartialEq, Eq)]
enum Job {
    Run,
    File(String),
    Prints,
}

/// Uses one kind of package.
pub(super) fn run(
    project: &Project,
    shell: &mut Shell,
    part: Part,
    made: &Path,
    version: &str,
) -> Result<()> {
    let folder = project.cache.path("package/try").join(part.folder());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    match part {
        Part::Crates => {
            let unpacked = project.cache.path("package/try-crate");
            archive::unpack(shell, &made.join(format!("sportello-{version}.crate")), &unpacked)?;
            let path = unpacked.join(format!("sportello-{version}"));
            let install = (
                "cargo add sportello",
                format!("cargo add sportello --path '{}'", text(&path)?),
            );
            let environment = [("CARGO_TARGET_DIR", project.cache.cargo_target())];
            lines(
                shell,
                &blocks(project, &["README.md"], "rust")?,
                &folder,
                Some(install),
                &environment,
            )
        }
        Part::Python => {
            let venv = project.cache.path("package/try-venv");
            let mut create = shell.command("python3");
            create.args(["-m", "venv", "--clear"]).arg(&venv);
            shell.run("make an empty environment", &mut create)?.require()?;
            let path = std::env::var_os("PATH").unwrap_or_default();
            let path =
                std::env::join_paths(std::iter::once(venv.join("bin")).chain(std::env::split_paths(&path)))?;
            // Nothing else is installed, so nothing else may be looked for.
            let environment = [
                ("PATH", PathBuf::from(path)),
                ("PIP_NO_INDEX", PathBuf::from("1")),
                ("PIP_FIND_LINKS", made.to_owned()),
            ];
            lines(
                shell,
                &blocks(project, &["README.md"], "python")?,
                &folder,
                None,
                &environment,
            )
        }
        Part::Npm => {
            let tarball = made.join(format!("sportello-{version}.tgz"));
            let install = (
                "npm install sportello",
                format!("npm install --no-audit --no-fund '{}'", text(&tarball)?),
            );
            let environment = [("NPM_CONFIG_CACHE", project.cache.path("npm"))];
            lines(
                shell,
                &blocks(project, &["README.md", "bindings-wasm/js/README.md"], "js")?,
                &folder,
                Some(install),
                &environment,
            )
        }
        Part::Programs => programs(project, shell, made, &folder),
        // The tests of both languages use them in projects of their own: examples/kotlin, examples/swift.
        Part::Kotlin | Part::Swift => Ok(()),
    }
}

/// The README's first commands, with the packed program where a checkout would have cargo build one.
fn programs(project: &Project, shell: &mut Shell, made: &Path, folder: &Path) -> Result<()> {
    let packed = files(made)?;
    let packed = packed
        .iter()
        .find(|file| !name(file).starts_with("sportello-relay"))
        .context("no packed command")?;
    archive::unpack(shell, packed, folder)?;
    copy_tree(&project.repo.join("examples/data"), &folder.join("examples/data"))?;
    let inside = folder.join(name(packed).trim_end_matches(".tar.gz"));
    for file in [
        "completions/_sportello",
        "man/sportello.1",
        "man/sportello-apply.1",
    ] {
        ensure!(inside.join(file).is_file(), "the archive lacks {file}");
    }
    let program = inside.join(format!("sportello{}", std::env::consts::EXE_SUFFIX));
    let install = (
        "cargo run --release -p sportello-cli --",
        format!("'{}'", text(&program)?),
    );
    lines(
        shell,
        &blocks(project, &["README.md"], "command")?,
        folder,
        Some(install),
        &[],
    )
}

/// Does what the blocks say, in their order.
fn lines(
    shell: &mut Shell,
    blocks: &[Block],
    folder: &Path,
    install: Option<(&str, String)>,
    environment: &[(&str, PathBuf)],
) -> Result<()> {
    let mut said = String::new();
    let mut ran = 0;
    for block in blocks {
        match &block.job {
            Job::File(name) => {
                let path = folder.join(name);
                fs::create_dir_all(path.parent().unwrap_or(folder))?;
                fs::write(path, &block.text)?;
            }
            Job::Run => {
                let script = match &install {
                    Some((line, ours)) => block.text.replace(line, ours),
                    None => block.text.clone(),
                };
                let mut command = shell.command("bash");
                command
                    .current_dir(folder)
                    .args(["-euo", "pipefail", "-c", &script]);
                // Neither this checkout's settings nor a caller's project may help.
                command.envs(environment.iter().map(|(name, value)| (name, value)));
                let title = script.lines().last().unwrap_or_default().to_owned();
                said = shell.run(&title, &mut command)?.require()?;
                ran += 1;
            }
            Job::Prints => {
                let wanted = block.text.trim();
                if !said.contains(wanted) {
                    bail!("a README says that this is printed:\n{wanted}\nbut it was:\n{said}");
                }
            }
        }
    }
    ensure!(ran > 0, "no README has a line to try");
    Ok(())
}

/// The marked blocks of a language in some documents.
fn blocks(project: &Project, documents: &[&str], language: &str) -> Result<Vec<Block>> {
    let mut all = Vec::new();
    for document in documents {
        let text = fs::read_to_string(project.repo.join(document))?;
        all.extend(marked(&text).with_context(|| format!("in {document}"))?);
    }
    // The command is no language.
    let shared = language != "command";
    all.retain(|block| block.language == language || shared && block.language == "any");
    Ok(all)
}

/// Every marked block of a document.
pub(crate) fn marked(document: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(mark) = line.trim().strip_prefix("<!-- try ") else {
            continue;
        };
        let (language, job) = mark
            .strip_suffix(" -->")
            .and_then(|mark| mark.split_once(": "))
            .with_context(|| format!("`{line}` is no mark"))?;
        let job = match job.split_once(' ') {
            None if job == "run" => Job::Run,
            None if job == "prints" => Job::Prints,
            Some(("file", name)) => Job::File(name.to_owned()),
            _ => bail!("`{line}` is no mark"),
        };
        let fence = lines.next().unwrap_or_default();
        ensure!(fence.starts_with("```"), "no block after `{line}`");
        let mut text = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            text.push_str(line);
            text.push('\n');
        }
        blocks.push(Block {
            language: language.to_owned(),
            job,
            text,
        });
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_say_what_is_done_with_a_block() {
        let text = "a\n<!-- try js: file a/b.mjs -->\n```js\none\n\ntwo\n```\nb\n```sh\nnot this\n```\n<!-- try any: run -->\n```sh\nnode\n```\n";
        let found = marked(text).unwrap();
        let file = Block {
            language: "js".into(),
            job: Job::File("a/b.mjs".into()),
            text: "one\n\ntwo\n".into(),
        };
        let run = Block {
            language: "any".into(),
            job: Job::Run,
            text: "node\n".into(),
        };
        assert_eq!(found, [file, run]);
        for wrong in [
            "<!-- try js -->\n```\n```",
            "<!-- try js: cook -->\n```\n```",
            "<!-- try js: run -->\nno block",
        ] {
            assert!(marked(wrong).is_err(), "{wrong}");
        }
    }
}
