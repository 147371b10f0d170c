//! The answer: what is wrong or likely wrong with it, where, and what to do.
//!
//! A wrong answer is a finding, never an error of the program. *Errors* are what the provider would refuse or what is surely wrong; *warnings*
//! are likely mistakes that somebody should look at.

mod code;
mod fields;
mod finding;
mod given;
mod judge;
mod kinds;
mod report;
mod texts;

pub use code::{FindingCode, Severity};
pub use fields::{
    Autocomplete, Capitalize, FieldRole, FieldWords, InputHints, InputMode, InputType, Recognised, Subject,
    recognise,
};
pub use finding::{Finding, Param, Params};
pub use given::Given;
pub use judge::{FieldReport, Placed, PlacedFieldReport, PlacedReport};
#[cfg(feature = "place-names")]
pub(crate) use kinds::base_letter;
pub use kinds::{
    BirthHint, CodiceFiscale, Coherence, EncodeError, KindError, MAX_FILE_BYTES, Part, Person, PersonalData,
    Phone, Sex, check_value, day,
};
pub use report::{MissingSets, Report};
pub use texts::Lang;
