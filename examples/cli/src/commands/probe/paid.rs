//! The questions that cost something: a bare commit, two commits at once, a commit too many.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use sportello::model::Phase;
use sportello::provider::CommitSpec;
use sportello::{Answer as Given, Money, Service};

use super::ask::{Answer, Probe};
use crate::answers;
use crate::exit::Stop;

/// Longer than two commits that met could still be settling.
const APART: Duration = Duration::from_millis(1_500);

pub(super) async fn ask(
    probe: &mut Probe,
    service: &Service,
    cap: Money,
    path: Option<&Path>,
) -> Result<(), Stop> {
    let texts = texts(service, path)?;
    let price = service
        .quote(&[])
        .ok_or_else(|| Stop::refused("the service has no price, so nothing is bought"))?
        .due_now;
    // One for the first draft, two at once for the second, one more where a commit too many is asked about.
    let most = if probe.docuengine { 4 } else { 3 };
    let worst: Money = (0..most).map(|_| price).sum();
    if worst > cap {
        return Err(Stop::refused(format!(
            "nothing was paid: at {price} EUR these questions may cost up to {worst} EUR net, more than the cap of {cap} EUR"
        )));
    }
    let with = texts
        .iter()
        .next()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let first = draft(probe, service, &texts).await?;
    probe.spent_at_most = probe.spent_at_most + price;
    let bare = commit(probe, &first, price, None).await?;
    let needs_field = bare.is(&[(400, 300)]);
    let value = match committed(&bare) {
        true => Some(json!(false)),
        false => needs_field.then_some(json!(true)),
    };
    let question = "Is a commit that names no field refused?";
    probe.found("refuse_bare_commit", question, value, bare.told());
    if value_missing(&bare, needs_field) {
        return Err(Stop::trouble(format!("the commit was refused: {}", bare.told())));
    }
    let with = needs_field.then_some(with).flatten();

    let second = draft(probe, service, &texts).await?;
    probe.spent_at_most = probe.spent_at_most + price + price;
    let (one, other) = tokio::join!(
        commit(probe, &second, price, with),
        commit(probe, &second, price, with)
    );
    let (one, other) = (one?, other?);
    let both = committed(&one) && committed(&other);
    let evidence = format!("{} and {}", one.told(), other.told());
    let mut idle = false;
    if probe.docuengine {
        tokio::time::sleep(APART).await;
        probe.spent_at_most = probe.spent_at_most + price;
        let again = commit(probe, &second, price, with).await?;
        idle = committed(&again);
        let value = match (idle, again.status, again.code) {
            (true, ..) => Some("same"),
            (false, 422, 213) => Some("no_results"),
            (false, 406, 210) => Some("not_acceptable"),
            _ => None,
        };
        let question = "What answers a commit of what is committed?";
        probe.found(
            "repeated_commit",
            question,
            value.map(|value| json!(value)),
            again.told(),
        );
    }
    let (value, evidence) = match (both, committed(&one) || committed(&other)) {
        (true, _) if idle => (
            None,
            format!("{evidence}, which a repeated commit answers anyway: compare the credit"),
        ),
        (true, _) => (
            Some(json!(true)),
            format!("{evidence}: look at the account's charges"),
        ),
        (false, true) => (Some(json!(false)), evidence),
        (false, false) => (None, evidence),
    };
    let question = "Are two commits of one draft at once both accepted?";
    probe.found("racy_commit", question, value, evidence);
    Ok(())
}

/// True when neither a commit nor the one refusal that is expected.
fn value_missing(answer: &Answer, needs_field: bool) -> bool {
    !committed(answer) && !needs_field
}

fn committed(answer: &Answer) -> bool {
    (answer.remote.as_ref()).is_some_and(|remote| remote.phase == Phase::Committed)
}

/// A draft that can be committed.
async fn draft(
    probe: &mut Probe,
    service: &Service,
    texts: &BTreeMap<String, String>,
) -> Result<String, Stop> {
    let request = probe.provider.open_draft(&probe.spec(service, Some(texts)));
    let answer = probe.open(&request).await?;
    match answer.remote {
        Some(remote) => Ok(remote.id),
        None => Err(Stop::trouble(format!(
            "no draft could be opened: {}",
            answer.told()
        ))),
    }
}

async fn commit(
    probe: &Probe,
    id: &str,
    price: Money,
    with_field: Option<(&str, &str)>,
) -> Result<Answer, Stop> {
    let spec = CommitSpec {
        price,
        with_field,
        accept_warnings: &[],
        allow_duplicate: false,
    };
    probe.call(&probe.provider.commit(id, &spec)).await
}

/// The answers, which must be right: the office works on what is paid.
fn texts(service: &Service, path: Option<&Path>) -> Result<BTreeMap<String, String>, Stop> {
    let path = path.ok_or_else(|| {
        Stop::usage("--paid needs --answers FILE, and a cheap --service whose answers are texts only")
    })?;
    let given = answers::read(path)?;
    let report = service.form.check(&given);
    if let Some(wrong) = report.findings.first().filter(|_| !report.is_ok()) {
        return Err(Stop::refused(format!(
            "nothing was paid: the answers have errors, `{}` first",
            wrong.code.as_str()
        )));
    }
    let mut texts = BTreeMap::new();
    for (name, answer) in given.iter() {
        match (service.form.field(name), answer) {
            (Some(field), Given::Text(text)) => texts.insert(field.key.clone(), text.clone()),
            (None, _) => None,
            (Some(_), Given::File { .. }) => {
                return Err(Stop::usage("--paid takes a service whose answers are texts only"));
            }
        };
    }
    Ok(texts)
}
