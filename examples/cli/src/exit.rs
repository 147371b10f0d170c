//! How a command ends: one line that says what is wrong and what to do, and a documented exit code.

use std::process::ExitCode;

use serde_json::json;
use sportello::{Charged, Finding, SportelloError};

use crate::args::Global;

/// The exit codes, as `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Done = 0,
    Findings = 1,
    Usage = 2,
    Refused = 3,
    Trouble = 4,
    Unknown = 5,
    Person = 6,
    Unfinished = 7,
    Local = 8,
    Interrupted = 130,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> ExitCode {
        ExitCode::from(code as u8)
    }
}

/// Why a command stops.
pub(crate) struct Stop {
    code: Code,
    text: String,
    error: Option<SportelloError>,
    again: Option<String>,
}

impl Stop {
    pub(crate) fn usage(text: impl Into<String>) -> Stop {
        Stop {
            code: Code::Usage,
            text: text.into(),
            error: None,
            again: None,
        }
    }

    pub(crate) fn local(text: impl Into<String>) -> Stop {
        Stop {
            code: Code::Local,
            text: text.into(),
            error: None,
            again: None,
        }
    }

    pub(crate) fn refused(text: impl Into<String>) -> Stop {
        Stop {
            code: Code::Refused,
            text: text.into(),
            error: None,
            again: None,
        }
    }

    pub(crate) fn trouble(text: impl Into<String>) -> Stop {
        Stop {
            code: Code::Trouble,
            text: text.into(),
            error: None,
            again: None,
        }
    }

    pub(crate) fn person(text: impl Into<String>) -> Stop {
        Stop {
            code: Code::Person,
            text: text.into(),
            error: None,
            again: None,
        }
    }

    pub(crate) fn interrupted() -> Stop {
        let text = "interrupted; the same command again goes on where it stopped and never pays twice";
        Stop {
            code: Code::Interrupted,
            text: text.to_owned(),
            error: None,
            again: None,
        }
    }

    /// Adds the command that goes on.
    pub(crate) fn again(mut self, command: String) -> Stop {
        self.again = Some(command);
        self
    }

    pub(crate) fn report(self, global: &Global) -> ExitCode {
        if global.json {
            let details = self.error.as_ref().map(SportelloError::details);
            let error = json!({
                "error": {
                    "code": details.map_or("cli", |details| details.code),
                    "text": self.text,
                    "retryable": details.is_some_and(|details| details.retryable),
                    "reference": details.and_then(|details| details.reference.clone()),
                    "id": details.and_then(|details| details.id.clone()),
                    "charged": details.map_or(Charged::No, |details| details.charged),
                    "httpStatus": details.and_then(|details| details.http_status),
                    "apiCode": details.and_then(|details| details.api_code),
                    "findings": details.map(|details| &details.findings),
                },
            });
            println!("{error}");
        } else {
            eprintln!("sportello: {}", self.text);
            if let Some(details) = self.error.as_ref().map(SportelloError::details) {
                for finding in &details.findings {
                    eprintln!("  {}", finding_line(finding, global));
                }
                let facts: Vec<String> = [
                    Some(format!("code {}", details.code)),
                    details
                        .reference
                        .as_ref()
                        .map(|reference| format!("reference {reference}")),
                    details.id.as_ref().map(|id| format!("id {id}")),
                    details.http_status.map(|status| format!("HTTP {status}")),
                    details.api_code.map(|code| format!("provider's code {code}")),
                    Some(format!("charged: {}", details.charged.as_str())),
                ]
                .into_iter()
                .flatten()
                .collect();
                eprintln!("  {}", facts.join(" · "));
            }
            if let Some(again) = &self.again {
                eprintln!("  to go on: {again}");
            }
        }
        self.code.into()
    }
}

fn finding_line(finding: &Finding, global: &Global) -> String {
    let field = finding.field.as_deref().unwrap_or("form");
    format!(
        "{field}: {} [{}]",
        finding.text(global.language()),
        finding.code.as_str()
    )
}

impl From<SportelloError> for Stop {
    fn from(error: SportelloError) -> Stop {
        let details = error.details();
        let code = match (details.code, details.charged) {
            ("submit.needs_person" | "submit.commits_stopped", _) => Code::Person,
            (_, Charged::Unknown) => Code::Unknown,
            ("check.errors" | "check.warnings" | "submit.data_refused", _) => Code::Findings,
            ("delivery.not_ready", _) => Code::Unfinished,
            (code, _) if starts(code, &["network.", "provider.", "answer.", "auth."]) => Code::Trouble,
            (code, _)
                if starts(
                    code,
                    &[
                        "journal.",
                        "attachment.",
                        "file.",
                        "archive.",
                        "pages.",
                        "config.",
                    ],
                ) =>
            {
                Code::Local
            }
            _ => Code::Refused,
        };
        Stop {
            code,
            text: error.to_string(),
            error: Some(error),
            again: None,
        }
    }
}

fn starts(code: &str, rooms: &[&str]) -> bool {
    rooms.iter().any(|room| code.starts_with(room))
}
