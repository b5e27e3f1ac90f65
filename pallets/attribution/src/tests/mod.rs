//! One file a feature.

mod audit;
mod claims;
mod commit;
mod deadlines;
mod disputes;
mod freezes;
mod invariants;
mod maturity;
mod offchain;
mod penalties;
mod plan;
mod reveal;
mod settlement;
mod tally;
