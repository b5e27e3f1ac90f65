//! Tests, one file for each feature.

mod bonding;
mod genesis;
mod invariants;
mod keys;
mod offences;
mod queries;
mod sessions;
mod unbonding;
