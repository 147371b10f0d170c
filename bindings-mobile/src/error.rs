use std::fmt;
use std::sync::Arc;

use sportello::error::ErrorFamily;

use crate::{Charged, Finding};

/// The particulars of an error. None of them holds personal data or a token.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ErrorDetails {
    /// The stable dotted code, which programs branch on: `submit.credit_insufficient`.
    pub code: String,
    /// What is wrong and what to do, in English, for developers.
    pub text: String,
    /// True when the same verb with the same reference is safe and may succeed.
    pub retryable: bool,
    /// Whether the account was charged.
    pub charged: Charged,
    /// The reference of the submission that it is about.
    pub reference: Option<String>,
    /// The provider's id of that submission, once a draft was bound.
    pub id: Option<String>,
    /// The HTTP status, where an answer came.
    pub http_status: Option<u16>,
    /// The provider's own code; it means something only for this provider and call.
    pub api_code: Option<u32>,
    /// The findings, where the error is about the answers.
    pub findings: Vec<Arc<Finding>>,
}

macro_rules! families {
    ($( $(#[$doc:meta])* $family:ident, )*) => {
        /// Why a call did not do what was asked: by what a program can do about it. The particulars are the same for all.
        #[derive(Clone, Debug, uniffi::Error)]
        pub enum SportelloError {
            $( $(#[$doc])* $family {
                /// Code, text, whether it was charged, and more.
                details: ErrorDetails,
            }, )*
        }

        impl From<sportello::SportelloError> for SportelloError {
            fn from(error: sportello::SportelloError) -> SportelloError {
                let details = details_of(&error);
                // A family that the core adds fails this build.
                match error.family() {
                    $( ErrorFamily::$family => SportelloError::$family { details }, )*
                }
            }
        }

        impl SportelloError {
            fn parts(&self) -> &ErrorDetails {
                match self {
                    $( SportelloError::$family { details } => details, )*
                }
            }
        }
    };
}

families! {
    /// The description of a service is broken: nothing that could be corrected in the answers.
    Schema,
    /// The answers are not of the shape that a form takes.
    Answers,
    /// The answers have errors, or warnings that were not accepted: see the findings. Nothing was sent.
    Check,
    /// The price was not confirmed, is another than confirmed, or exceeds a limit. Nothing was paid.
    Price,
    /// The account's credit is too low: top up, then the same call with the same reference.
    Credit,
    /// The reference can't be used, is not known, or was used for something else.
    Reference,
    /// The service, or a paid option of it, is not there.
    Service,
    /// A setting can't be used.
    Config,
    /// The session or the token was refused.
    Auth,
    /// The other side can't be reached, or the connection broke.
    Network,
    /// The provider refused, is out of order, or answered what can't be read.
    Provider,
    /// Handing in, choosing or searching did not come to its end: go on with the same reference.
    Submit,
    /// What happened can't be settled by program: look the id up with the provider.
    NeedsPerson,
    /// The documents are not ready, or did not arrive whole.
    Delivery,
    /// A file can't be read or written, or is none of the kind that is needed.
    File,
    /// The journal, or what is sealed beside it, can't be read or written.
    Journal,
    /// The caller stopped waiting. What may pay goes on.
    Cancelled,
    /// Something failed inside the library; please report it.
    Internal,
}

#[uniffi::export]
impl SportelloError {
    /// The particulars, whichever family it is of.
    #[must_use]
    pub fn details(&self) -> ErrorDetails {
        self.parts().clone()
    }
}

impl SportelloError {
    /// Answers that are not an object of texts and files. The reader's own words quote what it read, which is personal data, so they
    /// are dropped.
    pub(crate) fn answers() -> SportelloError {
        let text = "the answers are not a JSON object of texts and file descriptors";
        sportello::SportelloError::foreign("answers.not_readable", false, text).into()
    }

    /// No kind of this name.
    pub(crate) fn kind(error: &sportello::KindError) -> SportelloError {
        sportello::SportelloError::foreign("check.kind_unknown", false, error.to_string()).into()
    }

    /// No code can be made of a person's data.
    pub(crate) fn encode(error: sportello::check::EncodeError) -> SportelloError {
        sportello::SportelloError::foreign(error.code(), false, error.to_string()).into()
    }
}

fn details_of(error: &sportello::SportelloError) -> ErrorDetails {
    // Named one by one, so that what the core adds fails this build instead of being left behind.
    let sportello::error::Details {
        code,
        retryable,
        text: _,
        detail: _,
        http_status,
        api_code,
        reference,
        id,
        charged,
        findings,
    } = error.details();
    ErrorDetails {
        code: (*code).to_owned(),
        text: error.to_string(),
        retryable: *retryable,
        charged: *charged,
        reference: reference.clone(),
        id: id.clone(),
        http_status: *http_status,
        api_code: *api_code,
        findings: findings.iter().cloned().map(Finding::wrap).collect(),
    }
}

impl fmt::Display for SportelloError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts().text)
    }
}

impl std::error::Error for SportelloError {}
