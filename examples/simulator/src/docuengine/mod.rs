//! DocuEngine: six calls, and the place where its deliveries lie.
//!
//! Calls, errors, names and the first twelve documents are the provider's, as published. Invented: the other
//! five documents; which company is too young (tax code 10000000009, for the balance sheets); an unknown id in
//! a `PATCH` answers as one that is not valid; `WAIT` lasts as long as Visengine's last two stages together.

mod body;
mod calls;
mod catalogue;
pub(crate) mod request;
mod storage;
mod wire;

use std::sync::Arc;

use body::Body;
use catalogue::Catalogue;
use request::{Request, RequestState};
use serde_json::Value;

use crate::{
    callbacks::CallbackCall,
    context::{Answer, Api, Context, Refusal},
    engine::Shared,
    exchange::{SimRequest, SimResponse},
    faults::Call,
};

/// The documents on offer and the requests for them.
#[derive(Clone, Debug)]
pub(crate) struct DocuEngine {
    catalogue: Arc<Catalogue>,
    requests: Vec<Request>,
}

/// Which call a method and a path name, with the path's id. Every `PATCH` reads as an edit here.
fn route<'a>(method: &str, path: &'a str) -> Option<(Call, &'a str)> {
    let mut parts = path.trim_matches('/').split('/');
    let (head, id, tail, more) = (parts.next()?, parts.next(), parts.next(), parts.next());
    if more.is_some() {
        return None;
    }
    match (method, head, id, tail) {
        ("GET", "documents", None, None) => Some((Call::Services, "")),
        ("GET", "requests", None, None) => Some((Call::List, "")),
        ("POST", "requests", None, None) => Some((Call::Open, "")),
        ("GET", "requests", Some(id), None) => Some((Call::Read, id)),
        ("PATCH", "requests", id, None) => Some((Call::Edit, id.unwrap_or_default())),
        ("GET", "requests", Some(id), Some("documents")) => Some((Call::Document, id)),
        _ => None,
    }
}

/// The call a request makes; a `PATCH` is told by its body.
pub(crate) fn call_of(request: &SimRequest) -> Option<Call> {
    let (call, _) = route(&request.method, &request.path)?;
    if call != Call::Edit {
        return Some(call);
    }
    let Some(body) = Body::read(&request.body) else {
        return Some(Call::Edit);
    };
    if body.has("resultId") {
        Some(Call::Choose)
    } else if body.text("state") == Some("SEARCH") {
        Some(Call::Commit)
    } else {
        Some(Call::Edit)
    }
}

impl DocuEngine {
    pub(crate) fn new() -> Self {
        Self {
            catalogue: Catalogue::shared(),
            requests: Vec::new(),
        }
    }

    pub(crate) fn requests(&self) -> &[Request] {
        &self.requests
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Request> {
        self.requests.iter().find(|request| request.id == id)
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut Request> {
        self.requests.iter_mut().find(|request| request.id == id)
    }

    /// Answers a call whose token has been seen.
    pub(crate) fn answer(&mut self, context: &mut Context<'_>, request: &SimRequest) -> SimResponse {
        let loose = context.shared.config.loose;
        match self.dispatch(context, request) {
            Ok(data) => wire::success(data, loose),
            Err(refusal) => refusal.response(loose),
        }
    }

    fn dispatch(&mut self, context: &mut Context<'_>, request: &SimRequest) -> Answer {
        let (call, id) =
            route(&request.method, &request.path).ok_or_else(|| Refusal::new(404, 404, "Not Found"))?;
        match call {
            Call::Services => Ok(self.catalogue.list()),
            Call::List => self.list(),
            Call::Open => self.open(context, &Body::read(&request.body).unwrap_or_default()),
            Call::Read => Ok(wire::detail(self.known(id)?, &context.shared.switches)),
            Call::Document => self.documents(context, id),
            _ => self.patch(context, id, Body::read(&request.body).as_ref()),
        }
    }

    /// An account without requests gets an error where others get a list.
    fn list(&self) -> Answer {
        if self.requests.is_empty() {
            return Err(Refusal::new(404, 221, "no requests related to your account"));
        }
        Ok(self.requests.iter().rev().map(wire::summary).collect())
    }

    /// Moves every request on to `now_ms`, and notes the callbacks to be made.
    pub(crate) fn advance(&mut self, shared: &mut Shared, now_ms: u64) {
        let config = Arc::clone(&shared.config);
        for request in &mut self.requests {
            let cancellation = config
                .cancellations
                .iter()
                .find(|entry| entry.service == request.document.id);
            // One call can pass several states; each is told.
            while request.advance(now_ms, &config.stages, &shared.switches, cancellation) {
                let call = callback(request, shared);
                shared.call_back(now_ms, call);
            }
        }
    }

    /// The office gives a request up.
    pub(crate) fn cancel(&mut self, shared: &mut Shared, now_ms: u64, id: &str, reason: &str) -> bool {
        let ended = |state| matches!(state, RequestState::Done | RequestState::Cancelled);
        let Some(request) = self.find_mut(id).filter(|request| !ended(request.state)) else {
            return false;
        };
        request.cancel(reason, now_ms);
        let call = callback(request, shared);
        shared.call_back(now_ms, call);
        true
    }
}

/// The call the provider makes when a request's state has changed. Nothing signs it.
fn callback(request: &Request, shared: &Shared) -> Option<CallbackCall> {
    let text = |name: &str| request.callback.get(name).and_then(Value::as_str);
    let headers = request.callback.get("headers").and_then(Value::as_object);
    Some(CallbackCall {
        id: String::new(),
        api: Api::Docuengine,
        url: text("url").filter(|url| !url.is_empty())?.to_owned(),
        field: text("field")
            .filter(|field| !field.is_empty())
            .unwrap_or("data")
            .to_owned(),
        as_json: text("method").is_some_and(|method| method.eq_ignore_ascii_case("JSON")),
        headers: headers
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        custom: request.callback.get("data").cloned().unwrap_or_default(),
        payload: wire::detail(request, &shared.switches),
    })
}
