//! What faults do to an answer on its way back.

use serde_json::Value;

use crate::{
    delivery::Stream,
    exchange::{Outcome, SimResponse},
    faults::Fault,
};

/// The page a proxy answers with when the service behind it does not.
pub(crate) fn proxy_page(status: u16, retry_after_s: Option<u64>) -> SimResponse {
    let body = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>");
    let mut response = SimResponse::bytes(status, "text/html", body.into_bytes());
    response
        .headers
        .extend(retry_after_s.map(|seconds| ("retry-after".to_owned(), seconds.to_string())));
    response
}

/// Applies one fault to what would arrive. A lost answer stays lost.
pub(crate) fn spoil(outcome: Outcome, fault: &Fault) -> Outcome {
    let Outcome::Answer(response) = outcome else {
        return outcome;
    };
    match fault {
        Fault::CutAfter => Outcome::CutAfter,
        Fault::Truncated { keep } => {
            let keep = (*keep).min(response.body.len().saturating_sub(1));
            Outcome::Truncated(response, keep)
        }
        Fault::Status {
            status,
            retry_after_s,
            after_effect: true,
        } => Outcome::Answer(proxy_page(*status, *retry_after_s)),
        Fault::GarbageJson => {
            let garbage = br#"{"data":{"_id":"5f28"#.to_vec();
            Outcome::Answer(SimResponse::bytes(response.status, "application/json", garbage))
        }
        Fault::WrongId => Outcome::Answer(with_member(response, &["_id", "id"], "ffffffffffffffffffffffff")),
        Fault::WrongService => Outcome::Answer(with_member(
            response,
            &["hash_visura", "documentId"],
            "38934ffe45179c4d5b88e2a6b849799a",
        )),
        Fault::Zeros { bytes } => {
            let mut zeros = SimResponse::bytes(200, "application/json", Vec::new());
            zeros.stream = Some(Stream::zeros(*bytes));
            Outcome::Answer(zeros)
        }
        _ => Outcome::Answer(response),
    }
}

/// The same answer with one member of `data` replaced, under the name it has in this API, where it has it.
fn with_member(response: SimResponse, names: &[&str], value: &str) -> SimResponse {
    let mut body = response.value();
    let Some(data) = body.get_mut("data").and_then(Value::as_object_mut) else {
        return response;
    };
    let Some(name) = names.iter().find(|name| data.contains_key(**name)) else {
        return response;
    };
    data.insert((*name).to_owned(), Value::String(value.to_owned()));
    SimResponse {
        body: body.to_string().into_bytes(),
        ..response
    }
}
