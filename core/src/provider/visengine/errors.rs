//! Every documented error, by call: HTTP status and `error` code mean something only together and only for their call.

use crate::error::ErrorCode;
use crate::http::Call;
use crate::provider::envelope::{self, Listed};

/// `(call, HTTP status, error code, meaning)`, from the provider's published description. The commit and the choice answer
/// like their siblings where the description is silent: 402 with a code of another call is still "no credit".
const LISTED: &[Listed] = &[
    (Call::GetService, 400, 200, ErrorCode::ServiceNotFound),
    (Call::ListSubmissions, 404, 203, ErrorCode::ProviderNotFound),
    (Call::OpenDraft, 400, 209, ErrorCode::EmailRefused),
    (Call::OpenDraft, 402, 211, ErrorCode::CreditInsufficient),
    (Call::OpenDraft, 412, 250, ErrorCode::DataRefused),
    (Call::OpenDraft, 428, 204, ErrorCode::ServiceNotFound),
    (Call::DryRun, 400, 209, ErrorCode::EmailRefused),
    (Call::DryRun, 402, 211, ErrorCode::CreditInsufficient),
    (Call::DryRun, 412, 250, ErrorCode::DataRefused),
    (Call::DryRun, 428, 204, ErrorCode::ServiceNotFound),
    (Call::GetSubmission, 400, 201, ErrorCode::ProviderNotFound),
    (Call::GetSubmission, 404, 202, ErrorCode::ProviderNotFound),
    (Call::AddSearch, 400, 219, ErrorCode::ProviderNotFound),
    (Call::AddSearch, 402, 225, ErrorCode::CreditInsufficient),
    (Call::AddSearch, 404, 221, ErrorCode::NotCommitted),
    (Call::AddSearch, 409, 222, ErrorCode::SearchNotAllowed),
    (Call::AddSearch, 412, 250, ErrorCode::DataRefused),
    (Call::AddSearch, 428, 224, ErrorCode::DataRefused),
    (Call::Fill, 400, 239, ErrorCode::ReferenceConflict),
    (Call::Fill, 404, 228, ErrorCode::ProviderNotFound),
    (Call::Fill, 412, 229, ErrorCode::DataRefused),
    (Call::Fill, 428, 226, ErrorCode::ProviderNotFound),
    (Call::Commit, 400, 239, ErrorCode::OutcomeUnknown),
    (Call::Commit, 400, 300, ErrorCode::DataRefused),
    (Call::Commit, 402, 211, ErrorCode::CreditInsufficient),
    (Call::Commit, 404, 228, ErrorCode::ProviderNotFound),
    (Call::Commit, 412, 229, ErrorCode::DataRefused),
    (Call::Commit, 428, 226, ErrorCode::ProviderNotFound),
    (Call::Choose, 400, 234, ErrorCode::ChoiceUnknown),
    (Call::Choose, 402, 237, ErrorCode::CreditInsufficient),
    (Call::Choose, 404, 228, ErrorCode::ProviderNotFound),
    (Call::Choose, 409, 230, ErrorCode::ChoiceNotNeeded),
    (Call::Choose, 428, 233, ErrorCode::ChoiceUnknown),
    (Call::GetDocument, 400, 243, ErrorCode::ProviderNotFound),
    (Call::GetDocument, 404, 244, ErrorCode::ProviderNotFound),
    (Call::GetDocument, 422, 247, ErrorCode::DeliveryNotReady),
    (Call::GetDocument, 428, 242, ErrorCode::ProviderNotFound),
];

/// What an error means for this call; `None` when no document lists it.
pub(super) fn meaning(call: Call, http_status: u16, api_code: Option<u32>) -> Option<ErrorCode> {
    envelope::listed(LISTED, call, http_status, api_code)
}

/// Every documented error: call, HTTP status, the provider's code, what it means.
pub fn documented_errors() -> impl Iterator<Item = (Call, u16, u32, ErrorCode)> {
    LISTED.iter().copied()
}
