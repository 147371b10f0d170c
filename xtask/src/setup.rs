//! Finds toolchains, and installs them where that is allowed.
//!
//! A person's machine is never changed silently: without `--all`, `--setup`, `cargo xtask setup` or a CI
//! machine's `CI` variable, what would be installed is said and the language is skipped.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow};

use crate::shell::Shell;

/// A toolchain that can't be had here: a skip on a person's machine.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// Something that is nobody's to install: a skip everywhere, CI included, said and counted all the same.
#[derive(Debug)]
pub(crate) struct NotOurs(pub(crate) String);

impl fmt::Display for NotOurs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotOurs {}

/// What may be installed.
pub(crate) struct Setup {
    may_install: bool,
}

/// True on a machine that says it is one of CI.
pub(crate) fn in_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

impl Setup {
    /// Installs where the caller asked for it, and on CI machines.
    pub(crate) fn new(asked: bool) -> Setup {
        Setup {
            may_install: asked || in_ci(),
        }
    }

    /// Makes sure that a toolchain is here, installing Debian's packages where that is allowed.
    ///
    /// `present` is asked before and after, so that a package which installs nothing usable is noticed.
    pub(crate) fn apt(
        &self,
        shell: &mut Shell,
        what: &str,
        packages: &[&str],
        present: impl Fn() -> bool,
    ) -> Result<()> {
        if present() {
            return Ok(());
        }
        let list = packages.join(" ");
        let Some(prefix) = apt_prefix() else {
            return Err(missing(format!(
                "{what} is not here, and this machine has no apt to install it with"
            )));
        };
        if !self.may_install {
            return Err(missing(format!(
                "{what} is not here; `--setup` would install it with `apt-get install {list}`"
            )));
        }
        let Some(prefix) = prefix else {
            return Err(missing(format!(
                "{what} is not here, and `apt-get install {list}` needs root or passwordless sudo"
            )));
        };
        // A fresh machine has no package lists, or old ones that name files no longer there.
        shell.run("apt-get update", &mut apt(shell, &prefix, &["update", "-q"]))?;
        let mut install = apt(shell, &prefix, &["install", "-qy", "--no-install-recommends"]);
        shell
            .run(&format!("apt-get install {list}"), install.args(packages))?
            .require()?;
        if present() {
            Ok(())
        } else {
            Err(missing(format!("{what} is not here, even with {list} installed")))
        }
    }

    /// True when the caller allows installing at all.
    pub(crate) fn may_install(&self) -> bool {
        self.may_install
    }
}

/// A skip with its reason.
pub(crate) fn missing(reason: String) -> anyhow::Error {
    Missing(reason).into()
}

fn apt(shell: &Shell, prefix: &[&str], args: &[&str]) -> Command {
    let mut words = prefix.iter().chain(["apt-get"].iter()).chain(args);
    let mut command = shell.command(words.next().copied().unwrap_or("apt-get"));
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// What stands before `apt-get`: nothing for root, `sudo` where it asks for no password. The outer `None`
/// says there is no apt, the inner one that we may not use it.
fn apt_prefix() -> Option<Option<Vec<&'static str>>> {
    which("apt-get")?;
    Some(match is_root() {
        true => Some(Vec::new()),
        false if quiet(Command::new("sudo").args(["-n", "true"])) => {
            Some(vec!["sudo", "-n", "DEBIAN_FRONTEND=noninteractive"])
        }
        false => None,
    })
}

/// True when this process runs as root.
pub(crate) fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// True when the command runs and ends well; its output is dropped.
pub(crate) fn quiet(command: &mut Command) -> bool {
    (command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status())
    .is_ok_and(|status| status.success())
}

/// Where a program is, by the `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file())
}

/// The first number in what a program prints of its version: `17` for `openjdk version "17.0.15"`.
pub(crate) fn major_version(program: &str, argument: &str) -> Option<u32> {
    let output = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let digits = text
        .split(|c: char| !c.is_ascii_digit())
        .find(|part| !part.is_empty())?;
    digits.parse().ok()
}

/// A path as text; the tools that we start take nothing else.
pub(crate) fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .ok_or_else(|| anyhow!("`{}` is not plain text", path.display()))
}
