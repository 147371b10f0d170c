//! What the verbs of the story decide, whoever performs the requests: the client under reqwest, or a host with a network of its own
//! (feature `flow`). No network, no clock; files are only read to be digested.
//!
//! | file | what is in it |
//! |---|---|
//! | `catalogue` | which service is meant, and what it will cost |
//! | `reference` | what may be a reference |
//! | `identity` | what a reference becomes on the wire |
//! | `submit` | what is handed in, and everything that can be refused without asking anybody |
//! | `prepare` | answers made ready for the wire |
//! | `keep` | what was given, kept until it was paid |
//! | `purchase` | the two purchases that may follow |
//! | `resume` | what came of what was under way |
//! | `abandon` | giving up what was not paid |

mod abandon;
mod catalogue;
mod identity;
mod keep;
mod prepare;
mod purchase;
mod reference;
mod resume;
mod submit;

pub(crate) use abandon::{blanks, gave_way, give_up, is_to_be_blanked};
pub(crate) use catalogue::{find, matching, quote};
pub(crate) use identity::Identity;
pub use keep::{Conditions, Keeper, Kept};
pub(crate) use keep::{Keeping, may_be_paid, still_meant};
#[cfg(feature = "client")]
pub(crate) use prepare::{digest_of_answers, sha256_of};
pub(crate) use purchase::{another_search, purchase_plan};
pub use reference::check_reference;
pub use resume::{Resumed, ResumedState};
pub(crate) use resume::{is_ready, unwritten};
pub(crate) use submit::{Accepted, may_pay, settling_plan};
pub use submit::{Submission, SubmitProgress, SubmitRequest};
