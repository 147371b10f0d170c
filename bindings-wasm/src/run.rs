//! One verb under way. Each event gives the next step as JSON; `js/src/client/run.ts` is the other side.

use serde_json::{Value, json};
use sportello::SportelloError;
use sportello::flow::WaitReason;
use sportello::host::{
    HostEvent, HostFailure, HostNow, HostOutcome, HostPart, HostRequest, HostRun, HostStep,
};
use sportello::model::Service;
use wasm_bindgen::prelude::*;

use crate::form::keep;
use crate::wire;

/// One verb under way.
#[wasm_bindgen]
pub struct Run {
    run: HostRun,
    now: HostNow,
    /// The bytes of the last request's body, by number.
    parts: Vec<Vec<u8>>,
    service: Option<Service>,
}

#[wasm_bindgen]
impl Run {
    /// What the clocks show, in milliseconds; to be said before every event.
    pub fn at(&mut self, wall: f64, steady: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a clock: whole enough, not negative"
        )]
        let millis = |clock: f64| clock as u64;
        self.now = HostNow {
            wall_ms: millis(wall),
            steady_ms: millis(steady),
        };
    }

    /// Begin, or go on after an update.
    ///
    /// # Errors
    /// `flow.misuse`, as everything below: this is no answer to the last step.
    #[wasm_bindgen(js_name = goOn)]
    pub fn go_on(&mut self) -> Result<String, JsValue> {
        self.next(HostEvent::Continue)
    }

    /// A whole answer. `headers` are names, each followed by its value.
    pub fn answered(&mut self, status: u16, headers: Vec<String>, body: Vec<u8>) -> Result<String, JsValue> {
        let mut pairs = Vec::new();
        let mut all = headers.into_iter();
        while let (Some(name), Some(value)) = (all.next(), all.next()) {
            pairs.push((name, value));
        }
        self.next(HostEvent::Answered {
            status,
            headers: pairs,
            body,
        })
    }

    /// No answer, or a file that can't be read; `why` is a `HostFailure`'s stable name.
    pub fn failed(&mut self, why: &str) -> Result<String, JsValue> {
        let failure = serde_json::from_value(Value::from(why)).unwrap_or(HostFailure::Unknown);
        self.next(HostEvent::Failed(failure))
    }

    /// The wait is over.
    pub fn elapsed(&mut self) -> Result<String, JsValue> {
        self.next(HostEvent::Elapsed)
    }

    /// A part of a file.
    pub fn bytes(&mut self, bytes: Vec<u8>) -> Result<String, JsValue> {
        self.next(HostEvent::Bytes(bytes))
    }

    /// Texts of the journal.
    pub fn loaded(&mut self, texts: Vec<String>) -> Result<String, JsValue> {
        self.next(HostEvent::Loaded(texts))
    }

    /// Whether a text was stored, and what stands there where it was not.
    pub fn stored(&mut self, written: bool, current: Option<String>) -> Result<String, JsValue> {
        self.next(HostEvent::Stored { written, current })
    }

    /// The journal can't be read or written.
    #[wasm_bindgen(js_name = journalFailed)]
    pub fn journal_failed(&mut self) -> Result<String, JsValue> {
        self.next(HostEvent::JournalFailed)
    }

    /// Whoever waited has gone.
    pub fn cancelled(&mut self) -> Result<String, JsValue> {
        self.next(HostEvent::Cancelled)
    }

    /// Takes in a piece of a delivery's file; what is to be written.
    ///
    /// # Errors
    /// `answer.unreadable`.
    pub fn receive(&mut self, piece: &[u8]) -> Result<Vec<u8>, JsValue> {
        let taken = self.run.receive(piece);
        taken.map_err(|error| wire::failure(error.code(), &error.to_string()))
    }

    /// The bytes of a part of the last request's body, once.
    #[must_use]
    pub fn part(&mut self, number: usize) -> Vec<u8> {
        self.parts.get_mut(number).map(std::mem::take).unwrap_or_default()
    }

    /// The form that was asked for, once.
    #[must_use]
    pub fn form(&mut self) -> Option<u32> {
        self.service.take().map(keep)
    }
}

impl Run {
    pub(crate) fn new(run: HostRun) -> Run {
        Run {
            run,
            now: HostNow::default(),
            parts: Vec::new(),
            service: None,
        }
    }

    fn next(&mut self, event: HostEvent) -> Result<String, JsValue> {
        let step = self
            .run
            .next(event, self.now)
            .map_err(|error| wire::failure(error.code(), &error.to_string()))?;
        Ok(self.described(step).to_string())
    }

    fn described(&mut self, step: HostStep) -> Value {
        match step {
            HostStep::Send(request) => self.request(request),
            HostStep::Wait { millis, reason } => {
                let reason = match reason {
                    WaitReason::Retry => "retry",
                    WaitReason::QuietPeriod => "quiet_period",
                    WaitReason::Watching => "watching",
                };
                json!({ "do": "wait", "millis": millis, "reason": reason })
            }
            HostStep::Read { file, offset, length } => {
                json!({ "do": "read", "file": file, "offset": offset, "length": length })
            }
            HostStep::Load { key } => json!({ "do": "load", "key": key }),
            HostStep::List { prefix } => json!({ "do": "list", "prefix": prefix }),
            HostStep::Store { key, expect, text } => {
                json!({ "do": "store", "key": key, "expect": expect, "text": text })
            }
            HostStep::Update(update) => json!({ "do": "update", "update": update }),
            HostStep::Done(Ok(outcome)) => json!({ "do": "done", "value": self.outcome(*outcome) }),
            HostStep::Done(Err(error)) => json!({ "do": "fail", "error": problem(&error) }),
        }
    }

    fn outcome(&mut self, outcome: HostOutcome) -> Value {
        match outcome {
            HostOutcome::Services(services) => json!(services),
            HostOutcome::Service(service) => {
                self.service = Some(service);
                Value::Null
            }
            HostOutcome::Submission(submission) => json!(submission),
            HostOutcome::Submissions(submissions) => json!(submissions),
            HostOutcome::Watched(update) => json!(update),
            HostOutcome::Delivery(files) => json!(files),
            HostOutcome::Resumed(resumed) => json!(resumed),
            HostOutcome::Abandoned => Value::Null,
        }
    }

    fn request(&mut self, request: HostRequest) -> Value {
        let HostRequest {
            call,
            method,
            url,
            headers,
            body,
            timeout_ms,
            once,
            file,
        } = request;
        self.parts.clear();
        let mut parts = Vec::new();
        // A page's bodies are bytes and files of its own: there is nothing here that could not be read.
        let body = body.map(|body| body.parts().unwrap_or_default());
        for part in body.iter().flatten() {
            parts.push(match part {
                HostPart::Bytes(bytes) => {
                    self.parts.push(bytes.clone());
                    json!({ "part": self.parts.len() - 1 })
                }
                HostPart::File { file, size } => json!({ "file": file, "size": size }),
            });
        }
        json!({
            "do": "send", "call": call, "method": method, "url": url, "headers": headers,
            "body": body.map(|_| parts), "timeoutMs": timeout_ms, "once": once, "file": file,
        })
    }
}

/// The parts of an error, for JavaScript to make a `SportelloError` of.
fn problem(error: &SportelloError) -> Value {
    let sportello::error::Details {
        code,
        retryable,
        text: _,
        detail,
        http_status,
        api_code,
        reference,
        id,
        charged,
        findings,
    } = error.details();
    json!({
        "code": code, "text": error.to_string(), "detail": detail, "retryable": retryable,
        "httpStatus": http_status, "apiCode": api_code, "reference": reference, "id": id, "charged": charged,
        "findings": findings,
    })
}
