//! Every documented error, by call: HTTP status and `error` code mean something only together and only for their call.

use crate::error::ErrorCode;
use crate::http::Call;
use crate::provider::envelope::{self, Listed};

/// `(call, HTTP status, error code, meaning)`, from the provider's published description. A draft is validated only when it is handed
/// in, so that what the description lists for `POST` can also answer the commit.
const LISTED: &[Listed] = &[
    (Call::ListSubmissions, 404, 221, ErrorCode::ProviderNotFound),
    (Call::OpenDraft, 400, 202, ErrorCode::ServiceNotFound),
    (Call::OpenDraft, 402, 610, ErrorCode::CreditInsufficient),
    (Call::OpenDraft, 406, 205, ErrorCode::DataRefused),
    (Call::OpenDraft, 417, 208, ErrorCode::ServiceUnavailable),
    (Call::OpenDraft, 422, 320, ErrorCode::DataRefused),
    (Call::OpenDraft, 428, 311, ErrorCode::ProviderRefused),
    (Call::GetSubmission, 404, 223, ErrorCode::ProviderNotFound),
    (Call::GetSubmission, 406, 222, ErrorCode::ProviderNotFound),
    (Call::Fill, 400, 300, ErrorCode::DataRefused),
    (Call::Fill, 406, 210, ErrorCode::DataRefused),
    (Call::Fill, 417, 316, ErrorCode::ServiceUnavailable),
    (Call::Fill, 422, 213, ErrorCode::ReferenceConflict),
    (Call::Fill, 428, 209, ErrorCode::ProviderNotFound),
    (Call::Commit, 400, 300, ErrorCode::DataRefused),
    (Call::Commit, 402, 610, ErrorCode::CreditInsufficient),
    (Call::Commit, 406, 205, ErrorCode::DataRefused),
    (Call::Commit, 406, 210, ErrorCode::DataRefused),
    (Call::Commit, 417, 208, ErrorCode::ServiceUnavailable),
    (Call::Commit, 417, 316, ErrorCode::ServiceUnavailable),
    (Call::Commit, 422, 213, ErrorCode::OutcomeUnknown),
    (Call::Commit, 422, 320, ErrorCode::DataRefused),
    (Call::Commit, 428, 209, ErrorCode::ProviderNotFound),
    (Call::Choose, 400, 300, ErrorCode::ChoiceUnknown),
    (Call::Choose, 402, 610, ErrorCode::CreditInsufficient),
    (Call::Choose, 406, 210, ErrorCode::ChoiceUnknown),
    (Call::Choose, 417, 316, ErrorCode::ServiceUnavailable),
    (Call::Choose, 422, 213, ErrorCode::ChoiceNotNeeded),
    (Call::Choose, 428, 209, ErrorCode::ProviderNotFound),
    (Call::GetDocument, 404, 223, ErrorCode::ProviderNotFound),
    (Call::GetDocument, 406, 222, ErrorCode::ProviderNotFound),
    (Call::GetDocument, 422, 225, ErrorCode::DeliveryNotReady),
];

/// What an error means for this call; `None` when no document lists it.
pub(super) fn meaning(call: Call, http_status: u16, api_code: Option<u32>) -> Option<ErrorCode> {
    envelope::listed(LISTED, call, http_status, api_code)
}

/// Every documented error: call, HTTP status, the provider's code, what it means.
pub fn documented_errors() -> impl Iterator<Item = (Call, u16, u32, ErrorCode)> {
    LISTED.iter().copied()
}
