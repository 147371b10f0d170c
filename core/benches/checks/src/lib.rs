//! Only its benches: see `benches/checks.rs`.
