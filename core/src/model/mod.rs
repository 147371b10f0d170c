//! The nouns, one file each: plain data, no I/O.

mod answers;
mod assegno_unico;
mod attachment;
mod digits;
mod field;
mod money;
mod next_step;
mod portable;
mod service;
mod submission;
mod working_time;

pub use answers::{Answer, Answers};
pub use assegno_unico::{AssegnoUnico, MappingError};
pub(crate) use attachment::safe_name;
pub use attachment::{Attachment, HEAD_BYTES, HostFile, Source, SourceReader, TAIL_BYTES};
pub use digits::push_digits;
pub(crate) use digits::{cut, lower, without_leading, without_trailing};
pub use field::{Choice, Field, FieldKind};
pub use money::{Money, MoneyError, VAT_PERCENT};
pub use next_step::NextStep;
pub(crate) use service::fold;
pub use service::{PaidOption, Quote, Service, ServiceForm, ServiceSummary};
pub use submission::{
    Echo, OfficeNote, Phase, Progress, RemoteSubmission, ResultId, Search, SearchResult, SubmissionSummary,
};
pub use working_time::{Estimate, delivery_estimate, holidays, is_working_day};
