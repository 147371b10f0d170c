//! Errors as the wire wants them: what a session may know of them, and the HTTP status that goes with it.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sportello::provider::relay::wire::{Refusal, RefusalDetails};
use sportello::{Charged, ErrorCode, SportelloError};

use crate::ledger::LedgerError;

/// Why a call is refused.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    refusal: Box<RefusalDetails>,
    retry_after: Option<Duration>,
    offset: Option<u64>,
}

impl Failure {
    /// A refusal in the relay's own words; nothing was charged.
    pub(crate) fn new(status: StatusCode, code: &str, retryable: bool, text: &str) -> Failure {
        let refusal = RefusalDetails {
            code: code.to_owned(),
            text: text.to_owned(),
            detail: None,
            retryable,
            charged: Charged::No,
            fields: Vec::new(),
            findings: Vec::new(),
        };
        Failure {
            status,
            refusal: Box::new(refusal),
            retry_after: None,
            offset: None,
        }
    }

    pub(crate) fn retry_after(mut self, after: Duration) -> Failure {
        self.retry_after = Some(after);
        self
    }

    pub(crate) fn offset(mut self, offset: u64) -> Failure {
        self.offset = Some(offset);
        self
    }

    pub(crate) fn charged(mut self, charged: Charged) -> Failure {
        self.refusal.charged = charged;
        self
    }

    pub(crate) fn code(&self) -> &str {
        &self.refusal.code
    }

    pub(crate) fn into_refusal(self) -> Refusal {
        Refusal { error: *self.refusal }
    }

    pub(crate) fn malformed(text: &str) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, "relay.malformed", false, text)
    }

    pub(crate) fn too_large(text: &str) -> Failure {
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "relay.too_large", false, text)
    }

    pub(crate) fn quota(text: &str) -> Failure {
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "relay.quota", false, text)
    }

    /// Somebody else is at work on the same; the same call again is safe.
    pub(crate) fn busy() -> Failure {
        let text = "another call is at work on this; try again in a moment";
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "relay.busy", true, text)
            .retry_after(Duration::from_secs(1))
    }

    pub(crate) fn unknown_reference() -> Failure {
        SportelloError::from(ErrorCode::ReferenceUnknown).into()
    }

    pub(crate) fn unsettled() -> Failure {
        Failure::from(SportelloError::from(ErrorCode::OutcomeUnknown).charged(Charged::Unknown))
            .retry_after(Duration::from_secs(2))
    }

    pub(crate) fn too_many(after: Duration) -> Failure {
        let code = ErrorCode::ProviderRateLimited.as_str();
        let text = "too many calls; wait before the next one";
        Failure::new(StatusCode::TOO_MANY_REQUESTS, code, true, text).retry_after(after)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        tracing::error!(target: "sportello_relay", kind = %error.kind(), "the folder can't be used");
        internal()
    }
}

fn internal() -> Failure {
    let text = "the relay is out of order for the moment";
    Failure::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::Internal.as_str(),
        true,
        text,
    )
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        let code = ErrorCode::SpendLimit.as_str();
        match error {
            LedgerError::UserCap => {
                let text = "this purchase would exceed what you may spend; nothing was paid";
                Failure::new(StatusCode::PAYMENT_REQUIRED, code, false, text)
            }
            // How much others spend is nobody's business.
            LedgerError::TotalCap => {
                let text =
                    "this purchase would exceed what may be spent here at the moment; nothing was paid";
                Failure::new(StatusCode::PAYMENT_REQUIRED, code, false, text)
            }
            LedgerError::Unavailable(why) => {
                tracing::error!(target: "sportello_relay", why, "the ledger can't be used");
                internal()
            }
        }
    }
}

impl From<SportelloError> for Failure {
    fn from(error: SportelloError) -> Failure {
        let details = error.details();
        let mut refusal = Refusal::of(details).error;
        if !may_tell_detail(details.code) {
            refusal.detail = None;
        }
        let (status, stand_in) = status_of(details.code);
        if let Some((code, text)) = stand_in {
            // The relay's own token, account, disk: to its operator, not to whoever calls.
            tracing::error!(target: "sportello_relay", code = details.code, "the relay itself is in trouble");
            (refusal.code, refusal.text) = (code.as_str().to_owned(), text.to_owned());
            refusal.retryable = true;
        }
        Failure {
            status,
            refusal: Box::new(refusal),
            retry_after: None,
            offset: None,
        }
    }
}

/// Details that are about what the caller sent or must confirm. Others may hold digests, paths, credit, what somebody else has.
fn may_tell_detail(code: &str) -> bool {
    let about_the_call = ["check.", "price.", "option.", "choice.", "search."];
    about_the_call.iter().any(|room| code.starts_with(room)) || code == ErrorCode::DataRefused.as_str()
}

/// The status of a code, and what is told instead where the code is nobody's business but the operator's.
fn status_of(code: &str) -> (StatusCode, Option<(ErrorCode, &'static str)>) {
    use ErrorCode as E;
    const OUT_OF_ORDER: &str = "the relay can't reach its provider properly at the moment; try again later";
    const NO_CREDIT: &str = "the relay can't pay at the moment; hand in again later with the same reference";
    let Some(known) = ErrorCode::of(code) else {
        // Rooms of the core with codes of their own.
        return match code.split('.').next() {
            Some("pages" | "mapping") => (StatusCode::UNPROCESSABLE_ENTITY, None),
            Some("schema") => (StatusCode::BAD_GATEWAY, None),
            _ => (
                StatusCode::INTERNAL_SERVER_ERROR,
                Some((E::Internal, "the relay is out of order for the moment")),
            ),
        };
    };
    let status = match known {
        E::CheckErrors
        | E::CheckWarnings
        | E::ReferenceInvalid
        | E::ReferencePersonal
        | E::OptionUnknown
        | E::PriceMissing
        | E::PriceUnconfirmed
        | E::PriceDiffers
        | E::PriceIsGross
        | E::PriceRaised
        | E::DataRefused
        | E::EmailRefused
        | E::ChoiceUnknown
        | E::SearchNotAllowed
        | E::SearchNumber => StatusCode::UNPROCESSABLE_ENTITY,
        E::ReferenceUnknown | E::ServiceNotFound | E::ServiceElsewhere | E::ServiceAmbiguous => {
            StatusCode::NOT_FOUND
        }
        E::ReferenceConflict
        | E::DuplicateSubmission
        | E::DraftDead
        | E::NeedsAnswers
        | E::NeedsPerson
        | E::NotOurs
        | E::OptionsMismatch
        | E::EchoMismatch
        | E::NotCommitted
        | E::ChoiceNotNeeded
        | E::ChoiceMade
        | E::AttachmentChanged
        | E::DeliveryNotReady => StatusCode::CONFLICT,
        E::SpendLimit => StatusCode::PAYMENT_REQUIRED,
        E::CreditInsufficient => {
            return (
                StatusCode::PAYMENT_REQUIRED,
                Some((E::CreditInsufficient, NO_CREDIT)),
            );
        }
        E::OutcomeUnknown
        | E::ServiceUnavailable
        | E::NetworkUnreachable
        | E::NetworkTimeout
        | E::NetworkInterrupted
        | E::ProviderRateLimited
        | E::ProviderUnavailable
        | E::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
        E::AnswerUnreadable
        | E::AnswerOtherId
        | E::AnswerOtherService
        | E::ProviderRefused
        | E::ProviderNotFound
        | E::DeliveryCorrupt
        | E::DeliveryLinkRefused
        | E::AddressRefused => StatusCode::BAD_GATEWAY,
        E::AuthRejected
        | E::AuthForbidden
        | E::CredentialsRejected
        | E::CredentialsMissing
        | E::TokenMissing
        | E::BaseUrlMissing
        | E::NetworkTls
        | E::NetworkRedirect
        | E::CommitsStopped => {
            return (
                StatusCode::BAD_GATEWAY,
                Some((E::ProviderUnavailable, OUT_OF_ORDER)),
            );
        }
        _ => {
            let text = "the relay is out of order for the moment";
            return (StatusCode::INTERNAL_SERVER_ERROR, Some((E::Internal, text)));
        }
    };
    (status, None)
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, retry_after, offset) = (self.status, self.retry_after, self.offset);
        let body = serde_json::to_vec(&self.into_refusal()).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(after) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        if let Some(offset) = offset {
            headers.insert("upload-offset", HeaderValue::from(offset));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code that is added to the core must be thought of here: what is not listed is an operator's matter.
    #[test]
    fn what_is_told_of_each_code() {
        for code in ErrorCode::ALL {
            let error = SportelloError::new(*code)
                .detail("under `abc`, 12.00 EUR left")
                .about("secret-ref", Some("id"));
            let failure = Failure::from(error);
            assert!(
                failure.status.is_client_error() || failure.status.is_server_error(),
                "{code:?}"
            );
            let told = serde_json::to_string(&failure.into_refusal()).unwrap();
            assert!(!told.contains("secret-ref") && !told.contains("\"id\""), "{told}");
            let may = may_tell_detail(code.as_str());
            assert_eq!(told.contains("12.00"), may, "{told}");
            assert!(!told.contains("auth.") && !told.contains("config."), "{told}");
        }
        let credit = Failure::from(SportelloError::from(ErrorCode::CreditInsufficient));
        assert_eq!(credit.status, StatusCode::PAYMENT_REQUIRED);
        assert!(!credit.refusal.text.contains("top up"));
        let paid = Failure::from(SportelloError::from(ErrorCode::AuthRejected).charged(Charged::Unknown));
        assert_eq!(
            (paid.code(), paid.refusal.charged),
            ("provider.unavailable", Charged::Unknown)
        );
    }
}
