//! What every API is called with, and how each says no.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    delivery::DeliveryFault,
    docuengine,
    engine::Shared,
    exchange::{SimRequest, SimResponse},
    faults::Call,
    oauth, visengine,
};

/// The APIs on the socket. Their paths don't collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// Visengine 2.
    Visengine,
    /// DocuEngine.
    Docuengine,
    /// OAuth v2.
    Oauth,
    /// Where DocuEngine's deliveries lie: another origin, which sees no token.
    Storage,
}

impl Api {
    /// Whose a path is, told by its first segment.
    pub(crate) fn of(path: &str) -> Option<Self> {
        match first_segment(path) {
            "visure" | "richiesta" | "documento" => Some(Self::Visengine),
            "documents" | "requests" => Some(Self::Docuengine),
            "tokens" | "scopes" | "wallet" | "callbacks" => Some(Self::Oauth),
            "storage" => Some(Self::Storage),
            _ => None,
        }
    }

    /// The host it has in production; the sandbox's has `test.` before it.
    #[must_use]
    pub fn host(self) -> &'static str {
        match self {
            Self::Visengine => "visengine2.altravia.com",
            Self::Docuengine => "docuengine.openapi.com",
            Self::Oauth => "oauth.openapi.com",
            Self::Storage => "storage.example.com",
        }
    }
}

/// The first segment of a path, which is what a scope names.
pub(crate) fn first_segment(path: &str) -> &str {
    path.trim_matches('/').split('/').next().unwrap_or_default()
}

/// What a request does, in whichever API; a commit is told from an edit by its body.
pub(crate) fn call_of(request: &SimRequest) -> Option<Call> {
    match Api::of(&request.path)? {
        Api::Visengine => visengine::call_of(request),
        Api::Docuengine => docuengine::call_of(request),
        Api::Oauth => oauth::call_of(request),
        Api::Storage => (request.method == "GET").then_some(Call::Download),
    }
}

/// What a fault does to a call from inside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tamper {
    /// The field that gets lost.
    pub(crate) drop_field: Option<String>,
    /// What the delivery holds instead.
    pub(crate) delivery: Option<DeliveryFault>,
}

/// One call under way.
pub(crate) struct Context<'a> {
    pub(crate) shared: &'a mut Shared,
    pub(crate) now_ms: u64,
    pub(crate) tamper: &'a Tamper,
}

/// What a call answers, before the envelope.
pub(crate) type Answer = Result<Value, Refusal>;

/// Whether an id has the form of one: 24 hexadecimal digits.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An answer that is not a success: status, code and message as documented.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: i64, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    pub(crate) fn response(&self, loose: bool) -> SimResponse {
        let error = if loose {
            json!(self.code.to_string())
        } else {
            json!(self.code)
        };
        let success = if loose { json!(0) } else { json!(false) };
        let body = json!({"data": null, "success": success, "message": self.message, "error": error});
        SimResponse::json(self.status, &body)
    }
}

/// The envelope of a success, its data already typed as wanted.
pub(crate) fn envelope(data: &Value, loose: bool) -> SimResponse {
    let success = if loose { json!(1) } else { json!(true) };
    SimResponse::json(
        200,
        &json!({"data": data, "success": success, "message": "", "error": null}),
    )
}
