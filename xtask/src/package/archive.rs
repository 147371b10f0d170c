//! Archives that come out the same every time.

use std::path::Path;

use anyhow::{Result, bail};

use crate::setup::text;
use crate::shell::Shell;

/// Packs a folder beside the archive that shall hold it: names in order, no owner, the commit's time (GNU tar).
pub(super) fn pack(shell: &mut Shell, parent: &Path, name: &str, out: &Path) -> Result<()> {
    let mut command = shell.command("sh");
    let script = r#"tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' -cf - "$0" | gzip -9n > "$1""#;
    command.current_dir(parent).args(["-c", script, name]).arg(out);
    shell
        .run(&format!("pack {name}"), &mut command)?
        .require()
        .map(drop)
}

/// Fails when a packed archive lacks one of these files; anywhere in it.
pub(super) fn holds(shell: &mut Shell, archive: &Path, wanted: &[&str]) -> Result<()> {
    let listed = entries(shell, archive)?;
    for name in wanted {
        let there = listed
            .lines()
            .any(|line| line == *name || line.ends_with(&format!("/{name}")));
        if !there {
            bail!("{} lacks {name}", archive.display());
        }
    }
    Ok(())
}

/// The names in an archive, one a line.
fn entries(shell: &mut Shell, archive: &Path) -> Result<String> {
    let path = text(archive)?;
    let mut command = if is_zip(archive) {
        let mut command = shell.command("python3");
        command.args([
            "-c",
            "import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep='\\n')",
            path,
        ]);
        command
    } else {
        let mut command = shell.command("tar");
        command.args(["-tzf", path]);
        command
    };
    let said = command.output()?;
    if !said.status.success() {
        bail!("{path} can't be read");
    }
    Ok(String::from_utf8_lossy(&said.stdout).into_owned())
}

/// Unpacks an archive into an empty folder.
pub(super) fn unpack(shell: &mut Shell, archive: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let mut command = if is_zip(archive) {
        let mut command = shell.command("python3");
        command.args(["-m", "zipfile", "-e"]).arg(archive).arg(folder);
        command
    } else {
        let mut command = shell.command("tar");
        command.arg("-xzf").arg(archive).arg("-C").arg(folder);
        command
    };
    let title = format!("unpack {}", super::name(archive));
    shell.run(&title, &mut command)?.require().map(drop)
}

/// True for what can be looked into.
pub(super) fn is_archive(path: &Path) -> bool {
    is_zip(path) || ending(path, &["gz", "tgz", "crate"])
}

fn is_zip(path: &Path) -> bool {
    ending(path, &["whl", "zip", "jar", "aar"])
}

fn ending(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|found| endings.iter().any(|ending| found == *ending))
}
