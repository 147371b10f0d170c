//! Visengine 2: nine calls.

pub(crate) mod body;
mod calls;
pub(crate) mod catalogue;
mod paid;
mod read;
pub(crate) mod submission;
mod wire;

use std::sync::Arc;

use body::Body;
use catalogue::Catalogue;
use serde_json::Value;
use submission::Submission;

use crate::{
    callbacks::CallbackCall,
    context::{Answer, Api, Context, Refusal},
    engine::Shared,
    exchange::{SimRequest, SimResponse},
    faults::Call,
};

/// The service and its requests.
#[derive(Clone, Debug)]
pub(crate) struct Visengine {
    catalogue: Arc<Catalogue>,
    submissions: Vec<Submission>,
}

/// Which call a method and a path name, with the path's id or hash. A commit reads as an edit here.
fn route<'a>(method: &str, path: &'a str) -> Option<(Call, &'a str)> {
    let mut parts = path.trim_matches('/').split('/');
    let (head, id, tail, more) = (parts.next()?, parts.next(), parts.next(), parts.next());
    if more.is_some() {
        return None;
    }
    match (method, head, id, tail) {
        ("GET", "visure", None, None) => Some((Call::Services, "")),
        ("GET", "visure", Some(hash), None) => Some((Call::Service, hash)),
        ("GET", "richiesta", None, None) => Some((Call::List, "")),
        ("POST", "richiesta", None, None) => Some((Call::Open, "")),
        ("GET", "richiesta", Some(id), None) => Some((Call::Read, id)),
        ("POST", "richiesta", Some(id), None) => Some((Call::Search, id)),
        ("PUT", "richiesta", id, None) => Some((Call::Edit, id.unwrap_or_default())),
        ("PUT", "richiesta", Some(id), Some("ricerche")) => Some((Call::Choose, id)),
        ("GET", "documento", id, None) => Some((Call::Document, id.unwrap_or_default())),
        _ => None,
    }
}

/// The call a request makes, a commit told from an edit by its body.
pub(crate) fn call_of(request: &SimRequest) -> Option<Call> {
    let (call, _) = route(&request.method, &request.path)?;
    if call == Call::Edit && body::commits(&request.body) {
        return Some(Call::Commit);
    }
    Some(call)
}

impl Visengine {
    pub(crate) fn new() -> Self {
        Self {
            catalogue: Catalogue::shared(),
            submissions: Vec::new(),
        }
    }

    pub(crate) fn submissions(&self) -> &[Submission] {
        &self.submissions
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Submission> {
        self.submissions.iter().find(|submission| submission.id == id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Submission> {
        self.submissions.iter_mut().find(|submission| submission.id == id)
    }

    /// Answers a call whose token has been seen.
    pub(crate) fn answer(&mut self, context: &mut Context<'_>, request: &SimRequest) -> SimResponse {
        let loose = context.shared.config.loose;
        let Some((call, id)) = route(&request.method, &request.path) else {
            return Refusal::new(404, 404, "Not Found").response(loose);
        };
        if call == Call::Document {
            return self.document(context, id);
        }
        match self.dispatch(context, call, id, request) {
            Ok(data) => wire::success(data, loose),
            Err(refusal) => refusal.response(loose),
        }
    }

    fn dispatch(&mut self, context: &mut Context<'_>, call: Call, id: &str, request: &SimRequest) -> Answer {
        let keep_files = context.shared.switches.echo == crate::switches::Echo::All;
        let read = || -> Result<Body, Refusal> {
            let mut body = Body::read(&request.body, keep_files)
                .ok_or_else(|| Refusal::new(400, 400, "the body is not a JSON object"))?;
            if let Some(key) = &context.tamper.drop_field {
                body.drop_field(key);
            }
            Ok(body)
        };
        match call {
            Call::Services => Ok(self.catalogue.list()),
            Call::Service => self.service(id),
            Call::List => self.list(),
            Call::Read => self.read(context, id),
            Call::Open => {
                let body = read()?;
                self.open(context, body)
            }
            Call::Edit | Call::Commit => {
                let body = read()?;
                self.edit(context, id, body)
            }
            Call::Search => {
                let body = read()?;
                self.add_search(context, id, body)
            }
            Call::Choose => {
                let body = read()?;
                self.choose(context, id, &body)
            }
            _ => Err(Refusal::new(404, 404, "Not Found")),
        }
    }

    /// Moves every request on to `now_ms`, and notes the callbacks to be made.
    pub(crate) fn advance(&mut self, shared: &mut Shared, now_ms: u64) {
        for submission in &mut self.submissions {
            let cancellation = shared
                .config
                .cancellations
                .iter()
                .find(|entry| entry.service == submission.service.hash);
            let lifetime = shared.switches.draft_lifetime_ms;
            if submission.advance(now_ms, &shared.config.stages, lifetime, cancellation) {
                let call = callback(submission, shared);
                shared.call_back(now_ms, call);
            }
        }
    }

    /// The office gives a request up.
    pub(crate) fn cancel(
        &mut self,
        shared: &mut Shared,
        now_ms: u64,
        id: &str,
        code: &str,
        info: &str,
    ) -> bool {
        let Some(submission) = self.find_mut(id).filter(|submission| {
            !matches!(
                submission.status,
                submission::Status::Delivered | submission::Status::Cancelled
            )
        }) else {
            return false;
        };
        submission.cancel(code, info, now_ms);
        let call = callback(submission, shared);
        shared.call_back(now_ms, call);
        true
    }
}

/// The call the provider makes when a request's state has changed. Nothing signs it.
fn callback(submission: &Submission, shared: &Shared) -> Option<CallbackCall> {
    let text = |name: &str| submission.callback.get(name).and_then(Value::as_str);
    let url = text("url").filter(|url| !url.is_empty())?.to_owned();
    let field = text("field")
        .filter(|field| !field.is_empty())
        .unwrap_or("data")
        .to_owned();
    let as_json = text("method").is_some_and(|method| method.eq_ignore_ascii_case("JSON"));
    Some(CallbackCall {
        id: String::new(),
        api: Api::Visengine,
        url,
        field,
        as_json,
        headers: Vec::new(),
        custom: submission.callback.get("data").cloned().unwrap_or_default(),
        payload: wire::detail(submission, &shared.switches),
    })
}
