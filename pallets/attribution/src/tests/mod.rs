//! One file a feature.

mod claims;
mod commit;
mod deadlines;
mod invariants;
mod maturity;
mod offchain;
mod plan;
mod reveal;
mod settlement;
mod tally;
