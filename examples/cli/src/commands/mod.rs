//! One file per group of verbs.

pub(crate) mod catalogue;
pub(crate) mod check;
pub(crate) mod codice_fiscale;
pub(crate) mod follow;
pub(crate) mod journal;
pub(crate) mod probe;
pub(crate) mod shell;
pub(crate) mod simulator;
pub(crate) mod submit;
