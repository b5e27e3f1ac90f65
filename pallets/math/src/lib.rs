#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod ballot;
mod draw;
mod emission;
mod influence;
mod money;
mod pool;
pub mod sketch;
mod steps;
pub mod window;

#[cfg(test)]
mod tests;

pub use ballot::{is_reached, turnout_of, voting_weight};
pub use draw::draw;
pub use emission::block_reward;
pub use influence::{distance, median_influence};
pub use money::{apportion, gross, part, reward, seat_share};
pub use pool::{accrue, earned, issue, portion, redeem, worth, REWARD_SCALE};
pub use steps::Steps;

/// The whole, in parts per million.
pub const PPM: u32 = 1_000_000;
