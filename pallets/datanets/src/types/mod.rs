//! What the pallet stores.

mod contribution;
mod datanet;
mod evidence;
mod policy;
mod review;

pub use contribution::*;
pub use datanet::*;
pub use evidence::*;
pub use policy::*;
pub use review::*;

/// Most curators on a panel.
pub const MAX_PANEL: u32 = 7;
/// Longest name of a Datanet, in bytes.
pub const MAX_NAME: u32 = 64;
/// Longest description of a Datanet, in bytes.
pub const MAX_DESCRIPTION: u32 = 512;
/// Longest licence of a Datanet, in bytes.
pub const MAX_LICENCE: u32 = 64;
/// Longest place where a contribution's records are found, in bytes.
pub const MAX_URI: u32 = 256;
/// Most builders on an allow-list.
pub const MAX_ALLOWED: u32 = 64;
/// How many kinds there are.
pub const MAX_KINDS: u32 = 4;
/// Most records in the evidence of one call.
pub const MAX_EVIDENCE: u32 = 16;
/// Most siblings in the proof of one record: contributions have less than 2^32.
pub const MAX_DEPTH: u32 = 32;
/// Most earlier contributions in one account's proof against a contribution.
pub const MAX_ORIGINALS: u32 = 8;
