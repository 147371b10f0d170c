use std::io::{BufRead, Write};
use std::path::Path;

use serde_json::json;
use sportello::{Finding, Lang, Severity, check_value};

use crate::args::Global;
use crate::exit::{Code, Stop};
use crate::{answers, context, show};

pub(crate) async fn check(global: &Global, service: &str, path: &Path) -> Result<Code, Stop> {
    let answers = answers::read(path)?;
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
        "text": finding.text(lang),
    })
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
        let findings: Vec<_> = findings
            .iter()
            .map(|finding| {
                json!({
                    "code": finding.code.as_str(),
                    "severity": finding.severity,
                    "position": finding.position,
                    "text": finding.text(lang),
                })
            })
            .collect();
        writeln!(
            output,
            "{}",
            json!({ "input": value, "valid": valid, "findings": findings })
        )
        .map_err(io)?;
    }
    output.flush().map_err(io)?;
    Ok(if all_valid { Code::Done } else { Code::Findings })
}
