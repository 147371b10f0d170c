use std::collections::BTreeMap;

use serde::Serialize;
use sportello::{Finding, Lang, MissingSets, Report};
use wasm_bindgen::JsValue;

/// A report as a page sees it.
#[derive(Serialize)]
pub(crate) struct ReportView<'a> {
    ok: bool,
    findings: Vec<FindingView<'a>>,
    missing: &'a MissingSets,
}

/// A finding as a page sees it: plain data that can be stored or posted to a worker, so its texts come along.
#[derive(Serialize)]
pub(crate) struct FindingView<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    texts: BTreeMap<&'static str, String>,
}

impl<'a> From<&'a Report> for ReportView<'a> {
    fn from(report: &'a Report) -> ReportView<'a> {
        // Taken apart, so that a field which the core adds fails this build instead of being left behind.
        let Report { findings, missing } = report;
        ReportView {
            ok: report.is_ok(),
            findings: findings.iter().map(FindingView::from).collect(),
            missing,
        }
    }
}

impl<'a> From<&'a Finding> for FindingView<'a> {
    fn from(finding: &'a Finding) -> FindingView<'a> {
        let tag = |lang: Lang| match lang {
            Lang::It => "it",
            Lang::En => "en",
            Lang::Fr => "fr",
            Lang::De => "de",
        };
        FindingView {
            finding,
            texts: Lang::ALL
                .into_iter()
                .map(|lang| (tag(lang), finding.text(lang)))
                .collect(),
        }
    }
}

/// A value as plain objects and arrays; the default would make a `Map` of every object.
pub(crate) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|error| failure("internal.not_convertible", &error.to_string()))
}

/// An error to throw, with its code; `js/src/error.ts` makes a `SportelloError` of it.
pub(crate) fn failure(code: &str, detail: &str) -> JsValue {
    let error = js_sys::Error::new(detail);
    error.set_name("SportelloError");
    // Fails on a frozen object only, and this one was just made.
    let _ = js_sys::Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}
