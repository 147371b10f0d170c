//! The calls that only read.

use serde_json::{Value, json};

use super::{Visengine, submission::Status, wire};
use crate::{
    context::{Answer, Context, Refusal, is_id},
    delivery::{self, Delivered, Receipt},
    exchange::SimResponse,
};

impl Visengine {
    pub(super) fn service(&self, hash: &str) -> Answer {
        let service = self.catalogue.get(hash).ok_or_else(wrong_hash)?;
        Ok(service.description.clone())
    }

    /// An account without requests gets an error where others get a list.
    pub(super) fn list(&self) -> Answer {
        if self.submissions.is_empty() {
            return Err(Refusal::new(404, 203, "no request related to your account"));
        }
        Ok(self
            .submissions
            .iter()
            .rev()
            .map(|submission| Value::Object(wire::summary(submission)))
            .collect())
    }

    pub(super) fn read(&self, context: &Context<'_>, id: &str) -> Answer {
        if !is_id(id) {
            return Err(Refusal::new(400, 201, "Invalid id"));
        }
        let submission = self
            .find(id)
            .ok_or_else(|| Refusal::new(404, 202, format!("no request matches this id: {id}")))?;
        Ok(wire::detail(submission, &context.shared.switches))
    }

    pub(super) fn document(&self, context: &Context<'_>, id: &str) -> SimResponse {
        let loose = context.shared.config.loose;
        let refuse = |status, code, message: &str| Refusal::new(status, code, message).response(loose);
        if id.is_empty() {
            return refuse(428, 242, "id required");
        }
        if !is_id(id) {
            return refuse(400, 243, "Invalid id");
        }
        let Some(submission) = self.find(id) else {
            return refuse(404, 244, &format!("no requests matches this id: {id}"));
        };
        if submission.status != Status::Delivered {
            return refuse(422, 247, "document not yet available");
        }
        let receipt = Receipt {
            id: &submission.id,
            service: &submission.service.name,
            committed_ms: submission.committed_ms.unwrap_or(submission.created_ms),
            delivered_ms: submission.updated_ms,
        };
        match delivery::make(&receipt, context.tamper.delivery.as_ref()) {
            Delivered::Whole {
                name,
                announced,
                file,
            } => wire::success(
                json!({"nome": name, "dimensione": announced, "file": file}),
                loose,
            ),
            Delivered::Streamed {
                name,
                announced,
                stream,
            } => {
                // The envelope around a file that is never held: what goes before it, and what after.
                let name = Value::String(name);
                let before = format!(r#"{{"data":{{"nome":{name},"dimensione":{announced},"file":""#);
                let mut response = SimResponse::bytes(200, "application/json", before.into_bytes());
                response.stream =
                    Some(stream.followed_by(br#""},"success":true,"message":"","error":null}"#));
                response
            }
        }
    }
}

pub(super) fn wrong_hash() -> Refusal {
    Refusal::new(400, 200, "wrong hash_visura")
}
