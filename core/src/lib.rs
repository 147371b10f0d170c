//! Sportello.
