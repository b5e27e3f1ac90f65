//! The way of a fee, in the real runtime: from records offered to payouts claimed, what is refused
//! on the way, what is given back, and how everyone leaves.

#[path = "../common/mod.rs"]
mod common;

mod leaving;
mod refunds;
mod refusals;
mod way;
