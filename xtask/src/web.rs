//! The WASM package: built, squeezed, its types checked, its cases run in Node.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::Project;
use crate::browser;
use crate::cache;
use crate::packaging;
use crate::report::{Counts, Tally};
use crate::setup::{major_version, missing, quiet, text, which};
use crate::shell::Shell;
use crate::vectors;

const TARGET: &str = "wasm32-unknown-unknown";

/// The oldest Node that the package supports.
const NODE: u32 = 20;

/// What would make the web build large, or has no business in a page.
const BANNED: [&str; 7] = [
    "regex",
    "reqwest",
    "url",
    "zip",
    "rusqlite",
    "tokio",
    "miniz_oxide",
];

/// The WASM features that the compiler uses. Never all of them: the output would hold types that no browser
/// knows.
const WASM_FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-reference-types",
];

/// How Rust is compiled for WASM here.
pub(crate) enum Toolchain {
    /// The caller's toolchain has the target.
    Rustup,
    /// Debian's compiler with the standard library's sources, and a linker.
    Debian(PathBuf),
}

impl Toolchain {
    /// The cargo call that makes the `.wasm`, into a target folder of its own: the two compilers would
    /// otherwise rebuild each other's work.
    fn build(&self, project: &Project, shell: &Shell, variant: &Variant) -> Command {
        let base = [
            "build",
            "-p",
            variant.package,
            "--profile",
            "release-wasm",
            "--target",
            TARGET,
            "--features",
            variant.features,
        ];
        let mut command = match self {
            Toolchain::Rustup => shell.cargo(&base),
            Toolchain::Debian(linker) => {
                let mut command = shell.command("/usr/bin/cargo");
                // A third smaller: the standard library for size, and panics that trap at once without a text.
                command.args(base).arg("-Zbuild-std=std");
                command.arg("-Zbuild-std-features=optimize_for_size");
                command.env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                    "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none",
                );
                command.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                command
            }
        };
        command.env("CARGO_TARGET_DIR", wasm_target(project));
        command
    }
}

/// Finds a compiler, Node and the npm packages, or installs them.
pub(crate) fn prepare(project: &Project, shell: &mut Shell) -> Result<Toolchain> {
    let node =
        || major_version("node", "--version").is_some_and(|major| major >= NODE) && which("npm").is_some();
    project
        .setup
        .apt(shell, "Node 20 or newer with npm", &["nodejs", "npm"], node)?;
    let toolchain = toolchain(project, shell)?;
    let js = js(project);
    let lock = js.join("package-lock.json");
    // With the folder in the key: the stamp is in the cache, but what it vouches for is in the checkout.
    let key = cache::key(text(&js)?, &[lock, js.join("package.json")])?;
    if !project.cache.is_fresh("npm", &key) || !js.join("node_modules/.package-lock.json").exists() {
        let mut npm = shell.command("npm");
        npm.current_dir(&js)
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache"]);
        shell
            .run("npm ci", npm.arg(project.cache.path("npm")))?
            .require()?;
        project.cache.finished("npm", &key)?;
    }
    Ok(toolchain)
}

fn toolchain(project: &Project, shell: &mut Shell) -> Result<Toolchain> {
    let target_libdir = shell
        .command("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()?;
    if Path::new(String::from_utf8_lossy(&target_libdir.stdout).trim()).is_dir() {
        return Ok(Toolchain::Rustup);
    }
    // Never `rustup target add` from here: it would change a toolchain that belongs to the machine and not to
    // this project, from a host that is no package registry.
    let packages = ["rustc-web", "cargo-web", "rust-web-src"];
    let here = || quiet(Command::new("dpkg-query").arg("--status").args(packages));
    let what = "a Rust compiler for WASM (`rustup target add wasm32-unknown-unknown`, or Debian's)";
    project.setup.apt(shell, what, &packages, here)?;
    match linker(shell)? {
        Some(linker) => Ok(Toolchain::Debian(linker)),
        None => Err(missing(
            "Debian's compiler is here, but no rust-lld or wasm-ld to link with".to_owned(),
        )),
    }
}

/// rustup ships a linker for WASM with every toolchain.
fn linker(shell: &Shell) -> Result<Option<PathBuf>> {
    let sysroot = shell
        .command("rustc")
        .args(["--print", "sysroot"])
        .output()?
        .stdout;
    let rustlib = Path::new(String::from_utf8_lossy(&sysroot).trim()).join("lib/rustlib");
    for entry in rustlib.read_dir().into_iter().flatten() {
        let program = entry?
            .path()
            .join("bin")
            .join(format!("rust-lld{}", env::consts::EXE_SUFFIX));
        if program.is_file() {
            return Ok(Some(program));
        }
    }
    Ok(which("wasm-ld"))
}

/// Builds the package into `bindings-wasm/js/dist`.
pub(crate) fn build(project: &Project, shell: &mut Shell) -> Result<()> {
    let toolchain = prepare(project, shell)?;
    package(project, shell, &toolchain)
}

/// One compiled library of the package.
struct Variant {
    /// Its folder in `dist`.
    name: &'static str,
    package: &'static str,
    features: &'static str,
}

/// What is built: the check alone, all of it, and the names of places.
const VARIANTS: [Variant; 3] = [
    Variant {
        name: "check",
        package: "sportello-wasm",
        features: "",
    },
    Variant {
        name: "full",
        package: "sportello-wasm",
        features: "full",
    },
    Variant {
        name: "places",
        package: "sportello-wasm-places",
        features: "",
    },
];

fn package(project: &Project, shell: &mut Shell, toolchain: &Toolchain) -> Result<()> {
    let js = js(project);
    let dist = js.join("dist");
    if dist.exists() {
        std::fs::remove_dir_all(&dist)?;
    }
    for variant in &VARIANTS {
        let name = variant.name;
        dependencies(shell, variant)?.require()?;
        let mut build = toolchain.build(project, shell, variant);
        shell
            .run(&format!("build the .wasm: {name}"), &mut build)?
            .require()?;
        let library = format!("release-wasm/{}.wasm", variant.package.replace('-', "_"));
        let wasm = wasm_target(project).join(TARGET).join(library);
        if !wasm.is_file() {
            bail!("cargo made no {}", wasm.display());
        }
        let mut glue = shell.cargo(&["run", "--quiet", "-p", "sportello-wasm-bindgen", "--"]);
        let glue = glue.arg(&wasm).arg(dist.join(name));
        shell.run(&format!("wasm-bindgen: {name}"), glue)?.require()?;
        let mut squeeze = shell.command("node");
        squeeze
            .current_dir(&js)
            .args(["node_modules/binaryen/bin/wasm-opt", "-Oz", "--converge"])
            .args(WASM_FEATURES);
        let file = format!("dist/{name}/sportello_bg.wasm");
        squeeze.args([&file, "-o", &file]);
        shell.run(&format!("wasm-opt: {name}"), &mut squeeze)?.require()?;
    }
    shell
        .run("tsc --strict", &mut tsc(shell, &js, "tsconfig.json"))?
        .require()?;
    std::fs::write(dist.join("render.css"), stylesheet(&js.join("src/render/css"))?)?;
    let mut pack = shell.command("node");
    pack.current_dir(&js)
        .arg("scripts/places.mjs")
        .arg(project.repo.join("core/src/places/register.tsv"))
        .arg("dist/places/register.bin");
    shell.run("pack the register of places", &mut pack)?.require()?;
    let mut size = shell.command("node");
    size.current_dir(&js).arg("scripts/size.mjs");
    if matches!(toolchain, Toolchain::Rustup) {
        // Its standard library is built for speed and comes as it is: the budget is that of what is shipped.
        size.arg("--no-budget");
    }
    let said = shell.run("size", &mut size)?.require()?;
    for line in said.lines().filter(|line| line.starts_with("size ")) {
        println!("    {line}");
    }
    Ok(())
}

/// The renderer's stylesheet: its rooms one after the other, in the order of their names.
fn stylesheet(folder: &Path) -> Result<String> {
    let mut rooms: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|room| room.map(|room| room.path()))
        .collect::<Result<_, _>>()?;
    rooms.sort();
    let rooms = rooms.iter().map(std::fs::read_to_string);
    Ok(rooms.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

/// Builds the package and runs its cases.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let expected = vectors::count(&project.repo)?;
    let toolchain = prepare(project, shell)?;
    package(project, shell, &toolchain)?;
    let js = js(project);
    // The tests are TypeScript too: a wrong declaration fails here before a wrong value fails below.
    shell
        .run(
            "tsc --strict, the tests",
            &mut tsc(shell, &js, "tsconfig.test.json"),
        )?
        .require()?;
    let mut node = shell.command("node");
    node.current_dir(&js)
        .args(["--test", "--test-reporter=tap", ".test-build/"]);
    node.env("SPORTELLO_VECTORS", project.repo.join("core/vectors"));
    // The client is tried against the relay's own command, its network against one that misbehaves.
    node.env(
        "SPORTELLO_RELAY",
        browser::program(project, shell, "sportello-relay")?,
    );
    let misbehaving = browser::program(project, shell, "sportello-conformance")?;
    node.env("SPORTELLO_CONFORMANCE", misbehaving);
    let done = shell.run("node --test", &mut node)?;
    tally.counted(&done, counts(&done.text));
    tally.vectors(vectors::ran(&done.text), expected);
    let mut packed = shell.command("node");
    packed.current_dir(&js).arg("scripts/packed.mjs");
    let done = shell.run("programs with the packed package", &mut packed)?;
    for line in done.text.lines().filter(|line| line.starts_with("packed: ")) {
        println!("    {line}");
    }
    tally.gate(Ok(done));
    chromium(project, shell, tally)?;
    packaging::test(project, shell, tally)?;
    browser::test(project, shell, tally)
}

/// The same cases on a page, under a strict Content-Security-Policy.
fn chromium(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let here = || which("chromium").is_some();
    project.setup.apt(shell, "Chromium", &["chromium"], here)?;
    let mut page = shell.command("node");
    page.current_dir(js(project))
        .args(["scripts/chromium.mjs", "chromium"])
        .arg(project.repo.join("core/vectors"));
    let done = shell.run("the shared cases in Chromium", &mut page)?;
    for line in done.text.lines().filter(|line| line.starts_with("in Chromium")) {
        println!("    {line}");
    }
    tally.gate(Ok(done));
    Ok(())
}

/// Builds the package and measures it in Node and in Chromium, beside what pages use otherwise.
pub(crate) fn bench(project: &Project) -> Result<bool> {
    let mut shell = project.shell("bench-web")?;
    build(project, &mut shell)?;
    let here = || which("chromium").is_some();
    project.setup.apt(&mut shell, "Chromium", &["chromium"], here)?;
    let folder = js(project).join("bench");
    let mut npm = shell.command("npm");
    npm.current_dir(&folder)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache"]);
    shell
        .run("npm ci, the peers", npm.arg(project.cache.path("npm")))?
        .require()?;
    let mut node = shell.command("node");
    node.current_dir(&folder)
        .args(["run.mjs", "chromium"])
        .arg(project.repo.join("core/vectors"));
    let said = shell.run("bench", &mut node)?.require()?;
    for line in said.lines().filter_map(|line| line.strip_prefix("bench: ")) {
        println!("    {line}");
    }
    Ok(true)
}

/// Lists what a web build is made of, and refuses what it may not be made of.
fn dependencies(shell: &mut Shell, variant: &Variant) -> Result<crate::shell::Done> {
    let args = [
        "tree",
        "-p",
        variant.package,
        "--features",
        variant.features,
        "--edges",
        "normal",
        "--target",
        TARGET,
        "--prefix",
        "none",
        "--locked",
    ];
    let what = format!("dependencies: {}", variant.name);
    let mut done = shell.run(&what, &mut shell.cargo(&args))?;
    let names = done.text.lines().filter_map(|line| line.split(' ').next());
    let mut found: Vec<&str> = names.filter(|name| BANNED.contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    if !found.is_empty() {
        let found = found.join(", ");
        done.refuse(&format!("the web build depends on {found}"));
    }
    Ok(done)
}

fn tsc(shell: &Shell, js: &Path, config: &str) -> Command {
    let mut command = shell.command("node");
    command
        .current_dir(js)
        .args(["node_modules/typescript/bin/tsc", "-p", config]);
    command
}

fn js(project: &Project) -> PathBuf {
    project.repo.join("bindings-wasm/js")
}

fn wasm_target(project: &Project) -> PathBuf {
    project.cache.path("target-wasm")
}

/// Reads the closing lines of node's TAP: `# pass 12`.
pub(crate) fn counts(output: &str) -> Counts {
    let number = |name: &str| -> u32 {
        let line = output.lines().rfind(|line| line.starts_with(name));
        line.and_then(|line| line.rsplit(' ').next())
            .and_then(|n| n.parse().ok())
            .unwrap_or(0)
    };
    let failed = number("# fail ") + number("# cancelled ");
    Counts {
        passed: number("# pass "),
        failed,
        skipped: number("# skipped ") + number("# todo "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_count() {
        let output = "# tests 9\n# pass 5\n# fail 1\n# cancelled 1\n# skipped 2\n# todo 0\n# duration_ms 3\n";
        assert_eq!(
            counts(output),
            Counts {
                passed: 5,
                failed: 2,
                skipped: 2
            }
        );
        assert_eq!(counts("SyntaxError"), Counts::default());
    }
}
