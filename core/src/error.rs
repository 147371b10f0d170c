//! Every error code, in one table.
