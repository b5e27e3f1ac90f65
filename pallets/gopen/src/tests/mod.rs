//! Tests, one file for each feature.

mod delegating;
mod invariants;
mod voting;
mod wrapping;
