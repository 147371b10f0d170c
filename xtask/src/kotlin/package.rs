//! What is shipped: the jar with the native library in it, the AAR, and what they weigh.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{Maven, elf, prepare};
use crate::Project;
use crate::mobile;
use crate::setup::text;
use crate::shell::{Done, Shell, copy_file, copy_tree};
use crate::version;

/// Names a folder of libraries that an NDK made, one folder for each ABI: `arm64-v8a/libsportello_mobile.so`.
const ANDROID_LIBRARIES: &str = "SPORTELLO_ANDROID_LIBRARIES";

/// What the stripped library may weigh on 64-bit Intel Linux, in bytes: what was reached with everything (the aim is 4.5 MB), else the aim.
const BUDGETS: [(&str, &[&str], u64); 3] = [
    ("the checks alone", &["--no-default-features"], 1_500_000),
    (
        "a network of the app's, with the journal",
        &["--no-default-features", "--features", "journal"],
        2_500_000,
    ),
    ("everything", &[], 7_400_000),
];

/// Puts the library, stripped, where JNA looks for it inside a jar.
pub(super) fn native(shell: &mut Shell, library: &Path, natives: &Path) -> Result<PathBuf> {
    let folder = natives.join(platform()?);
    fs::create_dir_all(&folder)?;
    let target = folder.join(library.file_name().unwrap_or_default());
    stripped(shell, library, &target)?;
    if cfg!(target_os = "linux") {
        elf::check_pages(&fs::read(&target)?).with_context(|| target.display().to_string())?;
    }
    Ok(target)
}

fn stripped(shell: &mut Shell, library: &Path, target: &Path) -> Result<u64> {
    let mut strip = shell.command("strip");
    strip.args(["--strip-unneeded", "-o", text(target)?, text(library)?]);
    shell.run("strip the library", &mut strip)?.require()?;
    Ok(fs::metadata(target)?.len())
}

/// JNA's name of this machine: `linux-x86-64`.
fn platform() -> Result<String> {
    let system = match env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        system => system,
    };
    let machine = match env::consts::ARCH {
        "x86_64" => "x86-64",
        "x86" | "aarch64" | "arm" => env::consts::ARCH,
        other => bail!("JNA has no name that is known here for a machine of {other}"),
    };
    Ok(format!("{system}-{machine}"))
}

/// Assembles the AAR, which is a ZIP: manifest, classes, the rules for R8, and a library for each ABI that an NDK has made.
pub(super) fn aar(project: &Project, shell: &mut Shell, home: &Path, target: &Path) -> Result<Done> {
    let kotlin = project.repo.join("bindings-mobile/kotlin");
    let folder = home.join("aar");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let classes = home.join("target/classes");
    let mut jar = shell.command("jar");
    jar.args([
        "--create",
        "--no-manifest",
        "--file",
        text(&folder.join("classes.jar"))?,
    ]);
    // The native library of this machine is of no use on a phone.
    for part in ["sportello", "META-INF"] {
        jar.args(["-C", text(&classes)?, part]);
    }
    shell.run("classes.jar", &mut jar)?.require()?;
    copy_file(
        &kotlin.join("android/AndroidManifest.xml"),
        &folder.join("AndroidManifest.xml"),
    )?;
    let rules = kotlin.join("src/main/resources/META-INF/proguard/sportello.pro");
    copy_file(&rules, &folder.join("proguard.txt"))?;
    fs::write(folder.join("R.txt"), "")?;
    let mut abis = Vec::new();
    if let Some(libraries) = env::var_os(ANDROID_LIBRARIES).map(PathBuf::from) {
        for abi in fs::read_dir(&libraries).with_context(|| libraries.display().to_string())? {
            let abi = abi?;
            let library = abi.path().join("libsportello_mobile.so");
            let file = fs::read(&library).with_context(|| library.display().to_string())?;
            // A 32-bit device has small pages.
            if !abi.file_name().to_string_lossy().starts_with("armeabi") {
                elf::check_pages(&file).with_context(|| library.display().to_string())?;
            }
            let name = abi.file_name().to_string_lossy().into_owned();
            copy_tree(&abi.path(), &folder.join("jni").join(&name))?;
            abis.push(name);
        }
    }
    let mut zip = shell.command("jar");
    zip.args([
        "--create",
        "--no-manifest",
        "--file",
        text(target)?,
        "-C",
        text(&folder)?,
        ".",
    ]);
    let mut done = shell.run("the AAR", &mut zip)?;
    let listed = shell.run(
        "its files",
        shell.command("jar").args(["--list", "--file", text(target)?]),
    )?;
    let listed = listed.require()?;
    for wanted in ["AndroidManifest.xml", "classes.jar", "proguard.txt", "R.txt"] {
        if !listed.lines().any(|line| line == wanted) {
            done.refuse(&format!("the AAR has no {wanted}"));
        }
    }
    match abis.is_empty() {
        true => println!(
            "  the AAR has no native library: no NDK here ({ANDROID_LIBRARIES} names a folder of them)"
        ),
        false => println!("  the AAR is for {}", abis.join(", ")),
    }
    Ok(done)
}

/// Builds what is shipped, in `dist/kotlin`, and holds the library against its budgets.
pub(crate) fn build(project: &Project, shell: &mut Shell) -> Result<()> {
    prepare(project, shell)?;
    let (dist, home) = (
        project.repo.join("dist/kotlin"),
        project.cache.path("kotlin-release"),
    );
    fs::create_dir_all(&dist)?;
    let generator = ["build", "-p", "sportello-uniffi-bindgen"];
    shell
        .run("build the generator", &mut shell.cargo(&generator))?
        .require()?;
    let mut heavy = Vec::new();
    for (what, features, budget) in BUDGETS {
        let args = [
            &["build", "--profile", "release-mobile", "-p", "sportello-mobile"],
            features,
        ]
        .concat();
        shell
            .run(&format!("build the library: {what}"), &mut shell.cargo(&args))?
            .require()?;
        let library = mobile::found(project, "release-mobile")?;
        let size = stripped(shell, &library, &home.join("stripped.so"))?;
        println!("  {what}: {size} bytes stripped, {budget} allowed");
        if size > budget && cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            heavy.push(what);
        }
    }
    // The last one built has everything.
    let library = mobile::found(project, "release-mobile")?;
    let generated = mobile::generate(project, shell, &library, "kotlin")?;
    copy_tree(&generated, &home.join("generated"))?;
    native(shell, &library, &home.join("natives"))?;
    let mut maven = Maven::new(project, "bindings-mobile/kotlin/pom.xml", &home)?;
    let goals = ["package", "-Prelease", "-DskipTests"];
    let folder = library.parent().context("the library stands in a folder")?;
    shell
        .run("mvn package", maven.command(shell, &goals, folder)?)?
        .require()?;
    let version = version::current(&project.repo)?;
    let named = |ending: &str| format!("sportello-kotlin-{version}{ending}");
    for ending in [".jar", "-sources.jar", "-javadoc.jar"] {
        copy_file(
            &home.join("target").join(named(ending)),
            &dist.join(named(ending)),
        )?;
    }
    copy_file(
        &project.repo.join("bindings-mobile/kotlin/pom.xml"),
        &dist.join(named(".pom")),
    )?;
    aar(project, shell, &home, &dist.join(named(".aar")))?.require()?;
    println!("  in {}", dist.display());
    if !heavy.is_empty() {
        bail!("heavier than it may be: {}", heavy.join(", "));
    }
    Ok(())
}

/// What a call costs, with the library as it is shipped.
pub(crate) fn bench(project: &Project) -> Result<bool> {
    let shell = &mut project.shell("bench-kotlin")?;
    prepare(project, shell)?;
    let home = project.cache.path("kotlin-release");
    let build = [
        "build",
        "--profile",
        "release-mobile",
        "-p",
        "sportello-mobile",
        "-p",
        "sportello-uniffi-bindgen",
    ];
    shell
        .run("build the library", &mut shell.cargo(&build))?
        .require()?;
    let library = mobile::found(project, "release-mobile")?;
    let generated = mobile::generate(project, shell, &library, "kotlin")?;
    copy_tree(&generated, &home.join("generated"))?;
    native(shell, &library, &home.join("natives"))?;
    let folder = library.parent().context("the library stands in a folder")?;
    let mut maven = Maven::new(project, "bindings-mobile/kotlin/pom.xml", &home)?;
    shell
        .run(
            "mvn install",
            maven.command(shell, &["install", "-DskipTests"], folder)?,
        )?
        .require()?;
    let form = fs::read_to_string(project.repo.join("core/vectors/form/assegno-unico.json"))?;
    let form: serde_json::Value = serde_json::from_str(&form)?;
    let service = home.join("service.json");
    fs::write(
        &service,
        form.get("service").context("the case has a service")?.to_string(),
    )?;
    let bench = project.cache.path("kotlin-bench");
    let mut maven = Maven::new(project, "bindings-mobile/kotlin/bench/pom.xml", &bench)?;
    let described = format!("-Dsportello.service={}", service.display());
    let done = shell.run(
        "JMH",
        maven.command(shell, &["compile", "exec:exec", &described], folder)?,
    )?;
    let said = done.require()?;
    maven.finished()?;
    let lines = said
        .lines()
        .filter(|line| line.contains("CheckField") && line.contains("avgt"));
    for line in lines {
        println!("  {line}");
    }
    Ok(true)
}
