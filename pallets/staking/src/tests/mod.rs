//! Tests, one file for each feature.

mod bonding;
mod collators;
mod commission;
mod delegating;
mod genesis;
mod invariants;
mod jail;
mod keys;
mod migration;
mod offences;
mod queries;
mod rewards;
mod sequences;
mod sessions;
mod slashes;
mod unbonding;
