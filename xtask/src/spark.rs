//! Tables in parts: the recipe for Spark, on a Spark of this machine.
//!
//! A job of its own, because Spark is 450 MB and wants a JVM. Both stay in the cache.

use std::path::PathBuf;

use anyhow::Result;

use crate::Project;
use crate::python;
use crate::report::Tally;
use crate::setup::major_version;
use crate::shell::Shell;

/// What Spark 4 asks for.
const JRE: u32 = 17;

/// Makes sure of a JVM, and makes the environment with Spark in it; its `bin` folder.
pub(crate) fn prepare(project: &Project, shell: &mut Shell) -> Result<PathBuf> {
    let jre = || major_version("java", "-version").is_some_and(|major| major >= JRE);
    project
        .setup
        .apt(shell, "a JVM from 17 on", &["openjdk-17-jre-headless"], jre)?;
    let pins = project.repo.join("bindings-python/requirements-spark.txt");
    python::environment(project, shell, "venv-spark", &pins)
}

/// Installs the wheel beside Spark and runs the recipe.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let bin = prepare(project, shell)?;
    python::install(project, shell, &bin)?;
    let home = project.repo.join("bindings-python");
    let mut pytest = python::tool(shell, &bin, &home, "python");
    pytest.args(["-m", "pytest", "-rA", "-p", "no:cacheprovider", "tests-spark"]);
    // Spark's workers have to be the Python that the wheel was installed into.
    pytest
        .env("PYSPARK_PYTHON", bin.join("python"))
        .env("SPARK_LOCAL_IP", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let done = shell.run("pytest", &mut pytest)?;
    tally.counted(&done, python::counts(&done.text));
    Ok(())
}
