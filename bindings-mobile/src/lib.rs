//! Sportello for Kotlin and Swift: converts, calls the core, converts back. No decision is taken here.
//!
//! What holds personal data (answers, files, reports, findings, results of a search, deliveries) crosses as objects and not as records:
//! a record's `toString` prints every field.
//!
//! | file | what is in it |
//! |---|---|
//! | `values` | the core's plain types as they cross: money, days, enums, records |
//! | `answers`, `attachment` | what a person gives |
//! | `form`, `field`, `report` | what a service asks for, field by field, and what a check found |
//! | `codice_fiscale` | the code of a person: read, made, compared |
//! | `submission`, `convert` | where a request stands |
//! | `submit`, `place` | on which conditions it is handed in, and where what must survive the app is kept |
//! | `client` | the verbs, with the library's own network (feature `http`) |
//! | `hosted` | the verbs, with the app's own network (feature `journal`) |
//! | `drafts` | forms that were begun |
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
mod convert;
mod drafts;
mod error;
mod field;
mod form;
mod host;
#[cfg(feature = "journal")]
mod hosted;
mod place;
mod report;
mod submission;
mod submit;
mod values;

pub use answers::Answers;
pub use attachment::{AssegnoUnico, Attachment, pages};
#[cfg(feature = "http")]
pub use client::{
    ApiEnvironment, CancelHandle, Client, ClientSettings, DeliveredFile, Delivery, DirectProvider, Watch,
};
pub use codice_fiscale::{CodiceFiscale, PersonDetails};
pub use convert::{Resumed, ResumedState};
pub use drafts::FormDrafts;
pub use error::{ErrorDetails, SportelloError};
pub use field::{Capitals, Control, FieldHelp, FieldInput, FormField, Keyboard};
pub use form::{InstructionLink, Service};
pub use host::{HostError, JournalKeys, ProgressListener, SeekableSource, SessionProvider, SubmitProgress};
#[cfg(feature = "journal")]
pub use hosted::{
    HostBody, HostClient, HostDocument, HostEvent, HostFailure, HostOutcome, HostRequest, HostRun,
    HostSettings, HostStep, HostTarget,
};
pub use place::JournalPlace;
pub use report::{FieldReport, Finding, Report, check_value};
pub use submission::{
    ExpectedDelivery, OfficeNote, RemoteSubmission, Search, SearchResult, Submission, SubmissionSummary,
    SubmissionUpdate, next_step_text,
};
pub use submit::SubmitOptions;
pub use values::{
    CalendarDay, Charged, Choice, CodiceFiscalePart, Coherence, FieldKind, FieldRole, FieldSubject, Lang,
    Money, NextStep, PaidOption, Phase, PrivateText, Quote, ServiceSummary, Severity, Sex, Stage,
    SubmissionProgress,
};

uniffi::setup_scaffolding!();
