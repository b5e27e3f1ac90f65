//! The way of a fee, in the real runtime: from records offered to payouts claimed, what is refused
//! on the way, what is given back, who is slashed, and how everyone leaves.

#[path = "../common/mod.rs"]
mod common;

mod chaos;
mod collators;
mod launches;
mod leaving;
mod offences;
mod refunds;
mod refusals;
mod way;
