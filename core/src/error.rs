//! Every error code, in one table, and the one error of the client's verbs.
//!
//! A code is stable: programs branch on it. The text is for people and may change. Neither ever holds personal data or a
//! token.

mod family;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::check::Finding;
pub use crate::form::SchemaError;
pub use family::ErrorFamily;

macro_rules! error_codes {
    ($( $(#[$doc:meta])* $variant:ident = $code:literal, $retry:literal, $text:literal; )*) => {
        /// Why a verb did not do what was asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $( #[doc = concat!("`", $code, "`: ", $text, ".")] $(#[$doc])* $variant, )* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [ErrorCode] = &[ $( ErrorCode::$variant, )* ];

            /// The stable dotted name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( ErrorCode::$variant => $code, )* }
            }

            /// The code of this stable name.
            #[must_use]
            pub fn of(name: &str) -> Option<ErrorCode> {
                ErrorCode::ALL.iter().copied().find(|code| code.as_str() == name)
            }

            /// True when the same verb with the same reference is safe and may succeed without a change.
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self { $( ErrorCode::$variant => $retry, )* }
            }

            /// What is wrong and what to do.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $( ErrorCode::$variant => $text, )* }
            }
        }
    };
}

error_codes! {
    CheckErrors = "check.errors", false, "the answers have errors; correct the findings and hand in again";
    CheckWarnings = "check.warnings", false, "the answers have warnings that were not accepted; correct them or accept them by code";
    ReferenceInvalid = "reference.invalid", false, "a reference is 1 to 64 letters, digits, points, hyphens or underscores";
    ReferencePersonal = "reference.personal_data", false, "the reference reads as a codice fiscale, an e-mail address or a phone number; choose one that names nobody";
    ReferenceUnknown = "reference.unknown", false, "the journal has no submission of this reference";
    ReferenceConflict = "submit.reference_conflict", false, "this reference was already used for other answers or another service and may have been paid; use a new reference for a new intention";
    ServiceNotFound = "service.not_found", false, "the provider has no such service; name it by id, by its exact name or by an alias";
    ServiceElsewhere = "service.elsewhere", false, "this provider has no such service; another one has it";
    ServiceUnavailable = "service.unavailable", true, "the provider does not offer this service at the moment; hand in again later with the same reference";
    ServiceAmbiguous = "service.ambiguous", false, "several services have this name; use the id of the one you mean";
    OptionUnknown = "option.unknown", false, "the service has no such paid option";
    TokenMissing = "config.token_missing", false, "no token was given; a token or a function that gives one is needed";
    CredentialsMissing = "config.credentials_missing", false, "this needs the account's credentials, and the client was given a token only";
    OnceNotGuaranteed = "config.once_not_guaranteed", false, "this host's network may send a request twice, so it sends nothing that is paid; use a relay, or a network that sends once";
    RelayNeeded = "config.relay_needed", false, "whoever holds the provider's token can spend the account, so a page or an app never does: keep it on your server, put a relay in front of the provider there, and give this client the relay's address and a session with it";
    BaseUrlMissing = "config.base_url_missing", false, "a relay has no address of its own; give its base URL";
    PriceMissing = "price.missing", false, "the provider gave no price for this purchase, so nothing can be confirmed";
    PriceUnconfirmed = "price.unconfirmed", false, "the price was not confirmed; confirm the exact net price of this purchase";
    PriceDiffers = "price.differs", false, "the confirmed price is not the price of this purchase";
    PriceIsGross = "price.is_gross", false, "the confirmed price is the one with VAT; confirm the net price";
    PriceRaised = "price.raised", false, "the provider now asks more than was confirmed; nothing was paid";
    SpendLimit = "spend.limit", false, "this purchase would exceed the client's spending limit; nothing was paid";
    AttachmentUnreadable = "attachment.unreadable", true, "a file can't be read";
    AttachmentChanged = "attachment.changed", true, "a file has changed since it was checked; check and hand in again";
    NetworkUnreachable = "network.unreachable", true, "the provider can't be reached";
    NetworkTls = "network.tls", false, "the provider's certificate is not trusted";
    NetworkTimeout = "network.timeout", true, "the provider did not answer in time";
    NetworkInterrupted = "network.interrupted", true, "the connection broke";
    NetworkRedirect = "network.redirect", false, "the provider answered with a redirect, which is never followed; check the base URL";
    AnswerUnreadable = "answer.unreadable", true, "the provider's answer can't be read";
    AnswerOtherId = "answer.other_id", false, "the provider answered about another submission than the one asked for";
    AnswerOtherService = "answer.other_service", false, "the provider answered about another service than the one asked for";
    AuthRejected = "auth.token_rejected", false, "the provider does not accept the token; it is wrong, expired or revoked";
    CredentialsRejected = "auth.credentials_rejected", false, "the provider does not accept the account's e-mail and API key";
    AuthForbidden = "auth.forbidden", false, "the token may not make this call; it lacks the scope";
    ProviderRateLimited = "provider.rate_limited", true, "the provider asks to wait before the next call";
    ProviderUnavailable = "provider.unavailable", true, "the provider is out of order for the moment";
    ProviderRefused = "provider.refused", false, "the provider refused the call";
    ProviderNotFound = "provider.not_found", false, "the provider knows no submission of this id";
    CreditInsufficient = "submit.credit_insufficient", true, "the account's credit is too low; top up and hand in again with the same reference";
    DataRefused = "submit.data_refused", false, "the provider refused the data; correct them and hand in again with the same reference";
    EmailRefused = "submit.notify_email_refused", false, "the provider refused the address for notifications";
    DuplicateSubmission = "submit.duplicate", false, "the same service is already under way for this applicant; allow a duplicate if it is meant";
    EchoMismatch = "submit.echo_mismatch", true, "the provider does not hold the answers that were sent; nothing was paid";
    OptionsMismatch = "submit.options_mismatch", false, "the draft has not the paid options asked for; nothing was paid";
    NotOurs = "submit.not_ours", false, "the draft belongs to another submission; nothing was paid";
    DraftDead = "submit.draft_dead", true, "the draft no longer exists and nothing was paid; hand in again with the same reference";
    NeedsAnswers = "submit.needs_answers", false, "the submission is unpaid and can go on only with the answers; hand in again with the same reference";
    CommitsStopped = "submit.commits_stopped", false, "the provider committed a draft on its own, so this client sends no paid call any more; see the journal";
    OutcomeUnknown = "submit.outcome_unknown", true, "whether the request was paid can't be told yet; the same reference finds out and never pays twice";
    NeedsPerson = "submit.needs_person", false, "what happened can't be settled by program; look the id up with the provider";
    NotCommitted = "submission.not_committed", false, "the submission has not been handed in yet";
    ChoiceNotNeeded = "choice.not_needed", false, "there is nothing to choose: no results are waiting";
    ChoiceUnknown = "choice.unknown_result", false, "the search has no such result";
    ChoiceMade = "choice.already_made", false, "another result was chosen already";
    SearchNotAllowed = "search.not_allowed", false, "the service does not allow another search";
    SearchNumber = "search.number", false, "searches are numbered in order from 2; this number does not come next";
    SubmissionsNotListed = "submissions.not_listed", false, "a relay lists no submissions; ask for one by its reference";
    CallbackUrlInvalid = "callback.url_invalid", false, "a callback's address is `https://host[:port]/path`, without a user; `http` is for this machine only";
    CallbackTooLarge = "callback.too_large", false, "the callback is longer than any that the provider sends";
    CallbackUnreadable = "callback.unreadable", false, "the callback can't be read";
    CallbackNotAuthentic = "callback.not_authentic", false, "the callback does not prove that it comes from the provider; it was not acted upon";
    DeliveryNotReady = "delivery.not_ready", true, "the documents are not ready yet";
    DeliveryCorrupt = "delivery.corrupt", true, "the documents did not arrive whole; fetch them again";
    DeliveryLinkRefused = "delivery.link_refused", true, "the address of a document was refused, also after a new one was asked for; try again later";
    AddressRefused = "delivery.address_refused", false, "the provider named an address for a document that must not be asked: not `https`, or inside a network";
    FileWrite = "file.write", true, "a file can't be written here";
    FlowMisuse = "flow.misuse", false, "an event came out of turn; this is a mistake in the program that drives the machine";
    SealedOtherKey = "sealed.other_key", false, "what was kept on this device was sealed with another key; nothing of it is lost: give the key back, or hand in again with the same reference";
    SealedDamaged = "sealed.damaged", false, "what was kept on this device is damaged; hand in again with the same reference";
    SealedUnavailable = "sealed.unavailable", true, "what is kept on this device can't be read or written";
    Cancelled = "call.cancelled", true, "the caller stopped waiting";
    Internal = "internal", true, "something failed inside the library; please report it";
}

/// Whether a paid verb charged the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charged {
    /// Surely not.
    #[default]
    No,
    /// Surely, once.
    Yes,
    /// It can't be told (yet).
    Unknown,
}

impl Charged {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Charged::No => "no",
            Charged::Yes => "yes",
            Charged::Unknown => "unknown",
        }
    }
}

/// Why a verb failed: a stable code with what a program or a person needs to go on.
///
/// `Display` holds no personal data; `findings` name fields, never values.
#[derive(Clone, Debug)]
pub struct SportelloError(Box<Details>);

/// The parts of a [`SportelloError`].
#[derive(Clone, Debug)]
pub struct Details {
    /// The stable dotted code.
    pub code: &'static str,
    /// True when the same verb with the same reference is safe and may succeed.
    pub retryable: bool,
    /// What is wrong and what to do, without particulars.
    pub text: String,
    /// Particulars: a price, a list of candidates, a field; no personal data.
    pub detail: Option<String>,
    /// The HTTP status, where an answer came.
    pub http_status: Option<u16>,
    /// The provider's own error code; it means something only for this provider and call.
    pub api_code: Option<u32>,
    /// The reference of the submission.
    pub reference: Option<String>,
    /// The provider's id of the submission.
    pub id: Option<String>,
    /// Whether the account was charged.
    pub charged: Charged,
    /// Findings on the answers, where the error is about them.
    pub findings: Vec<Finding>,
}

impl SportelloError {
    /// An error of this code.
    #[must_use]
    pub fn new(code: ErrorCode) -> SportelloError {
        SportelloError::foreign(code.as_str(), code.is_retryable(), code.text())
    }

    /// An error with another room's code: schema, journal, archive, pages.
    #[must_use]
    pub fn foreign(code: &'static str, retryable: bool, text: impl Into<String>) -> SportelloError {
        SportelloError(Box::new(Details {
            code,
            retryable,
            text: text.into(),
            detail: None,
            http_status: None,
            api_code: None,
            reference: None,
            id: None,
            charged: Charged::No,
            findings: Vec::new(),
        }))
    }

    /// Adds particulars.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> SportelloError {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds what an answer said.
    #[must_use]
    pub fn answered(mut self, http_status: u16, api_code: Option<u32>) -> SportelloError {
        self.0.http_status = Some(http_status);
        self.0.api_code = api_code;
        self
    }

    /// Adds whose submission it is about, unless known already.
    #[must_use]
    pub fn about(mut self, reference: &str, id: Option<&str>) -> SportelloError {
        self.0.reference.get_or_insert_with(|| reference.to_owned());
        if self.0.id.is_none() {
            self.0.id = id.map(str::to_owned);
        }
        self
    }

    /// Says whether the account was charged.
    #[must_use]
    pub fn charged(mut self, charged: Charged) -> SportelloError {
        self.0.charged = charged;
        self
    }

    /// Adds findings on the answers.
    #[must_use]
    pub fn findings(mut self, findings: Vec<Finding>) -> SportelloError {
        self.0.findings = findings;
        self
    }

    /// The stable dotted code: `submit.credit_insufficient`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// True when the same verb with the same reference is safe and may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Every part.
    #[must_use]
    pub fn details(&self) -> &Details {
        &self.0
    }
}

impl From<ErrorCode> for SportelloError {
    fn from(code: ErrorCode) -> SportelloError {
        SportelloError::new(code)
    }
}

impl From<SchemaError> for SportelloError {
    fn from(error: SchemaError) -> SportelloError {
        SportelloError::foreign(error.code(), false, error.to_string())
    }
}

impl fmt::Display for SportelloError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)?;
        if let Some(detail) = &self.0.detail {
            write!(f, " ({detail})")?;
        }
        Ok(())
    }
}

impl std::error::Error for SportelloError {}

/// Gives an error of another room its place: its own code, text and whether trying again may help.
macro_rules! from_room {
    ($( $(#[$cfg:meta])* $error:ty, $retryable:expr; )*) => {
        $( $(#[$cfg])* impl From<$error> for SportelloError {
            fn from(error: $error) -> SportelloError {
                let retryable: fn(&$error) -> bool = $retryable;
                SportelloError::foreign(error.code(), retryable(&error), error.to_string())
            }
        } )*
    };
}

from_room! {
    crate::model::MappingError, |_| false;
    crate::pages::PagesError, |error| error.is_retryable();
    #[cfg(feature = "archive")] crate::archive::ArchiveError, |error| error.is_retryable();
}
