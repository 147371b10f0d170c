//! The contract: the simulator's answers and the core's requests against the provider's published OpenAPI
//! descriptions, then schemathesis against the running simulator.
//!
//! The descriptions are not part of the project: `SPORTELLO_PROVIDER_OPENAPI` names the folder they are in.
//! What is known not to be as described is listed, with reasons, in the simulator's
//! `tests/contract/deviations.json`. The list is read here too: schemathesis gets copies of the descriptions
//! that allow exactly that.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result, anyhow};
use serde_json::{Value, json};

use crate::Project;
use crate::python;
use crate::report::{Counts, Tally};
use crate::setup::{NotOurs, text};
use crate::shell::Shell;

/// Where the descriptions are.
const FOLDER: &str = "SPORTELLO_PROVIDER_OPENAPI";

/// The three of them.
const APIS: [&str; 3] = ["visengine", "docuengine", "oauthv2"];

/// How long schemathesis looks at each, in seconds.
const SECONDS: &str = "30";

/// Fewer cases than this is no look at all.
const FEWEST_CASES: u64 = 300;

const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Makes the environment that schemathesis runs in; its `bin` folder.
pub(crate) fn prepare(project: &Project, shell: &mut Shell) -> Result<PathBuf> {
    let pins = project.repo.join("xtask/requirements-contract.txt");
    python::environment(project, shell, "venv-contract", &pins)
}

/// Runs both halves.
pub(crate) fn test(project: &Project, shell: &mut Shell, tally: &mut Tally) -> Result<()> {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        let reason = format!("{FOLDER} names no folder with the provider's OpenAPI descriptions");
        return Err(NotOurs(reason).into());
    };
    let bin = prepare(project, shell)?;
    let mut cargo = shell.cargo(&["test", "-p", "sportello-simulator", "--test", "contract"]);
    let mut done = shell.run("the simulator and the core", cargo.env(FOLDER, &folder))?;
    if done.text.contains("SKIPPED contract") {
        done.refuse("it was skipped, although the descriptions are here\n");
    }
    for line in done.text.lines().filter(|line| line.starts_with("contract")) {
        println!("    {line}");
    }
    tally.gate(Ok(done));

    let mut build = shell.cargo(&["build", "-p", "sportello-simulator", "--example", "serve"]);
    shell.run("build the simulator", &mut build)?.require()?;
    let simulator = Simulator::start(project, shell)?;
    for api in APIS {
        schemathesis(project, shell, tally, &bin, &folder, &simulator, api)?;
    }
    Ok(())
}

/// A simulator that ends with this process, whatever becomes of it.
struct Simulator {
    child: Child,
    said: Value,
}

impl Simulator {
    fn start(project: &Project, shell: &Shell) -> Result<Simulator> {
        let program = format!("serve{}", std::env::consts::EXE_SUFFIX);
        let path = project.cache.cargo_target().join("debug/examples").join(program);
        let mut command = shell.command(&path);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", path.display()))?;
        let mut line = String::new();
        let output = child.stdout.take().context("the simulator's output")?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(Simulator {
            child,
            said: serde_json::from_str(&line).context("what the simulator says of itself")?,
        })
    }

    fn said(&self, name: &str) -> Result<&str> {
        self.said
            .get(name)
            .and_then(Value::as_str)
            .with_context(|| format!("the simulator says no {name}"))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        drop(self.child.stdin.take());
        let _ended = self.child.wait();
    }
}

fn schemathesis(
    project: &Project,
    shell: &mut Shell,
    tally: &mut Tally,
    bin: &Path,
    folder: &Path,
    simulator: &Simulator,
    api: &str,
) -> Result<()> {
    let home = project.cache.path("contract");
    fs::create_dir_all(&home)?;
    let published = folder.join(format!("{api}.openapi.json"));
    let published =
        fs::read_to_string(&published).with_context(|| format!("reading {}", published.display()))?;
    let list = project
        .repo
        .join("examples/simulator/tests/contract/deviations.json");
    let list: Vec<Value> = serde_json::from_str(&fs::read_to_string(list)?)?;
    let list: Vec<Value> = list
        .into_iter()
        .filter(|entry| member(entry, "api") == api)
        .collect();
    let allowed = allow(serde_json::from_str(&published)?, &list)?;
    let (copy, report) = (
        home.join(format!("{api}.json")),
        home.join(format!("{api}-report.json")),
    );
    fs::write(&copy, allowed.to_string())?;
    if report.exists() {
        fs::remove_file(&report)?;
    }

    let mut run = shell.command(bin.join("st"));
    run.current_dir(&home)
        .args(["run", text(&copy)?, "--url", simulator.said("baseUrl")?]);
    if api == "oauthv2" {
        let account = format!("{}:{}", simulator.said("account")?, simulator.said("apiKey")?);
        run.args(["--auth", &account]);
    } else {
        let header = format!("Authorization: Bearer {}", simulator.said("token")?);
        run.args(["--header", &header]);
    }
    // A seed: the same checkout gives the same cases, as far as the clock lets it.
    run.args(["--checks", CHECKS, "--max-time", SECONDS, "--seed", "20260921"]);
    run.args([
        "--continue-on-failure",
        "--no-color",
        "--generation-database",
        "none",
    ]);
    run.args(["--max-examples", "50", "--request-timeout", "10"]);
    run.args(["--report", "json", "--report-json-path", text(&report)?]);
    let mut done = shell.run(&format!("schemathesis, {api}"), &mut run)?;
    let counts = match fs::read_to_string(&report) {
        Ok(report) => counted(&serde_json::from_str(&report)?)?,
        Err(_) => Counts::default(),
    };
    println!("    contract schemathesis {api}: {} cases kept", counts.passed);
    if u64::from(counts.passed) < FEWEST_CASES || counts.failed > 0 {
        done.refuse(&format!("{} cases kept, {} not\n", counts.passed, counts.failed));
    }
    // One case of ours, however many it made up: the sums of the other jobs count what somebody wrote.
    tally.gate(Ok(done));
    Ok(())
}

/// The numbers of schemathesis's report.
fn counted(report: &Value) -> Result<Counts> {
    let number = |pointer: &str| {
        report
            .pointer(pointer)
            .and_then(Value::as_u64)
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| anyhow!("schemathesis's report says no {pointer}"))
    };
    let (selected, tested) = (number("/operations/selected")?, number("/operations/tested")?);
    let failed = number("/test_cases/unique_failures")? + number("/test_cases/errored")?;
    let passed = number("/test_cases/generated")?.saturating_sub(number("/test_cases/with_failures")?);
    Ok(Counts {
        passed,
        // A call nobody tried is a failure, too.
        failed: failed + selected.saturating_sub(tested),
        skipped: 0,
    })
}

fn member<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The description with what the list explains allowed, and without the calls that are not served.
fn allow(mut description: Value, list: &[Value]) -> Result<Value> {
    let (mut nullable, mut untyped) = (BTreeSet::new(), BTreeSet::new());
    for entry in list {
        let place = member(entry, "place");
        match (member(entry, "about"), member(entry, "what")) {
            ("schema" | "callback", "null") => {
                nullable.insert(last(place));
            }
            ("schema", what) if what.starts_with("of another type") => {
                untyped.insert(last(place));
            }
            ("answer", _) => answer(&mut description, entry, place)?,
            ("unreached", "never answered") => {
                let (method, path) = place.split_once(' ').context("a call")?;
                let item = description.pointer_mut(&format!("/paths/{}", escaped(path)));
                let item = item.and_then(Value::as_object_mut).context("a path")?;
                item.remove(&method.to_lowercase());
            }
            // Open schemas take members they don't describe, and a listed error that never comes breaks nothing.
            ("schema", "not described") | ("unreached", "never seen") => {}
            (about, what) => {
                return Err(anyhow!(
                    "the list says `{about}`, `{what}`, which is not understood here"
                ));
            }
        }
    }
    relax(&mut description, &nullable, &untyped);
    Ok(description)
}

fn last(place: &str) -> &str {
    place.rsplit('/').next().unwrap_or_default()
}

fn escaped(path: &str) -> String {
    path.replace('~', "~0").replace('/', "~1")
}

/// Lists the status of an answer for its call, or for every call.
fn answer(description: &mut Value, entry: &Value, place: &str) -> Result<()> {
    let words: Vec<&str> = place.split(' ').collect();
    let [method, path, status, _code] = words.as_slice() else {
        return Err(anyhow!("`{place}` is no method, path, status and code"));
    };
    let every_call = entry.get("every_call") == Some(&Value::Bool(true));
    let paths = description
        .get_mut("paths")
        .and_then(Value::as_object_mut)
        .context("paths")?;
    for (known, item) in paths {
        for (verb, operation) in item.as_object_mut().into_iter().flatten() {
            if every_call || (known == path && verb.eq_ignore_ascii_case(method)) {
                let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
                responses
                    .context("responses")?
                    .entry(*status)
                    .or_insert_with(|| json!({"description": "listed as a deviation"}));
            }
        }
    }
    Ok(())
}

/// Allows null, or anything, in the members of these names.
fn relax(value: &mut Value, nullable: &BTreeSet<&str>, untyped: &BTreeSet<&str>) {
    match value {
        Value::Object(members) => {
            for (name, property) in members
                .get_mut("properties")
                .and_then(Value::as_object_mut)
                .into_iter()
                .flatten()
            {
                if untyped.contains(name.as_str()) {
                    *property = json!({});
                } else if nullable.contains(name.as_str()) && property.get("$ref").is_some() {
                    *property = json!({"allOf": [property.clone()], "nullable": true});
                } else if nullable.contains(name.as_str())
                    && let Some(members) = property.as_object_mut()
                {
                    members.insert("nullable".to_owned(), json!(true));
                }
            }
            for inner in members.values_mut() {
                relax(inner, nullable, untyped);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| relax(inner, nullable, untyped)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description() -> Value {
        json!({
            "paths": {
                "/a/{id}": {"get": {"responses": {"200": {}}}, "put": {"responses": {"200": {}}}},
                "/gone": {"get": {"responses": {"200": {}}}},
            },
            "components": {"schemas": {"One": {"properties": {
                "error": {"type": "integer"}, "price": {"type": "integer"}, "two": {"$ref": "#/x"},
            }}}},
        })
    }

    #[test]
    fn what_is_listed_is_allowed_and_nothing_else() {
        let entry =
            |about: &str, place: &str, what: &str| json!({"about": about, "place": place, "what": what});
        let list = [
            entry("schema", "/error", "null"),
            entry("schema", "/data/*/two", "null"),
            entry("schema", "/data/price", "of another type: number"),
            entry("answer", "PUT /a/{id} 402 211", "not listed"),
            json!({"about": "answer", "place": "GET /a/{id} 401 1", "what": "not listed", "every_call": true}),
            entry("unreached", "GET /gone", "never answered"),
        ];
        let allowed = allow(description(), &list).unwrap();
        let properties = &allowed["components"]["schemas"]["One"]["properties"];
        assert_eq!(properties["error"], json!({"type": "integer", "nullable": true}));
        assert_eq!(properties["price"], json!({}));
        assert_eq!(
            properties["two"],
            json!({"allOf": [{"$ref": "#/x"}], "nullable": true})
        );
        let statuses = |call: &Value| {
            call["responses"]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(
            statuses(&allowed["paths"]["/a/{id}"]["put"]),
            ["200", "401", "402"]
        );
        assert_eq!(statuses(&allowed["paths"]["/a/{id}"]["get"]), ["200", "401"]);
        assert_eq!(allowed["paths"]["/gone"], json!({}));
        assert!(allow(description(), &[entry("schema", "/x", "odd")]).is_err());
    }

    #[test]
    fn a_report_counts_what_failed_and_what_was_never_tried() {
        let report = json!({
            "operations": {"selected": 9, "tested": 8},
            "test_cases": {"generated": 2_000, "with_failures": 3, "unique_failures": 2, "errored": 1},
        });
        let expected = Counts {
            passed: 1_997,
            failed: 4,
            skipped: 0,
        };
        assert_eq!(counted(&report).unwrap(), expected);
        assert!(counted(&json!({})).is_err());
    }
}
