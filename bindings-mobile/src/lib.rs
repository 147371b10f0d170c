//! Sportello for Kotlin and Swift: converts, calls the core, converts back. No decision is taken here.
//!
//! What holds personal data (answers, files, reports, findings, results of a search, deliveries) crosses as objects and not as records:
//! a record's `toString` prints every field.
//!
//! | file | what is in it |
//! |---|---|
//! | `values` | the core's plain types as they cross: money, days, enums, records |
//! | `answers`, `attachment` | what a person gives |
//! | `form` | what a service asks for, and what a check found |
//! | `codice_fiscale` | the code of a person: read, made, compared |
//! | `submission` | where a request stands |
//! | `client` | the verbs (feature `http`) |
//! | `host` | what the host implements: sessions, keys, files, progress |
//! | `error` | the one error |

#![expect(
    clippy::result_large_err,
    reason = "errors cross by value; a call across the boundary costs far more than moving one"
)]

mod answers;
mod attachment;
#[cfg(feature = "http")]
mod client;
mod codice_fiscale;
mod error;
mod form;
mod host;
mod submission;
mod values;

pub use answers::Answers;
pub use attachment::{AssegnoUnico, Attachment, pages};
#[cfg(feature = "http")]
pub use client::{
    ApiEnvironment, CancelHandle, Client, ClientSettings, DeliveredFile, Delivery, DirectProvider,
    JournalPlace, Resumed, ResumedState, SubmitOptions, Watch,
};
pub use codice_fiscale::{CodiceFiscale, PersonDetails};
pub use error::{ErrorDetails, SportelloError};
pub use form::{
    Capitals, Control, FieldHelp, FieldInput, FieldReport, Finding, FormField, InstructionLink, Keyboard,
    Report, Service, check_value,
};
pub use host::{HostError, JournalKeys, ProgressListener, SeekableSource, SessionProvider, SubmitProgress};
pub use submission::{
    ExpectedDelivery, OfficeNote, RemoteSubmission, Search, SearchResult, Submission, SubmissionSummary,
    SubmissionUpdate, next_step_text,
};
pub use values::{
    CalendarDay, Charged, Choice, CodiceFiscalePart, Coherence, FieldKind, FieldRole, FieldSubject, Lang,
    Money, NextStep, PaidOption, Phase, Quote, ServiceSummary, Severity, Sex, Stage, SubmissionProgress,
};

uniffi::setup_scaffolding!();
