//! Swift: with the machine's own, else with Debian's in a root of its own.
//!
//! Debian packages Swift from release 13 on. Where no `swift` is on the `PATH`, a small Debian 13 is laid out
//! in the cache, and the packages are built and run inside it; nothing on the machine itself changes but for
//! the tool that lays it out.
//!
//! | file | what is in it |
//! |---|---|
//! | `package` | puts the package together; what is shipped |
//! | `tidy` | makes what UniFFI writes readable |
//! | `jobs` | the tests and the benchmark |

mod jobs;
mod package;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::Project;
use crate::setup::{is_root, missing, text, which};
use crate::shell::Shell;

pub(crate) use jobs::{bench, test};
pub(crate) use package::{assemble, build};

/// What the root of its own is made of; a change makes a new one.
const ROOT: &str = "trixie minbase swiftlang 2";

/// Where the stage stands inside that root.
const INSIDE: &str = "/sportello";

/// How Swift is run here.
pub(crate) enum Toolchain {
    /// The machine's own.
    Host,
    /// Inside a root in the cache.
    Root(PathBuf),
}

/// Where Swift works: a folder of the cache with the packages in it, beside the checkout and what cargo built.
struct Stage<'a> {
    toolchain: &'a Toolchain,
    folder: PathBuf,
    repo: &'a Path,
    built: PathBuf,
}

impl Stage<'_> {
    fn new<'a>(project: &'a Project, toolchain: &'a Toolchain, library: &Path) -> Result<Stage<'a>> {
        let built = library.parent().context("the library stands in a folder")?;
        let folder = project.cache.path("swift");
        // Inside the root, the checkout and what was built are mounted here.
        for place in ["repo", "built"] {
            std::fs::create_dir_all(folder.join(place))?;
        }
        Ok(Stage {
            toolchain,
            folder,
            repo: &project.repo,
            built: built.to_owned(),
        })
    }

    /// A command of Swift's in one of the packages.
    fn swift(&self, shell: &Shell, package: &str, args: &str) -> Result<Command> {
        match self.toolchain {
            Toolchain::Host => {
                let mut command = shell.command("sh");
                command.args(["-c", &format!("exec {args}")]);
                command.current_dir(self.folder.join(package));
                command.envs(variables(text(self.repo)?, text(&self.built)?));
                Ok(command)
            }
            Toolchain::Root(root) => {
                let (root, stage) = (text(root)?, text(&self.folder)?);
                let (repo, built) = (text(self.repo)?, text(&self.built)?);
                let inside = variables(&format!("{INSIDE}/repo"), &format!("{INSIDE}/built"))
                    .map(|(name, value)| format!("{name}={value}"))
                    .join(" ");
                // Mounts and processes live in namespaces of their own and are gone with the first process, so that a
                // killed run leaves nothing behind. Swift finds its own libraries by /proc/self/exe.
                let script = format!(
                    "mkdir -p '{root}{INSIDE}' && mount -t proc proc '{root}/proc' && \
                     mount --bind '{stage}' '{root}{INSIDE}' && mount --bind '{repo}' '{root}{INSIDE}/repo' && \
                     mount --bind '{built}' '{root}{INSIDE}/built' && exec chroot '{root}' /usr/bin/env -i HOME=/root \
                     PATH=/usr/bin:/bin LANG=C.UTF-8 {inside} /bin/sh -c 'cd {INSIDE}/{package} && exec {args}'"
                );
                let mut command = shell.command("unshare");
                command.args([
                    "--mount",
                    "--propagation",
                    "private",
                    "--pid",
                    "--fork",
                    "--kill-child",
                ]);
                command.args(["sh", "-c", &script]);
                Ok(command)
            }
        }
    }
}

/// What the packages and their tests are told.
fn variables(repo: &str, built: &str) -> [(&'static str, String); 7] {
    [
        ("SPORTELLO_PACKAGE", "../sportello".to_owned()),
        ("LD_LIBRARY_PATH", built.to_owned()),
        ("DYLD_LIBRARY_PATH", built.to_owned()),
        ("SPORTELLO_LIBRARY", built.to_owned()),
        ("SPORTELLO_PROGRAMS", built.to_owned()),
        ("SPORTELLO_VECTORS", format!("{repo}/core/vectors")),
        ("SPORTELLO_EXAMPLES", format!("{repo}/examples/data")),
    ]
}

/// Finds a Swift, or lays one out in the cache.
pub(crate) fn prepare(project: &Project, shell: &mut Shell) -> Result<Toolchain> {
    if which("swift").is_some() {
        return Ok(Toolchain::Host);
    }
    let root = project.cache.path("swift-root");
    // The program is a link that leads somewhere inside that root only, so it is not followed.
    let laid_out = root.join("usr/bin/swift").symlink_metadata().is_ok();
    if laid_out && project.cache.is_fresh("swift-root", ROOT) {
        return Ok(Toolchain::Root(root));
    }
    if !cfg!(target_os = "linux") || which("apt-get").is_none() {
        return Err(missing(
            "no `swift` is on the PATH: install it and run this again".to_owned(),
        ));
    }
    if !project.setup.may_install() {
        return Err(missing(format!(
            "no `swift` is on the PATH; `--setup` (as root) would lay out Debian 13 with Swift in {}",
            root.display()
        )));
    }
    if !is_root() {
        return Err(missing(
            "no `swift` is on the PATH, and laying out a Debian with one needs root".to_owned(),
        ));
    }
    let found = || which("debootstrap").is_some();
    project.setup.apt(shell, "debootstrap", &["debootstrap"], found)?;
    // A root that a killed run left half made can't be gone on with.
    if root.exists() {
        std::fs::remove_dir_all(&root)?;
    }
    let mut command = shell.command("debootstrap");
    // swiftc drives clang and links with the system's libstdc++, which minbase leaves out.
    command.args([
        "--variant=minbase",
        "--include=swiftlang,libstdc++-14-dev,ca-certificates",
        "trixie",
    ]);
    shell
        .run("lay out Debian 13 with Swift", command.arg(&root))?
        .require()?;
    project.cache.finished("swift-root", ROOT)?;
    Ok(Toolchain::Root(root))
}
