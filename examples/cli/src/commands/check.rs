use std::io::{BufRead, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::json;
use sportello::check::Phone;
use sportello::{Answers, Finding, Lang, Severity, check_value};

use crate::args::Global;
use crate::exit::{Code, Stop};
use crate::{answers, context, show};

pub(crate) async fn check(global: &Global, service: &str, path: Option<&Path>) -> Result<Code, Stop> {
    let answers = path.map_or_else(|| Ok(Answers::new()), answers::read)?;
    let context = context::open(global).await?;
    let service = context.client.service(service).await?;
    let report = context.client.check(&service, &answers);
    if global.json {
        let findings: Vec<_> = report
            .findings
            .iter()
            .map(|finding| one(finding, global.language()))
            .collect();
        println!(
            "{}",
            json!({ "ok": report.is_ok(), "findings": findings, "missing": report.missing })
        );
    } else {
        show::report(&report, &service, global.language());
    }
    Ok(if report.is_ok() {
        Code::Done
    } else {
        Code::Findings
    })
}

fn one(finding: &Finding, lang: Lang) -> serde_json::Value {
    json!({
        "field": finding.field,
        "code": finding.code.as_str(),
        "severity": finding.severity,
        "position": finding.position,
        "params": finding.params,
        "correction": finding.correction,
        "text": finding.text(lang),
    })
}

/// What is said of one value. Written as it is made: a million of them pass in seconds.
#[derive(Serialize)]
struct Line<'a> {
    input: &'a str,
    valid: bool,
    /// Of a telephone number, as it would be dialled from anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    e164: Option<String>,
    findings: Vec<Said<'a>>,
}

#[derive(Serialize)]
struct Said<'a> {
    code: &'static str,
    severity: Severity,
    position: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correction: Option<&'a str>,
    text: String,
}

/// One value per line in, one JSON object per line out, in the same order.
pub(crate) fn check_values(global: &Global, kind: &str) -> Result<Code, Stop> {
    let lang = global.language();
    // A kind that there is not is said before anything is read.
    check_value(kind, "").map_err(|error| Stop::usage(error.to_string()))?;
    let io = |error: std::io::Error| Stop::local(format!("standard input or output: {error}"));
    let mut input = std::io::stdin().lock();
    let mut output = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let (mut line, mut all_valid) = (Vec::new(), true);
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(io)? == 0 {
            break;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        // Bytes that are no text are checked as what they look like: replacement characters, which no kind accepts.
        let value = String::from_utf8_lossy(&line);
        let findings = check_value(kind, &value).map_err(|error| Stop::usage(error.to_string()))?;
        let valid = findings.iter().all(|finding| finding.severity != Severity::Error);
        all_valid &= valid;
        let said = findings.iter().map(|finding| Said {
            code: finding.code.as_str(),
            severity: finding.severity,
            position: finding.position,
            correction: finding.correction.as_deref(),
            text: finding.text(lang),
        });
        let line_out = Line {
            input: &value,
            valid,
            e164: phone(kind, &value),
            findings: said.collect(),
        };
        serde_json::to_writer(&mut output, &line_out).map_err(|error| Stop::local(error.to_string()))?;
        output.write_all(b"\n").map_err(io)?;
    }
    output.flush().map_err(io)?;
    Ok(if all_valid { Code::Done } else { Code::Findings })
}

fn phone(kind: &str, value: &str) -> Option<String> {
    let phone = (kind == "phone").then(|| Phone::parse(value)).flatten()?;
    Some(phone.e164().to_owned())
}
