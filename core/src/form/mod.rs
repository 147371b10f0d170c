//! The question: the rule that decides what is required, and what it really demands.
//!
//! The provider sends the rule as text, `($0 && $1) || $2`. It is parsed and never run as code; whatever is not in its small grammar is an
//! error of the schema, never "true".

mod error;
mod instructions;
mod json_schema;
mod requirements;
mod rule;

pub use error::SchemaError;
pub use instructions::{Instructions, Link};
pub use requirements::{Missing, Requirements};
pub use rule::{MAX_RULE_BYTES, MAX_RULE_DEPTH, Rule};
