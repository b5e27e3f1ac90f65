//! Tests, one file for each feature.

mod invariants;
mod wrapping;
