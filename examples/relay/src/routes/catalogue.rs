//! What may be asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sportello::provider::relay::wire::ServiceWire;
use sportello::{Answers, Finding, Lang, MissingSets};

use super::{Caller, answer, path, read};
use crate::app::App;
use crate::refusal::Failure;

/// Every language of texts, with its tag.
const LANGS: [(&str, Lang); 4] = [
    ("it", Lang::It),
    ("en", Lang::En),
    ("fr", Lang::Fr),
    ("de", Lang::De),
];

pub(super) async fn services(State(app): State<Arc<App>>, _: Caller) -> Result<Response, Failure> {
    Ok(answer(app.offered().await?))
}

pub(super) async fn service(
    State(app): State<Arc<App>>,
    _: Caller,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    let params = path(&mut parts, &app).await?;
    let id = params.first().map(|(_, id)| id.as_str()).unwrap_or_default();
    let service = app.service(id, false).await?;
    Ok(answer(ServiceWire::from(&*service)))
}

/// What a page asks that can't check by itself.
#[derive(Deserialize)]
struct CheckWire {
    answers: Answers,
}

/// What was found, as the library in a page gives it.
#[derive(Serialize)]
struct ReportWire<'a> {
    ok: bool,
    findings: Vec<FindingWire<'a>>,
    missing: &'a MissingSets,
}

#[derive(Serialize)]
struct FindingWire<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    texts: BTreeMap<&'static str, String>,
}

/// Checks answers for a page whose browser has no WebAssembly. Nothing is kept of them.
pub(super) async fn check(
    State(app): State<Arc<App>>,
    _: Caller,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let params = path(&mut parts, &app).await?;
    let id = params.first().map(|(_, id)| id.as_str()).unwrap_or_default();
    let wire: CheckWire = read(&app, body).await?;
    let report = app.service(id, false).await?.form.check(&wire.answers);
    let texts = |finding: &Finding| {
        let text = |(tag, lang)| (tag, finding.text(lang));
        LANGS.into_iter().map(text).collect()
    };
    let findings = report.findings.iter().map(|finding| FindingWire {
        finding,
        texts: texts(finding),
    });
    Ok(answer(ReportWire {
        ok: report.is_ok(),
        findings: findings.collect(),
        missing: &report.missing,
    }))
}
