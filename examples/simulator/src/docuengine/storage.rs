//! Where deliveries lie: addresses anybody can read who holds them, until they expire. The token has no
//! business here, and is not asked for.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::Md5;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    DocuEngine,
    request::{Request, RequestState},
};
use crate::{
    context::{Answer, Context, Refusal, is_id},
    delivery::{self, DeliveryFault, Receipt},
    exchange::{SimRequest, SimResponse},
    faults::Hostility,
    switches::Storage,
};

/// Where the files are, in the storage.
const FOLDER: &str = "/storage/documents/";

impl DocuEngine {
    /// `GET /requests/{id}/documents`.
    pub(super) fn documents(&self, context: &Context<'_>, id: &str) -> Answer {
        let request = self.known(id)?;
        if request.state != RequestState::Done {
            return Err(Refusal::new(422, 225, "documents not yet available"));
        }
        let files = request.file_names().enumerate();
        Ok(files
            .map(|(at, name)| entry(context, request, at, &name))
            .collect())
    }

    /// `GET /storage/…`.
    pub(crate) fn download(&self, context: &Context<'_>, call: &SimRequest) -> SimResponse {
        let denied = || refusal(403, "SignatureDoesNotMatch", "Access denied.");
        let query = |name: &str| crate::exchange::query(call.query.as_deref().unwrap_or_default(), name);
        let expires_ms = query("X-Expires").and_then(|text| text.parse::<u64>().ok());
        let bytes = query("X-Bytes")
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0);
        let Some(expires_ms) = expires_ms.filter(|_| call.method == "GET") else {
            return denied();
        };
        if query("X-Signature") != Some(signature(context, &call.path, expires_ms, bytes)) {
            return denied();
        }
        if context.now_ms >= expires_ms {
            return refusal(400, "ExpiredToken", "The provided token has expired.");
        }
        if let Storage::Redirect { to } = &context.shared.switches.storage {
            let mut response = SimResponse::bytes(302, "text/plain", Vec::new());
            response.headers.push(("location".to_owned(), to.clone()));
            return response;
        }
        let found = call.path.strip_prefix(FOLDER).and_then(|name| {
            let (id, _) = name.split_once('_')?;
            let request = self.find(id)?;
            let at = request.file_names().position(|known| known == name)?;
            Some((request, at))
        });
        let Some((request, at)) = found else {
            return refusal(404, "NoSuchKey", "The specified key does not exist.");
        };
        if let Some(DeliveryFault::Hostile(hostility)) = context.tamper.delivery {
            let bytes = with_receipt(request, at, |receipt| delivery::hostile_file(receipt, hostility));
            return SimResponse::bytes(200, "application/pdf", bytes);
        }
        let (head, rest) = with_receipt(request, at, |receipt| delivery::document(receipt, bytes));
        let mut response = SimResponse::bytes(200, "application/pdf", head);
        response.stream = rest;
        response
    }

    /// A request by an id of the right form: what reading asks of it.
    pub(super) fn known(&self, id: &str) -> Result<&Request, Refusal> {
        if !is_id(id) {
            return Err(Refusal::new(406, 222, "id not valid"));
        }
        self.find(id)
            .ok_or_else(|| Refusal::new(404, 223, format!("no request matches this id: {id}")))
    }
}

/// One file of the list.
fn entry(context: &Context<'_>, request: &Request, at: usize, name: &str) -> Value {
    let switches = &context.shared.switches;
    let lies = |hostility| context.tamper.delivery == Some(DeliveryFault::Hostile(hostility));
    let large = match context.tamper.delivery {
        Some(DeliveryFault::Large { bytes }) => bytes,
        _ => 0,
    };
    let (head, rest) = with_receipt(request, at, |receipt| delivery::document(receipt, large));
    let mut size = head.len() as u64;
    let mut digest = Md5::new();
    digest.update(&head);
    for part in rest.into_iter().flat_map(delivery::Stream::chunks) {
        size += part.len() as u64;
        digest.update(&part);
    }
    if switches.storage == Storage::WrongMd5 || lies(Hostility::WrongDigest) {
        digest.update(b"!");
    }
    if switches.storage == Storage::WrongSize || lies(Hostility::WrongLength) {
        size += 1;
    }
    let expires_ms = context.now_ms.saturating_add(switches.url_ttl_ms);
    let path = format!("{FOLDER}{name}");
    let base = switches
        .download_base
        .as_ref()
        .unwrap_or(&context.shared.config.storage_url);
    let more = if large > 0 {
        format!("&X-Bytes={large}")
    } else {
        String::new()
    };
    let signature = signature(context, &path, expires_ms, large);
    json!({
        "fileName": name,
        "mimeType": "application/pdf",
        "fileSize": size.to_string(),
        "md5": STANDARD.encode(digest.finalize()),
        "urlExpire": expires_ms / 1_000,
        "downloadUrl": format!("{base}{path}?X-Expires={expires_ms}{more}&X-Signature={signature}"),
    })
}

/// Each file of a delivery is a receipt of its own.
fn with_receipt<T>(request: &Request, at: usize, make: impl FnOnce(&Receipt<'_>) -> T) -> T {
    let service = match at {
        0 => request.document.name.clone(),
        _ => format!("{} ({})", request.document.name, at + 1),
    };
    make(&Receipt {
        id: &request.id,
        service: &service,
        committed_ms: request.committed_ms.unwrap_or(request.created_ms),
        delivered_ms: request.stamp(RequestState::Done).unwrap_or(request.updated_ms),
    })
}

/// Not a secret, but nothing a caller comes by without being given it.
fn signature(context: &Context<'_>, path: &str, expires_ms: u64, bytes: u64) -> String {
    let seed = context.shared.config.seed;
    let digest = Sha256::digest(format!("storage/{seed}/{path}/{expires_ms}/{bytes}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Errors as object stores write them.
fn refusal(status: u16, code: &str, message: &str) -> SimResponse {
    let body = format!(
        "<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    SimResponse::bytes(status, "application/xml; charset=UTF-8", body.into_bytes())
}
