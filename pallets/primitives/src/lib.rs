//! What several rooms of OpenLedger must agree on: ids, reports, parameters, Merkle trees, and the
//! traits through which pallets reach each other.
//!
//! Plain types come without FRAME, so that the engine can use them; the feature `frame` adds the
//! bounded [`queue`].

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

pub mod api;
#[cfg(feature = "runtime-benchmarks")]
pub mod fixtures;
pub mod ids;
pub mod manifest;
pub mod merkle;
#[cfg(feature = "std")]
pub mod mocks;
pub mod parameters;
#[cfg(feature = "frame")]
pub mod queue;
pub mod report;
pub mod traits;
pub mod worker;

pub use ids::{BlobId, ContributionId, DataCallId, DatanetId, JobId, LaunchId, ModelId, Ppm};
pub use manifest::{DatanetVersion, Manifest, ModelFormat, Task};
pub use report::{InfluenceError, InfluenceVector, Report, MAX_ANSWER, MAX_INFLUENCE};
pub use worker::WorkerKey;

/// Planck of OPEN; 10^18 planck are one OPEN.
pub type Balance = u128;
/// Height of a block.
pub type BlockNumber = u32;

/// One OPEN in planck.
pub const OPEN: Balance = 1_000_000_000_000_000_000;
/// All OPEN there is and ever will be, in planck.
pub const TOTAL_ISSUANCE: Balance = 1_000_000_000 * OPEN;
