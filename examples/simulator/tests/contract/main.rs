//! The contract: what the simulator answers and what the core sends, held against the provider's published
//! OpenAPI descriptions.
//!
//! They are found in the folder that `SPORTELLO_PROVIDER_OPENAPI` names, as `visengine.openapi.json`,
//! `docuengine.openapi.json` and `oauthv2.openapi.json`. Without it nothing is tested, and that is said.
//! Where the descriptions contradict themselves, or say nothing, `deviations.json` says so with a reason; an
//! entry that is not needed is a failure.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod core_requests;
mod deviations;
mod life;
mod openapi;

use std::{collections::BTreeSet, env, io::Write as _, path::PathBuf};

use deviations::{Deviations, Finding};
use openapi::Description;
use serde_json::Value;
use sportello_simulator::{SimRequest, SimResponse};

/// Where the descriptions are.
const FOLDER: &str = "SPORTELLO_PROVIDER_OPENAPI";

/// One call and its answer.
pub(crate) type Exchange = (SimRequest, SimResponse);

/// Writes past the test runner, which keeps what a passing test prints to itself.
fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("a place to say it");
}

#[test]
fn the_simulator_and_the_core_keep_to_the_published_descriptions() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        say(&format!(
            "SKIPPED contract: {FOLDER} names no folder with the provider's OpenAPI descriptions"
        ));
        return;
    };
    let mut deviations = Deviations::load();
    let mut findings = BTreeSet::new();
    let mut cases = 0;
    let apis = [
        ("visengine", life::visengine(), core_requests::visengine()),
        ("docuengine", life::docuengine(), core_requests::docuengine()),
        ("oauthv2", life::oauth(), core_requests::oauth()),
    ];
    for (api, exchanges, requests) in apis {
        let description = Description::load(&folder, api);
        for (request, response) in &exchanges {
            findings.extend(answer(&description, request, response));
        }
        for request in &requests {
            findings.extend(description.request(request));
        }
        findings.extend(unreached(&description, &exchanges));
        findings.extend(callbacks(&description, api));
        let shown: BTreeSet<Finding> = description.examples();
        deviations.check_proofs(api, &shown);
        say(&format!(
            "contract {api}: {} answers, {} requests of the core",
            exchanges.len(),
            requests.len()
        ));
        cases += exchanges.len() + requests.len();
    }
    let unexplained: Vec<String> = findings
        .iter()
        .filter(|finding| !deviations.explain(finding))
        .map(ToString::to_string)
        .collect();
    assert!(
        unexplained.is_empty(),
        "{} deviations nobody explains:\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
    let unneeded = deviations.unneeded();
    assert!(
        unneeded.is_empty(),
        "entries nobody needs:\n{}",
        unneeded.join("\n")
    );
    say(&format!(
        "contract: {cases} cases kept, {} deviations explained",
        deviations.len()
    ));
}

/// What an answer does that its description doesn't say.
fn answer(description: &Description, request: &SimRequest, response: &SimResponse) -> BTreeSet<Finding> {
    let body = response.value();
    match description.operation(&request.method, &request.path) {
        Some(operation) => description.answer(&operation, response.status, &body),
        None => description.elsewhere(request, response.status),
    }
}

/// The documented errors that no exchange has shown, and the calls that are not served.
fn unreached(description: &Description, exchanges: &[Exchange]) -> BTreeSet<Finding> {
    let mut seen = BTreeSet::new();
    for (request, response) in exchanges {
        if let Some(operation) = description.operation(&request.method, &request.path) {
            let code = response.value().get("error").and_then(Value::as_i64);
            seen.insert((operation.name(), response.status, code));
        }
    }
    description.unreached(&seen)
}

/// What a callback carries, where its description says what that is.
fn callbacks(description: &Description, api: &str) -> BTreeSet<Finding> {
    if api != "docuengine" {
        return BTreeSet::new();
    }
    let sent = life::docuengine_callbacks();
    assert!(!sent.is_empty());
    sent.iter().flat_map(|body| description.callback(body)).collect()
}
